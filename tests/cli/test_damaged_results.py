"""Results that were damaged, moved or removed: refused with a word before anything is read from them, or made again."""

import json
import shutil
import subprocess
import time

import h5py
import numpy as np
import pytest
from plans import BUDGET, certificate, sha256
from program import INPUT, OUTPUT, PROGRAM, clv, environment, run_record, settings, succeed, tree

PLANS = ["optimize", "--out", "plan", *settings(optimizer__budget=BUDGET, optimizer__results="out")]
VERIFIES = ["optimize", "--verify", "out/certificate.json"]


@pytest.fixture
def copy(world, tmp_path):
    """A copy of the world's results, to be changed."""
    shutil.copytree(world / "out", tmp_path / "out")
    return tmp_path


def vouch_for(folder, name="results.h5"):
    """run.json and the certificate take the file as it is now."""
    record = run_record(folder)
    record["files"][name] = {"sha256": sha256(folder / name), "bytes": (folder / name).stat().st_size}
    claim = certificate(folder)
    claim["uplift"]["sha256"] = sha256(folder / "results.h5")
    (folder / "certificate.json").write_text(json.dumps(claim))
    path = folder / "certificate.json"
    record["files"]["certificate.json"] = {"sha256": sha256(path), "bytes": path.stat().st_size}
    (folder / "run.json").write_text(json.dumps(record))


def refused(command, cwd, *words):
    before = tree(cwd)
    outcome = clv(*command, cwd=cwd)
    assert outcome.code == INPUT, outcome.stderr
    for word in words:
        assert word in outcome.stderr
    assert tree(cwd) == before


def replace(file, name, values):
    """Another dataset of the same kind and attributes in its place."""
    kind = file[name].dtype
    del file[name]
    file.create_dataset(name, data=np.asarray(values, dtype=kind))


@pytest.mark.parametrize("command", [PLANS, VERIFIES], ids=["optimize", "verify"])
@pytest.mark.parametrize("name", ["customer_segment", "expected_profit", "cost", "expected_lifetime_months", "action",
                                  "customer_id"])
def test_sizes_that_do_not_agree(copy, command, name):
    with h5py.File(copy / "out/results.h5", "r+") as file:
        values = file[name][...]
        replace(file, name, values[..., :-1])
    vouch_for(copy / "out")
    refused(command, copy, "does not fit the rest of the file", "run the command that made it again")


@pytest.mark.parametrize("command", [PLANS, VERIFIES], ids=["optimize", "verify"])
@pytest.mark.parametrize(("name", "place", "value", "words"), [
    ("expected_profit_se", (1, 0), -1.0, "expected_profit_se is -1 somewhere"),
    ("expected_lifetime_months", 0, -1.0, "expected_lifetime_months is -1 somewhere"),
    ("expected_lifetime_months", 0, 1e6, "expected_lifetime_months is 1000000 somewhere"),
    ("paths_used", 0, 0, "paths_used is 0 somewhere"),
    ("expected_profit", (0, 0), 5.0, "doing nothing changes something"),
    ("cost", (0, 0), 1.0, "doing nothing changes something"),
], ids=["error", "negative months", "endless months", "paths", "profit of none", "cost of none"])
def test_figures_that_no_run_finds(copy, command, name, place, value, words):
    with h5py.File(copy / "out/results.h5", "r+") as file:
        file[name][place] = value
    vouch_for(copy / "out")
    refused(command, copy, words, "results.h5", "run the command that made it again")


def test_a_cvar_level_that_there_is_not(copy):
    for level, words in ((1.5, "cvar_level is 1.5"), (0.1, "CVaR at 0.1")):
        with h5py.File(copy / "out/results.h5", "r+") as file:
            file.attrs.modify("cvar_level", level)
        vouch_for(copy / "out")
        refused(PLANS, copy, words, "results.h5", "run the command that made it again")


def test_results_of_another_configuration(copy):
    record = run_record(copy / "out")
    (copy / "out/run.json").write_text(json.dumps({**record, "config_hash": "0" * 64}))
    refused(PLANS, copy, "another configuration", "results.h5", "run the command that made it again")


@pytest.mark.parametrize("command", [PLANS, VERIFIES], ids=["optimize", "verify"])
def test_values_in_another_file(copy, command):
    with h5py.File(copy / "elsewhere.h5", "w") as other, h5py.File(copy / "out/results.h5", "r+") as file:
        other["x"] = file["cost"][...]
        del file["cost"]
        file["cost"] = h5py.ExternalLink("../elsewhere.h5", "x")
    vouch_for(copy / "out")
    refused(command, copy, "cost is a link to something else")


def test_totals_of_another_size(copy):
    with h5py.File(copy / "out/totals.h5", "r+") as file:
        replace(file, "path", file["path"][:-1])
        replace(file, "total_units", file["total_units"][:, :-1])
    vouch_for(copy / "out", "totals.h5")
    refused(PLANS, copy, "not the totals of the results beside it")


@pytest.mark.parametrize("command", [PLANS, VERIFIES, ["report", "out", "--workbook"]],
                         ids=["optimize", "verify", "report"])
def test_a_flipped_byte_never_reaches_the_library(copy, command):
    path = copy / "out/results.h5"
    sound = path.read_bytes()
    rng = np.random.default_rng(17)
    for at in rng.integers(0, 4096, 12):
        damaged = bytearray(sound)
        damaged[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        refused(command, copy, "results.h5", "changed", "run the command that made it again")


def test_results_that_nothing_vouches_for(copy):
    (copy / "out/run.json").unlink()
    refused(PLANS, copy, "no complete results")
    succeed(*VERIFIES, cwd=copy)  # the certificate has its SHA-256 too
    damaged = bytearray((copy / "out/results.h5").read_bytes())
    damaged[2048] ^= 1
    (copy / "out/results.h5").write_bytes(damaged)
    refused(VERIFIES, copy, "no run.json beside it lists it")


def test_names_that_pass_through_a_link_are_not_followed(copy):
    """A folder of the earlier set is now a link to somebody else's, which holds the same file."""
    record = run_record(copy / "out")
    (copy / "mine").mkdir()
    shutil.copy(copy / "out/plan.csv", copy / "mine/plan.csv")
    (copy / "out/deep").symlink_to(copy / "mine")
    record["files"]["deep/plan.csv"] = record["files"]["plan.csv"]
    (copy / "out/run.json").write_text(json.dumps(record))
    succeed("generate", "--kind", "retail", "--customers", 20, "--out", "out", cwd=copy)
    assert (copy / "mine/plan.csv").is_file()
    assert not (copy / "out/plan.csv").exists()


def test_a_deleted_workbook_is_made_again(copy):
    sound = (copy / "out/report.xlsx").read_bytes()
    (copy / "out/report.xlsx").unlink()
    succeed(*PLANS, cwd=copy)
    succeed("report", "out", "--workbook", cwd=copy)
    assert (copy / "out/report.xlsx").read_bytes() == sound
    (copy / "out/report.xlsx").write_text("mine")
    refused(["report", "out", "--workbook"], copy, "report.xlsx", "a report was changed", "move it elsewhere")


def test_a_folder_that_begins_with_a_dash(tmp_path):
    (tmp_path / "good.csv").write_text("customer_id,monthly_revenue,churn_probability\nA,10,0.1\n")
    succeed("simulate", "--out=-x", *settings(input__customers="good.csv", simulation__paths=20), cwd=tmp_path)
    succeed("report", "--workbook", "--", "-x", cwd=tmp_path)
    assert (tmp_path / "-x/report.xlsx").is_file()


@pytest.mark.parametrize("removed", ["out", "out/.partial-*"])
def test_a_folder_that_disappears_during_a_run(tmp_path, removed):
    (tmp_path / "good.csv").write_text("customer_id,monthly_revenue,churn_probability\nA,10,0.1\nB,20,0.2\n")
    process = subprocess.Popen([str(PROGRAM), "simulate", "--out", "out",
                                *settings(input__customers="good.csv", simulation__paths=1_000_000)], cwd=tmp_path,
                               env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not list(tmp_path.glob("out/.partial-*/results.h5")):
        time.sleep(0.001)
    for folder in list(tmp_path.glob(removed)):
        shutil.rmtree(folder, ignore_errors=True)
    _, stderr = process.communicate()
    assert process.returncode == OUTPUT, stderr
    assert stderr.splitlines()[-1].startswith("clv: ") and "removed while the run" in stderr
    assert not (tmp_path / "out/run.json").exists()
