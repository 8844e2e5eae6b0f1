"""Faulty customer files: refused with the place and a remedy, nothing written, earlier results intact."""

import os
import re
from dataclasses import dataclass

import pytest
from program import DONE, INPUT, USAGE, clv, run_record, settings, succeed, table, tree

HEADER = b"customer_id,monthly_revenue,churn_probability\n"
SOUND = HEADER + b"A,10,0.1\nB,20,0.2\n"


@dataclass(frozen=True)
class Case:
    content: bytes
    where: str  # as in the message
    problem: str
    remedy: str
    rejectable: bool = False  # input.on_fault = "reject_rows" gets past it


CASES = {
    "empty file": Case(b"", "", "the file is empty", "give a header row"),
    "only a byte order mark": Case(b"\xef\xbb\xbf", "", "the file is empty", "give a header row"),
    "header only": Case(HEADER, "", "no rows", "give one row per customer"),
    "missing column": Case(b"customer_id,churn_probability\nA,0.1\n", "line 1", "no column 'monthly_revenue'",
                           "input.columns.monthly_revenue"),
    "no churn at all": Case(b"customer_id,monthly_revenue\nA,1\n", "line 1", "no column 'churn_probability'",
                            "input.columns.churn_probability"),
    "misspelt column": Case(b"customer_id,monthly_revenu,churn_probability\nA,1,0.1\n", "line 1",
                            "did you mean 'monthly_revenu'", "input.columns.monthly_revenue"),
    "gap in the survival curve": Case(b"customer_id,monthly_revenue,survival_1,survival_3\nA,1,0.9,0.8\n", "line 1",
                                      "no column 'survival_2'", "input.columns.survival_2"),
    "duplicate column": Case(b"customer_id,monthly_revenue,churn_probability,monthly_revenue\nA,1,0.1,2\n",
                             "line 1, column 4 (monthly_revenue)", "already stands in column 2", "rename or remove"),
    "duplicate customer": Case(SOUND + b"A,5,0.1\n", "line 4, column 1 (customer_id), customer A",
                               "already stands in line 2", "give one row per customer", True),
    "blank customer": Case(SOUND + b",5,0.1\n", "line 4, column 1 (customer_id)", "is blank", "give every customer",
                           True),
    "probability above 1": Case(SOUND + b"C,5,1.5\n", "line 4, column 3 (churn_probability), customer C",
                                "'1.5' is outside [0, 1]", "give a value in [0, 1]", True),
    "probability below 0": Case(SOUND + b"C,5,-0.5\n", "line 4, column 3 (churn_probability), customer C",
                                "'-0.5' is outside [0, 1]", "give a value in [0, 1]", True),
    "not a number": Case(SOUND + b"C,nan,0.1\n", "line 4, column 2 (monthly_revenue), customer C",
                         "'nan' is not a number", "give a finite number", True),
    "infinity": Case(SOUND + b"C,inf,0.1\n", "line 4, column 2 (monthly_revenue), customer C", "'inf' is infinite",
                     "give a finite number", True),
    "minus infinity": Case(SOUND + b"C,5,-Infinity\n", "line 4, column 3 (churn_probability), customer C",
                           "'-Infinity' is infinite", "give a finite number", True),
    "beyond double precision": Case(SOUND + b"C,1e999,0.1\n", "line 4, column 2 (monthly_revenue), customer C",
                                    "'1e999'", "give a number", True),
    "negative revenue": Case(SOUND + b"C,-5,0.1\n", "line 4, column 2 (monthly_revenue), customer C",
                             "'-5' is negative", "give a value >= 0", True),
    "increasing survival": Case(b"customer_id,monthly_revenue,survival_1,survival_2\nA,1,0.9,0.8\nB,1,0.7,0.8\n",
                                "line 3, column 4 (survival_2), customer B", "'0.8' is above the 0.7",
                                "may not rise", True),
    "text in a number": Case(SOUND + b"C,ten,0.1\n", "line 4, column 2 (monthly_revenue), customer C",
                             "'ten' is text in a number", "write a plain number", True),
    "thousands separator": Case(SOUND + b'C,"1,000",0.1\n', "line 4, column 2 (monthly_revenue), customer C",
                                "'1,000' is text in a number", "write a plain number", True),
    "blank number": Case(SOUND + b"C,,0.1\n", "line 4, column 2 (monthly_revenue), customer C", "is blank",
                         "give a number", True),
    "too few fields": Case(SOUND + b"C,5\n", "line 4", "2 fields where the header has 3", "give every column a field",
                           True),
    "too many fields": Case(SOUND + b"C,5,0.1,9\n", "line 4", "4 fields where the header has 3", "quote fields", True),
    "line counted past a quoted line break": Case(SOUND + b'"C\nD",5,0.1\nE,-1,0.1\n',
                                                  "line 6, column 2 (monthly_revenue), customer E", "'-1' is negative",
                                                  "give a value >= 0", True),
    "unterminated quote": Case(SOUND + b'"C,5,0.1\nD,5,0.1\n', "line 4, column 1 (customer_id)", "never closes",
                               "close the quote"),
    "text after a quote": Case(SOUND + b'"C"x,5,0.1\n', "line 4, column 1 (customer_id)", "follows a closing quote",
                               "quote the whole field"),
    "NUL byte": Case(SOUND + b"C\x00,5,0.1\n", "line 4, column 1 (customer_id)", "a NUL byte", "give plain CSV text"),
    "invalid UTF-8": Case(SOUND + b"C\xff,5,0.1\n", "line 4, column 1 (customer_id)", "byte 0xFF is not valid UTF-8",
                          "save the file as UTF-8"),
    "UTF-16": Case("\ufeff".encode("utf-16-le") + SOUND.decode().encode("utf-16-le"), "line 1, column 1",
                   "not valid UTF-8", "save the file as UTF-8"),
    "10 MB line, one field": Case(SOUND + b"C" * 10_000_000 + b",5,0.1\n", "line 4, column 1 (customer_id)",
                                  "is over 1048576 bytes", "shorten it"),
    "10 MB line, many fields": Case(SOUND + b"C,5,0.1" + b",1" * 5_000_000 + b"\n", "line 4", "a row is over",
                                    "missing line end"),
}


def simulate(folder, *more):
    return clv("simulate", "--out", "out", *settings(input__customers="bad.csv", simulation__paths=20), *more,
               cwd=folder)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_refused_with_place_and_remedy_and_nothing_written(tmp_path, case):
    (tmp_path / "bad.csv").write_bytes(case.content)
    outcome = simulate(tmp_path)
    assert outcome.code == INPUT
    assert outcome.stdout == ""
    message = outcome.stderr[outcome.stderr.index("clv: "):]
    assert "bad.csv" in message
    assert case.where in message
    assert case.problem in message
    assert case.remedy in message
    assert len(message) < 2000
    assert tree(tmp_path / "out") is None


# files of a few rows, of which a faulty one is many
REJECT = settings(input__on_fault="reject_rows", input__max_rejected=0.99)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_earlier_results_stay(tmp_path, earlier_results, case):
    before = tree(earlier_results)
    (tmp_path / "bad.csv").write_bytes(case.content)
    assert simulate(tmp_path).code == INPUT
    assert tree(earlier_results) == before


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_reject_rows_sets_faulty_rows_aside(tmp_path, case):
    (tmp_path / "bad.csv").write_bytes(case.content)
    outcome = simulate(tmp_path, *REJECT)
    if not case.rejectable:
        assert outcome.code == INPUT
        assert tree(tmp_path / "out") is None
        return
    assert outcome.code == DONE, outcome.stderr
    rejects = table(tmp_path / "out/rejects.csv")
    assert list(rejects.columns) == ["line", "reason", "row"]
    line = int(re.search(r"line (\d+)", case.where).group(1))
    assert list(rejects["line"]) == [line]
    physical_lines = case.content.decode().split("\n")
    assert rejects["row"][0].rstrip("\n") == physical_lines[line - 1]
    column = re.search(r"column \d+ \((\w+)\)", case.where)
    assert (column.group(1) if column else "field_count") in rejects["reason"][0]
    record = run_record(tmp_path / "out")["input"]
    assert record["rows_rejected"] == 1
    assert record["rows_accepted"] == record["rows_read"] - 1 == len(table(tmp_path / "out/clv.csv"))


def test_every_row_rejected_is_no_result(tmp_path):
    (tmp_path / "bad.csv").write_bytes(HEADER + b"A,ten,0.1\nB,-1,0.2\n")
    outcome = simulate(tmp_path, *REJECT)
    assert outcome.code == INPUT
    assert "bad.csv" in outcome.stderr
    assert tree(tmp_path / "out") is None


def test_sound_rows_keep_their_figures_beside_rejected_ones(tmp_path):
    (tmp_path / "good.csv").write_bytes(SOUND)
    (tmp_path / "bad.csv").write_bytes(HEADER + b"A,10,0.1\nC,ten,0.1\nB,20,0.2\nD,5,7\n")
    succeed("simulate", "--out", "good", *settings(input__customers="good.csv", simulation__paths=20), cwd=tmp_path)
    assert simulate(tmp_path, *REJECT).code == DONE
    for name in ("clv.csv", "portfolio.csv", "results.h5"):
        same = (tmp_path / "out" / name).read_bytes() == (tmp_path / "good" / name).read_bytes()
        # input.on_fault counts for the config hash in results.h5.
        assert same or name == "results.h5"
    assert list(table(tmp_path / "out/rejects.csv")["line"]) == [3, 5]


def test_every_fault_is_counted_and_validate_lists_them(tmp_path):
    rows = b"".join(b"C%d,%s,0.1\n" % (i, b"ten" if i % 2 else b"-1") for i in range(50))
    (tmp_path / "bad.csv").write_bytes(SOUND + rows)
    refused = simulate(tmp_path)
    assert refused.code == INPUT
    assert "50 fault" in refused.stderr
    assert re.search(r"text_in_number: 25\b", refused.stderr)
    assert re.search(r"negative: 25\b", refused.stderr)

    listed = clv("validate", "--out", "out", *settings(input__customers="bad.csv"), cwd=tmp_path)
    assert listed.code == INPUT
    assert list(table(tmp_path / "out/rejects.csv")["line"]) == list(range(4, 54))


TENURES = b"customer_id,monthly_revenue,tenure_months,churned\nB,1,3,yes\nA,1,13000,no\n"


@pytest.mark.parametrize(("content", "source", "text"), [
    (b"customer_id,monthly_revenue,churn_probability,survival_1\nA,1,0.1,0.9\n", None, "survival.source"),
    (b"customer_id,monthly_revenue,churn_probability,segment\nA,1,0.1,portfolio\nB,1,0.1,x\n", None, "'portfolio'"),
    (TENURES, "kaplan_meier", "line 3, column 3 (tenure_months), customer A: '13000' is outside [0, 12000]"),
], ids=["two sources of churn", "segment called portfolio", "tenure of a thousand years"])
def test_validate_refuses_what_simulate_refuses(tmp_path, content, source, text):
    (tmp_path / "bad.csv").write_bytes(content)
    more = settings(survival__source=source) if source else []
    simulated = simulate(tmp_path, *more)
    assert simulated.code == INPUT
    assert text in simulated.stderr
    validated = clv("validate", *settings(input__customers="bad.csv"), *more, cwd=tmp_path)
    assert validated.code == INPUT
    assert text in validated.stdout + validated.stderr


@pytest.mark.parametrize(("name", "remedy"), [("absent.csv", "check the path"), (".", "is a folder: name the file in it")])
def test_no_file(tmp_path, name, remedy):
    outcome = clv("simulate", "--out", "out", *settings(input__customers=name), cwd=tmp_path)
    assert outcome.code == INPUT
    assert name in outcome.stderr
    assert remedy in outcome.stderr
    assert tree(tmp_path / "out") is None


def test_sound_csv_in_every_dress(tmp_path):
    """RFC 4180 and its neighbours: quotes, doubled quotes, line breaks inside, CRLF, byte order mark, UTF-8."""
    plain = b'customer_id,monthly_revenue,churn_probability\nA,10,0.1\n"B ""x""",20,0.2\n"C\nD",30,0.3\nE\xc3\xa9,1,1\n'
    dresses = {
        "crlf": plain.replace(b"\n", b"\r\n").replace(b"C\r\nD", b"C\nD"),
        "bom": b"\xef\xbb\xbf" + plain,
        "no last line end": plain.removesuffix(b"\n"),
        "quoted": plain.replace(b"20,0.2", b'"20","0.2"'),
    }
    (tmp_path / "plain.csv").write_bytes(plain)
    arguments = settings(simulation__paths=20)
    succeed("simulate", "--out", "plain", *settings(input__customers="plain.csv"), *arguments, cwd=tmp_path)
    assert list(table(tmp_path / "plain/clv.csv")["customer_id"]) == ["A", 'B "x"', "C\nD", "Eé"]
    for name, content in dresses.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
        succeed("simulate", "--out", name, *settings(input__customers=f"{name}.csv"), *arguments, cwd=tmp_path)
        for file in ("clv.csv", "portfolio.csv", "results.h5"):
            assert (tmp_path / name / file).read_bytes() == (tmp_path / "plain" / file).read_bytes(), (name, file)


@pytest.mark.parametrize("other", ["t.csv", "./t.csv", "hard.csv", "soft.csv"])
def test_one_file_of_purchases_named_twice(tmp_path, other):
    (tmp_path / "t.csv").write_text("customer_id,order_date,revenue\na,2021-01-01,5\nb,2021-02-01,7\n")
    (tmp_path / "hard.csv").hardlink_to(tmp_path / "t.csv")
    (tmp_path / "soft.csv").symlink_to("t.csv")
    outcome = clv("fit", "--model", "bg_nbd", "--out", "out", *settings(input__transactions=f'["t.csv", "{other}"]'), cwd=tmp_path)
    assert outcome.code == INPUT
    assert "one file" in outcome.stderr and "name it once" in outcome.stderr


def test_a_path_that_run_json_could_not_say(tmp_path):
    """It would name the file of another customer."""
    name = os.fsdecode(b"c\xff.csv")
    (tmp_path / name).write_bytes(SOUND)
    (tmp_path / "c\ufffd.csv").write_bytes(HEADER + b"Z,10,0.1\n")
    outcome = clv("simulate", "--out", "out", "--set", f"input.customers={name}", cwd=tmp_path)
    assert outcome.code == USAGE
    assert "is not UTF-8" in outcome.stderr and "rename the file" in outcome.stderr
    assert tree(tmp_path / "out") is None
