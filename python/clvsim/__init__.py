"""Customer lifetime value by Monte Carlo simulation: the engine, its results, and figures and a report of them.

    import clvsim
    results = clvsim.run("configs/quickstart.toml")   # or a dict; customers=data_frame
    results.data                              # xarray: every array of results.h5, by name of its dimensions
    results.table("plan")                     # pandas: every CSV of the folder
    learner = clvsim.learn(customers, target="churned")  # who will leave, with quality, reasons and spread
    clvsim.optimize(results, budget=5_000)    # another budget, in a moment
    clvsim.figures.portfolio_value(results)   # Plotly, with a caption that says what to read from it
    clvsim.open("out/quickstart")             # results of an earlier run

Everything that is computed is computed by the engine; this package asks for it and shows it.
"""

import importlib

from .errors import BackendError, ConfigError, Error, InfeasibleError, InputError, ModelError, OutputError
from .results import Results, open

_ENGINE = ("Validation", "doctor", "fit", "generate", "optimize", "run", "segment", "simulate", "sweep", "validate")
_PLANNER = ("Plan", "Planner")
_LEARNER = ("Learner", "learn")
# Modules that take a while to load are loaded when they are first asked for.
_MODULES = ("engine", "figures", "learner", "planner", "progress", "report")

__all__ = ["BackendError", "ConfigError", "Error", "InfeasibleError", "InputError", "ModelError", "OutputError",
           "Results", "figures", "open", "report", *_ENGINE, *_LEARNER, *_PLANNER]


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _ENGINE:
        return getattr(importlib.import_module(f"{__name__}.engine"), name)
    if name in _LEARNER:
        return getattr(importlib.import_module(f"{__name__}.learner"), name)
    if name in _PLANNER:
        return getattr(importlib.import_module(f"{__name__}.planner"), name)
    if name == "__version__":
        return importlib.import_module(f"{__name__}._native").__version__
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
