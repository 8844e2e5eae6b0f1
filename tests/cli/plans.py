"""Tables of uplift to plan with, and what plans are asked."""

import hashlib
import json

import numpy as np
import pandas as pd

BUDGET = 400.0


def certificate(folder):
    return json.loads((folder / "certificate.json").read_text())


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_uplift(path, rng, customers, actions=4, se=True):
    """An uplift CSV in which cheap and dear, good and bad actions are mixed."""
    rows = []
    for i in range(customers):
        for a in range(actions):
            cost = round(float(rng.gamma(2, 5)), 2)
            row = {"customer_id": f"C{i}", "action": f"a{a}", "expected_profit": cost * rng.uniform(-0.5, 3),
                   "cost": cost}
            if se:
                row["expected_profit_se"] = rng.uniform(0.1, 1)
            rows.append(row)
    frame = pd.DataFrame(rows)
    frame.to_csv(path, index=False)
    return frame


LIMITS = """
[[optimizer.limits]]
name = "few"
column = "count"
max = 60
[[optimizer.limits]]
name = "hours"
column = "cost_hours"
action = "a1"
max = 20.0
[[optimizer.limits]]
name = "north first"
segment = "north"
column = "count"
min = 25
[[optimizer.limits]]
name = "worth it"
min_roi = 1.9
"""
