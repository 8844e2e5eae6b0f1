"""Small inputs of every kind, the commands that read them, and what may become of a command that is attacked.

Everything is made from fixed seeds, so that a failure can be replayed by its number. CLV_ENDURANCE=long asks for the
long form."""

import importlib.util
import os
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))

from program import DONE, INPUT, PROGRAM, environment, run_record, settings, tree  # noqa: E402

LONG = os.environ.get("CLV_ENDURANCE", "") == "long"

# 0 done, 2 usage, 3 input, 4 model, 5 backend, 6 infeasible, 7 output, 8 certificate, 9 memory. 70 says that the fault
# is the program's own.
DOCUMENTED = {0, 2, 3, 4, 5, 6, 7, 8, 9}
# What a message must not hold: the program's own word for a fault of its own, and what libraries say.
UNMANNERLY = ("internal error", "json.exception", "terminate called", "Assertion", "std::", "basic_string")
# How a message names results that could be neither published nor taken back.
NAMES_A_MIXTURE = ("mix", "partly", "some of")
# And results that are of the run that failed, but for some that it names.
NAMES_A_NEW_SET = re.compile("holds the results of this run(?:, without (?P<missing>.*?))?\\. Check the disk")

# Seconds of a processor that no command on these inputs needs, and of the clock, for a machine that is busy.
WORK_S, PATIENCE_S = 5, 300
MEMORY_BYTES = 4 << 30

CONFIG = """
[input]
customers = "customers.csv"
[simulation]
paths = 40
horizon_months = 12
cashflow = true
[[actions]]
file = "call.toml"
[[actions]]
name = "gift"
cost = 1.0
revenue_multiplier = 1.1
eligible = "region == 'north' and tenure_months > 3"
[[scenarios]]
name = "bad year"
hazard_multiplier = 1.5
[optimizer]
budget = 20.0
[output]
dir = "out"
"""
ACTION = 'name = "call"\ncost = 2.0\nhazard_multiplier = { median = 0.6, log_sd = 0.1 }\nduration_months = 6\n'
COHORT = "period,customers\n0,100\n1,86\n2,77\n3,70\n4,66\n5,63\n"


def table(head, rows):
    return "\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n"


def purchases(rng):
    """(customer, year, month, day, revenue) of 24 customers over a year."""
    for customer in range(24):
        for _ in range(rng.choice([1, 1, 2, 3, 5, 8])):
            yield customer, 2021, rng.randint(1, 12), rng.randint(1, 28), round(rng.uniform(5, 60), 2)


RULES = """tier_column = "revenue"
[[stages]]
name = "here"
when = "since_last_days <= 90"
[[stages]]
name = "gone"
when = "not (since_last_days <= 90)"
[[tiers]]
name = "all"
from_percentile = 0
[[signals]]
name = "silence"
column = "since_last_days"
zero_at = 10
one_at = 200
sentence = "silent for {since_last_days:0} days"
[[levels]]
name = "low"
from_score = 0
[[actions]]
name = "call"
when = "stage == 'gone' and score > 20"
cost = 1
benefit = 0.1
benefit_of = "revenue"
"""


def texts():
    """Every input that can be written down at once."""
    rng = random.Random(17)
    customers = [(f"C{i}", rng.randint(5, 90), rng.choice([0.02, 0.05, 0.1]), rng.randint(1, 40), int(i % 5 == 0),
                  "AB"[i % 2], ("north", "south")[i % 2]) for i in range(30)]
    bought = list(purchases(rng))
    churners = [(f"L{i}", rng.randint(5, 90), rng.randint(1, 40), ("monthly", "yearly")[i % 2], rng.choice(["", 1, 2, 5]),
                 ("no", "yes")[rng.random() < 0.6 - 0.3 * (i % 2)]) for i in range(60)]
    sales = [(f"S{i}", f"2021-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}", round(rng.uniform(5, 80), 2))
             for i in range(70) for _ in range(rng.randint(2, 8))]
    uplift = [(f"C{i}", action, round(rng.uniform(-3, 12), 3), round(rng.uniform(0.1, 4), 2), round(rng.random(), 3))
              for i in range(20) for action in ("mail", "call")]
    return {
        "customers.csv": table("customer_id,monthly_revenue,churn_probability,tenure_months,churned,segment,region",
                               customers),
        "churners.csv": table("customer_id,monthly_revenue,tenure_months,contract,calls,left", churners),
        "transactions.csv": table("customer_id,order_date,revenue",
                                  [(f"T{c}", f"{y}-{m:02}-{d:02}", r) for c, y, m, d, r in bought]),
        "sales.csv": table("customer_id,order_date,revenue", sales),
        "cdnow.txt": "".join(f" {c:05} {y}{m:02}{d:02}  1 {r:6.2f}\n" for c, y, m, d, r in bought),
        "retail.csv": table("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
                            [(536000 + k, "85123A", '"a ""fine"" lamp, white"', 2, f"{m}/{d}/{y} 8:26", r, 17000 + c,
                              "France") for k, (c, y, m, d, r) in enumerate(bought)]),
        "cohorts.csv": COHORT,
        "uplift.csv": table("customer_id,action,expected_profit,cost,expected_profit_se", uplift),
        "policy.csv": table("customer_id,action", [(f"C{i}", ("none", "call", "gift")[i % 3]) for i in range(20)]),
        "curves.csv": table("segment,survival_1,survival_2,survival_3", [("A", 0.9, 0.8, 0.75), ("B", 0.8, 0.7, 0.6)]),
        "rules.toml": RULES,
        "world.toml": CONFIG,
        "call.toml": ACTION,
    }


@dataclass(frozen=True)
class Ended:
    """A run of the program, or of what was made of it: `code` is negative for a signal, None where it never ended."""
    code: int | None
    stdout: str
    stderr: str
    line: str = field(repr=False, default="")


def _limits():
    resource.setrlimit(resource.RLIMIT_CPU, (WORK_S, 2 * WORK_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _whole(arguments):
    # `report` simulates nothing; a GPU's library reserves more addresses than a run may have here
    where = () if arguments[0] == "report" else ("--threads", "1", "--backend", "cpu")
    return [*map(str, arguments), *where]


def start(*arguments, cwd, env=None):
    """The program on one thread, so that its calls come in the same order every time, and without pages of Python."""
    more = {"CLV_PYTHON": "/nonexistent", **(env or {})}
    return subprocess.Popen([str(PROGRAM), *_whole(arguments)], cwd=cwd, env=environment(more),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            preexec_fn=_limits)


def finish(process, line=""):
    try:
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        return Ended(None, "", stderr.decode(errors="replace"), line)
    code = None if process.returncode == -signal.SIGXCPU else process.returncode
    return Ended(code, stdout.decode(errors="replace"), stderr.decode(errors="replace"), line)


def replay(arguments, cwd, env=None):
    """What a person types to see it again, in a folder that stands as it stood before."""
    shown = " ".join(f"{name}={shlex.quote(value)}" for name, value in (env or {}).items())
    return f"cd {cwd}; {shown + ' ' if shown else ''}clv {shlex.join(_whole(arguments))}"


def attack(arguments, cwd, env=None):
    return finish(start(*arguments, cwd=cwd, env=env), replay(arguments, cwd, env))


def manners(ended):
    """What is wrong with the way a run ended, whatever it was to do; None if nothing is."""
    if ended.code is None:
        return "did not end"
    if ended.code not in DOCUMENTED:
        return f"ended with {ended.code}: {ended.stderr[-300:]}"
    rude = [word for word in UNMANNERLY if word in ended.stderr]
    if rude:
        return f"says {rude}: {ended.stderr[-300:]}"
    if ended.code != DONE and not ended.stderr.strip():
        return f"ended with {ended.code} without a word"
    return None


def without_leftovers(found):
    """A tree without what dead processes left, which the next run removes."""
    return {name: digest for name, digest in found.items() if not name.startswith(".partial-")}


def results(folder):
    """Digests of all but run.json, which tells of the execution; what dead processes left shows too."""
    found = tree(folder) or {}
    return {name: digest for name, digest in found.items() if name != "run.json"}


def listed_results(folder):
    """Names and digests as run.json lists them."""
    return {name: about["sha256"] for name, about in run_record(folder)["files"].items()}


def is_whole(folder):
    """Whether the files are those that run.json lists, as a reader sees it."""
    try:
        listed = listed_results(folder)
    except (OSError, ValueError, KeyError):
        return False
    found = tree(folder)
    return all(found.get(name) == digest for name, digest in listed.items())


def readers_refuse(folder):
    """Whether a command that reads the set says that it is none."""
    ended = attack(["report", folder.name, "--workbook"], folder.parent)
    return ended.code == INPUT


@dataclass(frozen=True)
class Command:
    """A command on the world's files that leaves its results in out/."""
    name: str
    arguments: tuple
    before: tuple = ()  # commands that make what it starts from
    env: dict = field(default_factory=dict, hash=False)

    def seeded(self, seed):
        return [*self.arguments, "--seed", str(seed)] if self.arguments[0] != "report" else list(self.arguments)


SIMULATE = ("simulate", "world.toml", "--quiet")
OPTIMIZE = ("optimize", "world.toml", "--quiet")
FIT = ("fit", "--model", "bg_nbd", "--out", "out", "--quiet",
       *settings(input__transactions='["transactions.csv"]', fit__spend_model="gamma_gamma"))
LEARN = ("learn", "--out", "out", "--quiet",
         *settings(input__customers="churners.csv", learn__target_column="left", learn__folds=2, learn__bootstraps=16,
                   learn__rounds=4))
VALUE = ("learn", "--target", "value", "--out", "out", "--quiet",
         *settings(input__transactions='["sales.csv"]', learn__snapshot="2021-08-31", learn__folds=2, learn__rounds=4))
RULED = ("run", "--out", "out", "--quiet", *settings(input__transactions='["sales.csv"]', rules__file="rules.toml"))
SEGMENT = ("segment", "--out", "out", "--quiet", *settings(input__customers="churners.csv"))
COMMANDS = {command.name: command for command in (
    Command("simulate", SIMULATE),
    Command("sweep", ("sweep", "world.toml", "--quiet")),
    # another day of the end of observation for another earlier model: a fit has no seed
    Command("fit", FIT, ((*FIT, *settings(fit__observation_end="2021-10-31")),)),
    # the seed of a plan is that of the results
    Command("optimize", OPTIMIZE, (SIMULATE, (*OPTIMIZE, *settings(optimizer__budget=10)))),
    Command("run", ("run", "world.toml", "--quiet")),
    Command("report", ("report", "out", "--workbook", "--quiet"), (SIMULATE,)),
    Command("learn", LEARN, ((*LEARN, *settings(learn__depth=1)),)),
    Command("value", VALUE, ((*VALUE, *settings(learn__depth=1)),)),
    Command("rules", RULED, ((*RULED, *settings(rules__before="2021-08-31")),)),
    Command("segment", SEGMENT, ((*SEGMENT, *settings(segment__clusters=3)),)),
)}
# The page is drawn by Python, which takes a second: for the long form, where the package is.
PAGE = Command("page", ("report", "out", "--quiet"), (SIMULATE,),
               {"CLV_PYTHON": sys.executable, "OPENBLAS_NUM_THREADS": "1"})
HAS_PACKAGE = importlib.util.find_spec("clvsim") is not None


def copy_of(world, folder):
    """A folder with the world's inputs, to be changed."""
    shutil.copytree(world, folder, dirs_exist_ok=True)
    return folder


def good(arguments, cwd, env=None):
    ended = attack(list(arguments), cwd, env)
    assert ended.code == DONE, f"{ended.line}\n{ended.stderr}"


@dataclass(frozen=True)
class Scene:
    """A command between two sets: the earlier one, in `folder`/earlier, and the bytes that it makes there of it."""
    folder: Path
    command: Command
    expected: dict
    earlier_tree: dict

    def restore(self):
        """An out/ with the earlier set, in the place of what is there."""
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        shutil.copytree(self.folder / "earlier", self.folder / "out")
        return self.folder / "out"

    def arguments(self):
        return self.command.seeded(2)

    def has_the_earlier_set(self, leftovers=False):
        """The files as they were, all of them; with `leftovers` those of a dead process may lie beside them."""
        found = tree(self.folder / "out") or {}
        return (without_leftovers(found) if leftovers else found) == self.earlier_tree

    def has_the_new_set(self, leftovers=False):
        found = results(self.folder / "out")
        return (without_leftovers(found) if leftovers else found) == self.expected and is_whole(self.folder / "out")


def scene(world, folder, command):
    """The world in `folder`, with an earlier set of another seed than the one that the command is going to make."""
    copy_of(world, folder)
    for before in command.before or (command.seeded(1),):
        good(before, folder)
    shutil.copytree(folder / "out", folder / "earlier")
    good(command.seeded(2), folder, command.env)
    made = Scene(folder, command, results(folder / "out"), tree(folder / "earlier"))
    assert made.expected != results(folder / "earlier")
    return made


def spread(count, points):
    """Numbers 1..count, or `points` of them from the first to the last."""
    if count <= points:
        return list(range(1, count + 1))
    return sorted({1 + round(k * (count - 1) / (points - 1)) for k in range(points)})


def report_of(failures, tried):
    """The message of a test that failed: every failure with the line that shows it again."""
    shown = "\n".join(f"- {what}\n    {line}" for what, line in failures[:20])
    return f"{len(failures)} of {tried} attacks went wrong\n{shown}"
