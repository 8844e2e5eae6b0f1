"""Money that is paid back is no purchase."""

import datetime as dt
import random
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
from program import DONE, clv, run_record, settings, succeed, table

CASES = Path(__file__).parent / "cases"


def fitted(folder, name, path, **more):
    succeed("fit", "--model", "nbd", "--out", name,
            *settings(input__transactions=str(path), input__keep_returns=True, **more), cwd=folder)
    return table(folder / name / "summary.csv").set_index("customer_id")


def test_case(tmp_path):
    summary = fitted(tmp_path, "out", CASES / "refunds.csv")
    assert summary.loc["p", ["frequency", "recency", "monetary_value"]].tolist() == [1, 5, 40]
    assert summary.loc["q", ["frequency", "recency", "monetary_value"]].tolist() == [0, 0, 0]
    assert "s" not in summary.index
    outcome = succeed("validate", *settings(input__transactions=str(CASES / "refunds.csv"), input__keep_returns=True),
                      cwd=tmp_path)
    assert "1 id of the file never bought anything and was paid back" in outcome.stderr
    assert "would be accepted" in succeed("validate", *settings(input__summary="out/summary.csv"), cwd=tmp_path).stderr
    features = table(tmp_path / "out/features.csv").set_index("customer_id")
    assert features.loc[["p", "q"], "revenue"].tolist() == [60, 0]
    assert features.loc["p", "since_last"] == pytest.approx(summary.loc["p", "T"] - 5)
    cohorts = table(tmp_path / "out/cohorts.csv")
    assert cohorts["revenue"].sum() == features["revenue"].sum()


@pytest.mark.parametrize("back, level", [(4, "note: "), (6, "warning: ")])
def test_what_values_do_not_know_is_said(tmp_path, back, level):
    """Of 100 that purchases brought; what is paid back on the day of a purchase makes that smaller."""
    (tmp_path / "t.csv").write_text("customer_id,order_date,revenue\n"
                                    "a,2023-01-02,55\na,2023-01-02,-5\na,2023-02-06,20\na,2023-03-06,-1\n"
                                    f"b,2023-01-09,30\nb,2023-02-10,-{back - 1}\n")
    common = settings(input__transactions="t.csv", input__keep_returns=True)
    fit = succeed("fit", "--model", "nbd", "--out", "out", *common, cwd=tmp_path)
    for outcome in (succeed("validate", *common, cwd=tmp_path), fit):
        line = next(line for line in outcome.stderr.splitlines() if "was paid back" in line)
        assert line.startswith(f"{level}{back}.00 was paid back on days without a purchase, {back}% of what purchases")
        assert "values, forecasts and what is held out are not" in line
        assert ("input.defaults.margin" in line) == (level == "warning: ")
    assert any("was paid back" in text for text in run_record(tmp_path / "out").get("warnings", ())) == (back > 5)


def rows_of(seed):
    """Transactions with many refunds, some of them before anything is bought, and days without revenue."""
    r = random.Random(seed)
    amounts = [0, .1, .2, .3, -.3, -.1, 7, -7, 12.5, -40]
    return [(f"c{r.randrange(25):02d}", dt.date(2023, 1, 1) + dt.timedelta(r.randrange(120)), r.choice(amounts))
            for _ in range(250)]


def expected(rows):
    """By the definition: days that money was paid back on need a positive sum, in whole cents."""
    days = defaultdict(lambda: defaultdict(list))
    for customer, day, amount in rows:
        days[customer][day].append(round(100 * amount))
    end = max(day for _, day, _ in rows)
    summary = {}
    for customer, of in days.items():
        bought = sorted(day for day, cents in of.items() if min(cents) >= 0 or sum(cents) > 0)
        if bought:
            spend = [sum(of[day]) / 100 for day in bought[1:]]
            summary[customer] = (len(spend), (bought[-1] - bought[0]).days, (end - bought[0]).days,
                                 sum(spend) / len(spend) if spend else 0, sum(sum(cents) for cents in of.values()) / 100)
    return summary


@pytest.mark.parametrize("seed", range(12))
def test_a_summary_reads_back(tmp_path, seed):
    rows = rows_of(seed)
    pd.DataFrame(rows, columns=["customer_id", "order_date", "revenue"]).to_csv(tmp_path / "t.csv", index=False)
    summary = fitted(tmp_path, "out", "t.csv", fit__time_unit="day")
    want = expected(rows)
    assert set(summary.index) == set(want)
    features = table(tmp_path / "out/features.csv").set_index("customer_id")
    for customer, (frequency, recency, age, spend, revenue) in want.items():
        row = summary.loc[customer]
        assert (row["frequency"], row["recency"], row["T"]) == (frequency, recency, age)
        assert row["monetary_value"] == pytest.approx(spend, abs=1e-12)
        assert features.loc[customer, "revenue"] == pytest.approx(revenue, abs=1e-9)
    assert table(tmp_path / "out/cohorts.csv")["revenue"].sum() == pytest.approx(features["revenue"].sum(), abs=1e-8)
    again = clv("fit", "--model", "nbd", "--out", "again",
                *settings(input__summary="out/summary.csv", fit__time_unit="day"), cwd=tmp_path)
    assert again.code == DONE, again.stderr
    assert (tmp_path / "again/summary.csv").read_bytes() == (tmp_path / "out/summary.csv").read_bytes()


def test_without_the_key_nothing_changes(tmp_path):
    succeed("fit", "--model", "nbd", "--out", "out", *settings(input__transactions=str(CASES / "refunds.csv")),
            cwd=tmp_path)
    summary = table(tmp_path / "out/summary.csv").set_index("customer_id")
    assert "s" not in summary.index and summary.loc["q", "frequency"] == 0
