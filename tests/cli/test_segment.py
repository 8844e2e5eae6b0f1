"""Segments of customers: planted ones are found, risk adds up, RFM beside them."""

import json

import numpy as np
import pandas as pd
import pytest
from program import INPUT, USAGE, clv, settings, succeed, tree


def table(path):
    return pd.read_csv(path, dtype={"customer_id": str})


def adjusted_rand(a, b):
    counts = pd.crosstab(pd.Series(a), pd.Series(b)).to_numpy().astype(float)
    pairs = lambda n: n * (n - 1) / 2  # noqa: E731
    both, rows, columns, all_pairs = (pairs(counts).sum(), pairs(counts.sum(1)).sum(), pairs(counts.sum(0)).sum(),
                                      pairs(counts.sum()))
    chance = rows * columns / all_pairs
    return (both - chance) / ((rows + columns) / 2 - chance)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    succeed("generate", "--kind", "subscription", "--customers", 20000, "--out", "world", cwd=folder)
    return folder / "world"


PLANTED = {"segment__columns": '["monthly_charges", "retention_cost", "monthly_revenue"]', "segment__logarithms": "true",
           "customers__churned": "include"}


def test_planted_segments_are_found(world, tmp_path):
    """Three, which the silhouette has to find as well."""
    succeed("segment", "--out", "out", *settings(input__customers=str(world / "customers.csv"), **PLANTED), cwd=tmp_path)
    truth, found = table(world / "truth.csv"), table(tmp_path / "out/segments.csv")
    assert found["customer_id"].tolist() == truth["customer_id"].tolist()
    assert found["segment"].nunique() == 3
    assert adjusted_rand(found["segment"], truth["segment"]) >= 0.9
    rankings = table(tmp_path / "out/segment_rankings.csv")
    assert rankings["customers"].sum() == 20000
    assert rankings["share_of_value"].sum() == pytest.approx(1)
    assert (rankings["median_value"].diff().dropna() < 0).all()
    groups = found.groupby("segment_rank")["value"]
    assert np.allclose(groups.median(), rankings["median_value"])


def test_threads_and_rows_do_not_show(world, tmp_path):
    frame = pd.read_csv(world / "customers.csv").head(3000)
    frame.to_csv(tmp_path / "customers.csv", index=False)
    frame.sample(frac=1, random_state=1).to_csv(tmp_path / "mixed.csv", index=False)
    for threads in (1, 2, 7):
        succeed("segment", "--out", f"t{threads}", "--threads", threads,
                *settings(input__customers="customers.csv", **PLANTED), cwd=tmp_path)
        for name in ("segments.csv", "segment_rankings.csv"):
            assert (tmp_path / f"t{threads}" / name).read_bytes() == (tmp_path / "t1" / name).read_bytes()
    succeed("segment", "--out", "other", *settings(input__customers="mixed.csv", **PLANTED), cwd=tmp_path)
    ordered = table(tmp_path / "other/segments.csv").sort_values("customer_id").reset_index(drop=True)
    pd.testing.assert_frame_equal(ordered, table(tmp_path / "t1/segments.csv"))
    assert (tmp_path / "other/segment_rankings.csv").read_bytes() == (tmp_path / "t1/segment_rankings.csv").read_bytes()


RUN = """
[simulation]
paths = 1000
horizon_months = 24

[market]
revenue_volatility = 0.2
hazard_sensitivity = 0.3

[segment]
method = "kmeans"
columns = ["clv_mean", "churn_probability", "monthly_charges"]
"""


def test_a_run_says_who_carries_the_risk(world, tmp_path):
    pd.read_csv(world / "customers.csv").head(2000).to_csv(tmp_path / "customers.csv", index=False)
    (tmp_path / "run.toml").write_text(RUN)
    succeed("run", "run.toml", "--out", "out", *settings(input__customers="customers.csv"), cwd=tmp_path)
    found, values = table(tmp_path / "out/segments.csv"), table(tmp_path / "out/clv.csv")
    portfolio = table(tmp_path / "out/portfolio.csv").iloc[0]
    here = values[values["churned"] == 0]
    assert found["customer_id"].tolist() == here["customer_id"].tolist()  # those who have left are no segment's
    assert 0 < len(found) < len(values)
    assert found["cvar_contribution"].sum() == pytest.approx(portfolio["clv_cvar05"], rel=1e-9)
    assert found["risk_share"].sum() == pytest.approx(1, abs=1e-9)
    assert np.allclose(found["value"], here["clv_mean"])
    assert np.allclose(found["cvar"], here["clv_cvar05"])
    rankings = table(tmp_path / "out/segment_rankings.csv")
    assert rankings["cvar_contribution"].sum() == pytest.approx(portfolio["clv_cvar05"], rel=1e-9)
    # values that stand already are not simulated again for other segments, and these are those of a fresh run
    succeed("run", "run.toml", "--out", "out", *settings(input__customers="customers.csv", segment__clusters=5), cwd=tmp_path)
    succeed("run", "run.toml", "--out", "fresh", *settings(input__customers="customers.csv", segment__clusters=5), cwd=tmp_path)
    for name in ("segments.csv", "segment_rankings.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes()


def test_rfm_of_transactions(tmp_path):
    rng = np.random.default_rng(3)
    rows = [(f"c{i:03}", pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(day)), round(float(rng.lognormal(3, 1)), 2))
            for i in range(200) for day in rng.integers(0, 365, 1 + rng.poisson(4))]
    sales = pd.DataFrame(rows, columns=["customer_id", "order_date", "revenue"])
    sales.to_csv(tmp_path / "sales.csv", index=False, date_format="%Y-%m-%d")
    succeed("segment", "--out", "out", *settings(input__transactions="sales.csv", segment__clusters=4), cwd=tmp_path)
    found = table(tmp_path / "out/segments.csv").set_index("customer_id")
    daily = sales.groupby(["customer_id", "order_date"], as_index=False)["revenue"].sum()
    groups = daily.groupby("customer_id")
    score = lambda values: 1 + (5 * (values.rank(method="min") - 1) // len(values))  # noqa: E731
    assert (found["frequency_score"] == score(groups.size()).reindex(found.index)).all()
    assert (found["money_score"] == score(groups["revenue"].sum().round(9)).reindex(found.index)).all()
    assert (found["recency_score"] == score(groups["order_date"].max()).reindex(found.index)).all()
    assert np.allclose(found["value"], groups["revenue"].sum().reindex(found.index))
    assert found["rfm_segment"].isin(["Champions", "Loyal", "Lost", "At Risk", "Hibernating", "Potential Loyalist",
                                      "New Customers", "Promising", "Need Attention", "About to Sleep",
                                      "Can't Lose Them"]).all()


def test_scores_of_a_learner_are_segmented(tmp_path):
    """scores.csv and clv.csv are customers as good as any: value and churn are found by their names."""
    rng = np.random.default_rng(5)
    pd.DataFrame({"customer_id": [f"c{i}" for i in range(300)], "clv_mean": rng.lognormal(4, 1, 300),
                  "probability": rng.beta(1, 9, 300)}).to_csv(tmp_path / "scores.csv", index=False)
    said = succeed("segment", "--out", "out", "--json", *settings(input__customers="scores.csv", segment__clusters=4),
                   cwd=tmp_path)
    found = json.loads(said.stdout)
    assert len(found["segments"]) == 4 and 0 < found["silhouette"] < 1
    assert "churn" in table(tmp_path / "out/segments.csv")


def test_who_has_left_is_in_no_segment(world, tmp_path):
    frame = pd.read_csv(world / "customers.csv").head(400)
    frame.to_csv(tmp_path / "customers.csv", index=False)
    said = succeed("segment", "--out", "out", *settings(input__customers="customers.csv"), cwd=tmp_path)
    found = table(tmp_path / "out/segments.csv")
    assert found["customer_id"].tolist() == frame.loc[frame["churned"] == 0, "customer_id"].tolist()
    assert "customers who have left are in no segment" in said.stderr


def test_words_for_what_is_missing_are_no_texts_and_few_customers_no_error(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id,clv_mean,calls\na,10,1\nb,20,NaN\nc,30,N/A\nd,40,?\ne,50,5\n")
    said = succeed("segment", "--out", "out", *settings(input__customers="customers.csv", segment__columns='["calls"]'),
                   cwd=tmp_path)
    assert "3 of 5 customers have no calls: they count with its median, 3" in said.stderr
    (tmp_path / "same.csv").write_text("customer_id,clv_mean\na,-10\nb,-10\nc,-10\n")
    for method in ("kmeans", "value"):
        said = succeed("segment", "--out", method, *settings(input__customers="same.csv", segment__method=method), cwd=tmp_path)
        assert "they are one segment" in said.stderr and "nan" not in said.stdout
        assert len(table(tmp_path / method / "segment_rankings.csv")) == 1


BAD = [
    ({"segment__columns": '["tenure_months", "tenure_months"]'}, USAGE, "twice"),
    ({"segment__method": "value", "segment__columns": '["tenure_months"]'}, USAGE, "leave one of them out"),
    ({"segment__columns": '["nothing"]'}, USAGE, "segment.columns"),
    ({"segment__columns": '["contract"]'}, USAGE, "has texts"),
    ({"segment__value": "nothing"}, USAGE, "segment.value"),
    ({"segment__clusters": 0}, USAGE, "segment.clusters"),
    ({"input__customers": "three.csv", "segment__clusters": 4}, INPUT, "segment.clusters"),
    ({"input__customers": "blank.csv", "segment__columns": '["score"]'}, INPUT, "score"),
    ({"input__customers": "missing.csv"}, INPUT, "missing.csv"),
]


@pytest.mark.parametrize("keys, code, word", BAD)
def test_bad_input_says_what_to_do_and_leaves_nothing(world, tmp_path, keys, code, word):
    pd.read_csv(world / "customers.csv").head(300).to_csv(tmp_path / "customers.csv", index=False)
    pd.DataFrame({"customer_id": [1, 2, 3], "monthly_revenue": [1, 2, 3]}).to_csv(tmp_path / "three.csv", index=False)
    pd.DataFrame({"customer_id": [1, 2, 3], "monthly_revenue": [1, 2, 3], "score": [None] * 3}).to_csv(
        tmp_path / "blank.csv", index=False)
    before = tree(tmp_path)
    refused = clv("segment", "--out", "out", *settings(**{"input__customers": "customers.csv", **keys}), cwd=tmp_path)
    assert refused.code == code, refused.stderr
    assert word in refused.stderr
    assert tree(tmp_path) == before
