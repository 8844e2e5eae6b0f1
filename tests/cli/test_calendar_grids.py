"""Purchases on days of a grid, or in a season alone: totals are rate times time, and what was found is said."""

import datetime as dt
import json
import random

import pytest
from program import settings, succeed, table

YEARS = range(2020, 2024)


def steady(folder, days, probability, customers, seed):
    """Everybody buys on the first of the days, and on each later one with one probability."""
    draw = random.Random(seed)
    rows = [f"c{i:03d},{day},{draw.uniform(5, 50):.2f}\n"
            for i in range(customers) for day in days if day == days[0] or draw.random() < probability]
    (folder / "t.csv").write_text("customer_id,order_date,revenue\n" + "".join(rows))


def dates(months, days):
    return [dt.date(year, month, day) for year in YEARS for month in months for day in days]


def simulated(folder, *more, **keys):
    outcome = succeed("simulate", "--out", "out", *more,
                      *settings(input__transactions="t.csv", fit__model="nbd", simulation__discount_rate=0, **keys),
                      cwd=folder)
    expected = table(folder / "out/predictions.csv")["expected_purchases"].sum()
    return outcome, table(folder / "out/portfolio.csv").iloc[0], expected


def cells(folder):
    return json.loads((folder / "out/model.json").read_text())["calendar"]


CASES = {
    "quarterly": (dates((1, 4, 7, 10), [15]), .5, "every 3 months"),
    "25th of a month": (dates(range(1, 13), [25]), .3, "every month, on day 25"),
    "fortnightly": ([dt.date(2022, 1, 3) + dt.timedelta(14 * k) for k in range(52)], .2, "every 2 weeks, on a Monday"),
    "summer": (dates((6, 7, 8), range(1, 29, 3)), .15, "in some weeks only, evenly over a year"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("seed", [1, 2])
def test_totals_are_rate_times_time(tmp_path, case, seed):
    days, probability, found = case
    steady(tmp_path, days, probability, 60, seed)
    outcome, portfolio, expected = simulated(tmp_path)
    assert portfolio["clv_mean"] == pytest.approx(expected, rel=.2)
    assert portfolio["clv_q05"] < expected < portfolio["clv_q95"]
    assert f"purchases come {found}" in outcome.stderr
    assert cells(tmp_path)["rhythm"]["found"].startswith(found)
    assert sum(week > 0 for week in cells(tmp_path)["expected"]) <= len(days)


def test_other_weeks_are_weeks(tmp_path):
    steady(tmp_path, [dt.date(2022, 1, 1) + dt.timedelta(k) for k in range(400)], .02, 60, 1)
    outcome, portfolio, expected = simulated(tmp_path)
    assert portfolio["clv_mean"] == pytest.approx(expected, rel=.2)
    assert "purchases come" not in outcome.stderr and "warning: calendar" not in outcome.stderr
    assert "rhythm" not in cells(tmp_path)


def test_a_saved_rhythm_gives_the_same_results(tmp_path):
    steady(tmp_path, dates((1, 4, 7, 10), [15]), .5, 40, 3)
    simulated(tmp_path, simulation__paths=64)
    succeed("simulate", "--out", "saved", *settings(
        input__summary="out/summary.csv", input__model="out/model.json", simulation__paths=64,
        simulation__discount_rate=0), cwd=tmp_path)
    assert (tmp_path / "out/clv.csv").read_bytes() == (tmp_path / "saved/clv.csv").read_bytes()


def test_a_forecast_that_contradicts_the_closed_form_is_said_to(tmp_path):
    """A trade that fades to a sixteenth of what it was: the model's rate is the average, the calendar knows the end."""
    days = [dt.date(2022, 1, 1) + dt.timedelta(k) for k in range(500)]
    draw = random.Random(2)
    rows = [f"c{i:03d},{day},10\n" for i in range(60) for k, day in enumerate(days)
            if k == 0 or draw.random() < .06 * .9945 ** k]
    (tmp_path / "t.csv").write_text("customer_id,order_date,revenue\n" + "".join(rows))
    outcome, portfolio, expected = simulated(tmp_path, simulation__horizon_months=6)
    assert portfolio["clv_mean"] < .7 * expected
    assert "expected_purchases is at 1" in outcome.stderr
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert any("expected_purchases" in warning for warning in record["warnings"])


def test_a_short_history_on_a_grid_differs_from_rate_times_time(tmp_path):
    """Eight chances after the first date in nine months, which rate times time takes for nine."""
    steady(tmp_path, dates(range(1, 10), [1])[:9], .4, 400, 1)
    outcome, portfolio, expected = simulated(tmp_path, fit__observation_end="2020-09-30", simulation__horizon_months=12)
    assert portfolio["clv_mean"] == pytest.approx(400 * .4 * 12, rel=.1)
    assert expected < .95 * portfolio["clv_mean"]
    assert "expected_purchases is at 1" in outcome.stderr
