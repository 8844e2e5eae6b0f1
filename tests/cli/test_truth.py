"""A generated world knows its truth: the engine has to find it, and the check has to notice a planted error."""

import numpy as np
import pytest
from agreement import complaints
from program import settings, succeed, table

ACTIONS = ("discount", "call")

# Nothing that customers share (market factor, log_sd) moves: their errors are independent, as the bounds assume.
CONFIG = """
[generate]
kind = "subscription"
window_months = 0
customers = 1500
seed = 5

[simulation]
paths = 2000
horizon_months = 24
discount_rate = 0.12

[[actions]]
name = "discount"
price_multiplier = 0.95
hazard_multiplier = 0.7
duration_months = 6

[[actions]]
name = "call"
cost = 1.0
cost_if_accepted = 3.0
monthly_cost = 0.2
monthly_cost_share = 0.04
acceptance = 0.6
hazard_multiplier = { median = 0.6, customer_log_sd = 0.3 }
revenue_multiplier = { median = 1.05, customer_log_sd = 0.1 }
duration_months = 12
"""


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    folder = tmp_path_factory.mktemp("truth")
    (folder / "job.toml").write_text(CONFIG)
    succeed("run", "job.toml", "--out", "out", cwd=folder)
    return folder


def clv_complaints(results, truth):
    figures = table(results / "clv.csv")
    assert figures["customer_id"].tolist() == truth["customer_id"].tolist()
    return complaints(figures["clv_mean"], figures["clv_se"], truth["clv_mean"])


def uplift_complaints(results, truth, action):
    """Of customers with churn to prevent: where almost no path differs, 2,000 of them do not make a normal mean."""
    figures = table(results / "uplift.csv").set_index(["action", "customer_id"]).loc[action]
    assert figures.index.tolist() == truth["customer_id"].tolist()
    prone = (truth["hazard_month_1"] > 0.02).to_numpy()
    assert prone.sum() > 500
    return complaints(figures["expected_profit"][prone], figures["expected_profit_se"][prone],
                      truth[f"uplift_{action}"][prone])


def test_means_are_the_truth(job):
    truth = table(job / "out/truth.csv")
    assert clv_complaints(job / "out", truth) == []
    for action in ACTIONS:
        assert uplift_complaints(job / "out", truth, action) == []


def test_hazard_of_the_truth_is_that_of_the_customers(job):
    truth = table(job / "out/truth.csv")
    customers = table(job / "out/customers.csv")
    np.testing.assert_allclose(truth["hazard_month_1"], -np.log1p(-customers["churn_probability"]), rtol=1e-12)


PLANTED = {
    "churn probability doubled": lambda customers: customers.assign(
        churn_probability=(2 * customers["churn_probability"]).clip(upper=1)),
    "churn probability 5% higher": lambda customers: customers.assign(
        churn_probability=1.05 * customers["churn_probability"]),
    "margin one percent higher": lambda customers: customers.assign(margin=1.01 * customers["margin"]),
    "growth forgotten": lambda customers: customers.drop(columns="revenue_growth"),
    "retention cost forgotten": lambda customers: customers.drop(columns="retention_cost"),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_planted_error_is_noticed(job, tmp_path, plant):
    plant(table(job / "out/customers.csv")).to_csv(tmp_path / "planted.csv", index=False)
    succeed("simulate", "--out", "out", *settings(input__customers="planted.csv", simulation__paths=2000,
            simulation__horizon_months=24, simulation__discount_rate=0.12), cwd=tmp_path)
    assert clv_complaints(tmp_path / "out", table(job / "out/truth.csv")) != []


@pytest.mark.parametrize(("right", "wrong", "action"), [
    ("acceptance = 0.6", "acceptance = 0.7", "call"),
    ("price_multiplier = 0.95", "price_multiplier = 0.94", "discount"),
    ("duration_months = 6", "duration_months = 7", "discount"),
    ("customer_log_sd = 0.3", "log_sd = 0.9", "call"),
    ("monthly_cost_share = 0.04", "monthly_cost_share = 0.06", "call"),
])
def test_planted_error_in_an_action_is_noticed(job, tmp_path, right, wrong, action):
    config = CONFIG.split("[simulation]", 1)[1]
    assert right in config
    (tmp_path / "job.toml").write_text("[simulation]" + config.replace(right, wrong))
    succeed("simulate", "job.toml", "--out", "out", *settings(input__customers=str(job / "out/customers.csv")),
            cwd=tmp_path)
    assert uplift_complaints(tmp_path / "out", table(job / "out/truth.csv"), action) != []


def test_market_keeps_means(tmp_path):
    """E[R_t] holds no volatility, so the truth is the same; the portfolio shares the market's error."""
    (tmp_path / "job.toml").write_text(CONFIG)
    succeed("run", "job.toml", "--out", "out", *settings(generate__customers=300, market__revenue_volatility=0.3),
            cwd=tmp_path)
    truth = table(tmp_path / "out/truth.csv")
    figures = table(tmp_path / "out/clv.csv")
    portfolio = table(tmp_path / "out/portfolio.csv").iloc[0]
    assert portfolio["clv_sd"] > 3 * np.sqrt((figures["clv_sd"] ** 2).sum())
    assert abs(portfolio["clv_mean"] - truth["clv_mean"].sum()) < 4 * portfolio["clv_se"]


@pytest.mark.parametrize("sensitivity", [.25, 1])
def test_a_market_that_moves_hazards_is_in_the_truth(tmp_path, sensitivity):
    """Good years keep customers and pay more: means over the market, of values and of what actions bring."""
    market = {"market__revenue_volatility": .2, "market__hazard_sensitivity": sensitivity}
    (tmp_path / "job.toml").write_text(CONFIG.replace("customers = 1500", "customers = 200"))
    scores = {}
    for seed in range(1, 9):
        succeed("run", "job.toml", "--out", f"out{seed}", *settings(simulation__seed=seed, **market), cwd=tmp_path)
        truth, uplift = table(tmp_path / f"out{seed}/truth.csv"), table(tmp_path / f"out{seed}/uplift.csv")
        portfolio = table(tmp_path / f"out{seed}/portfolio.csv").iloc[0]
        scores.setdefault("none", []).append((portfolio["clv_mean"] - truth["clv_mean"].sum()) / portfolio["clv_se"])
        for action in ACTIONS:
            rows = uplift[uplift["action"] == action]
            error = (rows["expected_profit"].to_numpy() - truth[f"uplift_{action}"].to_numpy()).sum()
            # as if all customers' errors were one: they share the market
            scores.setdefault(action, []).append(error / rows["expected_profit_se"].sum())
    plain = succeed("generate", "job.toml", "--out", "plain", cwd=tmp_path)
    assert "warning" not in plain.stderr
    without = table(tmp_path / "plain/truth.csv")["clv_mean"].sum()
    assert np.abs(scores["none"]).max() < 4
    assert abs(np.mean(np.square(scores["none"])) - 1) < 4 * np.sqrt(2 / 8)
    for action in ACTIONS:
        assert np.abs(scores[action]).max() < 4
    if sensitivity == 1:  # and the truth of another market is noticed
        assert (truth["clv_mean"].sum() - without) / portfolio["clv_se"] > 6
