"""observed_from_months: customers who are in the file because they were still there when observation began."""

import json
import math
import random

import numpy as np
import pytest
from program import DONE, INPUT, clv, run_record, settings, succeed, table

WINDOW = 12  # months of observation
HAZARD = 0.05


def history(seed, count=1500, months=60, growth=0.0, chance=HAZARD):
    """(tenure, churned, tenure when the last WINDOW months began; None: had left by then), of customers who joined
    evenly over `months`, or ever more of them."""
    draw, found = random.Random(seed), []
    for _ in range(count):
        share = draw.random()
        ago = share * months if growth == 0 else -math.log(1 - share * (1 - math.exp(-growth * months))) / growth
        joined = math.ceil(ago)
        leaves = 1
        while draw.random() >= chance and leaves <= months:
            leaves += 1
        gone = leaves <= joined
        begun = max(0, joined - WINDOW)
        seen = not gone or leaves > begun
        found.append((leaves if gone else joined, int(gone), begun if seen else None))
    return found


def write(path, rows, entry=True):
    lines = ["customer_id,monthly_revenue,tenure_months,churned" + (",observed_from_months" if entry else "")]
    lines += [f"c{i},1,{tenure},{gone}" + (f",{begun}" if entry else "") for i, (tenure, gone, begun) in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n")


def estimate(folder, file, source="kaplan_meier", **more):
    outcome = succeed("simulate", "--out", "out", *settings(input__customers=file, survival__source=source,
                      simulation__paths=16, **more), cwd=folder)
    return table(folder / "out/survival.csv").set_index("month"), outcome.stderr


def product_limit(rows):
    """By the definition, customer by customer: [month] at risk, churned."""
    at_risk, churned = np.zeros(100, int), np.zeros(100, int)
    for tenure, gone, begun in rows:
        at_risk[math.ceil(begun) + 1:math.floor(tenure) + 1] += 1
        churned[tenure] += gone and math.ceil(begun) < tenure
    return at_risk, churned


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("truncation")
    seen = [row for row in history(1) if row[2] is not None]
    write(folder / "with.csv", seen)
    write(folder / "without.csv", seen, entry=False)
    return folder


def test_survival_is_that_of_the_truth(folder):
    with_entry, warnings = estimate(folder, "with.csv")
    truth = (1 - HAZARD) ** 12
    assert abs(with_entry["survival"][12] - truth) < 4 * with_entry["survival_se"][12]
    assert "observed_from_months" not in warnings
    without, warnings = estimate(folder, "without.csv")
    assert without["survival"][12] > truth + 10 * without["survival_se"][12]
    assert "observed_from_months" in warnings
    assert any("observed_from_months" in warning for warning in run_record(folder / "out")["warnings"])
    complete = [(tenure, gone, 0) for tenure, gone, _ in history(1)]
    write(folder / "complete.csv", complete, entry=False)
    assert "observed_from_months" not in estimate(folder, "complete.csv")[1]


def test_counts_are_of_delayed_entry(folder):
    curve, _ = estimate(folder, "with.csv")
    seen = [row for row in history(1) if row[2] is not None]
    at_risk, churned = product_limit(seen)
    months = curve.index.to_numpy()
    assert curve["at_risk"].tolist() == at_risk[months].tolist()
    assert curve["churned"].tolist() == churned[months].tolist()
    share = churned[months] / at_risk[months]
    np.testing.assert_allclose(curve["hazard"], share, rtol=1e-14)
    np.testing.assert_allclose(curve["survival"], np.cumprod(1 - share), rtol=1e-12)
    greenwood = np.sqrt(np.cumsum(churned[months] / (at_risk[months] * (at_risk[months] - churned[months]))))
    np.testing.assert_allclose(curve["survival_se"], curve["survival"] * greenwood, rtol=1e-9, atol=1e-15)


def test_no_entry_is_entry_at_nought(folder):
    rows = [(tenure, gone, 0) for tenure, gone, _ in history(2, 200)]
    write(folder / "nought.csv", rows)
    write(folder / "absent.csv", rows, entry=False)
    texts = []
    for file in ("nought.csv", "absent.csv"):
        estimate(folder, file)
        texts.append([(folder / "out" / name).read_bytes() for name in ("survival.csv", "clv.csv", "portfolio.csv")])
    assert texts[0] == texts[1]


def test_standard_errors_hold_over_many_worlds():
    """Mean z^2 of the product limit and of Greenwood's error, as the program computes them (counts above)."""
    squares, plain = [], []
    for seed in range(200):
        seen = [row for row in history(100 + seed, 800) if row[2] is not None]
        for rows, of in ((seen, squares), ([(t, gone, 0) for t, gone, _ in seen], plain)):
            at_risk, churned = product_limit(rows)
            n, d = at_risk[1:13], churned[1:13]
            survival = np.prod(1 - d / n)
            error = survival * np.sqrt((d / (n * (n - d))).sum())
            of.append(((survival - (1 - HAZARD) ** 12) / error) ** 2)
    assert abs(np.mean(squares) - 1) < 4 * math.sqrt(2 / 200)
    assert np.mean(plain) > 50


def test_contracts_are_fitted_on_what_was_seen(folder):
    """sBG by conditional likelihood: a file of the last five periods tells what the whole history tells."""
    draw, whole = random.Random(5), []
    for _ in range(6000):
        churn, ago, leaves = draw.betavariate(1.2, 5), draw.randint(1, 12), 1
        while draw.random() >= churn and leaves <= 12:
            leaves += 1
        gone = leaves <= ago
        begun = max(0, ago - 5)
        whole.append((leaves if gone else ago, int(gone), begun if not gone or leaves > begun else None))
    seen = [row for row in whole if row[2] is not None]
    write(folder / "sbg.csv", seen)
    write(folder / "cut.csv", seen, entry=False)
    fits = {}
    for file in ("sbg.csv", "cut.csv"):
        succeed("fit", "--out", "fit", *settings(input__customers=file, fit__model="sbg"), cwd=folder)
        fits[file] = json.loads((folder / "fit/model.json").read_text())["contract"]["segments"][0]
        simulated, _ = estimate(folder, file, source="sbg")
        assert simulated["fitted_survival"][1] == pytest.approx(
            fits[file]["parameters"]["beta"] / sum(fits[file]["parameters"].values()), rel=1e-6)
    fit = fits["sbg.csv"]
    assert fit["customers"] == len(seen)
    for name, truth in (("alpha", 1.2), ("beta", 5.0)):
        assert abs(fit["parameters"][name] - truth) < 4 * fit["standard_errors"][name]
    retained = [fits[file]["parameters"]["beta"] / sum(fits[file]["parameters"].values()) for file in fits]
    assert retained[1] > retained[0] + 0.03


def test_renewals_due_after_observation_began_are_seen(folder):
    """Yearly contracts: who was observed from month 5 on is up for the first renewal."""
    write(folder / "yearly.csv", [(17, 0, 5), (24, 1, 12), (24, 1, 13), (36, 0, 0)])
    curve, _ = estimate(folder, "yearly.csv", source="sbg", survival__period_months=12)
    assert curve["at_risk"].tolist() == [2, 3, 1]
    assert curve["churned"].tolist() == [0, 2, 0]


@pytest.mark.parametrize("cell, problem", [("-1", "[0, 12000]"), ("7", "above tenure_months"), ("soon", "number"),
                                           ("12001", "[0, 12000]")])
def test_faults_are_located(tmp_path, cell, problem):
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,tenure_months,churned,observed_from_months\n"
                                    f"a,1,6,0,2\nb,1,6,1,{cell}\n")
    outcome = clv("simulate", "--out", "out", *settings(input__customers="c.csv", survival__source="kaplan_meier"),
                  cwd=tmp_path)
    assert outcome.code == INPUT
    assert "line 3" in outcome.stderr and "observed_from_months" in outcome.stderr and problem in outcome.stderr


def test_columns_and_defaults_are_as_for_every_column(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,tenure_months,churned,since\n" + "".join(
        f"c{i},1,{6 + i % 5},{i % 2},{i % 3 + 2 if i % 4 else ''}\n" for i in range(60)))
    common = {"survival__source": "kaplan_meier", "simulation__paths": 16, "input__customers": "c.csv"}
    succeed("simulate", "--out", "columns", *settings(input__columns__observed_from_months="since", **common),
            cwd=tmp_path)
    assert table(tmp_path / "columns/survival.csv")["at_risk"][0] == 15  # a blank is 0
    succeed("simulate", "--out", "defaults", *settings(input__defaults__observed_from_months=3, **common),
            cwd=tmp_path)
    assert table(tmp_path / "defaults/survival.csv")["at_risk"].tolist()[:5] == [0, 0, 0, 60, 60]
    refused = clv("simulate", "--out", "no", *settings(input__defaults__observed_from_months=9, **common),
                  cwd=tmp_path)
    assert refused.code == INPUT and "input.defaults.observed_from_months" in refused.stderr


def test_months_that_cannot_speak_for_themselves(tmp_path):
    """Nobody at risk in month 1, all of those in month 3 left although others came later: said, and no certain end."""
    rows = [(3, 1, 1), (3, 1, 2)] + [(30, 0, 3 + i % 4) for i in range(40)] + [(9, 1, 4)] * 6
    write(tmp_path / "c.csv", rows)
    curve, warnings = estimate(tmp_path, "c.csv")
    assert curve["at_risk"].tolist()[:4] == [0, 1, 2, 10]
    assert "2 of 30 periods" in warnings
    assert np.isnan(curve["hazard"][1]) and curve["hazard"][3] == 1
    assert (curve["survival"] > 0).all() and curve["survival"].is_monotonic_decreasing
    assert curve["survival"][1] == pytest.approx(1 - 8 / sum(curve["at_risk"].tolist()[:12]), rel=1e-12)
    assert curve["survival"][3] / curve["survival"][2] == pytest.approx(
        1 - 8 / sum(curve["at_risk"].tolist()[2:14]), rel=1e-12)


def test_false_alarms_are_rare(tmp_path):
    """Complete files of steady business, hazards of every kind: no warning; one that lacks its early leavers has one."""
    alarms = 0
    for seed in range(25):
        chance = (0.01, 0.03, 0.05, 0.1, 0.2)[seed % 5]
        rows = [(tenure, gone, 0) for tenure, gone, _ in history(seed, 700, months=72, chance=chance)]
        write(tmp_path / "c.csv", rows, entry=False)
        alarms += "observed_from_months" in estimate(tmp_path, "c.csv")[1]
    assert alarms == 0
    for seed in range(5):
        write(tmp_path / "c.csv", [row for row in history(seed, 2500) if row[2] is not None], entry=False)
        assert "observed_from_months" in estimate(tmp_path, "c.csv")[1]
    early = [row for row in history(3, 2000) if row[0] > 6]  # all who had left in the first six months are missing
    write(tmp_path / "c.csv", early, entry=False)
    assert "nobody left in the first 6 months" in estimate(tmp_path, "c.csv")[1]
    outcome = clv("fit", "--out", "fit", *settings(input__customers="c.csv", fit__model="bdw"), cwd=tmp_path)
    assert outcome.code == DONE and "observed_from_months" in outcome.stderr
