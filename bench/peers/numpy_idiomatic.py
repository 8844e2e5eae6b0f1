"""NumPy as a textbook would write it: whole arrays [path, month] in double precision, one customer at a time."""

import numpy as np
from common import figures_of, joined

requires = ["numpy"]


def prepare(work):
    def run(seed):
        rng = np.random.default_rng(seed)
        return joined([figures_of(work, customer_values(work, rng, i)) for i in range(work.customers)])

    return run


def customer_values(work, rng, customer):
    steps = rng.normal(work.step_drift, work.step_sd, size=(work.paths, work.months - 1))
    log_growth = np.concatenate([np.zeros((work.paths, 1)), np.cumsum(steps, axis=1)], axis=1)
    revenue = work.monthly_revenue[customer] * np.exp(log_growth)
    threshold = rng.exponential(size=(work.paths, 1))
    month = np.arange(1, work.months + 1)
    values = []
    for alternative in work.alternatives:
        cumulative = work.cumulative_hazard(customer, alternative)
        hazard_before = np.concatenate([[0.0], cumulative[:-1]])
        pays = hazard_before < threshold  # the month of churn is paid
        margin = np.where(month <= alternative.duration_months, work.active_margin(customer, alternative),
                          work.margin[customer])
        cash = (revenue * margin - work.retention_cost[customer]) * pays
        values.append((cash * work.discount).sum(axis=1))
    return np.stack(values)[:, None, :]


forms = {"NumPy, idiomatic": prepare}
