"""One check of purchase histories: validate, fit and simulate give the same answer about the same rows."""

from pathlib import Path

import pytest
from program import DONE, INPUT, USAGE, clv, settings, succeed

CASES = Path(__file__).parent / "cases"

SOUND = "a,0,0,30,0\nb,2,10,30,5\nc,1,20,30,7\nd,3,11,28,6\ne,0,0,12,0\nf,1,4,30,8\n"
HEADER = "customer_id,frequency,recency,T,monetary_value\n"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    (folder / "sound.csv").write_text(HEADER + SOUND)
    for law in ("bg_nbd", "bg_bb"):
        succeed("fit", "--model", law, "--out", law, *settings(input__summary="sound.csv"), cwd=folder)
    return folder


def answers(folder, models, law, **more):
    """Of validate with the law to fit and with a saved model, of fit, of simulate with a model and without."""
    saved = settings(input__model=str(models / law / "model.json"), **more)
    fitted = settings(fit__model=law, **more)
    return [clv("validate", *fitted, cwd=folder), clv("validate", *saved, cwd=folder),
            clv("fit", "--out", "f", *fitted, cwd=folder),
            clv("simulate", "--out", "s", *saved, *settings(simulation__paths=16), cwd=folder),
            clv("simulate", "--out", "t", *fitted, *settings(simulation__paths=16), cwd=folder)]


@pytest.mark.parametrize("row, law, column", [
    ("x,0,30,30,0", "bg_nbd", "recency"), ("x,1,0,30,4", "bg_nbd", "recency"), ("x,1,31,30,4", "bg_nbd", "recency"),
    ("x,1,20,30,-4", "bg_nbd", "monetary_value"), ("x,0,0,30,4", "bg_nbd", "monetary_value"),
    ("x,1.5,20,30,4", "bg_nbd", "frequency"), ("x,-1,20,30,4", "bg_nbd", "frequency"),
    ("x,1,2.5,30,4", "bg_bb", "recency"), ("x,1,2,30.5,4", "bg_bb", "T"), ("x,5,4,30,4", "bg_bb", "frequency"),
    ("x,1,2,10001,4", "bg_bb", "T")])
def test_one_answer(tmp_path, models, row, law, column):
    (tmp_path / "s.csv").write_text(HEADER + SOUND + row + "\n")
    for outcome in answers(tmp_path, models, law, input__summary="s.csv"):
        assert outcome.code == INPUT
        assert "line 8, column " in outcome.stdout + outcome.stderr
        assert f"({column}), customer x: " in outcome.stdout + outcome.stderr
    assert not (tmp_path / "f").exists() or not any((tmp_path / "f").iterdir())


@pytest.mark.parametrize("row", ["x,1,2.5,30,4", "x,5,4,30,4", "x,1,2,10001,4", "x,1,20,30,0"])
def test_what_only_opportunities_forbid_is_sound_elsewhere(tmp_path, models, row):
    (tmp_path / "s.csv").write_text(HEADER + SOUND + row + "\n")
    assert [outcome.code for outcome in answers(tmp_path, models, "bg_nbd", input__summary="s.csv")] == [DONE] * 5


@pytest.mark.parametrize("case, line", [("recency_since_last.csv", 2), ("totals_not_repeats.csv", 2)])
def test_cases(tmp_path, models, case, line):
    for outcome in answers(tmp_path, models, "bg_nbd", input__summary=str(CASES / case)):
        assert outcome.code == INPUT
        assert f"line {line}, column 3 (recency), customer b" in outcome.stdout + outcome.stderr


def test_histories_made_from_transactions_too(tmp_path, models):
    (tmp_path / "t.csv").write_text("customer_id,order_date,revenue\na,2023-01-01,5\na,2023-01-11,5\nb,2023-01-03,5\n")
    for outcome in answers(tmp_path, models, "bg_bb", input__transactions="t.csv"):
        assert outcome.code == INPUT
        assert "of customer 'a' is a fraction of an opportunity" in outcome.stderr


@pytest.mark.parametrize("text, more, code, message", [
    ("frequency,recency,T\n1,2,3\n", {"fit__spend_model": "gamma_gamma"}, INPUT, "spend cannot be fitted"),
    ("frequency,recency,T,size\n1,2,3,4\n2,2,3,4\n", {"fit__covariates": ["size"]}, INPUT, "is 4 for everybody"),
    ("frequency,recency,T\n1,2,3\n", {"fit__covariates": ["size"]}, INPUT, "no column 'size'"),
    ("frequency,recency,T,weight\n1,2,3,0\n", {}, INPUT, "no customers to fit"),
    ("frequency,recency,T\n1,2,3\n", {"input__defaults__margin": 2}, USAGE, "margin")])
def test_validate_refuses_what_fitting_would(tmp_path, text, more, code, message):
    (tmp_path / "s.csv").write_text(text)
    arguments = settings(input__summary="s.csv", fit__model="bg_nbd", **more)
    outcome = clv("validate", *arguments, cwd=tmp_path)
    assert outcome.code == code and message in outcome.stdout + outcome.stderr
    if "margin" not in message:
        assert clv("fit", "--out", "f", *arguments, cwd=tmp_path).code == code


def test_validate_refuses_what_a_saved_model_cannot_value(tmp_path, models):
    (tmp_path / "w.csv").write_text("frequency,recency,T,weight\n1,2,3,2\n")
    (tmp_path / "s.csv").write_text("frequency,recency,T\n1,2,3\n")
    saved = settings(input__model=str(models / "bg_nbd/model.json"))
    for command in (["validate"], ["simulate", "--out", "o"]):
        assert clv(*command, *saved, *settings(input__summary="w.csv"), cwd=tmp_path).code == INPUT
        outcome = clv(*command, *saved, *settings(input__summary="s.csv", fit__time_unit="day"), cwd=tmp_path)
        assert outcome.code == USAGE and "fit.time_unit" in outcome.stderr
    outcome = succeed("validate", *settings(input__summary="w.csv", fit__model="bg_nbd"), cwd=tmp_path)
    assert "to simulate give every customer a row" in outcome.stderr


def test_published_summaries_are_sound(reference_data, tmp_path):
    cdnow = reference_data / "cdnow"
    for path, columns, law in [
            (cdnow / "BTYD_cdnowSummary_cbs.csv",
             '{customer_id="cust",frequency="x",recency="t.x",T="T.cal",monetary_value="m.x"}', "pareto_nbd"),
            (cdnow / "cdnow_customers_summary.csv", '{customer_id="ID"}', "bg_nbd"),
            (cdnow / "cdnow_customers_summary_with_transactions.csv",
             '{customer_id="ID",frequency="x",recency="t_x",monetary_value="zbar"}', "bg_nbd"),
            (reference_data / "bgbb/donations.csv", '{T="periods",weight="weights"}', "bg_bb")]:
        succeed("validate", *settings(input__summary=str(path), input__columns=columns, fit__model=law), cwd=tmp_path)
    sbg = reference_data / "sbg"
    succeed("validate", *settings(input__summary=str(sbg / "fader_hardie_2007_survivors.csv"), fit__model="sbg",
                                  input__columns='{period="year"}'), cwd=tmp_path)
    succeed("validate", *settings(input__summary=str(sbg / "sbg_paper_rebuilt.csv"), fit__model="bdw",
                                  input__columns='{segment="cohorts"}'), cwd=tmp_path)


def test_a_customer_of_more_purchases_than_a_path_holds(tmp_path):
    succeed("generate", "--kind", "retail", "--customers", 300, "--out", "w", cwd=tmp_path)
    succeed("fit", "--model", "bg_nbd", "--out", "m", *settings(input__transactions="w/transactions.csv"), cwd=tmp_path)
    (tmp_path / "s.csv").write_text(HEADER + SOUND + "x,100000,30,30,4\n")
    saved = settings(input__summary="s.csv", input__model="m/model.json")
    for command in (("validate",), ("simulate", "--out", "s")):
        outcome = clv(*command, *saved, cwd=tmp_path)
        assert outcome.code == INPUT
        assert "customer 'x' until the horizon, after 100000 in 30 weeks (s.csv)" in outcome.stdout + outcome.stderr
