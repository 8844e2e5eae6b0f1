"""The dashboard with a planner of the tests' own in place of the engine's, for where the engine is not built.

Not the engine's optimizer: every customer's best action at a price of the budget that is found by bisection.
"""

import runpy
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
        self.upper_bound, self.marginal_return = self.total_expected_profit, planner.price

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
    def __init__(self, results):
        data = results.data
        self.actions, self.customer_id = [str(name) for name in data["action"].values], data["customer_id"].values
        self.profit = np.nan_to_num(data["expected_profit"].values, nan=-np.inf)
        self.error, self.cost = np.nan_to_num(data["expected_profit_se"].values), np.nan_to_num(data["cost"].values)

    def plan(self, budget=None, robustness=None):
        judged, low, high = self.profit - (robustness or 0) * self.error, 0.0, 1e6
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
    runpy.run_path(str(Path(__file__).resolve().parents[2] / "apps/dashboard/app.py"), run_name="__main__")
