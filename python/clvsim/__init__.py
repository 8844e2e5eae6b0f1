"""Customer lifetime value by Monte Carlo simulation: the engine's results in Python, and figures and a report of them.

    import clvsim
    results = clvsim.open("out/quickstart")   # or .../results.h5
    results.data                              # xarray: every array of results.h5, by name of its dimensions
    results.table("plan")                     # pandas: every CSV of the folder
    clvsim.figures.portfolio_value(results)   # Plotly, with a caption that says what to read from it

Everything that is computed is computed by the engine; this package asks for it and shows it.
"""

import importlib

from .errors import BackendError, ConfigError, Error, InputError, ModelError, OutputError
from .results import Results, open

__all__ = [
    "BackendError",
    "ConfigError",
    "Error",
    "InputError",
    "ModelError",
    "OutputError",
    "Results",
    "figures",
    "open",
    "report",
]

# Modules that take a while to load are loaded when they are first asked for.
_MODULES = ("figures", "report")


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
