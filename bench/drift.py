"""Drift of many columns between two samples, beside pandas and scipy in the same run.

Two samples of customers with 40 numbers (normal, log-normal, money of two decimals, counts; every eighth has blanks) and
10 categories of 2 to 1,000 levels lie in memory on both sides. The peer compares numbers by scipy's ks_2samp
(method="asymp"), categories by value_counts and chi2_contingency, blanks by chi2_contingency, and adjusts by
false_discovery_control; the engine makes the stability index and the standardised mean difference besides.

Each side runs several times in a process of its own, by turns; the best time counts, without reading, and the peak memory
is that of the process beyond the data. Before any time counts the findings must agree: D and Cramer's V to 1e-12, p-values
of categories to 1e-9 of themselves, those of numbers to 1e-3 (scipy takes the law of one sample of harmonic size, the
engine its limit), and which columns drift. Writes a table in Markdown.

    python bench/drift.py --programs build/bench/bench"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hardware
import numpy as np
import pandas as pd
import scipy
from scipy import stats

NUMBERS = 40
LEVELS = (2, 3, 5, 8, 12, 30, 80, 200, 500, 1000)
LEVEL = 0.05


def draw_number(kind, shift, size, rng):
    """A column of one kind; `shift` is in standard deviations."""
    if kind == 0:
        return rng.standard_normal(size) + shift
    if kind == 1:
        return np.exp(rng.standard_normal(size) + shift)
    if kind == 2:
        return np.round(30 * rng.exponential(1 + shift, size), 2)
    return rng.poisson(4 * (1 + shift), size).astype(float)


def make_samples(options, folder):
    """Columns one after the other, baseline before current; every fifth moves a little."""
    rng = np.random.default_rng(options.seed)
    with open(folder / "numbers.bin", "wb") as file:
        for column in range(NUMBERS):
            for shift in (0.0, 0.01 if column % 5 == 1 else 0.0):
                values = draw_number(column % 4, shift, options.customers, rng)
                if column % 8 == 7:
                    values[rng.random(options.customers) < 0.05] = np.nan
                file.write(values.tobytes())
    with open(folder / "codes.bin", "wb") as file:
        for column, levels in enumerate(LEVELS):
            for shift in (0.0, 0.02 if column % 5 == 1 else 0.0):
                share = 1 / (1 + np.arange(levels)) ** (0.7 + shift)
                file.write(rng.choice(levels, options.customers, p=share / share.sum()).astype(np.uint32).tobytes())
    shape = {"rows": options.customers, "numbers": NUMBERS, "categories": LEVELS}
    (folder / "columns.json").write_text(json.dumps(shape), encoding="utf-8")


def peak_mib():
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def frames(folder, rows):
    numbers = np.fromfile(folder / "numbers.bin", np.float64).reshape(NUMBERS, 2, rows)
    codes = np.fromfile(folder / "codes.bin", np.uint32).reshape(len(LEVELS), 2, rows)
    return [pd.DataFrame({**{f"n{k}": numbers[k, side] for k in range(NUMBERS)},
                          **{f"c{k}": pd.Categorical.from_codes(codes[k, side].astype(np.int16), range(levels))
                             for k, levels in enumerate(LEVELS)}}) for side in (0, 1)]


def table_p(table):
    """Chi-square of two rows, and Cramer's V."""
    table = table[:, table.sum(axis=0) > 0]
    test = stats.chi2_contingency(table, correction=False)
    return test.pvalue, float(np.sqrt(test.statistic / table.sum()))


def compare_column(before, now):
    if isinstance(before.dtype, pd.CategoricalDtype):
        p, statistic = table_p(np.vstack([side.value_counts(sort=False).to_numpy() for side in (before, now)]))
        return statistic, p
    present = [side.dropna().to_numpy() for side in (before, now)]
    test = stats.ks_2samp(*present, method="asymp")
    blanks = np.array([[len(values), len(side) - len(values)] for values, side in zip(present, (before, now))])
    p = test.pvalue
    return test.statistic, min(1.0, 2 * min(p, table_p(blanks)[0])) if blanks[:, 1].any() else p


def peer(folder):
    rows = json.loads((folder / "columns.json").read_text(encoding="utf-8"))["rows"]
    before, now = frames(folder, rows)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak so far is that of making the frames
    data = peak_mib()
    begin = time.perf_counter()
    found = [(name, *compare_column(before[name], now[name])) for name in before]
    adjusted = stats.false_discovery_control([p for _, _, p in found])
    seconds = time.perf_counter() - begin
    print(json.dumps({"seconds": seconds, "data_mib": data, "peak_mib": peak_mib(), "columns": [
        {"name": name, "statistic": float(statistic), "p_value": float(p), "drifts": bool(q <= LEVEL)}
        for (name, statistic, p), q in zip(found, adjusted)]}))


def run_json(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]} failed: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def check(ours, theirs):
    """The largest difference of p-values of numbers."""
    furthest = 0.0
    for us, them in zip(ours["columns"], theirs["columns"], strict=True):
        is_number = us["name"].startswith("n")
        apart = abs(us["p_value"] - them["p_value"])
        if (us["name"] != them["name"] or us["drifts"] != them["drifts"] or
                abs(us["statistic"] - them["statistic"]) > 1e-12 or
                apart > (1e-3 if is_number else 1e-9 * them["p_value"])):
            sys.exit(f"bench: findings differ: {us} and {them}")
        furthest = max(furthest, apart if is_number else 0.0)
    return furthest


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, default=Path("build/bench/bench"), help="folder of clv_drift_run")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--keep", type=Path, help="folder for the samples, which are made once and used again")
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        peer(options.peer)
        return
    print(f"{hardware.describe()['family_model']}, commit {hardware.commit(Path(__file__).resolve().parents[1])}, "
          f"pandas {pd.__version__}, scipy {scipy.__version__}, NumPy {np.__version__}, {options.customers:,} customers a "
          f"sample")
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(exist_ok=True)
        if not (folder / "columns.json").exists():
            make_samples(options, folder)
        peers, runs = [], {threads: [] for threads in options.threads}
        for _ in range(options.repeats):  # by turns, so that a busy machine is busy for both
            peers.append(run_json(sys.executable, __file__, "--peer", folder))
            for threads, results in runs.items():
                results.append(run_json(options.programs / "clv_drift_run", folder, "--threads", threads))
                furthest = check(results[-1], peers[-1])
    drifting = sum(column["drifts"] for column in peers[0]["columns"])
    print(f"findings agree: {drifting} of {len(peers[0]['columns'])} columns drift; p-values of numbers to {furthest:.1e}\n")
    print("| by | seconds | faster by | peak memory beyond the data, MiB |\n| --- | --- | --- | --- |")
    them = min(peers, key=lambda result: result["seconds"])
    print(f"| pandas and scipy | {them['seconds']:.2f} | | {them['peak_mib'] - them['data_mib']:.0f} |")
    for threads, results in runs.items():
        us = min(results, key=lambda result: result["seconds"])
        print(f"| clv, {threads} thread{'s' if threads > 1 else ''} | {us['seconds']:.2f} | "
              f"{them['seconds'] / us['seconds']:.1f}x | {us['peak_mib'] - us['data_mib']:.0f} |")


if __name__ == "__main__":
    main()
