import os
from pathlib import Path

import numpy as np
import pytest
from plans import LIMITS, write_uplift
from program import PROGRAM, REPOSITORY, settings, succeed

# Everything that a run can produce: two segments or more, a market, effects of every kind, a budget that binds.
WORLD_CONFIG = """
[generate]
kind = "subscription"
window_months = 0
customers = 300
seed = 11

[simulation]
paths = 211
horizon_months = 18
cashflow = true
quantiles = [0.025, 0.05, 0.5, 0.975]

[market]
revenue_volatility = 0.1
hazard_sensitivity = 0.2

[[actions]]
name = "5% discount"
price_multiplier = 0.95
hazard_multiplier = 0.85
duration_months = 12

[[actions]]
name = "call"
cost = 4.0
cost_if_accepted = 2.0
monthly_cost = 0.1
acceptance = 0.35
hazard_multiplier = { median = 0.55, log_sd = 0.15, customer_log_sd = 0.2 }
duration_months = 12
eligible = "segment != 'Premium'"

[optimizer]
budget = 400.0

[output]
dir = "out"
"""


def pytest_sessionstart(session):
    if not PROGRAM.is_file():
        raise pytest.UsageError(f"no program ({PROGRAM}): build it, or name it in CLV_PROGRAM")


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """A folder with world.toml and, in out/, everything that `clv run` makes of it. Not to be changed."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "world.toml").write_text(WORLD_CONFIG)
    succeed("run", "world.toml", cwd=folder)
    return folder


@pytest.fixture(scope="session")
def out(world):
    return world / "out"


@pytest.fixture(scope="session")
def reference_data():
    folder = Path(os.environ.get("CLV_REFERENCE_DATA", REPOSITORY.parent / "shared/data"))
    if not folder.is_dir():
        pytest.skip(f"no reference data ({folder}): name the folder in CLV_REFERENCE_DATA")
    return folder


@pytest.fixture
def earlier_results(tmp_path):
    """A folder `out` with the results of a small good run, for failing runs to leave alone."""
    (tmp_path / "good.csv").write_text("customer_id,monthly_revenue,churn_probability\nA,10,0.1\nB,20,0.2\n")
    succeed("simulate", "--out", "out", *settings(input__customers="good.csv", simulation__paths=20), cwd=tmp_path)
    return tmp_path / "out"


@pytest.fixture
def limited(tmp_path):
    """A folder with u.csv, whose actions cost hours too, and plan.toml with limits of every kind; and the table."""
    frame = write_uplift(tmp_path / "u.csv", np.random.default_rng(7), 150)
    frame["cost_hours"] = np.random.default_rng(8).uniform(0.2, 2, len(frame)).round(3)
    frame["segment"] = ["north" if int(name[1:]) % 3 == 0 else "south" for name in frame["customer_id"]]
    frame.to_csv(tmp_path / "u.csv", index=False)
    (tmp_path / "plan.toml").write_text('[optimizer]\nuplift = "u.csv"\nbudget = 500\n' + LIMITS)
    return tmp_path, frame
