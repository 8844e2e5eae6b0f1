"""What crosses to the engine: its module, configurations, keys and tables in the form in which it takes them."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

from .errors import ConfigError, Error, InputError


def native_module():
    try:
        from . import _native as module
    except ImportError as error:
        raise Error(f"the engine is not built ({error})", "clvsim._native",
                    "run pip install . at the repository") from error
    return module


def _plain(value):
    """What JSON has no word for: paths, days, NumPy's numbers and arrays."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise ConfigError(f"a value of type {type(value).__name__}", "config",
                      "give numbers, texts, booleans, lists and dicts")


def json_text(value):
    try:
        return json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ConfigError(f"a value that is no number, {error}", "config", "give finite numbers") from error


def config_source(config):
    """(file, text, whether it is JSON)."""
    if config is None:
        return "", "", False
    if isinstance(config, dict):
        return "", json_text(config), True
    if isinstance(config, os.PathLike):
        return os.fspath(config), "", False
    if isinstance(config, str):
        is_path = config.endswith((".toml", ".json")) and "\n" not in config
        is_text = not is_path and ("\n" in config or "=" in config or not config.strip())
        return ("", config, False) if is_text else (config, "", False)
    raise ConfigError(f"a configuration of type {type(config).__name__}", "config",
                      "give a dict, a path, TOML text or None")


def _toml_value(value):
    """A value for one key as TOML, in which lists and tables of one line look like this."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml_value(inner) for inner in value) + "]"
    return json_text(value)


def overrides(settings):
    return [(key, _toml_value(value), f"{key} = {value!r}") for key, value in settings.items() if value is not None]


def split_tables(tables):
    """Tables in memory, and keys for those that are files."""
    in_memory, paths = {}, {}
    for kind, table in tables.items():
        if table is None:
            continue
        if isinstance(table, (str, os.PathLike)):
            path = os.fspath(table)
            if path.endswith((".parquet", ".pq")):
                in_memory[kind] = _read_parquet(path)
            else:
                paths["optimizer.uplift" if kind == "uplift" else f"input.{kind}"] = path
        else:
            in_memory[kind] = table
    return in_memory, paths


def _read_parquet(path):
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise InputError("a Parquet file needs pyarrow", path, "pip install pyarrow, or give a data frame") from error
    try:
        return pyarrow.parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(f"cannot be read as Parquet, {error}", path, "check the file") from error


def is_results(source: object) -> bool:
    """Whether this is a folder of results or a results.h5, rather than a table."""
    return isinstance(source, (str, os.PathLike)) and (Path(source).is_dir() or Path(source).suffix == ".h5")
