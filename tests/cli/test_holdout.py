"""Truth after the fact: what customers were forecast to buy beside what they bought."""

import importlib.util
import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from program import PROGRAM, USAGE, clv, result_bytes, run_record, settings, succeed, table

BANDS = {"0.5": .5, "0.8": .8, "0.9": .9, "0.95": .95}


@pytest.fixture(scope="module")
def online_retail(reference_data, tmp_path_factory):
    file = tmp_path_factory.mktemp("online_retail") / "online_retail.csv"
    with lzma.open(reference_data / "online_retail/online_retail_2010-2011.csv.xz") as packed:
        file.write_bytes(packed.read())
    return file


def held_out(folder, source, schema, day, **more):
    succeed("fit", "--model", "bg_nbd", "--out", "out",
            *settings(input__transactions=str(source), input__schema=schema, fit__spend_model="gamma_gamma",
                      fit__holdout=day, simulation__paths=1000, **more), cwd=folder)
    return json.loads((folder / "out/holdout.json").read_text()), table(folder / "out/holdout.csv")


def check_totals(report, figures):
    for name, of in (("purchases", report), ("spend", report["spend"])):
        total, usual = of["total"], of["total_without_calendar"]
        assert total["actual"] == pytest.approx(figures[f"actual_{name}"].sum())
        assert total["closed_form"] == pytest.approx(figures[f"expected_{name}"].sum())
        # what all spend on a purchase moves with the calendar too, and nothing estimates that: the wider band
        low, high = ("q05", "q95") if name == "purchases" else ("q02_5", "q97_5")
        assert total[low] < total["actual"] < total[high]
        assert not usual["q02_5"] < usual["actual"] < usual["q97_5"]  # what the calendar is there for
        assert usual["q95"] - usual["q05"] < 0.5 * (total["q95"] - total["q05"])
        assert of["crps"] == pytest.approx(figures[f"{name}_crps"].mean())
        # A distribution beside a distribution: the uncertainty of parameters and weeks bring at most some percent.
        assert .95 < of["crps"] / of["crps_closed_form"] < 1.005 and of["crps"] < of["crps_naive"]
        error = of["mean_absolute_error"]
        for rule, of_rule in (("forecast", f"{name}_mean"), ("closed_form", f"expected_{name}"), ("naive", f"naive_{name}")):
            assert error[rule] == pytest.approx((figures[of_rule] - figures[f"actual_{name}"]).abs().mean())
        assert of["crps_closed_form"] < .8 * error["closed_form"]  # a single number, and no fair opponent
        assert of["crps_naive"] == pytest.approx((figures[f"naive_{name}"] - figures[f"actual_{name}"]).abs().mean())
        for level, share in BANDS.items():
            inside = (figures[f"{name}_pit"] - 0.5).abs() <= share / 2
            assert of["coverage"][level] == pytest.approx(inside.mean())


def test_cdnow(reference_data, tmp_path):
    report, figures = held_out(tmp_path, reference_data / "cdnow/CDNOW_master.txt", "cdnow", "1997-09-30")
    assert (report["calibration_end"], report["holdout_end"], report["weeks"]) == ("1997-09-30", "1998-06-30", 39)
    assert len(figures) == report["customers"] == 23570
    # inside the fit the ratio of actual to expected moves with the calendar, as measured with another program
    weeks = json.loads((tmp_path / "out/model.json").read_text())["calendar"]
    actual, expected = np.array(weeks["actual"]), np.array(weeks["expected"])
    blocks = [actual[at:at + 4].sum() / expected[at:at + 4].sum() for at in range(0, 36, 4)]
    assert max(blocks) == pytest.approx(1.20, abs=.03)
    assert blocks[5] == min(blocks) == pytest.approx(.80, abs=.03)  # weeks 21 to 24
    logs = np.log(actual / expected)
    assert logs.std(ddof=1) == pytest.approx(.185, abs=.02)
    assert np.corrcoef(logs[:-1], logs[1:])[0, 1] == pytest.approx(.4, abs=.1)
    # and the next 39 weeks bring 1.168 times what the plain model expects
    assert report["total"]["actual"] / report["total"]["closed_form"] == pytest.approx(1.168, abs=.005)
    check_totals(report, figures)
    for level, share in BANDS.items():
        assert report["coverage"][level] == pytest.approx(share, abs=.03)
    weeks = report["tracking"]
    assert [week["week"] for week in weeks] == list(range(1, 40))
    assert weeks[-1]["actual"] == report["total"]["actual"]
    assert weeks[-1]["q95"] == report["total"]["q95"]
    groups = report["calibration"]
    assert sum(group["customers"] for group in groups) == 23570
    assert [group["frequency"] for group in groups] == list(range(8))
    thrice = figures[figures["frequency"] == 3]
    assert groups[3]["actual"] == pytest.approx(thrice["actual_purchases"].mean())
    assert groups[3]["closed_form"] == pytest.approx(thrice["expected_purchases"].mean())


def test_online_retail(online_retail, tmp_path):
    report, figures = held_out(tmp_path, online_retail, "online_retail", "2011-06-30")
    assert report["customers"] == 2960
    assert report["total"]["actual"] == 6426
    assert report["total"]["actual"] / report["total"]["closed_form"] == pytest.approx(1.140, abs=.005)
    check_totals(report, figures)
    # Customers buy on a rhythm: with the total known for certain, NBD's bands of 50% would hold .529 of them
    for level, share in {**BANDS, "0.5": .529}.items():
        assert report["coverage"][level] == pytest.approx(share, abs=.03)


def rolling_origins():
    file = Path(__file__).parents[2] / "bench/rolling_origins.py"
    spec = importlib.util.spec_from_file_location("rolling_origins", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rolling_origins(reference_data, online_retail):
    origins = rolling_origins()
    rules = origins.judged(PROGRAM, [f"cdnow:{reference_data / 'cdnow/CDNOW_master.txt'}",
                                     f"online_retail:{online_retail}"], print)
    for level in (.8, .9):
        hits, count, score = rules["calendar", level]
        assert count == 20
        assert origins.binomial_p(hits, count, level) > .05
        usual_hits, _, usual_score = rules["all weeks as usual", level]
        assert origins.binomial_p(usual_hits, count, level) < .001  # what the calendar is there for
        assert score < usual_score
        assert score < 0.75 * rules["seasonal naive", level][2]


SMALL = "customer_id,order_date,revenue\n" + "".join(
    f"c{i},2024-{month:02}-{day:02},{10 + i}\n"
    for i in range(40) for month, day in ((1, 1 + i % 28), (2 + i % 5, 3), (9 + i % 3, 4)) if i % 3 or month < 3)


def test_a_repeated_run_gives_the_same_bytes(tmp_path):
    (tmp_path / "t.csv").write_text(SMALL)
    arguments = settings(input__transactions="t.csv", fit__holdout="2024-08-15", simulation__paths=64)
    succeed("fit", "--model", "nbd", "--out", "out", "--threads", "1", *arguments, cwd=tmp_path)
    succeed("fit", "--model", "nbd", "--out", "again", "--threads", "3", *arguments, cwd=tmp_path)
    assert result_bytes(tmp_path / "out") == result_bytes(tmp_path / "again")
    assert run_record(tmp_path / "out")["observation"] == {"first_day": "2024-01-01", "last_day": "2024-08-15"}
    report = json.loads((tmp_path / "out/holdout.json").read_text())
    assert report["spend"] is None  # no spend model was asked for
    assert "actual_spend" not in table(tmp_path / "out/holdout.csv")


def test_without_a_calendar_there_is_nothing_to_compare_it_with(tmp_path):
    (tmp_path / "t.csv").write_text(SMALL)
    succeed("fit", "--model", "nbd", "--out", "out",
            *settings(input__transactions="t.csv", fit__holdout="2024-08-15", simulation__paths=64, fit__calendar=False),
            cwd=tmp_path)
    report = json.loads((tmp_path / "out/holdout.json").read_text())
    assert report["total_without_calendar"] is None
    assert "calendar" not in json.loads((tmp_path / "out/model.json").read_text())
    assert np.isfinite(report["total"]["pit"])


def test_a_saved_calendar_gives_the_same_results(tmp_path):
    (tmp_path / "t.csv").write_text(SMALL)
    succeed("fit", "--model", "nbd", "--out", "model", *settings(input__transactions="t.csv"), cwd=tmp_path)
    shared = {"simulation__paths": 64, "input__model": "model/model.json", "simulation__horizon_months": 6}
    succeed("simulate", "--out", "out", *settings(input__transactions="t.csv", **shared), cwd=tmp_path)
    succeed("simulate", "--out", "summary", *settings(input__summary="model/summary.csv", **shared), cwd=tmp_path)
    assert (tmp_path / "out/clv.csv").read_bytes() == (tmp_path / "summary/clv.csv").read_bytes()
    succeed("simulate", "--out", "off", *settings(input__summary="model/summary.csv", fit__calendar=False, **shared),
            cwd=tmp_path)
    assert (tmp_path / "out/clv.csv").read_bytes() != (tmp_path / "off/clv.csv").read_bytes()


def test_a_day_that_holds_nothing_out_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text(SMALL)
    outcome = clv("fit", "--model", "nbd", "--out", "out",
                  *settings(input__transactions="t.csv", fit__holdout="2025-08-15"), cwd=tmp_path)
    assert (outcome.code, "fit.holdout" in outcome.stderr) == (USAGE, True)
    assert not (tmp_path / "out").exists()
