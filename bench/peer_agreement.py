"""Do a peer and the engine simulate the same thing? Their figures, customer by customer, in combined standard errors.

One comparison passes within 4 standard errors, which happens by chance to 1 in 16,000 that are sound. Of many
comparisons the largest is looked at, so their bound is the one that all of them together pass as often (Bonferroni):
5.2 standard errors for 300 comparisons, 5.9 for 20,000.

- Means: the standard errors of both. Also of all customers together, sum of z / sqrt(customers), which tells a small
  error that they share.
- CVaR: the engine's standard error, scaled to the peer's paths; both have sampled the same law, if they have.
- Quantiles: in ranks, by the engine's values around the quantile (clv_engine_run's rank_grid). Between two churn months
  there may be no value at all, and an error in money would mean nothing there.
- Standard deviations: over all customers together, log(peer / engine) against its own scatter. It tells a wrong
  volatility, which no mean shows. Needs 30 customers."""

import math
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

SINGLE_BOUND = 4.0
BEYOND_GRID = 10.0  # standard errors: further than the rank grid reaches
MOST_Z = 1e6
FEWEST_FOR_SD = 30


@dataclass(frozen=True)
class Agreement:
    comparisons: int
    max_z: float
    bound: float
    worst: str  # which comparison that was

    @property
    def holds(self):
        return self.max_z <= self.bound


def bound_for(comparisons):
    share = 2.0 * (1.0 - NormalDist().cdf(SINGLE_BOUND))
    return NormalDist().inv_cdf(1.0 - share / (2.0 * comparisons))


def rank_z(value, points, zs):
    """Where `value` lies among the engine's values at `zs` standard errors from the quantile's rank: the nearest of the
    places it may have, since equal values have many."""
    if not points[0] <= value <= points[-1]:
        return math.copysign(BEYOND_GRID, value - points[0])
    places = []
    for left, right, z_left, z_right in zip(points, points[1:], zs, zs[1:]):
        if left <= value <= right:
            share = (value - left) / (right - left) if right > left else None
            if share is None:  # the peer's value is held by all these ranks
                places += [z_left, z_right] + [0.0] * (z_left <= 0.0 <= z_right)
            else:
                places.append(z_left + share * (z_right - z_left))
    return min(places, key=abs)


def mean_zs(engine, peer, engine_paths, peer_paths):
    for mean, sd, other, other_sd in zip(engine["mean"], engine["sd"], peer["mean"], peer["sd"]):
        yield (other - mean) / math.sqrt(sd**2 / engine_paths + other_sd**2 / peer_paths)


def cvar_zs(engine, peer, engine_paths, peer_paths):
    for cvar, se, other in zip(engine["cvar"], engine["cvar_se"], peer["cvar"]):
        yield (other - cvar) / (se * math.sqrt(1.0 + engine_paths / peer_paths))


def sd_z(engine, peer):
    if not all(sd > 0.0 for sd in peer["sd"]):
        return math.inf
    ratios = [math.log(other / sd) for sd, other in zip(engine["sd"], peer["sd"])]
    return fmean(ratios) / (stdev(ratios) / math.sqrt(len(ratios)))


def compare(engine, peer):
    """`engine` as printed by clv_engine_run, `peer` as written by run_peer.py."""
    paths = engine["work"]["paths"]
    zs = []
    for a, ours in enumerate(engine["alternatives"]):
        theirs = {name: peer["figures"][name][a] for name in ("mean", "sd")}
        means = list(mean_zs(ours, theirs, paths, peer["paths"]))
        zs += [("mean", a, i, z) for i, z in enumerate(means)]
        zs.append(("mean", a, "all", math.fsum(means) / math.sqrt(len(means))))
        if len(theirs["sd"]) >= FEWEST_FOR_SD:
            zs.append(("sd", a, "all", sd_z(ours, theirs)))
        if "cvar" in ours:
            theirs["cvar"] = peer["figures"]["cvar"][a]
            zs += [("CVaR", a, i, z) for i, z in enumerate(cvar_zs(ours, theirs, paths, peer["paths"]))]
            zs += quantile_zs(engine, peer, a)
    what, alternative, customer, worst = max(zs, key=lambda each: magnitude(each[3]))
    return Agreement(len(zs), magnitude(worst), bound_for(len(zs)),
                     f"{what} of customer {customer}, alternative {alternative}")


def quantile_zs(engine, peer, a):
    grid = engine["rank_grid"]
    scale = math.sqrt(2.0 / (1.0 + engine["work"]["paths"] / peer["paths"]))  # the grid is for as many paths as ours
    for q, level in enumerate(engine["work"]["quantiles"]):
        points = grid["values"][a][q]
        for i in range(len(points[0])):
            z = rank_z(peer["figures"]["quantiles"][q][a][i], [point[i] for point in points], grid["z"][q])
            yield f"quantile {level}", a, i, z * scale


def magnitude(z):
    """NaN, of a figure that is not there, agrees with nothing; JSON knows no infinity."""
    return MOST_Z if math.isnan(z) else min(abs(z), MOST_Z)
