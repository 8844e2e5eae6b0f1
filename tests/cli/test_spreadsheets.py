"""What spreadsheets do to results: texts that they would run, and what does not fit into their cells."""

import csv

import h5py
import openpyxl
import pytest
from program import result_bytes, settings, succeed

csv.field_size_limit(1 << 20)
NO_PAGE = {"CLV_PYTHON": "/bin/false"}

IDS = ["=1+1", "+491701234567", "-5", "@me", "cell", "plain", "'=1+1", "a=b"]
RUN = """
[input]
customers = "c.csv"
[simulation]
paths = 50
[[actions]]
name = "=call"
cost = 1.0
hazard_multiplier = 0.3
[optimizer]
budget = 4.0
"""


@pytest.fixture
def folder(tmp_path):
    with open(tmp_path / "c.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["customer_id", "monthly_revenue", "churn_probability"])
        rows.writerows([name, 10 + i, 0.1] for i, name in enumerate(IDS))
    (tmp_path / "run.toml").write_text(RUN)
    return tmp_path


def column(path, name):
    with open(path, newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def marked(text):
    """Texts that are marked already get one mark more, so that different ones stay different."""
    return "'" + text if text.lstrip("'")[0] in "=+-@\t\r" else text


def test_texts_are_as_they_are_unless_asked_and_one_note_says_so(folder):
    outcome = succeed("run", "run.toml", "--out", "out", cwd=folder)
    assert column(folder / "out/clv.csv", "customer_id") == IDS
    assert outcome.stderr.count("output.spreadsheet_safe") == 1
    outcome = succeed("run", "run.toml", "--out", "safe", *settings(output__spreadsheet_safe=True), cwd=folder)
    assert "output.spreadsheet_safe" not in outcome.stderr
    for name in ("clv.csv", "plan.csv"):
        assert column(folder / "safe" / name, "customer_id") == [marked(text) for text in IDS]
    assert set(column(folder / "safe/uplift.csv", "action")) == {"none", "'=call"}
    with h5py.File(folder / "safe/results.h5") as plain, h5py.File(folder / "out/results.h5") as safe:
        assert list(plain["customer_id"].asstr()[:]) == list(safe["customer_id"].asstr()[:]) == IDS


def test_nothing_to_note(folder):
    (folder / "c.csv").write_text("customer_id,monthly_revenue,churn_probability\nA,10,0.1\nB,-0.0,0.2\n")
    outcome = succeed("simulate", "--out", "out", *settings(input__customers="c.csv", simulation__paths=20), cwd=folder)
    assert "spreadsheet" not in outcome.stderr


def test_a_marked_folder_is_planned_from_as_any_other(folder):
    text = (folder / "c.csv").read_text()
    (folder / "c.csv").write_text(text.replace("'=1+1", "'=2"))  # no id is another's with its mark
    for name, safe in (("out", False), ("safe", True)):
        succeed("run", "run.toml", "--out", name, *settings(output__spreadsheet_safe=safe), cwd=folder)
        succeed("optimize", "--out", f"{name}2", *settings(optimizer__results=name, optimizer__budget=2.0,
                                                           optimizer__current=f"{name}/plan.csv"), cwd=folder)
    # who is matched with the current policy pays nothing for a switch and is told so: the same plan either way
    assert result_bytes(folder / "safe2")["frontier.csv"] == result_bytes(folder / "out2")["frontier.csv"]
    for name in ("out", "safe"):
        outcome = succeed("optimize", "--out", f"{name}3", *settings(optimizer__results="out", optimizer__budget=2.0,
                                                                     optimizer__switching_penalty=0.5,
                                                                     optimizer__current=f"{name}/plan.csv"), cwd=folder)
        assert "are not in the data" not in outcome.stderr
    assert (folder / "out3/plan.csv").read_bytes() == (folder / "safe3/plan.csv").read_bytes()


def test_long_texts_end_with_a_mark_in_the_workbook(tmp_path):
    names = ["a" * 32_767, "b" * 32_768, "\u00e9" * 40_000, "c" * 500_000]
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability\n" +
                                    "".join(f"{name},10,0.1\n" for name in names))
    succeed("run", "--out", "out", *settings(input__customers="c.csv", simulation__paths=20), cwd=tmp_path,
            env=NO_PAGE)
    assert column(tmp_path / "out/clv.csv", "customer_id") == names
    sheet = openpyxl.load_workbook(tmp_path / "out/report.xlsx")["Customers"]
    cells = [sheet.cell(row, 1).value for row in range(2, 6)]
    assert cells[0] == names[0]
    for cell, name in zip(cells[1:], names[1:]):
        assert cell.endswith("\u2026") and name.startswith(cell[:-1]) and len(cell) <= 32_767
        assert len(cell.encode()) > 32_000


def test_more_columns_than_a_sheet_has(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability\nA,10,0.1\n")
    levels = [round(i / 20_000, 6) for i in range(1, 17_000)]
    (tmp_path / "run.toml").write_text(f"[simulation]\nquantiles = {levels}\n")
    succeed("run", "run.toml", "--out", "out", *settings(input__customers="c.csv", simulation__paths=20), cwd=tmp_path,
            env=NO_PAGE)
    book = openpyxl.load_workbook(tmp_path / "out/report.xlsx")
    assert book["Customers"].max_column == 16_384
    assert any("16384 columns" in str(cell.value) for row in book["Summary"].iter_rows() for cell in row)
