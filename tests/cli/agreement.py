"""Whether estimates agree with a truth, as well as their standard errors say."""

from statistics import NormalDist

import numpy as np


def complaints(estimate, se, truth):
    """What speaks against `estimate` having mean `truth` and standard error `se`, independently row by row."""
    z = (np.asarray(estimate) - np.asarray(truth)) / np.asarray(se)
    n = len(z)
    found = []
    mean_square = float(np.mean(z**2))
    if not abs(mean_square - 1) < 4 * np.sqrt(2 / n):
        found.append(f"mean z^2 is {mean_square:.3f} over {n}")
    # As rare in the worst of n as 4 standard errors are in one.
    bound = NormalDist().inv_cdf(1 - (1 - NormalDist().cdf(4)) / n)
    if not np.max(np.abs(z)) < bound:
        found.append(f"worst |z| is {np.max(np.abs(z)):.2f}, bound {bound:.2f}")
    pooled = float(np.sum(z) / np.sqrt(n))
    if not abs(pooled) < 4:
        found.append(f"pooled z is {pooled:.2f}")
    return found
