"""Churn learned from raw attributes: from a file as companies have it to hazards, bands, a plan and its reasons."""

import json

import numpy as np
import pandas as pd
import pytest
from program import DONE, INPUT, MODEL, OUTPUT, REPOSITORY, USAGE, clv, settings, succeed, tree

TELCO = {"input__columns__customer_id": "customerID", "input__columns__monthly_revenue": "MonthlyCharges",
         "input__columns__tenure_months": "tenure", "learn__target_column": "Churn"}
QUICK = {"learn__folds": 3, "learn__bootstraps": 16, "learn__rounds": 60}


def table(path):
    return pd.read_csv(path)


def quality(folder):
    return json.loads((folder / "quality.json").read_text())


def learn(folder, *more, out="out", **keys):
    return clv("learn", "--out", out, *settings(**{**QUICK, **keys}), *more, cwd=folder)


def invented(customers, seed=1, share=0.3):
    """Customers whose churn depends on plan, calls and a blank here and there; the planted probability beside them."""
    rng = np.random.default_rng(seed)
    plan = rng.choice(["basic", "plus", "gold"], customers)
    calls = rng.poisson(1.5, customers).astype(float)
    score = np.where(plan == "basic", 1.0, np.where(plan == "gold", -1.2, 0.0)) + 0.8 * calls - 1.2
    score += np.log(share / (1 - share)) - np.log(np.mean(1 / (1 + np.exp(-score))) / (1 - np.mean(1 / (1 + np.exp(-score)))))
    p = 1 / (1 + np.exp(-score))
    calls[rng.random(customers) < 0.05] = np.nan
    frame = pd.DataFrame({"customer_id": [f"c{i:05}" for i in range(customers)], "plan name": plan, "calls": calls,
                          "monthly_revenue": np.round(rng.uniform(10, 90, customers), 2),
                          "left": np.where(rng.random(customers) < p, "gone", "here")})
    return frame, p


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learn")
    frame, _ = invented(1500)
    frame.to_csv(folder / "customers.csv", index=False)
    return folder


BASE = {"input__customers": "customers.csv", "learn__target_column": "left", "learn__positive": "gone",
        "learn__window_months": 3}


def auc(score, outcome):
    rank = pd.Series(score).rank().to_numpy()
    ones = outcome == 1
    return (rank[ones].sum() - ones.sum() * (ones.sum() + 1) / 2) / (ones.sum() * (~ones).sum())


def test_telco_ten_folds(reference_data, tmp_path):
    """The bars of public comparisons, out of fold (docs/performance.md has those of ordinary tools)."""
    for seed in (1, 2):
        succeed("learn", "--quiet", "--out", f"out{seed}", "--seed", seed,
                *settings(input__customers=str(reference_data / "telco/Telco-Customer-Churn.csv"), learn__folds=10,
                          learn__bootstraps=0, learn__window_months=1, **TELCO), cwd=tmp_path)
        found = quality(tmp_path / f"out{seed}")
        assert found["auc"]["estimate"] >= 0.843
        assert found["brier"]["estimate"] <= 0.137
        assert 0.9 < found["calibration_slope"]["estimate"] < 1.1
        scores = table(tmp_path / f"out{seed}/scores.csv")
        assert auc(scores["probability"], scores["outcome"]) == pytest.approx(found["auc"]["estimate"], abs=1e-9)
        assert sorted(scores["rank"]) == list(range(1, 7044))
        # noise that was seen is not learned again: the drivers are those of the trade
        assert table(tmp_path / f"out{seed}/importance.csv")["column"][0] == "Contract"


def test_the_world_is_learned_as_well_as_it_can_be(tmp_path):
    succeed("generate", "--kind", "subscription", "--customers", 6000, "--out", "world", cwd=tmp_path)
    truth, world = table(tmp_path / "world/truth.csv"), table(tmp_path / "world/customers.csv")
    best = auc(truth["churn_probability"], world["churned"])
    assert 0.92 < best < 0.96
    assert learn(tmp_path, learn__bootstraps=0, input__customers="world/customers.csv", learn__target_column="churned",
                 learn__window_months=3).code == DONE
    found = quality(tmp_path / "out")
    assert abs(found["auc"]["estimate"] - best) < 0.01
    assert 0.9 < found["calibration_slope"]["estimate"] < 1.1
    # nor is the churn that is still to come among the features
    assert "churn_probability" not in table(tmp_path / "out/importance.csv")["column"].tolist()


def test_neither_rows_nor_threads_show(folder, tmp_path):
    frame = pd.read_csv(folder / "customers.csv")
    frame.sample(frac=1, random_state=3).to_csv(tmp_path / "customers.csv", index=False)
    for threads in (1, 2, 7):
        assert learn(folder, "--threads", threads, out=tmp_path / f"threads{threads}", **BASE).code == DONE
    assert learn(tmp_path, out="shuffled", **BASE).code == DONE
    one = tree(tmp_path / "threads1")
    for name in ("learner.json", "quality.json", "importance.csv", "scores.csv"):
        assert one[name] == tree(tmp_path / "threads2")[name] == tree(tmp_path / "threads7")[name]
        if name != "scores.csv":
            assert one[name] == tree(tmp_path / "shuffled")[name]
    rows = [table(tmp_path / f"{name}/scores.csv").sort_values("customer_id").reset_index(drop=True)
            for name in ("threads1", "shuffled")]
    pd.testing.assert_frame_equal(*rows)


# What a first look at a strange file meets: every one is learned from without a word of code.
def strange_files():
    frame, _ = invented(1200, seed=5)
    rare, _ = invented(3000, seed=6, share=0.03)
    rng = np.random.default_rng(7)
    yield "an id and free text", frame.assign(row=range(1, 1201), comment=[f"called on day {i}" for i in range(1200)]), \
        {"row", "comment"}
    yield "constant and blank columns", frame.assign(country="FR", nothing="", zero=0), {"country", "nothing", "zero"}
    yield "names with spaces and commas", frame.rename(columns={"calls": "calls, to \"us\""}), set()
    yield "3 in 97", rare, set()
    yield "many levels", frame.assign(city=[f"town {n}" for n in rng.zipf(1.3, 1200)]), set()
    yield "numbers that are names", frame.assign(code=rng.choice([101, 205, 999], 1200)), set()
    yield "blank outcomes", frame.assign(left=frame["left"].where(rng.random(1200) < 0.7, "")), set()


@pytest.mark.parametrize("name, frame, left_out", list(strange_files()), ids=lambda value: value if isinstance(value, str) else "")
def test_strange_files(tmp_path, name, frame, left_out):
    frame.to_csv(tmp_path / "customers.csv", index=False)
    ended = learn(tmp_path, **BASE)
    assert ended.code == DONE, ended.stderr
    about = table(tmp_path / "out/importance.csv")
    assert set(about["column"][about["left_out"].notna()]) == left_out
    assert quality(tmp_path / "out")["auc"]["estimate"] > 0.65
    scores = table(tmp_path / "out/scores.csv")
    assert scores["probability"].between(0, 1, inclusive="neither").all()
    unknown = (frame["left"] == "").to_numpy()
    assert (scores["fold"].isna() == unknown).all() and (scores["outcome"].isna() == unknown).all()


def test_a_hundred_thousand_levels(tmp_path):
    frame, _ = invented(100_000, seed=8)
    rng = np.random.default_rng(9)
    frame.assign(street=[f"street {n}" for n in rng.permutation(100_000)]).to_csv(tmp_path / "customers.csv", index=False)
    ended = learn(tmp_path, learn__algorithm="logistic", learn__bootstraps=0, **BASE)
    assert ended.code == DONE, ended.stderr
    assert "street" not in table(tmp_path / "out/importance.csv").dropna(subset="importance")["column"].tolist()


def test_a_column_that_tells_is_named_and_left_out(folder, tmp_path):
    frame = pd.read_csv(folder / "customers.csv")
    frame["closing_fee"] = np.where(frame["left"] == "gone", 25.0, 0.0)
    frame.to_csv(tmp_path / "customers.csv", index=False)
    ended = learn(tmp_path, **BASE)
    assert ended.code == DONE
    assert "closing_fee" in ended.stderr and "AUC 1.0000" in ended.stderr
    assert quality(tmp_path / "out")["auc"]["estimate"] < 0.95
    assert learn(tmp_path, out="meant", learn__kinds__closing_fee="number", **BASE).code == DONE
    assert quality(tmp_path / "meant")["auc"]["estimate"] > 0.99


@pytest.mark.parametrize("change, code, said", [
    (lambda frame: frame.assign(left="here"), INPUT, "none of"),
    (lambda frame: frame.assign(left="gone"), INPUT, "all of"),
    (lambda frame: frame.head(3).assign(left=["gone", "here", "here"]), MODEL, "at least 10"),
    (lambda frame: frame.drop(columns="left"), INPUT, "learn.target_column"),
    (lambda frame: frame.assign(left=""), INPUT, "nobody's outcome"),
    (lambda frame: frame[["customer_id", "left"]], INPUT, "no column to learn from"),
], ids=["nobody", "everybody", "three", "no target", "blank target", "no columns"])
def test_what_cannot_be_learned(folder, tmp_path, change, code, said):
    change(pd.read_csv(folder / "customers.csv")).to_csv(tmp_path / "customers.csv", index=False)
    ended = learn(tmp_path, **BASE)
    assert ended.code == code and said in ended.stderr, ended.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("keys, code, said", [
    ({"learn__positive": ""}, INPUT, "learn.positive"),
    ({"learn__bootstraps": 20}, USAGE, "multiple of 16"),
    ({"learn__exclude": ["cals"]}, USAGE, "did you mean 'calls'"),
    ({"learn__kinds__calls": "text"}, USAGE, "category"),
    ({"learn__hazards_from": "tenure"}, INPUT, "tenure_months"),
    ({"learn__target_column": "lefft"}, INPUT, "did you mean 'left'"),
], ids=["two words", "twenty models", "no such column", "no such kind", "no tenure", "no such target"])
def test_settings_that_do_not_go(folder, tmp_path, keys, code, said):
    ended = learn(folder, out=tmp_path / "out", **{**BASE, **keys})
    assert ended.code == code and said in ended.stderr, ended.stderr


def test_a_learner_scores_those_who_come_later(folder, tmp_path):
    assert learn(folder, out=tmp_path / "learned", **BASE).code == DONE
    later, p = invented(800, seed=11)
    later["customer_id"] = "new" + later["customer_id"]
    later.drop(columns="left").to_csv(tmp_path / "later.csv", index=False)
    run = ("simulate", "--quiet", *settings(input__customers="later.csv", input__learner="learned/learner.json",
                                            simulation__paths=400, simulation__horizon_months=12,
                                            simulation__churn_timing="start"))
    succeed(*run, "--out", "out", cwd=tmp_path)
    # a window of three months, spread over its months
    months = table(tmp_path / "out/clv.csv")["expected_lifetime_months"].to_numpy()
    hazard = -np.log1p(-p) / 3
    expected = np.exp(-np.outer(hazard, np.arange(1, 13))).sum(axis=1)
    assert np.corrcoef(months, expected)[0, 1] > 0.9
    assert months.mean() == pytest.approx(expected.mean(), rel=0.08)
    # bands know that the model may be wrong
    learner = json.loads((tmp_path / "learned/learner.json").read_text())
    assert len(learner["churn"]["resamples"]) == 16
    assert learn(folder, out=tmp_path / "sure", **{**BASE, "learn__bootstraps": 0}).code == DONE
    sure = [text.replace("learned/learner", "sure/learner") for text in run]
    succeed(*sure, "--out", "known", cwd=tmp_path)
    wide, narrow = (table(tmp_path / f"{name}/portfolio.csv")["clv_sd"][0] for name in ("out", "known"))
    assert wide > 1.2 * narrow


def test_a_learner_of_other_columns_or_another_format(folder, tmp_path):
    assert learn(folder, out=tmp_path / "learned", **BASE).code == DONE
    frame = pd.read_csv(folder / "customers.csv")
    frame.to_csv(tmp_path / "customers.csv", index=False)
    text = (tmp_path / "learned/learner.json").read_text()
    bad = {"columns.csv": (frame.rename(columns={"calls": "phone calls"}), text, "learner.json"),
           "format": (None, text.replace("clvsim learner 2", "clvsim learner 0"), "format"),
           "version": (None, text.replace('"xgboost": "', '"xgboost": "9'), "XGBoost"),
           "changed": (None, text.replace('"slope": 1', '"slope": 2', 1).replace('"slope": 0.9', '"slope": 1.9', 1),
                       "sha256")}
    for name, (other, changed, said) in bad.items():
        (tmp_path / "bad.json").write_text(changed)
        (other if other is not None else frame).to_csv(tmp_path / "these.csv", index=False)
        ended = clv("simulate", "--quiet", "--out", "out", *settings(input__customers="these.csv",
                                                                    input__learner="bad.json"), cwd=tmp_path)
        assert ended.code == INPUT and said in ended.stderr, (name, ended.stderr)
        assert "learn" in ended.stderr and not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def retention(reference_data, tmp_path_factory):
    """configs/retention.toml on Telco, with nothing said but the file."""
    folder = tmp_path_factory.mktemp("retention")
    succeed("run", REPOSITORY / "configs/retention.toml", "--quiet", "--out", "out",
            *settings(input__customers=str(reference_data / "telco/Telco-Customer-Churn.csv"), simulation__paths=400,
                      **QUICK), cwd=folder)
    return folder


def test_one_command_from_a_raw_file_to_a_plan(retention):
    out = retention / "out"
    results, plan, uplift = (table(out / f"{name}.csv") for name in ("retention_results", "plan", "uplift"))
    assert results.columns.tolist() == ["customer_id", "segment", "churn_probability", "clv_mean", "clv_q05", "clv_q95",
                                        "ev_none", "ev_5% discount", "ev_10% discount", "recommended_action", "reason"]
    assert results["customer_id"].tolist() == plan["customer_id"].tolist()
    assert results["recommended_action"].tolist() == plan["action"].tolist()
    values = uplift.set_index(["customer_id", "action"])["expected_value"]
    here = results[results["ev_5% discount"].notna()]
    for action in ("none", "5% discount", "10% discount"):
        assert here[f"ev_{action}"].to_numpy() == pytest.approx(
            values.loc[list(zip(here["customer_id"], [action] * len(here)))].to_numpy())
    assert (results["clv_q05"] <= results["clv_mean"]).mean() > 0.95
    assert results["reason"].str.contains("churn: ").all()
    gone = table(out / "clv.csv")["churned"] == 1
    assert gone.sum() == 1869 and results["ev_5% discount"].isna().equals(gone)
    # hazards by tenure: who has stayed long leaves seldom, and all together they are what was observed
    clv_months = table(out / "clv.csv")
    assert results["churn_probability"].between(1e-6, 0.6).all()
    assert np.corrcoef(results["churn_probability"], clv_months["expected_lifetime_months"])[0, 1] < -0.7


def test_a_plan_made_again_keeps_its_learner(retention, tmp_path):
    run = ("run", REPOSITORY / "configs/retention.toml", "--out", retention / "out")
    listed = json.loads(succeed(*run, "--dry-run", "--json", *settings(
        input__customers=json.loads((retention / "out/run.json").read_text())["input"]["file"], simulation__paths=400,
        **QUICK), cwd=tmp_path).stdout)
    assert {step["name"]: step["reused"] for step in listed["steps"]} == {"learn": True, "value": True, "plan": False,
                                                                         "report": False}
    before = tree(retention / "out")
    succeed("optimize", "--quiet", "--out", "again", *settings(optimizer__results=str(retention / "out"),
                                                               optimizer__budget=2000), cwd=tmp_path)
    assert tree(tmp_path / "again")["retention_results.csv"] == before["retention_results.csv"]


def test_hazards_by_tenure_are_those_of_kaplan_and_meier_where_attributes_say_nothing(tmp_path):
    rng = np.random.default_rng(3)
    count = 6000
    life = np.ceil(rng.exponential(20, count))
    seen = rng.integers(1, 48, count)
    frame = pd.DataFrame({"customer_id": [f"c{i}" for i in range(count)], "monthly_revenue": 10.0,
                          "tenure_months": np.minimum(life, seen), "churned": (life <= seen).astype(int),
                          "noise": rng.normal(size=count)})
    frame.to_csv(tmp_path / "customers.csv", index=False)
    keys = dict(input__customers="customers.csv", simulation__paths=200, simulation__horizon_months=12)
    succeed("run", "--quiet", "--out", "learned", *settings(learn__target_column="churned", **keys, **QUICK), cwd=tmp_path)
    succeed("run", "--quiet", "--out", "kaplan", *settings(survival__source="kaplan_meier", **keys), cwd=tmp_path)
    learned, observed = (table(tmp_path / f"{name}/portfolio.csv") for name in ("learned", "kaplan"))
    assert learned["clv_mean"][0] == pytest.approx(observed["clv_mean"][0], rel=0.02)


def test_what_cannot_be_written_leaves_nothing(folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/scores.csv").write_text("mine\n")
    ended = learn(folder, out=tmp_path / "out", **BASE)
    assert ended.code == OUTPUT and (tmp_path / "out/scores.csv").read_text() == "mine\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["scores.csv"]
