"""Files that the papers of the house name are there."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PAPERS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
# `src/output/files.cpp`, or a public header by its place below include/clv (`risk/distribution.hpp`)
NAMED = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:cpp|hpp|inc|cu|cuh|py|cmake|toml|txt))`")
ROOTS = ("", "include", "include/clv", "src", "docs", "configs", "python")


def test_papers_name_files_that_exist():
    named = [(paper.name, name) for paper in PAPERS for name in NAMED.findall(paper.read_text(encoding="utf-8"))]
    assert len(named) > 60
    assert [f"{paper}: {name}" for paper, name in named
            if not any((REPOSITORY / root / name).is_file() for root in ROOTS)] == []
