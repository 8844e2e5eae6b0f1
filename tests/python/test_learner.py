"""Churn learned from a data frame, in the way of a data scientist."""

import clvsim
import numpy as np
import pandas as pd
import pytest

QUICK = {"learn.folds": 3, "learn.bootstraps": 16, "learn.rounds": 40}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(2)
    count = 900
    plan = rng.choice(["basic", "plus", "gold"], count)
    calls = rng.poisson(1.5, count)
    p = 1 / (1 + np.exp(1.0 - 0.9 * calls - np.where(plan == "basic", 1.0, 0.0)))
    return pd.DataFrame({"plan": plan, "calls": calls, "noise": rng.normal(size=count),
                         "left": np.where(rng.random(count) < p, "yes", "no")},
                        index=pd.Index([f"c{i}" for i in range(count)], name="account"))


@pytest.fixture(scope="module")
def learner(frame):
    return clvsim.learn(frame, target="left", set=QUICK)


def test_it_knows_how_good_it_is(learner, frame):
    assert 0.65 < learner.quality["auc"]["low"] < learner.quality["auc"]["high"] < 0.95
    assert learner.columns[:2] in (["calls", "plan"], ["plan", "calls"])
    assert "AUC" in repr(learner) and "900 customers" in repr(learner)


def test_who_was_learned_from_is_scored_by_a_model_that_has_not_seen_them(learner, frame):
    again = learner.predict(frame)
    assert again.index.equals(frame.index)
    assert again.to_numpy() == pytest.approx(learner.scores["probability"].to_numpy(), abs=0)
    new = learner.predict(frame.rename(index=lambda name: "new" + name))
    assert not np.allclose(new, again)  # the mean of all folds
    assert np.corrcoef(new, again)[0, 1] > 0.9


def test_contributions_are_on_the_same_index_and_columns(learner, frame):
    some = frame.head(20).drop(columns="left")
    found = learner.contributions(some)
    assert found.index.equals(some.index) and sorted(found.columns) == ["calls", "noise", "plan"]
    assert found["calls"].groupby(some["calls"]).mean().is_monotonic_increasing


def test_saved_and_loaded_it_says_the_same(learner, frame, tmp_path):
    loaded = clvsim.Learner.load(learner.save(tmp_path / "kept"))
    assert loaded.predict(frame).equals(learner.predict(frame)) and loaded.quality == learner.quality
    with pytest.raises(clvsim.InputError, match="holds results"):
        learner.save(tmp_path / "kept")
    results = clvsim.simulate({"simulation": {"paths": 64, "horizon_months": 6}}, quiet=True,
                              customers=frame.rename_axis("customer_id").reset_index().assign(monthly_revenue=10.0),
                              set={"input.learner": str(loaded.file)})
    assert len(results.table("clv")) == len(frame)


def test_what_cannot_be_learned_says_why(frame):
    with pytest.raises(clvsim.InputError, match="learn.target_column"):
        clvsim.learn(frame, target="lost", set=QUICK)
    with pytest.raises(clvsim.InputError, match="nothing to tell apart"):
        clvsim.learn(frame.assign(left="no"), target="left", set=QUICK)
