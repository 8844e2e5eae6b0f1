"""Tables in memory in the place of files: the same checks, the same results to the byte."""

import csv
import io

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engine_cases import RETAIL, WORLD, clv, digests, record, write_config
from engine_cases import table as read

import clvsim

CONFIG = {name: WORLD[name] for name in ("simulation", "market", "actions", "optimizer")}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """customers.csv with features of every kind, as a data frame too, and what the program makes of it."""
    folder = tmp_path_factory.mktemp("world")
    write_config(folder / "world.toml", WORLD)
    clv("generate", "world.toml", "--out", ".", cwd=folder)
    frame = pd.read_csv(folder / "customers.csv", dtype={"customer_id": str}, keep_default_na=False)
    days = np.arange(len(frame))
    frame["age"] = 20 + days % 50
    frame["score"] = np.where(days % 7 == 0, np.nan, days / 7)
    frame["channel"] = np.where(days % 5 == 0, "web, \"new\"", "shop")
    frame["member"] = days % 3 == 0
    frame["since"] = pd.Timestamp("2020-02-28") + pd.to_timedelta(days, unit="D")
    frame.to_csv(folder / "all.csv", index=False)
    write_config(folder / "config.toml", CONFIG | {"input": {"customers": str(folder / "all.csv")}})
    clv("run", "config.toml", "--out", "program", cwd=folder)
    return folder, frame


def duckdb_relation(frame):
    return duckdb.connect().from_df(frame)  # read from Python's objects, on DuckDB's threads, when rows are asked for


FORMS = {
    "pandas": lambda frame: frame,
    "pandas, categories": lambda frame: frame.astype({"segment": "category", "channel": "category"}),
    "pandas, another index": lambda frame: frame.set_index(pd.Index(np.arange(len(frame)) * 2 + 1)),
    "polars": pl.from_pandas,
    "duckdb": duckdb_relation,
    "pyarrow": pa.Table.from_pandas,
    "pyarrow, pieces": lambda frame: pa.concat_tables([pa.Table.from_pandas(part) for part in
                                                       (frame[:100], frame[100:101], frame[101:])]),
    "pyarrow, sliced": lambda frame: pa.Table.from_pandas(pd.concat([frame[:13], frame])).slice(13),
}


@pytest.mark.parametrize("form", FORMS)
def test_customers(form, world, tmp_path):
    folder, frame = world
    clvsim.run(CONFIG, customers=FORMS[form](frame), out=tmp_path / "out", quiet=True)
    assert digests(tmp_path / "out") == digests(folder / "program")
    theirs, ours = record(folder / "program"), record(tmp_path / "out")
    assert ours["input"].pop("file") == "memory:customers"
    theirs["input"].pop("file")
    # no hash tells whether a table in memory is the same next time, so the steps from it on have other hashes
    value = next(step for step in ours["steps"] if step["name"] == "value")
    assert value["inputs"] == [{"name": "input.customers", "file": "memory:customers", "hash": ""}]
    for run in (theirs, ours):
        run["config"].pop("input")
        run["steps"] = [(step["name"], step["outputs"], step["reused"]) for step in run["steps"]
                        if step["name"] != "report"]  # reports are no results
    assert ours == theirs


def test_results_are_views_of_the_file(world):
    results = clvsim.open(world[0] / "program")
    for name in ("clv_mean", "clv_quantile", "paths_used", "expected_profit"):
        view = results.view(name)
        assert isinstance(view, np.memmap) and not view.flags.writeable
        np.testing.assert_array_equal(view, results.data[name].to_numpy())
    with pytest.raises(clvsim.InputError, match="no array 'clv_meen'"):
        results.view("clv_meen")


def test_a_parquet_file(world, tmp_path):
    folder, frame = world
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "customers.parquet")
    clvsim.run(CONFIG, customers=tmp_path / "customers.parquet", out=tmp_path / "out", quiet=True)
    assert digests(tmp_path / "out") == digests(folder / "program")


def test_the_data_frame_is_left_alone(world, tmp_path):
    _, frame = world
    before = frame.copy(deep=True)
    clvsim.run(CONFIG, customers=frame, out=tmp_path / "out", quiet=True)
    pd.testing.assert_frame_equal(frame, before)


def test_columns_are_mapped_and_defaulted(tmp_path):
    frame = pd.DataFrame({"who": [3, 1, 2], "fee": np.array([10, 20, 30], dtype=np.int16),
                          "leaves": np.array([0.1, 0.2, 0.3], dtype=np.float64), "group": [1.0, 2.5, 1.0]})
    config = {"simulation": {"paths": 50}, "input": {
        "columns": {"customer_id": "who", "monthly_revenue": "fee", "churn_probability": "leaves"},
        "defaults": {"margin": 0.5}, "segment_by": ["group"]}}
    frame.to_csv(tmp_path / "in.csv", index=False)
    clvsim.simulate(config, customers=tmp_path / "in.csv", out=tmp_path / "file", quiet=True)
    results = clvsim.simulate(config, customers=frame, out=tmp_path / "table", quiet=True)
    assert digests(tmp_path / "table") == digests(tmp_path / "file")
    assert list(results.table("clv")["customer_id"]) == ["3", "1", "2"]


def test_rows_may_be_left_out(tmp_path):
    frame = pd.DataFrame({"customer_id": list("ABCDE"), "monthly_revenue": [10.0, 20.0, -30.0, 40.0, 50.0],
                          "churn_probability": [0.1, 0.2, 0.3, 0.4, 1.5]})
    frame.to_csv(tmp_path / "in.csv", index=False)
    config = {"simulation": {"paths": 50}, "input": {"on_fault": "reject_rows", "max_rejected": 0.5}}
    clvsim.simulate(config, customers=tmp_path / "in.csv", out=tmp_path / "file", quiet=True)
    clvsim.simulate(config, customers=frame, out=tmp_path / "table", quiet=True)
    assert digests(tmp_path / "table") == digests(tmp_path / "file")
    rejects = (tmp_path / "table/rejects.csv").read_text()
    assert "-30.0" in rejects and "1.5" in rejects


def test_minus_zero_is_zero(tmp_path):
    frame = pd.DataFrame({"customer_id": list("AB"), "monthly_revenue": [-0.0, 20.0], "churn_probability": [0.1, -0.0]})
    frame.to_csv(tmp_path / "in.csv", index=False)
    config = {"simulation": {"paths": 50}}
    clvsim.simulate(config, customers=tmp_path / "in.csv", out=tmp_path / "file", quiet=True)
    clvsim.simulate(config, customers=frame, out=tmp_path / "table", quiet=True)
    assert digests(tmp_path / "table") == digests(tmp_path / "file")


@pytest.fixture(scope="module")
def retail(tmp_path_factory):
    folder = tmp_path_factory.mktemp("retail")
    write_config(folder / "retail.toml", RETAIL)
    clv("generate", "retail.toml", "--out", ".", cwd=folder)
    write_config(folder / "config.toml", {"fit": RETAIL["fit"], "simulation": RETAIL["simulation"],
                                          "input": {"transactions": str(folder / "transactions.csv")}})
    clv("simulate", "config.toml", "--out", "program", cwd=folder)
    clv("fit", "config.toml", "--out", "fitted", cwd=folder)
    return folder


@pytest.mark.parametrize("form", ["pandas", "polars", "duckdb", "pyarrow, pieces"])
def test_transactions(form, retail, tmp_path):
    frame = pd.read_csv(retail / "transactions.csv", dtype={"customer_id": str}, parse_dates=["order_date"])
    table = FORMS[form](frame)
    config = {"fit": RETAIL["fit"], "simulation": RETAIL["simulation"]}
    clvsim.simulate(config, transactions=table, out=tmp_path / "out", quiet=True)
    assert digests(tmp_path / "out") == digests(retail / "program")


def test_a_summary(retail, tmp_path):
    frame = read(retail / "fitted/summary.csv")
    config = {"fit": RETAIL["fit"], "simulation": RETAIL["simulation"]}
    clvsim.simulate(config, summary=retail / "fitted/summary.csv", out=tmp_path / "file", quiet=True)
    clvsim.simulate(config, summary=frame, out=tmp_path / "table", quiet=True)
    assert digests(tmp_path / "table") == digests(tmp_path / "file")


def test_uplifts(world, tmp_path):
    folder, _ = world
    path = folder / "program/uplift.csv"
    frame = read(path)
    clvsim.optimize(path, budget=200, out=tmp_path / "file", quiet=True)
    clvsim.optimize(frame, budget=200, out=tmp_path / "table", quiet=True)
    file, table = digests(tmp_path / "file"), digests(tmp_path / "table")
    assert table["plan.csv"] == file["plan.csv"] and table["frontier.csv"] == file["frontier.csv"]
    # The certificate names the table, which goes with it.
    assert "uplift.csv" in table
    clv("optimize", "--verify", tmp_path / "table/certificate.json", cwd=tmp_path)


def test_results_of_a_table_are_planned_from_with_the_table(world, tmp_path):
    folder, frame = world
    clvsim.run(CONFIG, customers=frame, out=tmp_path / "out", quiet=True)
    with pytest.raises(clvsim.InputError, match="memory:customers.*hand the same table over again"):
        clvsim.optimize(tmp_path / "out", budget=100, out=tmp_path / "plan", quiet=True)
    clvsim.optimize(tmp_path / "out", budget=100, customers=frame, out=tmp_path / "plan", quiet=True)
    clv("optimize", "--out", tmp_path / "program", "--set", f"optimizer.results={folder / 'program'}", "--set",
        "optimizer.budget=100", cwd=tmp_path)
    assert digests(tmp_path / "plan")["plan.csv"] == digests(tmp_path / "program")["plan.csv"]


GOOD = {"customer_id": ["A", "B", "C"], "monthly_revenue": [10.0, 20.0, 30.0], "churn_probability": [0.1, 0.2, 0.3]}

FAULTS = {
    "negative": ({"monthly_revenue": [10.0, -2.5, 30.0]},
                 r"row 1, column 2 \(monthly_revenue\), customer B: '-2\.5' is negative"),
    "missing": ({"churn_probability": [0.1, 0.2, None]},
                r"row 2, column 3 \(churn_probability\), customer C: is blank"),
    "text": ({"churn_probability": ["0.1", "lots", "0.3"]},
             r"row 1, column 3 \(churn_probability\), customer B: 'lots' is text"),
    "boolean": ({"monthly_revenue": [True, True, False]},
                r"row 0, column 2 \(monthly_revenue\).*'True' is text in a number"),
    "infinite": ({"monthly_revenue": [10.0, float("inf"), 30.0]}, r"row 1, column 2.*is infinite"),
    "twice": ({"customer_id": ["A", "B", "A"]},
              r"row 2, column 1 \(customer_id\), customer A: 'A' already stands in row 0"),
    "no id": ({"customer_id": ["A", None, "C"]}, r"row 1, column 1 \(customer_id\): is blank"),
    "NUL": ({"customer_id": ["A", "B\0", "C"]}, r"row 1, column 1 \(customer_id\): has a NUL character"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("form", ["pandas", "polars"])
def test_faults_are_told_with_row_and_column(fault, form, tmp_path):
    change, message = FAULTS[fault]
    data = GOOD | change
    table = pd.DataFrame(data) if form == "pandas" else pl.DataFrame(data, strict=False)
    with pytest.raises(clvsim.InputError, match=message):
        clvsim.simulate({"simulation": {"paths": 20}}, customers=table, out=tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()


def test_not_a_number_is_a_fault_where_it_is_not_missing(tmp_path):
    table = pl.DataFrame(GOOD | {"monthly_revenue": [10.0, float("nan"), 30.0]})
    with pytest.raises(clvsim.InputError, match=r"row 1, column 2 \(monthly_revenue\).*is not a number"):
        clvsim.simulate(customers=table, out=tmp_path / "out", quiet=True)


def test_faults_of_transactions_name_rows(tmp_path):
    frame = pd.DataFrame({"customer_id": ["A", "B"], "order_date": ["2020-01-01", "2020-02-31"], "revenue": [1.0, 2.0]})
    with pytest.raises(clvsim.InputError, match=r"row 1, column 2 \(order_date\)"):
        clvsim.fit({"fit": {"model": "bg_nbd"}, "input": {"on_fault": "refuse"}}, transactions=frame,
                   out=tmp_path / "out", quiet=True)


@pytest.mark.parametrize("history, column", [((0, 30.0, 30.0), "recency"), ((1, 0.0, 30.0), "recency"),
                                             ((1, 31.0, 30.0), "recency"), ((1.5, 2.0, 30.0), "frequency")])
def test_histories_are_checked_as_the_program_does(history, column, tmp_path):
    frame = pd.DataFrame({"customer_id": ["a", "b"], "frequency": [2, history[0]], "recency": [4.0, history[1]],
                          "T": [30.0, history[2]]})
    config = {"fit": {"model": "bg_nbd"}}
    for command in (clvsim.fit, clvsim.simulate):
        with pytest.raises(clvsim.InputError, match=rf"row 1, column \d \({column}\), customer b: "):
            command(config, summary=frame, out=tmp_path / "out", quiet=True)
    assert not clvsim.validate(config, summary=frame, quiet=True).accepted


def test_too_many_faulty_rows_refuse_a_table(tmp_path):
    frame = pd.DataFrame({"customer_id": list("abcd"), "order_date": ["13/02/2023", "01/02/2023", "01/03/2023", "14/02/2023"],
                          "revenue": 1.0})
    with pytest.raises(clvsim.InputError, match='input.date_format = "day_first" all of them would be read'):
        clvsim.fit({"fit": {"model": "nbd"}, "input": {"date_format": "month_first"}}, transactions=frame,
                   out=tmp_path / "out", quiet=True)


def test_a_missing_column_and_no_rows(tmp_path):
    frame = pd.DataFrame(GOOD)
    with pytest.raises(clvsim.InputError, match="no column 'monthly_revenue'"):
        clvsim.simulate(customers=frame.drop(columns="monthly_revenue"), quiet=True)
    with pytest.raises(clvsim.InputError, match="no rows"):
        clvsim.simulate(customers=frame[:0], quiet=True)


def test_what_is_no_table(tmp_path):
    with pytest.raises(clvsim.InputError, match="not a table.*__arrow_c_stream__"):
        clvsim.simulate(customers=[1, 2, 3], quiet=True)
    with pytest.raises(clvsim.InputError, match="of a type that no table of ours has.*column lists"):
        clvsim.simulate(customers=pl.DataFrame(GOOD | {"lists": [[1], [2], [3]]}), quiet=True)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32",
                                   "float64", "decimal"])
def test_every_type_of_number(dtype, tmp_path):
    values = [10, 0, 120]
    column = pa.array(values, pa.decimal128(9, 2)) if dtype == "decimal" else pa.array(np.array(values, dtype=dtype))
    table = pa.table({"customer_id": pa.array(GOOD["customer_id"]), "monthly_revenue": column,
                      "churn_probability": pa.array(GOOD["churn_probability"])})
    frame = pd.DataFrame(GOOD | {"monthly_revenue": np.array(values, dtype=float)})
    clvsim.simulate({"simulation": {"paths": 20}}, customers=table, out=tmp_path / "typed", quiet=True)
    clvsim.simulate({"simulation": {"paths": 20}}, customers=frame, out=tmp_path / "float", quiet=True)
    assert digests(tmp_path / "typed") == digests(tmp_path / "float")


def test_texts_that_csv_has_to_quote_come_through(tmp_path):
    ids = ['a,b', 'a"b', "line\nend", "long enough to stand outside of a view, twice over"]
    table = pl.DataFrame({"customer_id": ids, "monthly_revenue": [1.0] * 4, "churn_probability": [0.1] * 4})
    clvsim.simulate({"simulation": {"paths": 20}}, customers=table, out=tmp_path / "out", quiet=True)
    rows = list(csv.reader(io.StringIO((tmp_path / "out/clv.csv").read_text(), newline="")))
    assert [row[0] for row in rows[1:]] == ids
