"""Memory: figures of customers stream to the disk, so a run needs little more than its input for each of them."""

import itertools
import subprocess
import sys

import pytest
from program import PROGRAM, environment, run_record, settings, succeed

# Both hold more customers than are worked on at a time, so that what grows between them is kept for every customer.
FEW, MANY = 135_000, 210_000

CONFIG = """
[simulation]
paths = 2
horizon_months = 3
cashflow = true
quantiles = [0.05]

[[actions]]
name = "call"
cost = 1.0
hazard_multiplier = 0.5
eligible = "segment != 'Premium'"

[optimizer]
budget = 20000.0
"""


# A process inherits the peak of the one that starts it: only a small one may.
LAUNCHER = """
import os, sys
_, status, usage = os.wait4(os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]), 0)
print(usage.ru_maxrss * 1024, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak_bytes(*arguments, cwd):
    """Peak resident memory of the program, which has to do what it is asked."""
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER]
    done = subprocess.run([*launcher, str(PROGRAM), *map(str, arguments), "--threads", "1", "--quiet"], cwd=cwd,
                          env=environment(), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return int(done.stderr.splitlines()[-1])


def bytes_per_customer(peaks):
    return (peaks[MANY] - peaks[FEW]) / (MANY - FEW)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """A folder with the customers of two worlds, the smaller of which begins the larger, and the peaks of making them."""
    folder = tmp_path_factory.mktemp("worlds")
    peaks = {customers: peak_bytes("generate", "--kind", "subscription", "--customers", customers, "--out",
                                   f"world{customers}", *settings(simulation__horizon_months=3), cwd=folder)
             for customers in (FEW, MANY)}
    with open(folder / f"world{MANY}/customers.csv") as many, open(folder / f"world{FEW}/customers.csv") as few:
        assert list(itertools.islice(many, 1_000)) == list(itertools.islice(few, 1_000))
    (folder / "run.toml").write_text(CONFIG)
    return folder, peaks


def test_generating_needs_nothing_per_customer(worlds):
    _, peaks = worlds
    assert bytes_per_customer(peaks) < 20


def test_validating_needs_the_customers_once(worlds):
    folder, _ = worlds
    peaks = {customers: peak_bytes("validate", *settings(input__customers=f"world{customers}/customers.csv"),
                                   cwd=folder) for customers in (FEW, MANY)}
    assert bytes_per_customer(peaks) < 150


def test_a_run_keeps_no_figures_of_customers(worlds):
    # Id, hash, six columns and a hazard: about 110 bytes; profit, cost and error of the action: 50; its choice: 30.
    # The figures themselves would be another 150, and 130 more for two further runs of the plan.
    folder, _ = worlds
    peaks = {customers: peak_bytes("run", "run.toml", *settings(input__customers=f"world{customers}/customers.csv"),
                                   "--out", f"out{customers}", cwd=folder) for customers in (FEW, MANY)}
    assert bytes_per_customer(peaks) < 200


def test_transactions_need_their_customers_and_a_buffer(tmp_path):
    # The same customers with ten times the rows, which would take 24 bytes each.
    rows, peaks = [], []
    for name, alpha in (("few", 5.0), ("many", 0.5)):
        succeed("generate", "--kind", "retail", "--customers", 20_000, "--out", name,
                *settings(generate__alpha=alpha, generate__a=0.05, generate__b=20.0), cwd=tmp_path)
        rows.append(run_record(tmp_path / name)["truth"]["transactions"])
        peaks.append(peak_bytes("validate", *settings(input__transactions=f"{name}/transactions.csv",
                                                      input__memory_mb=2), cwd=tmp_path))
    assert rows[0] > 100_000 and rows[1] > 5 * rows[0]
    assert (peaks[1] - peaks[0]) / (rows[1] - rows[0]) < 8
