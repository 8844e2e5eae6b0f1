"""customers.churned: who has left is in a row alone, and what is said of today's customers is as if they were not there."""

import json
import math
import random

import h5py
import numpy as np
import openpyxl
import pytest
from program import DONE, INPUT, clv, run_record, settings, succeed, table

CONFIG = """
input.customers = "customers.csv"

[survival]
source = "kaplan_meier"

[simulation]
paths = 160
horizon_months = 12
cashflow = true
quantiles = [0.05, 0.5, 0.95]

[market]
revenue_volatility = 0.1
hazard_sensitivity = 0.3

[[actions]]
name = "call"
cost = 2.0
hazard_multiplier = 0.7

[[actions]]
name = "gift"
cost = 1.0
hazard_multiplier = 0.9
eligible = "monthly_revenue > 12"

[[scenarios]]
name = "recession"
hazard_multiplier = 1.4

[optimizer]
budget = 60
"""

TREATMENTS = ("separate", "include", "exclude")


def customers(seed=4, count=120, segments=("A", "B")):
    """(id, line) of every customer, and who has left."""
    draw, lines, left = random.Random(seed), {}, set()
    for i in range(count):
        spent, leaves = draw.randint(0, 36), math.ceil(draw.expovariate(0.04))
        gone = leaves <= spent
        left |= {f"c{i}"} if gone else set()
        lines[f"c{i}"] = (f"c{i},{draw.uniform(5, 40):.2f},{leaves if gone else spent},{int(gone)}"
                          + (f",{segments[i % len(segments)]}" if segments else ""))
    return lines, left


def write(folder, lines, segments=True):
    folder.mkdir(exist_ok=True)
    head = "customer_id,monthly_revenue,tenure_months,churned" + (",segment" if segments else "")
    (folder / "customers.csv").write_text("\n".join([head, *lines]) + "\n")
    (folder / "c.toml").write_text(CONFIG)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("churned")
    lines, left = customers()
    write(folder, lines.values())
    for treatment in TREATMENTS:
        succeed("run", "c.toml", "--out", treatment, *settings(customers__churned=treatment), cwd=folder,
                env={"CLV_PYTHON": "/bin/false"})
    return folder, left


def by_id(folder, name="clv.csv"):
    return table(folder / name).set_index("customer_id")


def test_separate_is_the_default(runs, tmp_path):
    folder, left = runs
    assert run_record(folder / "separate")["config"]["customers"] == {"churned": "separate"}
    write(tmp_path, customers()[0].values())
    succeed("simulate", "c.toml", "--out", "out", cwd=tmp_path)
    assert (tmp_path / "out/clv.csv").read_bytes() == (folder / "separate/clv.csv").read_bytes()


def test_a_customer_is_valued_alike_whoever_is_counted(runs):
    folder, left = runs
    separate, include, exclude = (by_id(folder / treatment) for treatment in TREATMENTS)
    assert set(separate.index) == set(include.index) and set(exclude.index) == set(separate.index) - left
    assert separate.drop(columns="rank").equals(include.drop(columns="rank"))
    assert separate.loc[exclude.index].astype(exclude.dtypes).equals(exclude)  # ranks are whole where nobody lacks one
    assert set(separate.index[separate["churned"] == 1]) == left
    assert set(separate.index[separate["rank"].isna()]) == left
    ranked = separate.drop(index=list(left)).sort_values("rank")
    assert ranked["rank"].tolist() == list(range(1, len(ranked) + 1))
    assert ranked["clv_mean"].is_monotonic_decreasing


def test_everybody_is_fitted_on(runs):
    folder, _ = runs
    assert len({(folder / treatment / "survival.csv").read_bytes() for treatment in TREATMENTS}) == 1


def test_rows_are_of_todays_customers_and_then_of_who_has_left(runs):
    folder, left = runs
    separate, exclude, include = (table(folder / name / "portfolio.csv") for name in ("separate", "exclude", "include"))
    assert separate["segment"].tolist() == ["portfolio", "A", "B", "churned"] * 2
    assert "churned" not in exclude["segment"].tolist() + include["segment"].tolist()
    figures = by_id(folder / "separate")
    here = figures.drop(index=list(left))
    rows = separate[separate["plan"] == "none"].set_index("segment")
    for row, part in {"portfolio": here, "A": here[here["segment"] == "A"], "B": here[here["segment"] == "B"],
                      "churned": figures.loc[list(left)]}.items():
        assert rows["customers"][row] == len(part) > 0
        assert rows["clv_mean"][row] == pytest.approx(part["clv_mean"].sum(), rel=1e-9)
        assert rows["expected_lifetime_months"][row] == pytest.approx(part["expected_lifetime_months"].mean(), rel=1e-9)
    today = separate[separate["segment"] != "churned"].reset_index(drop=True)
    numbers = today.columns.drop(["segment", "plan"])
    np.testing.assert_allclose(today[numbers], exclude[numbers], rtol=1e-9)
    gone = separate[separate["segment"] == "churned"].drop(columns="plan")
    assert gone.iloc[0].equals(gone.iloc[1])
    cash = table(folder / "separate/cashflow.csv")
    assert cash["segment"].drop_duplicates().tolist() == ["portfolio", "A", "B", "churned"]
    months = cash.pivot(index="month", columns="segment", values="mean")
    np.testing.assert_allclose(months["portfolio"], months["A"] + months["B"], rtol=1e-9)


def test_results_h5_has_the_totals_of_both(runs):
    folder, left = runs
    with h5py.File(folder / "separate/results.h5") as file:
        assert file["segment"].asstr()[()].tolist() == ["portfolio", "A", "B", "churned"]
        ids = file["customer_id"].asstr()[()]
        assert set(ids[file["churned"][()] == 1]) == left
        totals = file["path_total"][()]
        np.testing.assert_allclose(totals[:, 0], totals[:, 1] + totals[:, 2], rtol=1e-12)
        np.testing.assert_array_equal(totals[0, 3], totals[1, 3])
        assert file["portfolio_customers"][()].tolist()[0] == len(ids) - len(left)
        assert file["portfolio_mean"][0, 3] == pytest.approx(totals[0, 3].mean(), rel=1e-9)
        assert np.isnan(file["expected_profit"][1:][:, file["churned"][()] == 1]).all()
    for treatment in ("include", "exclude"):
        with h5py.File(folder / treatment / "results.h5") as file:
            assert "churned" not in file
    with h5py.File(folder / "separate/totals.h5") as file:
        assert file["segment"].asstr()[()].tolist() == ["A", "B", "churned"]


def test_who_has_left_gets_no_action(runs):
    folder, left = runs
    uplift = table(folder / "separate/uplift.csv")
    assert set(uplift["action"][uplift["customer_id"].isin(left)]) == {"none"}
    plan = by_id(folder / "separate", "plan.csv")
    assert set(plan.loc[list(left), "action"]) == {"none"}
    assert set(plan.loc[list(left), "reason"]) == {"the customer has left"}
    assert plan["action"].ne("none").any()
    assert set(by_id(folder / "include", "plan.csv").loc[list(left), "action"]) > {"none"}
    here = by_id(folder / "exclude", "plan.csv")
    assert plan.loc[here.index].equals(here)
    certificate = json.loads((folder / "separate/certificate.json").read_text())
    assert certificate["profit"] == pytest.approx(json.loads((folder / "exclude/certificate.json").read_text())["profit"])
    stay = certificate["expected_lifetime_months"]
    rows = table(folder / "separate/portfolio.csv").set_index(["segment", "plan"])["expected_lifetime_months"]
    assert (stay["none"], stay["chosen"]) == pytest.approx((rows["portfolio", "none"], rows["portfolio", "chosen"]))
    succeed("optimize", "--verify", "separate/certificate.json", cwd=folder)


@pytest.mark.parametrize("keys", [{}, {"optimizer__added_paths": 200}, {"optimizer__objective": "mean_cvar",
                                  "optimizer__risk_weight": 0.5}], ids=["profit", "added_paths", "mean_cvar"])
def test_plans_from_results_know_who_has_left(runs, tmp_path, keys):
    folder, left = runs
    values = {}
    for treatment in ("separate", "exclude"):
        succeed("optimize", "--out", tmp_path / treatment, *settings(optimizer__results=treatment,
                optimizer__budget=25, **keys), cwd=folder)
        succeed("optimize", "--verify", tmp_path / treatment / "certificate.json", cwd=folder)
        values[treatment] = run_record(tmp_path / treatment)["plan"]
    plan, here = (by_id(tmp_path / treatment, "plan.csv") for treatment in ("separate", "exclude"))
    assert set(plan.loc[list(left), "action"]) == {"none"}
    assert plan.loc[here.index, "action"].equals(here["action"])
    assert values["separate"]["profit"] == pytest.approx(values["exclude"]["profit"], rel=1e-9)
    if "risk" in values["separate"]:  # of today's customers alone
        for figure in ("mean", "cvar", "objective_without"):
            assert values["separate"]["risk"][figure] == pytest.approx(values["exclude"]["risk"][figure], rel=1e-9)


def test_a_second_run_reuses_the_values(runs, tmp_path):
    lines, left = customers()
    write(tmp_path, lines.values())
    for budget in (60, 30):
        succeed("run", "c.toml", "--out", "out", *settings(optimizer__budget=budget), cwd=tmp_path,
                env={"CLV_PYTHON": "/bin/false"})
    steps = {step["name"]: step["reused"] for step in run_record(tmp_path / "out")["steps"]}
    assert steps["value"]
    succeed("run", "c.toml", "--out", "fresh", *settings(optimizer__budget=30), cwd=tmp_path,
            env={"CLV_PYTHON": "/bin/false"})
    for name in ("clv.csv", "portfolio.csv", "plan.csv", "uplift.csv", "totals.h5", "cashflow.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes(), name
    succeed("run", "c.toml", "--out", "out", *settings(customers__churned="include"), cwd=tmp_path,
            env={"CLV_PYTHON": "/bin/false"})
    assert not {step["name"]: step["reused"] for step in run_record(tmp_path / "out")["steps"]}["value"]


def test_rows_in_another_order(runs, tmp_path):
    folder, _ = runs
    lines, _ = customers()
    shuffled = list(lines.values())
    random.Random(8).shuffle(shuffled)
    write(tmp_path, shuffled)
    succeed("run", "c.toml", "--out", "out", cwd=tmp_path, env={"CLV_PYTHON": "/bin/false"})
    for name in ("portfolio.csv", "cashflow.csv", "survival.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (folder / "separate" / name).read_bytes(), name
    assert by_id(tmp_path / "out").sort_index().equals(by_id(folder / "separate").sort_index())


@pytest.mark.parametrize("segments", [("A", "B"), ()], ids=["segments", "none"])
def test_a_sweep_tells_them_apart(tmp_path, segments):
    lines, left = customers(segments=segments)
    write(tmp_path, lines.values(), bool(segments))
    for treatment in ("separate", "exclude"):
        succeed("sweep", "c.toml", "--out", treatment, *settings(customers__churned=treatment), cwd=tmp_path)
    separate, exclude = (table(tmp_path / name / "sweep.csv") for name in ("separate", "exclude"))
    assert separate["segment"].drop_duplicates().tolist() == ["portfolio", *segments, "churned"]
    today = separate[separate["segment"] != "churned"].reset_index(drop=True)
    numbers = today.columns.drop(["segment", "plan", "scenario"])
    np.testing.assert_allclose(today[numbers], exclude[numbers], rtol=1e-8, atol=1e-7)
    gone = separate[separate["segment"] == "churned"].set_index(["scenario", "plan"])
    assert gone["customers"].eq(len(left)).all()
    assert gone["difference_to_base"]["recession", "none"] == gone["difference_to_base"]["recession", "chosen"] < 0
    with h5py.File(tmp_path / "separate/results.h5") as file:
        assert file["segment"].asstr()[()].tolist() == ["portfolio", *segments, "churned"]
        mean = file["scenario_path_total"][()].mean(axis=2)
        np.testing.assert_allclose(mean, file["scenario_mean"][()], rtol=1e-9)
    assert run_record(tmp_path / "separate")["churned"]["customers"] == len(left)


def test_without_segments(tmp_path):
    lines, left = customers(segments=())
    write(tmp_path, lines.values(), False)
    succeed("run", "c.toml", "--out", "out", cwd=tmp_path, env={"CLV_PYTHON": "/bin/false"})
    portfolio = table(tmp_path / "out/portfolio.csv")
    assert portfolio["segment"].tolist() == ["portfolio", "churned"] * 2
    succeed("optimize", "--out", "again", *settings(optimizer__results="out", optimizer__budget=20), cwd=tmp_path)
    succeed("optimize", "--out", "out", *settings(optimizer__budget=20), cwd=tmp_path)
    assert (tmp_path / "out/plan.csv").read_bytes() == (tmp_path / "again/plan.csv").read_bytes()
    with h5py.File(tmp_path / "out/totals.h5") as file:
        assert file["segment"].asstr()[()].tolist() == ["portfolio", "churned"]
    with h5py.File(tmp_path / "out/results.h5") as file:
        assert file["customer_segment"][()].tolist() == [0] * len(lines)


def test_a_segment_of_that_name(tmp_path):
    lines, _ = customers(segments=("churned", "B"))
    write(tmp_path, lines.values())
    for command in ("validate", "simulate"):
        refused = clv(command, "c.toml", "--out", "no", cwd=tmp_path)
        assert refused.code == INPUT
        assert "'churned'" in refused.stderr and "customers.churned" in refused.stderr
    for treatment in ("include", "exclude"):
        succeed("simulate", "c.toml", "--out", treatment, *settings(customers__churned=treatment), cwd=tmp_path)
        assert "churned" in table(tmp_path / treatment / "portfolio.csv")["segment"].tolist()


def test_nobody_has_left(tmp_path):
    """Then there is no row, and nothing differs but what the configuration is called."""
    lines = [f"c{i},10,{i % 7},0,{'churned' if i % 2 else 'x'}" for i in range(40)]
    write(tmp_path, lines)
    for treatment in TREATMENTS:
        succeed("run", "c.toml", "--out", treatment, *settings(
            customers__churned=treatment, survival__source="churn_probability",
            input__defaults__churn_probability=0.05), cwd=tmp_path, env={"CLV_PYTHON": "/bin/false"})
    for name in ("clv.csv", "portfolio.csv", "plan.csv", "uplift.csv", "cashflow.csv", "totals.h5"):
        assert len({(tmp_path / treatment / name).read_bytes() for treatment in TREATMENTS}) == 1, name
    assert "churned" not in run_record(tmp_path / "separate")


def test_everybody_has_left(tmp_path):
    write(tmp_path, [f"c{i},10,{i % 7},1,x" for i in range(40)])
    refused = clv("simulate", "c.toml", "--out", "no", *settings(customers__churned="exclude"), cwd=tmp_path)
    assert refused.code == INPUT and "customers.churned" in refused.stderr
    succeed("run", "c.toml", "--out", "out", cwd=tmp_path, env={"CLV_PYTHON": "/bin/false"})
    rows = table(tmp_path / "out/portfolio.csv").set_index(["segment", "plan"])
    assert rows["customers"]["portfolio", "none"] == 0 and rows["clv_mean"]["portfolio", "none"] == 0
    assert rows["customers"]["churned", "none"] == 40 and rows["clv_mean"]["churned", "none"] > 0


def test_it_is_said_how_many_and_how_much(runs):
    folder, left = runs
    value = table(folder / "separate/portfolio.csv").set_index(["segment", "plan"])["clv_mean"]["churned", "none"]
    record = run_record(folder / "separate")["churned"]
    assert record == {"customers": len(left), "treatment": "separate", "clv_mean": value}
    assert run_record(folder / "exclude")["churned"] == {"customers": len(left), "treatment": "exclude"}
    assert run_record(folder / "include")["churned"] == {"customers": len(left), "treatment": "include"}
    shown = succeed("simulate", "c.toml", "--out", "shown", cwd=folder)
    assert f"{len(left)} of 120 customers have left" in shown.stdout and f"{value:,.2f}" in shown.stdout
    assert f"{len(left)} customers are marked as churned" in shown.stderr
    document = json.loads(succeed("simulate", "c.toml", "--out", "shown", "--json", cwd=folder).stdout)
    assert document["customers"] == 120 - len(left) and document["churned"] == record
    planned = json.loads(succeed("optimize", "--out", "planned", "--json", *settings(optimizer__results="separate"),
                                 cwd=folder).stdout)
    assert planned["customers"] == 120 - len(left) and planned["churned"] == {"customers": len(left)}
    summary = openpyxl.load_workbook(folder / "separate/report.xlsx")["Summary"]
    cells = {row[0].value: row[1].value for row in summary.iter_rows(max_col=2) if row[0].value}
    assert "Customers who have left" in cells
    at = [row[0].value for row in summary.iter_rows(max_col=1)].index("Customers who have left") + 1
    assert summary.cell(at + 1, 2).value == len(left)
    assert summary.cell(at + 2, 2).value == pytest.approx(value)
    formulas = [row[1].value for row in summary.iter_rows(max_col=2) if str(row[1].value).startswith("=COUNTIF")]
    assert formulas and all('"<>the customer has left"' in formula for formula in formulas)
    numbers = openpyxl.load_workbook(folder / "separate/report.xlsx", data_only=True)["Summary"]
    counted = {row[0].value: row[1].value for row in numbers.iter_rows(max_col=2)}
    plan = by_id(folder / "separate", "plan.csv").drop(index=list(left))
    assert counted["none"] == (plan["action"] == "none").sum() and counted["all"] == 120 - len(left)


def test_limits_are_of_todays_customers(runs, tmp_path):
    folder, left = runs
    limits = '[{name = "a few of A", column = "count", segment = "A", min = 3, max = 5}]'
    outcome = clv("optimize", "--out", tmp_path / "out", "--set", "optimizer.results=separate", "--set",
                  f"optimizer.limits={limits}", cwd=folder)
    if outcome.code != DONE:
        pytest.fail(outcome.stderr)
    plan = by_id(tmp_path / "out", "plan.csv")
    figures = by_id(folder / "separate")
    chosen = plan.index[plan["action"] != "none"]
    assert 3 <= (figures.loc[chosen, "segment"] == "A").sum() <= 5
    refused = clv("optimize", "--out", tmp_path / "no", "--set", "optimizer.results=separate", "--set",
                  'optimizer.limits=[{name = "x", column = "count", segment = "churned", max = 5}]', cwd=folder)
    assert refused.code != DONE and "churned" in refused.stderr
