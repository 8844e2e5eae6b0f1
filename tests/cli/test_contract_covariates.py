"""Models of renewal with covariates: from tables to effects, from these to every customer's hazards and their spread."""

import json

import numpy as np
import pytest
from program import INPUT, USAGE, clv, result_bytes, settings, succeed, table

SURVIVORS = {"high end": [1000, 869, 743, 653, 593, 551, 517, 491], "regular": [1000, 631, 468, 382, 326, 289, 262, 241]}


def cohorts():
    rows = ["segment,period,customers,tier,size"]
    for segment, survivors in SURVIVORS.items():
        size = 4 if segment == "regular" else 1.5
        rows += [f"{segment},{t},{n},{segment},{size}" for t, n in enumerate(survivors)]
    return "\n".join(rows) + "\n"


def customers():
    rows = ["customer_id,monthly_revenue,tenure_months,churned,tier,size"]
    for segment, survivors in SURVIVORS.items():
        size = 4 if segment == "regular" else 1.5
        lives = [(t, 1) for t in range(1, 8) for _ in range(survivors[t - 1] - survivors[t])] + [(7, 0)] * survivors[-1]
        rows += [f"{segment[0]}{i},100,{tenure},{churned},{segment},{size}" for i, (tenure, churned) in enumerate(lives)]
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with both tables, new customers, and model/, fitted with the tier."""
    folder = tmp_path_factory.mktemp("contracts")
    (folder / "cohort.csv").write_text(cohorts())
    (folder / "base.csv").write_text(customers())
    (folder / "new.csv").write_text("customer_id,monthly_revenue,tenure_months,tier\nA,100,0,high end\nB,100,0,regular\n"
                                    "C,100,60,regular\n")
    outcome = fit(folder)
    assert outcome.code == 0, outcome.stderr
    assert "tier=regular, beta" in outcome.stdout and "Likelihood ratio 203.9568 on 2 degrees of freedom" in outcome.stdout
    return folder


def fit(folder, model="sbg", out="model", covariates='["tier"]', **more):
    return clv("fit", "--model", model, "--out", out,
               *settings(**{"input__customers": "base.csv", "fit__covariates": covariates, **more}), cwd=folder)


def segment_of(folder, out):
    [segment] = json.loads((folder / out / "model.json").read_text())["contract"]["segments"]
    return segment


def simulate(folder, out, **more):
    return clv("simulate", "--out", out, *settings(**{
        "input__customers": "new.csv", "input__model": "model/model.json", "simulation__paths": 20000,
        "simulation__horizon_months": 24, "simulation__discount_rate": 0.0, **more}), cwd=folder)


def test_a_saturated_fit_has_the_maxima_of_the_published_cohorts(folder):
    segment = segment_of(folder, "model")
    assert segment["parameters"] == pytest.approx({"alpha": .668088, "beta": 3.806096}, rel=2e-6)
    [effect] = segment["covariates"]
    assert effect["name"] == "tier=regular"
    assert np.exp(effect["alpha"]) * .668088 == pytest.approx(.704077, abs=2e-6)
    assert np.exp(effect["beta"]) * 3.806096 == pytest.approx(1.182043, abs=5e-6)
    assert segment["log_likelihood"] == pytest.approx(-1611.158147 - 1680.265188, abs=2e-6)
    assert segment["aic"] == pytest.approx(8 - 2 * segment["log_likelihood"])
    assert np.array(segment["covariance"]).shape == (4, 4)
    assert segment["columns"] == [{"name": "tier", "levels": ["high end", "regular"]}]
    curve = table(folder / "model/survival.csv")
    alone = [np.cumprod([(b + t) / (a + b + t) for t in range(12)]) for a, b in [(.668088, 3.806096), (.704077, 1.182043)]]
    np.testing.assert_allclose(curve["fitted_survival"].iloc[:12], np.mean(alone, axis=0), rtol=1e-5)


@pytest.mark.parametrize("model", ["sbg", "bdw"])
def test_customers_and_groups_give_the_same_model(folder, model):
    assert fit(folder, model, "customers").code == 0
    assert fit(folder, model, "groups", input__customers="", input__summary="cohort.csv").code == 0
    assert (folder / "customers/model.json").read_bytes() == (folder / "groups/model.json").read_bytes()
    header, *rows = customers().splitlines()
    (folder / "shuffled.csv").write_text("\n".join([header, *np.random.default_rng(1).permutation(rows)]) + "\n")
    assert fit(folder, model, "shuffled", input__customers="shuffled.csv", execution__threads=2).code == 0
    assert (folder / "customers/model.json").read_bytes() == (folder / "shuffled/model.json").read_bytes()
    number = fit(folder, model, "number", '["size"]')
    assert number.code == 0
    by_tier, by_size = segment_of(folder, "customers"), segment_of(folder, "number")
    assert by_size["log_likelihood"] == pytest.approx(by_tier["log_likelihood"], abs=1e-6)
    assert by_size["covariates"][0]["beta"] * 2.5 == pytest.approx(by_tier["covariates"][0]["beta"], abs=1e-5)
    assert len(json.loads((folder / "groups/run.json").read_text())["input"]["hash"]) > 0


def expected_lifetimes(folder):
    """Paid months within 24 of the three new customers at the estimates."""
    segment = segment_of(folder, "model")
    effect = segment["covariates"][0]
    lifetimes = []
    for z, tenure in [(0, 0), (1, 0), (1, 60)]:
        alpha = segment["parameters"]["alpha"] * np.exp(z * effect["alpha"])
        beta = segment["parameters"]["beta"] * np.exp(z * effect["beta"])
        t = np.arange(tenure, tenure + 24)
        lifetimes.append(1 + np.cumprod((beta + t) / (alpha + beta + t))[:-1].sum())
    return lifetimes


def test_customers_live_by_their_own_covariates_and_tenure(folder):
    assert simulate(folder, "certain", fit__parameter_uncertainty="none").code == 0
    lifetimes = table(folder / "certain/clv.csv")["expected_lifetime_months"]
    expected = expected_lifetimes(folder)
    np.testing.assert_allclose(lifetimes, expected, atol=4 * 12 / np.sqrt(20000))
    assert np.abs(lifetimes - expected[::-1]).max() > 1  # a planted error: covariates of another customer


def test_paths_live_with_draws_of_the_model(folder):
    """Of many customers alike chance averages out, and what is left is how little is known of the parameters."""
    rows = [f"n{i},100,0,regular" for i in range(2000)]
    (folder / "many.csv").write_text("customer_id,monthly_revenue,tenure_months,tier\n" + "\n".join(rows) + "\n")
    sd, mean = {}, {}
    for uncertainty in ("none", "laplace"):
        outcome = simulate(folder, uncertainty, fit__parameter_uncertainty=uncertainty, input__customers="many.csv",
                           simulation__paths=2000)
        assert outcome.code == 0, outcome.stderr
        total = table(folder / uncertainty / "portfolio.csv").iloc[0]
        sd[uncertainty], mean[uncertainty] = total["clv_sd"], total["clv_mean"]
    assert sd["none"] == pytest.approx(np.sqrt(2000) * table(folder / "none/clv.csv")["clv_sd"].mean(), rel=.1)
    # the value is that of survival, whose error is the delta method's
    segment = segment_of(folder, "model")
    names = ["alpha", "beta"]
    logs = np.array([np.log(segment["parameters"][name]) for name in names] + [segment["covariates"][0][name] for name in names])

    def value(at):
        alpha, beta = np.exp(at[0] + at[2]), np.exp(at[1] + at[3])
        t = np.arange(24)
        survival = np.cumprod((beta + t) / (alpha + beta + t))
        return 100 * 2000 * (1 + survival[:-1].sum())
    slope = np.array([(value(logs + step) - value(logs - step)) / 2e-4 for step in 1e-4 * np.eye(4)])
    of_parameters = np.sqrt(slope @ np.array(segment["covariance"]) @ slope)
    simulated = np.sqrt(sd["laplace"] ** 2 - sd["none"] ** 2)
    # within three standard errors of a standard deviation that rests on 64 draws
    assert simulated == pytest.approx(of_parameters, rel=3 / np.sqrt(2 * 64))
    assert mean["laplace"] == pytest.approx(mean["none"], abs=4 * of_parameters / np.sqrt(64))
    assert simulate(folder, "again", input__customers="many.csv", simulation__paths=2000).code == 0
    assert result_bytes(folder / "again") == result_bytes(folder / "laplace"), "laplace is the default"
    succeed("run", "again/run.json", "--out", "repeated", cwd=folder)
    assert result_bytes(folder / "again") == result_bytes(folder / "repeated")


def test_scenarios_and_validation_know_the_model(folder):
    (folder / "sweep.toml").write_text('[input]\ncustomers = "new.csv"\nmodel = "model/model.json"\n[simulation]\n'
                                       'paths = 256\n[[scenarios]]\nname = "worse"\nhazard_multiplier = 1.5\n')
    succeed("sweep", "sweep.toml", "--out", "sweep", cwd=folder)
    values = table(folder / "sweep/sweep.csv").set_index(["scenario", "segment"])["clv_mean"]
    assert values["worse", "portfolio"] < values["base", "portfolio"]
    succeed("validate", *settings(input__customers="base.csv", fit__model="sbg", fit__covariates='["tier"]'), cwd=folder)
    outcome = clv("validate", *settings(input__customers="base.csv", fit__model="sbg", fit__covariates='["nothing"]'),
                  cwd=folder)
    assert (outcome.code, "nothing" in outcome.stderr) == (INPUT, True)


def test_segments_are_fitted_together(folder):
    outcome = fit(folder, out="segments", input__segment_by="size")
    assert outcome.code == 0 and "2 segments are fitted together" in outcome.stderr
    assert segment_of(folder, "segments")["covariates"] == segment_of(folder, "model")["covariates"]


@pytest.mark.parametrize("covariates, more, says", [
    ('["teir"]', {}, "did you mean 'tier'?"),
    ('["tier", "size"]', {}, "size follows from those before it"),
    ('["monthly_revenue"]', {}, "monthly_revenue is 100 for everybody"),
    ('["tenure_months"]', {}, "moves with time"),
    ('["colour"]', {"input__customers": "", "input__summary": "cohort.csv"}, "no column 'colour': see fit.covariates"),
    ('["customers"]', {"input__customers": "", "input__summary": "cohort.csv"}, "is the same in all rows of a segment")])
def test_columns_that_tell_nothing_are_refused(folder, covariates, more, says):
    outcome = fit(folder, "sbg", "refused", covariates, **more)
    assert outcome.code == INPUT and says in outcome.stderr, outcome.stderr
    assert not (folder / "refused/model.json").exists()


@pytest.mark.parametrize("rows, says", [
    ("customer_id,monthly_revenue,tier\nA,1,high end\nB,1,gold\n", "'gold' (customer B)"),
    ("customer_id,monthly_revenue,tier\nA,1,high end\nB,1,\n", "tier is blank (customer B)"),
    ("customer_id,monthly_revenue\nA,1\n", "no column 'tier'")])
def test_customers_need_the_columns_of_the_model(folder, rows, says):
    (folder / "lacking.csv").write_text(rows)
    for command in ("simulate", "validate"):
        outcome = clv(command, *(["--out", "lacking"] if command == "simulate" else []),
                      *settings(input__customers="lacking.csv", input__model="model/model.json"), cwd=folder)
        assert outcome.code == INPUT and says in outcome.stderr, outcome.stderr


def test_what_draws_cannot_do_is_said(folder):
    outcome = simulate(folder, "no", fit__parameter_uncertainty="bootstrap")
    assert outcome.code == USAGE and "bootstrap" in outcome.stderr
    outcome = simulate(folder, "no", simulation__target_se=.01)
    assert outcome.code == USAGE and "fit.parameter_uncertainty" in outcome.stderr


def test_what_is_not_identified_is_said_of_its_column(folder):
    rows = customers() + "".join(f"l{i},100,7,0,loyal,1\n" for i in range(40))
    (folder / "loyal.csv").write_text(rows)
    outcome = fit(folder, out="loyal", input__customers="loyal.csv")
    assert outcome.code == 0 and "not identified: what tier=loyal does" in outcome.stderr
    segment = segment_of(folder, "loyal")
    assert segment["status"] == "not identified" and len(segment["draws"]) == 512
    errors = {effect["name"]: effect["alpha_standard_error"] for effect in segment["covariates"]}
    assert errors["tier=loyal"] is None and 0 < errors["tier=regular"] < 1
    (folder / "one.csv").write_text("customer_id,monthly_revenue,tenure_months,tier\nL,100,7,loyal\n")
    outcome = simulate(folder, "one", input__customers="one.csv", input__model="loyal/model.json")
    assert outcome.code == 0, outcome.stderr
    assert table(folder / "one/clv.csv")["clv_sd"][0] > 0  # the limit at which nobody leaves is not taken as known
