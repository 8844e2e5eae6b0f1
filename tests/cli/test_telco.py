"""IBM's Telco customers, from the company's own file to results."""

import numpy as np
import pandas as pd
import pytest
from agreement import complaints
from program import REPOSITORY, run_record, settings, succeed, table

PATHS = 500


@pytest.fixture(scope="module")
def telco_file(reference_data):
    return reference_data / "telco/Telco-Customer-Churn.csv"


@pytest.fixture(scope="module")
def telco(telco_file, tmp_path_factory):
    """Folder with the results in out/."""
    folder = tmp_path_factory.mktemp("telco")
    succeed("run", REPOSITORY / "configs/telco.toml", "--out", "out", "--set", f"input.customers={telco_file}",
            "--set", f"simulation.paths={PATHS}", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def source(telco_file):
    return pd.read_csv(telco_file, keep_default_na=False)


def test_every_customer_has_results(telco, source):
    folder = telco
    assert len(source) == 7043
    assert (source["TotalCharges"].str.strip() == "").sum() == 11
    figures = table(folder / "out/clv.csv")
    assert figures["customer_id"].tolist() == source["customerID"].tolist()
    assert np.isfinite(figures.drop(columns=["customer_id", "segment", "rank"])).all(axis=None)
    assert (figures["rank"].isna() == (source["Churn"] == "Yes")).all()
    assert figures["segment"].tolist() == source["Contract"].tolist()
    assert figures["churned"].tolist() == (source["Churn"] == "Yes").astype(int).tolist()
    assert run_record(folder / "out")["input"]["rows_rejected"] == 0


def test_the_headline_is_of_who_is_still_there(telco):
    figures = table(telco / "out/clv.csv")
    rows = table(telco / "out/portfolio.csv")
    rows = rows[rows["plan"] == "none"].set_index("segment")
    assert rows["customers"].tolist() == [5174, 2220, 1307, 1647, 1869]
    assert rows.index.tolist() == ["portfolio", "Month-to-month", "One year", "Two year", "churned"]
    gone = figures["churned"] == 1
    assert rows["clv_mean"]["churned"] == pytest.approx(figures["clv_mean"][gone].sum(), rel=1e-9)
    assert rows["clv_mean"]["portfolio"] == pytest.approx(figures["clv_mean"][~gone].sum(), rel=1e-9)


def test_memory(telco):
    assert run_record(telco / "out")["execution"]["peak_memory_mib"] < 100


def kaplan_meier(tenure, churned):
    """Whole months: churn in month max(1, tenure), otherwise at risk in every month lived in full."""
    last = np.where(churned, np.maximum(tenure, 1), tenure)
    months = np.arange(1, last.max() + 1)
    at_risk = (last[:, None] >= months).sum(axis=0)
    events = ((last[:, None] == months) & churned[:, None]).sum(axis=0)
    survival = np.cumprod(1 - events / at_risk)
    greenwood = survival * np.sqrt(np.cumsum(events / (at_risk * (at_risk - events))))
    return months, at_risk, events, survival, greenwood


def test_survival_is_kaplan_meier_by_contract(telco, source):
    folder = telco
    estimates = table(folder / "out/survival.csv")
    assert list(estimates.columns) == ["segment", "month", "at_risk", "churned", "survival", "survival_se",
                                       "survival_low", "survival_high", "hazard", "hazard_se", "hazard_low",
                                       "hazard_high"]
    contracts = ["Month-to-month", "One year", "Two year"]
    assert estimates["segment"].drop_duplicates().tolist() == contracts
    for contract in contracts:
        ours = estimates[estimates["segment"] == contract]
        group = source[source["Contract"] == contract]
        months, at_risk, events, survival, greenwood = kaplan_meier(group["tenure"].to_numpy(),
                                                                    (group["Churn"] == "Yes").to_numpy())
        assert ours["month"].tolist() == months.tolist()
        assert ours["at_risk"].tolist() == at_risk.tolist()
        assert ours["churned"].tolist() == events.tolist()
        np.testing.assert_allclose(ours["survival"], survival, rtol=1e-12)
        np.testing.assert_allclose(ours["survival_se"], greenwood, rtol=1e-9, atol=1e-15)
        inside = survival < 1
        spread = np.exp(1.959963984540054 * greenwood[inside] / survival[inside] / -np.log(survival[inside]))
        np.testing.assert_allclose(ours["survival_low"][inside], survival[inside] ** spread, rtol=1e-9)
        np.testing.assert_allclose(ours["survival_high"][inside], survival[inside] ** (1 / spread), rtol=1e-9)
        share = events / at_risk
        np.testing.assert_allclose(ours["hazard"], share, rtol=1e-14)
        np.testing.assert_allclose(ours["hazard_se"], np.sqrt(share * (1 - share) / at_risk), rtol=1e-12)
        for limit in (ours["hazard_low"], ours["hazard_high"]):  # Wilson's: the roots of this
            np.testing.assert_allclose((limit - share) ** 2, 1.959963984540054 ** 2 * limit * (1 - limit) / at_risk,
                                       rtol=1e-9, atol=1e-15)
        assert (ours["hazard_low"] <= share).all() and (share <= ours["hazard_high"]).all()


@pytest.fixture(scope="module")
def marketless(telco_file, tmp_path_factory):
    """Results without a market: customers are independent, and every figure has a closed form."""
    folder = tmp_path_factory.mktemp("marketless")
    succeed("simulate", REPOSITORY / "configs/telco.toml", "--out", "out", *settings(
        input__customers=str(telco_file), simulation__paths=PATHS, simulation__cashflow=False,
        market__revenue_volatility=0, market__hazard_sensitivity=0), cwd=folder)
    return table(folder / "out/clv.csv"), run_record(folder / "out")["config"]


def truth(source, config, hazard_factor=1.0, months_skipped=0):
    """Mean and standard deviation over paths of every customer's paid months and value, from the data themselves."""
    months = np.arange(1, config["simulation"]["horizon_months"] + 1)
    discount = (1 + config["simulation"]["discount_rate"]) ** (-(months - 0.5) / 12)
    paid_mean, paid_sd, annuity_mean, annuity_sd = (np.empty(len(source)) for _ in range(4))
    for _, group in source.groupby("Contract"):
        _, at_risk, events, _, _ = kaplan_meier(group["tenure"].to_numpy(), (group["Churn"] == "Yes").to_numpy())
        tail = -np.log1p(-events[-12:].sum() / at_risk[-12:].sum())
        hazard = hazard_factor * np.append(-np.log1p(-events / at_risk), np.full(len(months) + months_skipped, tail))
        for tenure, alike in group.groupby("tenure"):
            begin = tenure + months_skipped
            ahead = hazard[begin: begin + len(months) - 1]
            paid = np.exp(-np.append(0.0, np.cumsum(ahead)))  # month t is paid by those who survive t - 1
            exactly = paid - np.append(paid[1:], 0.0)
            for value, mean, sd in ((months, paid_mean, paid_sd), (np.cumsum(discount), annuity_mean, annuity_sd)):
                mean[alike.index] = value @ exactly
                sd[alike.index] = np.sqrt(np.maximum((value - value @ exactly) ** 2 @ exactly, 0))
    margin, retention_cost = (float(config["input"]["defaults"][name]) for name in ("margin", "retention_cost"))
    cash = margin * source["MonthlyCharges"].to_numpy() - retention_cost
    return {"expected_lifetime_months": (paid_mean, paid_sd), "clv_mean": (cash * annuity_mean, cash * annuity_sd)}


def disagreement(figures, source, expected):
    """Customer by customer where enough paths churn and enough do not for a normal mean; all others by contract."""
    found = []
    paid_mean, _ = expected["expected_lifetime_months"]
    horizon = paid_mean.max()
    normal = paid_mean < 0.9 * horizon
    assert normal.sum() > 2000
    for name, (mean, sd) in expected.items():
        error = figures[name].to_numpy() - mean
        se = sd / np.sqrt(PATHS)
        found += [f"{name}: {complaint}" for complaint in complaints(error[normal], se[normal], 0.0)]
        for contract in source["Contract"].unique():
            here = (source["Contract"] == contract).to_numpy()
            pooled = error[here].sum() / np.sqrt((se[here] ** 2).sum())
            if not abs(pooled) < 4:
                found.append(f"{name} of {contract}: pooled z is {pooled:.2f}")
    return found


def test_lifetimes_and_values_follow_the_curve_after_the_tenure(marketless, source):
    figures, config = marketless
    assert disagreement(figures, source, truth(source, config)) == []


@pytest.mark.parametrize("planted", [{"hazard_factor": 1.02}, {"months_skipped": 1}], ids=["hazard", "tenure"])
def test_planted_error_in_the_curve_is_noticed(marketless, source, planted):
    figures, config = marketless
    assert disagreement(figures, source, truth(source, config, **planted)) != []


def test_actions_go_to_whom_they_are_open(telco, source):
    folder = telco
    uplift = table(folder / "out/uplift.csv")
    offered = {action: set(rows["customer_id"]) for action, rows in uplift.groupby("action")}
    still_here = source["Churn"] == "No"
    monthly = source["Contract"] == "Month-to-month"
    assert offered["none"] == set(source["customerID"])
    assert offered["5% discount"] == offered["10% discount"] == set(source.loc[still_here, "customerID"])
    assert offered["call"] == set(source.loc[still_here & monthly, "customerID"])
