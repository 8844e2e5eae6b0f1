"""The budget optimizer beside a vectorised NumPy greedy over hulls and the linear programme of HiGHS (scipy).

One table of customers and actions, one thread. Before any time counts, what a peer finds must agree with the optimizer:
the greedy's value and HiGHS' optimum with the bound, to 1e-6 or the plan's gap. Writes JSON and a table in Markdown.

    scripts/bench optimizer [--customers 1000000] [--programme-customers 100000] [--time-limit 400]"""

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hardware
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

ROOT = Path(__file__).resolve().parents[1]
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


def programme(profit, cost, rows, bounds, time_limit_s):
    """Optimum of the linear programme: at most one action a customer, and `rows` of weights [customer, action]; by the
    faster of simplex and interior points. None where neither ends in time."""
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
    best = None
    for method in ("highs-ipm", "highs-ds"):
        solved = within(time_limit_s, solve, -profit.ravel(), matrix, limit, method)
        if solved is not None and (best is None or solved[1] < best[1]):
            best = solved
            time_limit_s = solved[1]  # the other has to be faster
    return best


def solve(objective, matrix, limit, method):
    begin = time.perf_counter()
    solved = linprog(objective, A_ub=matrix, b_ub=limit, bounds=(0, 1), method=method)
    return (-solved.fun, time.perf_counter() - begin, method) if solved.status == 0 else None


def within(seconds, work, *arguments):
    """What `work` gives in a process of its own; None where it takes longer. HiGHS' own limit does not stop it in all of
    its phases."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send(work(*arguments)))
    process.start()
    result = receiver.recv() if receiver.poll(seconds) else None
    process.kill()
    process.join()
    return result


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


def beside_programme(entry, profit, cost, rows, bounds, time_limit_s):
    """Adds HiGHS to a result, once its optimum agrees with the bound; or that it was not done in time, and how many
    times longer than ours that is."""
    solved = programme(profit, cost, rows, bounds, time_limit_s)
    if solved is None:
        entry["highs"] = f"not done in {time_limit_s:.0f} s, more than {time_limit_s / entry['seconds']:,.0f}x"
        return
    value, seconds, method = solved
    check("HiGHS", value, entry["ours"]["bound"], entry["ours"]["gap"])
    entry["highs_seconds"] = seconds
    entry["highs"] = f"{seconds:.3f} s ({method}), {seconds / entry['seconds']:,.0f}x"


def one_budget(options, customers, file):
    ours = run_program(options, customers, file)
    profit, cost = read_table(file, customers)
    value, seconds = timed(greedy, profit, cost, ours["budget"])
    check("the greedy", value, ours["bound"], ours["gap"])
    entry = {"ours": ours, "seconds": 1e-9 * ours["plan_ns"] * customers, "greedy_seconds": seconds}
    entry["greedy"] = f"{seconds:.3f} s, {seconds / entry['seconds']:,.0f}x"
    beside_programme(entry, profit, cost, [cost], np.array([ours["budget"]]), options.time_limit)
    return entry


def with_rows(options, customers, file):
    ours = run_program(options, customers, file, "rows")
    profit, cost = read_table(file, customers)
    entry = {"ours": ours, "seconds": ours["seconds"]}
    rows, bounds = eight_rows(profit, cost)
    beside_programme(entry, profit, cost, rows, bounds, options.time_limit)
    return entry


def render(results):
    lines = ["| limits | customers | seconds | ns per customer | frontier, ns | gap | NumPy greedy | HiGHS LP |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, entry in results["cases"].items():
        ours = entry["ours"]
        lines.append(f"| {name} | {ours['customers']:,} | {entry['seconds']:.4f} | "
                     f"{1e9 * entry['seconds'] / ours['customers']:,.1f} | {ours.get('frontier_ns', '')} | "
                     f"{ours['gap']:.1e} | {entry.get('greedy', '')} | {entry.get('highs', '')} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench optimizer", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000, help="of one budget")
    parser.add_argument("--programme-customers", type=int, default=100_000, help="of the smaller instances")
    parser.add_argument("--time-limit", type=float, default=400.0, help="seconds for a linear programme")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/bench/bench")
    parser.add_argument("--out", type=Path, default=ROOT / "build/bench/optimizer.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table"
        cases = {"a budget": one_budget(options, options.customers, file),
                 "a budget ": one_budget(options, options.programme_customers, file),
                 "eight": with_rows(options, options.programme_customers, file)}
    results = {"commit": hardware.commit(ROOT), "hardware": hardware.describe(), "cases": cases}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    options.out.with_suffix(".md").write_text(render(results), encoding="utf-8")
    print(render(results), end="")


if __name__ == "__main__":
    main()
