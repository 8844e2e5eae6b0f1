"""Numba: one compiled loop over paths and months, with NumPy's SFC64 inside it.

Written once to live every month, and once to stop when the customer has churned under every action."""

import math

import numpy as np
from common import figures_of, joined
from numba import njit

requires = ["numba", "numpy"]


def make_simulate(skip_dead):
    @njit(fastmath=True)
    def simulate(rng, base, annuity, step_sd, step_drift, hazard, margin, cost, multiplier, duration, active_margin,
                 values):
        months = base.size
        alternatives = multiplier.size
        end = np.empty(alternatives, np.int64)
        total = np.zeros(months + 1)
        for path in range(values.shape[1]):
            threshold = rng.standard_exponential()
            longest = 0
            for a in range(alternatives):
                # the cumulative hazard is a line that bends when the action ends
                crossing = threshold / (hazard * multiplier[a]) if hazard > 0.0 else math.inf
                if crossing > duration[a]:
                    crossing = (threshold + (1.0 - multiplier[a]) * hazard * duration[a]) / hazard \
                        if hazard > 0.0 else math.inf
                end[a] = months if crossing >= months else max(1, int(math.ceil(crossing)))
                longest = max(longest, end[a])
            log_growth = 0.0
            total[1] = base[0]
            for month in range(1, longest if skip_dead else months):
                log_growth += step_drift + step_sd * rng.standard_normal()
                total[month + 1] = total[month] + base[month] * math.exp(log_growth)
            for a in range(alternatives):
                active = total[min(end[a], duration[a])]
                values[a, path] = (margin * (total[end[a]] - active) + active_margin[a] * active -
                                   cost * annuity[end[a]])

    return simulate


def preparer(skip_dead):
    def prepare(work):
        simulate = make_simulate(skip_dead)
        annuity = np.concatenate([[0.0], np.cumsum(work.discount)])
        multiplier = np.array([each.hazard_multiplier for each in work.alternatives])
        duration = np.array([each.duration_months for each in work.alternatives])
        values = np.empty((len(work.alternatives), work.paths))

        def customer_figures(rng, i):
            active_margin = np.array([work.active_margin(i, each) for each in work.alternatives])
            simulate(rng, work.discount * work.monthly_revenue[i], annuity, work.step_sd, work.step_drift,
                     work.hazard[i], work.margin[i], work.retention_cost[i], multiplier, duration, active_margin,
                     values)
            return figures_of(work, values[:, None, :])

        def run(seed):
            rng = np.random.Generator(np.random.SFC64(seed))
            return joined([customer_figures(rng, i) for i in range(work.customers)])

        return run

    return prepare


forms = {"Numba, all months": preparer(skip_dead=False), "Numba, skipping the dead": preparer(skip_dead=True)}
