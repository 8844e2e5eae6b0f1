"""The engine's commands as functions: the same work, the same files and the same bytes as those of `clv`.

Every function takes a configuration and, beside it, tables that stand in the place of its input files:

* ``config``: a dict of sections (``{"simulation": {"paths": 10_000}}``), the path of a TOML file or of an earlier run's
  ``run.json``, TOML text, or None for the defaults. docs/configuration.md lists every key with its unit and range.
  Relative paths in a file are relative to it, those of a dict or a text to the working directory.
* tables: data frames of pandas (2.2 or later), polars, DuckDB relations, Arrow tables, anything with
  ``__arrow_c_stream__``; or paths of CSV files, or of Parquet files (which needs pyarrow). They have the columns that
  the files have (docs/data_dictionary.md), the same checks are made, and a fault is told with its column and its row,
  counted from 0. Columns of float64 in one piece, without missing values, are used where they are and must not be
  changed meanwhile; other numbers are converted once.
* ``out``: the folder for results; a temporary one, which lives as long as the results object, where neither this nor
  ``output.dir`` names one.
* ``set``: single keys, ``{"simulation.paths": 1_000}``; they win over ``config``.
* ``seed``, ``threads`` (0: all), ``backend`` (auto, cpu, cuda): short for the keys that they name.
* ``quiet``: True shows neither messages nor progress. ``progress``: called as ``progress(kind, text, number)`` in the
  place of the bar; see clvsim.progress.

The interpreter's lock is released while the engine works, on all threads. Ctrl-C stops it within a second, as
KeyboardInterrupt; nothing is written then. One call runs at a time in a process, others wait.

Raises, all of them: ConfigError (a key or an argument is wrong), InputError (data is missing or refused), ModelError,
BackendError, InfeasibleError, OutputError; see clvsim.errors. MemoryError where memory runs out.
"""

from __future__ import annotations

import json as _json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from . import results as _results
from .errors import ConfigError
from .native import config_source, is_results, native_module, overrides, split_tables
from .planner import Plan, Planner
from .progress import ProgressBar
from .results import Results

Config = Union[Mapping[str, Any], str, os.PathLike, None]
#: Anything with ``__arrow_c_stream__``, or the path of a CSV or Parquet file.
Table = Any
Listener = Callable[[str, str, int], None]

_SEED_KEYS = {"generate": "generate.seed", "segment": "segment.seed"}


@dataclass(frozen=True)
class _Outcome:
    exit_code: int
    text: str
    messages: list
    folder: str


def _command(name, config, tables, settings, quiet, progress, folder="", json=False):
    file, text, is_json = config_source(config)
    in_memory, paths = split_tables(tables)
    listener = progress or ProgressBar(quiet)
    messages = []

    def listen(kind, text, number):
        if kind == "message":
            messages.append(text)
        listener(kind, text, number)

    os.environ.setdefault("CLV_PYTHON", sys.executable)  # where a command asks Python to draw its report
    try:
        code, said, folder = native_module().command(name, file, text, is_json, overrides({**settings, **paths}),
                                                     in_memory, json, folder, listen)
    finally:
        getattr(listener, "close", lambda: None)()
    return _Outcome(code, said, messages, folder)


def _settings(command, out, set, seed, threads, backend):
    return {**(set or {}), "output.dir": None if out is None else os.fspath(out),
            _SEED_KEYS.get(command, "simulation.seed"): seed, "execution.threads": threads,
            "execution.backend": backend}


def _to_folder(command, config, tables, settings, quiet, progress):
    """Runs a command that writes results, and opens them."""
    temporary = tempfile.TemporaryDirectory(prefix="clvsim-")
    outcome = _command(command, config, tables, settings, quiet, progress, folder=temporary.name)
    results = _results.open(outcome.folder)
    results.text, results.messages = outcome.text, outcome.messages
    if outcome.folder == temporary.name:
        results._temporary = temporary  # removed with the results
    return results


def generate(config: Config = None, *, out: str | os.PathLike | None = None, kind: str | None = None,
             customers: int | None = None, seed: int | None = None, threads: int | None = None,
             set: Mapping[str, Any] | None = None, quiet: bool = False, progress: Listener | None = None) -> Results:
    """A synthetic world of customers with known truth.

    Args:
        kind: subscription, retail or interventions.
        customers: how many.

    Returns:
        Results with customers.csv or transactions.csv, and truth.csv.
    """
    settings = _settings("generate", out, set, seed, threads, None)
    settings |= {"generate.kind": kind, "generate.customers": customers}
    return _to_folder("generate", config, {}, settings, quiet, progress)


@dataclass(frozen=True)
class Validation:
    """What `validate` found.

    Attributes:
        accepted: whether a run would take the data.
        report: file, rows_read, rows_accepted, rows_rejected, faults (counts by kind), and rules of transactions.
        messages: notes, and why data would be refused.
        results: Results with validation.json (every fault with its place) and rejects.csv.
    """

    accepted: bool
    report: dict[str, Any]
    messages: list[str]
    results: Results


def validate(config: Config = None, *, customers: Table = None, transactions: Table = None, summary: Table = None,
             out: str | os.PathLike | None = None, set: Mapping[str, Any] | None = None, threads: int | None = None,
             quiet: bool = False, progress: Listener | None = None) -> Validation:
    """Reads the input and reports every fault; faulty data is no error here.

    Args:
        customers, transactions, summary: the data, one of them, or named in the config.

    Returns:
        Validation.
    """
    temporary = tempfile.TemporaryDirectory(prefix="clvsim-")
    outcome = _command("validate", config, {"customers": customers, "transactions": transactions, "summary": summary},
                       _settings("validate", out, set, None, threads, None), quiet, progress, temporary.name, json=True)
    results = _results.open(outcome.folder)
    if outcome.folder == temporary.name:
        results._temporary = temporary
    return Validation(outcome.exit_code == 0, _json.loads(outcome.text), outcome.messages, results)


def fit(config: Config = None, *, transactions: Table = None, summary: Table = None, customers: Table = None,
        model: str | None = None, out: str | os.PathLike | None = None, set: Mapping[str, Any] | None = None,
        threads: int | None = None, quiet: bool = False, progress: Listener | None = None) -> Results:
    """Purchase and spend models from histories, or renewal models from cohorts.

    Args:
        transactions, summary, customers: the data, one of them, or named in the config.
        model: bg_nbd, mbg_nbd, pareto_nbd, bg_bb, sbg, bdw or nbd (``fit.model``).

    Returns:
        Results with model.json (``results.document("model.json")``), summary.csv, of transactions features.csv and
        cohorts.csv (``fit.features``) and, with a holdout, holdout.csv and holdout.json.
    """
    settings = _settings("fit", out, set, None, threads, None) | {"fit.model": model}
    return _to_folder("fit", config, {"transactions": transactions, "summary": summary, "customers": customers},
                      settings, quiet, progress)


def simulate(config: Config = None, *, customers: Table = None, transactions: Table = None, summary: Table = None,
             out: str | os.PathLike | None = None, seed: int | None = None, threads: int | None = None,
             backend: str | None = None, set: Mapping[str, Any] | None = None, quiet: bool = False,
             progress: Listener | None = None) -> Results:
    """The distribution of every customer's lifetime value, of the segments and of the portfolio.

    Args:
        customers: subscribers, [customer] rows, or
        transactions, summary: customers without a contract.

    Returns:
        Results: ``results.data`` (xarray, results.h5), ``results.table("clv")`` and so on (pandas). Values are net
        present values in currency over the horizon, today = 0. A model of purchases that is fitted on the way has the
        files of `fit`.
    """
    return _to_folder("simulate", config, {"customers": customers, "transactions": transactions, "summary": summary},
                      _settings("simulate", out, set, seed, threads, backend), quiet, progress)


def segment(config: Config = None, *, customers: Table = None, transactions: Table = None, summary: Table = None,
            columns: Sequence[str] | None = None, clusters: int | None = None, out: str | os.PathLike | None = None,
            seed: int | None = None, threads: int | None = None, set: Mapping[str, Any] | None = None,
            quiet: bool = False, progress: Listener | None = None) -> Results:
    """Groups of similar customers, ranked by the median of their value and named.

    Args:
        customers: [customer] rows with a value (``segment.value``; clv_mean, value, monthly_revenue are found), or
        transactions, summary: customers without a contract, who get RFM scores beside.
        columns: numbers that they are grouped by (``segment.columns``).
        clusters: how many; as many as have the highest silhouette otherwise.

    Returns:
        Results with segments.csv and segment_rankings.csv.
    """
    settings = _settings("segment", out, set, seed, threads, None)
    settings |= {"segment.columns": None if columns is None else list(columns), "segment.clusters": clusters}
    return _to_folder("segment", config, {"customers": customers, "transactions": transactions, "summary": summary},
                      settings, quiet, progress)


def sweep(config: Config = None, *, customers: Table = None, transactions: Table = None, summary: Table = None,
          out: str | os.PathLike | None = None, seed: int | None = None, threads: int | None = None,
          backend: str | None = None, set: Mapping[str, Any] | None = None, quiet: bool = False,
          progress: Listener | None = None) -> Results:
    """The value of the portfolio and its segments in every scenario (``[[scenarios]]``), beside the run as it is.

    Returns:
        Results with sweep.csv and results.h5.
    """
    return _to_folder("sweep", config, {"customers": customers, "transactions": transactions, "summary": summary},
                      _settings("sweep", out, set, seed, threads, backend), quiet, progress)


def run(config: Config = None, *, customers: Table = None, transactions: Table = None, summary: Table = None,
        out: str | os.PathLike | None = None, seed: int | None = None, threads: int | None = None,
        backend: str | None = None, set: Mapping[str, Any] | None = None, quiet: bool = False,
        progress: Listener | None = None) -> Results:
    """Everything that the configuration names, from customers to the plan.

    Returns:
        Results with all that `simulate` gives and, where there are actions, plan.csv, frontier.csv and
        certificate.json.
    """
    return _to_folder("run", config, {"customers": customers, "transactions": transactions, "summary": summary},
                      _settings("run", out, set, seed, threads, backend), quiet, progress)


def optimize(source: Results | Planner | Table, budget: float | None = None, *,
             limits: Sequence[Mapping[str, Any]] | None = None, exact: bool | None = None, objective: str | None = None,
             risk_weight: float | None = None, robustness: float | None = None, require_choice: bool = False,
             config: Config = None, customers: Table = None, transactions: Table = None, summary: Table = None,
             out: str | os.PathLike | None = None, threads: int | None = None, backend: str | None = None,
             set: Mapping[str, Any] | None = None, quiet: bool = False,
             progress: Listener | None = None) -> Plan | Results:
    """The best action for every customer within a budget and other limits.

    Args:
        source: results (a folder, its results.h5, or Results), a table of uplifts (a data frame, CSV or Parquet path:
            ``customer_id, action, expected_profit, cost`` ..), or a Planner, which is the fastest for one budget after
            the other.
        budget: currency; None: no cap.
        limits: a list of dicts as in ``[[optimizer.limits]]``.
        exact: prove the plan optimal, however long that takes up to the search limit.
        objective: profit, or mean_cvar with ``risk_weight`` in 0..1; the latter needs results and ``out``.
        robustness: standard errors taken off every profit.
        require_choice: a customer without a row "none" must get one of their actions (tables of uplifts).
        out: with it the plan is also valued on fresh paths that it was not chosen on, as `clv optimize` does, and
            written there; the folder of the results itself adds the plan to them. Without it nothing is simulated or
            written.
        customers, transactions, summary: with ``out``, the same data again if the results were made from a table in
            memory.

    Returns:
        Plan, or with ``out`` Results with plan.csv, frontier.csv and certificate.json.
    """
    chosen = {"budget": budget, "limits": limits, "exact": exact, "objective": objective, "risk_weight": risk_weight,
              "robustness": robustness}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    if out is None:
        if config is not None or set:
            raise ConfigError("a configuration counts only where the plan is written", "config, set", "give out")
        planner = source if isinstance(source, Planner) else Planner(source, require_choice=require_choice,
                                                                     progress=progress or ProgressBar(quiet))
        return planner.plan(**chosen)
    if isinstance(source, Planner):
        raise ConfigError("a Planner has no paths to write about", "out", "give the results or the table themselves")
    settings = _settings("optimize", out, set, None, threads, backend)
    settings |= {f"optimizer.{name}": value for name, value in chosen.items()}
    tables = {"customers": customers, "transactions": transactions, "summary": summary}
    if isinstance(source, _results.Results):
        source = source.folder
    settings["optimizer.require_choice"] = True if require_choice else None
    if is_results(source):
        settings["optimizer.results"] = os.fspath(source)
    else:
        tables["uplift"] = source
    return _to_folder("optimize", config, tables, settings, quiet, progress)


def doctor(*, threads: int | None = None, set: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What this machine and this build can do: a dict with version, compiler, threads, memory_gib, instruction_sets and
    backends (name, available, description)."""
    return _json.loads(_command("doctor", None, {}, {**(set or {}), "execution.threads": threads}, True, None,
                                json=True).text)
