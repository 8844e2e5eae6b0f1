"""run.json: how results were made, and which files belong to them. docs/data_dictionary.md has every member."""

import json
from pathlib import Path

from .errors import InputError
from .file_table import file_format

RUN_AGAIN = "run the command that made it again"


def read_json(path):
    """A JSON file that is an object."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read, {error.strerror}", path, "check its permissions") from error
    except ValueError as error:
        raise InputError(f"not JSON, {error}", path, RUN_AGAIN) from error
    if not isinstance(document, dict):
        raise InputError("not a JSON object", path, RUN_AGAIN)
    return document


def read_run(folder):
    """The run.json of a folder, as a dict.

    Raises:
        InputError: there is none, or it is not the record of a run in a format that this version reads.
    """
    path, known = Path(folder) / "run.json", file_format("run.json")
    if not path.is_file():
        raise InputError("no complete results", path, "name the --out folder of a finished run")
    run = read_json(path)
    if run.get("format") != known:
        raise InputError(
            f"of an unknown format, {run.get('format')!r}; this version reads {known}",
            path,
            f"use the version of clvsim that wrote it, or {RUN_AGAIN}",
        )
    files = run.get("files")
    if not isinstance(files, dict) or not all(
        isinstance(entry, dict)
        and {"sha256", "bytes"} <= entry.keys()
        and not Path(name).is_absolute()
        and ".." not in Path(name).parts
        for name, entry in files.items()
    ):
        raise InputError('not the record of a run, "files" is missing or broken', path, RUN_AGAIN)
    return run
