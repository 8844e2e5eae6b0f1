"""Results of every kind, made by the program: small, and with names that a careless page would stumble over."""

import importlib.util
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "cli"))
from program import PATIENCE_S, PROGRAM, REPOSITORY, cpu_seconds, succeed, thread_count  # noqa: E402, F401

if importlib.util.find_spec("clvsim") is None:  # not installed: the one of this repository, without the engine
    sys.path.insert(0, str(REPOSITORY / "python"))

# Segments as users may call them; all of them have to come out as text.
HOSTILE = ("</script><script>window.broken=1</script>", "NA", "%{x} & <b>bold</b>", "007")

PLAN = """
[generate]
kind = "subscription"
window_months = 0
customers = 400
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
acceptance = 0.35
hazard_multiplier = { median = 0.55, log_sd = 0.15, customer_log_sd = 0.2 }
duration_months = 12
[optimizer]
budget = 400.0
"""

# Hazards learned from attributes: a column with a name that a careless page would stumble over.
LEARNED = """
[generate]
kind = "subscription"
customers = 400
seed = 12
[learn]
target_column = "churned"
window_months = 3
folds = 2
bootstraps = 16
rounds = 20
[survival]
source = "learned"
[simulation]
paths = 120
horizon_months = 12
[[actions]]
name = "call"
cost = 1.0
hazard_multiplier = 0.5
"""

SWEEP = """
[input]
customers = "plan/customers.csv"
[simulation]
paths = 150
horizon_months = 18
[market]
revenue_volatility = 0.1
[[scenarios]]
name = "recession"
market_shift = -2.0
[[scenarios]]
name = "rates"
discount_rate = [0.06, 0.14]
[[actions]]
name = "call"
cost = 4.0
acceptance = 0.35
hazard_multiplier = 0.55
[optimizer]
budget = 300.0
"""

RETAIL = """
[generate]
kind = "retail"
customers = 500
seed = 5
[fit]
model = "bg_nbd"
spend_model = "gamma_gamma"
holdout = 2023-06-20
[learn]
target = "value"
snapshot = 2023-03-31
folds = 2
rounds = 20
[segment]
method = "kmeans"
clusters = 3
logarithms = true
[simulation]
paths = 120
horizon_months = 12
cashflow = true
attribution = true
"""


def run(*arguments, cwd):
    """Runs the program, without a page of its own: the tests draw it themselves."""
    succeed(*arguments, "--quiet", cwd=cwd, env={"CLV_PYTHON": "/bin/false"})


def customers_with_tenure(path):
    """Customers whose survival is estimated: ids with zeros and blanks, segments of every kind."""
    random = np.random.default_rng(3)
    with path.open("w") as file:
        file.write("customer_id,monthly_revenue,tenure_months,churned,segment\n")
        for i in range(400):
            tenure = int(random.integers(1, 30))
            name = HOSTILE[i % len(HOSTILE)]
            file.write(f'{i:05d},{10 + i % 50},{tenure},{int(random.random() < 0.4)},"{name}"\n')
