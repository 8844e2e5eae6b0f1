"""clv optimize: plans from results and from uplift tables, their frontier, honest figures and certificates."""

import hashlib
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from program import (CERTIFICATE, INFEASIBLE, INPUT, USAGE, clv, result_bytes, run_record, settings, succeed, table,
                     tree)

BUDGET = 400.0


def certificate(folder):
    return json.loads((folder / "certificate.json").read_text())


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_uplift(path, rng, customers, actions=4, se=True):
    """An uplift CSV in which cheap and dear, good and bad actions are mixed."""
    rows = []
    for i in range(customers):
        for a in range(actions):
            cost = round(float(rng.gamma(2, 5)), 2)
            row = {"customer_id": f"C{i}", "action": f"a{a}", "expected_profit": cost * rng.uniform(-0.5, 3),
                   "cost": cost}
            if se:
                row["expected_profit_se"] = rng.uniform(0.1, 1)
            rows.append(row)
    frame = pd.DataFrame(rows)
    frame.to_csv(path, index=False)
    return frame


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


LIMITS = """
[[optimizer.limits]]
name = "few"
column = "count"
max = 60
[[optimizer.limits]]
name = "hours"
column = "cost_hours"
action = "a1"
max = 20.0
[[optimizer.limits]]
name = "north first"
segment = "north"
column = "count"
min = 25
[[optimizer.limits]]
name = "worth it"
min_roi = 1.9
"""


@pytest.fixture
def limited(tmp_path):
    frame = write_uplift(tmp_path / "u.csv", np.random.default_rng(7), 150)
    frame["cost_hours"] = np.random.default_rng(8).uniform(0.2, 2, len(frame)).round(3)
    frame["segment"] = ["north" if int(name[1:]) % 3 == 0 else "south" for name in frame["customer_id"]]
    frame.to_csv(tmp_path / "u.csv", index=False)
    (tmp_path / "plan.toml").write_text('[optimizer]\nuplift = "u.csv"\nbudget = 500\n' + LIMITS)
    return tmp_path, frame


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


@pytest.fixture
def plan_folder(limited):
    folder, frame = limited
    succeed("optimize", "plan.toml", "--out", "plan", cwd=folder)
    return folder, frame


def change(certificate, where, factor):
    *path, last = where
    for key in path:
        certificate = certificate[key]
    certificate[last] = certificate[last] * factor if isinstance(factor, float) else factor


TAMPERED = {
    "profit": ([("profit",), 1.001], "profit is stated"),
    "cost": ([("cost",), 0.99], "cost is stated"),
    "objective": ([("objective",), 1.001], "objective is stated"),
    "bound": ([("upper_bound",), 0.99], "upper_bound is stated"),
    "bounds": ([("relaxed_bound",), 0.99], "relaxed_bound is stated"),
    "gap": ([("relative_gap",), -1e-3], "relative_gap is stated"),
    "multiplier": ([("multipliers", "budget"), 3.0], "the multipliers prove only"),
    "multiplier of a side that is not there": ([("multipliers", "few"), -1], "prove no bound"),
    "budget": ([("budget",), 0.9], "limit budget is broken"),
    "limit": ([("limits", 0, "max"), 10], "limit few is broken"),
    "least": ([("limits", 2, "min"), 140], "limit north first is broken"),
    "roi": ([("limits", 3, "min_roi"), 9.0], "limit worth it is broken"),
    "use": ([("limits", 1, "used"), 1.01], "use of limit hours is stated"),
    "customers": ([("customers",), 149], "the certificate is of 149 customers"),
    "table": ([("uplift", "sha256"), "0" * 64], "not the file that was certified"),
    "plan": ([("plan", "sha256"), "0" * 64], "not the file that was certified"),
}


@pytest.mark.parametrize(("changes", "message"), TAMPERED.values(), ids=TAMPERED.keys())
def test_tampered_certificates_do_not_verify(plan_folder, changes, message):
    folder, _ = plan_folder
    claim = certificate(folder / "plan")
    change(claim, *changes)
    (folder / "plan/certificate.json").write_text(json.dumps(claim))
    before = tree(folder)
    outcome = clv("optimize", "--verify", "plan/certificate.json", cwd=folder)
    assert outcome.code == CERTIFICATE, outcome.stdout
    assert message in outcome.stdout
    assert message in outcome.stderr
    assert "run clv optimize again" in outcome.stderr
    assert tree(folder) == before


def forget(plan, uplift):
    return plan.iloc[1:]


def swap_action(plan, uplift):
    plan.loc[3, "action"] = "none" if plan.loc[3, "action"] != "none" else "a0"
    return plan


def invent_action(plan, uplift):
    plan.loc[3, "action"] = "bribe"
    return plan


def invent_customer(plan, uplift):
    plan.loc[3, "customer_id"] = "X1"
    return plan


def twice(plan, uplift):
    return pd.concat([plan, plan.iloc[:1]])


@pytest.mark.parametrize(("tamper", "message"), [
    (forget, "1 customer(s) of the uplift table have no row, C0 the first"),
    (swap_action, "but the profit of the plan adds up to"),
    (invent_action, "line 5, column 2 (action), customer C3: 'bribe' is no action of the data"),
    (invent_customer, "1 customer(s) are not in the uplift table"),
    (twice, "stands in an earlier row"),
])
def test_tampered_plans_do_not_verify(plan_folder, tamper, message):
    """Even where the digest was adapted to them."""
    folder, frame = plan_folder
    plan = pd.read_csv(folder / "plan/plan.csv")
    tamper(plan, frame).to_csv(folder / "plan/plan.csv", index=False)
    outcome = clv("optimize", "--verify", "plan/certificate.json", cwd=folder)
    assert (outcome.code, "not the file that was certified" in outcome.stdout) == (CERTIFICATE, True)
    claim = certificate(folder / "plan")
    claim["plan"]["sha256"] = sha256(folder / "plan/plan.csv")
    (folder / "plan/certificate.json").write_text(json.dumps(claim))
    outcome = clv("optimize", "--verify", "plan/certificate.json", cwd=folder)
    assert outcome.code == CERTIFICATE
    assert message in outcome.stdout


def test_a_plan_with_an_action_that_is_not_open_does_not_verify(world, tmp_path):
    """Calls are not for Premium customers."""
    shutil.copytree(world / "out", tmp_path / "out")
    plan = pd.read_csv(tmp_path / "out/plan.csv")
    customers = table(tmp_path / "out/customers.csv")
    premium = customers.index[customers["segment"] == "Premium"][0]
    plan.loc[premium, "action"] = "call"
    plan.to_csv(tmp_path / "out/plan.csv", index=False)
    outcome = clv("optimize", "--verify", "out/certificate.json", cwd=tmp_path)
    assert outcome.code == CERTIFICATE
    assert f"have an action that is not open to them: {plan.loc[premium, 'customer_id']} (call)" in outcome.stdout


def test_certificates_find_their_files(plan_folder):
    """By the path they state, beside them, or where the user says."""
    folder, frame = plan_folder
    shutil.move(folder / "plan", folder / "moved")
    shutil.move(folder / "u.csv", folder / "moved/u.csv")
    succeed("optimize", "--verify", "moved/certificate.json", cwd=folder)
    shutil.move(folder / "moved/u.csv", folder / "elsewhere.csv")
    assert clv("optimize", "--verify", "moved/certificate.json", cwd=folder).code == INPUT
    here = ["optimize", "--verify", "moved/certificate.json", *settings(optimizer__uplift="elsewhere.csv")]
    record = json.loads(succeed(*here, "--json", cwd=folder).stdout)
    assert record["verified"] is True and record["mismatches"] == []
    frame["expected_profit"] *= 0.9
    frame.to_csv(folder / "elsewhere.csv", index=False)
    outcome = clv(*here, cwd=folder)
    assert outcome.code == CERTIFICATE
    assert "profit is stated" in outcome.stdout


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "clvsim certificate 1"}',
                                     '{"format": "clvsim certificate 2"}'])
def test_what_is_no_certificate_is_refused(tmp_path, content):
    (tmp_path / "certificate.json").write_text(content)
    outcome = clv("optimize", "--verify", "certificate.json", cwd=tmp_path)
    assert outcome.code == INPUT
    assert "certificate.json" in outcome.stderr and "clv optimize" in outcome.stderr
    assert clv("optimize", "--verify", "absent.json", cwd=tmp_path).code == INPUT


# Faults.

HEADER = "customer_id,action,expected_profit,cost\n"

BAD_TABLES = {
    "text": (HEADER + "A,call,1,2\nB,call,lots,2\n", "line 3, column 3 (expected_profit), customer B: 'lots'", "number"),
    "NaN": (HEADER + "A,call,nan,2\n", "line 2, column 3 (expected_profit), customer A: 'nan' is not a number",
            "finite"),
    "infinite": (HEADER + "A,call,1,inf\n", "line 2, column 4 (cost), customer A: 'inf' is infinite", "finite"),
    "blank cost": (HEADER + "A,call,1,\n", "line 2, column 4 (cost), customer A: is blank", "give a number"),
    "blank id": (HEADER + ",call,1,2\n", "line 2, column 1 (customer_id)", "give the id"),
    "blank action": (HEADER + "A, ,1,2\n", "line 2, column 2 (action), customer A", "give the name"),
    "twice": (HEADER + "A,call,1,2\nB,call,1,2\nA,call,1,3\n", "line 4, column 2 (action), customer A: 'call'",
              "one row per customer and action"),
    "two segments": ("customer_id,action,expected_profit,cost,segment\nA,x,1,2,north\nA,y,1,2,south\n",
                     "line 3, column 5 (segment), customer A: 'south'", "one segment"),
    "missing further cost": ("customer_id,action,expected_profit,cost,cost_hours\nA,x,1,2,3\nA,y,1,2,\n",
                             "line 3, column 5 (cost_hours), customer A: is blank", "give a number"),
    "negative error": ("customer_id,action,expected_profit,cost,expected_profit_se\nA,x,1,2,-3\n",
                       "line 2, column 5 (expected_profit_se), customer A: '-3' is negative", "at least 0"),
    "short row": (HEADER + "A,call,1\n", "line 2: 3 fields where the header has 4", "every column a field"),
    "no column": ("customer_id,action,expected_profit\nA,call,1\n", "no column 'cost'", "takes from the budget"),
    "column twice": ("customer_id,action,expected_profit,cost,cost\nA,call,1,2,3\n", "line 1, column 5 (cost)",
                     "rename one"),
    "further cost twice": ("customer_id,action,expected_profit,cost,cost_h,cost_h\nA,call,1,2,3,4\n",
                           "line 1, column 6 (cost_h)", "rename one"),
    "open quote": (HEADER + 'A,"call,1,2\n', "line 2, column 2", "quote"),
    "empty": ("", "the file is empty", "header"),
    "header alone": (HEADER, "only a header", "give rows"),
}


@pytest.mark.parametrize(("text", "where", "remedy"), BAD_TABLES.values(), ids=BAD_TABLES.keys())
def test_faulty_tables_are_refused_with_place_and_remedy(tmp_path, earlier_results, text, where, remedy):
    (tmp_path / "u.csv").write_text(text)
    before = tree(tmp_path)
    for out in ("out", "new"):
        outcome = clv("optimize", "--out", out, *settings(optimizer__uplift="u.csv"), cwd=tmp_path)
        assert outcome.code == INPUT
        assert where in outcome.stderr
        assert remedy in outcome.stderr
        assert outcome.stdout == ""
    assert tree(tmp_path) == before


def test_every_fault_of_a_table_is_listed(tmp_path):
    rows = "".join(f"A{i},call,x,2\n" for i in range(30))
    (tmp_path / "u.csv").write_text(HEADER + rows + "B,call,1,nan\n")
    message = clv("optimize", "--out", "new", *settings(optimizer__uplift="u.csv"), cwd=tmp_path).stderr
    assert "31 fault(s) in 31 of 31 rows" in message
    assert "text_in_number: 30" in message and "not_a_number: 1" in message
    assert sum(line.startswith("  line") for line in message.splitlines()) == 20


def test_more_actions_than_fit_are_refused(tmp_path):
    (tmp_path / "u.csv").write_text(HEADER + "".join(f"A,a{i},1,2\n" for i in range(256)))
    outcome = clv("optimize", "--out", "new", *settings(optimizer__uplift="u.csv"), cwd=tmp_path)
    assert (outcome.code, "more than 255 actions beside none (line 257" in outcome.stderr) == (INPUT, True)
    (tmp_path / "u.csv").write_text(HEADER + "".join(f"A,a{i},1,2\n" for i in range(255)))
    succeed("optimize", "--out", "new", *settings(optimizer__uplift="u.csv"), cwd=tmp_path)


@pytest.mark.parametrize(("text", "where"), [
    ("customer_id,action\nC0,call\n", "line 2, column 2 (action), customer C0: 'call' is no action of the data"),
    ("customer_id,action\nC0,a1\nC0,a2\n", "line 3, column 1 (customer_id), customer C0: 'C0' stands in an earlier row"),
    ("customer_id\nC0\n", "no column 'action'"),
])
def test_a_faulty_current_policy_is_refused(tmp_path, text, where):
    write_uplift(tmp_path / "u.csv", np.random.default_rng(1), 5)
    (tmp_path / "now.csv").write_text(text)
    outcome = clv("optimize", "--out", "new", *settings(optimizer__uplift="u.csv", optimizer__current="now.csv"),
                  cwd=tmp_path)
    assert outcome.code == INPUT
    assert where in outcome.stderr
    assert not (tmp_path / "new").exists()


BAD_CONFIGS = {
    "unknown key": ("[[optimizer.limits]]\nname = 'a'\nmaximum = 3\n", "job.toml:5:1", "unknown key optimizer.limits.maximum",
                    "the keys of [optimizer.limits] are"),
    "misspelt key": ("[[optimizer.limits]]\nname = 'a'\nsegmnt = 'x'\nmax = 1\n", "job.toml:5:1",
                     "unknown key optimizer.limits.segmnt", "did you mean optimizer.limits.segment?"),
    "two of one name": ("[[optimizer.limits]]\nname = 'a'\nmax = 1\n[[optimizer.limits]]\nname = 'a'\nmax = 2\n",
                        "job.toml:7:1", 'two limits are called "a"', "its own name"),
    "no name": ("[[optimizer.limits]]\nmax = 1\n", "job.toml:3", "a limit has no name", "give it one"),
    "name of the budget": ("[[optimizer.limits]]\nname = 'budget'\nmax = 1\n", "job.toml:4:1", "optimizer.budget",
                           "choose another name"),
    "nothing limited": ("[[optimizer.limits]]\nname = 'a'\n", "job.toml:3", "limits nothing", "give min, max or min_roi"),
    "min above max": ("[[optimizer.limits]]\nname = 'a'\nmin = 2\nmax = 1\n", "job.toml:5:1", "a min of 2 above its max",
                      "exchange"),
    "negative cap": ("[[optimizer.limits]]\nname = 'a'\nmax = -1\n", "job.toml:5:1", "has a max of -1", "at least 0"),
    "negative count": ("[[optimizer.limits]]\nname = 'a'\ncolumn = 'count'\nmax = -1\n", "job.toml:6:1",
                       "has a max of -1", "at least 0"),
    "NaN": ("[[optimizer.limits]]\nname = 'a'\nmax = nan\n", "job.toml:5:1", "optimizer.limits.max is nan",
            "finite number"),
    "text": ("[[optimizer.limits]]\nname = 'a'\nmin_roi = 'high'\n", "job.toml:5:1", "optimizer.limits.min_roi must be",
             "give a number"),
    "roi and max": ("[[optimizer.limits]]\nname = 'a'\nmin_roi = 1\nmax = 3\n", "job.toml:6:1", "has min_roi and max",
                    "two limits"),
    "roi and column": ("[[optimizer.limits]]\nname = 'a'\nmin_roi = 1\ncolumn = 'cost'\n", "job.toml:6:1",
                       "has min_roi and column", "two limits"),
    "no such column": ("[[optimizer.limits]]\nname = 'a'\ncolumn = 'cots'\nmax = 3\n", "job.toml:5:1",
                       'optimizer.limits.column is "cots"', "did you mean cost?"),
    "no list": ("[optimizer.limits]\nname = 'a'\n", "job.toml:3", "optimizer.limits must be a list of tables",
                "[[optimizer.limits]]"),
    "unknown action": ("[[optimizer.limits]]\nname = 'a'\naction = 'a9'\nmax = 3\n", "optimizer.limits, a",
                       "no action 'a9'", "a0"),
    "unknown segment": ("[[optimizer.limits]]\nname = 'a'\nsegment = 'x'\nmax = 3\n", "optimizer.limits, a",
                        "no segment 'x'", "there are none"),
    "unknown further cost": ("[[optimizer.limits]]\nname = 'a'\ncolumn = 'cost_hours'\nmax = 3\n",
                             "optimizer.limits, a", "no column 'cost_hours'", "there are cost"),
    "budget": ("budget = -1\n", "job.toml:3:1", "optimizer.budget is -1", ">= 0"),
    "budget of NaN": ("budget = nan\n", "job.toml:3:1", "optimizer.budget is nan", ">= 0"),
    "risk weight": ("risk_weight = 1.5\n", "job.toml:3:1", "optimizer.risk_weight is 1.5", "<= 1"),
    "one point": ("frontier_points = 1\n", "job.toml:3:1", "optimizer.frontier_points is 1", "from 2"),
    "objective": ("objective = 'fun'\n", "job.toml:3:1", 'optimizer.objective is "fun"', "give one of profit"),
    "paths needed": ("objective = 'mean_cvar'\n", "optimizer.objective", "needs paths", "optimizer.results"),
    "two sources": ("results = 'x'\n", "optimizer.results", "both optimizer.uplift and", "name one"),
}


@pytest.mark.parametrize(("text", "where", "message", "remedy"), BAD_CONFIGS.values(), ids=BAD_CONFIGS.keys())
def test_faulty_requests_are_refused_with_place_and_remedy(tmp_path, text, where, message, remedy):
    write_uplift(tmp_path / "u.csv", np.random.default_rng(1), 5)
    (tmp_path / "job.toml").write_text("[optimizer]\nuplift = 'u.csv'\n" + text)
    before = tree(tmp_path)
    outcome = clv("optimize", "job.toml", "--out", "new", cwd=tmp_path)
    assert outcome.code == USAGE, outcome.stderr
    for expected in (where, message, remedy):
        assert expected in outcome.stderr
    assert outcome.stdout == ""
    assert tree(tmp_path) == before


def test_limits_can_be_set_on_the_command_line(tmp_path):
    write_uplift(tmp_path / "u.csv", np.random.default_rng(1), 50)
    limits = 'optimizer.limits=[{name="few", column="count", max=7}]'
    succeed("optimize", "--out", "new", *settings(optimizer__uplift="u.csv"), "--set", limits, cwd=tmp_path)
    assert (table(tmp_path / "new/plan.csv")["action"] != "none").sum() == 7
    outcome = clv("optimize", "--out", "new", *settings(optimizer__uplift="u.csv"), "--set",
                  limits.replace("max=7", "max=-7"), cwd=tmp_path)
    assert outcome.code == USAGE
    assert "has a max of -7 (--set optimizer.limits=" in outcome.stderr


def test_a_run_with_wrong_limits_fails_before_it_simulates(world, tmp_path):
    outcome = clv("run", str(world / "world.toml"), "--out", "new", "--set",
                  'optimizer.limits=[{name="a", action="cal", max=1}]', cwd=tmp_path)
    assert (outcome.code, "did you mean call?" in outcome.stderr) == (USAGE, True)
    assert "simulating" not in outcome.stderr
    assert not (tmp_path / "new").exists()


BAD_ACTIONS = {
    "unknown column in a filter": ("eligible = 'age > 3'\n", 'filter "age > 3"', "no column 'age'"),
    "probability above 1": ("acceptance = 1.2\n", "job.toml:5:1", "<= 1"),
    "negative duration": ("duration_months = -3\n", "job.toml:5:1", "give an integer from 1"),
    "NaN cost": ("cost = nan\n", "job.toml:5:1", "give a finite number >= 0"),
    "negative cost": ("cost = -1\n", "job.toml:5:1", ">= 0"),
    "infinite monthly cost": ("monthly_cost = inf\n", "job.toml:5:1", ">= 0"),
    "share of revenue above 1": ("monthly_cost_share = 1.2\n", "job.toml:5:1", "<= 1"),
    "negative share of revenue": ("monthly_cost_share = -0.1\n", "job.toml:5:1", ">= 0"),
    "share of revenue that is no number": ("monthly_cost_share = nan\n", "job.toml:5:1", ">= 0 and <= 1"),
    "two of one name": ("[[actions]]\nname = 'a'\n", "job.toml:6:1", "its own name"),
}


@pytest.mark.parametrize(("text", "where", "remedy"), BAD_ACTIONS.values(), ids=BAD_ACTIONS.keys())
def test_bad_actions_are_refused(tmp_path, earlier_results, text, where, remedy):
    (tmp_path / "job.toml").write_text("[input]\ncustomers = 'good.csv'\n[[actions]]\nname = 'a'\n" + text)
    before = tree(tmp_path)
    for command in ("run", "simulate"):
        outcome = clv(command, "job.toml", "--out", "out", cwd=tmp_path)
        assert outcome.code == USAGE
        assert where in outcome.stderr
        assert remedy in outcome.stderr
    assert tree(tmp_path) == before


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
