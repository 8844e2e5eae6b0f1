"""What customers will spend, learned from transactions: quality, ranks, tiers, and the one command for all of it."""

import json

import numpy as np
import pandas as pd
import pytest
from program import DONE, INPUT, MODEL, REPOSITORY, USAGE, clv, run_record, settings, succeed, tree

QUICK = {"learn__folds": 3, "learn__rounds": 60}
MODELS = {"fit__model": "bg_nbd", "fit__spend_model": "gamma_gamma"}


def table(path):
    return pd.read_csv(path, dtype={"customer_id": str})


def quality(folder):
    return json.loads((folder / "quality.json").read_text())


def learn(folder, *more, out="out", **keys):
    return clv("learn", "--target", "value", "--out", out, *settings(**{**QUICK, **keys}), *more, cwd=folder)


def shop(customers, seed=1):
    """Purchases of two years: rates and amounts differ, some leave."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(customers):
        rate, spend, day = rng.gamma(1.0, 0.04), rng.lognormal(3, 0.7), rng.uniform(0, 360)
        leaves = day + rng.exponential(400)
        while day < min(leaves, 729):
            rows.append((f"c{i:04}", (pd.Timestamp("2022-01-01") + pd.Timedelta(days=int(day))).date(),
                         round(spend * rng.lognormal(0, 0.4), 2)))
            day += 1 + rng.exponential(1 / rate)
    return pd.DataFrame(rows, columns=["customer_id", "order_date", "revenue"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("value")
    shop(500).to_csv(folder / "sales.csv", index=False)
    return folder


BASE = {"input__transactions": "sales.csv", "learn__snapshot": "2023-06-30"}


def test_cdnow_five_folds(reference_data, tmp_path):
    """39 weeks against the next 39 (docs/performance.md has the bars of ordinary tools)."""
    keys = {"input__schema": "cdnow", "input__transactions": str(reference_data / "cdnow/CDNOW_master.txt"),
            "learn__snapshot": "1997-09-30", **MODELS}
    succeed("learn", "--target", "value", "--quiet", "--out", "out", *settings(**keys), cwd=tmp_path)
    found = quality(tmp_path / "out")
    assert found["gini"]["estimate"] >= 0.72
    assert found["spearman"]["estimate"] >= 0.45
    assert abs(found["total_ratio"]["estimate"] - 1) < 0.02
    models = {**found["compared_with"], found["algorithm"]: found}
    assert set(models) == {"naive_rate", "purchase_model", "regression", "boosting", "stack"}
    for score in ("gini", "spearman"):
        stack = models["stack"][score]
        assert all(stack["estimate"] >= other[score]["estimate"] - stack["se"] for other in models.values())
    # the figures of other tools for the same task (REFERENCE: lifetimes' BG/NBD and Gamma-Gamma)
    model = models["purchase_model"]
    assert model["total_ratio"]["estimate"] == pytest.approx(0.827, abs=5e-4)
    assert model["rmse"]["estimate"] == pytest.approx(92.9, abs=0.1)
    assert model["gini"]["estimate"] == pytest.approx(0.672, abs=1e-3)
    assert model["spearman"]["estimate"] == pytest.approx(0.421, abs=1e-3)
    scores = table(tmp_path / "out/scores.csv")
    sales = pd.read_csv(reference_data / "cdnow/CDNOW_master.txt", names=["id", "day", "cds", "dollars"], skiprows=1,
                        sep=r"\s+", dtype={"id": str})
    held_out = sales[sales["day"].astype(int) > 19970930].groupby("id")["dollars"].sum()
    outcome = scores.set_index("customer_id")["outcome"]
    assert np.allclose(outcome, held_out.reindex(outcome.index).fillna(0.0), atol=1e-9)
    within = (scores["outcome"] >= scores["value_q05"]) & (scores["outcome"] <= scores["value_q95"])
    assert 0.9 <= within.mean() < 0.97


def test_nothing_after_the_snapshot_is_known(folder, tmp_path):
    """Other purchases after the snapshot change what is learned, and no feature of anybody."""
    sales = pd.read_csv(folder / "sales.csv", parse_dates=["order_date"])
    after = sales["order_date"] > "2023-06-30"
    assert 200 < after.sum() < len(sales) - 200
    sales.loc[after, "revenue"] = sales.loc[after, "revenue"].sample(frac=1, random_state=1).to_numpy()
    sales.to_csv(tmp_path / "sales.csv", index=False, date_format="%Y-%m-%d")
    for place in (folder, tmp_path):
        succeed("learn", "--target", "value", "--out", tmp_path / place.name, *settings(**QUICK, **BASE), cwd=place)
    mine, other = (table(tmp_path / place.name / "scores.csv") for place in (folder, tmp_path))
    assert not np.allclose(mine["outcome"], other["outcome"])
    drivers = [set(frame["driver_1"].str.replace(r" \([^)]*\)$", "", regex=True)) for frame in (mine, other)]
    values = [{text.rsplit(" ", 1)[0]: set() for text in found} for found in drivers]
    assert set.intersection(*map(set, values))  # the same features, by name and value
    assert mine["customer_id"].tolist() == other["customer_id"].tolist()


def test_bytes_do_not_depend_on_threads_or_rows(folder, tmp_path):
    seen = set()
    for threads in (1, 2, 7):
        succeed("learn", "--target", "value", "--out", tmp_path / f"t{threads}", "--threads", threads,
                *settings(**QUICK, **BASE, **MODELS), cwd=folder)
        seen.add((tmp_path / f"t{threads}/learner.json").read_bytes() + (tmp_path / f"t{threads}/scores.csv").read_bytes())
    assert len(seen) == 1
    pd.read_csv(folder / "sales.csv").sample(frac=1, random_state=2).to_csv(tmp_path / "sales.csv", index=False)
    succeed("learn", "--target", "value", "--out", "mixed", *settings(**QUICK, **BASE, **MODELS), cwd=tmp_path)
    assert (tmp_path / "mixed/learner.json").read_bytes() == (tmp_path / "t1/learner.json").read_bytes()


def test_a_learner_scores_customers_as_they_stand_now(folder, tmp_path):
    succeed("learn", "--target", "value", "--out", tmp_path / "learned", *settings(**QUICK, **BASE, **MODELS), cwd=folder)
    learner = {"input__learner": str(tmp_path / "learned/learner.json")}
    succeed("learn", "--target", "value", "--out", tmp_path / "now",
            *settings(input__transactions="sales.csv", **learner), cwd=folder)
    assert sorted(path.name for path in (tmp_path / "now").iterdir()) == ["run.json", "scores.csv"]
    now = table(tmp_path / "now/scores.csv")
    assert now["outcome"].isna().all() and (now["value"] > 0).all()
    assert sorted(now["rank"]) == list(range(1, len(now) + 1))
    assert (now.sort_values("rank")["value"].diff().dropna() <= 0).all()
    # at the snapshot itself it says what it said of those it was taught by
    sales = pd.read_csv(folder / "sales.csv")
    sales[sales["order_date"] <= "2023-06-30"].to_csv(tmp_path / "past.csv", index=False)
    succeed("learn", "--target", "value", "--out", "then", *settings(
        input__transactions="past.csv", fit__observation_end="2023-06-30", **learner), cwd=tmp_path)
    then = table(tmp_path / "then/scores.csv").set_index("customer_id")["value"]
    taught = table(tmp_path / "learned/scores.csv").set_index("customer_id")["value"]
    assert np.allclose(then.reindex(taught.index), taught, rtol=1e-9)


RUN = """
[learn]
target = "value"
snapshot = 2023-06-30
folds = 3
rounds = 40

[fit]
model = "mbg_nbd"
spend_model = "gamma_gamma"

[simulation]
paths = 200
horizon_months = 12

[segment]
method = "kmeans"
columns = ["clv_mean", "churn_probability", "purchases"]
clusters = 3
logarithms = true
"""
FILES = ["clv_ranked_predictions.csv", "clv_clustered_customers.csv", "clv_cluster_rankings.csv", "segments.csv",
         "segment_rankings.csv", "learner.json", "scores.csv", "quality.json", "importance.csv"]


def test_one_command_from_transactions_to_ranks_tiers_and_segments(folder, tmp_path):
    (tmp_path / "run.toml").write_text(RUN)
    sales = {"input__transactions": str(folder / "sales.csv")}
    succeed("run", "run.toml", "--out", "out", *settings(**sales), cwd=tmp_path)
    out = tmp_path / "out"
    assert all((out / name).exists() for name in FILES)
    ranked, tiers = table(out / "clv_ranked_predictions.csv"), table(out / "clv_clustered_customers.csv")
    assert ranked["rank"].tolist() == list(range(1, 501))
    assert (ranked["predicted_value"].diff().dropna() <= 0).all()
    rankings = table(out / "clv_cluster_rankings.csv")
    assert (rankings["median_value"].diff().dropna() < 0).all()
    groups = tiers.groupby("cluster_rank")["predicted_value"]
    assert np.allclose(groups.median(), rankings["median_value"])
    assert (groups.min().to_numpy()[:-1] > groups.max().to_numpy()[1:]).all()  # stretches
    # the same again, on other threads; a new number of segments simulates nothing anew but who carries the risk
    succeed("run", "run.toml", "--out", "again", "--threads", 1, *settings(**sales), cwd=tmp_path)
    assert all((out / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in FILES)
    more = succeed("run", "run.toml", "--out", "again", *settings(segment__clusters=4, **sales), cwd=tmp_path)
    assert "reused: fit, learn, value" in more.stderr
    succeed("run", "run.toml", "--out", "fresh", *settings(segment__clusters=4, **sales), cwd=tmp_path)
    assert all((tmp_path / "fresh" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
               for name in [*FILES, "results.h5", "clv.csv", "portfolio.csv"])


def test_the_shipped_configuration_runs_on_its_own_world(tmp_path):
    succeed("run", str(REPOSITORY / "configs/value.toml"), "--out", "out",
            *settings(generate__customers=600, learn__folds=3, simulation__paths=100), cwd=tmp_path)
    assert {"transactions.csv", "truth.csv", *FILES} <= {path.name for path in (tmp_path / "out").iterdir()}
    assert [step["name"] for step in run_record(tmp_path / "out")["steps"]] == [
        "generate", "fit", "learn", "rank", "value", "segment", "report"]


BAD = [
    ({"learn__snapshot": None}, USAGE, "learn.snapshot"),
    ({"learn__snapshot": "2030-01-01"}, USAGE, "learn.snapshot"),
    ({"learn__snapshot": "2023-12-29"}, MODEL, "longer window"),
    ({"learn__snapshot": "1999-12-29"}, INPUT, "learn.snapshot"),
    ({"input__transactions": None, "input__customers": "sales.csv"}, USAGE, "input.transactions"),
    ({"input__learner": "sales.csv"}, INPUT, "learner.json"),
    ({"fit__model": "sbg"}, USAGE, "model of contracts"),
]

AGAINST = [
    ({"learn__target": "churn"}, "learn.target"),
    ({"learn__target_column": "left"}, "learn.target_column"),
    ({"segment__method": "kmeans", "segment__value": "clv_mean"}, "segment.value"),
]


@pytest.mark.parametrize("keys, word", AGAINST)
def test_keys_without_effect_are_no_keys_of_a_run(folder, tmp_path, keys, word):
    merged = {"learn__target": "value", **BASE, **MODELS, **keys}
    refused = clv("run", "--out", tmp_path / "out", *settings(**merged), cwd=folder)
    assert refused.code == USAGE and word in refused.stderr


def test_what_is_held_out_is_nobodys_yet(folder, tmp_path):
    """With fit.holdout everything is as of that day: values, segments and what is learned."""
    held = settings(learn__target="value", simulation__paths=40, fit__holdout="2023-09-30", **QUICK, **BASE, **MODELS)
    succeed("run", "--out", tmp_path / "held", *held, cwd=folder)
    sales = pd.read_csv(folder / "sales.csv")
    sales[sales["order_date"] <= "2023-09-30"].to_csv(tmp_path / "sales.csv", index=False)
    cut = settings(learn__target="value", simulation__paths=40, fit__observation_end="2023-09-30", **QUICK, **BASE, **MODELS)
    succeed("run", "--out", "cut", *cut, cwd=tmp_path)
    for name in ("clv_ranked_predictions.csv", "scores.csv", "learner.json"):
        assert (tmp_path / "held" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes()


@pytest.mark.parametrize("keys, code, word", BAD)
def test_bad_input_says_what_to_do_and_leaves_nothing(folder, tmp_path, keys, code, word):
    before = tree(folder)
    merged = {name: value for name, value in {**BASE, **keys}.items() if value is not None}
    refused = learn(folder, out=tmp_path / "out", **merged)
    assert refused.code == code, refused.stderr
    assert word in refused.stderr
    assert not (tmp_path / "out").exists() or tree(tmp_path / "out") == {}
    assert tree(folder) == before


def test_learners_of_the_other_kind_are_told_apart(folder, tmp_path):
    succeed("learn", "--target", "value", "--out", tmp_path / "value", *settings(**QUICK, **BASE), cwd=folder)
    rng = np.random.default_rng(1)
    pd.DataFrame({"customer_id": range(200), "monthly_revenue": 10.0, "calls": rng.poisson(2, 200),
                  "left": rng.integers(0, 2, 200)}).to_csv(tmp_path / "customers.csv", index=False)
    refused = clv("learn", "--out", "out", *settings(input__customers="customers.csv",
                  input__learner=str(tmp_path / "value/learner.json")), cwd=tmp_path)
    assert refused.code == INPUT and "it was learned for value" in refused.stderr
    assert DONE == 0
