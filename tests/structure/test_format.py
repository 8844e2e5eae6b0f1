"""Our C++ and CUDA files look as .clang-format says."""

import shutil
import subprocess
from pathlib import Path

import pytest
from layers import SUFFIXES, source_files

REPOSITORY = Path(__file__).resolve().parents[2]


def complaints(files):
    done = subprocess.run(["clang-format", "--dry-run", "--style=file", *map(str, files)], cwd=REPOSITORY,
                          capture_output=True, text=True)
    return [line for line in done.stderr.splitlines() if "[-Wclang-format-violations]" in line or "error:" in line]


@pytest.fixture(autouse=True)
def clang_format():
    if shutil.which("clang-format") is None:
        pytest.skip("clang-format is not installed")


def test_files_are_formatted():
    tests = sorted(path for path in (REPOSITORY / "tests").rglob("*") if path.suffix in SUFFIXES)
    files = source_files(REPOSITORY) + tests
    assert len(files) > len(tests) > 0
    assert complaints(files) == []


def test_a_badly_formatted_file_is_noticed(tmp_path):
    shutil.copy(REPOSITORY / ".clang-format", tmp_path)
    (tmp_path / "bad.cpp").write_text("int  f( ){return 1;}\n")
    assert complaints([tmp_path / "bad.cpp"]) != []
