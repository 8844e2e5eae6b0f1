"""Same inputs, same bits: whatever executes, and in whatever order the rows stand."""

import h5py
import numpy as np
import pandas as pd
import pytest
from program import clv, has_gpu, result_bytes, run_record, settings, succeed, table

ANY_ORDER = ("portfolio.csv", "cashflow.csv")


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads(tmp_path, world, threads):
    succeed("run", world / "world.toml", "--out", "again", "--threads", threads, cwd=tmp_path)
    assert f"{threads} thread" in run_record(tmp_path / "again")["execution"]["device"]
    assert result_bytes(tmp_path / "again") == result_bytes(world / "out")


@pytest.mark.parametrize("instructions", ["scalar", "sse4", "avx2", "avx512", "avx512ifma"])
def test_instruction_sets(tmp_path, world, instructions):
    env = {"CLV_CPU_TARGET": instructions}
    if "not available here" in clv("doctor", "--backend", "cpu", cwd=tmp_path, env=env).stderr:
        pytest.skip(f"this machine has no {instructions}")
    succeed("run", world / "world.toml", "--out", "again", "--backend", "cpu", cwd=tmp_path, env=env)
    assert f"instruction set {instructions}" in run_record(tmp_path / "again")["execution"]["device"]
    assert result_bytes(tmp_path / "again") == result_bytes(world / "out")


def test_cpu_and_gpu(tmp_path, world):
    if not has_gpu(tmp_path):
        pytest.skip("there is no GPU")
    for backend in ("cpu", "cuda"):
        succeed("run", world / "world.toml", "--out", backend, "--backend", backend, cwd=tmp_path)
        assert run_record(tmp_path / backend)["execution"]["backend"] == backend
    assert result_bytes(tmp_path / "cuda") == result_bytes(tmp_path / "cpu")


def simulate_file(world, folder, name, content):
    """`clv run` of the world's configuration on other customers; returns the folder of the results."""
    (folder / f"{name}.csv").write_text(content)
    config = (world / "world.toml").read_text().split("[simulation]", 1)[1]
    (folder / "job.toml").write_text("[simulation]" + config)
    succeed("run", "job.toml", "--out", name, *settings(input__customers=f"{name}.csv"), cwd=folder)
    return folder / name


def by_id(path):
    figures = table(path)
    return figures.sort_values([name for name in ("customer_id", "action") if name in figures], ignore_index=True)


def test_shuffled_rows(tmp_path, world):
    header, *rows = (world / "out/customers.csv").read_text().splitlines(keepends=True)
    order = np.random.default_rng(3).permutation(len(rows))
    shuffled = simulate_file(world, tmp_path, "shuffled", header + "".join(rows[i] for i in order))
    straight = world / "out"

    for name in ANY_ORDER:
        assert (shuffled / name).read_bytes() == (straight / name).read_bytes()
    assert table(shuffled / "clv.csv")["customer_id"].tolist() == [rows[i].split(",")[0] for i in order]
    for name in ("clv.csv", "uplift.csv", "plan.csv"):
        pd.testing.assert_frame_equal(by_id(shuffled / name), by_id(straight / name), check_exact=True)
    assert run_record(shuffled)["input"]["hash"] == run_record(straight)["input"]["hash"]

    with h5py.File(shuffled / "results.h5") as ours, h5py.File(straight / "results.h5") as theirs:
        assert set(ours) == set(theirs)
        for name, dataset in ours.items():
            values = theirs[name][()]
            if "customer_id" in [dimension.keys()[0] for dimension in dataset.dims if dimension.keys()] or \
                    name == "customer_id":
                values = values[..., order]  # customers are the last dimension wherever they are one
            np.testing.assert_array_equal(dataset[()], values, err_msg=name)


def test_figures_do_not_depend_on_who_else_is_there(tmp_path, world):
    header, *rows = (world / "out/customers.csv").read_text().splitlines(keepends=True)
    some = simulate_file(world, tmp_path, "some", header + "".join(rows[5:60:7]))
    everybody = world / "out"
    for name in ("clv.csv", "uplift.csv"):
        ours = table(some / name)
        theirs = table(everybody / name)
        theirs = theirs[theirs["customer_id"].isin(ours["customer_id"])].reset_index(drop=True)
        columns = [column for column in ours if column != "rank"]
        pd.testing.assert_frame_equal(ours[columns], theirs[columns], check_exact=True)


def test_more_actions_leave_the_others_alone(tmp_path, world):
    """Draws are addressed by purpose, and the fixed point of a sum is the customer's own: neither actions nor cash
    flows can move a bit."""
    succeed("simulate", "--out", "plain", *settings(
        input__customers=str(world / "out/customers.csv"), simulation__paths=211, simulation__horizon_months=18,
        simulation__quantiles=[0.025, 0.05, 0.5, 0.975], market__revenue_volatility=0.1,
        market__hazard_sensitivity=0.2), cwd=tmp_path)
    plain, full = table(tmp_path / "plain/clv.csv"), table(world / "out/clv.csv")
    pd.testing.assert_frame_equal(plain, full, check_exact=True)
