"""The files that scripts read: names, columns and their order, and figures that fit together."""

import hashlib
import json
import math

import h5py
import numpy as np
import pandas as pd
import pytest
from program import DONE, INPUT, clv, result_bytes, run_record, settings, succeed, table, tree

LEVELS = ["02_5", "05", "50", "97_5"]  # of the world's quantiles
ACTIONS = ["none", "5% discount", "call"]

COLUMNS = {
    "clv.csv": ["customer_id", "clv_mean", "clv_se", "clv_sd", *(f"clv_q{level}" for level in LEVELS), "clv_cvar05",
                "prob_loss", "rank", "expected_lifetime_months"],
    "portfolio.csv": ["segment", "plan", "clv_mean", "clv_se", "clv_sd", *(f"clv_q{level}" for level in LEVELS),
                      "clv_cvar05", "prob_loss"],
    "cashflow.csv": ["segment", "month", "mean", *(f"q{level}" for level in LEVELS)],
    "uplift.csv": ["customer_id", "action", "expected_profit", "cost", "expected_profit_se", "expected_value",
                   "clv_q05", "clv_cvar05"],
    "plan.csv": ["customer_id", "action", "cost", "expected_profit", "expected_profit_se", "recommended_action",
                 "reason"],
    "truth.csv": ["customer_id", "segment", "hazard_month_1", "clv_mean", "uplift_5% discount", "uplift_call"],
    "customers.csv": ["customer_id"],
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_stand_first_and_in_order(out, name):
    assert list(table(out / name).columns)[: len(COLUMNS[name])] == COLUMNS[name]


def test_default_columns_to_the_letter(tmp_path, out):
    """As DESIGN promises them to scripts that never set a level."""
    succeed("simulate", "--out", "plain", *settings(input__customers=str(out / "customers.csv"), simulation__paths=20),
            cwd=tmp_path)
    header = (tmp_path / "plain/clv.csv").read_text().splitlines()[0]
    assert header.startswith("customer_id,clv_mean,clv_se,clv_sd,clv_q05,clv_q25,clv_q50,clv_q75,clv_q95,clv_cvar05,"
                             "prob_loss,rank,expected_lifetime_months")
    header = (tmp_path / "plain/portfolio.csv").read_text().splitlines()[0]
    assert header.startswith("segment,plan,clv_mean,clv_se,clv_sd,clv_q05,clv_q25,clv_q50,clv_q75,clv_q95,clv_cvar05,"
                             "prob_loss")
    assert {path.name for path in (tmp_path / "plain").iterdir()} == {"clv.csv", "portfolio.csv", "results.h5",
                                                                       "run.json"}


@pytest.mark.parametrize(("level", "column"), [(0.025, "q02_5"), (0.5, "q50"), (0.07, "q07"), (0.999, "q99_9"),
                                               (0.29, "q29"), (0.0001, "q00_01"), (0.125, "q12_5")])
def test_quantile_names(tmp_path, out, level, column):
    succeed("simulate", "--out", "named", *settings(input__customers=str(out / "customers.csv"), simulation__paths=20,
            simulation__quantiles=[level], simulation__cvar_level=level, simulation__cashflow=True), cwd=tmp_path)
    assert f"clv_{column}" in table(tmp_path / "named/clv.csv").columns
    assert f"clv_cvar{column[1:]}" in table(tmp_path / "named/clv.csv").columns
    assert f"clv_{column}" in table(tmp_path / "named/portfolio.csv").columns
    assert column in table(tmp_path / "named/cashflow.csv").columns


def test_rows_stand_in_the_order_of_the_input(out):
    customers = table(out / "customers.csv")["customer_id"].tolist()
    for name in ("clv.csv", "plan.csv", "truth.csv"):
        assert table(out / name)["customer_id"].tolist() == customers
    assert table(out / "uplift.csv")["customer_id"].drop_duplicates().tolist() == customers


def test_rank_1_is_the_highest_mean(out):
    clv_table = table(out / "clv.csv")
    expected = clv_table.sort_values(["clv_mean", "customer_id"], ascending=[False, True])
    assert expected["rank"].tolist() == list(range(1, len(clv_table) + 1))


def test_equal_customers_are_ranked_by_id(tmp_path):
    """Without revenue everybody's value is the same."""
    ids = ["b", "a", "C", "10", "9", "ä"]
    rows = "".join(f"{customer},0,0.1\n" for customer in ids)
    (tmp_path / "equal.csv").write_text("customer_id,monthly_revenue,churn_probability\n" + rows)
    succeed("simulate", "--out", "out", *settings(input__customers="equal.csv", simulation__paths=20), cwd=tmp_path)
    ranked = table(tmp_path / "out/clv.csv").sort_values("rank")["customer_id"].tolist()
    assert ranked == sorted(ids, key=lambda text: text.encode())


def test_quantiles_increase_and_hold_the_figures_of_value(out):
    for name in ("clv.csv", "portfolio.csv"):
        figures = table(out / name)
        quantiles = figures[[f"clv_q{level}" for level in LEVELS]].to_numpy()
        assert (np.diff(quantiles, axis=1) >= 0).all()
        assert (figures["clv_cvar05"] <= figures["clv_q05"] * (1 + 1e-9)).all()  # a sum in fixed point, rounded
        assert figures["prob_loss"].between(0, 1).all()
        assert (figures["clv_sd"] > 0).all()
    paths = run_record(out)["config"]["simulation"]["paths"]
    figures = table(out / "clv.csv")
    np.testing.assert_allclose(figures["clv_se"], figures["clv_sd"] / np.sqrt(paths), rtol=1e-9)
    assert figures["expected_lifetime_months"].between(1, 18).all()


def test_portfolio_stands_first_and_is_the_sum(out):
    portfolio = table(out / "portfolio.csv")
    customers = table(out / "clv.csv")
    segments = sorted(customers["segment"].unique())
    for plan in ("none", "chosen"):
        of_plan = portfolio[portfolio["plan"] == plan]
        assert of_plan["segment"].tolist() == ["portfolio", *segments]
        means = of_plan.set_index("segment")["clv_mean"]
        assert means["portfolio"] == pytest.approx(means[segments].sum(), rel=1e-12)
    none = portfolio[portfolio["plan"] == "none"].set_index("segment")
    assert none["clv_mean"]["portfolio"] == pytest.approx(customers["clv_mean"].sum(), rel=1e-9)
    for segment, group in customers.groupby("segment"):
        assert none["clv_mean"][segment] == pytest.approx(group["clv_mean"].sum(), rel=1e-9)
        assert none["customers"][segment] == len(group)


def test_chosen_minus_none_is_the_profit_of_the_plan(out):
    portfolio = table(out / "portfolio.csv").set_index(["plan", "segment"])["clv_mean"]
    plan = table(out / "plan.csv")
    plan["segment"] = table(out / "clv.csv")["segment"]
    gain = portfolio["chosen"] - portfolio["none"]
    assert plan["expected_profit"].sum() > 0
    assert gain["portfolio"] == pytest.approx(plan["expected_profit"].sum(), rel=1e-8)
    for segment, group in plan.groupby("segment"):
        assert gain[segment] == pytest.approx(group["expected_profit"].sum(), rel=1e-8, abs=1e-6)


def test_cashflow_has_every_month_of_every_segment(out):
    cashflow = table(out / "cashflow.csv")
    segments = table(out / "portfolio.csv")["segment"].drop_duplicates().tolist()
    assert list(zip(cashflow["segment"], cashflow["month"])) == [(s, m) for s in segments for m in range(1, 19)]
    by_month = cashflow.pivot(index="month", columns="segment", values="mean")
    np.testing.assert_allclose(by_month["portfolio"], by_month[segments[1:]].sum(axis=1), rtol=1e-9)
    assert (cashflow["q02_5"] <= cashflow["q97_5"]).all()


def test_cashflow_adds_up_to_value_without_discounting(tmp_path, out):
    succeed("simulate", "--out", "flat", *settings(input__customers=str(out / "customers.csv"), simulation__paths=101,
            simulation__cashflow=True, simulation__discount_rate=0, simulation__horizon_months=7,
            market__revenue_volatility=0.1), cwd=tmp_path)
    cashflow = table(tmp_path / "flat/cashflow.csv").groupby("segment")["mean"].sum()
    value = table(tmp_path / "flat/portfolio.csv").set_index("segment")["clv_mean"]
    np.testing.assert_allclose(cashflow[value.index], value, rtol=1e-9)


def test_uplift_of_doing_nothing_is_nothing(out):
    uplift = table(out / "uplift.csv")
    customers = table(out / "clv.csv")
    none = uplift[uplift["action"] == "none"]
    assert none["customer_id"].tolist() == customers["customer_id"].tolist()
    assert (none[["expected_profit", "cost", "expected_profit_se"]] == 0).all(axis=None)
    for ours, theirs in (("expected_value", "clv_mean"), ("clv_q05", "clv_q05"), ("clv_cvar05", "clv_cvar05")):
        assert none[ours].tolist() == customers[theirs].tolist()


def test_uplift_is_paired_and_net_of_cost(out):
    uplift = table(out / "uplift.csv").merge(table(out / "clv.csv")[["customer_id", "clv_mean", "segment"]])
    np.testing.assert_allclose(uplift["expected_value"] - uplift["clv_mean"], uplift["expected_profit"], atol=1e-6)
    discount, call = (uplift[uplift["action"] == action] for action in ACTIONS[1:])
    assert len(discount) == len(table(out / "clv.csv"))
    assert (discount["cost"] == 0).all()  # a forgone price is in the profit, not in the budget
    assert call["cost"].between(4.0 + 0.35 * 2.0, 4.0 + 2.0 + 12 * 0.1).all()
    assert set(call["segment"]) == {"Basic", "Plus"}  # eligible = "segment != 'Premium'"


def test_plan_is_in_the_uplift_table_and_under_the_budget(out):
    plan = table(out / "plan.csv")
    budget = run_record(out)["config"]["optimizer"]["budget"]
    assert 0.9 * budget < plan["cost"].sum() <= budget
    assert (plan["recommended_action"] == np.where(plan["action"] == "none", "Ignore", "Invest")).all()
    assert plan["reason"].str.len().gt(0).all()
    assert not plan["reason"].str.contains("\n").any()
    chosen = plan.merge(table(out / "uplift.csv"), on=["customer_id", "action"], suffixes=("", "_offered"))
    assert len(chosen) == len(plan)
    for column in ("cost", "expected_profit", "expected_profit_se"):
        assert (chosen[column] == chosen[column + "_offered"]).all()


@pytest.mark.parametrize("budget", [0.0, 3.0, 40.0, None])
def test_plan_keeps_any_budget_and_is_near_the_bound(tmp_path, world, budget):
    config = (world / "world.toml").read_text().replace("budget = 400.0", f"budget = {budget}" if budget is not None
                                                        else "")
    (tmp_path / "job.toml").write_text(config)
    succeed("run", "job.toml", cwd=tmp_path, *settings(generate__customers=80))
    plan = table(tmp_path / "out/plan.csv")
    record = run_record(tmp_path / "out")["plan"]
    assert plan["cost"].sum() <= (np.inf if budget is None else budget)
    assert plan["expected_profit"].sum() <= record["upper_bound"] * (1 + 1e-9)
    assert record["profit"] == pytest.approx(plan["expected_profit"].sum())
    assert record["cost"] == pytest.approx(plan["cost"].sum())
    if budget is None:
        best = table(tmp_path / "out/uplift.csv").groupby("customer_id")["expected_profit"].max()
        assert plan["expected_profit"].sum() == pytest.approx(best.sum())


def test_run_json_lists_every_file_with_its_digest(out):
    listed = run_record(out)["files"]
    assert set(listed) == {path.name for path in out.iterdir()} - {"run.json"}
    for name, entry in listed.items():
        content = (out / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_run_json_tells_what_was_chosen(out):
    record = run_record(out)
    assert record["config"]["execution"]["backend"] == "auto"
    assert record["execution"]["backend"] in ("cpu", "cuda")
    assert record["input"]["rows_accepted"] == 300
    assert record["execution"]["seconds"] > 0


def test_run_json_repeats_the_run(tmp_path, world):
    first = result_bytes(world / "out")
    succeed("run", world / "out/run.json", "--out", "again", cwd=tmp_path)
    assert result_bytes(tmp_path / "again") == first
    # In place, from a copy, without any flag.
    record = run_record(tmp_path / "again")
    succeed("run", "again/run.json", cwd=tmp_path)
    assert result_bytes(tmp_path / "again") == first
    assert run_record(tmp_path / "again")["config"] == record["config"]
    assert run_record(tmp_path / "again")["config_hash"] == run_record(world / "out")["config_hash"]


def test_run_json_repeats_a_run_on_a_file_from_any_folder(tmp_path, world):
    (tmp_path / "data").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data/customers.csv").write_bytes((world / "out/customers.csv").read_bytes())
    job = '[input]\ncustomers = "data/customers.csv"\n[simulation]\npaths = 50\n[output]\ndir = "results"\n'
    (tmp_path / "job.toml").write_text(job)
    succeed("simulate", tmp_path / "job.toml", cwd=tmp_path / "elsewhere")
    first = result_bytes(tmp_path / "results")
    assert not list((tmp_path / "elsewhere").iterdir())
    succeed("simulate", tmp_path / "results/run.json", cwd=tmp_path / "elsewhere")
    assert result_bytes(tmp_path / "results") == first


def test_results_beside_the_world_they_are_of(tmp_path):
    """The customers are an input by then, and no result of the earlier command to be cleared away."""
    succeed("generate", "--kind", "subscription", "--customers", 50, "--out", "w", cwd=tmp_path)
    world = {name: (tmp_path / "w" / name).read_bytes() for name in ("customers.csv", "truth.csv")}
    succeed("simulate", "--out", "w", *settings(input__customers="w/customers.csv", simulation__paths=30), cwd=tmp_path)
    first = result_bytes(tmp_path / "w")
    assert world.items() <= first.items()
    record = run_record(tmp_path / "w")
    succeed("run", "w/run.json", cwd=tmp_path)
    assert result_bytes(tmp_path / "w") == first
    assert run_record(tmp_path / "w")["config_hash"] == record["config_hash"]


def test_validate_beside_results_leaves_their_record(tmp_path, world):
    succeed("run", world / "world.toml", "--out", "out", *settings(generate__customers=60), cwd=tmp_path)
    first, record = result_bytes(tmp_path / "out"), run_record(tmp_path / "out")
    succeed("validate", "--out", "out", *settings(input__customers="out/customers.csv"), cwd=tmp_path)
    after = run_record(tmp_path / "out")
    for key in ("command", "config", "config_hash"):
        assert after[key] == record[key]
    with_report = result_bytes(tmp_path / "out")
    assert first.items() <= with_report.items()
    assert with_report.keys() - first.keys() == {"validation.json", "rejects.csv"}
    assert {name: entry["sha256"] for name, entry in after["files"].items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in with_report.items()}
    succeed("run", "out/run.json", cwd=tmp_path)
    assert first.items() <= result_bytes(tmp_path / "out").items()


@pytest.mark.parametrize("market_volatility", [0.0, 3.0])
def test_one_wild_customer_costs_the_others_no_digits(tmp_path, market_volatility):
    """Sums are in fixed point: one whose values may reach 1e17 times their mean must not set its unit for all."""
    succeed("generate", "--kind", "subscription", "--customers", 1000, "--set", "generate.window_months=0", "--out", "w", cwd=tmp_path)
    customers = table(tmp_path / "w/customers.csv")
    wild = customers.iloc[[0]].assign(customer_id="wild", revenue_volatility=5.0)
    pd.concat([customers, wild]).to_csv(tmp_path / "c.csv", index=False)
    succeed("simulate", "--out", "out", *settings(input__customers="c.csv", simulation__paths=2000,
            market__revenue_volatility=market_volatility), cwd=tmp_path)
    figures = table(tmp_path / "out/clv.csv")
    portfolio = table(tmp_path / "out/portfolio.csv").iloc[0]
    assert portfolio["segment"] == "portfolio"
    assert portfolio["clv_mean"] == pytest.approx(math.fsum(figures["clv_mean"]), rel=1e-7)


def test_seed_changes_results_and_nothing_else_does(tmp_path, world):
    succeed("run", world / "world.toml", "--out", "other", "--seed", "2", cwd=tmp_path)
    first, other = result_bytes(world / "out"), result_bytes(tmp_path / "other")
    same = {name for name in first if first[name] == other[name]}
    assert same == {"customers.csv", "truth.csv"}


def test_churned_customers_are_simulated_and_flagged(tmp_path):
    rows = "A,10,0.1,no\nB,10,0.1,Yes\n"
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability,churned\n" + rows)
    succeed("simulate", "--out", "out", *settings(input__customers="c.csv", simulation__paths=50), cwd=tmp_path)
    figures = table(tmp_path / "out/clv.csv")
    assert figures["churned"].tolist() == [0, 1]
    assert (figures["clv_mean"] > 0).all()


def test_segment_called_portfolio_is_not_taken_for_all_customers(tmp_path):
    """Either refused, or told apart in every file."""
    rows = "A,10,0.1,portfolio\nB,20,0.2,x\n"
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability,segment\n" + rows)
    outcome = clv("simulate", "--out", "out", *settings(input__customers="c.csv", simulation__paths=50), cwd=tmp_path)
    if outcome.code == INPUT:
        assert "'portfolio'" in outcome.stderr
        assert tree(tmp_path / "out") is None
        return
    assert outcome.code == DONE
    assert table(tmp_path / "out/portfolio.csv")["segment"].is_unique
    with h5py.File(tmp_path / "out/results.h5") as results:
        assert np.isfinite(results["portfolio_mean"]).all()


def test_validate_reports_without_simulating(tmp_path, out):
    outcome = clv("validate", "--out", "checked", "--json", *settings(input__customers=str(out / "customers.csv")),
                  cwd=tmp_path)
    assert outcome.code == 0
    assert json.loads(outcome.stdout)["rows_accepted"] == 300
    report = json.loads((tmp_path / "checked/validation.json").read_text())
    assert (report["rows_read"], report["rows_rejected"], report["fault_counts"]) == (300, 0, {})
    assert len(table(tmp_path / "checked/rejects.csv")) == 0
