"""The functions of the package write what the commands of the program write, to the byte."""

import json

import pytest
from engine_cases import RETAIL, WORLD, clv, digests, record, write_config

import clvsim


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Configurations as files, and a generated subscription world and retail world."""
    folder = tmp_path_factory.mktemp("worlds")
    write_config(folder / "world.toml", WORLD)
    write_config(folder / "retail.toml", RETAIL)
    clv("run", "world.toml", "--out", "world", cwd=folder)
    clv("generate", "retail.toml", "--out", "retail", cwd=folder)
    return folder


SUBSCRIPTION = {name: WORLD[name] for name in ("simulation", "market", "actions")}
SWEEP = {**SUBSCRIPTION, "scenarios": [{"name": "recession", "market_shift": -2.0},
                                       {"name": "dear money", "discount_rate": 0.14}]}

CASES = {
    "generate": (WORLD, {}),
    "run": (WORLD, {}),
    "simulate": (SUBSCRIPTION, {"customers": "world/customers.csv"}),
    "sweep": (SWEEP, {"customers": "world/customers.csv"}),
    "fit": (RETAIL | {"fit": RETAIL["fit"] | {"holdout": "30%"}}, {"transactions": "retail/transactions.csv"}),
    "run of transactions": (RETAIL, {"transactions": "retail/transactions.csv"}),
}


@pytest.mark.parametrize("case", CASES)
def test_same_files(case, worlds, tmp_path):
    command, (config, inputs) = case.split()[0], CASES[case]
    config = {name: section for name, section in config.items() if not (inputs and name == "generate")}
    if "holdout" in config.get("fit", {}):
        config["fit"] = config["fit"] | {"holdout": _holdout(worlds)}
    named = config | ({"input": {name: str(worlds / path) for name, path in inputs.items()}} if inputs else {})
    write_config(tmp_path / "config.toml", named)
    done = clv(command, "config.toml", "--out", "program", cwd=tmp_path)

    results = getattr(clvsim, command)(config, out=tmp_path / "package", quiet=True,
                                       **{name: worlds / path for name, path in inputs.items()})

    assert len(digests(tmp_path / "program")) >= 2
    assert digests(tmp_path / "package") == digests(tmp_path / "program")
    # Digests of the files are in the record too, and so equal.
    assert record(tmp_path / "package") == record(tmp_path / "program")
    assert results.text == done.stdout
    assert results.folder == tmp_path / "package"


def _holdout(worlds):
    """A day in the second half of the transactions."""
    days = sorted(line.split(",")[1][:10] for line in (worlds / "retail/transactions.csv").read_text().splitlines()[1:])
    return days[len(days) * 2 // 3]


def test_a_file_text_and_dict_are_one_configuration(worlds, tmp_path):
    text = (worlds / "world.toml").read_text()
    wanted = digests(worlds / "world")
    for number, config in enumerate((worlds / "world.toml", str(worlds / "world.toml"), text, WORLD,
                                     worlds / "world/run.json")):
        clvsim.run(config, out=tmp_path / str(number), quiet=True)
        assert digests(tmp_path / str(number)) == wanted, config


def test_keys_win_over_the_configuration(worlds, tmp_path):
    clv("run", "world.toml", "--out", tmp_path / "program", "--seed", 7, "--threads", 1, "--set", "simulation.paths=50",
        "--set", "simulation.quantiles=[0.1, 0.9]", cwd=worlds)
    clvsim.run(WORLD, out=tmp_path / "package", seed=7, threads=1, quiet=True,
               set={"simulation.paths": 50, "simulation.quantiles": [0.1, 0.9]})
    assert digests(tmp_path / "package") == digests(tmp_path / "program")
    assert record(tmp_path / "package")["config"]["simulation"]["seed"] == 7


def test_optimize_of_results_and_in_place(worlds, tmp_path):
    clv("optimize", "--out", tmp_path / "program", "--set", f"optimizer.results={worlds / 'world'}",
        "--set", "optimizer.budget=150", cwd=worlds)
    clvsim.optimize(worlds / "world", budget=150, out=tmp_path / "package", quiet=True)
    assert digests(tmp_path / "package") == digests(tmp_path / "program")
    assert "certificate.json" in digests(tmp_path / "package")

    simulated = {**WORLD}
    simulated.pop("optimizer")
    for name in ("by_program", "by_package"):
        clv("generate", "world.toml", "--out", tmp_path / f"data_{name}", cwd=worlds)
    clvsim.run(WORLD, out=tmp_path / "in_place", quiet=True)
    clvsim.optimize(tmp_path / "in_place", budget=150, out=tmp_path / "in_place", quiet=True)
    clvsim.run(WORLD, out=tmp_path / "again", quiet=True)
    clv("optimize", "--out", tmp_path / "again", "--set", "optimizer.budget=150", cwd=worlds)
    assert digests(tmp_path / "in_place") == digests(tmp_path / "again")


def test_validate(worlds, tmp_path):
    lines = (worlds / "world/customers.csv").read_text().splitlines()
    header = lines[0].split(",")
    row = lines[3].split(",")
    row[header.index("monthly_revenue")] = "-4"
    (tmp_path / "faulty.csv").write_text("\n".join(lines[:3] + [",".join(row)] + lines[4:]) + "\n")
    clv("validate", "--out", "program", "--set", "input.customers=faulty.csv", cwd=tmp_path, code=3)
    found = clvsim.validate(customers=tmp_path / "faulty.csv", out=tmp_path / "package", quiet=True)
    assert not found.accepted
    assert found.report["faults"] == {"negative": 1}
    assert found.report["rows_read"] == len(lines) - 1
    assert digests(tmp_path / "package")["rejects.csv"] == digests(tmp_path / "program")["rejects.csv"]
    assert clvsim.validate(customers=worlds / "world/customers.csv", quiet=True).accepted


def test_doctor(tmp_path):
    assert clvsim.doctor() == json.loads(clv("doctor", "--json", cwd=tmp_path).stdout)


def test_a_temporary_folder_lives_as_long_as_the_results(worlds):
    results = clvsim.simulate(SUBSCRIPTION, customers=worlds / "world/customers.csv", quiet=True)
    folder = results.folder
    assert len(results.table("clv")) == 300
    results.close()
    del results
    assert not folder.exists()
