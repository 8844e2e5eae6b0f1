"""Churn learned from a data frame, as an object: fit, predict, explain, save.

The work is the engine's (``clv learn``): folds by customer id, gradient boosting that has to beat a regression,
calibrated probabilities, models of resamples for the spread. A customer that was learned from is scored by a model that
has not seen it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import engine
from . import results as _results
from .errors import InputError

_FILES = ("learner.json", "quality.json", "importance.csv", "scores.csv")


class Learner:
    """What was learned, made by `learn` or `load`.

    Attributes:
        quality: dict, by name of the score: estimate, se, low, high .. (quality.json), out of fold.
        importance: data frame of importance.csv.
        scores: data frame of scores.csv: who was learned from, out of fold.
    """

    def __init__(self, folder, temporary=None):
        self._folder, self._temporary = Path(folder), temporary
        results = _results.open(self._folder)
        self.quality: dict[str, Any] = results.document("quality.json")
        self.importance = results.table("importance")
        self.scores = results.table("scores")

    @property
    def file(self) -> Path:
        """learner.json, for ``input.learner`` of `simulate` and `run`."""
        return self._folder / "learner.json"

    @property
    def columns(self) -> list[str]:
        """What it was learned from, the most important first."""
        return self.importance.loc[self.importance["importance"].notna(), "column"].tolist()

    def _score(self, frame, contributions, settings):
        keys = {**(settings or {}), "input.learner": str(self.file), "learn.contributions": contributions}
        return engine._to_folder("learn", None, {"customers": _with_ids(frame)}, keys, True, None)

    def predict(self, frame, *, set: Mapping[str, Any] | None = None):
        """Probability of the outcome within the window, a pandas Series on the frame's index.

        Args:
            frame: customers with the columns that were learned from; ``customer_id`` is a column, or the index.
            set: single keys, such as ``{"input.columns.customer_id": "account"}``.
        """
        values = self._score(frame, False, set).table("scores")["probability"]
        return values.set_axis(frame.index) if hasattr(frame, "index") else values

    def contributions(self, frame, *, set: Mapping[str, Any] | None = None):
        """What every column adds to every customer's log odds: a pandas DataFrame, [customer, column]."""
        found = self._score(frame, True, set).table("contributions").set_index("customer_id")
        return found.set_axis(frame.index) if hasattr(frame, "index") else found

    def save(self, folder: str | os.PathLike) -> Path:
        """Copies it into `folder`, as `clv learn` leaves it there. Returns the folder."""
        target = Path(folder)
        if (target / "run.json").exists():
            raise InputError("the folder holds results already", str(target), "name another, or remove it")
        shutil.copytree(self._folder, target, dirs_exist_ok=True)
        return target

    @classmethod
    def load(cls, folder: str | os.PathLike) -> "Learner":
        """What `save` or `clv learn --out FOLDER` left."""
        return cls(folder)

    def __repr__(self):
        name = "auc" if "auc" in self.quality else "gini"  # of what clv learn --target value left
        score = self.quality[name]
        return (f"Learner({self.quality['algorithm']}, {self.quality['customers']:,} customers, "
                f"{'AUC' if name == 'auc' else 'Gini'} "
                f"{score['estimate']:.3f} [{score['low']:.3f}, {score['high']:.3f}])")


def _with_ids(frame):
    """The index as customer_id, where a pandas frame has no such column and its index a name of that kind, or ids."""
    if hasattr(frame, "reset_index") and "customer_id" not in frame.columns:
        return frame.rename_axis("customer_id").reset_index()
    return frame


def learn(frame, target: str, *, positive: str | None = None, exclude: list[str] | None = None,
          kinds: Mapping[str, str] | None = None, window_months: int | None = None, seed: int | None = None,
          out: str | os.PathLike | None = None, threads: int | None = None, set: Mapping[str, Any] | None = None,
          quiet: bool = True, progress: engine.Listener | None = None) -> Learner:
    """Learns who churns from a data frame of customers.

    Args:
        frame: one row per customer, with any columns: numbers, texts, blanks. ``customer_id`` is a column, or the index.
        target: the column that says who has churned: 1, yes, true, or `positive`.
        positive: the value that means yes.
        exclude: columns that are not learned from.
        kinds: {"postcode": "category"}, where a guess goes wrong.
        window_months: the outcome is what happened within so long.
        out: folder to keep it in; a temporary one otherwise.

    Returns:
        Learner.
    """
    temporary = None
    if out is None:
        temporary = tempfile.TemporaryDirectory(prefix="clvsim-")
        out = Path(temporary.name) / "learned"
    settings = engine._settings("learn", out, set, None, threads, None)
    settings |= {"learn.target_column": target, "learn.positive": positive, "learn.exclude": exclude,
                 "learn.window_months": window_months, "learn.seed": seed}
    settings["learn.kinds"] = dict(kinds) if kinds else None
    results = engine._to_folder("learn", None, {"customers": _with_ids(frame)}, settings, quiet, progress)
    return Learner(results.folder, temporary)
