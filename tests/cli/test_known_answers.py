"""Closed forms through the command line: the shifted beta geometric risk oracle and step-function distributions."""

import numpy as np
import pytest
from program import settings, succeed, table

ALPHA, BETA, PERIODS, RATE = 0.668, 3.806, 10, 0.1
CUSTOMERS, PATHS = 3, 400_000  # so many that 1 - S(2) = .2531 stays above .25 by 4.5 standard errors

# 100 paid at the start of each period while alive, at most 10 payments, 10% a period (Fader and Hardie's High End
# segment). Exact by enumeration of the ten outcomes.
MEAN, SD = 460.468989, 228.246580
QUANTILES = {"clv_q05": 100.0, "clv_q25": 190.909, "clv_q50": 535.526, "clv_q75": 675.902, "clv_q95": 675.902}
CVAR_10 = 100.0

ORACLE = settings(simulation__discount_rate=(1 + RATE) ** 12 - 1, simulation__discount_timing="start",
                  simulation__churn_timing="end", simulation__horizon_months=PERIODS, simulation__paths=PATHS,
                  simulation__cvar_level=0.10)


def survival():
    """S(t) = S(t-1) (beta + t - 1) / (alpha + beta + t - 1)."""
    months = np.arange(1, PERIODS + 1)
    return np.cumprod((BETA + months - 1) / (ALPHA + BETA + months - 1))


def test_the_constants_themselves():
    alive = np.concatenate([[1.0], survival()[: PERIODS - 1]])
    values = np.cumsum(100 * (1 + RATE) ** -np.arange(PERIODS, dtype=float))
    probability = np.append(alive[:-1] - alive[1:], alive[-1])
    mean = values @ probability
    assert mean == pytest.approx(MEAN, abs=5e-7)
    assert np.sqrt((values - mean) ** 2 @ probability) == pytest.approx(SD, abs=5e-7)
    cumulative = np.cumsum(probability)
    for level, expected in zip((0.05, 0.25, 0.5, 0.75, 0.95), QUANTILES.values()):
        assert values[np.searchsorted(cumulative, level)] == pytest.approx(expected, abs=5e-4)
    assert cumulative[0] > 0.10  # so that the worst tenth is one value


def assert_oracle(results):
    figures = table(results / "clv.csv")
    assert len(figures) == CUSTOMERS
    z = (figures["clv_mean"] - MEAN) / (SD / np.sqrt(PATHS))
    assert np.abs(z).max() < 4
    assert abs(z.sum() / np.sqrt(CUSTOMERS)) < 4
    # sd of a sample variance: from the fourth moment, which for this bounded distribution is below that of a normal.
    np.testing.assert_allclose(figures["clv_sd"], SD, rtol=4 / np.sqrt(2 * PATHS))
    for name, expected in QUANTILES.items():
        np.testing.assert_allclose(figures[name], expected, rtol=0, atol=5e-4)
    np.testing.assert_allclose(figures["clv_cvar10"], CVAR_10, atol=1e-6)
    assert (figures["prob_loss"] == 0).all()
    lifetime = 1 + survival()[: PERIODS - 1].sum()
    np.testing.assert_allclose(figures["expected_lifetime_months"], lifetime, rtol=0.01)


def test_risk_oracle_from_survival_columns(tmp_path):
    curve = ",".join(repr(float(share)) for share in survival())
    header = "customer_id,monthly_revenue," + ",".join(f"survival_{month}" for month in range(1, PERIODS + 1))
    rows = [f"C{i},100,{curve}" for i in range(CUSTOMERS)]
    (tmp_path / "c.csv").write_text("\n".join([header, *rows]) + "\n")
    succeed("simulate", "--out", "out", *settings(input__customers="c.csv"), *ORACLE, cwd=tmp_path)
    assert_oracle(tmp_path / "out")


def test_risk_oracle_from_sbg_parameters(tmp_path):
    rows = [f"C{i},100" for i in range(CUSTOMERS)]
    (tmp_path / "c.csv").write_text("\n".join(["customer_id,monthly_revenue", *rows]) + "\n")
    succeed("simulate", "--out", "out", *settings(input__customers="c.csv", survival__source="sbg",
            survival__alpha=ALPHA, survival__beta=BETA), *ORACLE, cwd=tmp_path)
    assert_oracle(tmp_path / "out")


def test_risk_oracle_from_a_file_of_segment_curves(tmp_path):
    curve = ",".join(repr(float(share)) for share in survival())
    header = "segment," + ",".join(f"survival_{month}" for month in range(1, PERIODS + 1))
    (tmp_path / "curves.csv").write_text(f"{header}\nhigh,{curve}\n")
    rows = [f"C{i},100,high" for i in range(CUSTOMERS)]
    (tmp_path / "c.csv").write_text("\n".join(["customer_id,monthly_revenue,segment", *rows]) + "\n")
    succeed("simulate", "--out", "out", *settings(input__customers="c.csv", survival__source="curve",
            survival__curves="curves.csv"), *ORACLE, cwd=tmp_path)
    assert_oracle(tmp_path / "out")


@pytest.mark.parametrize("wrong", [settings(survival__alpha=2 * ALPHA), settings(simulation__churn_timing="start"),
                                   settings(simulation__discount_timing="mid")],
                         ids=["hazard doubled", "churn start", "discount mid"])
def test_risk_oracle_notices_a_planted_error(tmp_path, wrong):
    rows = [f"C{i},100" for i in range(CUSTOMERS)]
    (tmp_path / "c.csv").write_text("\n".join(["customer_id,monthly_revenue", *rows]) + "\n")
    succeed("simulate", "--out", "out", *settings(input__customers="c.csv", survival__source="sbg",
            survival__alpha=ALPHA, survival__beta=BETA), *ORACLE, *wrong, cwd=tmp_path)
    with pytest.raises(AssertionError):
        assert_oracle(tmp_path / "out")


@pytest.mark.parametrize(("churn", "timing", "payments"), [(0, "end", 12), (0, "start", 12), (1, "end", 1),
                                                           (1, "start", 0)])
def test_certain_futures(tmp_path, churn, timing, payments):
    """Without churn everything is paid, with certain churn the first month or nothing; acquisition is paid today."""
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability,margin,retention_cost,"
                                    f"acquisition_cost\nA,100,{churn},0.5,20,7\n")
    succeed("simulate", "--out", "out", *settings(input__customers="c.csv", simulation__horizon_months=12,
            simulation__paths=64, simulation__churn_timing=timing, simulation__discount_rate=0.21), cwd=tmp_path)
    months = np.arange(1, payments + 1)
    expected = (30 * 1.21 ** (-(months - 0.5) / 12)).sum() - 7
    row = table(tmp_path / "out/clv.csv").iloc[0]
    for name in ("clv_mean", "clv_q05", "clv_q50", "clv_q95", "clv_cvar05"):
        assert row[name] == pytest.approx(expected, rel=1e-6)
    assert row["clv_sd"] == pytest.approx(0, abs=1e-4)
    assert row["expected_lifetime_months"] == payments
    assert row["prob_loss"] == (1.0 if expected < 0 else 0.0)


def test_discounting_at_zero_counts_months(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability\nA,1,0.05\n")
    succeed("simulate", "--out", "out", *settings(input__customers="c.csv", simulation__discount_rate=0), cwd=tmp_path)
    row = table(tmp_path / "out/clv.csv").iloc[0]
    assert row["clv_mean"] == pytest.approx(row["expected_lifetime_months"], rel=1e-6)
    quantiles = row[["clv_q05", "clv_q25", "clv_q50", "clv_q75", "clv_q95"]].to_numpy(float)
    churn_month = np.ceil(np.log1p(-np.array([0.05, 0.25, 0.5, 0.75, 0.95])) / np.log1p(-0.05))
    np.testing.assert_allclose(quantiles, np.minimum(churn_month, 36), atol=1e-4)
