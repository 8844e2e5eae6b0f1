"""Inputs that once kept the program busy for ever: each ends soon, by a result that says what is wrong with it or by a
refusal with the place. tests/cli/cases has the files."""

import json
import os
import random
import shutil
import socket
import time
from pathlib import Path

import pytest
from program import DONE, INPUT, MODEL, OUTPUT, USAGE, clv, settings, tree

CASES = Path(__file__).parent / "cases"
SOON_S = 60.0  # some seconds, on a machine that does something else too

HISTORY = "customer_id,frequency,recency,T\na,3,20,40\nb,0,0,40\nc,1,4,30\n"


def case(tmp_path, name):
    shutil.copytree(CASES / name, tmp_path, dirs_exist_ok=True)


def run(tmp_path, *arguments):
    outcome = clv(*arguments, cwd=tmp_path, timeout_s=SOON_S)
    assert "json.exception" not in outcome.stderr
    assert "internal error" not in outcome.stderr
    return outcome


def simulate(tmp_path, model="model.json", **more):
    return run(tmp_path, "simulate", "--out", "out", *settings(input__summary="summary.csv", input__model=model,
                                                             simulation__paths=64, **more))


def test_unidentified_dropout_is_said_and_held(tmp_path):
    case(tmp_path, "unidentified_dropout")
    outcome = simulate(tmp_path)
    assert outcome.code == DONE, outcome.stderr
    assert "do not identify a, b" in outcome.stderr + outcome.stdout


def buyers_who_stay(count=300, weeks=40):
    """A summary of customers who buy at random, at rates of their own, and never leave."""
    draw = random.Random(7)
    lines = ["customer_id,frequency,recency,T"]
    for i in range(count):
        rate = draw.gammavariate(0.8, 1 / 6)
        times = []
        time_now = draw.expovariate(rate)
        while time_now < weeks:
            times.append(time_now)
            time_now += draw.expovariate(rate)
        lines.append(f"c{i},{len(times)},{times[-1] if times else 0},{weeks}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("law", ["bg_nbd", "mbg_nbd"])
def test_what_is_not_identified_is_said_and_drawn_from_the_likelihood(tmp_path, law):
    (tmp_path / "summary.csv").write_text(buyers_who_stay())
    fitted = run(tmp_path, "fit", "--model", law, "--out", "fit", *settings(input__summary="summary.csv"))
    assert fitted.code == DONE, fitted.stderr
    assert "dropout is not identified" in fitted.stderr
    purchase = json.loads((tmp_path / "fit/model.json").read_text())["purchase"]
    assert purchase["status"] != "converged"
    assert list(purchase["parameters"].values())[3] == "infinity"
    assert len(purchase["draws"]) == 512
    simulated = simulate(tmp_path, "fit/model.json", simulation__horizon_months=12)
    assert simulated.code == DONE, simulated.stderr
    assert "hold" not in simulated.stderr.replace("their bands hold that", "")
    purchase["draws"][0] = purchase["draws"][0][:3]
    (tmp_path / "short.json").write_text(json.dumps({"format": "clvsim model 1", "purchase": purchase}))
    refused = simulate(tmp_path, "short.json")
    assert (refused.code, "purchase.draws" in refused.stderr) == (INPUT, True), refused.stderr


def test_a_period_count_that_no_loop_ends_has_its_line(tmp_path):
    case(tmp_path, "bg_bb_endless")
    outcome = run(tmp_path, "fit", "--model", "bg_bb", "--out", "out", *settings(input__summary="summary.csv"))
    assert outcome.code == INPUT
    assert "line 31, column 4 (T)" in outcome.stderr
    assert tree(tmp_path / "out") is None


def test_too_many_periods_for_bg_bb(tmp_path):
    (tmp_path / "summary.csv").write_text("customer_id,frequency,recency,T\na,3,20,900000\nb,0,0,40\n")
    outcome = run(tmp_path, "fit", "--model", "bg_bb", "--out", "out", *settings(input__summary="summary.csv"))
    assert outcome.code == INPUT
    assert "at most 10000" in outcome.stderr


def test_covariates_that_are_not_identified_are_said(tmp_path):
    case(tmp_path, "covariate_endless")
    fitted = run(tmp_path, "fit", "--model", "bg_nbd", "--out", "fit",
                 *settings(input__summary="summary.csv", fit__covariates=["size"], fit__spend_model="gamma_gamma"))
    assert fitted.code == DONE, fitted.stderr
    purchase = json.loads((tmp_path / "fit/model.json").read_text())["purchase"]
    assert purchase["status"] != "converged"
    assert purchase["warnings"]
    outcome = simulate(tmp_path, "fit/model.json")
    assert outcome.code in (DONE, MODEL), outcome.stderr


@pytest.mark.parametrize("command", ["fit", "validate"])
def test_a_year_that_is_typed_wrong(tmp_path, command):
    case(tmp_path, "year_typo")
    arguments = settings(input__transactions=["cdnow.txt"], input__schema="cdnow")
    model = ["--model", "bg_nbd", "--out", "out"] if command == "fit" else []
    outcome = run(tmp_path, command, *model, *arguments)
    said = outcome.stdout + outcome.stderr
    assert outcome.code == INPUT
    assert "line 8" in said
    assert "input.dates_between" in said
    rejected = run(tmp_path, "fit", "--model", "bg_nbd", "--out", "rejected", *arguments,
                   *settings(input__on_fault="reject_rows"))
    assert rejected.code == DONE, rejected.stderr
    assert "39970208" in (tmp_path / "rejected/rejects.csv").read_text()


def transactions(days):
    rows = [f"c{i % 20:02d},{day},20" for i, day in enumerate(days)]
    return "\n".join(["customer_id,order_date,revenue", *rows]) + "\n"


def year(of):
    return [f"{of}-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(120)]


def test_days_decades_away_from_all_others(tmp_path):
    (tmp_path / "t.csv").write_text(transactions([*year(2023), "1993-05-06"]))
    common = ("fit", "--model", "bg_nbd", *settings(input__transactions=["t.csv"]))
    refused = run(tmp_path, *common, "--out", "out")
    assert refused.code == INPUT
    assert "line 122" in refused.stderr
    assert "'1993-05-06' is decades away from the other dates, 2023-01-01 to 2023-12-" in refused.stderr
    taken = run(tmp_path, *common, "--out", "out", *settings(input__dates_between=["1990-01-01", "2030-12-31"]))
    assert taken.code == DONE, taken.stderr
    rejected = run(tmp_path, *common, "--out", "out2", *settings(input__dates_between=["2020-01-01", "2030-12-31"]))
    assert rejected.code == DONE, rejected.stderr
    assert "far_date" in (tmp_path / "out2/rejects.csv").read_text()


def test_old_dates_are_dates(tmp_path):
    (tmp_path / "t.csv").write_text(transactions(year(1975)))
    outcome = run(tmp_path, "fit", "--model", "bg_nbd", "--out", "out", *settings(input__transactions=["t.csv"]))
    assert outcome.code == DONE, outcome.stderr


@pytest.mark.parametrize("days", ['["1990-01-01"]', '["2030-01-01", "1990-01-01"]', '["x", "1990-01-01"]',
                                  '["0001-01-01", "9999-12-31"]', '"1990-01-01"'])
def test_ranges_of_days_that_are_none(tmp_path, days):
    (tmp_path / "t.csv").write_text(transactions(year(2023)))
    outcome = run(tmp_path, "fit", "--model", "bg_nbd", "--out", "out",
                  *settings(input__transactions=["t.csv"], input__dates_between=days))
    assert outcome.code == USAGE
    assert "input.dates_between" in outcome.stderr


def test_an_end_of_observation_that_is_centuries_away(tmp_path):
    (tmp_path / "t.csv").write_text(transactions(year(2023)))
    outcome = run(tmp_path, "fit", "--model", "bg_nbd", "--out", "out",
                  *settings(input__transactions=["t.csv"], fit__observation_end="9999-12-31"))
    assert outcome.code == USAGE
    assert "fit.observation_end" in outcome.stderr


@pytest.mark.parametrize(("column", "row"), [("T", "a,3,1e-301,1e-300,9"), ("monetary_value", "a,3,20,40,5e-324"),
                                             ("recency", "a,3,1e-300,40,9"), ("monetary_value", "a,3,20,40,1e16")])
@pytest.mark.parametrize("command", ["fit", "validate", "simulate"])
def test_histories_beyond_all_measure(tmp_path, command, column, row):
    """No command reads a history that another one could not use."""
    history = "customer_id,frequency,recency,T,monetary_value\nb,0,0,40,0\nc,1,4,30,8\n"
    (tmp_path / "summary.csv").write_text(history + row + "\n")
    outcome = run(tmp_path, command, "--out", "out", *settings(input__summary="summary.csv", fit__model="bg_nbd",
                                                               fit__spend_model="gamma_gamma"))
    assert outcome.code == INPUT, outcome.stderr
    text = outcome.stderr + outcome.stdout
    assert f"({column})" in text and "line 4" in text


def model_with(change):
    model = json.loads((CASES / "unidentified_dropout/model.json").read_text())
    change(model["purchase"])
    return json.dumps(model)


def set_a(value):
    return lambda purchase: purchase["parameters"].update(a=value)


MODELS = {
    "a = 1e300": (model_with(set_a(1e300)), "purchase.parameters.a"),
    "infinite a": (model_with(set_a("infinity")), "purchase.parameters.a"),
    "a is null": (model_with(set_a(None)), "purchase.parameters.a"),
    "a is a text": (model_with(set_a("x")), "purchase.parameters.a"),
    "negative a": (model_with(set_a(-1)), "purchase.parameters.a"),
    "covariance too large": (model_with(lambda of: of.update(log_covariance=[[1] * 20] * 20)), "log_covariance"),
    "covariance too small": (model_with(lambda of: of.update(log_covariance=[[1]])), "log_covariance"),
    "rows of other sizes": (model_with(lambda of: of.update(log_covariance=[[1] * 4, [1], [1] * 4, [1] * 4])),
                            "log_covariance"),
    "not symmetric": (model_with(lambda of: of["log_covariance"][0].__setitem__(1, 9.0)), "log_covariance"),
    "negative variance": (model_with(lambda of: of["log_covariance"][0].__setitem__(0, -1.0)), "log_covariance"),
    "correlation above 1": (model_with(lambda of: of.update(log_covariance=[[1, 2, 0, 0], [2, 1, 0, 0], [0] * 4,
                                                                             [0] * 4])), "log_covariance"),
    "draws beyond every float": (model_with(lambda of: of.update(draws=[[1, 1e308, 1, 1]])), "purchase.draws"),
    "draws next to nothing": (model_with(lambda of: of.update(draws=[[1, 1e-308, 1, 1]])), "purchase.draws"),
    "negative error": (model_with(lambda of: of["standard_errors"].update(r=-1)), "purchase.standard_errors.r"),
    "endless error": (model_with(lambda of: of["standard_errors"].update(r=1e300)), "purchase.standard_errors.r"),
    "negative customers": (model_with(lambda of: of.update(customers=-1)), "purchase.customers"),
    "a stands twice": (model_with(set_a(1)).replace('"a": 1,', '"a": 1, "a": 2,'),
                       'member "purchase.parameters.a" stands there twice'),
    "no object": (model_with(lambda of: of.update(parameters=[1, 2])), "purchase.parameters"),
    "overflow": (model_with(set_a(1)).replace('"a": 1,', '"a": 1e999,'), "out of range"),
    "half": (model_with(set_a(1))[:200], "1:201"),
    "nothing": ("", "1:1"),
    "a list": ("[]", "no JSON object"),
    "deep objects": ('{"a":' * 100_000 + "1" + "}" * 100_000, "deep"),
    "deep lists": ("[" * 100_000, "deep"),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_that_are_none(tmp_path, name):
    text, place = MODELS[name]
    (tmp_path / "summary.csv").write_text(HISTORY)
    (tmp_path / "model.json").write_text(text)
    outcome = simulate(tmp_path)
    assert outcome.code == INPUT, outcome.stderr
    assert place in outcome.stderr
    assert "model.json" in outcome.stderr
    assert "clv fit" in outcome.stderr
    assert tree(tmp_path / "out") is None


def test_covariance_larger_than_its_parameters(tmp_path):
    case(tmp_path, "covariance_size")
    (tmp_path / "summary.csv").write_text("customer_id,frequency,recency,T,monetary_value,size\na,3,20,40,9,1\n"
                                          "b,0,0,40,0,2\n")
    outcome = simulate(tmp_path)
    assert outcome.code == INPUT
    assert "purchase.covariance" in outcome.stderr
    assert "3 parameters" in outcome.stderr


def test_draws_beyond_every_float(tmp_path):
    """Whatever a bootstrap draw holds, its paths end; what no parameter can be is refused."""
    model = json.loads((CASES / "unidentified_dropout/model.json").read_text())
    (tmp_path / "summary.csv").write_text(HISTORY)
    for draw, code, words in (([1e15, 1e-15, 1e15, 1.0], MODEL, "customer 1"),
                              ([1e300, 1e-300, 1e300, 1.0], INPUT, "bootstrap[0].purchase")):
        model["bootstrap"] = [{"purchase": draw}, {"purchase": [1, 1, 1, 1]}]
        (tmp_path / "model.json").write_text(json.dumps(model))
        outcome = simulate(tmp_path, fit__parameter_uncertainty="bootstrap")
        assert outcome.code == code
        assert words in outcome.stderr


DEEP = {
    "dotted key": ("job.toml", "a" + ".a" * 20_000 + " = 1\n"),
    "dotted table": ("job.toml", "[" + "a" + ".a" * 20_000 + "]\n"),
    "quoted keys": ("job.toml", '"a"' + '."a"' * 20_000 + " = 1\n"),
    "lists": ("job.toml", "a = " + "[" * 100_000 + "]" * 100_000 + "\n"),
    "tables": ("job.toml", "a = " + "{a = " * 100_000 + "1" + "}" * 100_000 + "\n"),
    "key in a list behind quotes": ("job.toml", 'a = ["""b"""", {a' + ".a" * 20_000 + " = 1}]\n"),
    "members of run.json": ("run.json", '{"config":' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}"),
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_configurations(tmp_path, name):
    file, text = DEEP[name]
    (tmp_path / file).write_text(text)
    began = time.monotonic()
    outcome = run(tmp_path, "run", file)
    assert outcome.code == USAGE, outcome.stderr[:1000]
    assert file in outcome.stderr
    assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize("argument", ["a" + ".a" * 20_000 + "=1", "simulation.paths=" + "[" * 50_000,
                                      "simulation.paths={a" + ".a" * 20_000 + "=1}",
                                      "a#={a" + ".a" * 20_000 + "=1}"])
def test_deep_arguments(tmp_path, argument):
    outcome = run(tmp_path, "simulate", "--set", argument)
    assert outcome.code == USAGE
    assert len(outcome.stderr) < 1000


def test_deep_records_and_certificates(tmp_path):
    deep = '{"format": "clvsim certificate 1", "limits":' + "[" * 100_000 + "]" * 100_000 + "}"
    (tmp_path / "certificate.json").write_text(deep)
    outcome = run(tmp_path, "optimize", "--verify", "certificate.json")
    assert outcome.code == INPUT
    assert "certificate.json" in outcome.stderr
    (tmp_path / "results").mkdir()
    (tmp_path / "results/run.json").write_text('{"format": 1, "files": {}, "x":' + '{"a":' * 100_000 + "1" +
                                               "}" * 100_000 + "}")
    outcome = run(tmp_path, "report", "results", "--workbook")
    assert outcome.code == INPUT
    assert "run.json" in outcome.stderr


KEYS = {
    "input.customers": ("simulate", [], INPUT),
    "input.summary": ("simulate", ["--set", "input.model=good.json"], INPUT),
    "input.transactions": ("fit", ["--model", "bg_nbd"], INPUT),
    "input.model": ("simulate", ["--set", "input.summary=good.csv"], INPUT),
    "survival.curves": ("simulate", ["--set", "input.customers=customers.csv", "--set", "survival.source=curve"],
                        INPUT),
    "optimizer.uplift": ("optimize", ["--set", "optimizer.budget=1"], INPUT),
    "--verify": ("optimize", [], INPUT),
    "--config": ("simulate", [], USAGE),
}


@pytest.mark.parametrize("kind", ["pipe", "socket", "/dev/zero", "/dev/null", "folder"])
@pytest.mark.parametrize("key", KEYS)
def test_no_regular_file(tmp_path, monkeypatch, key, kind):
    command, more, code = KEYS[key]
    (tmp_path / "good.csv").write_text(HISTORY)
    (tmp_path / "good.json").write_text(model_with(set_a(0.5)))
    (tmp_path / "customers.csv").write_text("customer_id,monthly_revenue,churn_probability,segment\na,10,.1,x\n")
    name = kind
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    if kind == "pipe":
        name = "input"
        os.mkfifo(name)
    elif kind == "socket":
        name = "input"
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(name)
    elif kind == "folder":
        name = "input"
        Path(name).mkdir()
    argument = [key, name] if key.startswith("--") else ["--set", f"{key}={name}"]
    outcome = run(tmp_path, command, "--out", "out", *more, *argument)
    assert outcome.code in (code, USAGE), outcome.stderr
    assert name in outcome.stderr
    assert tree(tmp_path / "out") is None


def test_records_that_are_pipes(tmp_path):
    (tmp_path / "results").mkdir()
    os.mkfifo(tmp_path / "results/run.json")
    for command in (["optimize", "--set", "optimizer.results=results"], ["report", "results", "--workbook"], ["run", "results/run.json"]):
        outcome = run(tmp_path, *command)
        assert outcome.code in (INPUT, USAGE)
        assert "run.json" in outcome.stderr
        assert "is a pipe" in outcome.stderr


@pytest.mark.parametrize("command", [["report", "pipe", "--workbook"], ["report", "link", "--workbook"],
                                     ["optimize", "--out", "out", "--set", "optimizer.results=pipe"]])
def test_a_pipe_for_a_folder(tmp_path, command):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    outcome = run(tmp_path, *command)
    assert outcome.code in (INPUT, OUTPUT)
    assert command[1] in outcome.stderr or "pipe" in outcome.stderr


def many_segments(count):
    rows = [f"c{i},{10 + i % 50},0.05,s{i:06d}" for i in range(count)]
    return "\n".join(["customer_id,monthly_revenue,churn_probability,segment", *rows]) + "\n"


def processor_seconds(tmp_path, count):
    (tmp_path / "customers.csv").write_text(many_segments(count))
    before = os.times()
    outcome = run(tmp_path, "simulate", "--out", f"out{count}", "--threads", 1,
                  *settings(input__customers="customers.csv", simulation__paths=16))
    assert outcome.code == DONE, outcome.stderr
    after = os.times()
    return after.children_user - before.children_user


def test_segments_cost_what_they_are(tmp_path):
    """Sixteen times as many segments once took seventy times as long."""
    few = min(processor_seconds(tmp_path, 4_000) for _ in range(2))
    many = processor_seconds(tmp_path, 60_000)
    assert many < 15.0 * max(few, 0.1) * 2.0


def test_spend_that_is_too_far_apart_for_a_distribution(tmp_path):
    outcome = run(tmp_path, "fit", "--model", "bg_nbd", "--out", "out", *settings(
        input__transactions=str(CASES / "spend_far_apart.csv"), fit__spend_model="gamma_gamma"))
    assert outcome.code == DONE, outcome.stderr


def test_a_step_that_nobody_knows_is_refused(tmp_path):
    (tmp_path / "c.toml").write_text('[[actions]]\nname = "call"\ncost = 1\nhazard_multiplier = 0.7\n'
                                     '[simulation]\npaths = 32\n[generate]\nkind = "subscription"\nwindow_months = 0\ncustomers = 20\n')
    assert run(tmp_path, "run", "c.toml", "--out", "out").code == DONE
    record = json.loads((tmp_path / "out/run.json").read_text())
    record["steps"][0]["name"] = "val'ue"
    (tmp_path / "out/run.json").write_text(json.dumps(record))
    outcome = run(tmp_path, "optimize", "--out", "out", *settings(optimizer__budget=5))
    assert outcome.code == INPUT and "val'ue" in outcome.stderr
