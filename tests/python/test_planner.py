"""Plans again and again: what `clv optimize` finds, as fast as a slider moves, and without copies."""

import gc
import json
import time

import numpy as np
import pandas as pd
import pytest
from engine_cases import WORLD, clv, write_config
from engine_cases import table as read

import clvsim


def uplifts(customers, seed=3):
    """customer_id, action, expected_profit, cost of three actions besides none."""
    random = np.random.default_rng(seed)
    row = np.arange(customers)
    parts = [pd.DataFrame({"customer_id": row, "action": action, "expected_profit": random.normal(mean, 3, customers),
                           "cost": random.uniform(low, high, customers)})
             for action, mean, low, high in (("mail", 0.5, 0.2, 1), ("call", 1.5, 2, 6), ("gift", 2, 5, 20))]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def table():
    return uplifts(2_000)


def test_the_plan_is_the_programs(table, tmp_path):
    table.to_csv(tmp_path / "uplift.csv", index=False)
    for budget in (0, 100, 1_000, None):
        arguments = [] if budget is None else ["--set", f"optimizer.budget={budget}"]
        clv("optimize", "--out", f"plan_{budget}", "--set", "optimizer.uplift=uplift.csv", *arguments, cwd=tmp_path)
        theirs = read(tmp_path / f"plan_{budget}/plan.csv")
        plan = clvsim.optimize(table, budget=budget, quiet=True)
        ours = plan.frame(reasons=True)
        for column in ("customer_id", "action", "cost", "expected_profit", "recommended_action", "reason"):
            assert list(ours[column]) == list(theirs[column]), column
        assert plan.total_cost <= (np.inf if budget is None else budget)


def test_a_frame_a_csv_and_a_planner_are_one_source(table, tmp_path):
    table.to_csv(tmp_path / "uplift.csv", index=False)
    planner = clvsim.Planner(table)
    wanted = planner.plan(budget=500).action
    np.testing.assert_array_equal(clvsim.optimize(planner, 500).action, wanted)
    np.testing.assert_array_equal(clvsim.optimize(tmp_path / "uplift.csv", 500).action, wanted)
    assert planner.actions == ["none", "mail", "call", "gift"] and len(planner) == 2_000


def test_results_are_planned_from(tmp_path):
    write_config(tmp_path / "world.toml", WORLD)
    clv("run", "world.toml", "--out", "out", cwd=tmp_path)
    plan = clvsim.Planner(tmp_path / "out").plan(budget=400)
    theirs = read(tmp_path / "out/plan.csv")
    frame = plan.frame()
    assert list(frame["action"]) == list(theirs["action"])
    certificate = clvsim.open(tmp_path / "out").document("certificate.json")
    assert plan.total_expected_profit == pytest.approx(certificate["profit"])
    for source in (tmp_path / "out/results.h5", clvsim.open(tmp_path / "out")):
        np.testing.assert_array_equal(clvsim.optimize(source, 400).action, plan.action)


LIMITS = [
    {"name": "calls to Basic", "column": "count", "action": "call", "segment": "Basic", "max": 15},
    {"name": "return", "min_roi": 2.5},
    {"name": "discounts", "column": "count", "action": "5% discount", "min": 30},
]


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """Results of a plan with limits, and a policy of today beside them."""
    folder = tmp_path_factory.mktemp("limited")
    write_config(folder / "world.toml", WORLD | {"optimizer": {"budget": 400.0, "limits": LIMITS}})
    clv("run", "world.toml", "--out", "out", cwd=folder)
    clvsim.Planner(folder / "out").plan(budget=150).frame()[["customer_id", "action"]].to_csv(
        folder / "current.csv", index=False)
    return folder


def same_plan(plan, file):
    ours, theirs = plan.frame(reasons=True), read(file)
    assert list(ours) == list(theirs)
    for column in ours:
        assert list(ours[column]) == list(theirs[column]), column


@pytest.mark.parametrize("changes", [
    {}, {"budget": 230}, {"budget": None}, {"customer_risk_weight": 0.6}, {"budget": 300, "robustness": 1.0},
    {"limits": LIMITS[:1]}, {"switching_penalty": 2.0, "current": "current.csv"},
], ids=str)
def test_what_a_slider_leaves_alone_stays(limited, tmp_path, changes):
    planner = clvsim.Planner(limited / "out")
    assert planner.settings["limits"] == LIMITS and planner.settings["budget"] == 400
    if "current" in changes:
        changes = changes | {"current": str(limited / "current.csv")}
    plan = planner.replan(**changes)
    wanted = {"budget": 400.0, "limits": LIMITS} | changes
    write_config(tmp_path / "again.toml",
                 {"optimizer": {name: value for name, value in wanted.items() if value is not None}})
    clv("optimize", "again.toml", "--set", f"optimizer.results={limited / 'out'}", "--out", "plan", cwd=tmp_path)
    same_plan(plan, tmp_path / "plan/plan.csv")
    certificate = json.loads((tmp_path / "plan/certificate.json").read_text())
    assert plan.total_expected_profit == certificate["profit"] and plan.objective == certificate["objective"]
    multipliers = {one["name"]: one["multiplier"] for one in plan.limits}
    assert {"budget": 0.0} | multipliers == certificate["multipliers"]
    assert bool(plan.objective_terms) == ("customer_risk_weight" in changes or "robustness" in changes
                                          or "switching_penalty" in changes)


def test_risk_appetite_gives_profit_for_the_bad_end(limited):
    planner = clvsim.Planner(limited / "out")
    cvar = clvsim.open(limited / "out").data["clv_cvar"].values
    everybody = np.arange(len(planner))
    profits, tails = [], []
    for weight in (0.0, 0.3, 0.6, 1.0):
        plan = planner.plan(budget=400, customer_risk_weight=weight)
        added = cvar[plan.action, everybody] - cvar[0]
        assert plan.total_added_cvar == pytest.approx(added.sum(), rel=1e-12)
        assert plan.objective == pytest.approx((1 - weight) * plan.expected_profit.sum() + weight * added.sum())
        profits.append(plan.total_expected_profit)
        tails.append(plan.total_added_cvar)
    assert profits == sorted(profits, reverse=True) and profits[0] > profits[-1]
    assert tails == sorted(tails) and tails[0] < tails[-1]
    with pytest.raises(clvsim.ConfigError, match="customer_risk_weight"):
        planner.plan(customer_risk_weight=1.5)


def test_the_tail_of_a_table(limited):
    table = clvsim.open(limited / "out").table("uplift")
    plan = clvsim.Planner(table, cvar_level=0.05).plan(budget=400, customer_risk_weight=0.6)
    np.testing.assert_array_equal(
        plan.action, clvsim.Planner(limited / "out").plan(budget=400, customer_risk_weight=0.6).action)
    without = clvsim.Planner(table)
    assert without.settings == {} and without.plan(budget=400).total_added_cvar is None
    with pytest.raises(clvsim.ConfigError, match="clv_cvar05"):
        without.plan(customer_risk_weight=0.6)


def test_the_portfolios_risk_takes_paths(tmp_path):
    write_config(tmp_path / "world.toml", WORLD | {"optimizer": {"budget": 400.0, "objective": "mean_cvar"}})
    clv("run", "world.toml", "--out", "out", cwd=tmp_path)
    planner = clvsim.Planner(tmp_path / "out")
    with pytest.raises(clvsim.ConfigError, match="mean_cvar"):
        planner.replan(budget=300)
    np.testing.assert_array_equal(planner.replan(budget=300, objective="profit").action, planner.plan(300).action)


def test_refined_figures_are_planned_from(tmp_path):
    write_config(tmp_path / "world.toml", WORLD | {"optimizer": {"budget": 400.0, "added_paths": 1000}})
    clv("run", "world.toml", "--out", "out", cwd=tmp_path)
    planner, data = clvsim.Planner(tmp_path / "out"), clvsim.open(tmp_path / "out").data
    assert np.any(data["refined_expected_profit"] != data["expected_profit"])
    np.testing.assert_array_equal(planner.expected_profit, data["refined_expected_profit"])
    same_plan(planner.replan(), tmp_path / "out/plan.csv")


def test_a_plan_says_what_it_does_to_retention(table, tmp_path):
    write_config(tmp_path / "world.toml", WORLD)
    clv("run", "world.toml", "--out", "out", cwd=tmp_path)
    planner, results = clvsim.Planner(tmp_path / "out"), clvsim.open(tmp_path / "out")
    plan = planner.plan(budget=400)
    np.testing.assert_array_equal(planner.added_months, results.view("added_months"))
    np.testing.assert_array_equal(planner.lifetime_months, results.view("expected_lifetime_months"))
    np.testing.assert_array_equal(plan.added_months, planner.added_months[plan.action, np.arange(len(planner))])
    assert plan.total_added_months == pytest.approx(plan.added_months.sum()) and plan.total_added_months > 0
    months = results.document("certificate.json")["expected_lifetime_months"]
    assert planner.lifetime_months.mean() == pytest.approx(months["none"])
    assert plan.total_added_months / len(planner) == pytest.approx(months["chosen"] - months["none"])
    assert planner.plan(budget=0).total_added_months <= plan.total_added_months
    unknown = clvsim.Planner(table).plan(budget=500)
    assert unknown.total_added_months is None and unknown.added_months.size == 0
    known = clvsim.Planner(table.assign(added_months=np.arange(len(table)) / 7)).plan(budget=500)
    assert known.total_added_months == pytest.approx(known.added_months.sum()) and known.invested > 0


def test_results_that_were_changed_are_refused(tmp_path):
    write_config(tmp_path / "world.toml", WORLD)
    clv("run", "world.toml", "--out", "out", cwd=tmp_path)
    with (tmp_path / "out/plan.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(clvsim.InputError):
        clvsim.Planner(tmp_path / "out")


def test_limits_and_robustness(table):
    planner = clvsim.Planner(table.assign(expected_profit_se=1.0))
    limited = planner.plan(limits=[{"name": "calls", "column": "count", "action": "call", "max": 10}])
    assert np.count_nonzero(limited.action == 2) <= 10
    assert limited.limits[0]["name"] == "calls" and limited.limits[0]["used"] <= 10
    assert planner.plan(robustness=1.0).invested < planner.plan().invested
    with pytest.raises(clvsim.ConfigError, match="mean_cvar"):
        planner.plan(objective="mean_cvar")
    with pytest.raises(clvsim.ConfigError, match="budgett"):
        planner.plan(budgett=3)
    with pytest.raises(clvsim.InfeasibleError):
        planner.plan(budget=0, limits=[{"name": "calls", "column": "count", "action": "call", "min": 10}])


def test_a_configuration_is_not_passed_over(table):
    with pytest.raises(clvsim.ConfigError, match="give out"):
        clvsim.optimize(table, 100, set={"optimizer.exact": True}, quiet=True)


def test_require_choice(table):
    plan = clvsim.Planner(table, require_choice=True).plan()
    assert np.all(plan.action > 0)


def test_in_results_nobody_must_choose(limited, tmp_path):
    with pytest.raises(clvsim.ConfigError, match="may have no action"):
        clvsim.optimize(limited / "out", 100, require_choice=True, quiet=True)
    with pytest.raises(clvsim.ConfigError, match="may have no action"):
        clvsim.optimize(limited / "out", 100, require_choice=True, out=tmp_path / "out", quiet=True)


def test_the_frontier_is_the_programs(table, tmp_path):
    table.to_csv(tmp_path / "uplift.csv", index=False)
    clv("optimize", "--out", "plan", "--set", "optimizer.uplift=uplift.csv", cwd=tmp_path)
    theirs = read(tmp_path / "plan/frontier.csv")
    pd.testing.assert_frame_equal(clvsim.Planner(table).frontier(), theirs[["budget", "profit", "marginal_roi"]])


def test_arrays_are_views_that_outlive_their_objects(table):
    planner = clvsim.Planner(table)
    profit = planner.expected_profit
    assert profit.shape == (4, 2_000) and not profit.flags.writeable
    assert np.shares_memory(profit, planner.expected_profit)
    wanted = table["expected_profit"].to_numpy().reshape(3, -1)
    np.testing.assert_array_equal(profit[1:], wanted)
    plan = planner.plan(budget=300)
    action, cost = plan.action, plan.cost
    assert np.shares_memory(action, plan.action) and np.shares_memory(cost, plan.cost)
    frame = plan.frame()
    assert np.shares_memory(frame["cost"].to_numpy(), cost)
    np.testing.assert_array_equal(cost, planner.cost[action, np.arange(2_000)])
    kept = action.copy(), profit.copy()
    del plan, planner, frame
    gc.collect()
    np.empty(1_000_000).fill(7.0)  # whatever was let go is likely to be used now
    np.testing.assert_array_equal(action, kept[0])
    np.testing.assert_array_equal(profit, kept[1])


@pytest.mark.parametrize("settings", [
    {}, {"limits": [{"name": "calls", "column": "count", "action": "call", "max": 10_000},
                    {"name": "return", "min_roi": 1.2}]}, {"customer_risk_weight": 0.5},
], ids=["budget", "limits", "risk"])
def test_a_slider_over_100_000_customers(settings):
    table = uplifts(100_000)
    none = pd.DataFrame({"customer_id": np.arange(100_000), "action": "none", "expected_profit": 0.0, "cost": 0.0})
    table = pd.concat([none, table], ignore_index=True)
    planner = clvsim.Planner(table.assign(clv_cvar05=table["expected_profit"] / 2 - 1.0), cvar_level=0.05)
    planner.plan(budget=1_000)
    times = []
    for budget in np.linspace(1_000, 300_000, 9):
        began = time.process_time()  # what is worked, not what passes
        plan = planner.plan(budget=budget, **settings)
        frame = plan.frame()
        planner.frontier()
        times.append(time.process_time() - began)
        assert plan.total_cost <= budget and len(frame) == 100_000
    print(f"plan, frame and frontier of 100,000 customers: median {np.median(times):.3f} s of work, "
          f"most {max(times):.3f} s")
    assert max(times) < 1.0
