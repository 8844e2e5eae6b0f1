"""Two and three commands at once in one folder: what stands there afterwards is one state that the commands could have
left one after the other, in every byte, and each of them has done its work or said that the folder is taken."""

import random
import shutil

import pytest
from worlds import COMMANDS, DONE, LONG, SIMULATE, copy_of, finish, good, is_whole, manners, report_of, results, start

OUTPUT = 7
ROUNDS = 100 if LONG else 4
SEEDS = (1, 2, 3)
MIXES = {
    "two seeds": ("run", "run"),
    "three seeds": ("simulate", "run", "simulate"),
    "a report beside a run": ("report", "run"),
    "a report beside a simulation": ("report", "simulate"),
    "a plan beside a simulation": ("optimize", "simulate"),
    "a plan, a report and a run": ("optimize", "report", "run"),
}


@pytest.fixture(scope="module")
def states(world, tmp_path_factory):
    """The folder to run in, and every state that commands of one seed can leave: {name: digests}. In earlier/ stands
    what simulating with the first seed makes, where every round begins."""
    folder = copy_of(world, tmp_path_factory.mktemp("double"))
    out, found = folder / "out", {}
    report = COMMANDS["report"].arguments
    for seed in SEEDS:
        seeded = ("--seed", str(seed))
        shutil.rmtree(out, ignore_errors=True)
        good((*SIMULATE, *seeded), folder)
        found[f"simulation {seed}"] = results(out)
        if seed == SEEDS[0]:
            shutil.copytree(out, folder / "earlier")
        good(report, folder)
        found[f"simulation {seed} and report"] = results(out)
        good((*COMMANDS["optimize"].arguments, *seeded), folder)
        found[f"plan {seed}"] = results(out)
        good(report, folder)
        found[f"plan {seed} and report"] = results(out)
        shutil.rmtree(out)
        good((*COMMANDS["run"].arguments, *seeded), folder)
        found[f"run {seed}"] = results(out)
    return folder, found


def wrong_with(out, found, ended):
    """None where the round went well."""
    for one in ended:
        wrong = manners(one)
        if wrong or one.code not in (DONE, OUTPUT):
            return f"{one.line.rpartition('clv ')[2]} {wrong or f'ended with {one.code}: {one.stderr[-200:].strip()}'}"
    if all(one.code != DONE for one in ended):
        return "none of them did its work"
    if not is_whole(out):
        return "the set does not match its run.json"
    if results(out) not in found.values():
        near = {name: {file for file, _ in set(results(out).items()) ^ set(state.items())}
                for name, state in found.items()}
        name = min(near, key=lambda state: len(near[state]))
        return f"a state that no order of the commands leaves; nearest is '{name}', but for {sorted(near[name])}"
    return None


@pytest.mark.parametrize("mix", MIXES)
def test_at_once_is_one_after_the_other(states, mix):
    folder, found = states
    rng = random.Random(mix)
    failures = []
    for number in range(ROUNDS):
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(folder / "earlier", out)
        # a plan builds on the results that it finds, so its seed is theirs
        seeds = [SEEDS[0] if name == "optimize" else rng.choice(SEEDS[1:]) for name in MIXES[mix]]
        lines = [COMMANDS[name].seeded(seed) for name, seed in zip(MIXES[mix], seeds)]
        started = [(start(*line, cwd=folder), line) for line in lines]
        ended = [finish(process, f"clv {' '.join(line)}") for process, line in started]
        wrong = wrong_with(out, found, ended)
        if wrong:
            failures.append((f"round {number}: {wrong}",
                             f"cd {folder}; (rm -r out; cp -r earlier out) " + " & ".join(one.line for one in ended)))
    assert not failures, report_of(failures, ROUNDS)
