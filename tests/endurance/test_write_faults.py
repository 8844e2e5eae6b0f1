"""A call to the system fails, once or from then on: the program succeeds with the right bytes, or fails and leaves the
earlier results whole, or says what there is: a mixture, which readers refuse, or the new results. It never ends in a
way of its own."""

import random
import shutil

import pytest
from worlds import (COMMANDS, DONE, HAS_PACKAGE, LONG, NAMES_A_MIXTURE, NAMES_A_NEW_SET, PAGE, attack, is_whole, manners,
                    readers_refuse, report_of, results, scene, spread)

# Calls, how they fail, and how. What is short is no error, and the program goes on.
FAULTS = {
    "write": (("EIO", "once"), ("ENOSPC", "lasting"), ("EIO", "short")),
    "pwrite": (("EIO", "once"), ("ENOSPC", "lasting"), ("EIO", "short")),
    "stdio": (("EIO", "once"), ("ENOSPC", "lasting")),
    "fsync": (("EIO", "once"), ("EIO", "lasting")),
    "rename": (("EIO", "once"), ("EIO", "lasting")),
    "open": (("EMFILE", "once"), ("EMFILE", "lasting")),
    "mkdir": (("ENOSPC", "once"),),
    "remove": (("EIO", "once"), ("EIO", "lasting")),
    "close": (("EIO", "once"), ("EIO", "lasting")),
    "read": (("EIO", "once"), ("EIO", "short")),
    "resize": (("ENOSPC", "once"), ("ENOSPC", "lasting")),
    "lock": (("ENOLCK", "once"),),
    "memory": (("ENOMEM", "once"), ("ENOMEM", "lasting")),
}
# Without these a folder that was begun cannot be removed; the next run does it.
NEEDED_TO_CLEAN_UP = ("remove", "open", "memory")
# for a replay in the scene's folder
RESTORED = "; rm -r out; cp -r earlier out; "


ATTACKED = {**COMMANDS, **({"page": PAGE} if LONG and HAS_PACKAGE else {})}


@pytest.fixture(scope="module", params=ATTACKED)
def stage(request, world, tmp_path_factory):
    return scene(world, tmp_path_factory.mktemp(request.param), ATTACKED[request.param])


def attacked(stage, library, **fault):
    """The command with a fault, in a folder with the earlier set. How it ended, how many calls there were, and the
    place of the one that failed."""
    out = stage.restore()
    counts = stage.folder / "counts"
    counts.unlink(missing_ok=True)
    env = {**{f"FAULT_{name.upper()}": str(value) for name, value in fault.items()},
           "FAULT_UNDER": str(stage.folder), "FAULT_COUNT_FILE": str(counts), "LD_PRELOAD": str(library)}
    ended = attack(stage.arguments(), stage.folder, {**env, **stage.command.env})
    # a line for each process: every one counts for itself
    lines = [line.partition(" ") for line in counts.read_text().splitlines()] if counts.exists() else []
    place = next((place for _, _, place in lines if place), "")
    return out, ended, max((int(count) for count, _, _ in lines), default=0), place


def chosen(count, name):
    """Which calls fail. In the long form each, but for streams and memory, of which there are tens of thousands: then a
    thousand of them, evenly spread. In the short form one of all (of HDF5's and of memory a few), and one of the last, with which
    results are published."""
    if LONG or count <= 2:
        return spread(count, 1_000)
    rng = random.Random(name)
    points = 4 if "pwrite" in name else 6 if "memory" in name else 1
    return sorted({rng.randint(count - count // 8, count), *(rng.randint(1, count) for _ in range(points))})


def verdict(stage, out, ended, call):
    """What is wrong with the end; None: nothing."""
    wrong = manners(ended)
    if wrong:
        return wrong
    leftovers = call in NEEDED_TO_CLEAN_UP
    if ended.code == DONE:
        return None if stage.has_the_new_set(leftovers) else "exit 0, and other bytes than without the fault"
    if stage.has_the_earlier_set(leftovers):
        return None
    said = ended.stderr[-250:].strip()
    if "as they were" in said:
        return f"exit {ended.code}, and the earlier results are not as they were: {said}"
    if stage.has_the_new_set(leftovers):
        return None  # published, but perhaps not for good: a folder that could not be synced
    if new := NAMES_A_NEW_SET.search(ended.stderr):
        missing = (new["missing"] or "").split(", ")
        there = {name: digest for name, digest in stage.expected.items() if name not in missing}
        return None if is_whole(out) and results(out) == there else f"not the new set, and it says so: {said}"
    if any(word in said for word in NAMES_A_MIXTURE):
        return None if not is_whole(out) and readers_refuse(out) else f"no mixture, and it says so: {said}"
    return f"exit {ended.code}, and the results are neither the earlier nor the new ones: {said}"


@pytest.mark.parametrize("call", FAULTS)
def test_every_call_may_fail(stage, fault_points, call):
    if call == "memory" and stage.command is PAGE:
        pytest.skip("the memory of Python is its own affair")
    out, ended, count, _ = attacked(stage, fault_points, call=call)
    assert ended.code == DONE and stage.has_the_new_set(), "the library alone changes the run"
    failures, tried = [], 0
    for error, mode in FAULTS[call]:
        for number in chosen(count, f"{stage.command.name} {call} {mode}"):
            out, ended, _, place = attacked(stage, fault_points, call=call, at=number, errno=error, mode=mode)
            wrong = verdict(stage, out, ended, call)
            if wrong:
                failures.append((f"{call} {number} of {count} ({error}, {mode}; {place}): {wrong}",
                                 ended.line.replace("; ", RESTORED, 1)))
            tried += 1
    shutil.rmtree(out, ignore_errors=True)
    assert not failures, report_of(failures, tried)
