"""Mean-CVaR plans against Rockafellar and Uryasev's linear programme and against every whole plan (scipy's HiGHS), on
instances whose paths are written out; and the number of simulations beside plain cutting planes."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from program import PROGRAM, USAGE, clv, run_record, settings, succeed, table
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

TOOL = Path(os.environ.get("CLV_MEAN_CVAR_TOOL", PROGRAM.parent / "tests/mean_cvar_instances"))


class Instance:
    """Few customers with gains of every kind: noise of their own, a common shock, with and without a value that the
    actions do not touch. All actions cost something."""

    def __init__(self, rng, *, alike=None):
        self.customers, self.actions = int(rng.integers(5, 41)), int(rng.integers(1, 5))
        self.paths = int(rng.integers(20, 201))
        self.risk_weight = float(rng.choice([rng.uniform(0, 1), 0.0, 1.0], p=[0.8, 0.1, 0.1]))
        self.level = float(rng.choice([0.05, 0.1, 0.25, 0.5]))
        shape = (self.actions, self.customers, self.paths)
        if alike or (alike is None and rng.integers(2)):
            market, effect = rng.normal(size=self.paths), rng.normal(size=(self.actions, 1, self.paths))
            own = rng.gamma(1, 1, (self.customers, self.paths))
            base = (rng.gamma(2, 50, (self.customers, 1)) * np.exp(0.3 * market) * own).sum(0)
            self.gains = (rng.gamma(1, 5, shape[:2] + (1,)) * (1 + 0.8 * effect - 0.5 * market) * own
                          - rng.gamma(1, 3, shape[:2] + (1,)))
        else:
            base = rng.normal(100, 30, (self.customers, self.paths)).sum(0)
            self.gains = rng.normal(2, 10, shape) + rng.normal(0, 3, shape[:2] + (1,))
        self.none = base * rng.integers(2)
        self.cost = rng.uniform(0, 5, shape[:2])
        self.budget = float(rng.uniform(0, 0.9) * self.cost.max(0).sum())
        self.most_customers = float(rng.integers(1, self.customers)) if rng.integers(3) == 0 else None

    def as_json(self, **settings):
        limit = {} if self.most_customers is None else {"most_customers": self.most_customers}
        return {"none": self.none.tolist(), "gains": self.gains.reshape(self.actions, -1).tolist(),
                "customers": self.customers, "cost": self.cost.tolist(), "budget": self.budget,
                "risk_weight": self.risk_weight, "level": self.level, **limit, **settings}

    def programme(self):
        """minimise c x, A x <= b over shares of every customer's actions, the tail's edge, and every path's shortfall
        of it."""
        cells, tail = self.actions * self.customers, self.risk_weight / (self.level * self.paths)
        c = np.concatenate([-(1 - self.risk_weight) * self.gains.mean(2).ravel(), [-self.risk_weight],
                            np.full(self.paths, tail)])
        shortfall = np.hstack([-self.gains.reshape(cells, -1).T, np.ones((self.paths, 1)), -np.eye(self.paths)])
        one_each = np.hstack([np.tile(np.eye(self.customers), self.actions), np.zeros((self.customers, 1 + self.paths))])
        spend = np.concatenate([self.cost.ravel(), np.zeros(1 + self.paths)])
        a, b = [shortfall, one_each, spend], [self.none, np.ones(self.customers), [self.budget]]
        if self.most_customers is not None:
            a.append(np.concatenate([np.ones(cells), np.zeros(1 + self.paths)]))
            b.append([self.most_customers])
        low = np.concatenate([np.zeros(cells), [-np.inf], np.zeros(self.paths)])
        high = np.concatenate([np.ones(cells), np.full(1 + self.paths, np.inf)])
        return c, np.vstack(a), np.concatenate(b), low, high

    def relaxed_optimum(self):
        c, a, b, low, high = self.programme()
        solved = linprog(c, A_ub=a, b_ub=b, bounds=np.column_stack([low, high]), method="highs")
        assert solved.status == 0
        return -solved.fun + (1 - self.risk_weight) * self.none.mean()

    def whole_optimum(self):
        """The best whole plan, and what HiGHS shows that none exceeds."""
        c, a, b, low, high = self.programme()
        whole = np.concatenate([np.ones(self.actions * self.customers), np.zeros(1 + self.paths)])
        solved = milp(c, constraints=LinearConstraint(a, ub=b), bounds=Bounds(low, high), integrality=whole,
                      options={"time_limit": 10.0})
        shift = (1 - self.risk_weight) * self.none.mean()
        return -solved.fun + shift, -solved.mip_dual_bound + shift

    def best_shares(self, weights):
        """The relaxed knapsack under path weights: bound and total of every path."""
        cells = self.actions * self.customers
        _, a, b, _, _ = self.programme()
        solved = linprog(-(self.gains @ weights).ravel(), A_ub=a[self.paths:, :cells], b_ub=b[self.paths:],
                         bounds=(0, 1), method="highs")
        return weights @ self.none - solved.fun, self.none + self.gains.reshape(cells, -1).T @ solved.x

    def plain_cutting_planes(self, tolerance=1e-6, most=400):
        """Kelley's method on the path weights: how many relaxed knapsacks until the gap to the known optimum closes."""
        optimum, without = self.relaxed_optimum(), self.value(self.none)
        low_weight, w = 1 / self.paths, self.risk_weight
        weights, bound, cuts = np.full(self.paths, low_weight), np.inf, []
        while len(cuts) < most:
            value, total = self.best_shares((1 - w) * low_weight + w * weights)
            bound = min(bound, value)
            cuts.append(total)
            if bound - optimum <= tolerance * abs(optimum - without):
                break
            rows = np.array(cuts)
            solved = linprog(np.append(np.zeros(self.paths), 1.0),
                             A_ub=np.hstack([w * rows, -np.ones((len(cuts), 1))]), b_ub=-(1 - w) * rows.mean(1),
                             A_eq=np.append(np.ones(self.paths), 0.0)[None], b_eq=[1.0], method="highs-ds",
                             bounds=[(0, min(1.0, 1 / (self.level * self.paths)))] * self.paths + [(None, None)])
            weights = solved.x[:-1]
        return len(cuts)

    def value(self, total):
        in_tail = self.level * self.paths
        ordered, whole = np.sort(total), int(np.floor(round(in_tail, 9)))
        tail = ordered[:whole].sum() + (in_tail - whole) * (ordered[whole] if whole < self.paths else 0.0)
        return (1 - self.risk_weight) * total.mean() + self.risk_weight * tail / in_tail

    def total(self, action):
        chosen = np.asarray(action)
        who = np.flatnonzero(chosen)
        return self.none + self.gains[chosen[who] - 1, who].sum(0)


def plans(instances, **settings):
    if not TOOL.is_file():
        pytest.skip(f"no {TOOL}: build the tests, or name it in CLV_MEAN_CVAR_TOOL")
    done = subprocess.run([TOOL], input=json.dumps([i.as_json(**settings) for i in instances]), capture_output=True,
                          text=True, check=True)
    return json.loads(done.stdout)


def test_bound_is_rockafellar_and_uryasevs():
    rng = np.random.default_rng(2000)
    instances = [Instance(rng) for _ in range(80)]
    for k, (instance, plan) in enumerate(zip(instances, plans(instances))):
        optimum, without = instance.relaxed_optimum(), instance.value(instance.none)
        size = abs(optimum - without)
        rounding = 5e-8 + 1e-9 * abs(without)  # currency: of sums over paths
        assert plan["converged"], k
        assert plan["objective_without"] == pytest.approx(without, rel=1e-12, abs=1e-9), k
        # of what is gained: a stricter measure than the bound itself, which holds the value without actions
        assert -rounding <= plan["relaxed_bound"] - optimum <= 1e-6 * size + rounding, k
        assert plan["mixture"] <= optimum + 1e-6 * size + rounding, k
        total = instance.total(plan["action"])
        assert plan["objective"] == pytest.approx(instance.value(total), rel=1e-12, abs=1e-8), k
        assert plan["cost"] <= instance.budget + 1e-9, k
        assert plan["objective"] <= plan["upper_bound"] <= plan["relaxed_bound"], k


def test_no_whole_plan_is_above_the_bound_and_the_plan_is_near_the_best():
    rng = np.random.default_rng(2001)
    instances = [instance for instance in (Instance(rng) for _ in range(60)) if instance.customers <= 14]
    assert len(instances) >= 10
    shares, proven = [], 0
    for k, (instance, plan) in enumerate(zip(instances, plans(instances))):
        best, at_most = instance.whole_optimum()
        without = instance.value(instance.none)
        assert plan["objective"] <= at_most + 1e-6 * (1 + abs(at_most)), k
        assert plan["upper_bound"] >= best - 1e-7 * (1 + abs(best)), k
        shares.append((plan["objective"] - without) / (best - without) if best - without > 1e-6 else 1.0)
        if plan["upper_bound"] == plan["objective"]:
            proven += 1
            assert plan["objective"] >= best - 1e-7 * (1 + abs(best)), k
    assert np.median(shares) > 0.999 and min(shares) > 0.98, shares
    assert proven > 0.5 * len(shares), proven


def test_fewer_simulations_than_plain_cutting_planes():
    rng = np.random.default_rng(2002)
    instances = [Instance(rng, alike=False) for _ in range(30)]
    plain = np.array([instance.plain_cutting_planes() for instance in instances])
    grouped = np.array([plan["evaluations"] for plan in plans(instances)])
    print(f"plain cutting planes: mean {plain.mean():.1f}, most {plain.max()}; "
          f"by groups: mean {grouped.mean():.1f}, most {grouped.max()}")
    assert grouped.sum() < 0.5 * plain.sum()
    assert grouped.max() < 0.34 * plain.max()


RISKY_WORLD = """
[generate]
kind = "subscription"
window_months = 0
customers = 400
seed = 5

[simulation]
paths = 400
horizon_months = 12

[market]
revenue_volatility = 0.3
hazard_sensitivity = 0.5

[[actions]]
name = "gamble"
cost = 3.0
hazard_multiplier = { median = 0.6, log_sd = 1.0, customer_log_sd = 0.1 }

[[actions]]
name = "safe"
cost = 3.0
hazard_multiplier = 0.8

[optimizer]
budget = 500.0
objective = "mean_cvar"

[output]
dir = "out"
"""


@pytest.fixture(scope="module")
def risky_runs(tmp_path_factory):
    """run.json's plan and plan.csv by risk weight, and those of the plan for profit."""
    folder = tmp_path_factory.mktemp("risky")
    (folder / "world.toml").write_text(RISKY_WORLD)
    runs = {}
    for weight in (0.0, 0.5, 1.0, None):
        out = f"out{weight}"
        how = settings(optimizer__objective="profit") if weight is None else settings(optimizer__risk_weight=weight)
        succeed("run", "world.toml", "--out", out, *how, cwd=folder)
        runs[weight] = run_record(folder / out)["plan"], table(folder / out / "plan.csv"), \
            table(folder / out / "portfolio.csv")
    return folder, runs


def test_without_risk_weight_the_plan_is_that_for_profit(risky_runs):
    _, runs = risky_runs
    assert (runs[0.0][1]["action"] == runs[None][1]["action"]).all()
    assert runs[0.0][0]["profit"] == runs[None][0]["profit"]


def test_risk_weight_trades_mean_for_tail(risky_runs):
    _, runs = risky_runs
    for weight in (0.0, 0.5, 1.0):
        plan, _, portfolio = runs[weight]
        risk, chosen = plan["risk"], portfolio[(portfolio["plan"] == "chosen") & (portfolio["segment"] == "portfolio")]
        assert risk["mean"] == pytest.approx(chosen["clv_mean"].item(), rel=1e-9)
        assert risk["cvar"] == pytest.approx(chosen["clv_cvar05"].item(), rel=1e-9)
        assert risk["objective"] == pytest.approx((1 - weight) * risk["mean"] + weight * risk["cvar"], rel=1e-12)
        assert risk["converged"]
        assert risk["objective"] <= plan["upper_bound"] <= risk["relaxed_bound"]
        assert plan["cost"] <= 500.0
    gap = {weight: runs[weight][0]["upper_bound"] - runs[weight][0]["risk"]["objective"] for weight in (0.5, 1.0)}
    cvar = {weight: runs[weight][0]["risk"]["cvar"] for weight in (0.0, 0.5, 1.0)}
    assert cvar[0.5] >= cvar[0.0] - 2 * gap[0.5]
    assert cvar[1.0] >= cvar[0.5] - gap[1.0]
    assert cvar[1.0] > cvar[0.0]
    assert runs[1.0][0]["profit"] <= runs[0.0][0]["profit"]
    gain = runs[1.0][0]["upper_bound"] - runs[1.0][0]["risk"]["objective_without"]
    assert gap[1.0] < 0.01 * gain


def test_optimize_makes_the_plan_of_run(risky_runs):
    folder, runs = risky_runs
    succeed("optimize", "--out", "again", *settings(optimizer__results="outNone", optimizer__objective="mean_cvar",
                                                    optimizer__risk_weight=0.5, optimizer__budget=500.0), cwd=folder)
    assert (table(folder / "again/plan.csv")["action"] == runs[0.5][1]["action"]).all()
    succeed("optimize", "--verify", "again/certificate.json", cwd=folder)


def test_paths_of_their_own_are_refused(tmp_path):
    (tmp_path / "world.toml").write_text(RISKY_WORLD)
    outcome = clv("run", "world.toml", *settings(simulation__target_se=0.5), cwd=tmp_path)
    assert outcome.code == USAGE
    assert "simulation.target_se" in outcome.stderr
