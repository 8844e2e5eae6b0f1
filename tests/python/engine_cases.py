"""The engine by its two doors, the program and the package, and small worlds to send through both."""

import hashlib
import json
from pathlib import Path

import pandas as pd
from worlds import PROGRAM  # noqa: F401

import program  # of tests/cli, where worlds has looked for it

# Two segments or more, a market, effects of every kind, a budget that binds.
WORLD = {
    "generate": {"kind": "subscription", "window_months": 0, "customers": 300, "seed": 11},
    "simulation": {"paths": 211, "horizon_months": 18, "cashflow": True, "quantiles": [0.025, 0.05, 0.5, 0.975]},
    "market": {"revenue_volatility": 0.1, "hazard_sensitivity": 0.2},
    "actions": [
        {"name": "5% discount", "price_multiplier": 0.95, "hazard_multiplier": 0.85, "duration_months": 12},
        {"name": "call", "cost": 4.0, "cost_if_accepted": 2.0, "monthly_cost": 0.1, "acceptance": 0.35,
         "hazard_multiplier": {"median": 0.55, "log_sd": 0.15, "customer_log_sd": 0.2}, "duration_months": 12,
         "eligible": "segment != 'Premium'"},
    ],
    "optimizer": {"budget": 400.0},
}
RETAIL = {
    "generate": {"kind": "retail", "customers": 400, "seed": 5},
    "fit": {"model": "bg_nbd", "spend_model": "gamma_gamma"},
    "simulation": {"paths": 64, "horizon_months": 12},
}


def clv(*arguments, cwd, code=0, env=None):
    """Runs the program, which has to end with this code."""
    done = program.clv(*arguments, cwd=cwd, env=env)
    assert done.code == code, done.stderr
    return done


def write_config(path, config):
    """The configuration as a TOML file. Its values look alike in JSON and TOML, but for tables."""
    def value(of):
        if isinstance(of, dict):
            return "{ " + ", ".join(f"{key} = {value(inner)}" for key, inner in of.items()) + " }"
        if isinstance(of, list):
            return "[" + ", ".join(map(value, of)) + "]"
        return json.dumps(of)

    lines = []
    for section, content in config.items():
        if isinstance(content, list):
            for table in content:
                lines += [f"[[{section}]]", *(f"{key} = {value(of)}" for key, of in table.items())]
        else:
            lines += [f"[{section}]", *(f"{key} = {value(of)}" for key, of in content.items())]
    path.write_text("\n".join(lines) + "\n")
    return path


def digests(folder):
    """SHA-256 of every result."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in program.result_bytes(folder).items()}


def record(folder, *without):
    """run.json but for the execution, the commit of the build, the output folder, reports, and what else is named."""
    run = json.loads((Path(folder) / "run.json").read_text())
    for report in ("report.html", "report.xlsx"):
        run["files"].pop(report, None)
    run.pop("execution")
    run["program"].pop("commit")
    run["config"].pop("output", None)
    for member in without:
        run.pop(member, None)
    return run


_TEXTS = {"action", "customer_id", "reason", "recommended_action", "segment"}


def table(path):
    """A CSV file as written: ids and names as text, numbers to the last bit, emptiness as NaN."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in frame.columns.difference(_TEXTS):
        frame[name] = [float(text or "nan") for text in frame[name]]
    return frame
