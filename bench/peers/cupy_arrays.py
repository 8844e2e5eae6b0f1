"""CuPy: arrays [customer, path] on a GPU, month by month, in single precision.

Once as plain array expressions, once with the arithmetic of a month fused into two kernels by cupy.fuse."""

import functools

import cupy
import numpy as np
from common import joined, monthly_tables, order_figures

requires = ["cupy"]


def grow(log_growth, normal, step_sd, step_drift, factor):
    log_growth = log_growth + (normal * step_sd + step_drift)
    return log_growth, factor * cupy.exp(log_growth)


def add_cash(total, revenue, margin, cost, before, threshold):
    return cupy.where(before < threshold, total + (revenue * margin - cost), total)


def prepare(work, grow, add_cash):
    margin, before, columns = (cupy.asarray(each[..., None], cupy.float32) for each in monthly_tables(work))
    discount = work.discount.astype(np.float32)
    step_sd, step_drift = np.float32(work.step_sd), np.float32(work.step_drift)

    def simulate(part):
        revenue, cost = columns[:, part]
        shape = (revenue.shape[0], work.paths)
        threshold = cupy.random.standard_exponential(shape, dtype=cupy.float32)
        log_growth = cupy.zeros(shape, cupy.float32)
        total = [cupy.zeros(shape, cupy.float32) for _ in work.alternatives]
        for month in range(work.months):
            if month == 0:
                discounted = cupy.broadcast_to(revenue * discount[0], shape)
            else:
                normal = cupy.random.standard_normal(shape, dtype=cupy.float32)
                log_growth, discounted = grow(log_growth, normal, step_sd, step_drift, revenue * discount[month])
            for a, value in enumerate(total):
                total[a] = add_cash(value, discounted, margin[month, a, part], cost * discount[month],
                                    before[month, a, part], threshold)
        values = cupy.stack(total)
        figures = {"mean": values.mean(axis=-1, dtype=cupy.float64),
                   "sd": values.std(axis=-1, dtype=cupy.float64, ddof=1)}
        if work.quantiles:
            figures |= order_figures(work, cupy.sort(values, axis=-1))
        return figures

    def on_host(figures):
        return {name: [each.get() for each in value] if name == "quantiles" else value.get()
                for name, value in figures.items()}

    def run(seed):
        cupy.random.seed(seed)
        return joined([on_host(simulate(part)) for part in work.gpu_batches()])

    return run


forms = {"CuPy, arrays": functools.partial(prepare, grow=grow, add_cash=add_cash),
         "CuPy, fused": functools.partial(prepare, grow=cupy.fuse(grow), add_cash=cupy.fuse(add_cash))}
