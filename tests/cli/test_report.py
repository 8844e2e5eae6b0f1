"""report.xlsx, read back with openpyxl: what it shows is what the results hold, with formats for people."""

import csv
import json
import shutil

import openpyxl
import pytest
from program import BACKEND, INPUT, USAGE, clv, settings, succeed

SHEETS = {"Customers": "clv.csv", "Plan": "plan.csv", "Frontier": "frontier.csv", "Portfolio": "portfolio.csv"}


@pytest.fixture(scope="module")
def book(out):
    return openpyxl.load_workbook(out / "report.xlsx")


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def refused(*arguments, cwd):
    outcome = clv(*arguments, cwd=cwd)
    assert outcome.code == INPUT
    return outcome.stderr


def shown(text, cell):
    """The CSV's text as the cell's type; a workbook holds 16 digits."""
    return pytest.approx(float(text), rel=1e-15, abs=0.0) if isinstance(cell.value, (int, float)) else text


def test_a_run_ends_with_the_workbook(book, out):
    assert book.sheetnames == ["Summary", *SHEETS, "Assumptions", "Columns"]
    assert "report.xlsx" in json.loads((out / "run.json").read_text())["files"]


@pytest.mark.parametrize("sheet, file", SHEETS.items())
def test_sheets_hold_the_files(book, out, sheet, file):
    rows = rows_of(out / file)
    cells = list(book[sheet].iter_rows())
    assert len(cells) == len(rows)
    for texts, row in zip(rows, cells):
        for text, cell in zip(texts, row):
            assert cell.value == (shown(text, cell) if text else None)


@pytest.mark.parametrize("sheet", SHEETS)
def test_headers_stay_in_sight_and_filter(book, sheet):
    assert book[sheet].freeze_panes == "B2"
    assert book[sheet].auto_filter.ref.startswith("A1:")
    assert all(cell.font.bold for cell in book[sheet][1])


def test_formats_follow_units(book):
    header = [cell.value for cell in book["Customers"][1]]
    first = dict(zip(header, book["Customers"][2]))
    assert first["clv_mean"].number_format.startswith("#,##0.00")
    assert first["prob_loss"].number_format == "0.0%"
    assert first["rank"].number_format == "#,##0"
    assert isinstance(first["customer_id"].value, str)


def test_the_summary_adds_up(book, out):
    """Its formulas name the plan's cells, and the values they came with are those of the plan."""
    plan = rows_of(out / "plan.csv")
    last = len(plan)
    by_action = {}
    for row in plan[1:]:
        customers, cost, profit = by_action.get(row[1], (0, 0.0, 0.0))
        by_action[row[1]] = (customers + 1, cost + float(row[2]), profit + float(row[3]))
    values = openpyxl.load_workbook(out / "report.xlsx", data_only=True)["Summary"]
    formulas = book["Summary"]
    found = {}
    for row in range(1, values.max_row + 1):
        name = values.cell(row, 1).value
        formula = formulas.cell(row, 3).value
        if name in by_action and isinstance(formula, str):
            assert formula == f"=SUMIF(Plan!$B$2:$B${last},A{row},Plan!$C$2:$C${last})"
            found[name] = tuple(values.cell(row, column).value for column in (2, 3, 4))
    assert set(found) == set(by_action)
    for name, figures in by_action.items():
        assert found[name] == pytest.approx(figures, rel=1e-12)
    labels = {values.cell(row, 1).value: values.cell(row, 2).value for row in range(1, values.max_row + 1)}
    record = json.loads((out / "run.json").read_text())
    assert labels["on fresh paths"] == record["plan"]["profit_fresh"]
    assert labels["SHA-256 of the settings"] == record["config_hash"]


def test_assumptions_are_the_settings(book):
    rows = {row[0].value: row for row in book["Assumptions"].iter_rows(min_row=2)}
    assert rows["simulation.paths"][1].value == 211
    assert rows["actions[2].cost"][1].value == 4.0
    assert rows["actions[2].cost"][2].value
    assert rows["optimizer.budget"][1].value == 400.0


def test_every_column_is_explained(book):
    explained = {(row[0].value, row[1].value): row[3].value for row in book["Columns"].iter_rows(min_row=2)}
    for sheet in SHEETS:
        for cell in book[sheet][1]:
            assert explained[sheet, cell.value], cell.value


def test_the_same_results_give_the_same_bytes(out, tmp_path):
    shutil.copytree(out, tmp_path / "out")
    succeed("report", "out", "--workbook", cwd=tmp_path)
    assert (tmp_path / "out/report.xlsx").read_bytes() == (out / "report.xlsx").read_bytes()


def test_scenarios_have_their_sheets(tmp_path, world):
    shutil.copy(world / "out/customers.csv", tmp_path)
    text = (world / "world.toml").read_text() + '\n[[scenarios]]\nname = "recession"\nhazard_multiplier = 1.3\n'
    (tmp_path / "sweep.toml").write_text(text)
    succeed("sweep", "sweep.toml", *settings(input__customers="customers.csv"), cwd=tmp_path)
    succeed("report", "out", "--workbook", cwd=tmp_path)
    book = openpyxl.load_workbook(tmp_path / "out/report.xlsx")
    assert book.sheetnames == ["Summary", "Scenarios", "Scenario plans", "Assumptions", "Columns"]
    assert book["Scenarios"]["A3"].value in ("base", "recession")


def test_customers_that_look_like_formulas_stay_text(tmp_path):
    (tmp_path / "c.csv").write_text('customer_id,monthly_revenue,churn_probability\n=1+1,10,0.1\n007,20,0.2\n"<&>",5,0.1\n')
    succeed("simulate", "--out", "out", *settings(input__customers="c.csv", simulation__paths=20), cwd=tmp_path)
    succeed("report", "out", "--workbook", cwd=tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "out/report.xlsx")["Customers"]
    assert [(sheet.cell(row, 1).value, sheet.cell(row, 1).data_type) for row in (2, 3, 4)] == [
        ("=1+1", "s"), ("007", "s"), ("<&>", "s")]


def test_folders_without_results_are_refused(tmp_path, out):
    (tmp_path / "empty").mkdir()
    message = refused("report", "empty", "--workbook", cwd=tmp_path)
    assert "run.json" in message and "--out" in message
    shutil.copytree(out, tmp_path / "changed")
    with open(tmp_path / "changed/clv.csv", "a") as file:
        file.write("x")
    message = refused("report", "changed", "--workbook", cwd=tmp_path)
    assert "clv.csv" in message
    succeed("generate", "--kind", "subscription", "--out", "world", cwd=tmp_path)
    assert "nothing to report" in refused("report", "world", "--workbook", cwd=tmp_path)
    assert not (tmp_path / "world/report.xlsx").exists()


def test_a_page_needs_the_package(out, tmp_path):
    """Without it nothing is written, and the message says what to do."""
    shutil.copytree(out, tmp_path / "out")
    before = (tmp_path / "out/run.json").read_bytes()
    bare = tmp_path / "bare_python"
    bare.write_text('#!/bin/sh\nexec python3 -I -S "$@"\n')  # without any package
    bare.chmod(0o755)
    for interpreter in ("/nowhere/python", str(bare)):
        outcome = clv("report", "out", cwd=tmp_path, env={"CLV_PYTHON": interpreter})
        assert outcome.code == BACKEND and interpreter in outcome.stderr and "--workbook" in outcome.stderr
    assert (tmp_path / "out/run.json").read_bytes() == before


def test_a_new_plan_leaves_no_report_of_the_old_one(out, tmp_path):
    shutil.copytree(out, tmp_path / "out")
    succeed("optimize", "--set", "optimizer.budget=100", "--out", "out", cwd=tmp_path)
    assert not (tmp_path / "out/report.xlsx").exists()
    assert "report.xlsx" not in json.loads((tmp_path / "out/run.json").read_text())["files"]
    assert (tmp_path / "out/plan.csv").exists() and (tmp_path / "out/clv.csv").exists()


def test_a_folder_is_needed(tmp_path):
    assert clv("report", cwd=tmp_path).code == USAGE
