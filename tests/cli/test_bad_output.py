"""Output is whole or not at all: nothing is left of a run that cannot write or is stopped, and earlier results stay."""

import os
import signal
import subprocess

import pytest
from program import (INTERRUPTED, OUTPUT, PROGRAM, clv, environment, interrupt, result_bytes, run_record, settings,
                     succeed, table, tree)

RESULTS_IN_ORDER = ("results.h5", "clv.csv", "cashflow.csv", "portfolio.csv", "uplift.csv", "totals.h5", "plan.csv")
BLOCK_BYTES = 4096

# More than a test can wait for.
ENDLESS = settings(input__customers="good.csv", simulation__paths=20_000_000, simulation__horizon_months=120)


@pytest.mark.parametrize("out", ["file", "file/below", "file/below/deeper"])
def test_folder_below_a_regular_file(tmp_path, earlier_results, out):
    (tmp_path / "file").write_text("mine")
    before = tree(tmp_path)
    outcome = clv("simulate", "--out", out, *settings(input__customers="good.csv"), cwd=tmp_path)
    assert outcome.code == OUTPUT
    assert str(tmp_path / "file") in outcome.stderr
    assert "choose another --out" in outcome.stderr
    assert tree(tmp_path) == before


def test_folder_in_the_place_of_a_result(tmp_path):
    (tmp_path / "good.csv").write_text("customer_id,monthly_revenue,churn_probability\nA,10,0.1\n")
    (tmp_path / "out/clv.csv").mkdir(parents=True)
    before = tree(tmp_path)
    outcome = clv("simulate", "--out", "out", *settings(input__customers="good.csv", simulation__paths=20),
                  cwd=tmp_path)
    assert outcome.code == OUTPUT
    assert "out/clv.csv" in outcome.stderr
    assert tree(tmp_path) == before


def test_foreign_files_in_the_folder_stay(tmp_path, earlier_results):
    (earlier_results / "notes.txt").write_text("mine")
    succeed("simulate", "--out", "out", *settings(input__customers="good.csv", simulation__paths=30), cwd=tmp_path)
    assert (earlier_results / "notes.txt").read_text() == "mine"


def test_missing_folders_are_made(tmp_path, earlier_results):
    succeed("simulate", "--out", "a/b/c", *settings(input__customers="good.csv", simulation__paths=20), cwd=tmp_path)
    assert (tmp_path / "a/b/c/run.json").is_file()


@pytest.fixture
def small_disk(tmp_path):
    """A function that mounts an empty tmpfs of so many bytes and returns its folder."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = []

    def mount(size):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], capture_output=True)
        if done.returncode != 0:
            pytest.skip(f"a tmpfs cannot be mounted here: {done.stderr.decode().strip()}")
        mounted.append(disk)
        return disk

    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def assert_disk_full(outcome, disk):
    assert outcome.code == OUTPUT, outcome.stderr
    assert str(disk) in outcome.stderr
    assert "No space left" in outcome.stderr
    assert "HDF5-DIAG" not in outcome.stderr
    assert outcome.stdout == ""


@pytest.mark.parametrize("size", ["4k", "16k", "64k", "256k", "1m"])
def test_full_disk_without_earlier_results(world, small_disk, size):
    """The whole set is larger than any of these."""
    disk = small_disk(size)
    outcome = clv("run", "world.toml", "--out", disk / "new", "--set", "generate.customers=1500", cwd=world)
    assert_disk_full(outcome, disk)
    assert tree(disk) == {}


@pytest.fixture(scope="module")
def larger_world(world, tmp_path_factory):
    """Results of so many customers that half of clv.csv is more than results.h5 needs for a while beside its size."""
    out = tmp_path_factory.mktemp("larger") / "out"
    succeed("run", "world.toml", "--out", out, "--set", "generate.customers=2500", cwd=world)
    return out


@pytest.mark.parametrize("victim", RESULTS_IN_ORDER)
def test_disk_full_in_the_middle_of_each_file(world, larger_world, small_disk, victim):
    """Earlier results share the disk with a filler that leaves room up to the middle of the file."""
    disk = small_disk("8m")
    succeed("generate", "--kind", "subscription", "--customers", 20, "--out", "few", cwd=disk)
    config = (world / "world.toml").read_text().split("[simulation]", 1)[1]
    customers = larger_world / "customers.csv"
    (disk / "job.toml").write_text(f'[input]\ncustomers = "{customers}"\n[simulation]{config}')
    succeed("run", "job.toml", "--out", "out", *settings(input__customers="few/customers.csv"), cwd=disk)

    sizes = {name: (larger_world / name).stat().st_size for name in RESULTS_IN_ORDER}
    written_before = RESULTS_IN_ORDER[: RESULTS_IN_ORDER.index(victim)]
    room = sum(-(-sizes[name] // BLOCK_BYTES) * BLOCK_BYTES for name in written_before)
    room += sizes[victim] // 2 // BLOCK_BYTES * BLOCK_BYTES
    space = os.statvfs(disk)
    (disk / "filler").write_bytes(b"x" * (space.f_bavail * space.f_frsize - room))

    before = tree(disk)
    outcome = clv("run", "job.toml", "--out", "out", cwd=disk)
    assert_disk_full(outcome, disk)
    assert victim in outcome.stderr
    assert tree(disk) == before


def test_disk_full_at_the_last_file(tmp_path, small_disk):
    """Room for every file of the set, none for run.json."""
    command = ["generate", "--kind", "subscription", "--customers", 500]
    succeed(*command, "--out", "elsewhere", cwd=tmp_path)
    sizes = [(tmp_path / "elsewhere" / name).stat().st_size for name in ("customers.csv", "truth.csv")]
    room = sum(-(-size // BLOCK_BYTES) * BLOCK_BYTES for size in sizes)
    disk = small_disk("1m")
    space = os.statvfs(disk)
    (disk / "filler").write_bytes(b"x" * (space.f_bavail * space.f_frsize - room))
    before = tree(disk)
    outcome = clv(*command, "--out", disk / "new", cwd=tmp_path)
    assert_disk_full(outcome, disk)
    assert "run.json" in outcome.stderr
    assert tree(disk) == before


def test_standard_output_that_cannot_be_written(tmp_path, earlier_results):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(PROGRAM), "doctor"], cwd=tmp_path, env=environment(), stdout=full,
                              stderr=subprocess.PIPE)
    assert done.returncode == OUTPUT
    assert b"standard output" in done.stderr or b"stdout" in done.stderr


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_interrupted_simulation(tmp_path, earlier_results, signal_number):
    before = tree(tmp_path)
    for out in ("out", "new/deeper"):
        outcome, worked_s = interrupt("simulate", *ENDLESS, "--out", out, cwd=tmp_path, after="simulating",
                                      signal_number=signal_number)
        assert outcome.code == INTERRUPTED, outcome.stderr
        assert "interrupted: nothing was written" in outcome.stderr
        assert outcome.stdout == ""
        assert worked_s < 5.0
        assert tree(tmp_path) == before


def test_interrupted_with_many_customers_under_way(tmp_path):
    succeed("generate", "--kind", "subscription", "--customers", 5000, "--out", "world", cwd=tmp_path)
    outcome, worked_s = interrupt("simulate", *settings(input__customers="world/customers.csv",
                                                        simulation__paths=500_000), "--out", "out", cwd=tmp_path,
                                  after=r"simulating: +\d+%")
    assert outcome.code == INTERRUPTED, outcome.stderr
    assert worked_s < 5.0
    assert tree(tmp_path / "out") is None


def test_interrupted_world(tmp_path):
    """At the beginning, while the customers themselves are drawn."""
    outcome, worked_s = interrupt("generate", "--kind", "subscription", "--customers", 20_000_000, "--out", "out",
                                  cwd=tmp_path)
    assert outcome.code == INTERRUPTED, outcome.stderr
    assert worked_s < 5.0
    assert tree(tmp_path / "out") is None


def test_killed_run_is_cleared_away_by_the_next(tmp_path, earlier_results):
    before = tree(earlier_results)
    outcome, _ = interrupt("simulate", *ENDLESS, "--out", "out", cwd=tmp_path, after="simulating",
                           signal_number=signal.SIGKILL)
    assert outcome.code == -signal.SIGKILL
    left = tree(earlier_results)
    assert {name: digest for name, digest in left.items() if not name.startswith(".partial-")} == before
    succeed("simulate", "--out", "out", *settings(input__customers="good.csv", simulation__paths=20), cwd=tmp_path)
    assert tree(earlier_results).keys() == before.keys()


def test_results_of_a_larger_run_do_not_linger(tmp_path, world):
    """uplift.csv, plan.csv and cashflow.csv of an earlier run are no part of a run without them; the world is kept."""
    succeed("run", world / "world.toml", "--out", "out", cwd=tmp_path)
    succeed("simulate", "--out", "out", *settings(input__customers=str(world / "out/customers.csv"),
                                                  simulation__paths=20), cwd=tmp_path)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"clv.csv", "portfolio.csv", "results.h5", "run.json", "customers.csv", "truth.csv"}
    assert set(run_record(tmp_path / "out")["files"]) == names - {"run.json"}
    assert len(table(tmp_path / "out/clv.csv")) == len(table(world / "out/clv.csv"))


def test_two_runs_into_one_folder_leave_one_whole_set(tmp_path, earlier_results):
    """The second is refused with a word; never a mixture."""
    alone = {}
    for seed in (1, 2):
        succeed("simulate", "--out", f"alone-{seed}", "--seed", seed,
                *settings(input__customers="good.csv", simulation__paths=50_000), cwd=tmp_path)
        alone[seed] = result_bytes(tmp_path / f"alone-{seed}")
    processes = [subprocess.Popen([str(PROGRAM), "simulate", "--quiet", "--out", "out", "--seed", str(seed),
                                   *settings(input__customers="good.csv", simulation__paths=50_000)], cwd=tmp_path,
                                  env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                 for seed in (1, 2)]
    messages = [process.communicate()[1] for process in processes]
    codes = [process.returncode for process in processes]
    assert 0 in codes and set(codes) <= {0, 7}, messages
    assert all(b"another run is at work" in message for code, message in zip(codes, messages, strict=True) if code)
    seed = run_record(earlier_results)["config"]["simulation"]["seed"]
    assert result_bytes(earlier_results) == alone[seed]
