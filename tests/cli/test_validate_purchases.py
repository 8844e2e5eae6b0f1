"""`clv validate` of customers without a contract: every fault located, every rule counted."""

import json
import lzma

import pandas as pd
import pytest
from program import DONE, INPUT, USAGE, clv, run_record, settings, table

ROWS = """customer_id,order_date,revenue
a,2024-01-01,5
a,2024-01-02,-5
,2024-01-03,5
a,2024-01-04,0
a,2024-01-05,3
a,2024-01-05,3
b,2024-02-30,3
b,2024-02-03,ten
b,2024-02-03,1
"""


def rules_of(outcome):
    return {rule: (count["rows"], count["left_out"]) for rule, count in json.loads(outcome.stdout)["rules"].items()}


@pytest.fixture
def transactions(tmp_path):
    (tmp_path / "t.csv").write_text(ROWS)
    return tmp_path


def test_faults_are_located_and_rules_counted(transactions):
    outcome = clv("validate", "--json", "--out", "out",
                  *settings(input__transactions="t.csv", input__max_rejected=0.25), cwd=transactions)
    assert outcome.code == DONE, outcome.stderr
    summary = json.loads(outcome.stdout)
    assert (summary["rows_read"], summary["rows_accepted"], summary["rows_rejected"]) == (9, 7, 2)
    assert summary["faults"] == {"invalid_date": 1, "text_in_number": 1}
    assert rules_of(outcome) == {"missing_customer": (1, True), "cancellations": (0, True), "returns": (1, True),
                                 "zero_revenue": (1, False), "duplicates": (1, False)}
    report = json.loads((transactions / "out/validation.json").read_text())
    assert [fault["line"] for fault in report["faults"]] == [8, 9]
    assert {rule["rule"]: rule["rows"] for rule in report["rules"]} == {
        "missing_customer": 1, "cancellations": 0, "returns": 1, "zero_revenue": 1, "duplicates": 1}
    assert "1 row without revenue kept (input.keep_zero_revenue)" in report["notes"]
    assert table(transactions / "out/rejects.csv")["line"].tolist() == [8, 9]
    assert run_record(transactions / "out")["input"]["rows_read"] == 9


def test_switches_change_what_is_left_out_and_not_the_counts(transactions):
    outcome = clv("validate", "--json", *settings(input__transactions="t.csv", input__keep_returns=True,
                                                  input__keep_zero_revenue=False, input__keep_duplicates=False),
                  cwd=transactions)
    assert rules_of(outcome) == {"missing_customer": (1, True), "cancellations": (0, True), "returns": (1, False),
                                 "zero_revenue": (1, True), "duplicates": (1, True)}


def test_the_terminal_says_the_same(transactions):
    outcome = clv("validate", *settings(input__transactions="t.csv", input__max_rejected=0.25), cwd=transactions)
    assert outcome.code == DONE
    lines = {line.split()[0]: line.split()[1:] for line in outcome.stdout.splitlines() if line.strip()}
    assert lines["returns"] == ["1", "left", "out", "input.keep_returns"]
    assert lines["zero_revenue"] == ["1", "kept", "input.keep_zero_revenue"]
    assert "line 8, column 2 (order_date), customer b" in outcome.stdout
    assert "t.csv would be accepted" in outcome.stderr


@pytest.mark.parametrize("content, more, message", [
    (ROWS, {"input__on_fault": "refuse"}, "would be refused"),
    ("customer_id,order_date,revenue\na,2024-01-01,\"5\n", {}, "a quote opens here"),
    ("customer_id,order_date\na,2024-01-01\n", {}, "no column 'revenue'"),
    ("customer_id,order_date,revenue\na,2024-01-01,-5\n", {}, "the rules leave no purchase"),
    ("", {}, "the file is empty")])
def test_what_fit_refuses_is_refused(tmp_path, content, more, message):
    (tmp_path / "t.csv").write_text(content)
    outcome = clv("validate", *settings(input__transactions="t.csv", **more), cwd=tmp_path)
    assert outcome.code == INPUT
    assert message in outcome.stdout + outcome.stderr
    assert clv("fit", "--model", "nbd", "--out", "model", *settings(input__transactions="t.csv", **more),
               cwd=tmp_path).code == INPUT


def test_summaries(tmp_path):
    (tmp_path / "s.csv").write_text("customer_id,frequency,recency,T\na,1,2,3\nb,1,4,3\nc,1.5,2,3\na,0,0,1\n")
    outcome = clv("validate", "--json", "--out", "out", *settings(input__summary="s.csv"), cwd=tmp_path)
    assert outcome.code == INPUT
    summary = json.loads(outcome.stdout)
    assert (summary["rows_read"], summary["rows_rejected"]) == (4, 3)
    assert summary["faults"] == {"out_of_range": 2, "duplicate_id": 1}
    assert "rules" not in summary
    assert table(tmp_path / "out/rejects.csv")["line"].tolist() == [3, 4, 5]
    assert clv("validate", *settings(input__summary="s.csv", input__on_fault="reject_rows", input__max_rejected=0.75),
               cwd=tmp_path).code == DONE


def test_requests_that_cannot_be_meant(transactions):
    outcome = clv("validate", cwd=transactions)
    assert (outcome.code, "input.transactions" in outcome.stderr) == (USAGE, True)
    outcome = clv("validate", *settings(input__transactions="t.csv", input__customers="t.csv"), cwd=transactions)
    assert (outcome.code, "name one" in outcome.stderr) == (USAGE, True)
    outcome = clv("validate", *settings(input__transactions="t.csv", input__max_rejected=0.25,
                                        actions='[{name="call", cost=1, eligible="frequancy > 1"}]'), cwd=transactions)
    assert (outcome.code, "frequency" in outcome.stderr) == (USAGE, True)


def test_cdnow(reference_data, tmp_path):
    outcome = clv("validate", "--json", *settings(input__transactions=str(reference_data / "cdnow/CDNOW_master.txt"),
                                                  input__schema="cdnow"), cwd=tmp_path)
    assert outcome.code == DONE, outcome.stderr
    summary = json.loads(outcome.stdout)
    assert (summary["rows_read"], summary["rows_rejected"]) == (69_659, 0)
    assert rules_of(outcome) == {"missing_customer": (0, True), "cancellations": (0, True), "returns": (0, True),
                                 "zero_revenue": (80, False), "duplicates": (255, False)}


def test_online_retail(reference_data, tmp_path):
    with lzma.open(reference_data / "online_retail/online_retail_2010-2011.csv.xz") as packed:
        (tmp_path / "retail.csv").write_bytes(packed.read())
    outcome = clv("validate", "--json", *settings(input__transactions="retail.csv", input__schema="online_retail"),
                  cwd=tmp_path)
    assert outcome.code == DONE, outcome.stderr
    summary = json.loads(outcome.stdout)
    assert (summary["rows_read"], summary["rows_rejected"]) == (541_909, 0)
    # counted independently with pandas, every row under the first rule that it falls under
    rows = pd.read_csv(tmp_path / "retail.csv", dtype=str, keep_default_na=False)
    revenue = rows["Quantity"].astype(float) * rows["UnitPrice"].astype(float)
    named = rows["CustomerID"] != ""
    cancelled = named & rows["InvoiceNo"].str.startswith("C")
    returned = named & ~cancelled & (revenue < 0)
    free = named & ~cancelled & (revenue == 0)
    sold = rows[named & ~cancelled & (revenue > 0)]
    assert rules_of(outcome) == {"missing_customer": ((~named).sum(), True), "cancellations": (cancelled.sum(), True),
                                 "returns": (returned.sum(), True), "zero_revenue": (free.sum(), True),
                                 "duplicates": (sold.duplicated().sum(), False)}
    assert (~named).sum() == 135_080
