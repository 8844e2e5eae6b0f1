"""Plans again and again: what `clv optimize` finds, as fast as a slider moves, and without copies."""

import gc
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


def test_a_slider_over_100_000_customers():
    planner = clvsim.Planner(uplifts(100_000))
    planner.plan(budget=1_000)
    times = []
    for budget in np.linspace(1_000, 300_000, 9):
        began = time.perf_counter()
        plan = planner.plan(budget=budget)
        frame = plan.frame()
        planner.frontier()
        times.append(time.perf_counter() - began)
        assert plan.total_cost <= budget and len(frame) == 100_000
    print(f"plan, frame and frontier of 100,000 customers: median {np.median(times):.3f} s, most {max(times):.3f} s")
    assert max(times) < 1.0
