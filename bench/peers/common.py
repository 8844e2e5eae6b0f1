"""The work that peers are timed on, and the figures they take from their values.

A peer is a module with `requires`, the packages it imports, and `forms`: a function `prepare(work)` by name. `prepare`
does what need not be repeated and returns `run(seed)`, which is timed. It returns the figures of every customer under
every alternative, of which the first is no action: "mean" and "sd" [alternative][customer], and where they are asked
for "quantiles" [level][alternative][customer] and "cvar" [alternative][customer].
"""

import math
from dataclasses import dataclass

import numpy as np

MONTHS_A_YEAR = 12
GPU_BATCH = 2**24  # paths that peers on a GPU simulate at a time: 64 MB an array


@dataclass(frozen=True)
class Action:
    hazard_multiplier: float
    price_multiplier: float
    duration_months: int


@dataclass(frozen=True)
class Work:
    """Customers x paths x months of the subscription law; hazards are constant, month 1 is known."""

    customers: int
    paths: int
    months: int
    volatility: float
    discount: np.ndarray  # [month - 1], present value of 1 paid in that month
    monthly_revenue: np.ndarray
    margin: np.ndarray
    retention_cost: np.ndarray
    hazard: np.ndarray
    actions: list
    quantiles: list  # levels; empty where only mean and sd are asked for
    cvar_level: float | None
    device: str = "cpu"  # or cuda
    file: str = ""  # that it was read from

    @property
    def step_sd(self):
        """Standard deviation of a monthly step of log revenue."""
        return self.volatility / math.sqrt(MONTHS_A_YEAR)

    @property
    def step_drift(self):
        """Added to every step, so that expected revenue does not grow."""
        return -self.volatility**2 / (2 * MONTHS_A_YEAR)

    @property
    def alternatives(self):
        """No action, which acts in no month, and the actions."""
        return [Action(1.0, 1.0, 0), *self.actions]

    def gpu_batches(self):
        """Even slices of the customers, each of about as many paths as a GPU wants."""
        count = math.ceil(self.customers * self.paths / GPU_BATCH)
        size = math.ceil(self.customers / count)
        return [slice(first, min(first + size, self.customers)) for first in range(0, self.customers, size)]

    def cumulative_hazard(self, customer, alternative):
        """[month - 1]: hazard of the months up to and with this one."""
        months = np.arange(1, self.months + 1)
        active = months <= alternative.duration_months
        return self.hazard[customer] * np.cumsum(np.where(active, alternative.hazard_multiplier, 1.0))

    def active_margin(self, customer, alternative):
        """Cash for every unit of revenue while the action is active."""
        return alternative.price_multiplier - (1.0 - self.margin[customer])


def work_from(specification, device, file=""):
    columns = ("monthly_revenue", "margin", "retention_cost", "hazard")
    return Work(customers=specification["customers"], paths=specification["paths"],
                months=specification["horizon_months"], volatility=specification["revenue_volatility"],
                discount=np.array(specification["discount_factor"]),
                actions=[Action(**action) for action in specification["actions"]],
                quantiles=specification["quantiles"], cvar_level=specification["cvar_level"],
                device=device, file=file, **{name: np.array(specification[name]) for name in columns})


def rank(paths, level):
    """Rank of a quantile, from 1. The level is a decimal; its product with the paths may miss a whole number."""
    return max(1, math.ceil(round(paths * level, 6)))


def order_figures(work, ordered):
    """Quantiles and CVaR of sorted values [.., path] of any array library."""
    figures = {"quantiles": [ordered[..., rank(work.paths, level) - 1] for level in work.quantiles]}
    worst = round(work.paths * work.cvar_level, 6)
    whole = int(worst)
    tail = ordered[..., :whole].sum(-1)
    if worst > whole:
        tail = tail + (worst - whole) * ordered[..., whole]
    figures["cvar"] = tail / worst
    return figures


def figures_of(work, values):
    """Figures of NumPy's values [.., path]."""
    figures = {"mean": values.mean(axis=-1, dtype=np.float64), "sd": values.std(axis=-1, dtype=np.float64, ddof=1)}
    if work.quantiles:
        # np.sort uses vector instructions; np.partition for several ranks does not, and takes several times as long
        figures |= order_figures(work, np.sort(values, axis=-1).astype(np.float64, copy=False))
    return figures


def joined(batches):
    """Figures of all customers from those of batches of them, each [alternative, customer]."""
    def join(arrays):
        return np.concatenate([np.asarray(each, dtype=np.float64) for each in arrays], axis=-1)

    figures = {name: join(batch[name] for batch in batches) for name in batches[0] if name != "quantiles"}
    if "quantiles" in batches[0]:
        levels = len(batches[0]["quantiles"])
        figures["quantiles"] = [join(batch["quantiles"][q] for batch in batches) for q in range(levels)]
    return figures


def monthly_tables(work):
    """For peers that live month by month: the margin [month, alternative, customer], the cumulative hazard before each
    month alike, and the customers' columns, revenue and cost."""
    month = np.arange(1, work.months + 1)[:, None]
    margin, before = [], []
    for each in work.alternatives:
        active = month <= each.duration_months
        margin.append(np.where(active, work.active_margin(slice(None), each), work.margin))
        hazards = [work.cumulative_hazard(i, each) for i in range(work.customers)]
        before.append(np.stack([np.concatenate([[0.0], hazard[:-1]]) for hazard in hazards], axis=1))
    return np.stack(margin, 1), np.stack(before, 1), np.stack([work.monthly_revenue, work.retention_cost])
