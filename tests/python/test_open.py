"""clvsim.open: what it gives is what is in the files, and what it refuses it names."""

import csv
import hashlib
import json
import shutil

import clvsim
import h5py
import numpy as np
import pytest

from worlds import HOSTILE


@pytest.fixture
def copy(runs, tmp_path):
    """A copy of the results with a plan, to be spoiled."""
    shutil.copytree(runs / "plan", tmp_path / "copy")
    return tmp_path / "copy"


def forge(folder, name, content):
    """Changes a file, and run.json so that it agrees."""
    (folder / name).write_bytes(content)
    run = json.loads((folder / "run.json").read_text())
    run["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "run.json").write_text(json.dumps(run))


@pytest.mark.parametrize("name", ["plan", "sweep", "survival", "retail"])
def test_arrays_are_those_of_results_h5(results, runs, name):
    data = results[name].data
    with h5py.File(runs / name / "results.h5") as file:
        assert set(file) == set(data.variables)
        for key, array in file.items():
            is_text = h5py.check_string_dtype(array.dtype) is not None
            expected = array.asstr()[()] if is_text else array[()]
            np.testing.assert_array_equal(data[key].values, expected, err_msg=key)
            if key not in data.dims:
                assert data[key].dims == tuple(scale.keys()[0] for scale in array.dims), key
                assert data[key].dtype == array.dtype, key
        assert data.attrs["seed"] == file.attrs["seed"]


@pytest.mark.parametrize("name", ["plan", "sweep", "survival", "retail", "fit", "uplift"])
def test_tables_are_those_of_the_files(results, runs, name):
    assert results[name].tables
    for table in results[name].tables:
        frame = results[name].table(table)
        with (runs / name / f"{table}.csv").open(newline="") as file:
            rows = list(csv.reader(file))
        assert list(frame.columns) == rows[0]
        assert len(frame) == len(rows) - 1
        for place, column in enumerate(frame):
            written = [row[place] for row in rows[1:]]
            if frame[column].dtype.kind in "fiu":
                expected = np.array([float(text or "nan") for text in written])
                np.testing.assert_array_equal(frame[column].to_numpy(float), expected, err_msg=f"{table} {column}")
            else:
                assert list(frame[column]) == written, f"{table} {column}"


def test_texts_stay_what_they_are(results):
    table = results["survival"].table("clv")
    assert set(table["segment"]) == set(HOSTILE)
    assert table["customer_id"].iloc[7] == "00007"
    assert set(results["survival"].data["segment"].values) == {"portfolio", *HOSTILE, "churned"}


def test_folder_and_file_are_the_same(results, runs):
    other = clvsim.open(runs / "plan" / "results.h5")
    assert other.files == results["plan"].files
    assert other.data.identical(results["plan"].data)


def test_results_h5_alone_is_refused(runs, tmp_path):
    for name in ("mine.h5", "results.h5"):  # a byte of it may be another one: nobody would know
        shutil.copy(runs / "plan" / "results.h5", tmp_path / name)
        for opener in (clvsim.open, lambda path: clvsim.Planner(path, quiet=True)):
            refusal(lambda: opener(tmp_path / name), "nothing vouches for it", str(tmp_path / name))
    (tmp_path / "run.json").write_text((runs / "plan" / "run.json").read_text())
    refusal(lambda: clvsim.open(tmp_path / "mine.h5"), "nothing vouches for it")


def test_some_columns_only(results):
    frame = results["plan"].table("plan", ["action", "customer_id"])
    assert list(frame.columns) == ["action", "customer_id"] and len(frame) == 400


def refusal(call, *expected):
    with pytest.raises(clvsim.InputError) as caught:
        call()
    error = caught.value
    for text in expected:
        assert text in str(error)
    assert error.exit_code == 3 and error.problem and error.place and error.remedy


def test_nothing_there(tmp_path):
    refusal(lambda: clvsim.open(tmp_path / "none"), str(tmp_path / "none"), "no such results")


def test_empty_folder(tmp_path):
    refusal(lambda: clvsim.open(tmp_path), "run.json", "no complete results")


def test_missing_file(copy):
    (copy / "plan.csv").unlink()
    refusal(lambda: clvsim.open(copy), str(copy / "plan.csv"), "missing or was changed")


def test_shortened_file(copy):
    (copy / "clv.csv").write_bytes((copy / "clv.csv").read_bytes()[:-1])
    refusal(lambda: clvsim.open(copy), "clv.csv")


@pytest.mark.parametrize("name", ["clv.csv", "results.h5", "certificate.json"])
def test_one_byte_changed(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    results = clvsim.open(copy)
    read = {
        "clv.csv": lambda: results.table("clv"),
        "results.h5": lambda: results.data,
        "certificate.json": lambda: results.document("certificate.json"),
    }[name]
    refusal(read, name, "missing or was changed")
    assert len(results.table("plan")) == 400  # the others are as they were


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', '{"format": 1, "files": {"../x": {"bytes": 1}}}'])
def test_broken_record(copy, text):
    (copy / "run.json").write_text(text)
    refusal(lambda: clvsim.open(copy), "run.json")


def test_record_of_another_format(copy):
    run = json.loads((copy / "run.json").read_text())
    (copy / "run.json").write_text(json.dumps({**run, "format": 2}))
    refusal(lambda: clvsim.open(copy), "run.json", "unknown format", "2")


def test_results_of_another_version(copy, tmp_path):
    shutil.copy(copy / "results.h5", tmp_path / "new.h5")
    with h5py.File(tmp_path / "new.h5", "a") as file:
        file.attrs["format_version"] = np.uint64(2)
    forge(copy, "results.h5", (tmp_path / "new.h5").read_bytes())
    refusal(lambda: clvsim.open(copy).data, "results.h5", "format_version 2")


def test_certificate_of_another_format(copy):
    text = (copy / "certificate.json").read_bytes().replace(b"clvsim certificate 2", b"clvsim certificate 9")
    forge(copy, "certificate.json", text)
    refusal(lambda: clvsim.open(copy).document("certificate.json"), "certificate.json", "clvsim certificate 9")


def test_not_hdf5(copy, runs, tmp_path):
    refusal(lambda: clvsim.open(runs / "plan.toml"), "plan.toml", "nothing vouches for it")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = [1, 2]
    forge(copy, "results.h5", (tmp_path / "other.h5").read_bytes())
    refusal(lambda: clvsim.open(copy).data, "results.h5", "not results of clvsim")
    forge(copy, "results.h5", (runs / "plan.toml").read_bytes())
    refusal(lambda: clvsim.open(copy).data, "results.h5", "not an HDF5 file")


def test_no_such_table_or_column(results):
    refusal(lambda: results["plan"].table("survival"), "no survival.csv", "clv.csv")
    refusal(lambda: results["plan"].table("plan", ["price"]), "price", "plan.csv", "expected_profit")


def test_text_among_numbers(copy):
    content = (copy / "frontier.csv").read_text().splitlines()
    content[3] = "many" + content[3][content[3].index(",") :]
    forge(copy, "frontier.csv", "\n".join(content).encode())
    refusal(lambda: clvsim.open(copy).table("frontier"), "frontier.csv", "budget", "many")
