import shutil
import subprocess
from pathlib import Path

import pytest
from worlds import PROGRAM, texts


def pytest_sessionstart(session):
    if not PROGRAM.is_file():
        raise pytest.UsageError(f"no program ({PROGRAM}): build it, or name it in CLV_PROGRAM")


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """A folder with an input of every kind, and nothing else. Not to be changed."""
    folder = tmp_path_factory.mktemp("world")
    for name, text in texts().items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="session")
def fault_points(tmp_path_factory):
    """The library of fault_points.c."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler for fault_points.c")
    library = tmp_path_factory.mktemp("fault_points") / "fault_points.so"
    source = Path(__file__).with_name("fault_points.c")
    # _FORTIFY_SOURCE, on by default in some distributions, would put checked names in the place of those it replaces
    subprocess.run([compiler, "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-U_FORTIFY_SOURCE", "-fPIC",
                    "-shared", "-o", str(library), str(source), "-ldl"], check=True)
    return library
