"""Progress, interruption and threads of calls."""

import io
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest
from engine_cases import digests
from worlds import PATIENCE_S, cpu_seconds, thread_count

import clvsim
from clvsim.progress import ProgressBar

LONG = {"simulation": {"paths": 20_000, "horizon_months": 120}}


def customers(count):
    row = np.arange(count)
    return pd.DataFrame({"customer_id": row.astype(str), "monthly_revenue": 10.0 + row % 90,
                         "churn_probability": 0.001 + row % 50 / 1000})


def test_progress_is_told_in_stages(tmp_path):
    events = []
    clvsim.simulate({"simulation": {"paths": 400}}, customers=customers(5_000), quiet=True,
                    progress=lambda kind, text, number: events.append((kind, text, number)))
    stages = [text for kind, text, _ in events if kind == "begin"]
    assert stages[0] == "reading customers" and any("simulating" in stage for stage in stages)
    assert {kind for kind, _, _ in events} == {"message", "begin", "advance", "end"}
    total = done = 0
    for kind, _, number in events:
        if kind == "begin":
            total, done = number, 0
        elif kind == "advance":
            assert done <= number <= total
            done = number
    assert [kind for kind, _, _ in events].count("end") == len(stages)


def test_what_a_listener_raises_stops_the_work(tmp_path):
    def listen(kind, text, number):
        if kind == "begin" and "simulating" in text:
            raise RuntimeError("enough")

    began = time.process_time()
    with pytest.raises(RuntimeError, match="enough"):
        clvsim.simulate(LONG, customers=customers(50_000), out=tmp_path / "out", progress=listen)
    assert (time.process_time() - began) / os.cpu_count() < 10  # of some minutes of work
    assert not (tmp_path / "out").exists()
    # The next call begins anew.
    clvsim.simulate({"simulation": {"paths": 20}}, customers=customers(10), out=tmp_path / "out", quiet=True)


_INTERRUPTED = """
import sys
import test_engine_jobs as cases, clvsim
def listen(kind, text, number):
    if kind == "advance" and number > 0:
        print("working", flush=True)
try:
    clvsim.simulate(cases.LONG, customers=cases.customers(200_000), out=sys.argv[1], progress=listen)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_stops_within_a_second_of_work(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", _INTERRUPTED, str(tmp_path / "out")], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, cwd=os.path.dirname(__file__))
    try:
        assert process.stdout.readline() == "working\n", process.stderr.read()
        time.sleep(0.5)
        worked, threads = cpu_seconds(process.pid), thread_count(process.pid)
        process.send_signal(signal.SIGINT)
        while (line := process.stdout.readline()) == "working\n":
            pass
        worked = (cpu_seconds(process.pid) - worked) / threads
        assert line == "interrupted\n", process.stderr.read()
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.communicate()
    assert worked < 1.0
    assert not (tmp_path / "out").exists()


def test_other_threads_run_meanwhile(tmp_path):
    """The interpreter's lock is free while the engine works: no half of a call goes by without another thread's turn."""
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.wait(0.01):
            ticks.append(time.monotonic())

    thread = threading.Thread(target=tick)
    thread.start()
    for paths in (4_000, 40_000, 400_000):  # on a fast machine the first is too short to tell
        began = time.monotonic()
        clvsim.simulate({"simulation": {"paths": paths}}, customers=customers(10_000), threads=1, quiet=True)
        ended = time.monotonic()
        if ended - began > 2.0:
            break
    stop.set()
    thread.join()
    inside = [at for at in ticks if began < at < ended]
    gaps = np.diff([began, *inside, ended])
    assert gaps.max() < 0.5 * (ended - began)


def test_calls_of_two_threads_give_what_they_give_alone(tmp_path):
    frames = [customers(500), customers(700)]
    folders = [tmp_path / name for name in ("a", "b")]
    calls = [threading.Thread(target=clvsim.simulate, args=({"simulation": {"paths": 200}},),
                              kwargs={"customers": frame, "out": folder, "quiet": True})
             for frame, folder in zip(frames, folders)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    for frame, folder in zip(frames, folders):
        clvsim.simulate({"simulation": {"paths": 200}}, customers=frame, out=f"{folder}_alone", quiet=True)
        assert digests(folder) == digests(f"{folder}_alone")


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_the_bar_rewrites_its_line_and_leaves_nothing_behind():
    screen = Screen()
    bar = ProgressBar(stream=screen)
    bar("begin", "simulating", 200)
    bar("advance", "", 100)
    assert "simulating:  50%" in screen.getvalue() and "100/200" in screen.getvalue()
    bar("message", "a note", 0)
    bar("end", "", 0)
    assert screen.getvalue().split("\r")[-1] == "a note\n"


def test_a_stage_of_unknown_length_counts():
    screen = Screen()
    bar = ProgressBar(stream=screen)
    bar("begin", "reading transactions", 0)
    bar("advance", "", 203_791)
    assert screen.getvalue() == "\rreading transactions: 203,791"
    bar("end", "", 0)
    assert screen.getvalue().split("\r")[-1] == ""


def test_a_quiet_bar_and_one_off_a_terminal():
    quiet, plain = Screen(), io.StringIO()
    for bar in (ProgressBar(quiet=True, stream=quiet), ProgressBar(stream=plain)):
        bar("begin", "simulating", 2)
        bar("advance", "", 1)
        bar("message", "a note", 0)
        bar("end", "", 0)
    assert quiet.getvalue() == ""
    assert plain.getvalue() == "a note\n"
