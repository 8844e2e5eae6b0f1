"""Faulty configurations and command lines: refused with the place and a remedy, nothing written."""

from dataclasses import dataclass

import pytest
from program import BACKEND, DONE, MODEL, USAGE, clv, has_gpu, settings, tree

SOUND = '[input]\ncustomers = "good.csv"\n'  # two lines


@dataclass(frozen=True)
class Case:
    text: str
    where: str
    message: str
    remedy: str


FILES = {
    "unknown key": Case("[simulation]\npath = 10\n", "job.toml:4:1", "unknown key simulation.path",
                        "did you mean simulation.paths?"),
    "unknown section": Case("[simulaton]\npaths = 10\n", "job.toml:3", "unknown section simulaton",
                            "did you mean simulation?"),
    "unknown key of an action": Case('[[actions]]\nname = "a"\nprice_multiplyer = 1\n', "job.toml:5:1",
                                     "actions.price_multiplyer", "did you mean actions.price_multiplier?"),
    "text for an integer": Case('[simulation]\npaths = "ten"\n', "job.toml:4:1", "simulation.paths must be an integer",
                                "give an integer from 1"),
    "fraction for an integer": Case("[simulation]\npaths = 10.5\n", "job.toml:4:1",
                                    "simulation.paths must be an integer", "give an integer from 1"),
    "number for a text": Case("[output]\ndir = 5\n", "job.toml:4:1", "output.dir must be", "give"),
    "number for true or false": Case("[simulation]\ncashflow = 1\n", "job.toml:4:1", "simulation.cashflow must be",
                                     "give"),
    "duplicate key": Case("[simulation]\npaths = 10\npaths = 20\n", "job.toml:5", "'paths'", "only once"),
    "not TOML": Case("[simulation\n", "job.toml:3", "expected ']'", "correct the TOML"),
    "horizon 0": Case("[simulation]\nhorizon_months = 0\n", "job.toml:4:1", "simulation.horizon_months is 0",
                      "give an integer from 1 to 120"),
    "horizon 121": Case("[simulation]\nhorizon_months = 121\n", "job.toml:4:1", "simulation.horizon_months is 121",
                        "give an integer from 1 to 120"),
    "0 paths": Case("[simulation]\npaths = 0\n", "job.toml:4:1", "simulation.paths is 0", "give an integer from 1"),
    "negative seed": Case("[simulation]\nseed = -1\n", "job.toml:4:1", "simulation.seed is -1",
                          "give an integer from 0"),
    "discount rate of -100%": Case("[simulation]\ndiscount_rate = -1\n", "job.toml:4:1", "simulation.discount_rate is",
                                   ">= -0.5"),
    "quantile of 0": Case("[simulation]\nquantiles = [0.0, 0.5]\n", "job.toml:4", "simulation.quantiles", "give"),
    "negative budget": Case("[optimizer]\nbudget = -5\n", "job.toml:4:1", "optimizer.budget is -5", ">= 0"),
    "budget that is no number": Case("[optimizer]\nbudget = nan\n", "job.toml:4:1", "optimizer.budget is nan", ">= 0"),
    "unknown backend": Case('[execution]\nbackend = "gpu"\n', "job.toml:4:1", 'execution.backend is "gpu"',
                            "give one of auto, cpu, cuda"),
    "unknown survival source": Case('[survival]\nsource = "cox"\n', "job.toml:4:1", 'survival.source is "cox"',
                                    "give one of churn_probability"),
    "half of sBG": Case('[survival]\nsource = "sbg"\nalpha = 1.0\n', "job.toml", "survival.beta", "give"),
    "negative hazard multiplier": Case('[[actions]]\nname = "a"\nhazard_multiplier = -1\n', "job.toml:5:1",
                                       "actions.hazard_multiplier is -1", ">= 0"),
    "acceptance above 1": Case('[[actions]]\nname = "a"\nacceptance = 1.5\n', "job.toml:5:1",
                               "actions.acceptance is 1.5", "<= 1"),
    "action without a name": Case("[[actions]]\ncost = 1\n", "job.toml:3", "name", "give"),
    "two actions of one name": Case('[[actions]]\nname = "a"\n[[actions]]\nname = "a"\n', "job.toml:6",
                                    'two actions are called "a"', "give every action its own name"),
    "filter over no column": Case('[[actions]]\nname = "a"\neligible = "age > 3"\n', 'filter "age > 3"',
                                  "no column 'age'", "name one of theirs"),
}

FLAGS = {
    "unknown key": (settings(simulation__path=3), "unknown key simulation.path (--set simulation.path=3)",
                    "did you mean simulation.paths?"),
    "wrong type": (settings(simulation__paths="many"), "--set simulation.paths=many", "give an integer"),
    "horizon 121": (settings(simulation__horizon_months=121), "--set simulation.horizon_months=121", "from 1 to 120"),
    "set without a value": (["--set", "simulation.paths"], "--set simulation.paths", "section.key=value"),
    "unknown backend": (["--backend", "gpu"], "--backend gpu", "give one of auto, cpu, cuda"),
    "threads that are no number": (["--threads", "two"], "--threads two", "give an integer"),
    "unknown flag": (["--treads", "4"], "--treads", "did you mean --threads?"),
}


@pytest.fixture
def folder(tmp_path, earlier_results):
    return tmp_path


@pytest.mark.parametrize("case", FILES.values(), ids=FILES.keys())
def test_file_is_refused_with_place_and_remedy(folder, case):
    (folder / "job.toml").write_text(SOUND + case.text)
    before = tree(folder)
    for out in ("new", "out"):
        outcome = clv("run", "job.toml", "--out", out, cwd=folder)
        assert outcome.code == USAGE, outcome.stderr
        assert case.where in outcome.stderr
        assert case.message in outcome.stderr
        assert case.remedy in outcome.stderr
        assert outcome.stdout == ""
    assert tree(folder) == before


@pytest.mark.parametrize(("flags", "message", "remedy"), FLAGS.values(), ids=FLAGS.keys())
def test_flag_is_refused_with_remedy(folder, flags, message, remedy):
    before = tree(folder)
    outcome = clv("simulate", *settings(input__customers="good.csv"), "--out", "out", *flags, cwd=folder)
    assert outcome.code == USAGE
    assert message in outcome.stderr
    assert remedy in outcome.stderr
    assert tree(folder) == before


def test_every_fault_of_a_file_is_told_at_once(folder):
    faults = "[simulation]\npaths = 0\nhorizon_months = 121\n[optimizer]\nbudget = -1\n"
    (folder / "job.toml").write_text(SOUND + faults)
    message = clv("run", "job.toml", "--out", "new", cwd=folder).stderr
    for place in ("job.toml:4:1", "job.toml:5:1", "job.toml:7:1"):
        assert place in message


@pytest.mark.parametrize(("arguments", "remedy"), [
    (["simulat"], "did you mean clv simulate?"),
    (["simulate", "absent.toml"], "check the path"),
    (["simulate", "--out", "new"], "input.customers"),
    (["simulate", "--set", "input.customers=good.csv"], "--out DIR"),
    (["generate", "--out", "new"], "--kind subscription"),
    (["generate", "--out", "new", "--kind", "retial"], "subscription"),
    (["generate", "--out", "new", "--kind", "subscription", "--customers", "0"], "from 1"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_command_that_lacks_something(folder, arguments, remedy):
    before = tree(folder)
    outcome = clv(*arguments, cwd=folder)
    assert outcome.code == USAGE
    assert remedy in outcome.stderr
    assert tree(folder) == before


LIMIT_ON_NOTHING = '[[actions]]\nname = "mail"\n[[optimizer.limits]]\nname = "few"\ncolumn = "count"\nmax = 1\n' \
                   'action = "maill"\n[[scenarios]]\nname = "bad"\nhazard_multiplier = 1.5\n'


@pytest.mark.parametrize("arguments", [["run", "--dry-run"], ["run"], ["simulate"], ["sweep"], ["validate"]],
                         ids=" ".join)
def test_a_limit_on_an_action_that_is_none_is_told_before_anything_is_read(folder, arguments):
    (folder / "job.toml").write_text('[input]\ncustomers = "absent.csv"\n' + LIMIT_ON_NOTHING)
    before = tree(folder)
    outcome = clv(*arguments, "job.toml", "--out", "new", cwd=folder)
    assert outcome.code == USAGE, outcome.stderr
    assert "maill" in outcome.stderr and "few" in outcome.stderr
    assert tree(folder) == before


@pytest.mark.parametrize("arguments", [["run", "--dry-run"], ["simulate"], ["validate"]], ids=" ".join)
def test_a_filter_that_is_none_is_told_before_anything_is_read(folder, arguments):
    (folder / "job.toml").write_text('[input]\ncustomers = "absent.csv"\n[[actions]]\nname = "a"\neligible = "(age"\n')
    outcome = clv(*arguments, "job.toml", "--out", "new", cwd=folder)
    assert outcome.code == USAGE and "actions, a, eligible" in outcome.stderr, outcome.stderr


@pytest.mark.parametrize("key", ["r", "alpha", "a", "b", "p", "q", "v"])
@pytest.mark.parametrize("value", ["1e300", "1e-300", "5e-324"])
def test_a_world_beyond_all_measure_is_refused(folder, key, value):
    outcome = clv("generate", "--kind", "retail", "--customers", 20, "--out", "new",
                  *settings(**{f"generate__{key}": value}), cwd=folder)
    assert outcome.code == USAGE, outcome.stderr
    assert f"generate.{key} is" in outcome.stderr


def test_a_world_at_its_bounds_has_no_infinities(folder):
    for key, values in {"r": (1e-3, 1e6), "alpha": (1e-6, 1e9), "a": (1e-3, 1e6), "b": (1e-3, 1e6), "p": (1e-3, 1e6),
                        "q": (1e-3, 1e6), "v": (1e-6, 1e9)}.items():
        for value in values:
            outcome = clv("generate", "--kind", "retail", "--customers", 40, "--out", "new",
                          *settings(**{f"generate__{key}": value}), cwd=folder)
            assert outcome.code in (DONE, MODEL), outcome.stderr
            if outcome.code == DONE:
                text = (folder / "new/truth.csv").read_text() + (folder / "new/transactions.csv").read_text()
                assert "inf" not in text and "nan" not in text, (key, value)
            else:
                assert f"generate.{key}" in outcome.stderr


def test_cuda_without_a_gpu_is_refused(folder):
    if has_gpu(folder):
        pytest.skip("there is a GPU")
    before = tree(folder)
    outcome = clv("simulate", *settings(input__customers="good.csv"), "--out", "out", "--backend", "cuda", cwd=folder)
    assert outcome.code == BACKEND
    assert "backend cuda is not available" in outcome.stderr
    assert "--backend cpu" in outcome.stderr
    assert tree(folder) == before


def test_instruction_set_that_is_not_there_is_refused(folder):
    outcome = clv("simulate", *settings(input__customers="good.csv"), "--out", "new", cwd=folder,
                  env={"CLV_CPU_TARGET": "mmx"})
    assert outcome.code == BACKEND
    assert "CLV_CPU_TARGET=mmx" in outcome.stderr
    assert "scalar" in outcome.stderr
    assert tree(folder / "new") is None
