"""A Jupyter kernel as a reader's notebook has one, and what came out of it."""

import base64
import contextlib
import os
import queue
import time
from dataclasses import dataclass
from pathlib import Path

import clvsim
import nbformat
import numpy as np
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from worlds import PATIENCE_S

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PICTURE = "application/vnd.plotly.v1+json"

# Runs after a notebook: results would go with the kernel, and so would the tables that they were made from.
_KEEP = """
import json as _json, pathlib as _pathlib, shutil as _shutil
import clvsim as _clvsim, pandas as _pandas
_folder = _pathlib.Path({folder!r})
for _name, _value in list(globals().items()):
    if isinstance(_value, _clvsim.Results):
        _shutil.copytree(_value.folder, _folder / _name)
    elif _name in ("customers", "transactions") and isinstance(_value, _pandas.DataFrame):
        _value.to_csv(_folder / (_name + ".csv"), index=False)
    elif _name == "config" and isinstance(_value, dict):
        (_folder / "config.json").write_text(_json.dumps(_value))
"""


def environment(home, **more):
    """This clvsim, nothing of the user's own Jupyter, and no page drawn at the end of a run."""
    return {**os.environ, "PYTHONPATH": str(Path(clvsim.__file__).parents[1]), "CLV_PYTHON": "/bin/false",
            "IPYTHONDIR": str(home / "ipython"), "JUPYTER_RUNTIME_DIR": str(home / "runtime"), **more}


@dataclass(frozen=True)
class Executed:
    """A notebook with its outputs, and in `kept` its results by the names of their variables."""

    cells: list
    kept: Path

    def texts(self, kind):
        """Outputs of a kind: text/html, text/markdown; stdout for what was printed."""
        outputs = [output for cell in self.cells for output in cell.outputs]
        if kind == "stdout":
            return "".join(output.text for output in outputs if output.get("name") == kind)
        return "\n".join(output.data[kind] for output in outputs if kind in output.get("data", {}))

    def pictures(self, function):
        """Pictures of cells that ask for this figure, the traces of each by name."""
        return [{trace.get("name"): trace for trace in output.data[PICTURE]["data"]}
                for cell in self.cells if f"clvsim.figures.{function}(" in cell.source
                for output in cell.outputs if PICTURE in output.get("data", {})]


def execute(path, home, **variables):
    """Runs every cell in a kernel of its own, in the folder of the notebook, as Jupyter does."""
    notebook = nbformat.read(path, as_version=4)
    kept = home / "kept"
    kept.mkdir(parents=True)
    notebook.cells.append(nbformat.v4.new_code_cell(_KEEP.format(folder=str(kept))))
    client = NotebookClient(notebook, timeout=int(PATIENCE_S), kernel_name="python3", resources={"metadata": {"path": path.parent}})
    client.execute(env=environment(home, **variables))
    return Executed([cell for cell in notebook.cells[:-1] if cell.cell_type == "code"], kept)


def numbers(values):
    """An array of a trace; Plotly packs those of NumPy."""
    if isinstance(values, dict):
        packed = np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"]))
        return packed.reshape([int(size) for size in str(values["shape"]).split(",")]) if "shape" in values else packed
    return np.array(values)


@contextlib.contextmanager
def kernel(home):
    """A running kernel: (manager, client)."""
    manager, client = start_new_kernel(kernel_name="python3", env=environment(home))
    try:
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def outputs_until(client, request, found, patience_s=PATIENCE_S):
    """Messages that the request's cell sends, up to the first for which found(message) holds."""
    messages, end = [], time.monotonic() + patience_s
    while time.monotonic() < end:
        try:
            message = client.get_iopub_msg(timeout=1.0)
        except queue.Empty:
            continue
        if message["parent_header"].get("msg_id") == request:
            messages.append(message)
            if found(message):
                return messages
    raise AssertionError(f"not within {patience_s} s: {messages}")
