"""features.csv and cohorts.csv against pandas on the same transactions."""

import lzma

import numpy as np
import pandas as pd
import pytest
from program import clv, result_bytes, settings, succeed, table, USAGE

WINDOWS = (30, 90, 180)
DAYS_PER_MONTH = 365.25 / 12


def days_of(rows, end):
    """One row per customer and purchase day up to `end`, of columns customer_id, day, revenue."""
    days = rows[rows["day"] <= end].groupby(["customer_id", "day"], as_index=False)["revenue"].sum()
    return days.sort_values(["customer_id", "day"], kind="stable")


def expected_features(rows, end, days_per_unit):
    days = days_of(rows, end)
    by_customer = days.groupby("customer_id")
    first, last = by_customer["day"].min(), by_customer["day"].max()
    gaps = days.assign(gap=by_customer["day"].diff().dt.days / days_per_unit).groupby("customer_id")["gap"]
    frame = pd.DataFrame({"frequency": by_customer.size() - 1,
                          "recency": (last - first).dt.days / days_per_unit,
                          "T": (end - first).dt.days / days_per_unit,
                          "cohort": first.dt.strftime("%Y-%m"),
                          "since_last": (end - last).dt.days / days_per_unit,
                          "tenure_months": (end - first).dt.days / DAYS_PER_MONTH,
                          "revenue": by_customer["revenue"].sum(),
                          "gap_mean": gaps.mean(), "gap_sd": gaps.std(), "gap_cv": gaps.std() / gaps.mean()})
    age = (end - first).dt.days
    ago = (end - days["day"]).dt.days
    for name, column in (("purchases", None), ("revenue", "revenue")):
        for window in WINDOWS:
            def total(chosen):
                of = days[chosen].groupby("customer_id")
                return (of.size() if column is None else of[column].sum()).reindex(frame.index, fill_value=0)
            now, before = total(ago < window), total((ago >= window) & (ago < 2 * window))
            frame[f"{name}_{window}d"], frame[f"{name}_before_{window}d"] = now, before
            trend = (now - before) / (now + before)
            frame[f"{name}_trend_{window}d"] = trend.where((age >= 2 * window) & (now >= 0) & (before >= 0))
    return frame


def expected_cohorts(rows, end):
    days = days_of(rows, end)
    month = days["day"].dt.year * 12 + days["day"].dt.month
    cohort = month.groupby(days["customer_id"]).transform("min")
    days = days.assign(cohort=cohort, month=month - cohort)
    cells = days.groupby(["cohort", "month"]).agg(active=("customer_id", "nunique"), purchases=("day", "size"),
                                                  revenue=("revenue", "sum"))
    sizes = days.groupby("cohort")["customer_id"].nunique()
    last = end.year * 12 + end.month
    every = [(c, m) for c in sizes.index for m in range(last - c + 1)]
    cells = cells.reindex(pd.MultiIndex.from_tuples(every, names=["cohort", "month"]), fill_value=0).reset_index()
    cells["customers"] = sizes[cells["cohort"]].to_numpy()
    cells["cohort"] = [f"{(c - 1) // 12:04}-{(c - 1) % 12 + 1:02}" for c in cells["cohort"]]
    return cells


def read(path):
    return pd.read_csv(path, dtype={"customer_id": str, "cohort": str}, keep_default_na=False, na_values=[""])


def check(folder, rows, end, days_per_unit=7):
    features = read(folder / "features.csv").set_index("customer_id")
    expected = expected_features(rows, end, days_per_unit)
    assert features.index.tolist() == sorted(expected.index)
    expected = expected.loc[features.index]
    assert set(expected.columns) == set(features.columns) - {"monetary_value"}
    for name in expected.columns:
        if name == "cohort":
            assert (features[name] == expected[name]).all()
        else:
            np.testing.assert_allclose(features[name], expected[name].astype(float), rtol=1e-9, atol=1e-8, err_msg=name)
    summary = read(folder / "summary.csv").set_index("customer_id")
    assert features[summary.columns].equals(summary)
    cohorts = read(folder / "cohorts.csv")
    triangle = expected_cohorts(rows, end)
    for name in ("cohort", "month", "customers", "active", "purchases"):
        assert cohorts[name].tolist() == triangle[name].tolist(), name
    np.testing.assert_allclose(cohorts["revenue"], triangle["revenue"], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(cohorts["retention"], triangle["active"] / triangle["customers"], rtol=1e-15)


def test_cdnow_agrees_with_pandas(reference_data, tmp_path):
    file = reference_data / "cdnow/CDNOW_master.txt"
    rows = pd.read_csv(file, sep=r"\s+", skiprows=1, names=["customer_id", "day", "cds", "revenue"],
                       dtype={"customer_id": str, "day": str})
    rows["day"] = pd.to_datetime(rows["day"], format="%Y%m%d")
    for end in ("1998-06-30", "1997-09-15"):
        succeed("fit", "--model", "nbd", "--out", end, *settings(
            input__transactions=str(file), input__schema="cdnow", fit__observation_end=end), cwd=tmp_path)
        check(tmp_path / end, rows, pd.Timestamp(end))
    assert read(tmp_path / "1997-09-15/cohorts.csv").groupby("cohort")["complete"].last().tolist() == [0] * 3
    assert read(tmp_path / "1998-06-30/cohorts.csv")["complete"].all()


def test_online_retail_agrees_with_pandas(reference_data, tmp_path):
    with lzma.open(reference_data / "online_retail/online_retail_2010-2011.csv.xz") as packed:
        (tmp_path / "retail.csv").write_bytes(packed.read())
    raw = pd.read_csv(tmp_path / "retail.csv", dtype=str, keep_default_na=False)
    raw["revenue"] = raw["Quantity"].astype(float) * raw["UnitPrice"].astype(float)
    rows = raw[(raw["CustomerID"] != "") & ~raw["InvoiceNo"].str.startswith("C") & (raw["revenue"] > 0)]
    rows = pd.DataFrame({"customer_id": rows["CustomerID"].str.removesuffix(".0"), "revenue": rows["revenue"],
                         "day": pd.to_datetime(rows["InvoiceDate"]).dt.normalize()})
    succeed("fit", "--model", "nbd", "--out", "model", *settings(
        input__transactions="retail.csv", input__schema="online_retail", fit__time_unit="day"), cwd=tmp_path)
    check(tmp_path / "model", rows, rows["day"].max(), days_per_unit=1)


ROWS = ["a,2024-01-01,5", "a,2024-01-11,7", "a,2024-03-01,1", "b,2024-02-01,2", "b,2024-02-20,3", "c,2024-03-20,4",
        "d,2023-11-03,0.1", "d,2024-03-18,0.2", "d,2024-03-30,0.3"]


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "t.csv").write_text("\n".join(["customer_id,order_date,revenue", *ROWS]) + "\n")
    return tmp_path


def test_the_order_of_rows_does_not_show(shop):
    (shop / "u.csv").write_text("\n".join(["customer_id,order_date,revenue", *reversed(ROWS)]) + "\n")
    for name in ("t", "u"):
        succeed("fit", "--model", "nbd", "--out", name, *settings(input__transactions=f"{name}.csv"), cwd=shop)
    assert result_bytes(shop / "t") == result_bytes(shop / "u")
    assert len(table(shop / "t/features.csv")) == 4


def test_features_can_be_left_out(shop):
    succeed("fit", "--model", "nbd", "--out", "out", *settings(input__transactions="t.csv", fit__features=False), cwd=shop)
    assert not (shop / "out/features.csv").exists()
    assert not (shop / "out/cohorts.csv").exists()


def test_filters_know_the_features(shop):
    def eligible(text):
        actions = f'[{{name="call", cost=1, eligible="{text}"}}]'
        succeed("simulate", "--out", "out", *settings(input__transactions="t.csv", fit__model="nbd", actions=actions,
                                                      simulation__paths=20), cwd=shop)
        uplift = table(shop / "out/uplift.csv")
        return uplift[uplift["action"] == "call"]["customer_id"].tolist()

    assert eligible("purchases_30d >= 1 and revenue_90d < 5") == ["c", "d"]
    assert eligible("cohort == '2024-01'") == ["a"]
    assert eligible("gap_cv > 0.5") == ["a", "d"]
    assert eligible("since_last > 2 and frequency > 1") == ["a"]
    outcome = clv("simulate", "--out", "out", *settings(input__transactions="t.csv", fit__model="nbd", actions=
                                                        '[{name="call", cost=1, eligible="purchases_30 > 1"}]'), cwd=shop)
    assert (outcome.code, "purchases_30d" in outcome.stderr) == (USAGE, True)
