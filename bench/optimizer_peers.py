"""The budget optimizer beside a vectorised NumPy greedy over hulls and the linear programme of HiGHS (scipy).

One table of customers and actions, one thread. Before any time counts, what a peer finds must agree with the optimizer:
the greedy's value and HiGHS' optimum with the bound, to 1e-6 or the plan's gap. Writes JSON and a table in Markdown.

    python bench/optimizer_peers.py --programs build/bench/bench [--customers 1000000] [--out build/bench]"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hardware
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

ACTIONS = 5
AGREEMENT = 1e-6
SEGMENTS = 3


def run_program(options, customers, file, *more):
    command = [options.programs / "clv_optimizer_bench", customers, ACTIONS, file, *more]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]} failed: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def read_table(file, customers):
    """Profits and costs, [customer, action], without doing nothing."""
    figures = np.fromfile(file).reshape(2, ACTIONS + 1, customers)
    return np.ascontiguousarray(figures[0, 1:].T), np.ascontiguousarray(figures[1, 1:].T)


def greedy(profit, cost, budget):
    """Value of the linear relaxation: steps of everybody's hull by falling profit per cost, the last one in part."""
    customers, actions = profit.shape
    order = np.argsort(cost, axis=1)
    p = np.take_along_axis(profit, order, axis=1)
    c = np.take_along_axis(cost, order, axis=1)
    corner_p = np.zeros(customers)
    corner_c = np.zeros(customers)
    slopes, costs = [], []
    rows = np.arange(customers)
    for _ in range(actions):  # from each corner to the one that rises most steeply
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (p - corner_p[:, None]) / (c - corner_c[:, None])
        slope[(c <= corner_c[:, None]) | (p <= corner_p[:, None])] = 0.0
        best = slope.argmax(axis=1)
        steepest = slope[rows, best]
        moves = steepest > 0.0
        if not moves.any():
            break
        slopes.append(steepest[moves])
        costs.append((c[rows, best] - corner_c)[moves])
        corner_p = np.where(moves, p[rows, best], corner_p)
        corner_c = np.where(moves, c[rows, best], corner_c)
    slope, step = np.concatenate(slopes), np.concatenate(costs)
    by_slope = np.argsort(-slope)
    spent = np.cumsum(step[by_slope])
    last = np.searchsorted(spent, budget, side="right")
    value = float(np.dot(slope[by_slope[:last]], step[by_slope[:last]]))
    if last < len(spent):
        value += float(slope[by_slope[last]] * (budget - (spent[last - 1] if last else 0.0)))
    return value


def programme(profit, cost, rows, bounds):
    """Optimum of the linear programme: at most one action a customer, and `rows` of weights [customer, action]."""
    customers, actions = profit.shape
    variables = customers * actions
    column = np.arange(variables)
    pieces = [(np.repeat(np.arange(customers), actions), column, np.ones(variables))]
    for k, weights in enumerate(rows):
        flat = weights.ravel()
        used = flat != 0.0
        pieces.append((np.full(used.sum(), customers + k), column[used], flat[used]))
    entries = [np.concatenate(part) for part in zip(*pieces)]
    matrix = coo_matrix((entries[2], (entries[0], entries[1])), shape=(customers + len(rows), variables)).tocsr()
    limit = np.concatenate([np.ones(customers), bounds])
    begin = time.perf_counter()
    solved = linprog(-profit.ravel(), A_ub=matrix, b_ub=limit, bounds=(0, 1), method="highs")
    seconds = time.perf_counter() - begin
    if solved.status != 0:
        sys.exit(f"bench: HiGHS: {solved.message}")
    return -solved.fun, seconds


def eight_rows(profit, cost):
    """The limits of clv_optimizer_bench (optimizer_bench.cpp), as rows <= bounds."""
    customers = len(profit)
    segment = np.arange(customers) % SEGMENTS
    ones = np.ones_like(cost)

    def only(action):
        weights = np.zeros_like(cost)
        weights[:, action] = 1.0
        return weights

    rows = [cost, only(0), only(1), only(2), cost * (segment == 0)[:, None], -cost * (segment == 1)[:, None],
            8.2 * cost - profit, ones]
    bounds = np.array([2.0, 0.065, 0.06, 0.055, 0.55, -0.75, 0.0, 0.35]) * customers
    return rows, bounds


def check(name, value, bound, gap):
    if abs(value - bound) > max(AGREEMENT, gap) * abs(bound):
        sys.exit(f"bench: {name} finds {value}, the bound is {bound}")


def timed(function, *arguments, repeats=3):
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        value = function(*arguments)
        best = min(best, time.perf_counter() - begin)
    return value, best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, default=Path("build/bench/bench"))
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--row-customers", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    parser.add_argument("--no-programme", action="store_true", help="leave HiGHS out")
    options = parser.parse_args()
    results = {"hardware": hardware.describe() if hasattr(hardware, "describe") else None}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table"
        ours = run_program(options, options.customers, file)
        profit, cost = read_table(file, options.customers)
        ours_seconds = 1e-9 * ours["plan_ns"] * options.customers
        value, greedy_seconds = timed(greedy, profit, cost, ours["budget"])
        check("the greedy", value, ours["bound"], ours["gap"])
        results["one budget"] = {"ours": ours, "seconds": ours_seconds, "greedy_seconds": greedy_seconds}
        if not options.no_programme:
            value, seconds = programme(profit, cost, [cost], np.array([ours["budget"]]))
            check("HiGHS", value, ours["bound"], ours["gap"])
            results["one budget"]["highs_seconds"] = seconds
        ours = run_program(options, options.row_customers, file, "rows")
        profit, cost = read_table(file, options.row_customers)
        results["eight rows"] = {"ours": ours, "seconds": ours["seconds"]}
        if not options.no_programme:
            rows, bounds = eight_rows(profit, cost)
            value, seconds = programme(profit, cost, rows, bounds)
            check("HiGHS", value, ours["bound"], ours["gap"])
            results["eight rows"]["highs_seconds"] = seconds
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "optimizer.json").write_text(json.dumps(results, indent=2) + "\n")
    lines = ["| | customers | seconds | gap | NumPy greedy | HiGHS LP |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for name in ("one budget", "eight rows"):
        entry = results[name]

        def peer(key):
            seconds = entry.get(key)
            return "" if seconds is None else f"{seconds:.3f} s, {seconds / entry['seconds']:,.0f}x"

        lines.append(f"| {name} | {entry['ours']['customers']:,} | {entry['seconds']:.4f} | {entry['ours']['gap']:.1e} | "
                     f"{peer('greedy_seconds')} | {peer('highs_seconds')} |")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
