"""The results of a run: results.h5 as xarray, the tables as pandas, exactly as the engine wrote them."""

import csv
import hashlib
from functools import cached_property
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import xarray as xr

from .errors import InputError
from .file_table import file_format, file_formats, is_number
from .run_record import RUN_AGAIN, read_json, read_run

# Numbers to the last bit: the default from pandas 3.1 on, which no longer wants to be asked for it.
_EXACT = {} if tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1) else {"float_precision": "round_trip"}


def open(path):
    """Opens the results of a run.

    Args:
        path: the folder that the run has written (``--out``), or its ``results.h5``, which the ``run.json`` beside it
            vouches for.

    Returns:
        Results. Arrays and tables are read when they are asked for.

    Raises:
        InputError: nothing there, not results, of a format that this version does not know, or not as they were
            written (``run.json`` has the SHA-256 of every file).
    """
    path = Path(path)
    if not path.exists():
        raise InputError("no such results", path, "name the --out folder of a finished run, or its results.h5")
    if path.is_dir():
        return Results(path, read_run(path))
    run = read_run(path.parent) if (path.parent / "run.json").is_file() else {"files": {}}
    if path.name != "results.h5" or path.name not in run["files"]:
        raise InputError("nothing vouches for it, no run.json beside it lists it as results", path,
                         "name the --out folder of a finished run, or its results.h5")
    return Results(path.parent, run)


class Results:
    """The results of one run, read only.

    Attributes:
        folder: where they are.
        run: ``run.json``, how they were made.
        files: names of the files of the set.
    """

    def __init__(self, folder: Path, run: dict):
        self.folder, self.run = folder, run
        self.files = tuple(run["files"])
        self._h5 = folder / "results.h5"
        self._checked, self._tables, self._documents = set(), {}, {}
        for name, entry in run["files"].items():
            file = folder / name
            if not file.is_file() or file.stat().st_size != entry["bytes"]:
                raise InputError("a result is missing or was changed", file, RUN_AGAIN)

    def __repr__(self):
        return f"<clvsim results {str(self.folder)!r}: {', '.join(self.files)}>"

    @property
    def tables(self):
        """Names of the tables, without ``.csv``."""
        return tuple(name[:-4] for name in self.files if name.endswith(".csv") and name != "rejects.csv")

    def __contains__(self, name):
        """Whether the set has a file of this name (``plan.csv``), or results.h5 an array of this name."""
        return name in self.files or ("." not in name and self.data is not None and name in self.data)

    @cached_property
    def data(self) -> xr.Dataset | None:
        """results.h5: arrays with named dimensions, read from disk when used; None where the run has none.

        Shapes, units and meanings are in docs/data_dictionary.md and in the attributes of every array.
        """
        if self._h5.name not in self.files:
            return None
        self._check(self._h5.name)
        _check_h5(self._h5)
        # Numbers are what they are: nothing of a run is a date or a scaled integer.
        return xr.open_dataset(
            self._h5, engine="h5netcdf", decode_times=False, mask_and_scale=False, decode_timedelta=False
        )

    @property
    def churned(self) -> dict | None:
        """Customers marked as churned: how many (``customers``), what became of them (``treatment``, the key
        ``customers.churned``) and, where they are kept apart, what they would bring had they stayed (``clv_mean``).
        None where there are none.
        """
        if self.run or self.data is None or "churned" not in self.data:
            return self.run.get("churned")
        row = self.data.isel(segment=-1).sel(plan="none")
        return {
            "customers": int(row["portfolio_customers"]),
            "treatment": "separate",
            "clv_mean": float(row["portfolio_mean"]),
        }

    @property
    def has_churned_apart(self) -> bool:
        """Whether the last segment of results.h5 is ``churned``: customers who are in no other sum."""
        return (self.churned or {}).get("treatment") == "separate"

    def without_churned(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of a table, by its customer_id, of those who are not kept apart."""
        if not self.has_churned_apart:
            return table
        left = self.data["customer_id"].values[self.data["churned"].values != 0]
        return table[~table["customer_id"].isin(left)]

    def table(self, name: str, columns=None) -> pd.DataFrame:
        """A CSV of the set, rows in the order of the file.

        Args:
            name: without ``.csv``, such as ``plan``.
            columns: which to read; all if None. Tables are kept when read whole.

        Raises:
            InputError: the run has no such table, or it has no such column.
        """
        file = f"{name}.csv"
        if name in self._tables:
            table = self._tables[name]
            _check_columns(columns, table.columns, self.folder / file)
            return table if columns is None else table[list(columns)]
        if file not in self.files:
            raise InputError(f"these results have no {file}", self.folder, f"they have {', '.join(self.files)}")
        self._check(file)
        table = _read_csv(self.folder / file, columns)
        if columns is None:
            self._tables[name] = table
        return table

    def document(self, name: str) -> dict:
        """A JSON file of the set, such as ``certificate.json``."""
        if name not in self._documents:
            if name not in self.files:
                raise InputError(f"these results have no {name}", self.folder, f"they have {', '.join(self.files)}")
            self._check(name)
            document = read_json(self.folder / name)
            known = file_formats(name)
            if known and document.get("format") not in known:
                raise InputError(
                    f"of an unknown format, {document.get('format')!r}; this version reads "
                    f"{' and '.join(map(repr, known))}",
                    self.folder / name,
                    f"use the version of clvsim that wrote it, or {RUN_AGAIN}",
                )
            self._documents[name] = document
        return self._documents[name]

    def setting(self, key: str, default=None):
        """A key of the run's resolved configuration, such as ``simulation.horizon_months``."""
        value = self.run.get("config", {})
        for part in key.split("."):
            if not isinstance(value, dict) or part not in value:
                return default
            value = value[part]
        return value

    def view(self, name: str) -> np.ndarray:
        """An array of results.h5 without a copy: the file itself, mapped into memory, read only.

        Args:
            name: as in ``data``, such as ``clv_mean`` [action, customer]. Texts are copied: UTF-8 bytes, padded with
                zeros.

        Raises:
            InputError: the run has no such array.
        """
        if self._h5.name in self.files:
            self._check(self._h5.name)
            _check_h5(self._h5)
            with h5py.File(self._h5) as file:
                if isinstance(dataset := file.get(name), h5py.Dataset):
                    if h5py.check_string_dtype(dataset.dtype):
                        return dataset[()].astype("S")
                    offset = dataset.id.get_offset()
                    if offset is None:  # empty, or in pieces
                        return dataset[()]
                    return np.memmap(self._h5, dataset.dtype, "r", offset, dataset.shape)
        raise InputError(f"these results have no array {name!r}", self._h5, "results.data lists them")

    def close(self):
        """Closes results.h5."""
        if "data" in self.__dict__ and self.data is not None:
            self.data.close()
            del self.__dict__["data"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _check(self, name):
        """Holds the file against run.json, the first time it is read."""
        if name in self._checked:
            return
        file = self.folder / name
        digest = hashlib.sha256()
        try:
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
        except OSError as error:
            raise InputError(f"cannot be read, {error.strerror}", file, "check its permissions") from error
        if digest.hexdigest() != self.run["files"][name]["sha256"]:
            raise InputError("a result is missing or was changed", file, RUN_AGAIN)
        self._checked.add(name)


def _check_h5(path):
    try:
        with h5py.File(path) as file:
            name = file.attrs.get("format")
            found = name.decode() if isinstance(name, bytes) else name, file.attrs.get("format_version")
    except OSError as error:
        raise InputError("not an HDF5 file, or a broken one", path, RUN_AGAIN) from error
    known = file_format("results.h5")
    if found[0] != known["format"]:
        raise InputError("not results of clvsim", path, "name the --out folder of a finished run, or its results.h5")
    if found[1] != known["format_version"]:
        raise InputError(
            f"of an unknown version, format_version {found[1]}; this version reads {known['format_version']}",
            path,
            f"use the version of clvsim that wrote it, or {RUN_AGAIN}",
        )


def _read_csv(path, columns):
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            header = next(csv.reader(stream))
        _check_columns(columns, header, path)
        numbers = [name for name in header if is_number(path.name, name)]
        table = pd.read_csv(
            path,
            usecols=columns,
            keep_default_na=False,
            low_memory=False,
            **_EXACT,
            dtype={name: "str" for name in header if name not in numbers},
            na_values={name: [""] for name in numbers},
        )[list(columns or header)]
    except (OSError, StopIteration, ValueError) as error:
        raise InputError(f"cannot be read as a table, {error}", path, RUN_AGAIN) from error
    for name in numbers:
        if name in table and not pd.api.types.is_numeric_dtype(table[name]):
            row = pd.to_numeric(table[name], errors="coerce").isna().argmax()
            raise InputError(
                f"{table[name].iloc[row]!r} is text in a number", f"{path}, row {row + 1}, column {name}", RUN_AGAIN
            )
    return table


def _check_columns(asked, there, path):
    missing = [name for name in asked or () if name not in there]
    if missing:
        raise InputError(f"no column {missing[0]!r}", path, f"there are {', '.join(there)}")
