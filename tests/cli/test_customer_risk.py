"""optimizer.customer_risk_weight: plans that count every customer's CVaR, against NumPy; what is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from program import CERTIFICATE, INPUT, USAGE, clv, settings, succeed, table

CUSTOMERS, ACTIONS = 300, 3
LIMITS = ('optimizer.limits=[{name="few", column="count", max=90}, '
          '{name="north", column="cost", segment="north", max=150}]')


def certificate(folder):
    return json.loads((folder / "certificate.json").read_text())


def uplift(folder, name="u.csv", cvar="clv_cvar05", none=True):
    """Actions that earn more lower CVaR more, on the whole."""
    rng = np.random.default_rng(5)
    rows = []
    for i in range(CUSTOMERS):
        segment = "north" if i % 3 == 0 else "south"
        value = rng.gamma(3, 40)
        if none:
            rows.append((f"C{i}", "none", 0.0, 0.0, 0.0, value, segment))
        for a in range(ACTIONS):
            profit = rng.normal(6, 5)
            rows.append((f"C{i}", f"a{a}", profit, rng.uniform(1, 5), rng.uniform(0, 2),
                         value - 1.5 * profit + rng.normal(5, 6), segment))
    frame = pd.DataFrame(rows, columns=["customer_id", "action", "expected_profit", "cost", "expected_profit_se", cvar,
                                        "segment"])
    frame.to_csv(folder / name, index=False)
    return frame


def matrices(frame, cvar="clv_cvar05"):
    """[customer, action], doing nothing first: profit, cost, error, and what the action changes of CVaR."""
    wide = [frame.pivot(index="customer_id", columns="action", values=column)
            for column in ("expected_profit", "cost", "expected_profit_se", cvar)]
    order = ["none"] + [name for name in wide[0].columns if name != "none"]
    profit, cost, se, risk = (part[order] for part in wide)
    return profit, cost, se, risk.sub(risk["none"], axis=0)


def chosen(plan, values):
    action = plan.set_index("customer_id")["action"].loc[values.index]
    return values.to_numpy()[np.arange(len(values)), values.columns.get_indexer(action)]


def plan(folder, out, *flags, **keys):
    succeed("optimize", "--out", out, *settings(**{"optimizer__uplift": "u.csv", **keys}), *flags, cwd=folder)
    succeed("optimize", "--verify", f"{out}/certificate.json", cwd=folder)
    return table(folder / out / "plan.csv"), certificate(folder / out)


def test_without_limits_everybody_gets_the_best_by_numpy(tmp_path):
    profit, _, _, risk = matrices(uplift(tmp_path))
    weight = 0.35
    objective = (1 - weight) * profit + weight * risk
    found, claim = plan(tmp_path, "out", optimizer__customer_risk_weight=weight)
    best = objective.idxmax(axis=1)
    assert (found.set_index("customer_id")["action"].loc[best.index] == best).all()
    assert 20 < (best != profit.idxmax(axis=1)).sum()
    assert claim["objective"] == pytest.approx(objective.max(axis=1).sum(), rel=1e-9)
    assert claim["upper_bound"] == pytest.approx(claim["objective"], rel=1e-9)
    assert claim["profit"] == pytest.approx(chosen(found, profit).sum(), rel=1e-9)
    assert (claim["customer_risk_weight"], claim["cvar_level"]) == (weight, 0.05)


def test_a_budget_goes_to_what_costs_less_cvar(tmp_path):
    profit, cost, _, risk = matrices(uplift(tmp_path))
    bold, bold_claim = plan(tmp_path, "bold", optimizer__budget=250)
    frontier = (bold_claim["profit"], chosen(bold, risk).sum())
    for weight in (0.2, 0.5, 0.8):
        careful, claim = plan(tmp_path, f"careful{weight}", optimizer__budget=250,
                              optimizer__customer_risk_weight=weight)
        assert claim["cost"] <= 250
        earned, changed = chosen(careful, profit).sum(), chosen(careful, risk).sum()
        assert earned < frontier[0] and changed > frontier[1]  # each step gives up profit for CVaR
        frontier = (earned, changed)
        assert claim["objective"] == pytest.approx((1 - weight) * earned + weight * changed, rel=1e-9)
        # Lagrange's bound at the stated multiplier
        objective = (1 - weight) * profit + weight * risk
        price = claim["multipliers"]["budget"]
        bound = 250 * price + (objective - price * cost).max(axis=1).sum()
        assert claim["relaxed_bound"] == pytest.approx(bound, rel=1e-9)
        assert claim["objective"] <= bound * (1 + 1e-9) and claim["relative_gap"] < 1e-3
    reasons = careful[careful["action"] != "none"]["reason"]
    assert reasons.str.contains("counting CVaR at a weight of 0.80, at the prices of the limits", regex=False).all()
    row = careful[careful["action"] != "none"].iloc[0]
    assert f"CVaR {risk.loc[row.customer_id, row.action]:+.2f}" in row.reason


def test_with_caution_stability_and_several_limits(tmp_path):
    frame = uplift(tmp_path)
    profit, cost, se, risk = matrices(frame)
    rng = np.random.default_rng(2)
    current = pd.Series(rng.choice(profit.columns, CUSTOMERS), profit.index, name="action")
    current.to_csv(tmp_path / "now.csv")
    found, claim = plan(tmp_path, "out", "--set", LIMITS, optimizer__budget=300, optimizer__customer_risk_weight=0.3,
                        optimizer__robustness=0.8, optimizer__switching_penalty=1.25, optimizer__current="now.csv")
    objective = 0.7 * profit + 0.3 * risk - 0.8 * se
    objective -= 1.25 * (objective.columns.to_numpy()[None, :] != current.to_numpy()[:, None])
    assert claim["objective"] == pytest.approx(chosen(found, objective).sum(), rel=1e-9)
    north = frame.drop_duplicates("customer_id").set_index("customer_id")["segment"].loc[profit.index] == "north"
    action = found.set_index("customer_id")["action"].loc[profit.index]
    assert (action != "none").sum() <= 90 and chosen(found, cost)[north].sum() <= 150 + 1e-9
    price = claim["multipliers"]
    priced = objective - price["budget"] * cost - price["north"] * cost.mul(north.astype(float), axis=0)
    priced.iloc[:, 1:] -= price["few"]
    bound = 300 * price["budget"] + 90 * price["few"] + 150 * price["north"] + priced.max(axis=1).sum()
    assert claim["relaxed_bound"] == pytest.approx(bound, rel=1e-9)
    assert claim["relative_gap"] < 1e-2
    terms = "counting CVaR at a weight of 0.30 and 0.80 standard errors off and 1.25 off for a switch"
    assert found["reason"].str.contains(terms).any()


def tampered(member, value):
    def change(folder):
        path = folder / "out/certificate.json"
        claim = json.loads(path.read_text())
        claim[member] = value
        path.write_text(json.dumps(claim))
    return change


def better_cvar(folder):
    frame = pd.read_csv(folder / "u.csv")
    frame.loc[frame["action"] != "none", "clv_cvar05"] += 1.0
    frame.to_csv(folder / "u.csv", index=False)


@pytest.mark.parametrize("change", [tampered("customer_risk_weight", 0.3), tampered("customer_risk_weight", 0.0),
                                    tampered("objective", 1e4), better_cvar],
                         ids=["weight", "no weight", "objective", "table"])
def test_what_was_tampered_with_does_not_verify(tmp_path, change):
    uplift(tmp_path)
    plan(tmp_path, "out", optimizer__budget=250, optimizer__customer_risk_weight=0.4)
    change(tmp_path)
    outcome = clv("optimize", "--verify", "out/certificate.json", cwd=tmp_path)
    assert outcome.code == CERTIFICATE
    assert "objective is stated as" in outcome.stdout


def test_a_level_of_its_own(tmp_path):
    uplift(tmp_path, cvar="clv_cvar10")
    _, claim = plan(tmp_path, "out", optimizer__customer_risk_weight=0.4, simulation__cvar_level=0.1)
    assert claim["cvar_level"] == 0.1


@pytest.mark.parametrize(("make", "keys", "code", "message"), [
    ({"cvar": "clv_cvar10"}, {}, INPUT, "no column 'clv_cvar05': give the CVaR of value with every action, or leave "
                                        "optimizer.customer_risk_weight out"),
    ({"none": False}, {}, INPUT, "CVaR is nan (uplift, customer C0, action none): give a row none"),
    ({}, {"optimizer__customer_risk_weight": 1.5}, USAGE, "optimizer.customer_risk_weight is 1.5"),
], ids=["no column", "no row none", "weight"])
def test_what_is_missing_is_refused_with_place_and_remedy(tmp_path, make, keys, code, message):
    uplift(tmp_path, **make)
    keys = {"optimizer__uplift": "u.csv", "optimizer__customer_risk_weight": 0.5, **keys}
    outcome = clv("optimize", "--out", "new", *settings(**keys), cwd=tmp_path)
    assert (outcome.code, message in outcome.stderr) == (code, True), outcome.stderr
    assert not (tmp_path / "new").exists()


def test_a_run_counts_the_cvar_that_uplift_csv_has(world, out, tmp_path):
    weight = 0.6
    run = [str(world / "world.toml"), "--out", "run", *settings(optimizer__customer_risk_weight=weight)]
    outcome = succeed("run", *run, cwd=tmp_path)
    claim = certificate(tmp_path / "run")
    found, bold = table(tmp_path / "run/plan.csv"), table(out / "plan.csv")
    frame = table(tmp_path / "run/uplift.csv")
    profit, cost, _, risk = matrices(frame)
    assert claim["objective"] == pytest.approx(
        ((1 - weight) * chosen(found, profit) + weight * chosen(found, risk)).sum(), rel=1e-9)
    assert chosen(found, risk).sum() > chosen(bold, risk).sum()
    assert (found["action"] != bold["action"]).sum() >= 10
    assert "counting CVaR at a weight of 0.60" in outcome.stdout
    succeed("optimize", "--verify", "run/certificate.json", cwd=tmp_path)
    # figures on fresh paths are those of profit, and frontier.csv is that of profit
    assert (tmp_path / "run/frontier.csv").read_bytes() == (out / "frontier.csv").read_bytes()
    refused = clv("run", *run, *settings(optimizer__objective="mean_cvar"), cwd=tmp_path)
    assert refused.code == USAGE and "optimizer.customer_risk_weight" in refused.stderr
    assert "simulating" not in refused.stderr
    # a sweep's base is that run
    succeed("sweep", *run[:2], "swept", *run[3:], *settings(input__customers=str(out / "customers.csv")),
            "--set", 'scenarios=[{name="bad", hazard_multiplier=2.0}]', cwd=tmp_path)
    swept = table(tmp_path / "swept/sweep_plan.csv")
    base = swept[swept["scenario"] == "base"].drop(columns="scenario").reset_index(drop=True)
    pd.testing.assert_frame_equal(base, found)
    assert swept["reason"].str.contains("counting CVaR").any()
