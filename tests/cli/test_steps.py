"""What `clv run` makes again and what it reuses: the list of steps, why they run, and that results cannot tell."""

import json
import re
import shutil

import pytest
from program import INPUT, REPOSITORY, clv, result_bytes, run_record, settings, succeed

RUN = """
[generate]
kind = "subscription"
window_months = 0
customers = 120
seed = 5

[simulation]
paths = 64
horizon_months = 12
cashflow = true

[market]
revenue_volatility = 0.1
hazard_sensitivity = 0.2

[[actions]]
name = "call"
cost = 4.0
acceptance = 0.5
hazard_multiplier = { median = 0.6, log_sd = 0.2 }

[[actions]]
name = "discount"
price_multiplier = 0.95
hazard_multiplier = 0.8

[optimizer]
budget = 150.0
"""

ALL = ["generate", "value", "plan", "report"]
VALUES = ["value", "plan", "report"]
PLANS = ["plan", "report"]


def steps(folder, *arguments, config="run.toml", out="out"):
    """{step: why it runs, or None where it is reused} of a run that is only asked what it would do."""
    listed = json.loads(succeed("run", config, "--out", out, "--dry-run", "--json", *arguments, cwd=folder).stdout)
    return {step["name"]: None if step["reused"] else step["why"] for step in listed["steps"]}


def runs(folder, *arguments, **names):
    return [name for name, why in steps(folder, *arguments, **names).items() if why is not None]


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """A folder with run.toml and its results in out/. Not to be changed."""
    folder = tmp_path_factory.mktemp("earlier")
    (folder / "run.toml").write_text(RUN)
    assert set(steps(folder).values()) == {"it has not run here"}
    succeed("run", "run.toml", "--out", "out", cwd=folder)
    return folder


@pytest.fixture
def copy(earlier, tmp_path):
    shutil.copytree(earlier, tmp_path / "copy")
    return tmp_path / "copy"


def test_nothing_but_what_is_always_made_anew(earlier):
    assert steps(earlier) == {"generate": None, "value": None, "plan": "it is always made anew", "report": "plan runs"}


# One key of every section in turn, another value, and what has to run again.
CHANGES = [
    ("generate.seed", 6, ALL),
    ("generate.customers", 121, ALL),
    ("input.defaults.margin", 0.9, VALUES),
    ("fit.parameter_uncertainty", "none", VALUES),
    ("learn.rounds", 10, VALUES),
    ("rules.before", "2023-01-01", PLANS),  # no rules without rules.file
    ("segment.clusters", 3, PLANS),  # no segments without segment.method
    ("survival.source", "churn_probability", VALUES),
    ("customers.churned", "include", VALUES),
    ("simulation.paths", 65, VALUES),
    ("simulation.seed", 2, VALUES),
    ("simulation.cashflow", "false", VALUES),
    ("simulation.horizon_months", 13, ALL),  # the truth of a world is that of a horizon
    ("market.hazard_sensitivity", 0.3, ALL),  # and of a market
    ("actions", '[{name="call", cost=4.5, hazard_multiplier=0.7}]', ALL),
    ("scenarios", '[{name="worse", hazard_multiplier=1.2}]', PLANS),  # clv sweep's
    ("optimizer.budget", 90, PLANS),
    ("optimizer.limits", '[{name="few", action="call", column="count", max=3}]', PLANS),
    ("execution.threads", 1, PLANS),
]


@pytest.mark.parametrize("key, value, expected", CHANGES)
def test_what_depends_on_a_key_runs_again(earlier, key, value, expected):
    setting = f"{key}={value}"
    why = steps(earlier, "--set", setting)
    assert [name for name, reason in why.items() if reason is not None] == expected
    if expected not in (PLANS, ALL) or key == "optimizer.budget":
        assert why[expected[0]] == f"{key.replace('.margin', '')} has changed"  # a table of defaults is one key


def test_no_section_is_left_out():
    page = (REPOSITORY / "docs/configuration.md").read_text()
    sections = set(re.findall(r"^## \[+(\w+)\]+$", page, re.MULTILINE)) - {"output"}  # where, not what
    assert sections == {key.split(".")[0] for key, value, expected in CHANGES}


@pytest.mark.parametrize("changes", [
    {"optimizer__budget": 60.0},
    {"optimizer__objective": "mean_cvar", "optimizer__risk_weight": 0.5},
    {"optimizer__customer_risk_weight": 0.3},
    {"optimizer__added_paths": 256},
], ids=["budget", "tail", "customers' tails", "added paths"])
def test_a_plan_on_reused_values_is_that_of_a_fresh_run(copy, changes):
    again = succeed("run", "run.toml", "--out", "out", *settings(**changes), cwd=copy)
    fresh = succeed("run", "run.toml", "--out", "fresh", *settings(**changes), cwd=copy)
    assert "reused: generate, value" in again.stderr and "reused:" not in fresh.stderr
    assert "simulating 120 customers" not in again.stderr
    assert again.stdout == fresh.stdout
    assert result_bytes(copy / "out") == result_bytes(copy / "fresh")
    marks = {step["name"]: step["reused"] for step in run_record(copy / "out")["steps"]}
    assert marks == {"generate": True, "value": True, "plan": False, "report": False}


def test_added_paths_leave_no_trace_once_they_are_not_asked_for(copy):
    succeed("run", "run.toml", "--out", "out", *settings(optimizer__added_paths=256), cwd=copy)
    succeed("run", "run.toml", "--out", "out", cwd=copy)
    succeed("run", "run.toml", "--out", "fresh", cwd=copy)
    assert result_bytes(copy / "out") == result_bytes(copy / "fresh")


def test_fresh_reuses_nothing(copy):
    assert runs(copy, "--fresh") == ALL
    again = succeed("run", "run.toml", "--out", "out", "--fresh", cwd=copy)
    assert "reused:" not in again.stderr
    assert not any(step["reused"] for step in run_record(copy / "out")["steps"])


def test_a_damaged_result_is_made_again(copy):
    clv_csv = copy / "out/clv.csv"
    clv_csv.write_text(clv_csv.read_text().replace("C0000001", "C0000009", 1))
    why = steps(copy)
    assert list(why) == ALL and all("clv.csv" in reason for reason in why.values())


def test_a_plan_made_by_optimize_is_no_reason_to_value_again(copy):
    succeed("optimize", "--out", "out", *settings(optimizer__budget=75.0), cwd=copy)
    assert runs(copy, *settings(optimizer__budget=80.0)) == PLANS


def test_customers_that_changed_are_valued_again(copy):
    world = copy / "customers.csv"
    shutil.copy(copy / "out/customers.csv", world)
    arguments = settings(input__customers="customers.csv")
    succeed("run", "run.toml", "--out", "own", *arguments, cwd=copy)
    assert runs(copy, *arguments, out="own") == PLANS
    world.rename(copy / "moved.csv")  # where it stands is no matter
    assert runs(copy, *settings(input__customers="moved.csv"), out="own") == PLANS
    (copy / "moved.csv").write_text((copy / "moved.csv").read_text().replace("0.0", "0.1", 1))
    why = steps(copy, *settings(input__customers="moved.csv"), out="own")
    assert why["value"].endswith("moved.csv has changed") and why["plan"] == "value runs"
    assert clv("run", "run.toml", "--dry-run", "--out", "own", *settings(input__customers="nobody.csv"),
               cwd=copy).code == INPUT


def test_fits_are_reused_too(tmp_path):
    succeed("generate", "--kind", "retail", "--customers", "300", "--out", "world", cwd=tmp_path)
    (tmp_path / "retail.toml").write_text("""
        input.transactions = ["world/transactions.csv"]
        fit.model = "bg_nbd"
        fit.spend_model = "gamma_gamma"
        simulation.paths = 64
        simulation.horizon_months = 6
        simulation.attribution = true
        optimizer.budget = 40.0
        [[actions]]
        name = "letter"
        cost = 1.0
        hazard_multiplier = 0.7
    """)
    succeed("run", "retail.toml", "--out", "out", cwd=tmp_path)
    assert runs(tmp_path, *settings(market__revenue_volatility=0.1), config="retail.toml") == VALUES
    arguments = settings(simulation__discount_rate=0.2)
    assert runs(tmp_path, *arguments, config="retail.toml") == ["fit", *VALUES]  # holdouts are simulated
    for changes in (settings(optimizer__budget=20.0), settings(market__revenue_volatility=0.1)):
        again = succeed("run", "retail.toml", "--out", "out", *changes, cwd=tmp_path)
        fresh = succeed("run", "retail.toml", "--out", "fresh", *changes, cwd=tmp_path)
        assert "reused: fit" in again.stderr
        assert again.stdout == fresh.stdout
        assert result_bytes(tmp_path / "out") == result_bytes(tmp_path / "fresh")


def test_the_list_for_people(earlier):
    text = succeed("run", "run.toml", "--out", "out", "--dry-run", *settings(optimizer__budget=90), cwd=earlier).stdout
    rows = [line.split() for line in text.splitlines()]
    assert ["value", "is", "reused", "nothing", "that", "it", "depends", "on", "has", "changed"] in rows
    assert ["plan", "runs", "optimizer.budget", "has", "changed"] in rows
