"""Plans within limits of every kind."""

import itertools
import json
import signal
import subprocess
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from plans import certificate, write_uplift
from program import (CERTIFICATE, INFEASIBLE, INTERRUPTED, PROGRAM, USAGE, clv, result_bytes, run_record, settings,
                     succeed, table, tree)


@pytest.mark.parametrize("exact", [False, True])
def test_every_kind_of_limit_is_kept(limited, exact):
    folder, frame = limited
    succeed("optimize", "plan.toml", "--out", "plan", *settings(optimizer__exact=exact), cwd=folder)
    plan = table(folder / "plan/plan.csv")
    chosen = plan.merge(frame[["customer_id", "action", "cost_hours"]], on=["customer_id", "action"])
    north = chosen["customer_id"].str[1:].astype(int) % 3 == 0
    uses = {"few": len(chosen), "hours": chosen.loc[chosen["action"] == "a1", "cost_hours"].sum(),
            "north first": north.sum(), "worth it": (chosen["expected_profit"] - 1.9 * chosen["cost"]).sum()}
    assert chosen["cost"].sum() <= 500 + 1e-9
    assert uses["few"] <= 60 and uses["hours"] <= 20 + 1e-9 and uses["north first"] >= 25 and uses["worth it"] >= -1e-9
    claim = certificate(folder / "plan")
    assert {limit["name"]: limit["used"] for limit in claim["limits"]} == pytest.approx(uses)
    assert set(claim["multipliers"]) == {"budget", *uses}
    outcome = succeed("optimize", "--verify", "plan/certificate.json", cwd=folder)
    for name in ("budget", *uses):
        assert f"limit {name} is kept" in outcome.stdout
    record = run_record(folder / "plan")
    assert [limit["name"] for limit in record["config"]["optimizer"]["limits"]] == list(uses)
    succeed("optimize", "plan/run.json", "--out", "again", cwd=folder)
    assert result_bytes(folder / "again") == result_bytes(folder / "plan")


def test_infeasible_requests_name_what_conflicts(limited):
    folder, _ = limited
    before = tree(folder)
    outcome = clv("optimize", "plan.toml", "--out", "plan", *settings(optimizer__budget=10), cwd=folder)
    assert outcome.code == INFEASIBLE
    assert "budget" in outcome.stderr and "north first" in outcome.stderr
    assert "hours" not in outcome.stderr
    assert "loosen" in outcome.stderr
    assert tree(folder) == before


# Certificates.


def test_limits_can_be_set_on_the_command_line(tmp_path):
    write_uplift(tmp_path / "u.csv", np.random.default_rng(1), 50)
    limits = 'optimizer.limits=[{name="few", column="count", max=7}]'
    succeed("optimize", "--out", "new", *settings(optimizer__uplift="u.csv"), "--set", limits, cwd=tmp_path)
    assert (table(tmp_path / "new/plan.csv")["action"] != "none").sum() == 7
    outcome = clv("optimize", "--out", "new", *settings(optimizer__uplift="u.csv"), "--set",
                  limits.replace("max=7", "max=-7"), cwd=tmp_path)
    assert outcome.code == USAGE
    assert "has a max of -7 (--set optimizer.limits=" in outcome.stderr


def test_penalties_keep_the_plan_and_verify(tmp_path):
    rng = np.random.default_rng(11)
    customers = 400
    profit, cost, se = rng.gamma(2.0, 5.0, (customers, 2)), rng.uniform(1, 4, (customers, 2)), np.full((customers, 2), 1.0)

    def write(name, profits):
        rows = ["customer_id,action,expected_profit,cost,expected_profit_se"]
        for i in range(customers):
            rows += [f"c{i},a{a + 1},{float(profits[i, a])},{float(cost[i, a])},{float(se[i, a])}" for a in range(2)]
        (tmp_path / name).write_text("\n".join(rows) + "\n")

    def plan(uplift, out, **keys):
        succeed("optimize", *settings(optimizer__uplift=uplift, optimizer__budget=400, **keys), "--out", out, cwd=tmp_path)
        succeed("optimize", "--verify", f"{out}/certificate.json", cwd=tmp_path)
        return table(tmp_path / out / "plan.csv")

    write("first.csv", profit)
    write("second.csv", profit + rng.normal(0, 0.3, profit.shape))
    first = plan("first.csv", "first")
    free = plan("second.csv", "free")
    kept = plan("second.csv", "kept", optimizer__current="first/plan.csv", optimizer__switching_penalty=1.0)
    moved_free, moved_kept = ((other.action != first.action).sum() for other in (free, kept))
    assert moved_free >= 5 and moved_kept < moved_free / 2
    # the profit in the plan is the true one, without what was charged
    assert kept.expected_profit.sum() == pytest.approx(
        sum(pd.read_csv(tmp_path / "second.csv").set_index(["customer_id", "action"]).expected_profit[c, a]
            for c, a in zip(kept.customer_id, kept.action) if a != "none"))
    # certainty is worth more: with one action made uncertain it is chosen less often
    se[:, 1] = 6.0
    write("uncertain.csv", profit)
    bold = plan("uncertain.csv", "bold")
    careful = plan("uncertain.csv", "careful", optimizer__robustness=1.0)
    assert (careful.action == "a2").sum() < 0.75 * (bold.action == "a2").sum()
    # a certificate that hides the penalty does not verify
    path = tmp_path / "kept" / "certificate.json"
    path.write_text(path.read_text().replace('"switching_penalty": 1.0', '"switching_penalty": 0.0'))
    assert clv("optimize", "--verify", "kept/certificate.json", cwd=tmp_path).code == CERTIFICATE
    refused = clv("optimize", *settings(optimizer__uplift="first.csv", optimizer__switching_penalty=1.0), "--out", "no",
                  cwd=tmp_path)
    assert refused.code == USAGE and "optimizer.current" in refused.stderr


def as_toml(limits):
    return "[" + ", ".join("{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in limit.items()) + "}"
                           for limit in limits) + "]"


# A limit of profit at a price of 1 leaves nothing of the objective: what is closed stays closed all the same.
PROFIT_LIMITS = {
    "two ordinary rows": (["a,x,5,1", "b,x,3,2"], [dict(name="p", column="expected_profit", max=6)], 5.0),
    "nothing is best": (["a,x,-2,2", "b,x,0,2", "c,x,-2,.1", "d,x,-2,.14"],
                        [dict(name="p", column="expected_profit", max=0),
                         dict(name="q", column="expected_profit", max=8, action="x")], 0.0),
    "nothing is feasible": (["a,x,3,3.5"], [dict(name="p", column="expected_profit", max=0),
                                            dict(name="q", column="count", min=0)], 0.0),
}


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("case", PROFIT_LIMITS)
def test_profit_may_be_limited(tmp_path, case, exact):
    rows, limits, profit = PROFIT_LIMITS[case]
    (tmp_path / "u.csv").write_text("\n".join(["customer_id,action,expected_profit,cost", *rows]) + "\n")
    succeed("optimize", "--out", "plan", *settings(optimizer__uplift="u.csv", optimizer__limits=as_toml(limits),
                                                    optimizer__exact=exact), cwd=tmp_path)
    assert certificate(tmp_path / "plan")["profit"] == pytest.approx(profit, abs=1e-9)
    succeed("optimize", "--verify", "plan/certificate.json", cwd=tmp_path)


def test_profit_limits_against_all_plans(tmp_path):
    """One action, up to five customers: every plan is looked at."""
    rng = np.random.default_rng(16)
    for k in range(60):
        profits = np.round(rng.normal(2, 3, rng.integers(1, 6)), 2)
        most = round(float(rng.uniform(-2, 10)), 2)
        sums = [sum(p for i, p in enumerate(profits) if plan >> i & 1) for plan in range(2 ** len(profits))]
        best = max((s for s in sums if s <= most + 1e-9), default=None)
        (tmp_path / "u.csv").write_text("\n".join(
            ["customer_id,action,expected_profit,cost", *(f"c{i},x,{p},1" for i, p in enumerate(profits))]) + "\n")
        limits = [dict(name="p", column="expected_profit", max=most)]
        outcome = clv("optimize", "--out", "plan", "--quiet", *settings(
            optimizer__uplift="u.csv", optimizer__limits=as_toml(limits), optimizer__exact=True), cwd=tmp_path)
        if best is None:
            assert outcome.code == INFEASIBLE, (k, outcome.stderr)
        else:
            assert outcome.code == 0, (k, profits, most, outcome.stderr)
            assert certificate(tmp_path / "plan")["profit"] == pytest.approx(best, abs=1e-6), (k, profits, most)


# Money that is met exactly.


def write_table(path, profits, costs):
    """One row per customer and action."""
    rows = [f"c{i},x{a},{float(profits[i, a])!r},{float(costs[i, a])!r}" for i, a in np.ndindex(profits.shape)]
    path.write_text("\n".join(["customer_id,action,expected_profit,cost", *rows]) + "\n")


def half_last_place(bound):
    return Fraction(float(np.spacing(abs(bound)))) / 2


def best_of_all(profits, costs, budget):
    """By exact sums of what the file says: the budget may be exceeded by half a unit in the last place of it and of the
    largest cost of every customer that does not exceed it."""
    places = [budget, *np.minimum(costs.max(axis=1), budget)] if budget else []
    most = Fraction(budget) + sum(map(half_last_place, places))
    best = Fraction(0)
    for plan in itertools.product(range(-1, profits.shape[1]), repeat=len(profits)):
        if sum(Fraction(costs[i, a]) for i, a in enumerate(plan) if a >= 0) <= most:
            best = max(best, sum((Fraction(profits[i, a]) for i, a in enumerate(plan) if a >= 0), Fraction(0)))
    return best


AMOUNTS = {
    "two cents": lambda rng, shape: np.full(shape, 0.02),
    "cents": lambda rng, shape: rng.integers(1, 40, shape) / 100,
    "thirds": lambda rng, shape: rng.integers(1, 9, shape) / 3,
    "sevenths": lambda rng, shape: rng.integers(1, 9, shape) / 7,
    "tiny": lambda rng, shape: rng.integers(1, 9, shape) * 1e-15,
    "huge": lambda rng, shape: rng.integers(1, 9, shape) * 1.1e13,
    "any": lambda rng, shape: rng.uniform(0, 0.004, shape),
}


@pytest.mark.parametrize("kind", AMOUNTS)
def test_money_is_exact_and_what_is_written_verifies(tmp_path, kind):
    rng = np.random.default_rng(2718)
    for k in range(12):
        shape = (int(rng.integers(2, 6)), int(rng.integers(1, 3)))
        costs = AMOUNTS[kind](rng, shape)
        profits = AMOUNTS["any"](rng, shape) * 1e3
        taken = rng.integers(0, 2, shape[0])
        budget = float(sum(costs[i, 0] for i in range(shape[0]) if taken[i]))
        write_table(tmp_path / "u.csv", profits, costs)
        succeed("optimize", "--out", "plan", "--quiet", *settings(optimizer__uplift="u.csv"), "--set",
                f"optimizer.budget={budget!r}", cwd=tmp_path)
        claim = certificate(tmp_path / "plan")
        assert claim["profit"] == pytest.approx(float(best_of_all(profits, costs, budget)), rel=1e-11), k
        assert claim["status"] == "optimal", k
        succeed("optimize", "--verify", "plan/certificate.json", cwd=tmp_path)


def test_sevenths_of_a_budget(tmp_path):
    write_table(tmp_path / "u.csv", np.full((7, 1), 4.0), np.full((7, 1), 2 / 7))
    succeed("optimize", "--out", "plan", *settings(optimizer__uplift="u.csv", optimizer__budget=2), cwd=tmp_path)
    assert (certificate(tmp_path / "plan")["profit"], certificate(tmp_path / "plan")["status"]) == (28.0, "optimal")
    policies = {entry["policy"]: entry for entry in certificate(tmp_path / "plan")["policies"]}
    assert policies["best_single_action"]["customers"] == 7
    succeed("optimize", "--verify", "plan/certificate.json", cwd=tmp_path)
    # half a unit in the last places is all that is allowed
    write_table(tmp_path / "u.csv", np.full((7, 1), 4.0), np.full((7, 1), 2 / 7 + 3 * np.spacing(2 / 7)))
    succeed("optimize", "--out", "plan", *settings(optimizer__uplift="u.csv", optimizer__budget=2), cwd=tmp_path)
    assert certificate(tmp_path / "plan")["profit"] == 24.0


@pytest.mark.parametrize("cost, count", [("1.10", 3), ("0.1", 7), ("4.70", 9), ("0.07", 100)])
def test_so_many_times_a_price_is_a_budget(tmp_path, cost, count):
    """As decimals; as doubles 3 x 1.10 is more than 3.30."""
    budget = str(Decimal(cost) * count)
    rows = [f"c{i},call,1,{cost}" for i in range(count + 1)]
    (tmp_path / "u.csv").write_text("\n".join(["customer_id,action,expected_profit,cost", *rows]) + "\n")
    for how in (f"optimizer.budget={budget}", f'optimizer.limits=[{{name="x", column="cost", min={budget}, max={budget}}}]'):
        succeed("optimize", "--out", "plan", *settings(optimizer__uplift="u.csv"), "--set", how, cwd=tmp_path)
        assert certificate(tmp_path / "plan")["profit"] == count
        assert certificate(tmp_path / "plan")["status"] == "optimal" or count > 60  # which the search may not finish
        succeed("optimize", "--verify", "plan/certificate.json", cwd=tmp_path)


def test_no_budget_buys_nothing_however_cheap(tmp_path):
    write_table(tmp_path / "u.csv", np.full((2, 1), 4.0), np.array([[1e-15], [5e-324]]))
    succeed("optimize", "--out", "plan", *settings(optimizer__uplift="u.csv", optimizer__budget=0), cwd=tmp_path)
    assert certificate(tmp_path / "plan")["profit"] == 0
    succeed("optimize", "--verify", "plan/certificate.json", cwd=tmp_path)


def test_a_return_met_exactly(tmp_path):
    write_table(tmp_path / "u.csv", np.array([[1.0], [0.3]]), np.array([[1 / 7], [0.1]]))
    for roi, profit in ((7, 1.0), (3, 1.3), (8, 0.0)):
        succeed("optimize", "--out", "plan", *settings(optimizer__uplift="u.csv"), "--set",
                f'optimizer.limits=[{{name="r", min_roi={roi}}}]', cwd=tmp_path)
        assert certificate(tmp_path / "plan")["profit"] == pytest.approx(profit), roi
        succeed("optimize", "--verify", "plan/certificate.json", cwd=tmp_path)


def test_narrow_limits_are_searched_in_bounded_time_and_can_be_stopped(tmp_path):
    rng = np.random.default_rng(60)
    write_table(tmp_path / "u.csv", rng.normal(3, 3, (120, 2)), rng.uniform(0, 6, (120, 2)))

    def limits(width):
        return as_toml([dict(name="n", column="count", min=40, max=40),
                        dict(name="c", column="cost", min=100.0, max=100.0 + width)])

    began = time.monotonic()
    succeed("optimize", "--out", "plan", *settings(optimizer__uplift="u.csv", optimizer__exact=True), "--set",
            "optimizer.limits=" + limits(0.001), cwd=tmp_path)
    assert time.monotonic() - began < 5
    claim = certificate(tmp_path / "plan")
    assert claim["status"] == "optimal" and 100 <= claim["cost"] <= 100.001
    process = subprocess.Popen([PROGRAM, "optimize", "--out", "never", "--quiet", *settings(
        optimizer__uplift="u.csv", optimizer__exact=True), "--set", "optimizer.limits=" + limits(1e-12)], cwd=tmp_path)
    time.sleep(1.0)
    if process.poll() is None:
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait() == INTERRUPTED
        assert time.monotonic() - began < 0.5


def test_what_a_limit_closes_is_still_what_nothing_is_compared_with(tmp_path):
    (tmp_path / "u.csv").write_text("customer_id,action,expected_profit,cost\na,mail,5,1\na,call,-9,2\n")
    limit = '[{name="l", column="cost", action="mail", max=0}]'
    succeed("optimize", "--out", "plan", "--set", "optimizer.uplift=u.csv", "--set", "optimizer.require_choice=true",
            "--set", f"optimizer.limits={limit}", cwd=tmp_path)
    assert certificate(tmp_path / "plan")["objective_without"] == 5  # the cheapest action's
    succeed("optimize", "--verify", "plan/certificate.json", cwd=tmp_path)


def test_only_limits_that_conflict_are_named(tmp_path):
    """Half a customer would keep the first; a whole one does not, whatever becomes of the others."""
    (tmp_path / "u.csv").write_text("customer_id,action,expected_profit,cost\na,x,5,1\na,y,4,1\nb,x,6,1\nb,y,3,1\n")
    limits = ('[{name="bad", action="x", column="cost", min=0.5, max=0.6}, '
              '{name="fine", action="y", column="cost", max=1.5}]')
    outcome = clv("optimize", "--out", "plan", *settings(optimizer__uplift="u.csv", optimizer__budget=50), "--set",
                  f"optimizer.limits={limits}", cwd=tmp_path)
    assert outcome.code == INFEASIBLE
    assert "no plan keeps the limit bad" in outcome.stderr
    assert "fine" not in outcome.stderr and "budget" not in outcome.stderr
