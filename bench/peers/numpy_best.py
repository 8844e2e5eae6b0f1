"""NumPy at its best: single precision, blocks of paths that stay in cache, every operation in place.

Revenue is summed once for all actions: the value of a path is looked up in its running sum at the months in which an
action and the customer end. Months are rows, so that every operation runs over consecutive paths. SFC64 is the fastest
of NumPy's generators. Its normals, by the ziggurat, come one at a time; the second form makes its own from the raw
words by Box and Muller's formula, whose functions NumPy has in vector form."""

import functools
import math

import numpy as np
from common import figures_of, joined

requires = ["numpy"]

BLOCK = 4096  # paths at most: 0.6 MB of running sums at 36 months


def generator_normals(work, block):
    def fill(rng, out):
        rng.standard_normal(dtype=np.float32, out=out)
        np.multiply(out, np.float32(work.step_sd), out=out)

    return fill


def box_muller_normals(work, block):
    pairs = work.months // 2  # rows of them: as many normals as steps, or one more
    radius = np.empty((pairs, block), np.float32)
    angle = np.empty((pairs, block), np.float32)

    def fill(rng, out):
        words = rng.bit_generator.random_raw(pairs * block).view(np.uint32).reshape(2, pairs, block)
        np.copyto(radius, words[0], casting="unsafe")
        np.multiply(radius, np.float32(2.0**-32), out=radius)
        np.add(radius, np.float32(2.0**-33), out=radius)  # above 0
        np.log(radius, out=radius)
        np.multiply(radius, np.float32(-2.0 * work.step_sd**2), out=radius)
        np.sqrt(radius, out=radius)
        np.copyto(angle, words[1].view(np.int32), casting="unsafe")
        np.multiply(angle, np.float32(math.pi * 2.0**-31), out=angle)
        np.cos(angle, out=out[:pairs])
        np.multiply(out[:pairs], radius, out=out[:pairs])
        rest = len(out) - pairs
        np.sin(angle[:rest], out=out[pairs:])
        np.multiply(out[pairs:], radius[:rest], out=out[pairs:])

    return fill


def prepare(work, normals):
    block = math.ceil(work.paths / math.ceil(work.paths / BLOCK))
    fill = normals(work, block)
    column = np.arange(block)
    walk = np.zeros((work.months, block), np.float32)
    total = np.zeros((work.months + 1, block), np.float32)  # [m]: discounted revenue of the first m months
    threshold = np.empty(block, np.float32)
    values = np.empty((len(work.alternatives), work.paths), np.float32)
    annuity = np.concatenate([[0.0], np.cumsum(work.discount)]).astype(np.float32)
    factor = (work.discount * np.exp(work.step_drift * np.arange(work.months))).astype(np.float32)[:, None]

    def customer_figures(rng, i):
        for first in range(0, work.paths, block):
            count = min(block, work.paths - first)
            simulate(rng, i, count, values[:, first:first + count])
        return figures_of(work, values[:, None, :])

    def simulate(rng, i, count, out):
        walk[0] = 0.0
        fill(rng, walk[1:])
        for month in range(2, work.months):  # row by row: NumPy's cumulative sum is not vectorised
            np.add(walk[month], walk[month - 1], out=walk[month])
        np.exp(walk, out=walk)
        np.multiply(walk, factor * np.float32(work.monthly_revenue[i]), out=walk)
        for month in range(work.months):
            np.add(total[month], walk[month], out=total[month + 1])
        rng.standard_exponential(dtype=np.float32, out=threshold)
        for a, alternative in enumerate(work.alternatives):
            end = last_paid(work, i, alternative, threshold)
            value = total.take(end * block + column)
            value *= np.float32(work.margin[i])
            if alternative.duration_months > 0:
                active = total.take(np.minimum(end, alternative.duration_months) * block + column)
                active *= np.float32(work.active_margin(i, alternative) - work.margin[i])
                value += active
            value -= np.float32(work.retention_cost[i]) * annuity.take(end)
            out[a] = value[:count]

    def run(seed):
        rng = np.random.Generator(np.random.SFC64(seed))
        return joined([customer_figures(rng, i) for i in range(work.customers)])

    return run


def last_paid(work, customer, alternative, threshold):
    """The month in which the cumulative hazard, a line with one bend, reaches the threshold; at most the horizon."""
    hazard = work.hazard[customer]
    if hazard == 0.0:
        return np.full(threshold.shape, work.months, np.intp)
    duration, multiplier = alternative.duration_months, alternative.hazard_multiplier
    crossing = threshold * np.float32(1.0 / hazard)
    if duration > 0:
        bent = crossing + np.float32((1.0 - multiplier) * duration)
        np.multiply(crossing, np.float32(1.0 / multiplier), out=crossing)
        (np.minimum if multiplier < 1.0 else np.maximum)(crossing, bent, out=crossing)
    np.ceil(crossing, out=crossing)
    np.clip(crossing, 1, work.months, out=crossing)
    return crossing.astype(np.intp)


forms = {"NumPy, best": functools.partial(prepare, normals=generator_normals),
         "NumPy, best, own normals": functools.partial(prepare, normals=box_muller_normals)}
