"""What an editor and a reader find: types, and words on shapes, units and errors."""

import ast
import inspect
import typing
from importlib import resources

import pytest

import clvsim
from clvsim import engine, planner

COMMANDS = ["generate", "validate", "fit", "simulate", "sweep", "optimize", "run", "doctor"]


def test_the_stub_of_the_native_module_is_installed():
    package = resources.files(clvsim)
    assert (package / "py.typed").is_file()
    stub = package / "_native.pyi"
    if not stub.is_file():
        pytest.skip("the package is not installed: the stub is in the build folder")
    nodes = ast.parse(stub.read_text()).body
    names = {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert {"command", "Plan", "Planner"} <= names


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_have_types_and_words(name):
    function = getattr(clvsim, name)
    assert function is getattr(engine, name)
    hints = typing.get_type_hints(function, vars(engine) | {"Plan": planner.Plan, "Planner": planner.Planner})
    assert set(hints) == {*inspect.signature(function).parameters, "return"}
    assert len(function.__doc__) > 60


def test_everything_that_is_offered_is_there():
    for name in clvsim.__all__:
        if name not in ("figures", "report"):  # need Plotly
            assert getattr(clvsim, name) is not None
    assert clvsim.__version__.count(".") == 2


@pytest.mark.parametrize("kind", [planner.Planner, planner.Plan])
def test_arrays_say_their_shape_and_unit(kind):
    for name, member in vars(kind).items():
        if isinstance(member, property):
            assert member.__doc__, name
            if "float64" in member.__doc__:
                assert "customer]" in member.__doc__ and any(unit in member.__doc__ for unit in ("currency", "months")), name
