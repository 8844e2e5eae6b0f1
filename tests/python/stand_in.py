"""The dashboard with a planner of the tests' own in place of the engine's, for where the engine is not built.

Not the engine's optimizer: every customer's best action at a price of the budget that is found by bisection.
"""

import runpy
import sys
from pathlib import Path

import clvsim
import numpy as np
import pandas as pd


class Plan:
    def __init__(self, planner, action):
        self.planner, self.action = planner, action
        customers = np.arange(len(action))
        self.cost, self.expected_profit = planner.cost[action, customers], planner.profit[action, customers]
        self.total_cost, self.total_expected_profit = self.cost.sum(), self.expected_profit.sum()
        self.total_added_cvar = (planner.cvar[action, customers] - planner.cvar[0]).sum()
        self.objective = self.upper_bound = self.total_expected_profit
        self.marginal_return, self.limits, self.total_added_months = planner.price, [], None

    def reasons(self, first, last):
        return [f"stand-in: {self.planner.actions[action]}" for action in self.action[first:last]]

    def frame(self):
        return pd.DataFrame(
            {
                "customer_id": self.planner.customer_id,
                "cost": self.cost,
                "action": pd.Categorical.from_codes(self.action, self.planner.actions),
                "expected_profit": self.expected_profit,
                "recommended_action": np.where(self.action > 0, "Invest", "Ignore"),
            }
        )


class Planner:
    settings = {}

    def __init__(self, results, quiet=False):
        data = results.data
        self.cvar = data["clv_cvar"].values
        self.actions, self.customer_id = [str(name) for name in data["action"].values], data["customer_id"].values
        self.profit = np.nan_to_num(data["expected_profit"].values, nan=-np.inf)
        self.error, self.cost = np.nan_to_num(data["expected_profit_se"].values), np.nan_to_num(data["cost"].values)

    def replan(self, budget=None, robustness=0.0, customer_risk_weight=0.0, objective="profit"):
        judged = (1 - customer_risk_weight) * self.profit + customer_risk_weight * (self.cvar - self.cvar[0])
        judged, low, high = judged - robustness * self.error, 0.0, 1e6
        for _ in range(60):
            self.price = (low + high) / 2
            action = np.argmax(judged - self.price * self.cost, axis=0)
            if budget is not None and self.cost[action, np.arange(len(action))].sum() > budget:
                low = self.price
            else:
                high = self.price
        self.price = high
        return Plan(self, np.argmax(judged - high * self.cost, axis=0))


if __name__ == "__main__":
    clvsim.Planner = Planner
    dashboard = Path(__file__).resolve().parents[2] / "apps/dashboard"
    sys.path.insert(0, str(dashboard))
    runpy.run_path(str(dashboard / "app.py"), run_name="__main__")
