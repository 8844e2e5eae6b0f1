"""optimizer.added_paths: more paths where they could change the plan. What that is worth against the truth of a
generated world; where the refined figures stand; that everything is checked from them; what is refused."""

import json

import h5py
import numpy as np
import pandas as pd
import pytest
from plans import sha256
from program import (CERTIFICATE, INFEASIBLE, INPUT, USAGE, clv, has_gpu, result_bytes, run_record, settings, succeed,
                     table)
from test_honest_claim import CERTAIN_ACTIONS, run, true_profit
from test_optimize import simulate_world

BUDGET = 400.0
PATHS, ADDED = 211, 500
CUSTOMERS = 4_000


def certificate(folder):
    return json.loads((folder / "certificate.json").read_text())


@pytest.fixture(scope="module")
def planned(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("added")
    succeed("run", str(world / "world.toml"), "--out", "run", *settings(optimizer__added_paths=ADDED), cwd=folder)
    return folder / "run"


def best_true_profit(out, folder, budget):
    """Of all plans, from what is true of the customers: costs are certain here."""
    truth, uplift = table(out / "truth.csv"), table(out / "uplift.csv")
    cost = uplift.drop_duplicates("action").set_index("action")["cost"]
    rows = pd.concat(pd.DataFrame({"customer_id": truth.customer_id, "action": action, "cost": cost[action],
                                   "expected_profit": truth[f"uplift_{action}"]})
                     for action in cost.index.drop("none"))
    rows.to_csv(folder / "true.csv", index=False)
    succeed("optimize", "--out", "true", *settings(optimizer__uplift="true.csv", optimizer__budget=budget), cwd=folder)
    return certificate(folder / "true")["upper_bound"]


def test_they_bring_the_plan_closer_to_the_best_than_more_paths_for_everybody(tmp_path):
    """Regret against the truth, over six seeds on one world of 4,000 customers."""
    few, added, budget = 256, 1_792, 1.5 * CUSTOMERS
    regrets, work = [], []
    for seed in range(1, 7):
        plain = run(tmp_path, f"plain{seed}", CERTAIN_ACTIONS, CUSTOMERS, few, seed)
        refined = run(tmp_path, f"refined{seed}", CERTAIN_ACTIONS, CUSTOMERS, few, seed, optimizer__added_paths=added)
        if seed == 1:
            best = best_true_profit(plain, tmp_path, budget)
        customers = run_record(refined)["plan"]["customers_with_added_paths"]
        work.append(few + added * customers / CUSTOMERS)  # paths a customer, on average
        as_many = run(tmp_path, f"more{seed}", CERTAIN_ACTIONS, CUSTOMERS, int(np.ceil(work[-1])), seed)
        regrets.append([best - true_profit(out) for out in (plain, refined, as_many)])
    plain, refined, as_many = np.array(regrets).T
    assert (np.array(regrets) > 0).all()

    def clearly_less(a, b):
        return (a - b).mean() < -4 * (a - b).std(ddof=1) / np.sqrt(len(a))

    assert max(work) < 0.6 * (few + added)
    assert clearly_less(refined, 0.3 * plain)
    assert clearly_less(refined, as_many)


def test_uplift_csv_shows_what_the_plan_was_made_from(world, out, planned):
    keys = ["customer_id", "action"]
    first, refined = table(out / "uplift.csv").set_index(keys), table(planned / "uplift.csv").set_index(keys)
    assert list(refined.columns) == [*first.columns, "paths"]
    assert set(refined["paths"]) == {PATHS, PATHS + ADDED}
    more = (refined["paths"] > PATHS) & (refined.index.get_level_values("action") != "none")
    pd.testing.assert_frame_equal(refined.loc[~more, first.columns], first[~more])
    others = first.columns.drop(["expected_profit", "expected_profit_se", "cost", "roi"])
    pd.testing.assert_frame_equal(refined[others], first[others])
    moved = (refined["expected_profit"] - first["expected_profit"])[more]
    # the pooled mean moves by the first paths' error, less its own: z of variance 1
    z = moved / np.sqrt(first["expected_profit_se"] ** 2 - refined["expected_profit_se"] ** 2)[more]
    ratio = (refined["expected_profit_se"] / first["expected_profit_se"])[more]
    assert ratio.median() == pytest.approx(np.sqrt(PATHS / (PATHS + ADDED)), rel=0.1)
    assert 0.4 < np.median(np.abs(z)) < 1.0 and np.abs(z).max() < 6
    plan = table(planned / "plan.csv")
    rows = refined.loc[list(zip(plan.customer_id, plan.action))]
    np.testing.assert_array_equal(plan["expected_profit"], rows["expected_profit"])
    np.testing.assert_array_equal(plan["expected_profit_se"], rows["expected_profit_se"])
    customers = refined.loc[more].index.get_level_values(0).nunique()
    assert run_record(planned)["plan"]["customers_with_added_paths"] == customers > 10
    assert certificate(planned)["profit"] == pytest.approx(rows["expected_profit"].sum(), rel=1e-9)
    # what everybody's first paths gave stays in results.h5, beside it
    with h5py.File(planned / "results.h5") as results, h5py.File(out / "results.h5") as plain:
        assert set(results) - set(plain) == {"refined_expected_profit", "refined_expected_profit_se", "refined_cost",
                                             "refined_paths"}
        for name in ("expected_profit", "expected_profit_se", "cost", "clv_mean", "paths_used"):
            np.testing.assert_array_equal(results[name][...], plain[name][...])
        assert (results["refined_paths"][...] > PATHS).sum() == customers


def test_the_same_draws_whoever_else_is_in_the_file(world, planned, tmp_path):
    """Customers of the refined run alone, in another order, without a budget that others could move: same figures."""
    customers = table(planned / "customers.csv")
    part = customers.iloc[::-3]
    part.to_csv(tmp_path / "part.csv", index=False)
    config = (world / "world.toml").read_text().split("[generate]")[0]
    (tmp_path / "part.toml").write_text(config + (world / "world.toml").read_text().split("seed = 11")[1])
    succeed("run", "part.toml", "--out", "part", *settings(input__customers="part.csv", optimizer__added_paths=ADDED),
            cwd=tmp_path)
    keys = ["customer_id", "action"]
    here, there = table(tmp_path / "part/uplift.csv").set_index(keys), table(planned / "uplift.csv").set_index(keys)
    both = here.index[(here["paths"] == there.loc[here.index, "paths"])]
    assert (here.loc[both, "paths"] > PATHS).sum() > 10
    pd.testing.assert_frame_equal(here.loc[both], there.loc[both])


@pytest.mark.parametrize("how", [["--threads", 1], ["--backend", "cpu"], ["--backend", "cuda"]],
                         ids=["one thread", "scalar", "GPU"])
def test_the_same_bytes_whatever_executes(world, planned, tmp_path, how):
    if "cuda" in how and not has_gpu(tmp_path):
        pytest.skip("there is no GPU")
    env = {"CLV_CPU_TARGET": "scalar"} if "cpu" in how else None
    succeed("run", str(world / "world.toml"), "--out", "again", *settings(optimizer__added_paths=ADDED), *how,
            cwd=tmp_path, env=env)
    assert result_bytes(tmp_path / "again") == result_bytes(planned)


def test_optimize_gives_the_files_of_run_and_forgets_them_again(world, out, planned, tmp_path):
    results = simulate_world(world, tmp_path)
    simulated = (results / "uplift.csv").read_bytes()
    again = ["optimize", "--out", "out", *settings(optimizer__budget=BUDGET)]
    for _ in range(2):  # from the first paths each time
        outcome = succeed(*again, *settings(optimizer__added_paths=ADDED), cwd=tmp_path)
        expected = result_bytes(planned)
        for name, content in result_bytes(results).items():
            assert content == expected[name], name
    count = run_record(planned)["plan"]["customers_with_added_paths"]
    assert f"{count} customers, whose choice could turn, had more paths than the others" in outcome.stdout
    succeed("optimize", "--verify", "out/certificate.json", cwd=tmp_path)
    succeed(*again, cwd=tmp_path)
    assert (results / "uplift.csv").read_bytes() == simulated
    expected = result_bytes(out)
    for name, content in result_bytes(results).items():
        assert content == expected[name], name


def test_another_folder_has_the_table_beside_the_plan(world, out, planned, tmp_path):
    before = result_bytes(out)
    succeed("optimize", "--out", "new", *settings(optimizer__results=str(out), optimizer__budget=BUDGET,
                                                  optimizer__added_paths=ADDED), cwd=tmp_path)
    assert result_bytes(out) == before
    written, expected = result_bytes(tmp_path / "new"), result_bytes(planned)
    for name in ("plan.csv", "uplift.csv", "frontier.csv", "results.h5", "portfolio.csv"):
        assert written[name] == expected[name], name
    assert certificate(tmp_path / "new")["uplift"]["file"] == "results.h5"
    succeed("optimize", "--verify", "new/certificate.json", cwd=tmp_path)


def test_a_plan_elsewhere_from_refined_results_is_one_from_the_first_paths(out, planned, tmp_path):
    succeed("optimize", "--out", "new", *settings(optimizer__results=str(planned), optimizer__budget=BUDGET),
            cwd=tmp_path)
    written, expected = result_bytes(tmp_path / "new"), result_bytes(out)
    for name in ("plan.csv", "uplift.csv", "results.h5"):
        assert written[name] == expected[name], name
    succeed("optimize", "--verify", "new/certificate.json", cwd=tmp_path)


def test_a_certificate_of_the_refined_table_is_checked_from_it(planned, tmp_path):
    for name in ("certificate.json", "plan.csv", "frontier.csv", "results.h5"):
        (tmp_path / name).write_bytes((planned / name).read_bytes())
    assert clv("optimize", "--verify", "certificate.json", cwd=tmp_path).code == 0
    with h5py.File(tmp_path / "results.h5", "r+") as results:
        results["refined_expected_profit"][1] *= 1.01
    outcome = clv("optimize", "--verify", "certificate.json", cwd=tmp_path)
    assert (outcome.code, "no run.json beside it" in outcome.stderr) == (INPUT, True)
    record = run_record(planned)
    file = tmp_path / "results.h5"
    record["files"] = {"results.h5": {"sha256": sha256(file), "bytes": file.stat().st_size}}
    (tmp_path / "run.json").write_text(json.dumps(record))
    outcome = clv("optimize", "--verify", "certificate.json", cwd=tmp_path)
    assert outcome.code == CERTIFICATE
    assert "profit is stated as" in outcome.stdout and "SHA-256" in outcome.stdout


def test_with_everything_else_that_a_plan_may_count(world, tmp_path):
    (tmp_path / "now.csv").write_text("customer_id,action\nC0000001,call\n")
    limits = 'optimizer.limits=[{name="few", column="count", max=80}, {name="roi", min_roi=1.5}]'
    job = [str(world / "world.toml"), "--set", limits,
           *settings(optimizer__added_paths=ADDED, optimizer__customer_risk_weight=0.2, optimizer__robustness=0.5,
                     optimizer__switching_penalty=0.5, optimizer__current="now.csv")]
    succeed("run", *job, "--out", "run", cwd=tmp_path)
    assert run_record(tmp_path / "run")["plan"]["customers_with_added_paths"] > 0
    succeed("optimize", "--verify", "run/certificate.json", cwd=tmp_path)
    world_file = settings(input__customers=str(tmp_path / "run/customers.csv"))
    succeed("sweep", *job, *world_file, "--out", "swept", "--set", 'scenarios=[{name="bad", hazard_multiplier=1.5}]',
            cwd=tmp_path)
    swept = table(tmp_path / "swept/sweep_plan.csv")
    base = swept[swept["scenario"] == "base"].drop(columns="scenario").reset_index(drop=True)
    pd.testing.assert_frame_equal(base, table(tmp_path / "run/plan.csv"))
    plans = run_record(tmp_path / "swept")["plans"]
    assert [plan["customers_with_added_paths"] > 0 for plan in plans] == [True, True]


@pytest.mark.parametrize(("keys", "message"), [
    ({"simulation__sampler": "sobol", "simulation__paths": 208}, 'does not give: set it to "philox"'),
    ({"simulation__target_se": 0.05}, "simulation.target_se do not allow it: leave it out"),
    ({"optimizer__objective": "mean_cvar"}, 'objective = "mean_cvar"'),
    ({"optimizer__added_paths": -1}, "optimizer.added_paths is -1"),
], ids=["sampler", "target", "mean-CVaR", "negative"])
def test_what_has_no_such_paths_is_refused_before_it_begins(world, tmp_path, keys, message):
    outcome = clv("run", str(world / "world.toml"), "--out", "new",
                  *settings(**{"optimizer__added_paths": 100, **keys}), cwd=tmp_path)
    assert (outcome.code, message in outcome.stderr) == (USAGE, True), outcome.stderr
    assert "simulating" not in outcome.stderr and not (tmp_path / "new").exists()


def test_a_table_alone_has_no_paths_to_add(tmp_path):
    (tmp_path / "u.csv").write_text("customer_id,action,expected_profit,cost\nA,x,1,1\n")
    outcome = clv("optimize", "--out", "new", *settings(optimizer__uplift="u.csv", optimizer__added_paths=10),
                  cwd=tmp_path)
    assert outcome.code == USAGE
    assert "optimizer.added_paths needs a simulation" in outcome.stderr and "optimizer.results" in outcome.stderr


def test_limits_that_nobody_can_keep_are_still_named(world, tmp_path):
    outcome = clv("run", str(world / "world.toml"), "--out", "new", *settings(optimizer__added_paths=50), "--set",
                  'optimizer.limits=[{name="many", column="count", min=301}]', cwd=tmp_path)
    assert outcome.code == INFEASIBLE and "many" in outcome.stderr
