"""Files that have gone bad, of every format that is read: a documented exit within seconds, a message of our own, and
the earlier results whole. The number of a mutation is its seed: it is the same file in both forms of this test, but for
run.json, which holds places and times; what failed is kept."""

import hashlib
import json
import os
import random
import shutil
from dataclasses import dataclass

import pytest
from hdf5_mutations import IMPOSSIBLE
from mutations import BINARY, TEXT, mutated
from worlds import (DONE, FIT, LEARN, LONG, OPTIMIZE, RULED, SEGMENT, SIMULATE, VALUE, attack, copy_of, good, is_whole,
                    manners, replay, report_of, settings, tree)

TOGETHER = 10_000 if LONG else 200
OUT = ("--out", "out", "--quiet")
BOUNDED = settings(simulation__paths=20, simulation__horizon_months=6)
SPEND = settings(fit__spend_model="gamma_gamma")
RETAIL = ("simulate", *OUT, *BOUNDED, *SPEND, *settings(fit__model="mbg_nbd"))
PLAN_FROM_PLANNED = (*OPTIMIZE, *settings(optimizer__results="planned"))
VERIFY = ("optimize", "--verify", "planned/certificate.json", "--quiet")
REPORT = ("report", "out", "--workbook", "--quiet")
RERUN = ("run", "world.toml", "--quiet", "--seed", "3")
SUMMARY = settings(input__summary="fitted/summary.csv", input__model="fitted/model.json")
LEARNED = settings(input__customers="churners.csv", input__learner="learned/learner.json")


@dataclass(frozen=True)
class Format:
    file: str
    arguments: tuple
    kinds: tuple = TEXT
    sealed: bool = False  # run.json beside it gets the digest of the bad file, so that readers go on


def _transactions(name, schema):
    return ("fit", "--model", "bg_nbd", *OUT, *SPEND,
            *settings(input__transactions=f'["{name}"]', input__schema=schema))


FORMATS = {
    "customers": Format("customers.csv", SIMULATE),
    "transactions": Format("transactions.csv", FIT),
    "transactions simulated": Format("transactions.csv", (
        *RETAIL, *settings(input__transactions='["transactions.csv"]'))),
    "cdnow": Format("cdnow.txt", _transactions("cdnow.txt", "cdnow")),
    "online_retail": Format("retail.csv", (*_transactions("retail.csv", "online_retail"),
                                           *settings(input__date_format="month_first"))),
    "summary": Format("fitted/summary.csv", ("fit", "--model", "pareto_nbd", *OUT, *SPEND,
                                             *settings(input__summary="fitted/summary.csv"))),
    "summary simulated": Format("fitted/summary.csv", ("simulate", *OUT, *BOUNDED, *SUMMARY)),
    "cohorts": Format("cohorts.csv", ("fit", "--model", "sbg", *OUT, *settings(input__summary="cohorts.csv"))),
    "uplift": Format("uplift.csv", ("optimize", *OUT,
                                    *settings(optimizer__uplift="uplift.csv", optimizer__budget=20))),
    "policy": Format("policy.csv", (*PLAN_FROM_PLANNED, *settings(optimizer__current="policy.csv"))),
    "curves": Format("curves.csv", (*SIMULATE, *settings(survival__source="curve", survival__curves="curves.csv"))),
    "purchase model": Format("fitted/model.json", ("simulate", *OUT, *BOUNDED, *SUMMARY)),
    "contract model": Format("contract/model.json", (*SIMULATE, *settings(input__model="contract/model.json",
                                                                          survival__source="model"))),
    "learned from": Format("churners.csv", LEARN),
    "learner": Format("learned/learner.json", (*SIMULATE, *LEARNED)),
    "values learned from": Format("sales.csv", VALUE),
    "value learner": Format("valued/learner.json", ("learn", "--target", "value", *OUT, *settings(
        input__transactions='["sales.csv"]', input__learner="valued/learner.json"))),
    "rules": Format("rules.toml", RULED),
    "segmented": Format("churners.csv", SEGMENT),
    "certificate": Format("planned/certificate.json", VERIFY),
    "run.json repeated": Format("planned/run.json", ("run", "planned/run.json", *OUT, *BOUNDED)),
    "run.json planned from": Format("planned/run.json", PLAN_FROM_PLANNED),
    "run.json reported": Format("out/run.json", REPORT),
    "configuration": Format("world.toml", (*SIMULATE, *OUT, *BOUNDED)),
    "configuration swept": Format("world.toml", ("sweep", "world.toml", *OUT, *BOUNDED)),
    "action": Format("call.toml", (*SIMULATE, *BOUNDED)),
    "results.h5": Format("planned/results.h5", PLAN_FROM_PLANNED, BINARY),
    "results.h5 sealed": Format("planned/results.h5", PLAN_FROM_PLANNED, BINARY, True),
    "results.h5 impossible": Format("planned/results.h5", PLAN_FROM_PLANNED, IMPOSSIBLE, True),
    "results.h5 verified": Format("planned/results.h5", VERIFY, IMPOSSIBLE, True),
    "results.h5 reported": Format("out/results.h5", REPORT, IMPOSSIBLE, True),
    "totals.h5 sealed": Format("out/totals.h5", RERUN, BINARY, True),
    "totals.h5 impossible": Format("out/totals.h5", RERUN, IMPOSSIBLE, True),
}
EACH = TOGETHER // len(FORMATS)
ONLY = os.environ.get("CLV_MUTATION")  # the number of one mutation, to be replayed


@pytest.fixture(scope="session")
def read_world(world, tmp_path_factory):
    """A world with a file of every kind that a command reads, and earlier results in out/. Not to be changed."""
    folder = copy_of(world, tmp_path_factory.mktemp("read"))
    good(FIT, folder)
    (folder / "out").rename(folder / "fitted")
    good(("fit", "--model", "sbg", *OUT, *settings(input__summary="cohorts.csv")), folder)
    (folder / "out").rename(folder / "contract")
    good(LEARN, folder)
    (folder / "out").rename(folder / "learned")
    good(VALUE, folder)
    (folder / "out").rename(folder / "valued")
    good(("run", "world.toml", "--quiet"), folder)
    (folder / "out").rename(folder / "planned")
    good(("simulate", "world.toml", "--quiet", "--seed", "3"), folder)
    return folder


def seal(file):
    record_file = file.parent / "run.json"
    record = json.loads(record_file.read_text())
    data = file.read_bytes()
    record["files"][file.name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    record_file.write_text(json.dumps(record))


@pytest.mark.parametrize("name", FORMATS)
def test_a_bad_file_is_refused_or_understood(name, read_world, tmp_path):
    form = FORMATS[name]
    folder = copy_of(read_world, tmp_path / "work")
    sound = (folder / form.file).read_bytes()
    failures = []
    for number in [int(ONLY)] if ONLY else range(EACH):
        bad, how = mutated(sound, form.kinds, random.Random(f"{name} {number}"))
        (folder / form.file).write_bytes(bad)
        if form.sealed:
            seal(folder / form.file)
        before = tree(folder / "out")
        ended = attack(form.arguments, folder)
        wrong = manners(ended)
        if not wrong and ended.code != DONE and tree(folder / "out") != before:
            wrong = f"exit {ended.code}, and the earlier results are not as they were"
        if not wrong and ended.code == DONE and not is_whole(folder / "out"):
            wrong = "exit 0, and the results are not whole"
        if wrong:
            kept = tmp_path / f"failed_{number}"
            shutil.copytree(folder, kept)
            failures.append((f"'{name}', CLV_MUTATION={number} ({how}): {wrong}", replay(form.arguments, kept)))
        for changed in {"out", form.file.split("/")[0]}:
            _restore(read_world / changed, folder / changed)
    shutil.rmtree(folder)
    assert not failures, report_of(failures, EACH)


def _restore(source, target):
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)
