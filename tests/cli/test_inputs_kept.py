"""What a run reads it never removes or overwrites, for every command that writes and every kind of input: the inputs
lie in the output folder, are there byte for byte afterwards and stand under `inputs` of run.json; a result of the same
name stops the command before it begins, and nothing has changed."""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from program import DONE, INPUT, OUTPUT, USAGE, clv, run_record, settings, succeed, tree

CUSTOMERS = "customer_id,monthly_revenue,churn_probability,tenure_months,churned,segment\n" + "".join(
    f"C{i},{10 + i % 7},0.0{1 + i % 5},{1 + i % 30},{int(i % 3 == 0)},{'AB'[i % 2]}\n" for i in range(60))
CURVES = "segment,survival_1,survival_2,survival_3\nA,0.9,0.8,0.7\nB,0.95,0.9,0.8\n"
COHORT = "period,customers\n0,1000\n1,869\n2,743\n3,653\n4,593\n5,551\n6,517\n7,491\n"
UPLIFT = "customer_id,action,expected_profit,cost\n" + "".join(
    f"C{i},none,0,0\nC{i},call,{1 + i % 4},2\n" for i in range(20))
CURRENT = "customer_id,action\n" + "".join(f"C{i},call\n" for i in range(0, 20, 2))
ACTION = 'name = "call"\ncost = 1\nhazard_multiplier = 0.7\n'
ACTIONS = '[[actions]]\nfile = "call.toml"\n[optimizer]\nbudget = 20\n'
SMALL = "[simulation]\npaths = 32\nhorizon_months = 6\n"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """Every kind of input, made once. Not to be changed."""
    folder = tmp_path_factory.mktemp("shelf")
    for name, text in {"customers.csv": CUSTOMERS, "curves.csv": CURVES, "cohort.csv": COHORT, "uplift.csv": UPLIFT,
                       "current.csv": CURRENT, "call.toml": ACTION, "base.toml": SMALL, "job.toml": SMALL + ACTIONS,
                       "scenarios.toml": SMALL + ACTIONS + '[[scenarios]]\nname = "bad"\nhazard_multiplier = 1.5\n',
                       }.items():
        (folder / name).write_text(text)
    succeed("generate", "--kind", "retail", "--customers", 200, "--out", "shop", cwd=folder)
    succeed("fit", "--model", "bg_nbd", "--out", "fitted", *settings(
        input__transactions="shop/transactions.csv", fit__spend_model="gamma_gamma"), cwd=folder)
    succeed("fit", "--model", "sbg", "--out", "contract", *settings(input__summary="cohort.csv"), cwd=folder)
    for name, source in {"transactions.csv": "shop", "model.json": "fitted", "summary.csv": "fitted"}.items():
        shutil.copy(folder / source / name, folder / name)
    shutil.copy(folder / "contract/model.json", folder / "contract.json")
    succeed("run", "job.toml", "--out", "earlier", *settings(input__customers="customers.csv"), cwd=folder)
    return folder


@dataclass(frozen=True)
class Case:
    command: tuple
    inputs: dict  # key -> name on the shelf
    config: str = "base.toml"
    more: dict = field(default_factory=dict)
    beside: tuple = ()  # lie there too, named by the configuration
    unlisted: tuple = ()  # no results of the earlier run


CUSTOMER_CASES = {
    "customers": Case(("simulate",), {"input.customers": "customers.csv"}),
    "curves": Case(("simulate",), {"input.customers": "customers.csv", "survival.curves": "curves.csv"},
                   more={"survival__source": "curve"}),
    "contract": Case(("simulate",), {"input.customers": "customers.csv", "input.model": "contract.json"}),
}
CASES = {
    **{f"simulate, {name}": case for name, case in CUSTOMER_CASES.items()},
    **{f"validate, {name}": Case(("validate",), case.inputs, more=case.more)
       for name, case in CUSTOMER_CASES.items()},
    "simulate, actions": Case(("simulate",), {"input.customers": "customers.csv"}, "job.toml", beside=("call.toml",)),
    "simulate, saved model": Case(("simulate",), {"input.summary": "summary.csv", "input.model": "model.json"}),
    "simulate, transactions": Case(("simulate",), {"input.transactions": "transactions.csv",
                                                   "input.model": "model.json"}),
    "run, policy": Case(("run",), {"input.customers": "customers.csv", "optimizer.current": "current.csv"},
                        "job.toml", beside=("call.toml",)),
    "run, transactions": Case(("run",), {"input.transactions": "transactions.csv"},
                              more={"fit__model": "bg_nbd", "fit__spend_model": "gamma_gamma"}),
    "sweep": Case(("sweep",), {"input.customers": "customers.csv", "optimizer.current": "current.csv"},
                  "scenarios.toml", beside=("call.toml",)),
    "fit, transactions": Case(("fit", "--model", "bg_nbd"), {"input.transactions": "transactions.csv"}),
    "fit, cohorts": Case(("fit", "--model", "bdw"), {"input.summary": "cohort.csv"}),
    "fit, tenures": Case(("fit", "--model", "sbg"), {"input.customers": "customers.csv"}),
    "validate, transactions": Case(("validate",), {"input.transactions": "transactions.csv"}),
    "optimize, uplift": Case(("optimize",), {"optimizer.uplift": "uplift.csv", "optimizer.current": "current.csv"},
                             more={"optimizer__switching_penalty": 0.5}, unlisted=("uplift.csv",)),
    "generate": Case(("generate", "--kind", "retail", "--customers", 20), {"input.customers": "customers.csv"},
                     "job.toml", beside=("call.toml",)),
}


def run(case, inputs, config, cwd, out="out"):
    """The command of a case with the inputs at these paths."""
    named = {key.replace(".", "__"): str(path) for key, path in inputs.items()}
    return clv(*case.command, "--config", config, "--out", out, *settings(**named, **case.more), cwd=cwd,
               env={"CLV_PYTHON": "/bin/false"})


@pytest.mark.parametrize("name", CASES)
def test_inputs_in_the_output_folder_are_kept(shelf, tmp_path, name):
    """An earlier run has left files with the names of the inputs in its list: the inputs are results of that run."""
    case, out = CASES[name], tmp_path / "out"
    out.mkdir()
    files = {key: file for key, file in case.inputs.items()} | {"config": case.config}
    names = [*files.values(), *case.beside]
    for file in names:
        shutil.copy(shelf / file, out / file)
    (out / "stale.csv").write_text("old\n")
    digests = {file: sha256(out / file) for file in [*names, "stale.csv"]}
    listed = {file: {"sha256": digest, "bytes": (out / file).stat().st_size} for file, digest in digests.items()
              if file not in case.unlisted}
    (out / "run.json").write_text(_record(listed))

    outcome = run(case, {key: Path("out") / file for key, file in case.inputs.items()}, f"out/{case.config}", tmp_path)

    assert outcome.code == DONE, outcome.stderr
    assert {file: sha256(out / file) for file in names} == {file: digests[file] for file in names}
    record = run_record(out)
    joins = case.command[0] == "validate"  # the set that is there, which goes on to list its own files
    kept = {entry["file"]: entry for entry in record["inputs"]}
    for key, file in files.items():
        if joins:
            assert record["files"][file]["sha256"] == digests[file]
        else:
            assert kept[file]["key"] == key and kept[file]["sha256"] == digests[file]
            assert kept[file]["bytes"] == (out / file).stat().st_size
    for file in case.beside:
        assert kept[file]["key"] == "actions.file"
    assert not kept.keys() & record["files"].keys()
    assert (out / "stale.csv").exists() == joins
    assert {path.name for path in out.iterdir()} == {*kept, *record["files"], "run.json"}


def _record(files):
    return json.dumps({"format": 1, "command": "simulate", "files": files})


# A file of each kind under the name of a result of the command.
CLASHES = {
    "generate": (CASES["generate"], "input.customers", "transactions.csv"),
    "generate, its actions": (Case(("generate", "--kind", "subscription", "--customers", 20), {}, "job.toml"),
                              "optimizer.current", "customers.csv"),
    "validate": (CASES["validate, customers"], "input.customers", "rejects.csv"),
    "validate, curves": (CASES["validate, curves"], "survival.curves", "validation.json"),
    "fit": (CASES["fit, transactions"], "input.transactions", "summary.csv"),
    "fit, rejects": (CASES["fit, transactions"], "input.transactions", "rejects.csv"),
    "fit, cohorts": (CASES["fit, cohorts"], "input.summary", "survival.csv"),
    "fit, tenures": (CASES["fit, tenures"], "input.customers", "model.json"),
    "simulate, customers": (CASES["simulate, customers"], "input.customers", "clv.csv"),
    "simulate, curves": (CASES["simulate, curves"], "survival.curves", "portfolio.csv"),
    "simulate, contract": (CASES["simulate, contract"], "input.model", "results.h5"),
    "simulate, summary": (CASES["simulate, saved model"], "input.summary", "predictions.csv"),
    "run, fitted on the way": (CASES["run, transactions"], "input.transactions", "summary.csv"),
    "run, policy": (CASES["run, policy"], "optimizer.current", "plan.csv"),
    "run, report": (CASES["run, policy"], "input.customers", "report.xlsx"),
    "sweep": (CASES["sweep"], "input.customers", "sweep.csv"),
    "sweep, policy": (CASES["sweep"], "optimizer.current", "sweep_plan.csv"),
    "optimize, policy": (CASES["optimize, uplift"], "optimizer.current", "plan.csv"),
    "optimize, uplift": (CASES["optimize, uplift"], "optimizer.uplift", "frontier.csv"),
}


@pytest.mark.parametrize("how", ["there", "another spelling", "symbolic link", "hard link"])
@pytest.mark.parametrize("name", CLASHES)
def test_a_result_in_the_place_of_an_input_is_refused(shelf, tmp_path, name, how):
    case, key, result = CLASHES[name]
    out = tmp_path / "out"
    out.mkdir()
    shutil.copy(shelf / case.inputs.get(key, "current.csv"), out / result)
    for file in (case.config, "call.toml"):
        shutil.copy(shelf / file, tmp_path / file)
    path = {"there": Path("out") / result, "another spelling": out / ".." / "out" / "." / result,
            "symbolic link": tmp_path / "symbolic", "hard link": tmp_path / "hard"}[how]
    os.symlink(out / result, tmp_path / "symbolic")
    os.link(out / result, tmp_path / "hard")
    before = tree(tmp_path)
    inputs = {other: shelf / file for other, file in case.inputs.items()} | {key: path}

    outcome = run(case, inputs, case.config, tmp_path)

    assert outcome.code == USAGE, outcome.stderr
    for part in (key, result, "--out"):
        assert part in outcome.stderr
    assert "simulating" not in outcome.stderr and "fitting" not in outcome.stderr
    assert tree(tmp_path) == before


def test_models_and_summaries_stay_where_clv_fit_left_them(shelf, tmp_path):
    """Fit, then simulate into the same folder, then once more."""
    shutil.copytree(shelf / "fitted", tmp_path / "x")
    named = settings(input__model="x/model.json", input__summary="x/summary.csv", simulation__paths=32)
    before = {name: sha256(tmp_path / "x" / name) for name in ("model.json", "summary.csv")}
    for _ in range(2):
        succeed("simulate", "--out", "x", *named, cwd=tmp_path)
        assert {name: sha256(tmp_path / "x" / name) for name in before} == before
        record = run_record(tmp_path / "x")
        assert [entry["file"] for entry in record["inputs"]] == ["model.json", "summary.csv"]
        assert not before.keys() & record["files"].keys()


def test_a_generated_world_stays(tmp_path):
    """customers.csv is an input, truth.csv is data and stays in the set; so does the world of other customers."""
    succeed("generate", "--kind", "subscription", "--customers", 30, "--out", "x", cwd=tmp_path)
    truth = sha256(tmp_path / "x/truth.csv")
    named = settings(input__customers="x/customers.csv", simulation__paths=32)
    for _ in range(2):
        succeed("simulate", "--out", "x", *named, cwd=tmp_path)
        record = run_record(tmp_path / "x")
        assert [entry["file"] for entry in record["inputs"]] == ["customers.csv"]
        assert record["files"]["truth.csv"]["sha256"] == truth == sha256(tmp_path / "x/truth.csv")
    succeed("generate", "--kind", "retail", "--customers", 30, "--out", "y", cwd=tmp_path)
    succeed("simulate", "--out", "y", *named, cwd=tmp_path)
    assert {"transactions.csv", "truth.csv"} <= run_record(tmp_path / "y")["files"].keys()


def test_optimize_replaces_the_set_that_it_goes_on_with(shelf, tmp_path):
    """Its inputs stay: the customers, the policy of today, the configuration of the plan."""
    out = tmp_path / "out"
    shutil.copytree(shelf / "earlier", out)
    for file in ("customers.csv", "current.csv"):
        shutil.copy(shelf / file, out / file)
    (out / "plan.toml").write_text("[optimizer]\nbudget = 10\nswitching_penalty = 0.5\n")
    succeed("simulate", shelf / "job.toml", "--out", "out", *settings(input__customers="out/customers.csv"),
            cwd=tmp_path)
    before = {file: sha256(out / file) for file in ("customers.csv", "current.csv", "plan.toml")}
    succeed("optimize", "out/plan.toml", "--out", "out", *settings(optimizer__current="out/current.csv"), cwd=tmp_path)
    assert {file: sha256(out / file) for file in before} == before
    record = run_record(out)
    assert {entry["file"]: entry["key"] for entry in record["inputs"]} == {
        "customers.csv": "input.customers", "current.csv": "optimizer.current", "plan.toml": "config"}
    assert {"clv.csv", "plan.csv", "results.h5"} <= record["files"].keys()
    # Named or found, the results of the folder itself are no input.
    succeed("optimize", "--out", "out", *settings(optimizer__results="out/results.h5", optimizer__budget=5),
            cwd=tmp_path)
    assert {file: sha256(out / file) for file in before} == before


def test_results_of_another_folder_are_an_input(shelf, tmp_path):
    """Even where they have a second name in the output folder."""
    shutil.copytree(shelf / "earlier", tmp_path / "earlier")
    (tmp_path / "out").mkdir()
    os.link(tmp_path / "earlier/plan.csv", tmp_path / "out/plan.csv")
    before = tree(tmp_path)
    outcome = clv("optimize", "--out", "out", *settings(optimizer__results="earlier", optimizer__budget=5), cwd=tmp_path)
    assert outcome.code == USAGE, outcome.stderr
    assert "optimizer.results" in outcome.stderr and "plan.csv" in outcome.stderr
    assert tree(tmp_path) == before


def test_reports_keep_the_inputs_of_the_run(shelf, tmp_path):
    shutil.copy(shelf / "customers.csv", tmp_path / "customers.csv")
    (tmp_path / "out").mkdir()
    shutil.copy(shelf / "customers.csv", tmp_path / "out/report.xlsx")
    succeed("simulate", "--config", shelf / "base.toml", "--out", "out",
            *settings(input__customers="out/report.xlsx"), cwd=tmp_path)
    before = tree(tmp_path)
    outcome = clv("report", "out", "--workbook", cwd=tmp_path)
    assert outcome.code == USAGE, outcome.stderr
    assert "report.xlsx" in outcome.stderr
    assert tree(tmp_path) == before

    succeed("simulate", "--config", shelf / "base.toml", "--out", "other",
            *settings(input__customers="customers.csv"), cwd=tmp_path)
    shutil.copy(tmp_path / "customers.csv", tmp_path / "other/mine.csv")
    succeed("simulate", "--config", shelf / "base.toml", "--out", "other",
            *settings(input__customers="other/mine.csv"), cwd=tmp_path)
    succeed("report", "other", "--workbook", cwd=tmp_path)
    assert sha256(tmp_path / "other/mine.csv") == sha256(shelf / "customers.csv")
    assert [entry["file"] for entry in run_record(tmp_path / "other")["inputs"]] == ["mine.csv"]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "optimizer.uplift" not in case.inputs])
def test_every_name_is_known_before_work_begins(shelf, tmp_path, name):
    """Whatever file of a command's set a key names, the refusal is the first thing that is said, and the only one."""
    case = CASES[name]
    inputs = {key: shelf / file for key, file in case.inputs.items()}
    outcome = run(case, inputs, shelf / case.config, tmp_path)
    assert outcome.code == DONE, outcome.stderr
    before = tree(tmp_path)
    for written in run_record(tmp_path / "out")["files"]:
        named = inputs | {"optimizer.current": tmp_path / "out" / written}
        outcome = run(case, named, shelf / case.config, tmp_path)
        assert outcome.code == USAGE and written in outcome.stderr, (written, outcome)
        assert outcome.stderr.count("\n") == 1, outcome.stderr
    assert tree(tmp_path) == before


SOMEBODYS = {"simulate, customers": "clv.csv", "run, policy": "plan.csv", "run, transactions": "report.xlsx",
             "sweep": "sweep.csv", "fit, transactions": "model.json", "fit, cohorts": "survival.csv",
             "optimize, uplift": "certificate.json", "generate": "truth.csv", "validate, customers": "validation.json"}


@pytest.mark.parametrize("with_record", [False, True])
@pytest.mark.parametrize("name", SOMEBODYS)
def test_a_file_that_no_run_has_left_stops_the_command(shelf, tmp_path, name, with_record):
    case, written = CASES[name], SOMEBODYS[name]
    out = tmp_path / "out"
    out.mkdir()
    (out / written).write_text("my notes\n")
    if with_record:
        (out / "run.json").write_text(_record({}))
    before = tree(tmp_path)
    inputs = {key: shelf / file for key, file in case.inputs.items()}
    outcome = run(case, inputs, shelf / case.config, tmp_path)
    assert outcome.code == OUTPUT, outcome
    assert f"out/{written}" in outcome.stderr and "choose another --out" in outcome.stderr
    assert outcome.stderr.count("\n") == 1, outcome.stderr  # nothing has been worked on
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", SOMEBODYS)
def test_a_result_that_was_changed_is_kept_beside_the_new_one(shelf, tmp_path, name):
    case, written = CASES[name], SOMEBODYS[name]
    inputs = {key: shelf / file for key, file in case.inputs.items()}
    assert run(case, inputs, shelf / case.config, tmp_path).code == DONE
    right = (tmp_path / "out" / written).read_bytes()
    kept = Path(written).stem + ".changed" + Path(written).suffix
    before = {path.name for path in (tmp_path / "out").iterdir()}
    for again in range(2):  # the second time it stands there already
        (tmp_path / "out" / written).write_text("my notes\n")
        outcome = run(case, inputs, shelf / case.config, tmp_path)
        assert outcome.code == DONE, outcome.stderr
        assert again == 1 or kept in outcome.stderr
        assert (tmp_path / "out" / kept).read_text() == "my notes\n"
        assert {path.name for path in (tmp_path / "out").iterdir()} == before | {kept}
        assert (tmp_path / "out" / written).read_bytes() == right or written == "report.xlsx"


def test_a_run_json_of_somebody_else_is_kept(shelf, tmp_path):
    case = CASES["simulate, customers"]
    (tmp_path / "out").mkdir()
    (tmp_path / "out/run.json").write_text('{"speed": 12.5}')
    outcome = run(case, {"input.customers": shelf / "customers.csv"}, shelf / case.config, tmp_path)
    assert outcome.code == DONE and "run.changed.json" in outcome.stderr, outcome.stderr
    assert (tmp_path / "out/run.changed.json").read_text() == '{"speed": 12.5}'


def test_files_of_a_run_that_was_stopped_while_it_published_are_replaced(shelf, tmp_path):
    """Also by a third run, where the second is stopped too."""
    case, inputs = CASES["simulate, customers"], {"input.customers": shelf / "customers.csv"}
    assert run(case, inputs, shelf / case.config, tmp_path).code == DONE
    out, right = tmp_path / "out", tree(tmp_path / "out")
    stopped = out / ".partial-999999999"
    stopped.mkdir()
    shutil.move(out / "run.json", stopped / "run.json")
    (stopped / "results.h5").write_text("half")
    assert run(case, {"input.customers": shelf / "absent.csv"}, shelf / case.config, tmp_path).code == INPUT
    assert not (out / "run.json").exists() and not list(out.rglob("half"))
    assert run(case, inputs, shelf / case.config, tmp_path).code == DONE
    assert tree(out).keys() == right.keys()
    assert {path.name for path in out.iterdir()} == {*run_record(out)["files"], "run.json"}


def test_an_input_stays_safe_from_run_to_run(tmp_path):
    """The second run reads something else; the third would write what the first one read."""
    own = "customer_id,monthly_revenue,churn_probability\na,10,.1\n"
    (tmp_path / "out").mkdir()
    for name in ("out/customers.csv", "other.csv"):
        (tmp_path / name).write_text(own)
        succeed("simulate", "--out", "out", *settings(input__customers=name, simulation__paths=64), cwd=tmp_path)
    outcome = clv("generate", "--kind", "subscription", "--customers", 5, "--out", "out", cwd=tmp_path)
    assert outcome.code == USAGE
    assert "customers.csv" in outcome.stderr
    assert (tmp_path / "out/customers.csv").read_text() == own


def test_a_folder_is_worked_in_again(tmp_path):
    """Data, model and results in one folder: each command may be given again, and reads what the one before has left."""
    data, model = {"input__transactions": "out/transactions.csv"}, {"input__model": "out/model.json"}
    world = ("generate", "--kind", "retail", "--customers", 200, "--out", "out")
    fit = ("fit", "--model", "bg_nbd", "--out", "out", *settings(**data))
    simulate = ("simulate", "--out", "out", *settings(**data, **model, simulation__paths=32))
    out = tmp_path / "out"
    for command in (world, fit, simulate):
        succeed(*command, cwd=tmp_path)
    results = tree(out)
    went = succeed(*fit, cwd=tmp_path).stderr
    assert "removed what an earlier run had left: clv.csv, " in went
    assert {"model.json", "cohorts.csv", "transactions.csv", "truth.csv"} <= tree(out).keys()
    assert "results.h5" not in tree(out)
    went = succeed(*simulate, cwd=tmp_path).stderr
    assert "removed what an earlier run had left: cohorts.csv, features.csv" in went
    assert {name: text for name, text in tree(out).items() if name != "run.json"} == {
        name: text for name, text in results.items() if name != "run.json"}
    assert {entry["file"]: entry.get("result") for entry in run_record(out)["inputs"]} == {
        "model.json": True, "transactions.csv": True}

    (out / "model.json").write_text((out / "model.json").read_text() + "\n")  # somebody's now
    told = succeed(*fit, cwd=tmp_path).stderr
    assert "it is kept as" in told and (out / "model.changed.json").exists()
    succeed(*simulate, cwd=tmp_path)
    succeed(*world, "--seed", 2, cwd=tmp_path)
    assert "model.json" in tree(out) and "clv.csv" not in tree(out)


def test_another_world_takes_the_place_of_the_first(tmp_path):
    succeed("generate", "--kind", "retail", "--customers", 20, "--out", "out", cwd=tmp_path)
    told = succeed("generate", "--kind", "subscription", "--customers", 20, "--out", "out", cwd=tmp_path).stderr
    assert "removed what an earlier run had left: transactions.csv" in told
    assert tree(tmp_path / "out").keys() == {"customers.csv", "truth.csv", "run.json"}


def test_every_input_that_would_be_overwritten_is_named(shelf, tmp_path):
    for name in ("model.json", "summary.csv", "transactions.csv"):
        shutil.copy(shelf / name, tmp_path / name)
    fit = ("fit", "--model", "bg_nbd", "--out", ".", *settings(input__transactions="transactions.csv"))
    outcome = clv(*fit, cwd=tmp_path)
    assert outcome.code == OUTPUT and "/model.json; " in outcome.stderr and "/summary.csv; " in outcome.stderr
    succeed("simulate", "--out", ".", *settings(input__summary="summary.csv", input__model="model.json",
                                                simulation__paths=32), cwd=tmp_path)
    outcome = clv(*fit, cwd=tmp_path)
    assert outcome.code == USAGE
    for key, name in {"input.model": "model.json", "input.summary": "summary.csv"}.items():
        assert f"{key} names" in outcome.stderr and f"{name} is written to" in outcome.stderr
    assert "for the results that are there" in outcome.stderr
