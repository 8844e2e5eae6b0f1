"""Every file that the engine writes, as its own table has it: files.json, which `clv docs` writes from the code."""

import functools
import json
import re
from importlib import resources

_NUMBERS = {"number", "integer", "0 or 1"}


@functools.cache
def _table():
    return json.loads((resources.files(__package__) / "files.json").read_text(encoding="utf-8"))


def file_format(name):
    """What a file of this name says of its own layout; None where it says nothing."""
    return _table()["formats"].get(name)


def file_formats(name):
    """All that this version reads of those; empty where the file says nothing."""
    known = file_format(name)
    return known if isinstance(known, list) else [known] if known else []


@functools.cache
def columns(name):
    """Columns of a CSV file, members of a JSON file or arrays of results.h5, as dicts; None for another file."""
    return next((file["columns"] for file in _table()["files"] if file["name"] == name), None)


@functools.cache
def _types(name):
    """(pattern, type) by column: {level}, {month}, {days}, {action} and {feature} stand for what a run brings."""
    found = [
        (re.compile("(.+)".join(map(re.escape, re.split(r"\{\w+\}", column["name"])))), column["type"])
        for column in columns(name) or ()
    ]
    return sorted(found, key=lambda entry: entry[0].groups)  # a name before a pattern


@functools.cache
def _texts():
    """Names of columns that hold text, in whatever file."""
    return {
        column["name"]
        for file in _table()["files"]
        if file["name"].endswith(".csv")
        for column in file["columns"]
        if column["type"] not in _NUMBERS
    }


def is_number(name, column):
    """Whether a column of a CSV file holds numbers.

    A segment called "NA" or a customer "007" stay what they are. In a file that the table does not have, a column is
    text where it is text in another one.
    """
    if columns(name) is None:
        return column not in _texts()
    found = next((kind for pattern, kind in _types(name) if pattern.fullmatch(column)), None)
    return found in _NUMBERS
