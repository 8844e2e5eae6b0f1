"""IBM's Telco customers, from the company's own file to results."""

import os
import subprocess

import numpy as np
import pandas as pd
import pytest
from program import DONE, PROGRAM, REPOSITORY, environment, run_record, table

PATHS = 500


@pytest.fixture(scope="module")
def telco_file(reference_data):
    return reference_data / "telco/Telco-Customer-Churn.csv"


@pytest.fixture(scope="module")
def telco(telco_file, tmp_path_factory):
    """Folder with the results in out/, and the peak memory of the run in MB."""
    folder = tmp_path_factory.mktemp("telco")
    arguments = ["run", REPOSITORY / "configs/telco.toml", "--out", "out", "--set", f"input.customers={telco_file}",
                 "--set", f"simulation.paths={PATHS}"]
    with open(folder / "stderr.txt", "wb") as stderr:
        process = subprocess.Popen([str(PROGRAM), *map(str, arguments)], cwd=folder, env=environment(),
                                   stdout=subprocess.DEVNULL, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == DONE, (folder / "stderr.txt").read_text()
    return folder, usage.ru_maxrss * 1024 / 1e6


@pytest.fixture(scope="module")
def source(telco_file):
    return pd.read_csv(telco_file, keep_default_na=False)


def test_every_customer_has_results(telco, source):
    folder, _ = telco
    assert len(source) == 7043
    assert (source["TotalCharges"].str.strip() == "").sum() == 11
    figures = table(folder / "out/clv.csv")
    assert figures["customer_id"].tolist() == source["customerID"].tolist()
    assert np.isfinite(figures.drop(columns=["customer_id", "segment"])).all(axis=None)
    assert figures["segment"].tolist() == source["Contract"].tolist()
    assert figures["churned"].tolist() == (source["Churn"] == "Yes").astype(int).tolist()
    assert run_record(folder / "out")["input"]["rows_rejected"] == 0


def test_memory(telco):
    _, peak_mb = telco
    assert peak_mb < 500


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
    folder, _ = telco
    estimates = table(folder / "out/survival.csv")
    assert list(estimates.columns) == ["segment", "month", "at_risk", "churned", "survival", "survival_se",
                                       "survival_low", "survival_high"]
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


def test_lifetimes_follow_the_curve_after_the_tenure(telco, source):
    """Mean paid months of the customers of one contract and tenure, against sums of conditional survival."""
    folder, _ = telco
    config = run_record(folder / "out")["config"]
    horizon = config["simulation"]["horizon_months"]
    figures = table(folder / "out/clv.csv")
    curves = table(folder / "out/survival.csv")
    checked = 0
    for contract, curve in curves.groupby("segment"):
        survival = np.concatenate([[1.0], curve["survival"]])
        for tenure in (1, 6, 12, 24, 30):
            if tenure + horizon > len(survival):
                continue
            here = ((source["Contract"] == contract) & (source["tenure"] == tenure)).to_numpy()
            if here.sum() < 5:
                continue
            expected = (survival[tenure: tenure + horizon] / survival[tenure]).sum()
            lifetimes = figures["expected_lifetime_months"][here]
            # Jensen: exp(-s F - s^2 t / 24) keeps the mean hazard, so survival is at least that of the curve.
            assert expected * 0.99 < lifetimes.mean() < expected * 1.05
            checked += 1
    assert checked > 5


def test_actions_go_to_whom_they_are_open(telco, source):
    folder, _ = telco
    uplift = table(folder / "out/uplift.csv")
    offered = {action: set(rows["customer_id"]) for action, rows in uplift.groupby("action")}
    still_here = source["Churn"] == "No"
    monthly = source["Contract"] == "Month-to-month"
    assert offered["none"] == set(source["customerID"])
    assert offered["5% discount"] == offered["10% discount"] == set(source.loc[still_here, "customerID"])
    assert offered["call"] == set(source.loc[still_here & monthly, "customerID"])
