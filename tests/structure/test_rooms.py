"""Rooms stay small enough to read in one sitting: files per folder, lines per file, lines per function. And Python's
modules do not import each other in circles."""

import ast
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = ("src", "cpu", "cuda", "python", "apps")
SUFFIXES = {".cpp", ".hpp", ".inc", ".cu", ".cuh", ".py"}
FILES_PER_FOLDER = 25
LINES_PER_FILE = 450
LINES_PER_FUNCTION = 80
LINES_OF_PIPELINE = 4_000
# One table.
EXCEPTED = {"src/output/files.cpp"}


def tracked(*folders):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders],
                            cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split()
    return [path for path in map(Path, listed) if (REPOSITORY / path).is_file()]


def code(*folders):
    return [path for path in tracked(*folders) if path.suffix in SUFFIXES]


def lines(path):
    return (REPOSITORY / path).read_text(encoding="utf-8").count("\n")


def test_no_folder_is_full():
    count = {}
    for path in tracked(*SOURCES):
        count[path.parent] = count.get(path.parent, 0) + 1
    assert count
    assert {str(folder): files for folder, files in count.items() if files > FILES_PER_FOLDER} == {}


def test_no_file_is_long():
    files = code(*SOURCES, "include")
    assert len(files) > 300
    long = {str(path): lines(path) for path in files if lines(path) > LINES_PER_FILE}
    assert {path: count for path, count in long.items() if path not in EXCEPTED} == {}


def test_the_pipeline_is_commands_and_steps_alone():
    assert sum(lines(path) for path in code("src/pipeline", "include/clv/pipeline")) <= LINES_OF_PIPELINE


# Where the configuration as a whole is known: its own room, the commands, and what they do with it before their steps.
KNOW_THE_CONFIGURATION = re.compile(
    r"include/clv/config/\w+\.hpp|src/config/.*|include/clv/pipeline/commands\.hpp|src/pipeline/\w+\.[ch]pp|"
    r"src/pipeline/steps/(settings|steps|step_table|command_run|earlier_run)\.[ch]pp|apps/clv/\w+\.[ch]pp|python/bindings/\w+\.[ch]pp")


def test_the_configuration_is_taken_apart_at_the_top():
    know = [str(path) for path in code(*SOURCES, "include") if re.search(r"\bRunConfig\b", (REPOSITORY / path).read_text())]
    assert len(know) > 20
    assert [path for path in know if not KNOW_THE_CONFIGURATION.fullmatch(path)] == []


def functions_of_python(path):
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    return [(f"{path}:{node.name}", node.end_lineno - node.lineno + 1) for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def functions_of_cpp(paths):
    listed = subprocess.run(["ctags", "--langmap=C++:+.inc.cu.cuh.hpp", "--c++-kinds=f", "--fields=+neK",
                             "--output-format=json", "-f", "-", *map(str, paths)],
                            cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    tags = map(json.loads, listed.splitlines())
    return [(f"{tag['path']}:{tag['name']}", tag["end"] - tag["line"] + 1) for tag in tags if "end" in tag]


def test_no_function_is_long():
    if shutil.which("ctags") is None:
        pytest.skip("no ctags: scripts/setup --test installs it")
    files = code(*SOURCES, "include")
    found = functions_of_cpp([path for path in files if path.suffix != ".py"])
    for path in files:
        found += functions_of_python(path) if path.suffix == ".py" else []
    assert len(found) > 1_500
    assert [(name, length) for name, length in found if length > LINES_PER_FUNCTION] == []


def test_nothing_that_decides_goes_by_the_standard_librarys_hash():
    """Its values differ between libraries, and a plan must not."""
    places = [f"{path}:{number}" for path in code("src/decisions", "src/planning", "src/pipeline", "cpu", "cuda", "include")
              for number, line in enumerate((REPOSITORY / path).read_text(encoding="utf-8").splitlines(), 1)
              if re.search(r"std::hash\s*<", line)]
    assert places == []


def imports_of_python(path, modules):
    """Modules of the package that a file imports."""
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    package = path.parent
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package
            for _ in range(node.level - 1):
                base = base.parent
            target = base / (node.module or "").replace(".", "/") if node.module else base
            found.add(target.with_suffix(".py"))
            found |= {(target / name.name).with_suffix(".py") for name in node.names}
    return found & modules


def test_python_has_no_circle_of_imports():
    modules = {path for path in code("python/clvsim", "apps/dashboard") if path.suffix == ".py"}
    edges = {path: imports_of_python(path, modules) for path in modules}
    assert sum(map(len, edges.values())) > 20

    def reachable(start):
        seen, ahead = set(), list(edges[start])
        while ahead:
            module = ahead.pop()
            if module not in seen:
                seen.add(module)
                ahead += edges[module]
        return seen

    assert [str(module) for module in sorted(modules) if module in reachable(module)] == []
