"""A purchase law stands in the files that docs/adding.md names, and in no others: at most four."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDERS = ["include", "src", "cpu", "cuda", "python", "apps"]
SUFFIXES = {".hpp", ".h", ".cpp", ".inc", ".cuh", ".cu", ".py"}
LIST = "include/clv/paths/purchase_law.hpp"
MOST = 4

# What says nothing to the compiler or the user's program: comments, documentation strings and names of files.
_PROSE = {
    ".py": re.compile(r'"""(?:.|\n)*?"""|#[^\n]*'),
    "": re.compile(r'/\*(?:.|\n)*?\*/|//[^\n]*|^[ \t]*#[ \t]*include[^\n]*', re.MULTILINE),
}


def laws(root=REPOSITORY):
    """In the order of the one list of them."""
    text = (root / LIST).read_text(encoding="utf-8")
    return re.findall(r"^\s*LAW\((\w+)\)", text, re.MULTILINE)


def files_naming(law, root=REPOSITORY):
    """Those of our sources in whose code or texts the law is named, itself or by what its files define."""
    name = re.compile(rf"(?<!\w){law}(_law|_posterior)?(?!\w)")
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                prose = _PROSE[".py" if path.suffix == ".py" else ""]
                if name.search(prose.sub("", path.read_text(encoding="utf-8"))):
                    found.append(path.relative_to(root).as_posix())
    return found


def recipe():
    """The files that the recipe of docs/adding.md names, with <law> for the law's name."""
    text = (REPOSITORY / "docs/adding.md").read_text(encoding="utf-8")
    section = re.search(r"^## A purchase law\n(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL).group(1)
    steps = re.findall(r"^\d\.\s(.*?)(?=^\d\.\s|\n\n|\Z)", section, re.MULTILINE | re.DOTALL)
    files = []
    for step in steps:
        files += re.findall(r"`((?:include|src|cpu|cuda|python|apps)/[^`]+)`", step)
    return files


def test_the_list_is_read():
    assert {"bg_nbd", "pareto_nbd", "nbd"} <= set(laws())


def test_the_recipe_names_at_most_four_files():
    assert LIST in recipe()
    assert 3 <= len(recipe()) <= MOST


@pytest.mark.parametrize("law", laws())
def test_a_law_stands_in_the_files_of_its_recipe(law):
    files = files_naming(law)
    own = [file.replace("<law>", law) for file in recipe()]
    # One law may speak of another: bg_nbd's warning does.
    beside = {str(Path(file).parent) for file in recipe() if "<law>" in file}
    strangers = [file for file in files if file not in own and str(Path(file).parent) not in beside]
    assert strangers == []
    assert {file for file in own if f"/{law}." in file} <= set(files)
    assert len(files) <= MOST, files


def test_a_law_with_a_place_elsewhere_is_noticed(tmp_path):
    texts = {
        "include/clv/paths/purchase_law.hpp": "#define CLV_PURCHASE_LAWS(LAW) \\\n    LAW(bg_nbd)   \\\n    LAW(nbd)\n",
        "src/models/enumerator.cpp": "if (law == PurchaseLaw::nbd) {}\n",
        "src/models/text.cpp": 'auto help = "one of bg_nbd, nbd";\n',
        "src/models/comment.cpp": '// nbd\n/* nbd\n*/\n#include "nbd.hpp"\n',
        "src/models/other.cpp": "auto x = PurchaseLaw::bg_nbd;\n",
        "python/clvsim/help.py": '"""nbd"""\nmodel = "nbd"\n',
        "python/clvsim/prose.py": '"""nbd\n"""\n',
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert laws(tmp_path) == ["bg_nbd", "nbd"]
    assert files_naming("nbd", tmp_path) == ["include/clv/paths/purchase_law.hpp", "src/models/enumerator.cpp",
                                             "src/models/text.cpp", "python/clvsim/help.py"]
    assert "src/models/other.cpp" in files_naming("bg_nbd", tmp_path)
