"""clv optimize: plans from results and from uplift tables, their frontier, honest figures and certificates."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from plans import BUDGET, certificate, sha256, write_uplift
from program import INFEASIBLE, INPUT, USAGE, clv, result_bytes, run_record, settings, succeed, table, tree


def simulate_world(world, folder, **more):
    """The world's customers simulated in `folder`/out, without a plan."""
    config = (world / "world.toml").read_text().split("[optimizer]")[0]
    (folder / "sim.toml").write_text(config)
    succeed("simulate", "sim.toml", "--out", "out",
            *settings(input__customers=str(world / "out/customers.csv"), **more), cwd=folder)
    return folder / "out"


# From results.


def test_run_writes_a_plan_with_frontier_and_certificate(world, out):
    frontier = table(out / "frontier.csv")
    assert list(frontier.columns) == ["budget", "profit", "profit_eval", "profit_eval_se", "marginal_roi",
                                      "difference", "difference_se"]
    assert len(frontier) > 20
    assert np.isfinite(frontier).all(axis=None)
    steps = frontier.diff().dropna()
    assert (steps["budget"] > 0).all()
    assert (steps["profit"] > 0).all()
    assert (steps["marginal_roi"] <= 1e-12).all()
    slopes = steps["profit"] / steps["budget"]
    assert (slopes.diff().dropna() < 1e-6).all()  # concave
    plan = table(out / "plan.csv")
    claim = certificate(out)
    assert claim["profit"] == pytest.approx(plan["expected_profit"].sum(), rel=1e-9)
    assert claim["cost"] == pytest.approx(plan["cost"].sum(), rel=1e-9)
    assert claim["cost"] <= BUDGET
    assert claim["plan"]["sha256"] == sha256(out / "plan.csv")
    assert claim["uplift"] == {"file": "results.h5", "sha256": sha256(out / "results.h5")}
    assert claim["upper_bound"] >= claim["profit"]
    outcome = succeed("optimize", "--verify", "out/certificate.json", cwd=world)
    assert "profit" in outcome.stdout and "MISMATCH" not in outcome.stdout
    record = run_record(out)["plan"]
    assert record["fresh"] == claim["fresh"]
    assert record["profit_fresh"] == claim["fresh"]["profit"]


def test_simulate_then_optimize_gives_the_files_of_run(world, out, tmp_path):
    results = simulate_world(world, tmp_path)
    before = result_bytes(results)
    succeed("optimize", "--out", "out", *settings(optimizer__budget=BUDGET), cwd=tmp_path)
    written = result_bytes(results)
    assert set(written) == set(before) | {"plan.csv", "frontier.csv", "certificate.json"}
    expected = result_bytes(out)
    for name, content in written.items():
        assert content == expected[name], name
    assert set(run_record(results)["files"]) == set(written)
    # and again, with another budget, until both agree with a run of that budget
    succeed("optimize", "--out", "out", *settings(optimizer__budget=100), cwd=tmp_path)
    succeed("run", "out/run.json", "--out", "again", cwd=tmp_path)
    again = result_bytes(tmp_path / "again")
    for name, content in result_bytes(results).items():
        assert content == again[name], name
    succeed("optimize", "--verify", "out/certificate.json", cwd=tmp_path)


@pytest.mark.parametrize("more", [{"simulation__uplift_distribution": True},
                                  {"optimizer__objective": "mean_cvar", "optimizer__risk_weight": 0.4},
                                  {"optimizer__customer_risk_weight": 0.4, "simulation__cvar_level": 0.1}],
                         ids=["distribution of profit", "mean-CVaR", "customers' CVaR"])
def test_the_same_with_more_to_it(world, tmp_path, more):
    simulated = {key: value for key, value in more.items() if key.startswith("simulation")}
    planned = {key: value for key, value in more.items() if key.startswith("optimizer")}
    results = simulate_world(world, tmp_path, **simulated)
    succeed("optimize", "--out", "out", *settings(optimizer__budget=BUDGET, **planned), cwd=tmp_path)
    succeed("run", "sim.toml", "--out", "run", *settings(input__customers=str(world / "out/customers.csv"),
            optimizer__budget=BUDGET, **more), cwd=tmp_path)
    assert result_bytes(results) == result_bytes(tmp_path / "run")
    succeed("optimize", "--verify", "out/certificate.json", cwd=tmp_path)


def test_generated_customers_without_a_contract(tmp_path):
    """A run that made its own transactions is planned again from those beside it."""
    (tmp_path / "run.toml").write_text("""
[generate]
kind = "retail"
customers = 200
[fit]
model = "bg_nbd"
spend_model = "gamma_gamma"
[simulation]
paths = 100
horizon_months = 12
[[actions]]
name = "coupon"
revenue_multiplier = 1.3
cost = 1.0
""")
    succeed("run", "run.toml", "--out", "out", *settings(optimizer__budget=30), cwd=tmp_path)
    expected = result_bytes(tmp_path / "out")
    succeed("optimize", "--out", "out", *settings(optimizer__budget=10), cwd=tmp_path)
    assert certificate(tmp_path / "out")["budget"] == 10
    succeed("optimize", "--out", "out", *settings(optimizer__budget=30), cwd=tmp_path)
    assert result_bytes(tmp_path / "out") == expected


def test_another_folder_gets_the_plan_alone(world, out, tmp_path):
    before = tree(out)
    succeed("optimize", "--out", "plan", *settings(optimizer__budget=BUDGET, optimizer__results=str(out)), cwd=tmp_path)
    assert tree(out) == before
    assert set(result_bytes(tmp_path / "plan")) == {"plan.csv", "frontier.csv", "certificate.json"}
    assert (tmp_path / "plan/plan.csv").read_bytes() == (out / "plan.csv").read_bytes()
    succeed("optimize", "--verify", "plan/certificate.json", cwd=tmp_path)
    succeed("optimize", "plan/run.json", "--out", "same", cwd=tmp_path)
    assert result_bytes(tmp_path / "same") == result_bytes(tmp_path / "plan")


def test_frontier_is_the_fresh_profit_of_its_plans(out, tmp_path):
    """A point's figures are those of the plan with its budget, path by path."""
    frontier = table(out / "frontier.csv")
    for k in (0, len(frontier) // 3, len(frontier) - 1):
        point = frontier.iloc[k]
        succeed("optimize", "--out", "plan", *settings(optimizer__budget=point["budget"] + 1e-6,
                optimizer__results=str(out)), cwd=tmp_path)
        claim = certificate(tmp_path / "plan")
        assert claim["profit"] == pytest.approx(point["profit"], rel=1e-9)
        assert claim["fresh"]["profit"] == pytest.approx(point["profit_eval"], rel=1e-9)
        assert claim["fresh"]["se"] == pytest.approx(point["profit_eval_se"], rel=1e-9)
        assert claim["fresh"]["difference"] == pytest.approx(point["difference"], rel=1e-6)
        # of errors that are as large, instead of both
        assert point["difference_se"] == pytest.approx(np.sqrt(2) * point["profit_eval_se"], rel=1e-12)
        assert claim["fresh"]["difference_se"] == pytest.approx(point["difference_se"], rel=0.2)
        if k == len(frontier) // 3:
            other = frontier.iloc[k + 1]
            assert claim["fresh"]["profit"] != pytest.approx(other["profit_eval"], rel=1e-6)  # planted


@pytest.mark.parametrize("sampler", ["stratified", "sobol"])
def test_other_samplers_give_errors_of_replicates(world, tmp_path, sampler):
    results = simulate_world(world, tmp_path, simulation__sampler=sampler, simulation__paths=128)
    succeed("optimize", "--out", "out", *settings(optimizer__budget=BUDGET), cwd=tmp_path)
    frontier = table(results / "frontier.csv")
    assert (frontier["profit_eval_se"].iloc[1:] > 0).all()
    claim = certificate(results)
    assert claim["fresh"]["se"] > 0
    succeed("optimize", "--verify", "out/certificate.json", cwd=tmp_path)


def test_customers_without_a_contract(tmp_path):
    rng = np.random.default_rng(4)
    lines = ["customer_id,frequency,recency,T,monetary_value"]
    for i in range(60):
        x = int(rng.integers(0, 6))
        age = rng.uniform(30, 60)
        lines.append(f"R{i},{x},{rng.uniform(5, age) if x else 0:.3f},{age:.3f},{rng.uniform(10, 50) if x else 0:.2f}")
    (tmp_path / "summary.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "run.toml").write_text("""
[input]
summary = "summary.csv"
[fit]
model = "bg_nbd"
spend_model = "gamma_gamma"
[simulation]
paths = 200
[[actions]]
name = "coupon"
price_multiplier = 0.9
revenue_multiplier = { median = 1.3, log_sd = 0.1 }
cost = 0.5
[optimizer]
budget = 12
[output]
dir = "out"
""")
    succeed("run", "run.toml", cwd=tmp_path)
    expected = result_bytes(tmp_path / "out")
    succeed("simulate", "run.toml", "--out", "parts", cwd=tmp_path)
    succeed("optimize", "--out", "parts", *settings(optimizer__budget=12), cwd=tmp_path)
    assert result_bytes(tmp_path / "parts") == expected
    frontier = table(tmp_path / "out/frontier.csv")
    assert np.isfinite(frontier).all(axis=None)


def test_the_honest_figure_is_near_the_truth_where_the_in_sample_one_is_not(tmp_path):
    """Nothing that customers share moves, so the truth of a plan is the sum of its customers' true uplifts."""
    (tmp_path / "run.toml").write_text("""
[generate]
kind = "subscription"
window_months = 0
customers = 100000
seed = 3
[simulation]
paths = 128
horizon_months = 24
[[actions]]
name = "call"
cost = 4.0
cost_if_accepted = 2.0
acceptance = 0.5
hazard_multiplier = 0.7
duration_months = 12
[[actions]]
name = "discount"
price_multiplier = 0.95
hazard_multiplier = 0.8
duration_months = 12
[optimizer]
budget = 60000.0
[output]
dir = "out"
""")
    succeed("run", "run.toml", cwd=tmp_path)
    out = tmp_path / "out"
    plan = table(out / "plan.csv").set_index("customer_id")
    truth = table(out / "truth.csv").set_index("customer_id")
    true_profit = sum(truth.loc[plan.index[plan["action"] == action], f"uplift_{action}"].sum()
                      for action in ("call", "discount"))
    claim = certificate(out)
    assert claim["fresh"]["profit"] == pytest.approx(true_profit, rel=0.005)
    assert abs(claim["fresh"]["profit"] - true_profit) < 4 * claim["fresh"]["se"]
    assert claim["profit"] > 1.05 * true_profit  # the optimizer's curse
    assert claim["fresh"]["difference"] == pytest.approx(claim["fresh"]["profit"] - claim["profit"])
    assert claim["fresh"]["difference"] < -4 * claim["fresh"]["difference_se"]
    assert claim["fresh"]["at_medians"] is None  # no effect is uncertain
    assert claim["fresh"]["effect_share"] == 0


def test_effect_uncertainty_is_told_apart(world, out, tmp_path):
    fresh = certificate(out)["fresh"]
    assert 0 < fresh["effect_share"] < 1
    assert fresh["at_medians"]["sd"] < fresh["sd"]
    assert fresh["se"] == pytest.approx(fresh["sd"] / np.sqrt(211), rel=1e-9)
    assert fresh["q05"] < fresh["profit"] < fresh["q95"]
    results = simulate_world(world, tmp_path, actions='[{name="call", cost=4, hazard_multiplier={median=0.55, log_sd=0}}]')
    succeed("optimize", "--out", "out", *settings(optimizer__budget=BUDGET), cwd=tmp_path)
    assert certificate(results)["fresh"]["at_medians"] is None


def test_policies_beside_the_plan(out, tmp_path):
    """The current policy is what the file says; one action for everybody is the greedy within the budget."""
    uplift = table(out / "uplift.csv")
    current = uplift[uplift["action"] == "call"].iloc[::3][["customer_id", "action"]]
    strangers = pd.DataFrame({"customer_id": ["nobody"], "action": ["call"]})
    pd.concat([current, strangers]).to_csv(tmp_path / "now.csv", index=False)
    outcome = succeed("optimize", "--out", "plan", *settings(optimizer__budget=BUDGET, optimizer__results=str(out),
                      optimizer__current="now.csv"), cwd=tmp_path)
    assert "1 customers of now.csv are not in the data" in outcome.stderr
    policies = {policy["policy"]: policy for policy in certificate(tmp_path / "plan")["policies"]}
    assert list(policies) == ["plan", "do_nothing", "current", "best_single_action"]
    rows = uplift.merge(current)
    assert policies["current"]["customers"] == len(current)
    assert policies["current"]["cost"] == pytest.approx(rows["cost"].sum(), rel=1e-9)
    assert policies["current"]["expected_profit"] == pytest.approx(rows["expected_profit"].sum(), rel=1e-9)
    assert policies["current"]["fresh"]["se"] > 0
    assert policies["do_nothing"]["fresh"]["profit"] == 0
    best = policies["best_single_action"]
    one = uplift[uplift["action"] == best["action"]].copy()
    one["roi"] = one["expected_profit"] / one["cost"]
    one = one.sort_values("roi", ascending=False)
    within = one[one["cost"].cumsum() <= BUDGET]
    assert best["customers"] == len(within)
    assert best["expected_profit"] == pytest.approx(within["expected_profit"].sum(), rel=1e-9)
    # the plan as the current policy has the plan's figures
    succeed("optimize", "--out", "same", *settings(optimizer__budget=BUDGET, optimizer__results=str(out),
            optimizer__current="plan/plan.csv"), cwd=tmp_path)
    same = {policy["policy"]: policy for policy in certificate(tmp_path / "same")["policies"]}
    assert same["current"]["fresh"] == same["plan"]["fresh"]


def test_changed_data_or_results_are_refused(world, tmp_path):
    shutil.copy(world / "out/customers.csv", tmp_path / "customers.csv")
    config = (world / "world.toml").read_text().split("[optimizer]")[0]
    (tmp_path / "sim.toml").write_text(config)
    succeed("simulate", "sim.toml", "--out", "out", *settings(input__customers="customers.csv"), cwd=tmp_path)
    text = (tmp_path / "customers.csv").read_text().splitlines()
    (tmp_path / "customers.csv").write_text("\n".join(text[:-1]) + "\n")
    before = tree(tmp_path / "out")
    outcome = clv("optimize", "--out", "out", cwd=tmp_path)
    assert outcome.code == INPUT
    assert "not what the results were made from" in outcome.stderr
    assert "run clv simulate again" in outcome.stderr
    assert tree(tmp_path / "out") == before
    (tmp_path / "customers.csv").write_text("\n".join(text[:1] + text[:0:-1]) + "\n")  # another order, the same hash
    assert clv("optimize", "--out", "out", cwd=tmp_path).code == INPUT
    (tmp_path / "out/uplift.csv").write_text("changed\n")
    outcome = clv("optimize", "--out", "out", cwd=tmp_path)
    assert (outcome.code, "uplift.csv" in outcome.stderr) == (INPUT, True)


def test_results_without_actions_have_no_plan(tmp_path, earlier_results):
    outcome = clv("optimize", "--out", "out", cwd=tmp_path)
    assert (outcome.code, "[[actions]]" in outcome.stderr) == (INPUT, True)
    outcome = clv("optimize", "--out", "nowhere", cwd=tmp_path)
    assert (outcome.code, "no complete results" in outcome.stderr) == (INPUT, True)
    assert not (tmp_path / "nowhere").exists()


# From an uplift table.


def test_uplift_csv_of_a_run_gives_its_plan(world, out, tmp_path):
    succeed("optimize", "--out", "plan", *settings(optimizer__budget=BUDGET, optimizer__uplift=str(out / "uplift.csv")),
            cwd=tmp_path)
    assert (tmp_path / "plan/plan.csv").read_bytes() == (out / "plan.csv").read_bytes()
    frontier = table(tmp_path / "plan/frontier.csv")
    simulated = ["profit_eval", "profit_eval_se", "difference", "difference_se"]
    assert frontier[simulated].isna().all(axis=None)
    expected = table(out / "frontier.csv")
    for column in ("budget", "profit", "marginal_roi"):
        np.testing.assert_allclose(frontier[column], expected[column], rtol=1e-9, atol=1e-9)
    claim = certificate(tmp_path / "plan")
    assert claim["fresh"] is None
    assert claim["uplift"] == {"file": str(out / "uplift.csv"), "sha256": sha256(out / "uplift.csv")}
    succeed("optimize", "--verify", "plan/certificate.json", cwd=tmp_path)
    summary = json.loads(succeed("optimize", "plan/run.json", "--out", "again", "--json", cwd=tmp_path).stdout)
    assert result_bytes(tmp_path / "again") == result_bytes(tmp_path / "plan")
    assert summary["plan"]["profit"] == claim["profit"]


def test_a_plan_does_not_replace_the_results_it_is_from(world, tmp_path):
    results = simulate_world(world, tmp_path)
    before = tree(results)
    outcome = clv("optimize", "--out", "out", *settings(optimizer__uplift="out/uplift.csv"), cwd=tmp_path)
    assert outcome.code == USAGE
    assert "one of the results in the output folder (out/uplift.csv)" in outcome.stderr
    assert "name another --out" in outcome.stderr
    assert tree(results) == before
    (tmp_path / "own").mkdir()
    shutil.copy(results / "uplift.csv", tmp_path / "own/u.csv")
    for _ in range(2):  # the user's own file stays where it is
        succeed("optimize", "--out", "own", *settings(optimizer__uplift="own/u.csv"), cwd=tmp_path)
    assert (tmp_path / "own/u.csv").read_bytes() == (results / "uplift.csv").read_bytes()


def test_order_of_rows_and_other_columns_do_not_matter(tmp_path):
    frame = write_uplift(tmp_path / "u.csv", np.random.default_rng(2), 200)
    shuffled = frame.sample(frac=1, random_state=3)[["cost", "action", "expected_profit", "customer_id",
                                                     "expected_profit_se"]]
    shuffled.assign(colour="red").to_csv(tmp_path / "s.csv", index=False)
    plans = []
    for name in ("u", "s"):
        succeed("optimize", "--out", name, *settings(optimizer__uplift=f"{name}.csv", optimizer__budget=700),
                cwd=tmp_path)
        plans.append(table(tmp_path / name / "plan.csv"))
    assert list(plans[1]["customer_id"]) == list(dict.fromkeys(shuffled["customer_id"]))
    columns = ["customer_id", "action", "cost", "expected_profit", "expected_profit_se"]
    first, second = (plan[columns].sort_values("customer_id").reset_index(drop=True) for plan in plans)
    assert first.equals(second)


def test_none_counts_as_it_is_listed_and_choice_can_be_required(tmp_path):
    (tmp_path / "u.csv").write_text("customer_id,action,expected_profit,cost\n"
                                    "A,none,5,1\nA,call,6,1.5\nB,call,-3,2\nB,gift,-4,1\n")
    succeed("optimize", "--out", "free", *settings(optimizer__uplift="u.csv"), cwd=tmp_path)
    plan = table(tmp_path / "free/plan.csv").set_index("customer_id")
    assert plan["action"].tolist() == ["call", "none"]
    assert plan["cost"].tolist() == [1.5, 0]
    assert plan["expected_profit_se"].isna().all()
    succeed("optimize", "--out", "must", *settings(optimizer__uplift="u.csv", optimizer__require_choice=True),
            cwd=tmp_path)
    assert table(tmp_path / "must/plan.csv")["action"].tolist() == ["call", "call"]
    assert certificate(tmp_path / "must")["require_choice"] is True
    succeed("optimize", "--verify", "must/certificate.json", cwd=tmp_path)
    outcome = clv("optimize", "--out", "poor", *settings(optimizer__uplift="u.csv", optimizer__require_choice=True,
                  optimizer__budget=1.5), cwd=tmp_path)
    assert outcome.code == INFEASIBLE
    assert not (tmp_path / "poor").exists()
    succeed("optimize", "--out", "scarce", *settings(optimizer__uplift="u.csv", optimizer__require_choice=True,
            optimizer__budget=2), cwd=tmp_path)
    scarce = table(tmp_path / "scarce/plan.csv")
    assert scarce["action"].tolist() == ["none", "gift"]
