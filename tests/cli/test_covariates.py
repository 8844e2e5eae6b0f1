"""Purchase models with covariates, bootstrap draws of the parameters, and where variance comes from."""

import json

import numpy as np
import pytest
from program import INPUT, USAGE, clv, result_bytes, run_record, settings, succeed, table


def world(customers=600, seed=1):
    """Histories of BG/NBD; customers with vip = 1 buy twice as often, older ones drop out less."""
    draws = np.random.default_rng(seed)
    rows = ["customer_id,frequency,recency,T,monetary_value,vip,age_years,colour"]
    for i in range(customers):
        vip, years = int(draws.random() < .4), draws.normal(40, 10)
        rate = draws.gamma(.8) / 6 * 2 ** vip
        p = draws.beta(.9 * np.exp(-.03 * (years - 40)), 2.5)
        age, t, x, last = draws.uniform(30, 60), draws.exponential(1 / rate), 0, 0.0
        while t < age:
            x, last = x + 1, t
            if draws.random() < p:
                break
            t += draws.exponential(1 / rate)
        spend = draws.gamma(6 * x, draws.gamma(4, 1 / 15) ** -1 / x) if x else 0
        rows.append(f"c{i},{x},{last!r},{age!r},{spend!r},{vip},{years!r},{draws.choice(['red', 'blue'])}")
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with summary.csv and model/, fitted on it with covariates and bootstrap draws."""
    folder = tmp_path_factory.mktemp("covariates")
    (folder / "summary.csv").write_text(world())
    outcome = fit(folder, fit__parameter_uncertainty="bootstrap", fit__covariates='["vip", "age_years"]')
    assert outcome.code == 0, outcome.stderr
    assert "vip, rate" in outcome.stdout
    return folder


def fit(folder, model="bg_nbd", out="model", threads=2, **more):
    return clv("fit", "--model", model, "--out", out, "--threads", threads,
               *settings(input__summary="summary.csv", fit__spend_model="gamma_gamma", **more), cwd=folder)


def simulate(folder, out, *arguments, **more):
    values = {"input__summary": "model/summary.csv", "input__model": "model/model.json", "simulation__paths": 512,
              "simulation__horizon_months": 12, "simulation__discount_rate": 0.0, **more}
    return clv("simulate", "--out", out, *arguments, *settings(**values), cwd=folder)


def test_effects_are_found_and_kept(folder):
    purchase = json.loads((folder / "model/model.json").read_text())["purchase"]
    vip, years = purchase["covariates"]
    assert [vip["name"], years["name"]] == ["vip", "age_years"]
    assert abs(vip["rate"] - np.log(2)) < 4 * vip["rate_standard_error"] < 1
    assert abs(years["dropout"] + .03) < 4 * years["dropout_standard_error"] < .2
    assert np.array(purchase["covariance"]).shape == (8, 8)
    assert list(table(folder / "model/summary.csv").columns[-2:]) == ["vip", "age_years"]


def test_paths_agree_with_the_closed_forms_of_each_customer(folder):
    assert simulate(folder, "certain", fit__parameter_uncertainty="none", simulation__paths=2000).code == 0
    predictions = table(folder / "certain/predictions.csv")
    truth = predictions["expected_purchases"] * predictions["expected_spend"]
    z = ((predictions["clv_mean"] - truth) / predictions["clv_se"])[predictions["expected_purchases"] > .1]
    assert len(z) > 300
    assert abs(np.mean(z ** 2) - 1) < 4 * np.sqrt(2 / len(z)) + .1
    assert abs(np.mean((z + .5 * np.sqrt(2000) * .1) ** 2) - 1) > 4 * np.sqrt(2 / len(z)) + .1  # a planted error
    vip = table(folder / "model/summary.csv")["vip"] == 1
    never = (predictions["frequency"] == 0) & (predictions["T"] > 35)
    assert predictions["expected_purchases"][never & vip].mean() > predictions["expected_purchases"][never & ~vip].mean()


def test_bootstrap_draws_are_kept_and_used(folder):
    model = json.loads((folder / "model/model.json").read_text())
    assert len(model["bootstrap"]) == 128
    r = np.log([draw["purchase"][0] for draw in model["bootstrap"]])
    se = model["purchase"]["standard_errors"]["r"] / model["purchase"]["parameters"]["r"]
    assert abs(np.std(r, ddof=1) / se - 1) < 4 / np.sqrt(2 * 128) + .05
    sds = {}
    for name in ("none", "laplace", "bootstrap"):
        assert simulate(folder, name, fit__parameter_uncertainty=name, simulation__paths=2048).code == 0
        sds[name] = table(folder / name / "portfolio.csv").iloc[0]["clv_sd"]
    assert sds["bootstrap"] > 1.1 * sds["none"]
    assert abs(np.log(sds["bootstrap"] / sds["laplace"])) < .35
    assert simulate(folder, "yes", fit__parameter_uncertainty=True, simulation__paths=2048).code == 0
    assert (folder / "yes/clv.csv").read_bytes() == (folder / "laplace/clv.csv").read_bytes()


def test_threads_do_not_matter(folder):
    again = fit(folder, out="again", threads=1, fit__parameter_uncertainty="bootstrap",
                fit__covariates='["vip", "age_years"]')
    assert again.code == 0
    assert (folder / "again/model.json").read_bytes() == (folder / "model/model.json").read_bytes()
    one = simulate(folder, "one", "--threads", "1", fit__parameter_uncertainty="bootstrap")
    assert one.code == 0, one.stderr
    succeed("simulate", "one/run.json", "--out", "three", "--threads", "3", cwd=folder)
    assert result_bytes(folder / "one") == result_bytes(folder / "three")


def test_sources_split_the_variance(folder):
    outcome = simulate(folder, "split", fit__parameter_uncertainty="bootstrap", simulation__attribution=True)
    assert outcome.code == 0, outcome.stderr
    assert "Where the variance of the value of all customers comes from" in outcome.stdout
    sources = table(folder / "split/sources.csv").set_index("source")
    assert list(sources.index) == ["parameters", "customers", "process", "market"]
    assert list(sources.columns) == ["first_order", "first_order_se", "total", "total_se"]
    assert abs(sources["first_order"].sum() - 1) < 4 * np.sqrt((sources["first_order_se"] ** 2).sum()) + .1
    assert sources["total"]["parameters"] > 4 * sources["total_se"]["parameters"]
    assert sources["total"]["market"] == 0  # a summary has no calendar
    assert [entry["source"] for entry in run_record(folder / "split")["sources"]] == list(sources.index)
    # the other results do not change
    assert simulate(folder, "whole", fit__parameter_uncertainty="bootstrap").code == 0
    assert (folder / "split/clv.csv").read_bytes() == (folder / "whole/clv.csv").read_bytes()
    off = simulate(folder, "off", fit__parameter_uncertainty="none", simulation__attribution=True)
    assert off.code == 0
    assert table(folder / "off/sources.csv").set_index("source")["total"]["parameters"] == 0


def test_bad_requests_say_what_to_do(folder, tmp_path):
    outcome = fit(folder, out="bad", fit__covariates='["colour"]')
    assert (outcome.code, "one column of 0 and 1" in outcome.stderr) == (INPUT, True)
    outcome = fit(folder, out="bad", fit__covariates='["shoe_size"]')
    assert (outcome.code, "shoe_size" in outcome.stderr) == (INPUT, True)
    assert fit(folder, model="pareto_nbd", out="plain").code == 0
    outcome = simulate(folder, "bad", input__model="plain/model.json", fit__parameter_uncertainty="bootstrap")
    assert (outcome.code, "fit it again" in outcome.stderr) == (USAGE, True)
    outcome = simulate(folder, "bad", input__summary="plain/summary.csv")
    assert (outcome.code, "vip" in outcome.stderr) == (INPUT, True)
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability\nA,1,0.1\n")
    outcome = clv("simulate", "--out", "bad", *settings(input__customers="c.csv", simulation__attribution=True),
                  cwd=tmp_path)
    assert (outcome.code, "without a contract" in outcome.stderr) == (USAGE, True)
    assert not (folder / "bad").exists()
