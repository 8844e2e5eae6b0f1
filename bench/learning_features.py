"""Features of customers beside pandas, and what a learner says of them, step by step.

purchases   transactions to what can be said of every customer (frequency, recency, tenure, revenue, gaps, rolling
            windows and trends): pandas by read_csv and vectorised groupby, never apply. The engine makes features
            while it reads, so what is not splitting rows and reading their cells is set beside pandas' features.
attributes  a customers file of 30 numbers and 20 categories of 2 to 1,000 levels to the matrix that a learner scores:
            pandas by read_csv with categories, and codes of the learner's dictionary. Then, of the engine alone, scores,
            contributions, and the spread over models of resamples.

Each side runs several times in processes of its own, without their start; the best time counts, and the peak memory is
that of the process. Before any time is taken the features must agree: counts, codes and missing values exactly, other
numbers within 1e-9 of themselves (1e-6 currency for sums), since sums have another order. Writes tables in Markdown.

    python bench/learning_features.py --clv build/release/clv --programs build/bench/bench"""

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

DAYS_PER_WEEK = 7
DAYS_PER_MONTH = 365.25 / 12
WINDOWS = (30, 90, 180)
LEVELS = (2, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 50, 80, 120, 250, 500, 1000)
NUMBERS = 30
TRAINED = 20_000
OTHER = "(other)"


def purchase_features(rows):
    """One row per customer, in the order of ids; purchases of a day are one."""
    days = rows.groupby(["customer_id", "order_date"], as_index=False)["revenue"].sum()
    days["gap"] = days.groupby("customer_id")["order_date"].diff().dt.days / DAYS_PER_WEEK
    end = days["order_date"].max()
    days["ago"] = (end - days["order_date"]).dt.days
    made = days.groupby("customer_id").agg(
        purchases=("revenue", "size"), first=("order_date", "first"), last=("order_date", "last"),
        revenue=("revenue", "sum"), gap_mean=("gap", "mean"), gap_sd=("gap", "std"))
    tenure = (end - made["first"]).dt.days
    table = pd.DataFrame({
        "frequency": made["purchases"] - 1, "recency": (made["last"] - made["first"]).dt.days / DAYS_PER_WEEK,
        "T": tenure / DAYS_PER_WEEK, "since_last": (end - made["last"]).dt.days / DAYS_PER_WEEK,
        "tenure_months": tenure / DAYS_PER_MONTH, "revenue": made["revenue"], "gap_mean": made["gap_mean"],
        "gap_sd": made["gap_sd"], "gap_cv": made["gap_sd"] / made["gap_mean"]})
    for window in WINDOWS:
        for suffix, begin in (("", 0), ("_before", window)):
            within = days[(days["ago"] >= begin) & (days["ago"] < begin + window)]
            of = within.groupby("customer_id")["revenue"].agg(["size", "sum"]).reindex(made.index, fill_value=0)
            table[f"purchases{suffix}_{window}d"] = of["size"]
            table[f"revenue{suffix}_{window}d"] = of["sum"]
        for name in ("purchases", "revenue"):
            now, before = table[f"{name}_{window}d"], table[f"{name}_before_{window}d"]
            known = (tenure >= 2 * window) & (now + before != 0)
            table[f"{name}_trend_{window}d"] = ((now - before) / (now + before)).where(known)
    return table


def read_purchases(file):
    return pd.read_csv(file, dtype={"customer_id": str}, parse_dates=["order_date"])


def learned_columns(learner):
    return json.loads(Path(learner).read_text(encoding="utf-8"))["churn"]["columns"]


def read_attributes(file, columns):
    kinds = {column["name"]: "category" if column["kind"] == "category" else np.float64 for column in columns}
    return pd.read_csv(file, dtype={"customer_id": str, **kinds})


def attribute_matrix(frame, columns):
    """Numbers, and places in the learner's dictionaries; a level that is not there is "(other)", a blank is missing."""
    matrix = np.empty((len(frame), len(columns)), np.float32)
    for at, column in enumerate(columns):
        values = frame[column["name"]]
        if column["kind"] == "number":
            matrix[:, at] = values.to_numpy(np.float32)
            continue
        codes = values.cat.set_categories(column["levels"]).cat.codes.to_numpy().astype(np.float32)
        unknown = codes < 0
        codes[unknown] = np.nan
        if OTHER in column["levels"]:
            codes[unknown & values.notna().to_numpy()] = column["levels"].index(OTHER)
        matrix[:, at] = codes
    return matrix


def peer(options):
    """Child process: seconds of reading and of the features, and the peak memory, as JSON."""
    columns = learned_columns(options.learner) if options.peer == "attributes" else None
    begin = time.perf_counter()
    table = read_purchases(options.file) if columns is None else read_attributes(options.file, columns)
    read = time.perf_counter()
    made = purchase_features(table) if columns is None else attribute_matrix(table, columns)
    done = time.perf_counter()
    peak = int(hardware.first_value("/proc/self/status", "VmHWM").split()[0]) / 1024  # of this program alone
    if options.out:
        np.save(f"{options.out}/pandas.npy", np.asarray(made))
        index = made.index if columns is None else table["customer_id"]
        Path(f"{options.out}/pandas_ids.txt").write_text("\n".join(index) + "\n", encoding="utf-8")
        Path(f"{options.out}/pandas_columns.json").write_text(json.dumps(list(getattr(made, "columns", []))))
    print(json.dumps({"read": read - begin, "features": done - read, "peak_mib": peak, "rows": len(table)}))


def run_json(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]} failed: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def run_peer(options, world, file, *more):
    return run_json(sys.executable, __file__, "--peer", world, "--file", file, "--learner", options.learner, *more)


def make_purchases(options, folder):
    """A generated retailer's transactions over so many years that there are about ten a customer."""
    subprocess.run([options.clv, "generate", "--kind", "retail", "--customers", str(options.customers), "--set",
                    "generate.first_day=2020-01-01", "--set", "generate.b=6.0", "--out", folder / "world", "--quiet"],
                   check=True, capture_output=True)
    return folder / "world/transactions.csv"


def make_attributes(options, folder):
    """Customers whose churn depends on some of the columns; about half of the columns have blanks."""
    file = folder / "customers.csv"
    rng = np.random.default_rng(options.seed)
    part = 100_000
    for begin in range(0, options.customers, part):
        count = min(part, options.customers - begin)
        columns = {"customer_id": [f"C{i:08}" for i in range(begin, begin + count)]}
        score = np.full(count, -1.2)
        for at in range(NUMBERS):
            kind = at % 3
            values = (np.round(rng.lognormal(3.0, 0.8, count), 2) if kind == 0 else
                      rng.poisson(3.0 + at, count).astype(float) if kind == 1 else np.round(rng.normal(0, 1, count), 5))
            score += 0.5 * (values - values.mean()) / values.std() if at < 6 else 0.0
            text = pd.Series(values.astype(int) if kind == 1 else values).astype(str)
            columns[f"number_{at}"] = text.mask(rng.random(count) < 0.05, "") if at % 3 != 2 else text
        for at, levels in enumerate(LEVELS):
            code = np.minimum((levels * rng.beta(1, 2, count)).astype(int), levels - 1)
            score += np.where(code % 2 == 0, 0.4, -0.4) if at % 4 == 0 else 0.0
            names = np.array([f"level_{level:03}" for level in range(levels)])
            text = pd.Series(names[code])
            columns[f"category_{at}"] = text.mask(rng.random(count) < 0.03, "") if at % 3 == 0 else text
        columns["left"] = (rng.random(count) < 1 / (1 + np.exp(-score))).astype(int)
        pd.DataFrame(columns).to_csv(file, index=False, header=begin == 0, mode="w" if begin == 0 else "a")
    train = folder / "train.csv"
    with open(file, "rb") as source, open(train, "wb") as target:
        target.writelines(line for _, line in zip(range(TRAINED + 1), source))
    subprocess.run([options.clv, "learn", "--target", "churn", "--out", folder / "learned", "--quiet", "--set",
                    f"input.customers={train}", "--set", "learn.target_column=left", "--set", "learn.window_months=1",
                    "--set", "learn.algorithm=boosting"], check=True, capture_output=True)
    return file, folder / "learned/learner.json"


def check_purchases(ours, theirs, folder):
    names = json.loads((folder / "pandas_columns.json").read_text())
    table = np.load(folder / "pandas.npy")
    rows = np.fromfile(folder / "features.bin").reshape(len(ours["columns"]), -1)
    for at, name in enumerate(ours["columns"]):
        atol = 1e-6 if "revenue" in name and "trend" not in name else 1e-9
        np.testing.assert_allclose(rows[at], table[:, names.index(name)], rtol=1e-9, atol=atol, err_msg=name)


def check(options, world, file, folder, *learner):
    """Ends the bench unless every customer's features are pandas'."""
    ours = run_json(options.programs / "clv_learning_run", world, file, *learner, "--out", folder,
                    *(["--no-scores"] if learner else []))
    theirs = run_peer(options, world, file, "--out", folder)
    if (folder / "ids.txt").read_bytes() != (folder / "pandas_ids.txt").read_bytes():
        sys.exit("bench: the customers are not pandas'")
    if learner:
        matrix = np.fromfile(folder / "features.bin", np.float32).reshape(-1, ours["columns"])
        np.testing.assert_array_equal(matrix, np.load(folder / "pandas.npy"))
    else:
        check_purchases(ours, theirs, folder)
    return theirs


def compare(options, world, file, *learner):
    """Prints the table of one world."""
    print(f"\n{world}: {Path(file).stat().st_size / 1e6:.0f} MB\n")
    print("| by | reading, s | features, s | both, s | faster than pandas by | peak MiB |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    peers, runs, parses = [], {threads: [] for threads in options.threads}, []
    for _ in range(options.repeats):  # in turn, so that a busy machine is busy for both
        peers.append(run_peer(options, world, file))
        if world == "purchases":
            parses.append(run_json(options.programs / "clv_learning_run", world, file, "--parse-alone")["steps"][0]["seconds"])
        for threads, results in runs.items():
            done = run_json(options.programs / "clv_learning_run", world, file, *learner, "--threads", threads,
                            *(["--no-scores"] if learner else []))
            seconds = [step["seconds"] for step in done["steps"]]
            results.append({"read": seconds[0], "features": sum(seconds[1:]), "peak_mib": done["peak_mib"]})

    def best(results):
        return min(results, key=lambda result: result["read"] + result["features"])
    them = best(peers)
    both = them["read"] + them["features"]
    print(f"| pandas {pd.__version__} | {them['read']:.2f} | {them['features']:.2f} | {both:.2f} | | "
          f"{them['peak_mib']:.0f} |")
    for threads, results in runs.items():
        us = best(results)
        ours = us["read"] + us["features"]
        print(f"| clv, {threads} thread{'s' if threads > 1 else ''} | {us['read']:.2f} | {us['features']:.2f} | "
              f"{ours:.2f} | {both / ours:.1f}x | {us['peak_mib']:.0f} |", flush=True)
        if threads == 1 and parses:
            rest = ours - min(parses)
            print(f"| clv, 1 thread, less {min(parses):.2f} s of splitting rows and reading cells | | {rest:.2f} | | "
                  f"{them['features'] / rest:.1f}x of pandas' features alone | |", flush=True)


def score(options, file, learner):
    print("\n| threads | step | seconds | peak MiB so far |\n| --- | --- | --- | --- |")
    digests = set()
    for threads in options.threads:
        done = run_json(options.programs / "clv_learning_run", "attributes", file, learner, "--threads", threads)
        digests.add(json.dumps(done["digests"]))
        for step in done["steps"]:
            print(f"| {threads} | {step['step']} | {step['seconds']:.2f} | {step['peak_mib']:.0f} |", flush=True)
    print(f"\n{digests.pop() if len(digests) == 1 else 'NOT THE SAME BITS'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clv", type=Path, default=Path("build/release/clv"))
    parser.add_argument("--programs", type=Path, default=Path("build/bench/bench"), help="folder of clv_learning_run")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--worlds", nargs="*", default=["purchases", "attributes"])
    parser.add_argument("--no-scores", action="store_true", help="features alone")
    parser.add_argument("--keep", type=Path, help="folder for the files, which are made once and used again")
    for hidden in ("--peer", "--file", "--out", "--learner"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        peer(options)
        return
    print(f"{hardware.describe()['family_model']}, commit {hardware.commit(Path(__file__).resolve().parents[1])}, "
          f"pandas {pd.__version__}, {options.customers:,} customers")
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(exist_ok=True)
        if "purchases" in options.worlds:
            file = folder / "world/transactions.csv"
            file = file if file.exists() else make_purchases(options, folder)
            print(f"purchases: {check(options, 'purchases', file, folder)['rows']:,} rows")
            compare(options, "purchases", file)
        if "attributes" in options.worlds:
            file, learner = folder / "customers.csv", folder / "learned/learner.json"
            if not learner.exists():
                make_attributes(options, folder)
            options.learner = str(learner)
            check(options, "attributes", file, folder, learner)
            compare(options, "attributes", file, learner)
            if not options.no_scores:
                score(options, file, learner)


if __name__ == "__main__":
    main()
