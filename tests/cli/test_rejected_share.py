"""Files of which too many rows have a fault are refused, and dates with offsets are read."""

import json
from pathlib import Path

import pytest
from program import DONE, INPUT, USAGE, clv, settings, succeed, table, tree

CASES = Path(__file__).parent / "cases"

ROWS = "".join(f"c{i % 9},2023-{1 + i % 12:02d}-{13 + i % 15:02d},{5 + i % 7}.50\n" for i in range(95))
HEADER = "customer_id,order_date,revenue\n"


def written(folder, text, **more):
    (folder / "t.csv").write_text(text)
    return settings(input__transactions="t.csv", **more)


def commands(arguments):
    return [["validate", *arguments], ["fit", "--model", "nbd", "--out", "model", *arguments],
            ["simulate", "--out", "out", *arguments, *settings(fit__model="nbd", simulation__paths=16)]]


@pytest.mark.parametrize("on_fault", [{}, {"input__on_fault": "reject_rows"}])
def test_a_file_in_another_order_of_dates_is_refused(tmp_path, on_fault):
    case = {"input__transactions": str(CASES / "day_first.csv"), **on_fault}
    for command in commands(settings(input__date_format="month_first", **case)):
        outcome = clv(*command, cwd=tmp_path)
        assert outcome.code == INPUT, outcome.stderr
        line = next(line for line in outcome.stderr.splitlines() if "input.max_rejected" in line)
        assert "112 of 200 rows (56%)" in line
        assert 'input.date_format = "day_first" all of them would be read' in line
    assert tree(tmp_path / "model") in (None, {}) and tree(tmp_path / "out") in (None, {})
    for command in commands(settings(input__date_format="day_first", **case)):
        assert clv(*command, cwd=tmp_path).code == DONE


def test_the_share_is_that_of_faulty_rows_over_rows_read(tmp_path):
    bad = "c0,never,1\n"
    for faults, more, code in [(5, {}, DONE), (6, {}, INPUT), (6, {"input__max_rejected": 0.06}, DONE),
                               (1, {"input__max_rejected": 0}, INPUT), (0, {"input__max_rejected": 0}, DONE),
                               (60, {"input__max_rejected": 1}, DONE)]:
        arguments = written(tmp_path, HEADER + ROWS + bad * faults, **more)
        if faults == 6:  # .0594 of 101 rows; left out rows are rows read, and never faults
            assert clv("validate", *written(tmp_path, HEADER + ROWS + bad * 6 + ",2023-01-01,4\n" * 20, **more),
                       cwd=tmp_path).code == DONE
            arguments = written(tmp_path, HEADER + ROWS + bad * faults, **more)
        assert clv("validate", *arguments, cwd=tmp_path).code == code, (faults, more)
    assert clv("validate", *written(tmp_path, HEADER + ROWS, input__max_rejected=1.5), cwd=tmp_path).code == USAGE


def test_what_a_rule_leaves_out_has_no_fault(tmp_path):
    # neither rows without a customer nor returns count, whatever else stands in the former
    arguments = written(tmp_path, HEADER + ROWS + ",never,x\n" * 60 + "c1,2023-04-05,-3\n" * 60)
    outcome = succeed("validate", "--json", *arguments, cwd=tmp_path)
    report = json.loads(outcome.stdout)
    assert report["rows_rejected"] == 0
    assert report["rules"]["missing_customer"] == {"rows": 60, "left_out": True}
    assert report["rules"]["returns"] == {"rows": 60, "left_out": True}


def test_validate_writes_what_it_found(tmp_path):
    arguments = written(tmp_path, HEADER + ROWS.replace("-13,", "-13T8:00 CET,").replace("-14,", "-14T8:00 CET,"))
    assert clv("validate", "--out", "out", *arguments, cwd=tmp_path).code == INPUT
    report = json.loads((tmp_path / "out/validation.json").read_text())
    assert report["hint"] == "with days that end without the name of a zone all of them would be read"
    assert len(table(tmp_path / "out/rejects.csv")) == report["rows_rejected"] == 14


@pytest.mark.parametrize("text, message", [
    (HEADER + ROWS.replace(".50", ",50"), "with numbers that have a decimal point, not a comma, all of them"),
    (HEADER + ROWS.replace("5.50", '"1.005,50"'), "with numbers that have a decimal point, not a comma, all of them"),
    ((HEADER + ROWS).replace(",", ";"), "between ';'"),
    ((HEADER + ROWS).replace(",", "\t"), "between tabs"),
    (HEADER + ROWS.replace("2023-", "31/01/2023 ").replace("-", ":"), 'with input.date_format = "day_first"')])
def test_what_would_read_the_rows_is_named(tmp_path, text, message):
    for command in commands(written(tmp_path, text)):
        outcome = clv(*command, cwd=tmp_path)
        assert outcome.code == INPUT
        assert message in outcome.stdout + outcome.stderr


def test_other_readers_have_the_same_limit(tmp_path):
    customers = "customer_id,monthly_revenue,churn_probability\n" + "".join(f"a{i},{9 + i},.1\n" for i in range(30))
    (tmp_path / "c.csv").write_text(customers + "b0,x,.1\nb1,x,.1\n")
    (tmp_path / "s.csv").write_text("frequency,recency,T\n" + "1,2,3\n2,3,4\n0,0,4\n" * 10 + "1,9,3\n1,9,3\n")
    (tmp_path / "k.csv").write_text("recency,T\n" + "1,3\n2,3\n3,3\n" * 10 + "4,3\n0,3\n")
    reject = settings(input__on_fault="reject_rows")
    simulate = ["simulate", "--out", "o", *settings(simulation__paths=16)]
    for command in (["validate", *settings(input__customers="c.csv")], [*simulate, *settings(input__customers="c.csv")],
                    ["validate", *settings(input__summary="s.csv")],
                    ["fit", "--model", "nbd", "--out", "o", *settings(input__summary="s.csv")],
                    ["fit", "--model", "sbg", "--out", "o", *settings(input__summary="k.csv")],
                    ["validate", *settings(input__summary="k.csv", fit__model="sbg")]):
        outcome = clv(*command, *reject, cwd=tmp_path)
        assert outcome.code == INPUT
        assert "2 of 32 rows (6.25%), more than input.max_rejected = 0.05 allows" in outcome.stderr
        assert clv(*command, *reject, *settings(input__max_rejected=0.0625), cwd=tmp_path).code == DONE


def test_a_date_order_that_no_date_speaks_for_is_questioned(tmp_path):
    days = "".join(f"c{i % 9},0{1 + i % 9}/0{1 + i % 7}/2023,5\n" for i in range(99))
    arguments = written(tmp_path, HEADER + days + "c1,13/02/2023,5\n", input__date_format="month_first")
    outcome = succeed("validate", *arguments, cwd=tmp_path)
    assert 'input.date_format = "day_first" reads every date' in outcome.stderr
    arguments = written(tmp_path, HEADER + days + "c1,13/02/2023,5\nc1,02/14/2023,5\n", input__date_format="month_first")
    assert "reads every date" not in succeed("validate", *arguments, cwd=tmp_path).stderr


def test_the_day_is_the_day_as_written(tmp_path):
    text = (CASES / "offsets.csv").read_text()
    plain = "\n".join(",".join([cell[:10] if "T" in cell else cell for cell in line.split(",")])
                      for line in text.splitlines()[1:])
    (tmp_path / "plain.csv").write_text(HEADER + plain + "\n")
    for name, path in (("as_it_is", CASES / "offsets.csv"), ("plain", tmp_path / "plain.csv")):
        outcome = succeed("validate", "--json", *settings(input__transactions=str(path)), cwd=tmp_path)
        assert json.loads(outcome.stdout)["rows_rejected"] == 0
        succeed("fit", "--model", "nbd", "--out", name, *settings(input__transactions=str(path)), cwd=tmp_path)
    assert (tmp_path / "as_it_is/summary.csv").read_bytes() == (tmp_path / "plain/summary.csv").read_bytes()
