"""Errors of the library as typed exceptions, with the command line's words."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from engine_cases import PROGRAM, WORLD

import clvsim

CUSTOMERS = pd.DataFrame({"customer_id": ["A", "B"], "monthly_revenue": [10.0, 20.0], "churn_probability": [0.1, 0.2]})


def run(config=None, **arguments):
    return clvsim.run(config or {"simulation": {"paths": 20}}, quiet=True, **{"customers": CUSTOMERS, **arguments})


@pytest.mark.parametrize("config, message", [
    ({"simulation": {"pahts": 10}}, r"unknown key simulation\.pahts.*did you mean simulation\.paths"),
    ({"simulation": {"paths": -1}}, r"simulation\.paths"),
    ({"simulatoin": {}}, r"did you mean simulation"),
    ("[simulation]\npaths = 0\n", r"config:2:1"),
    ("[simulation\npaths = 0\n", r"config:1:"),
    ("no/such/file.toml", r"no/such/file\.toml"),
    ({"simulation": {"paths": float("nan")}}, "no number"),
    ({"simulation": {"paths": object()}}, "type object"),
    (17, "type int"),
])
def test_configurations(config, message, tmp_path):
    with pytest.raises(clvsim.ConfigError, match=message) as raised:
        run(config, out=tmp_path / "out")
    assert raised.value.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_an_override_is_named_as_it_was_given():
    with pytest.raises(clvsim.ConfigError, match=r"simulation\.paths = -3"):
        run(set={"simulation.paths": -3})


def test_values_of_numpy_and_paths(tmp_path):
    results = run({"simulation": {"paths": np.int64(30), "discount_rate": np.float64(0.1),
                                  "quantiles": np.array([0.9])}, "output": {"dir": tmp_path / "out"}})
    assert results.setting("simulation.paths") == 30
    assert results.setting("simulation.quantiles") == [0.9]
    assert results.folder == tmp_path / "out"


def test_a_missing_file():
    with pytest.raises(clvsim.InputError, match="nowhere.csv") as raised:
        run(customers="nowhere.csv")
    assert raised.value.exit_code == 3


def test_no_memory():
    """In a process of its own, which may have little more than it has."""
    code = ("import resource, pandas, clvsim\n"
            "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
            "resource.setrlimit(resource.RLIMIT_AS, (used + (400 << 20),) * 2)\n"
            "data = pandas.DataFrame({'customer_id': ['A'], 'monthly_revenue': [1.0], 'churn_probability': [0.1]})\n"
            "try:\n"
            "    clvsim.simulate({'simulation': {'paths': 100_000_000}}, customers=data, threads=1, quiet=True)\n"
            "except MemoryError as error:\n"
            "    print(error)\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "out of memory" in done.stdout and "use fewer paths" in done.stdout


def test_a_backend_that_is_not_there():
    if any(backend["name"] == "cuda" and backend["available"] for backend in clvsim.doctor()["backends"]):
        pytest.skip("there is a GPU")
    with pytest.raises(clvsim.BackendError):
        run(backend="cuda")


def test_limits_that_no_plan_keeps():
    config = {**WORLD, "optimizer": {"budget": 1.0, "limits": [{"name": "calls", "column": "count", "action": "call",
                                                                 "min": 50}]}}
    with pytest.raises(clvsim.InfeasibleError, match="calls") as raised:
        clvsim.run(config, quiet=True)
    assert raised.value.exit_code == 6


def test_an_output_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(clvsim.OutputError):
        run(out=tmp_path / "file" / "out")


def test_every_error_is_one_of_ours_and_has_the_words_of_the_program(tmp_path):
    with pytest.raises(clvsim.Error) as raised:
        run({"simulation": {"horizon_months": 0}})
    assert isinstance(raised.value, clvsim.ConfigError)
    done = subprocess.run([PROGRAM, "run", "--set", "simulation.horizon_months=0"], capture_output=True, text=True,
                          cwd=tmp_path)
    assert done.stderr.split("(")[0] == f"clv: {raised.value}".split("(")[0]


def test_without_the_engine_results_still_open():
    """The figures and the report need no compiled part."""
    code = ("import sys; sys.modules['clvsim._native'] = None\nimport clvsim\nclvsim.open\n"
            "try:\n    clvsim.doctor()\nexcept clvsim.Error as error:\n    print(error)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "the engine is not built" in done.stdout and "pip install" in done.stdout, done.stderr


def test_importing_is_light():
    code = "import sys, clvsim\nprint([name for name in ('clvsim._native', 'plotly') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
