"""The program as a user runs it: a process with arguments, an exit code, two streams and a folder of results."""

import hashlib
import json
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("CLV_PROGRAM", REPOSITORY / "build/release/clv")).absolute()

DONE, USAGE, INPUT, MODEL, BACKEND, INFEASIBLE, OUTPUT, CERTIFICATE, INTERRUPTED = 0, 2, 3, 4, 5, 6, 7, 8, 130

# What a user's shell may hold and would change what the tests see.
_UNSET = ("NO_COLOR", "TERM")


@dataclass(frozen=True)
class Outcome:
    code: int
    stdout: str
    stderr: str


def environment(extra=None):
    kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return {**kept, **(extra or {})}


# A busy machine is slow, not wrong: only what hangs runs into this.
PATIENCE_S = 900.0


def clv(*arguments, cwd, env=None, timeout_s=PATIENCE_S):
    """Runs the program in `cwd`; `env` holds variables to add."""
    done = subprocess.run([str(PROGRAM), *map(str, arguments)], cwd=cwd, env=environment(env), capture_output=True,
                          timeout=timeout_s, stdin=subprocess.DEVNULL)
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode(errors="surrogateescape"))


def succeed(*arguments, cwd, env=None, timeout_s=PATIENCE_S):
    """Runs the program, which has to do what it is asked."""
    outcome = clv(*arguments, cwd=cwd, env=env, timeout_s=timeout_s)
    assert outcome.code == DONE, outcome.stderr
    return outcome


def settings(**values):
    """--set arguments: settings(simulation__paths=50)."""
    arguments = []
    for key, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value)
        arguments += ["--set", f"{key.replace('__', '.')}={text}"]
    return arguments


def cpu_seconds(pid):
    """What a process has worked so far, all of its threads together."""
    # the name, which may hold anything, ends with the last bracket; user and system time are fields 14 and 15
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def thread_count(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def _ended(process):
    """Waits for a process; what it has worked in all."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime
        time.sleep(0.01)
    raise AssertionError(f"still there {PATIENCE_S} s after the signal")


def interrupt(*arguments, cwd, after=None, signal_number=signal.SIGINT):
    """Sends the signal once `after` (a pattern) stands on stderr, and the program has worked a moment since.

    Returns the outcome and how much the program worked until it stopped, in seconds of a processor for each of its
    threads: on a busy machine more time passes, but no more work is done."""
    process = subprocess.Popen([str(PROGRAM), *map(str, arguments)], cwd=cwd, env=environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               # which nohup, around the tests, has ignored by all below it
                               preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
    seen = []
    reached, closed = threading.Event(), threading.Event()

    def read():
        for line in process.stderr:
            seen.append(line)
            if after and re.search(after, line):
                reached.set()
        closed.set()  # if the program ended early, the exit code will tell
        reached.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert after is None or reached.wait(PATIENCE_S), f"no '{after}' on stderr: {seen}"
        moment = cpu_seconds(process.pid) + 0.2
        while not closed.wait(0.01) and cpu_seconds(process.pid) < moment:
            pass
        worked, threads = cpu_seconds(process.pid), thread_count(process.pid)
        process.send_signal(signal_number)
        worked = (_ended(process) - worked) / threads
    finally:
        process.kill()
        process.wait()
        reader.join()
    stdout = process.stdout.read()
    process.stdout.close()
    process.stderr.close()
    return Outcome(process.returncode, stdout, "".join(seen)), worked


def tree(folder):
    """Every file and folder below, hidden ones too, with the digest of the bytes; None where there is no folder."""
    folder = Path(folder)
    if not folder.exists():
        return None
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
            for path in sorted(folder.rglob("*"))}


_TEXTS = {"customer_id", "segment", "action", "plan", "reason", "recommended_action", "row", "scenario", "source",
          "cohort", "first_purchase"}


def table(path):
    """A CSV file as written: ids and names as text, numbers to the last bit, emptiness as NaN."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in frame.columns.difference(_TEXTS):
        if frame[name].str.fullmatch(r"-?\d+").all():
            frame[name] = [int(text) for text in frame[name]]
        else:
            frame[name] = [float(text or "nan") for text in frame[name]]
    return frame


def run_record(folder):
    return json.loads((Path(folder) / "run.json").read_text())


def result_bytes(folder):
    """Bytes of every result; run.json, which tells of the execution, and reports, which show the others, are none."""
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()
            if path.name not in ("run.json", "report.html", "report.xlsx")}


def machine(cwd):
    return json.loads(succeed("doctor", "--json", cwd=cwd).stdout)


def has_gpu(cwd):
    return any(backend["name"] == "cuda" and backend["available"] for backend in machine(cwd)["backends"])
