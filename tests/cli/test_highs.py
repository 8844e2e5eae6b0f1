"""Plans against HiGHS (scipy's milp), an independent solver of mixed-integer programmes. It runs until it has proven a
gap, however long that takes; where that is more than seconds, what it found stands here."""

import json

import numpy as np
import pandas as pd
import pytest
from program import settings, succeed, table

scipy_optimize = pytest.importorskip("scipy.optimize", reason="no scipy: see tests/requirements.txt")
sparse = pytest.importorskip("scipy.sparse")

ACTIONS = 4


def instance(path, customers, seed, kind):
    rng = np.random.default_rng(seed)
    cost = rng.uniform(1, 100, (customers, ACTIONS)).round(2)
    profit = {"uncorrelated": lambda: rng.uniform(-20, 150, cost.shape),
              "weakly correlated": lambda: cost + rng.uniform(-30, 60, cost.shape)}[kind]().round(3)
    hours = rng.uniform(0.1, 2, cost.shape).round(2)
    frame = pd.DataFrame({"customer_id": np.repeat([f"C{i}" for i in range(customers)], ACTIONS),
                          "action": np.tile([f"a{a}" for a in range(ACTIONS)], customers),
                          "expected_profit": profit.ravel(), "cost": cost.ravel(), "cost_hours": hours.ravel()})
    frame.to_csv(path, index=False)
    return frame


def highs(frame, limits, gap, whole=True):
    """Objective of the best plan found, and what HiGHS proves that none exceeds; without `whole`, of plans that may
    split customers. `limits`: (weights, low, high)."""
    customers = len(frame) // ACTIONS
    columns = np.arange(len(frame))
    one_each = sparse.csr_array((np.ones(len(frame)), (columns // ACTIONS, columns)), (customers, len(frame)))
    rows = sparse.vstack([one_each, *(sparse.csr_array(np.asarray(weights)[None, :]) for weights, _, _ in limits)])
    low = np.concatenate([np.full(customers, -np.inf), [low for _, low, _ in limits]])
    high = np.concatenate([np.ones(customers), [high for _, _, high in limits]])
    result = scipy_optimize.milp(-frame["expected_profit"].to_numpy(), integrality=np.full(len(frame), int(whole)),
                                 bounds=scipy_optimize.Bounds(0, 1),
                                 constraints=scipy_optimize.LinearConstraint(rows, low, high),
                                 options={"mip_rel_gap": gap})
    assert result.success, result.message
    return -result.fun, -(result.mip_dual_bound if whole else result.fun)


def claim_of(folder, *more, **values):
    succeed("optimize", "--out", "plan", *settings(optimizer__uplift="u.csv", optimizer__frontier_points=2, **values),
            *more, cwd=folder)
    succeed("optimize", "--verify", "plan/certificate.json", cwd=folder)
    claim = json.loads((folder / "plan/certificate.json").read_text())
    assert claim["profit"] == pytest.approx(table(folder / "plan/plan.csv")["expected_profit"].sum(), rel=1e-12)
    return claim


@pytest.mark.parametrize("kind", ["uncorrelated", "weakly correlated"])
@pytest.mark.parametrize("share", [0.05, 0.5])
def test_one_budget_at_1000_customers(tmp_path, kind, share):
    frame = instance(tmp_path / "u.csv", 1000, 11, kind)
    budget = round(share * frame.groupby("customer_id")["cost"].max().sum(), 2)
    found, bound = highs(frame, [(frame["cost"], -np.inf, budget)], gap=1e-9)
    claim = claim_of(tmp_path, optimizer__budget=budget)
    assert claim["profit"] <= bound * (1 + 1e-9)
    assert claim["profit"] >= found * (1 - claim["relative_gap"] - 1e-9)
    assert claim["upper_bound"] >= found * (1 - 1e-9)
    assert claim["relative_gap"] < 1e-3
    exact = claim_of(tmp_path, optimizer__budget=budget, optimizer__exact=True)
    assert exact["status"] == "optimal"
    assert found * (1 - 1e-9) <= exact["profit"] <= bound * (1 + 1e-9)
    assert bound - found < 1e-7 * found  # HiGHS has the optimum, so both are it
    assert exact["profit"] == pytest.approx(found, rel=1e-7)


LIMITS = ('optimizer.limits=[{name="few", column="count", max=%d}, {name="hours", column="cost_hours", max=%r}, '
          '{name="some", action="a1", column="count", min=%d}, {name="roi", min_roi=%r}]')


def limits_of(frame, budget, customers):
    share = customers // 5
    is_a1 = (frame["action"] == "a1").to_numpy(float)
    roi = (frame["expected_profit"] - 1.5 * frame["cost"]).to_numpy()
    limits = [(frame["cost"], -np.inf, budget), (np.ones(len(frame)), -np.inf, 2 * share),
              (frame["cost_hours"], -np.inf, 0.35 * customers), (is_a1, share // 3, np.inf), (roi, 0, np.inf)]
    return limits, LIMITS % (2 * share, 0.35 * customers, share // 3, 1.5)


def test_five_limits_at_1000_customers(tmp_path):
    frame = instance(tmp_path / "u.csv", 1000, 12, "uncorrelated")
    limits, text = limits_of(frame, 15000, 1000)
    found, bound = highs(frame, limits, gap=1e-7)
    claim = claim_of(tmp_path, "--set", text, optimizer__budget=15000)
    assert found * (1 - claim["relative_gap"] - 1e-9) <= claim["profit"] <= bound * (1 + 1e-9)
    assert claim["upper_bound"] >= found * (1 - 1e-9)
    assert claim["relative_gap"] < 1e-3
    exact = claim_of(tmp_path, "--set", text, optimizer__budget=15000, optimizer__exact=True)
    assert exact["profit"] >= claim["profit"] * (1 - 1e-12)
    if exact["status"] == "optimal":
        assert found * (1 - 1e-9) <= exact["profit"] <= bound * (1 + 1e-9)


def test_one_budget_at_10000_customers(tmp_path):
    frame = instance(tmp_path / "u.csv", 10000, 13, "weakly correlated")
    # HiGHS as scipy 1.17.1 has it, to a gap of 1e-5: highs(frame, [(frame["cost"], -np.inf, 150000)], gap=1e-5)
    found, bound = 424406.287, 424407.3479858218
    claim = claim_of(tmp_path, optimizer__budget=150000)
    assert found * (1 - claim["relative_gap"] - 1e-9) <= claim["profit"] <= bound * (1 + 1e-9)
    assert claim["upper_bound"] >= found * (1 - 1e-9)
    assert claim["relative_gap"] < 1e-5


def test_five_limits_at_10000_customers(tmp_path):
    """HiGHS takes long to find a plan, but not the optimum of plans that may split customers, which the multipliers
    prove."""
    frame = instance(tmp_path / "u.csv", 10000, 13, "weakly correlated")
    limits, text = limits_of(frame, 150000, 10000)
    split, _ = highs(frame, limits, gap=0, whole=False)
    claim = claim_of(tmp_path, "--set", text, optimizer__budget=150000)
    assert claim["profit"] <= split * (1 + 1e-9)
    assert claim["relaxed_bound"] == pytest.approx(split, rel=1e-8)
    assert claim["profit"] >= split * (1 - claim["relative_gap"] - 1e-8)
    assert claim["relative_gap"] < 1e-5
