"""Customers without a contract: purchase summaries to models, predictions and the distribution of value."""

import json
import lzma

import numpy as np
import pandas as pd
import pytest
from program import INPUT, MODEL, USAGE, clv, has_gpu, result_bytes, run_record, settings, succeed, table

CBS_COLUMNS = '{customer_id="cust",frequency="x",recency="t.x",T="T.cal",monetary_value="m.x"}'
HISTORY = ["customer_id", "frequency", "recency", "T", "monetary_value"]


@pytest.fixture(scope="module")
def cdnow(reference_data, tmp_path_factory):
    """A folder with model/, fitted on CDNOW's sample, and results/, simulated with it."""
    folder = tmp_path_factory.mktemp("cdnow")
    source = reference_data / "cdnow/BTYD_cdnowSummary_cbs.csv"
    succeed("fit", "--model", "bg_nbd", "--out", "model",
            *settings(input__summary=str(source), input__columns=CBS_COLUMNS, fit__spend_model="gamma_gamma"), cwd=folder)
    succeed("simulate", "--out", "results",
            *settings(input__summary="model/summary.csv", input__model="model/model.json", simulation__paths=2000,
                      simulation__horizon_months=9, simulation__discount_rate=0.0, fit__parameter_uncertainty=False),
            cwd=folder)
    return folder


def test_the_model_has_the_published_figures(cdnow):
    model = json.loads((cdnow / "model/model.json").read_text())
    published = {"r": .2425945, "alpha": 4.4136020, "a": .7929220, "b": 2.4259068}
    assert model["purchase"]["model"] == "bg_nbd"
    assert model["purchase"]["parameters"] == pytest.approx(published, rel=1e-4)
    assert model["purchase"]["log_likelihood"] == pytest.approx(-9582.429207, abs=1e-4)
    assert model["purchase"]["time_unit"] == "week"
    assert model["spend"]["parameters"] == pytest.approx({"p": 6.249572, "q": 3.744225, "v": 15.443521}, rel=1e-4)
    assert model["spend"]["log_likelihood"] == pytest.approx(-4055.917695, abs=1e-4)


def test_predictions_are_ranked_and_agree_with_the_closed_forms(cdnow):
    predictions = table(cdnow / "results/predictions.csv")
    assert list(predictions.columns[:8]) == HISTORY + ["p_alive", "expected_purchases", "expected_spend"]
    assert sorted(predictions["rank"]) == list(range(1, 2358))
    assert predictions[HISTORY].equals(table(cdnow / "model/summary.csv")[HISTORY])
    # undiscounted, spend and purchases are independent
    truth = predictions["expected_purchases"] * predictions["expected_spend"]
    z = (predictions["clv_mean"] - truth) / predictions["clv_se"]
    # a customer who is all but certain to have left is valued on a few paths, whose spread says little
    z = z[(predictions["expected_purchases"] > 0.1)]
    assert len(z) > 2000
    assert abs(np.mean(z ** 2) - 1) < 4 * np.sqrt(2 / len(z)) + 0.1
    total = table(cdnow / "results/portfolio.csv").iloc[0]
    assert abs(total["clv_mean"] - truth.sum()) < 4 * total["clv_se"]
    assert abs(total["clv_mean"] - 1.02 * truth.sum()) > 4 * total["clv_se"]  # what a planted error would show


def test_parameter_uncertainty_widens_the_band_of_the_portfolio(cdnow):
    succeed("simulate", "--out", "uncertain",
            *settings(input__summary="model/summary.csv", input__model="model/model.json", simulation__paths=2000,
                      simulation__horizon_months=9, simulation__discount_rate=0.0), cwd=cdnow)
    without = table(cdnow / "results/portfolio.csv").iloc[0]["clv_sd"]
    assert table(cdnow / "uncertain/portfolio.csv").iloc[0]["clv_sd"] > 1.2 * without


def test_cpu_and_gpu(cdnow):
    if not has_gpu(cdnow):
        pytest.skip("there is no GPU")
    for backend in ("cpu", "cuda"):
        succeed("simulate", "--out", backend, "--backend", backend,
                *settings(input__summary="model/summary.csv", input__model="model/model.json",
                          simulation__paths=500, simulation__horizon_months=9), cwd=cdnow)
        assert run_record(cdnow / backend)["execution"]["backend"] == backend
    assert result_bytes(cdnow / "cuda") == result_bytes(cdnow / "cpu")


SMALL = """frequency,recency,T,monetary_value
2,30.4,38.9,22.3
1,1.7,38.9,11.8
0,0,38.9,0
4,20.0,30.0,45.1
0,0,12.0,0
7,33.1,35.0,18.9
3,10.0,36.0,30.0
"""


@pytest.fixture
def small(tmp_path):
    (tmp_path / "summary.csv").write_text(SMALL)
    return tmp_path


def fit(folder, **more):
    return clv("fit", "--model", "nbd", "--out", "model", *settings(input__summary="summary.csv", **more), cwd=folder)


def simulate(folder, *arguments, out="out", **more):
    values = {"input__summary": "summary.csv", "simulation__paths": 200, **more}
    return clv("simulate", "--out", out, *arguments, *settings(**values), cwd=folder)


@pytest.mark.parametrize("model", ["bg_nbd", "mbg_nbd", "pareto_nbd", "nbd"])
def test_every_law_is_fitted_and_simulated_in_one_command(small, model):
    assert simulate(small, fit__model=model, fit__spend_model="gamma_gamma", simulation__cashflow=True).code == 0
    figures = table(small / "out/predictions.csv")
    assert len(figures) == 7
    assert np.isfinite(figures.drop(columns="customer_id")).all(axis=None)
    assert run_record(small / "out")["model"]["purchase"]["model"] == model


def test_a_saved_model_repeats_the_bytes(small):
    assert fit(small, fit__spend_model="gamma_gamma").code == 0
    assert simulate(small, "--threads", "1", input__model="model/model.json").code == 0
    assert simulate(small, "--threads", "3", out="again", input__model="model/model.json").code == 0
    assert result_bytes(small / "out") == result_bytes(small / "again")
    succeed("run", "out/run.json", "--out", "repeated", cwd=small)
    assert result_bytes(small / "out") == result_bytes(small / "repeated")


def test_actions_and_their_filters(small):
    (small / "run.toml").write_text("""
[input]
summary = "summary.csv"
[fit]
model = "pareto_nbd"
spend_model = "gamma_gamma"
[simulation]
paths = 500
[[actions]]
name = "coupon"
price_multiplier = 0.9
revenue_multiplier = 1.3
cost = 0.1
eligible = "frequency > 0"
[optimizer]
budget = 0.35
[output]
dir = "out"
""")
    succeed("run", "run.toml", cwd=small)
    uplift = table(small / "out/uplift.csv")
    assert (uplift["action"] == "coupon").sum() == 5
    plan = table(small / "out/plan.csv")
    assert plan["cost"].sum() <= 0.35
    assert (plan["action"] == "coupon").any()


def test_bad_requests_say_what_to_do(small):
    outcome = simulate(small)
    assert (outcome.code, "fit.model" in outcome.stderr) == (USAGE, True)
    outcome = simulate(small, fit__model="nbd", input__customers="summary.csv")
    assert (outcome.code, "name one" in outcome.stderr) == (USAGE, True)
    outcome = simulate(small, fit__model="nbd", simulation__sampler="sobol", simulation__paths=160)
    assert (outcome.code, "simulation.sampler" in outcome.stderr) == (USAGE, True)
    assert fit(small, fit__spend_model="gamma_gamma").code == 0
    outcome = simulate(small, input__model="model/model.json", fit__time_unit="day")
    assert (outcome.code, 'fit.time_unit = "week"' in outcome.stderr) == (USAGE, True)
    (small / "model/model.json").write_text('{"format": "another"}')
    outcome = simulate(small, input__model="model/model.json")
    assert (outcome.code, "model.json" in outcome.stderr) == (INPUT, True)
    assert not (small / "out").exists()


def test_a_day_of_purchases_says_nothing_of_the_future(tmp_path):
    (tmp_path / "t.csv").write_text("customer_id,order_date,revenue\na,2024-01-01,5\na,2024-01-01,7\nb,2024-01-01,2\n")
    given = settings(input__transactions="t.csv")
    outcome = succeed("fit", "--model", "bg_nbd", "--out", "model", *given, cwd=tmp_path)
    assert "no time has passed" in outcome.stderr
    outcome = clv("simulate", "--out", "out", *given, *settings(fit__model="bg_nbd"), cwd=tmp_path)
    assert (outcome.code, "observe for longer" in outcome.stderr) == (MODEL, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("model", ["bg_nbd", "mbg_nbd", "pareto_nbd", "nbd"])
@pytest.mark.parametrize("histories", ["500,51,52\n3,20,52\n0,0,30\n", "0,0,30\n0,0,52\n0,0,10\n", "2,10,30\n0,0,52\n",
                                       "2,10,30\n", "0,0,0\n0,0,0\n3,3,12\n"])
def test_difficult_histories_are_simulated(tmp_path, model, histories):
    (tmp_path / "summary.csv").write_text("frequency,recency,T\n" + histories)
    assert simulate(tmp_path, fit__model=model).code == 0
    assert np.isfinite(table(tmp_path / "out/predictions.csv").drop(columns="customer_id")).all(axis=None)


def test_faulty_histories_are_located(small):
    (small / "summary.csv").write_text(SMALL + "2,40,38.9,1\n-1,0,3,0\n")
    outcome = simulate(small, fit__model="nbd")
    assert outcome.code == INPUT
    assert "line 9" in outcome.stderr
    assert not (small / "out").exists()
    assert simulate(small, fit__model="nbd", input__on_fault="reject_rows", input__max_rejected=0.3).code == 0
    assert len(table(small / "out/rejects.csv")) == 2


SHOP = "customer_id,order_date,revenue\n" + "".join(
    f"c{i},2024-{month:02}-{day:02},{10 + i}\n"
    for i in range(40) for month, day in ((1, 1 + i % 28), (2 + i % 5, 3), (9 + i % 3, 4)) if i % 3 or month < 3)
OF_A_FIT = {"model.json", "summary.csv", "features.csv", "cohorts.csv", "holdout.csv", "holdout.json"}


@pytest.mark.parametrize("command", ["run", "simulate"])
def test_a_model_fitted_on_the_way_has_the_files_of_clv_fit(tmp_path, command):
    (tmp_path / "t.csv").write_text(SHOP)
    given = {"input__transactions": "t.csv", "fit__model": "bg_nbd", "fit__spend_model": "gamma_gamma",
             "fit__holdout": "2024-08-15", "simulation__paths": 64}
    succeed("fit", "--out", "fit", *settings(**given), cwd=tmp_path)
    succeed(command, "--out", "out", *settings(**given), cwd=tmp_path)
    alone, written = result_bytes(tmp_path / "fit"), result_bytes(tmp_path / "out")
    assert set(alone) == OF_A_FIT
    assert alone.items() <= written.items() and set(written) > OF_A_FIT
    assert OF_A_FIT <= set(run_record(tmp_path / "out")["files"])
    assert json.loads(written["model.json"]) == run_record(tmp_path / "out")["model"]

    succeed(command, "--out", "bare", *settings(**given, fit__features=False), cwd=tmp_path)
    assert set(written) - set(result_bytes(tmp_path / "bare")) == {"features.csv", "cohorts.csv"}
    # whose fit it was, has them; and what was not held out is compared with nothing
    succeed(command, "--out", "read", *settings(**{**given, "input__model": "fit/model.json"}), cwd=tmp_path)
    assert set(written) - set(result_bytes(tmp_path / "read")) == OF_A_FIT
    succeed(command, "--out", "whole", *settings(**{name: value for name, value in given.items() if "holdout" not in name}),
            cwd=tmp_path)
    assert set(written) - set(result_bytes(tmp_path / "whole")) == {"holdout.csv", "holdout.json"}


def test_a_summary_has_a_model_but_no_cohorts(small):
    assert simulate(small, fit__model="nbd").code == 0
    assert {"model.json", "summary.csv"} <= set(result_bytes(small / "out"))
    assert not {"features.csv", "cohorts.csv"} & set(result_bytes(small / "out"))


def test_groups_can_be_fitted_on_but_not_simulated(small):
    (small / "groups.csv").write_text("frequency,recency,T,weight\n0,0,6,3464\n1,1,6,1091\n3,5,6,200\n2,2,6,300\n6,6,6,90\n")
    succeed("fit", "--model", "bg_bb", "--out", "donors", *settings(input__summary="groups.csv", fit__time_unit="year"),
            cwd=small)
    model = json.loads((small / "donors/model.json").read_text())
    assert model["purchase"]["customers"] == 5145
    outcome = simulate(small, input__summary="groups.csv", input__model="donors/model.json", fit__time_unit="year")
    assert (outcome.code, "a row" in outcome.stderr) == (INPUT, True)


def test_transactions_of_cdnow_give_the_published_summary_and_model(reference_data, tmp_path):
    succeed("fit", "--model", "bg_nbd", "--out", "model",
            *settings(input__transactions=str(reference_data / "cdnow/CDNOW_sample.txt"), input__schema="cdnow",
                      fit__observation_end="1997-09-30"), cwd=tmp_path)
    model = json.loads((tmp_path / "model/model.json").read_text())
    assert model["purchase"]["log_likelihood"] == pytest.approx(-9582.429207, abs=1e-4)
    summary = table(tmp_path / "model/summary.csv")
    assert (len(summary), summary["frequency"].sum()) == (2357, 2457)


def test_online_retail_does_not_identify_dropout(reference_data, tmp_path):
    with lzma.open(reference_data / "online_retail/online_retail_2010-2011.csv.xz") as packed:
        (tmp_path / "retail.csv").write_bytes(packed.read())
    outcome = succeed("simulate", "--out", "out",
                      *settings(input__transactions="retail.csv", input__schema="online_retail", fit__model="bg_nbd",
                                fit__spend_model="gamma_gamma", fit__observation_end="2011-06-30", simulation__paths=100,
                                simulation__horizon_months=6), cwd=tmp_path)
    assert "dropout is not identified" in outcome.stderr
    # counted independently with pandas
    rows = pd.read_csv(tmp_path / "retail.csv", dtype=str, keep_default_na=False)
    cancelled = rows["InvoiceNo"].str.startswith("C")
    missing = rows["CustomerID"] == ""
    assert f"{missing.sum()} rows without a customer" in outcome.stderr
    assert f"{(cancelled & ~missing).sum()} rows of cancelled invoices" in outcome.stderr
    model = run_record(tmp_path / "out")["model"]["purchase"]
    assert (model["parameters"]["a"], model["parameters"]["b"], model["status"]) == (0, "infinity", "at bound")
    assert model["parameters"]["r"] == pytest.approx(.744, abs=5e-4)
    assert model["parameters"]["alpha"] == pytest.approx(9.05, abs=5e-3)
    predictions = table(tmp_path / "out/predictions.csv")
    assert len(predictions) == 2960
    assert (predictions["p_alive"] == 1).all()


def test_transactions_reject_faulty_rows_and_go_on(tmp_path):
    (tmp_path / "t.csv").write_text("customer_id,order_date,revenue\na,2024-01-01,5\na,2024-03-01,7\nb,2024-02-30,1\n"
                                    "b,2024-02-01,2\nb,2024-02-20,3\nc,2024-01-09,4\n")
    outcome = succeed("simulate", "--out", "out",
                      *settings(input__transactions="t.csv", input__max_rejected=0.2, fit__model="nbd",
                                simulation__paths=50), cwd=tmp_path)
    assert "1 rows were rejected" in outcome.stderr
    assert table(tmp_path / "out/rejects.csv")["line"].tolist() == [4]
    assert table(tmp_path / "out/predictions.csv")["customer_id"].tolist() == ["a", "b", "c"]
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/run.toml").write_text('input.transactions = ["../t.csv"]\nfit.model = "nbd"\nsimulation.paths = 50\n'
                                          "input.max_rejected = 0.2\n")
    succeed("simulate", "sub/run.toml", "--out", "named", cwd=tmp_path)  # paths are relative to the configuration
    assert result_bytes(tmp_path / "named") == result_bytes(tmp_path / "out")
    succeed("simulate", "../named/run.json", "--out", "repeated", cwd=tmp_path / "sub")
    assert result_bytes(tmp_path / "sub/repeated") == result_bytes(tmp_path / "out")
    refused = clv("simulate", "--out", "refused", *settings(input__transactions="t.csv", fit__model="nbd",
                                                            input__on_fault="refuse"), cwd=tmp_path)
    assert (refused.code, "line 4" in refused.stderr) == (INPUT, True)


def test_a_summary_may_have_segments(small):
    rows = SMALL.splitlines()
    segments = ["segment", "north", " south", "north", "", "south", "south", "north"]
    (small / "summary.csv").write_text("\n".join(f"{row},{segment}" for row, segment in zip(rows, segments)) + "\n")
    actions = "[{name=\"call\", cost=0.1, eligible=\"segment == 'north'\"}]"
    assert simulate(small, fit__model="nbd", actions=actions).code == 0
    portfolio = table(small / "out/portfolio.csv")
    assert portfolio["segment"].tolist() == ["portfolio", "(blank)", "north", "south"]
    assert portfolio["customers"].tolist() == [7, 1, 3, 3]
    assert portfolio["clv_mean"][0] == pytest.approx(portfolio["clv_mean"][1:].sum(), rel=1e-9)
    uplift = table(small / "out/uplift.csv")
    assert (uplift["action"] == "call").sum() == 3
    (small / "summary.csv").write_text((small / "summary.csv").read_text().replace("north", "portfolio"))
    for command in (("simulate", "--out", "no"), ("validate",)):
        outcome = clv(*command, *settings(input__summary="summary.csv", fit__model="nbd"), cwd=small)
        assert (outcome.code, "rename the segment" in outcome.stderr) == (INPUT, True)
