"""Manners under stress: closed descriptors, full streams, no memory, few files, odd names. The documented exit, a word
that helps, and earlier results as they were."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from program import (BACKEND, DONE, INPUT, INTERRUPTED, OUTPUT, PROGRAM, USAGE, Outcome, environment, interrupt,
                     result_bytes, settings, succeed, tree)

MEMORY = 9
WITHOUT_OUT = ["simulate", *settings(input__customers="good.csv", simulation__paths=20)]
SIMULATE = [*WITHOUT_OUT, "--out", "out"]


def start(*arguments, cwd, limits=(), env=None, **streams):
    """Runs the program within limits of its resources: (resource.RLIMIT_AS, bytes)."""
    def limit():
        for name, value in limits:
            resource.setrlimit(name, (value, value))

    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    done = subprocess.run([PROGRAM, *arguments], cwd=cwd, env=env or environment(), preexec_fn=limit, timeout=300,
                          **streams)
    return Outcome(done.returncode, (done.stdout or b"").decode(errors="replace"),
                   (done.stderr or b"").decode(errors="replace"))


def said(outcome):
    """The one line that says what stopped the program."""
    lines = [line for line in outcome.stderr.splitlines() if line.startswith("clv: ")]
    assert len(lines) == 1, outcome.stderr
    assert "terminate called" not in outcome.stderr and "internal error" not in outcome.stderr
    return lines[0]


# Descriptors and streams.


@pytest.mark.parametrize("closing", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_closed_descriptors_are_no_files(tmp_path, earlier_results, closing):
    succeed(*WITHOUT_OUT, "--out", "plain", cwd=tmp_path)
    line = f'exec "$@" {closing}'
    done = subprocess.run(["sh", "-c", line, "sh", PROGRAM, *SIMULATE], cwd=tmp_path, env=environment(),
                          capture_output=True)
    assert done.returncode == DONE, done.stderr
    assert result_bytes(tmp_path / "out") == result_bytes(tmp_path / "plain")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["run", "--help"], ["doctor"], SIMULATE],
                         ids=lambda arguments: " ".join(arguments[:2]) or "nothing")
def test_data_that_cannot_be_written(tmp_path, earlier_results, arguments):
    before = tree(earlier_results)
    with open("/dev/full", "wb") as full:
        outcome = start(*arguments, cwd=tmp_path, stdout=full)
    assert outcome.code == OUTPUT
    assert "standard output" in said(outcome)
    assert tree(earlier_results) == before


def test_a_reader_that_goes_away_is_no_fault(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        assert start("--help", cwd=tmp_path, stdout=nobody).code == DONE


# Memory.


def test_no_memory_ends_with_a_word(tmp_path, earlier_results):
    """At every limit from too little to begin with to enough."""
    succeed("generate", "--kind", "subscription", "--customers", 3000, "--out", "world", cwd=tmp_path)
    before = tree(earlier_results)
    commands = [["simulate", *settings(input__customers="world/customers.csv", simulation__paths=2000)],
                ["generate", "--kind", "retail", "--customers", "3000"],
                ["run", *settings(generate__customers=2000, generate__kind="subscription", generate__window_months=0, simulation__paths=500,
                                  actions='[{name = "call", cost = 1.0, hazard_multiplier = 0.5}]')]]
    codes = []
    for command in commands:
        for megabytes in range(40, 140, 3):
            shutil.rmtree(tmp_path / "new", ignore_errors=True)
            outcome = start(*command, "--out", "new", "--quiet", "--threads", "4", cwd=tmp_path,
                            env=environment({"CLV_PYTHON": "/bin/false"}), limits=[(resource.RLIMIT_AS, megabytes << 20)])
            if "loading shared libraries" in outcome.stderr or "libc.so" in outcome.stderr:
                continue
            codes.append(outcome.code)
            where = f"{command[0]} within {megabytes} MB: {outcome.code} {outcome.stderr}"
            if outcome.code in (INPUT, OUTPUT):  # the library of results files, which has words of its own
                assert "memory" in said(outcome), where
            else:
                assert outcome.code in (DONE, MEMORY), where
            if outcome.code == MEMORY:
                assert "out of memory" in said(outcome) or "thread cannot be started" in said(outcome)
                assert "fewer paths" not in said(outcome)
    assert MEMORY in codes and DONE in codes
    assert tree(earlier_results) == before


# 100 million paths: what is written first of them has room in the larger one
@pytest.mark.parametrize("megabytes", [512, 1024])
def test_only_paths_are_told_to_be_fewer(tmp_path, earlier_results, megabytes):
    outcome = start(*SIMULATE, *settings(simulation__paths=100_000_000), "--threads", "1", cwd=tmp_path,
                    limits=[(resource.RLIMIT_AS, megabytes << 20)])
    assert outcome.code == MEMORY
    assert "100000000 paths" in said(outcome) and "use fewer paths" in said(outcome)


# Files.


def test_a_file_beyond_its_limit(tmp_path, earlier_results):
    before = tree(earlier_results)
    outcome = start(*SIMULATE, cwd=tmp_path, limits=[(resource.RLIMIT_FSIZE, 4096)])
    assert outcome.code == OUTPUT
    assert "File too large" in said(outcome)
    assert tree(earlier_results) == before


@pytest.mark.parametrize("files", [3, 4, 5, 6, 8])
def test_few_open_files(tmp_path, earlier_results, files):
    before = result_bytes(earlier_results)
    outcome = start(*SIMULATE, cwd=tmp_path, limits=[(resource.RLIMIT_NOFILE, files)])
    for left in earlier_results.glob(".partial-*"):  # clearing away needs a file too; the next run does it
        shutil.rmtree(left)
    if "loading shared libraries" in outcome.stderr:
        pytest.skip("no file for the libraries of the program")
    assert outcome.code in (DONE, INPUT, OUTPUT), outcome.stderr
    if outcome.code != DONE:
        assert "Too many open files" in said(outcome)
    assert result_bytes(earlier_results) == before


@pytest.mark.parametrize("files", [4, 5, 6, 7, 8, 10, 12])
@pytest.mark.parametrize("parts", [[], ["--workbook"]], ids=["all", "workbook"])
def test_reports_with_few_open_files(tmp_path, earlier_results, files, parts):
    """What there is too little of is named, and nothing else; a library's own words are not to be seen."""
    before = result_bytes(earlier_results)
    outcome = start("report", "out", *parts, cwd=tmp_path, limits=[(resource.RLIMIT_NOFILE, files)],
                    env=environment({"CLV_PYTHON": sys.executable}))
    for left in earlier_results.glob(".partial-*"):
        shutil.rmtree(left)
    if "loading shared libraries" in outcome.stderr:
        pytest.skip("no file for the libraries of the program")
    assert "[ERROR]" not in outcome.stderr and "does not have it" not in outcome.stderr, outcome.stderr
    assert outcome.code in (DONE, INPUT, OUTPUT, BACKEND), outcome.stderr
    if outcome.code != DONE:
        assert "open files" in said(outcome) or "ulimit" in said(outcome)
        assert result_bytes(earlier_results) == before


def test_an_interpreter_that_is_none(tmp_path, earlier_results):
    for interpreter, word in {"/bin/false": "exit code 1", "/nonexistent": "exit code 127"}.items():
        outcome = start("report", "out", cwd=tmp_path, env=environment({"CLV_PYTHON": interpreter}))
        assert outcome.code == BACKEND
        assert word in said(outcome) and "does not have it" not in said(outcome)


def test_an_interpreter_that_will_not_stop(tmp_path, earlier_results):
    """Nor what it has started."""
    interpreter = tmp_path / "python"
    interpreter.write_text('#!/bin/sh\ntrap "" INT TERM\nsleep 600 & echo $! > pid\nwait\nsleep 600\n')
    interpreter.chmod(0o755)
    process = subprocess.Popen([PROGRAM, "report", "out"], cwd=tmp_path, stderr=subprocess.PIPE,
                               env=environment({"CLV_PYTHON": str(interpreter)}))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    state = Path("/proc") / (tmp_path / "pid").read_text().strip() / "stat"
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("kibibytes", [64, 128, 256, 1024])
@pytest.mark.parametrize("arguments", [SIMULATE, ["run", *SIMULATE[1:]], ["validate", *WITHOUT_OUT[1:]], ["doctor"]],
                         ids=lambda arguments: arguments[0])
def test_a_small_stack(tmp_path, earlier_results, arguments, kibibytes):
    done = subprocess.run(["sh", "-c", f'ulimit -s {kibibytes} && exec "$@"', "sh", PROGRAM, *arguments], cwd=tmp_path,
                          env=environment({"CLV_PYTHON": "/bin/false"}), capture_output=True, text=True)
    assert done.returncode == DONE, done


@pytest.mark.parametrize("out", ["link", "link/below"])
def test_a_link_to_nowhere_as_the_folder(tmp_path, earlier_results, out):
    (tmp_path / "link").symlink_to("nowhere")
    outcome = start(*WITHOUT_OUT, "--out", out, cwd=tmp_path)
    assert outcome.code == OUTPUT
    assert "symbolic link to nowhere" in said(outcome)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("arguments", [["simulate", "--out", "new"], ["run", "--out", "new"],
                                       ["run", "--dry-run", "--out", "new"], ["validate", "--out", "new"],
                                       ["fit", "--model", "sbg", "--out", "new"],
                                       ["generate", "--kind", "retail", "--out", "new"]], ids=" ".join)
def test_a_working_directory_that_is_gone(tmp_path, earlier_results, arguments):
    (tmp_path / "gone").mkdir()
    done = subprocess.run(["sh", "-c", 'rmdir ../gone && exec "$@"', "sh", PROGRAM, *arguments,
                           *settings(input__customers=str(tmp_path / "good.csv"))], cwd=tmp_path / "gone",
                          env=environment(), capture_output=True, text=True)
    outcome = Outcome(done.returncode, done.stdout, done.stderr)
    assert outcome.code == USAGE, outcome.stderr
    assert "working directory" in said(outcome) and "filesystem error" not in outcome.stderr


def test_a_folder_that_is_gone(tmp_path, earlier_results):
    (tmp_path / "gone").mkdir()
    line = 'rmdir ../gone && exec "$@"'
    outcome = None
    for arguments in (["doctor"], ["simulate", "--out", "new", *settings(input__customers=str(tmp_path / "good.csv"))],
                      ["report", "."], ["run", "x.toml"]):
        (tmp_path / "gone").mkdir(exist_ok=True)
        done = subprocess.run(["sh", "-c", line, "sh", PROGRAM, *arguments], cwd=tmp_path / "gone", env=environment(),
                              capture_output=True, text=True)
        outcome = Outcome(done.returncode, done.stdout, done.stderr)
        assert outcome.code in (DONE, USAGE, INPUT, OUTPUT, BACKEND), outcome.stderr
        if outcome.code != DONE:
            said(outcome)


@pytest.mark.parametrize("arguments", [["--out=-x"], ["--out", "-x"]], ids=["one word", "two words"])
def test_a_folder_that_looks_like_a_flag(tmp_path, earlier_results, arguments):
    succeed(*WITHOUT_OUT, *arguments, cwd=tmp_path)
    assert (tmp_path / "-x/run.json").is_file()
    succeed("report", "--workbook", "--", "-x", cwd=tmp_path)
    assert (tmp_path / "-x/report.xlsx").is_file()


@pytest.mark.parametrize("signal_number", [signal.SIGHUP], ids=["SIGHUP"])
def test_a_terminal_that_hangs_up(tmp_path, earlier_results, signal_number):
    before = tree(tmp_path)
    outcome, _ = interrupt("simulate", "--out", "out",
                           *settings(input__customers="good.csv", simulation__paths=20_000_000,
                                     simulation__horizon_months=120),
                           cwd=tmp_path, after="simulating", signal_number=signal_number)
    assert outcome.code == INTERRUPTED
    assert tree(tmp_path) == before


# Arguments that nobody meant.

ODD = [b"\xff", b"--se\xfft", b"=", b"--", b"---", b"", b"-", b"--set", b"--set=", b"--set==", b"--set=a", b"--set=.=1",
       b"--set=simulation=1", b"--set=simulation.paths=\xff", b"--set=input.columns.\xff=x",
       b"--set=input.columns.customer_id=\xff", b"--set=input.customers=\xff.csv", b"--set=simulation.paths=1e400",
       b"--set=simulation.quantiles=[nan]", b"--set=simulation.quantiles=[[]]", b"--set=actions=[{}]",
       b"--set=actions=[{name=\"\xff\"}]", b"--set=optimizer.budget=inf", b"--config=\xff", b"--config=/dev/null",
       b"--config=.", b"--seed=99999999999999999999", b"--seed=-1", b"--seed=0x", b"--threads=1e9", b"--out=\xff/\xfe",
       b"--out=" + b"a" * 300, b"--out=" + b"a/" * 3000, b"--out=/proc/x", b"--out=/dev/null/x",
       b"--set=" + b"a." * 2000 + b"b=1", b"--set=simulation.paths=" + b"9" * 100_000]


@pytest.mark.parametrize("argument", ODD, ids=lambda argument: repr(argument[:24]))
@pytest.mark.parametrize("command", ["simulate", "run", "fit"])
def test_odd_arguments_are_no_internal_error(tmp_path, command, argument):
    (tmp_path / "good.csv").write_text("customer_id,monthly_revenue,churn_probability\nA,10,0.1\nB,20,0.2\n")
    outcome = start(command, *(["--out", "out"] if not argument.startswith(b"--out") else []),
                    *settings(input__customers="good.csv", simulation__paths=20), argument, cwd=tmp_path)
    assert outcome.code in (DONE, USAGE, INPUT, OUTPUT), outcome
    if outcome.code != DONE:
        said(outcome)


# What is of the working directory is not run.

TRAP = "import pathlib\npathlib.Path(__file__).with_name('owned').write_text(__name__)\n"
NAMES = ("json", "numpy", "jinja2", "clvsim", "sitecustomize", "usercustomize", "runpy", "importlib")


@pytest.mark.parametrize("variables", [{}, {"PYTHONPATH": ""}, {"PYTHONPATH": "."}, {"PYTHONPATH": ":/nowhere:"}],
                         ids=str)
def test_reports_run_nothing_of_the_working_directory(tmp_path, earlier_results, variables):
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(TRAP)
    outcome = start("report", "out", cwd=tmp_path, env=environment({"CLV_PYTHON": sys.executable, **variables}))
    assert outcome.code in (DONE, BACKEND), outcome.stderr
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("path", [".:{}", ":{}", "{}:", "sub:{}"])
def test_the_interpreter_is_none_of_the_working_directory(tmp_path, earlier_results, path):
    for folder in (tmp_path, tmp_path / "sub"):
        folder.mkdir(exist_ok=True)
        (folder / "python3").write_text(f"#!/bin/sh\ntouch {tmp_path}/owned\nexit 0\n")
        (folder / "python3").chmod(0o755)
    variables = environment({"PATH": path.format("/nowhere")})
    variables.pop("CLV_PYTHON", None)
    outcome = start("report", "out", cwd=tmp_path, env=variables)
    assert outcome.code == BACKEND, outcome.stderr
    assert not (tmp_path / "owned").exists()
