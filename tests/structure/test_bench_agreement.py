"""The benchmark counts a peer's time only if its figures agree with the engine's: sound peers pass, and each of these
planted errors is told. The engine is stood in for by one peer, and the others are held against it."""

import copy
import dataclasses
import math
import sys
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path[:0] = [str(BENCH), str(BENCH / "peers")]

import peer_agreement as agreement  # noqa: E402
import common  # noqa: E402
import numpy_best  # noqa: E402
import numpy_idiomatic  # noqa: E402
import run_peer  # noqa: E402

PATHS = 2_000
CUSTOMERS = 32


@pytest.fixture(scope="module")
def specification():
    rng = np.random.default_rng(5)
    months = np.arange(1, 25)
    return {"customers": CUSTOMERS, "paths": PATHS, "horizon_months": 24, "revenue_volatility": 0.2,
            "discount_factor": (1.1 ** (-(months - 0.5) / 12)).tolist(),
            "monthly_revenue": rng.uniform(20, 200, CUSTOMERS).tolist(),
            "margin": rng.uniform(0.4, 0.9, CUSTOMERS).tolist(),
            "retention_cost": rng.uniform(0, 4, CUSTOMERS).tolist(),
            "hazard": rng.uniform(0.02, 0.04, CUSTOMERS).tolist(),
            "actions": [{"hazard_multiplier": 0.8, "price_multiplier": 0.95, "duration_months": 12}],
            "quantiles": [0.05, 0.5, 0.95], "cvar_level": 0.05}


@pytest.fixture(scope="module")
def engine(specification):
    """What clv_engine_run would print, from the idiomatic peer's values."""
    work = common.work_from(specification, "cpu")
    rng = np.random.default_rng(1)
    values = np.stack([numpy_idiomatic.customer_values(work, rng, i)[:, 0, :] for i in range(CUSTOMERS)], axis=1)
    values.sort(axis=-1)
    figures = common.figures_of(work, values)
    tail = figures["quantiles"][0][..., None]
    shortfall = np.maximum(tail - values, 0.0)
    grid_z, grid_values = [], [[] for _ in values]
    for level in work.quantiles:
        rank = common.rank(PATHS, level)
        se = math.sqrt(2 * PATHS * level * (1 - level))
        ranks = [min(max(rank + round(step * se), 1), PATHS) for step in range(-8, 9)]
        grid_z.append([(each - rank) / se for each in ranks])
        for a in range(len(values)):
            grid_values[a].append([values[a, :, each - 1].tolist() for each in ranks])
    alternatives = [{"mean": figures["mean"][a].tolist(), "sd": figures["sd"][a].tolist(),
                     "cvar": figures["cvar"][a].tolist(),
                     "cvar_se": (shortfall[a].std(axis=-1) / 0.05 / math.sqrt(PATHS)).tolist()} for a in (0, 1)]
    return {"work": specification, "alternatives": alternatives, "rank_grid": {"z": grid_z, "values": grid_values}}


def peer_report(specification, seed=2, form="NumPy, best", **changes):
    work = dataclasses.replace(common.work_from(specification, "cpu"), **changes)
    return {"paths": work.paths, "figures": run_peer.listed(numpy_best.forms[form](work)(seed))}


@pytest.mark.parametrize("form", numpy_best.forms)
def test_sound_peers_agree(engine, specification, form):
    found = agreement.compare(engine, peer_report(specification, form=form))
    assert found.holds, found
    assert found.comparisons == 2 * (CUSTOMERS * 5 + 2)


def test_a_peer_with_other_paths_agrees(engine, specification):
    found = agreement.compare(engine, peer_report(specification, paths=10 * PATHS))
    assert found.holds, found


def changed(work, name, factor):
    return {name: np.asarray(work[name]) * factor}


PLANTED = {
    "volatility": lambda work: {"volatility": 1.2 * work["revenue_volatility"]},
    "hazard": lambda work: changed(work, "hazard", 1.15),
    "retention cost": lambda work: {"retention_cost": np.asarray(work["retention_cost"]) + 2.0},
    "discount at the wrong end": lambda work: {"discount": np.asarray(work["discount_factor"]) * 1.1 ** (3 / 12)},
    "action without effect": lambda work: {"actions": [common.Action(1.0, 1.0, 12)]},
    "action that never ends": lambda work: {"actions": [common.Action(0.8, 0.95, 24)]},
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_error_disagrees(engine, specification, plant):
    found = agreement.compare(engine, peer_report(specification, **plant(specification)))
    assert not found.holds, found


@pytest.mark.parametrize("name", ["mean", "sd", "quantiles", "cvar"])
def test_every_figure_is_looked_at(engine, specification, name):
    sound = peer_report(specification)
    wrong = copy.deepcopy(sound)
    target = wrong["figures"][name]
    target = target[1] if name != "quantiles" else target[1][1]
    target[:] = [1.3 * value for value in target]
    assert not agreement.compare(engine, wrong).holds
    target[:] = [math.nan for _ in target]
    assert not agreement.compare(engine, wrong).holds


def test_an_error_too_small_for_any_customer_shows_in_all_of_them(engine, specification):
    report = peer_report(specification)
    for mean, ours in zip(report["figures"]["mean"], engine["alternatives"]):
        mean[:] = [theirs + 1.6 * sd / math.sqrt(PATHS) for theirs, sd in zip(ours["mean"], ours["sd"])]
    found = agreement.compare(engine, report)
    assert not found.holds
    assert found.worst.startswith("mean of customer all")


def test_bound_grows_with_the_number_of_comparisons():
    assert agreement.bound_for(1) == pytest.approx(4.0)
    assert 5.1 < agreement.bound_for(300) < 5.3
    assert 5.8 < agreement.bound_for(20_000) < 6.0


def test_rank_distance_where_many_paths_share_a_value():
    zs = [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert agreement.rank_z(5.0, [1.0, 5.0, 5.0, 5.0, 9.0], zs) == 0.0
    assert agreement.rank_z(5.0, [1.0, 2.0, 3.0, 5.0, 5.0], zs) == 1.0
    assert agreement.rank_z(2.5, [1.0, 2.0, 3.0, 5.0, 5.0], zs) == -0.5
    assert agreement.rank_z(9.5, [1.0, 2.0, 3.0, 5.0, 5.0], zs) == agreement.BEYOND_GRID
    assert agreement.rank_z(0.5, [1.0, 2.0, 3.0, 5.0, 5.0], zs) == -agreement.BEYOND_GRID
