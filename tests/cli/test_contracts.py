"""Customers with a contract: cohort tables to models of renewal, and from these to hazards."""

import json

import numpy as np
import pytest
from program import INPUT, USAGE, clv, result_bytes, run_record, settings, succeed, table

COHORT = "period,customers\n" + "".join(f"{t},{n}\n" for t, n in enumerate([1000, 869, 743, 653, 593, 551, 517, 491]))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cohort.csv").write_text(COHORT)
    (tmp_path / "customers.csv").write_text("customer_id,monthly_revenue,tenure_months\nA,100,0\nB,100,0\nC,100,60\n")
    return tmp_path


def fit(folder, model="sbg", out="model", **more):
    return clv("fit", "--model", model, "--out", out, *settings(input__summary="cohort.csv", **more), cwd=folder)


@pytest.mark.parametrize("model, expected, log_likelihood", [
    ("sbg", {"alpha": .668088, "beta": 3.806096}, -1611.158147),
    ("bdw", {"alpha": .214253, "beta": 1.426575, "c": 1.723565}, -1605.314213)])
def test_a_cohort_table_is_fitted(folder, model, expected, log_likelihood):
    outcome = fit(folder, model, survival__period_months=12, simulation__horizon_months=120)
    assert outcome.code == 0, outcome.stderr
    assert f"{model} fitted on 1,000 customers" in outcome.stdout
    contract = json.loads((folder / "model/model.json").read_text())["contract"]
    assert (contract["model"], contract["period_months"]) == (model, 12)
    [segment] = contract["segments"]
    assert segment["parameters"] == pytest.approx(expected, rel=1e-5)
    assert all(0 < error < 3 for error in segment["standard_errors"].values())
    assert segment["log_likelihood"] == pytest.approx(log_likelihood, abs=1e-6)
    assert segment["aic"] == pytest.approx(2 * len(expected) - 2 * log_likelihood, abs=1e-5)
    assert segment["status"] == "converged"
    curve = table(folder / "model/survival.csv")
    assert curve["month"].tolist() == list(range(12, 121, 12))
    np.testing.assert_allclose(curve["survival"].iloc[:7], [.869, .743, .653, .593, .551, .517, .491], rtol=1e-14)
    assert curve["survival"].iloc[7:].isna().all()
    assert np.abs(curve["fitted_survival"] - curve["survival"]).max() < .02
    assert (np.diff(curve["fitted_survival"]) < 0).all()
    before = np.concatenate([[1.0], curve["fitted_survival"][:-1]])
    np.testing.assert_allclose(curve["fitted_hazard"], 1 - curve["fitted_survival"] / before, rtol=1e-12)
    if model == "sbg":
        by_formula = expected["alpha"] / (expected["alpha"] + expected["beta"] + np.arange(len(curve)))
        np.testing.assert_allclose(curve["fitted_hazard"], by_formula, rtol=1e-4)
    assert curve["hazard"].iloc[:7].between(0, 1).all() and curve["hazard"].iloc[7:].isna().all()


def test_segments_and_customers_give_the_same_counts(folder):
    rows = ["segment,period,customers"]
    customers = ["customer_id,tenure_months,churned,segment"]
    for segment, survivors in {"x": [40, 30, 20, 18], "y": [60, 55, 52, 50]}.items():
        rows += [f"{segment},{t},{n}" for t, n in enumerate(survivors)]
        for t, (before, after) in enumerate(zip(survivors, survivors[1:]), start=1):
            customers += [f"{segment}{t}-{i},{t},1,{segment}" for i in range(before - after)]
        customers += [f"{segment}-{i},3,0,{segment}" for i in range(survivors[-1])]
    (folder / "cohort.csv").write_text("\n".join(rows) + "\n")
    (folder / "base.csv").write_text("\n".join(customers) + "\n")
    assert fit(folder).code == 0
    succeed("fit", "--model", "sbg", "--out", "customers", *settings(input__customers="base.csv"), cwd=folder)
    assert (folder / "model/model.json").read_bytes() == (folder / "customers/model.json").read_bytes()
    assert len(json.loads((folder / "model/model.json").read_text())["contract"]["segments"]) == 2


@pytest.mark.parametrize("model", ["sbg", "bdw"])
def test_the_model_drives_the_hazards(folder, model):
    """Lifetimes of new and of old customers are the sums of the fitted curve."""
    assert fit(folder, model, simulation__horizon_months=120).code == 0
    succeed("simulate", "--out", "out", *settings(input__customers="customers.csv", input__model="model/model.json",
            simulation__horizon_months=24, simulation__paths=40000), cwd=folder)
    alive = np.concatenate([[1.0], table(folder / "model/survival.csv")["fitted_survival"]])
    expected = [alive[:24].sum(), alive[:24].sum(), alive[60:84].sum() / alive[60]]
    lifetimes = table(folder / "out/clv.csv")["expected_lifetime_months"]
    np.testing.assert_allclose(lifetimes, expected, atol=4 * 12 / np.sqrt(40000))
    assert abs(lifetimes[2] - lifetimes[0]) > 1  # a planted error: tenure not counted
    assert run_record(folder / "out")["config"]["input"]["model"].endswith("model.json")


def test_a_saved_model_repeats_the_bytes_of_the_same_parameters(folder):
    """survival.source = "sbg" with the parameters of the file is the same run."""
    assert fit(folder).code == 0
    parameters = json.loads((folder / "model/model.json").read_text())["contract"]["segments"][0]["parameters"]
    common = settings(input__customers="customers.csv", simulation__paths=200)
    succeed("simulate", "--out", "a", *common, *settings(input__model="model/model.json"), cwd=folder)
    succeed("simulate", "--out", "b", *common, *settings(survival__source="sbg", survival__alpha=parameters["alpha"],
                                                         survival__beta=parameters["beta"]), cwd=folder)
    assert (folder / "a/clv.csv").read_bytes() == (folder / "b/clv.csv").read_bytes()
    succeed("run", "a/run.json", "--out", "again", cwd=folder)
    assert result_bytes(folder / "a") == result_bytes(folder / "again")
    validated = succeed("validate", *settings(input__customers="customers.csv", input__model="model/model.json"),
                        cwd=folder)
    assert "would be accepted" in validated.stderr


def test_what_the_model_leaves_unused_is_said(folder):
    """A column or curves that nobody has chosen against; the source, once named, ends the warning."""
    assert fit(folder).code == 0
    (folder / "customers.csv").write_text("customer_id,monthly_revenue,churn_probability,segment\nA,10,0.3,x\nB,10,0.1,x\n")
    (folder / "curves.csv").write_text("segment,survival_1,survival_2\nx,0.9,0.8\n")
    common = settings(input__customers="customers.csv", simulation__paths=50, simulation__horizon_months=2)
    model, curves = settings(input__model="model/model.json"), settings(survival__curves="curves.csv")
    unused = "is not used (customers.csv): {} says how customers churn; survival.source = "
    for given, warnings in [(model, {"churn_probability": "input.model"}),
                            (curves, {"churn_probability": "survival.curves"}),
                            (model + curves, {"churn_probability": "input.model", "survival.curves": "input.model"}),
                            (model + settings(survival__source="model"), {}),
                            (model + curves + settings(survival__source="curve"), {}),
                            (model + settings(survival__source="churn_probability"), {})]:
        simulated = succeed("simulate", "--out", "out", *common, *given, cwd=folder)
        validated = succeed("validate", *common, *given, cwd=folder)
        for outcome in (simulated, validated):
            assert outcome.stderr.count("is not used") == len(warnings), outcome.stderr
            for name, source in warnings.items():
                assert f"warning: {name} {unused.format(source)}" in outcome.stderr
        assert len(run_record(folder / "out").get("warnings", ())) == len(warnings)


def test_curves_of_segments_need_no_other_column(folder):
    (folder / "customers.csv").write_text("customer_id,monthly_revenue,segment\nA,10,x\n")
    (folder / "curves.csv").write_text("segment,survival_1,survival_2\nx,0.9,0.8\n")
    succeed("simulate", "--out", "out", *settings(input__customers="customers.csv", survival__curves="curves.csv",
            simulation__horizon_months=2, simulation__paths=50), cwd=folder)


def test_the_published_tables(folder, reference_data):
    wide = reference_data / "sbg/fader_hardie_2007_survivors.csv"
    succeed("fit", "--model", "sbg", "--out", "wide", *settings(input__summary=str(wide), input__columns__period="year"),
            cwd=folder)
    segments = json.loads((folder / "wide/model.json").read_text())["contract"]["segments"]
    assert [segment["segment"] for segment in segments] == ["highend", "regular"]
    rows = reference_data / "sbg/sbg_paper_rebuilt.csv"
    succeed("fit", "--model", "sbg", "--out", "rows", *settings(input__summary=str(rows), input__segment_by="cohorts"),
            cwd=folder)
    highend, regular = json.loads((folder / "rows/model.json").read_text())["contract"]["segments"]
    assert highend["log_likelihood"] == pytest.approx(-1611.158147, abs=1e-6)
    assert regular["log_likelihood"] == pytest.approx(-1680.265188, abs=1e-6)
    assert regular["parameters"] == pytest.approx({"alpha": .704077, "beta": 1.182043}, abs=1e-6)


def test_bad_requests_say_what_to_do(folder):
    outcome = fit(folder, input__customers="customers.csv")
    assert (outcome.code, "one input" in outcome.stderr) == (USAGE, True)
    outcome = fit(folder, fit__spend_model="gamma_gamma")
    assert (outcome.code, "fit.spend_model" in outcome.stderr) == (USAGE, True)
    outcome = clv("simulate", "--out", "out", *settings(input__summary="cohort.csv", fit__model="sbg"), cwd=folder)
    assert outcome.code in (USAGE, INPUT)
    outcome = clv("simulate", "--out", "out", *settings(input__customers="customers.csv", fit__model="bdw"), cwd=folder)
    assert (outcome.code, "input.model" in outcome.stderr) == (USAGE, True)
    outcome = fit(folder, "sgb")
    assert (outcome.code, "give one of" in outcome.stderr, "bdw" in outcome.stderr) == (USAGE, True, True)
    (folder / "cohort.csv").write_text(COHORT + "8,600\n")
    outcome = fit(folder)
    assert (outcome.code, "line 10, column 2 (customers)" in outcome.stderr) == (INPUT, True)
    assert not (folder / "model").exists()
    simulated = clv("simulate", "--out", "out", *settings(input__customers="customers.csv", survival__source="model"),
                    cwd=folder)
    assert (simulated.code, "input.model" in simulated.stderr) == (USAGE, True)


def test_a_segment_without_a_fit_is_named(folder):
    (folder / "cohort.csv").write_text("segment,period,customers\nx,0,50\nx,1,40\nx,2,36\ny,0,50\ny,1,45\ny,2,40\n")
    assert fit(folder).code == 0
    (folder / "customers.csv").write_text("customer_id,monthly_revenue,segment\nA,10,x\nB,10,z\n")
    outcome = clv("simulate", "--out", "out", *settings(input__customers="customers.csv",
                                                        input__model="model/model.json"), cwd=folder)
    assert (outcome.code, "segment z" in outcome.stderr) == (INPUT, True)
