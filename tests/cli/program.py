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
_UNSET = ("NO_COLOR", "CLV_CPU_TARGET", "TERM")


@dataclass(frozen=True)
class Outcome:
    code: int
    stdout: str
    stderr: str


def environment(extra=None):
    kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return {**kept, **(extra or {})}


def clv(*arguments, cwd, env=None, timeout_s=120):
    """Runs the program in `cwd`; `env` holds variables to add."""
    done = subprocess.run([str(PROGRAM), *map(str, arguments)], cwd=cwd, env=environment(env), capture_output=True,
                          timeout=timeout_s, stdin=subprocess.DEVNULL)
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def succeed(*arguments, cwd, env=None, timeout_s=120):
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


def interrupt(*arguments, cwd, after=None, signal_number=signal.SIGINT, patience_s=60.0):
    """Sends the signal once `after` (a pattern) stands on stderr and a moment has passed; without it at once.

    Returns the outcome and how long the program took to stop, in seconds."""
    process = subprocess.Popen([str(PROGRAM), *map(str, arguments)], cwd=cwd, env=environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen = []
    reached = threading.Event()

    def read():
        for line in process.stderr:
            seen.append(line)
            if after and re.search(after, line):
                reached.set()
        reached.set()  # the program ended early: the exit code will tell

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert after is None or reached.wait(patience_s), f"no '{after}' on stderr: {seen}"
        time.sleep(0.3)
        sent = time.monotonic()
        process.send_signal(signal_number)
        process.wait(patience_s)
        stopped_s = time.monotonic() - sent
    finally:
        process.kill()
        process.wait()
        reader.join()
    stdout = process.stdout.read()
    process.stdout.close()
    process.stderr.close()
    return Outcome(process.returncode, stdout, "".join(seen)), stopped_s


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
