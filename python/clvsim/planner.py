"""Plans for one table of uplifts, again and again: fast enough for a slider."""

import os

import numpy as np
import pandas as pd

from . import results as _results
from .errors import ConfigError
from .native import is_results, json_text, native_module, split_tables
from .progress import ProgressBar

# Keys of [optimizer] that a plan for a table answers to; the others say where the table comes from and what is written.
_OF_A_PLAN = ("budget", "limits", "exact", "objective", "risk_weight", "customer_risk_weight", "robustness",
              "switching_penalty", "current")


class Planner:
    """Holds what every action would bring and cost for every customer, checked once, and plans with it.

    Args:
        source: results (a folder, its results.h5, or Results; where ``optimizer.added_paths`` has refined the uplifts,
            the refined ones, which its plan was made from), or a table of uplifts in long form: a data frame, or the
            path of a CSV or Parquet file, with ``customer_id, action, expected_profit, cost[, cost_NAME ..]
            [, expected_profit_se][, added_months][, clv_cvarNN][, segment]``. Customers and actions are numbered in order
            of first appearance, but action 0 is none.
        columns: our names to the table's, for customer_id and segment.
        require_choice: a customer without a row "none" must get one of their actions.
        cvar_level: of the table's column ``clv_cvarNN``, such as 0.05 for ``clv_cvar05``, which
            ``customer_risk_weight`` needs; results have it.

    Attributes:
        settings: dict, the keys of ``[optimizer]`` that the results were planned with; empty for a table.

    Raises:
        InputError: data is missing or refused.
    """

    def __init__(self, source, *, columns=None, require_choice=False, cvar_level=None, quiet=False, progress=None):
        native, listener = native_module(), progress or ProgressBar(quiet)
        self.settings = {}
        results = _results.open(source) if is_results(source) else source
        if isinstance(results, _results.Results):
            if require_choice:
                raise ConfigError("require_choice is for a table of uplifts: in results every customer may have no action",
                                  "require_choice", "leave it out")
            made_with = results.setting("optimizer", {})
            self.settings = {name: made_with[name] for name in _OF_A_PLAN if name in made_with}
            path = results.folder if results is source else source
            self._native = native.Planner.of_results(os.fspath(path), listener)
        else:
            in_memory, paths = split_tables({"uplift": source})
            table = in_memory.get("uplift", paths.get("optimizer.uplift"))
            self._native = native.Planner.of_table(table, dict(columns or {}), bool(require_choice), cvar_level,
                                                   listener)

    def __len__(self):
        """Customers."""
        return len(self._native)

    def __repr__(self):
        return f"<clvsim planner: {len(self):,} customers, actions {', '.join(self.actions)}>"

    def plan(self, budget=None, **settings):
        """The best plan within the budget (currency; None: no cap).

        Args:
            settings: other keys of ``[optimizer]``: limits, exact, customer_risk_weight, robustness, switching_penalty
                with current. Those of the results' own plan count only in ``replan``.

        Returns:
            Plan.

        Raises:
            ConfigError, InfeasibleError; InputError where the file ``current`` has a fault.
        """
        chosen = {name: value for name, value in {"budget": budget, **settings}.items() if value is not None}
        return Plan(self._native.plan(json_text({"optimizer": chosen})), self)

    def replan(self, **changes):
        """The results' own plan (``settings``) with other values for some keys: limits stay where the budget moves.

        Args:
            changes: keys of ``[optimizer]`` as in ``plan``; None: as if the key had not been given.

        Returns:
            Plan.

        Raises:
            As ``plan``: ConfigError for results that were planned for the portfolio's risk, unless ``objective``
            changes.
        """
        return self.plan(**{**self.settings, **changes})

    def frontier(self, points=200):
        """What every budget would earn, without other limits: at most ``points`` plans, each the best for its cost.

        Returns:
            DataFrame: budget, profit (currency) and marginal_roi, the profit of the last unit of budget.
        """
        return pd.DataFrame(self._native.frontier(points), columns=["budget", "profit", "marginal_roi"])

    @property
    def actions(self) -> list[str]:
        """Names; the first is none."""
        return self._native.actions

    @property
    def customer_id(self) -> list[str]:
        """[customer]."""
        if not hasattr(self, "_ids"):
            self._ids = self._native.customer_id
        return self._ids

    @property
    def segments(self) -> list[str]:
        """Names; empty if there are no segments."""
        return self._native.segments

    @property
    def segment(self) -> np.ndarray:
        """uint32 [customer], index into ``segments``; empty if there are none. A view of the engine's memory."""
        return self._native.segment

    @property
    def expected_profit(self) -> np.ndarray:
        """float64 [action, customer], currency, against doing nothing, net of every cost; NaN: not open. A view."""
        return self._native.expected_profit

    @property
    def cost(self) -> np.ndarray:
        """float64 [action, customer], currency: what the action takes from the budget. A view."""
        return self._native.cost

    @property
    def expected_profit_se(self) -> np.ndarray:
        """float64 [action, customer], currency; empty where it is not known. A view."""
        return self._native.expected_profit_se

    @property
    def added_months(self) -> np.ndarray:
        """float64 [action, customer]: paid months within the horizon against doing nothing; NaN: not open. Empty where
        they are not known: customers have no contract, or the table does not say. A view."""
        return self._native.added_months

    @property
    def lifetime_months(self) -> np.ndarray:
        """float64 [customer]: paid months to be expected within the horizon without any action; empty where they are not
        known, as of tables of uplifts. A view."""
        return self._native.lifetime_months


class Plan:
    """The action of every customer.

    Arrays are [customer], in the order of the table, read only, and the engine's own memory, not copies.

    Attributes:
        budget: currency; None: no cap.
        total_cost, total_expected_profit: currency.
        total_added_cvar: currency, what the plan adds to the CVaR of each customer's own value, added up: as if the bad
            futures of all customers came at once. None where the CVaR is not known.
        objective, upper_bound: currency, what was maximised, and what no plan within the limits exceeds.
        objective_terms: what the objective has beside expected profit, in words.
        relative_gap: share of what can be gained over doing nothing that the plan may lack.
        is_optimal: whether it is proven that no plan within the limits earns more.
        marginal_return: what one more unit of budget would earn; 0 where the budget does not bind.
        invested: customers with an action.
        total_added_months: paid months within the horizon that the plan is expected to add, of all customers together;
            None where they are not known.
        limits: a list of dicts: name, used, min, max, multiplier.
    """

    def __init__(self, native, planner):
        self._native, self._planner = native, planner
        self.budget, self.total_cost = native.budget, native.total_cost
        self.total_expected_profit, self.total_added_cvar = native.total_expected_profit, native.total_added_cvar
        self.objective, self.upper_bound = native.objective, native.upper_bound
        self.objective_terms = native.objective_terms
        self.relative_gap, self.is_optimal = native.relative_gap, native.is_optimal
        self.marginal_return, self.invested, self.limits = native.marginal_return, native.invested, native.limits
        self.total_added_months = native.total_added_months

    def __repr__(self):
        return (f"<clvsim plan: {self.invested:,} customers with an action, cost {self.total_cost:,.2f}, expected "
                f"profit {self.total_expected_profit:,.2f}>")

    @property
    def actions(self) -> list[str]:
        """Names; the first is none."""
        return self._native.actions

    @property
    def action(self) -> np.ndarray:
        """uint8 [customer]: index into ``actions``; 0 is none."""
        return self._native.action

    @property
    def cost(self) -> np.ndarray:
        """float64 [customer], currency."""
        return self._native.cost

    @property
    def expected_profit(self) -> np.ndarray:
        """float64 [customer], currency: against doing nothing, net of every cost."""
        return self._native.expected_profit

    @property
    def expected_profit_se(self) -> np.ndarray:
        """float64 [customer], currency: its standard error; empty where it is not known."""
        return self._native.expected_profit_se

    @property
    def added_months(self) -> np.ndarray:
        """float64 [customer]: paid months that the action is expected to add; empty where they are not known."""
        return self._native.added_months

    def reasons(self, first=0, last=None) -> list[str]:
        """Why the plan does what it does with customers ``first`` to ``last`` - 1, one line each."""
        return self._native.reasons(first, len(self.action) if last is None else last)

    def frame(self, reasons=False) -> pd.DataFrame:
        """The columns of plan.csv; ``reasons`` adds the words, which takes longer."""
        columns = {"customer_id": self._planner.customer_id,
                   "action": pd.Categorical.from_codes(self.action, self.actions), "cost": self.cost,
                   "expected_profit": self.expected_profit,
                   "expected_profit_se": self.expected_profit_se if len(self.expected_profit_se) else np.nan,
                   "recommended_action": pd.Categorical.from_codes((self.action > 0).astype(np.int8),
                                                                   ["Ignore", "Invest"])}
        if reasons:
            columns["reason"] = self.reasons()
        return pd.DataFrame(columns, copy=False)
