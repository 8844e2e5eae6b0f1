"""Lifecycle stages, tiers, risk and actions by rules alone: every number of a customer recomputed by hand."""

import lzma

import numpy as np
import pandas as pd
import pytest
from program import INPUT, REPOSITORY, USAGE, clv, run_record, settings, succeed, tree

RULES = (REPOSITORY / "configs/rules/retail.toml").read_text()


def table(path):
    return pd.read_csv(path, dtype={"customer_id": str}, keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def retail(reference_data, tmp_path_factory):
    """Online Retail as its companies have it, judged by the rules that come with the program."""
    folder = tmp_path_factory.mktemp("retail")
    with lzma.open(reference_data / "online_retail/online_retail_2010-2011.csv.xz") as packed:
        (folder / "retail.csv").write_bytes(packed.read())
    succeed("run", str(REPOSITORY / "configs/lifecycle.toml"), "--out", "out",
            *settings(input__transactions="retail.csv"), cwd=folder)
    return folder


def by_hand(folder, customer, until):
    """What can be counted of one customer's rows."""
    rows = pd.read_csv(folder / "retail.csv", dtype={"CustomerID": str, "InvoiceNo": str}, encoding="latin-1")
    rows = rows[rows["CustomerID"].str.replace(".0", "", regex=False) == customer]
    rows = rows[~rows["InvoiceNo"].str.startswith("C")]
    rows["revenue"] = rows["Quantity"] * rows["UnitPrice"]
    rows = rows[rows["revenue"] != 0]
    rows["day"] = pd.to_datetime(rows["InvoiceDate"]).dt.normalize()
    days = rows[rows["day"] <= until].groupby("day")["revenue"].sum()
    ago = (until - days.index).days
    last, before = ago < 90, (ago >= 90) & (ago < 180)
    gap = np.diff(days.index).astype("timedelta64[D]").astype(int).mean()
    trend = lambda now, then: (now - then) / (now + then)  # noqa: E731
    return {"since": ago.min(), "tenure": ago.max(), "purchases": len(days), "revenue": days.sum(), "gap": gap,
            "purchases_trend": trend(last.sum(), before.sum()), "revenue_trend": trend(days[last].sum(), days[before].sum())}


def test_every_number_of_a_customer_is_the_rules_own(retail):
    found = table(retail / "out/lifecycle.csv").set_index("customer_id")
    seen = 0
    for customer in ("12348", "12359", "12395"):
        row, known = found.loc[customer], by_hand(retail, customer, pd.Timestamp("2011-12-09"))
        stage = ("active" if known["since"] <= 60 else "cooling" if known["since"] <= 120 else
                 "dormant" if known["since"] <= 240 else "lost")
        assert row["stage"] == stage and known["purchases"] > 2 and known["tenure"] > 180
        signals = [np.clip((known["since"] / known["gap"] - 1) / 3, 0, 1), np.clip(-known["purchases_trend"], 0, 1),
                   np.clip(-known["revenue_trend"], 0, 1)]
        assert row[["signal_silence", "signal_falling_frequency", "signal_falling_spend"]].tolist() == pytest.approx(signals)
        score = 100 * np.dot(signals, [3, 2, 1]) / 6
        assert row["score"] == pytest.approx(score)
        assert row["level"] == ("high" if score >= 65 else "medium" if score >= 35 else "low")
        if row["action"] == "voucher":
            seen += 1
            assert row["tier"] != "bronze" and stage == "cooling"
            assert row["cost"] == 5 and row["benefit"] == pytest.approx(0.03 * known["revenue"])
            assert row["roi"] == pytest.approx((row["benefit"] - 5) / 5)
            assert f"3% of {known['revenue']:.0f} so far" in row["reason"]
    assert seen >= 1
    # tiers by the share of customers with less
    assert found["tier"].value_counts(normalize=True).round(3).to_dict() == {"bronze": 0.6, "silver": 0.3, "gold": 0.1}


def test_who_went_where(retail):
    now = table(retail / "out/lifecycle.csv").set_index("customer_id")["stage"]
    succeed("run", str(REPOSITORY / "configs/lifecycle.toml"), "--out", "then",
            *settings(input__transactions="retail.csv", fit__observation_end="2011-09-09", rules__before="2011-06-09"),
            cwd=retail)
    then = table(retail / "then/lifecycle.csv").set_index("customer_id")["stage"]
    both = then.index.intersection(now.index)
    assert len(both) == len(then) > 3000
    expected = pd.crosstab(then[both], now[both]).stack()
    moved = table(retail / "out/migration.csv").set_index(["from", "to"])
    for (before, after), count in expected.items():
        assert moved.loc[(before, after), "customers"] == count
    assert moved["customers"].sum() == len(both)
    assert moved.groupby("from")["share"].sum().tolist() == pytest.approx([1] * 5)


def test_the_same_bytes_again_and_in_any_order(retail, tmp_path):
    lines = (retail / "retail.csv").read_bytes().splitlines(keepends=True)
    rows = [lines[0], *np.random.default_rng(1).permutation(np.array(lines[1:], dtype=object))]
    (tmp_path / "retail.csv").write_bytes(b"".join(line if line.endswith(b"\n") else line + b"\n" for line in rows))
    succeed("run", str(REPOSITORY / "configs/lifecycle.toml"), "--out", "out", "--threads", 1,
            *settings(input__transactions="retail.csv"), cwd=tmp_path)
    for name in ("lifecycle.csv", "migration.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (retail / "out" / name).read_bytes()


@pytest.fixture
def shop(tmp_path):
    rng = np.random.default_rng(2)
    rows = [(f"c{i:03}", f"2023-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}", round(float(rng.lognormal(3, 1)), 2))
            for i in range(80) for _ in range(rng.integers(1, 9))]
    pd.DataFrame(rows, columns=["customer_id", "order_date", "revenue"]).to_csv(tmp_path / "sales.csv", index=False)
    (tmp_path / "rules.toml").write_text(RULES)
    return tmp_path


KEYS = {"input__transactions": "sales.csv", "rules__file": "rules.toml"}


def test_a_rerun_reuses_and_a_changed_rule_runs(shop):
    (shop / "run.toml").write_text("")
    again = lambda: succeed("run", "run.toml", "--out", "out", *settings(**KEYS), cwd=shop)  # noqa: E731
    again()
    first = (shop / "out/lifecycle.csv").read_bytes()
    assert "reused: rules" in again().stderr
    assert (shop / "out/lifecycle.csv").read_bytes() == first
    assert {step["name"]: step["reused"] for step in run_record(shop / "out")["steps"]} == {"rules": True, "report": False}
    (shop / "rules.toml").write_text(RULES.replace("since_last_days <= 60 and", "since_last_days <= 59.5 and").replace(
        "since_last_days > 60", "since_last_days > 59.5"))
    assert "reused" not in again().stderr


def test_validate_says_what_stages_leave_open(shop):
    assert "stages" not in succeed("validate", *settings(**KEYS), cwd=shop).stderr
    (shop / "rules.toml").write_text(RULES.replace("since_last_days > 60 and", "since_last_days > 61 and").replace(
        "since_last_days > 240", "since_last_days > 230"))
    said = succeed("validate", *settings(**KEYS), cwd=shop).stderr
    assert "stages dormant and lost both hold where" in said and "no stage holds where" in said


BAD = [
    ("since_last_days > 240", "since_last_day > 240", "did you mean 'since_last_days'?"),
    ("since_last_days > 240", "since_last_days > 'long'", "stage lost"),
    ("since_last_days > 240", "since_last_days > 100", "both hold for customer"),
    ("since_last_days > 240", "since_last_days > 9000", "no stage holds for customer"),
    ("from_percentile = 0.9", "from_percentile = 1.9", "rules.toml:"),
    ("weight = 3.0", "weight = -3.0", "weight"),
    ("weight = 3.0", "wait = 3.0", "signals.wait (rules.toml:"),
    ('column = "since_last_in_gaps"', 'column = "cohort"', "cohort"),
    ("[[levels]]", "[[level]]", 'rules have no "level"'),
    ("zero_at = 1.0", "zero_at = \"one\"", "zero_at"),
]


@pytest.mark.parametrize("old, new, word", BAD)
def test_bad_rules_say_what_and_where(shop, old, new, word):
    assert old in RULES
    (shop / "rules.toml").write_text(RULES.replace(old, new))
    before = tree(shop)
    refused = clv("run", "--out", "out", *settings(**KEYS), cwd=shop)
    assert refused.code == USAGE, refused.stderr
    assert word in refused.stderr
    assert tree(shop) == before


def test_a_file_that_is_not_there(shop):
    refused = clv("run", "--out", "out", *settings(**{**KEYS, "rules__file": "nothing.toml"}), cwd=shop)
    assert refused.code in (USAGE, INPUT) and "nothing.toml" in refused.stderr


def test_rules_beside_values_and_not_of_customers(shop):
    """With a model of purchases customers are valued too; a file of customers has no purchases to judge."""
    models = settings(fit__model="mbg_nbd", fit__spend_model="gamma_gamma", simulation__paths=50, **KEYS)
    succeed("run", "--out", "both", *models, cwd=shop)
    succeed("run", "--out", "rules", *settings(**KEYS), cwd=shop)
    assert (shop / "both/lifecycle.csv").read_bytes() == (shop / "rules/lifecycle.csv").read_bytes()
    assert (shop / "both/clv.csv").exists()
    (shop / "customers.csv").write_text("customer_id,monthly_revenue,churn_probability\na,1,0.1\n")
    for more in ({"rules__file": "rules.toml"}, {"learn__target": "value"}):
        refused = clv("run", "--out", "out", *settings(input__customers="customers.csv", **more), cwd=shop)
        assert refused.code == USAGE and "input.transactions" in refused.stderr
