"""kill -9 at moments that nobody chose, and in the midst of publishing: the folder holds the earlier set whole, or the
new one, or readers refuse it; and the command run again makes the same bytes and leaves nothing else behind."""

import random
import shutil
import signal
import time

import pytest
from worlds import (COMMANDS, LONG, attack, finish, is_whole, listed_results, manners, readers_refuse, replay,
                    report_of, scene, start)

ATTACKED = ("simulate", "optimize", "run", "report")
MOMENTS = 1_000 if LONG else 20
# Calls by which publishing goes on.
PUBLISHING = ("rename", "fsync", "remove", "mkdir")


@pytest.fixture(scope="module", params=ATTACKED)
def stage(request, world, tmp_path_factory):
    return scene(world, tmp_path_factory.mktemp(f"kill_{request.param}"), COMMANDS[request.param])


def is_one_of_both(stage, out):
    """Whether run.json, whose files are as it says, is the earlier one or lists what the command makes. Moved files
    that it does not list yet may lie beside them; a report, which `run` publishes by itself, may still be missing."""
    if (out / "run.json").read_bytes() == (stage.folder / "earlier/run.json").read_bytes():
        return True
    listed = listed_results(out)
    missing = set(stage.expected.items()) - set(listed.items())
    return set(listed.items()) <= set(stage.expected.items()) and {name for name, _ in missing} <= {"report.xlsx"}


def aftermath(stage, out):
    """What is wrong after a kill; None: nothing. Runs the command again."""
    if is_whole(out):
        if not is_one_of_both(stage, out):
            return "run.json matches a set that is neither the earlier nor the new one"
    elif not readers_refuse(out):
        return "the set is not whole, and readers take it"
    if stage.command.before and not is_whole(out):
        # what the command builds on is gone with the set: that comes first
        for before in stage.command.before:
            attack(before, stage.folder)
    again = attack(stage.arguments(), stage.folder)
    wrong = manners(again)
    if wrong or again.code != 0:
        return f"the command run again {wrong or f'ended with {again.code}: {again.stderr[-300:]}'}"
    return None if stage.has_the_new_set() else "the command run again left other files"


def test_at_any_moment(stage):
    rng = random.Random(stage.command.name)
    began = time.monotonic()
    stage.restore()
    attack(stage.arguments(), stage.folder)
    length = time.monotonic() - began
    failures = []
    for number in range(MOMENTS // len(ATTACKED)):
        out = stage.restore()
        delay = rng.uniform(0, 1.1 * length)
        process = start(*stage.arguments(), cwd=stage.folder)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        finish(process)
        wrong = aftermath(stage, out)
        if wrong:
            failures.append((f"kill {number} after {delay:.4f} s: {wrong}", replay(stage.arguments(), stage.folder)))
    shutil.rmtree(stage.folder / "out", ignore_errors=True)
    assert not failures, report_of(failures, MOMENTS // len(ATTACKED))


@pytest.mark.parametrize("call", PUBLISHING)
def test_in_the_midst_of_publishing(stage, fault_points, call):
    counts = stage.folder / "counts"
    counts.unlink(missing_ok=True)
    env = {"FAULT_CALL": call, "FAULT_UNDER": str(stage.folder), "FAULT_COUNT_FILE": str(counts),
           "LD_PRELOAD": str(fault_points)}
    stage.restore()
    attack(stage.arguments(), stage.folder, env)
    count = int(counts.read_text().split()[0])
    # the last ones are those of publishing, and the short form takes one in their midst
    numbers = range(1, count + 1) if LONG else [max(1, count - 2)]
    failures = []
    for number in numbers if count else []:
        out = stage.restore()
        ended = attack(stage.arguments(), stage.folder, {**env, "FAULT_AT": str(number), "FAULT_MODE": "kill"})
        wrong = aftermath(stage, out) if ended.code == -signal.SIGKILL else f"was not killed but ended: {ended.code}"
        if wrong:
            failures.append((f"killed at {call} {number} of {count}: {wrong}", ended.line))
    shutil.rmtree(stage.folder / "out", ignore_errors=True)
    assert not failures, report_of(failures, len(numbers))
