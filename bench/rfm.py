"""Transactions to the summary that purchase models read (frequency, recency, T, monetary value), beside pandas.

A generated retailer's transactions, in the order of customers and in the order of days, are read and summarised by the
engine and by pandas (read_csv and groupby), each timed several times in its own process without its start; the best
time counts. Before any time is taken the two results must agree row by row. Writes a table in Markdown.

    python bench/rfm.py --clv build/release/clv --programs build/bench/bench"""

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
ROWS_PER_CUSTOMER = 5.09  # of the default retailer


def summarise(file, engine):
    """The same summary by pandas; purchases of a day are one."""
    rows = pd.read_csv(file, dtype={"customer_id": str}, parse_dates=["order_date"], engine=engine)
    days = rows.groupby(["customer_id", "order_date"], as_index=False)["revenue"].sum()
    end = days["order_date"].max()
    by_customer = days.groupby("customer_id")
    first, last = by_customer["order_date"].min(), by_customer["order_date"].max()
    summary = pd.DataFrame({"frequency": by_customer.size() - 1, "recency": (last - first).dt.days / DAYS_PER_WEEK,
                            "T": (end - first).dt.days / DAYS_PER_WEEK})
    repeats = by_customer["revenue"].sum() - by_customer["revenue"].first()
    summary["monetary_value"] = (repeats / summary["frequency"]).where(summary["frequency"] > 0, 0.0)
    return summary


def engines():
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return ["c"]
    return ["c", "pyarrow"]


def peer(options):
    """Child process: seconds of every run of pandas as JSON."""
    seconds = []
    for _ in range(options.repeats):
        begin = time.perf_counter()
        summary = summarise(options.peer_file, options.peer)
        seconds.append(time.perf_counter() - begin)
    print(json.dumps({"seconds": seconds, "customers": len(summary)}))


def run_json(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]} failed: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def worlds(options, folder):
    """The two files, of exactly options.rows transactions."""
    customers = int(options.rows / ROWS_PER_CUSTOMER * 1.01) + 100
    subprocess.run([options.clv, "generate", "--kind", "retail", "--customers", str(customers), "--out", folder / "world",
                    "--quiet"], check=True, capture_output=True)
    by_customer, by_day = folder / "by_customer.csv", folder / "by_day.csv"
    with open(folder / "world/transactions.csv", "rb") as source, open(by_customer, "wb") as target:
        for number, line in enumerate(source):
            if number > options.rows:
                break
            target.write(line)
    rows = pd.read_csv(by_customer, dtype=str)
    rows.sort_values("order_date", kind="stable").to_csv(by_day, index=False)
    return {"by customer": by_customer, "by day": by_day}


def check(options, file, folder):
    """Ends the bench unless every customer's summary is pandas'."""
    run_json(options.programs / "clv_rfm_run", file, "--threads", 0, "--repeats", 1, "--summary", folder / "summary.csv")
    ours = pd.read_csv(folder / "summary.csv", dtype={"customer_id": str}).set_index("customer_id")
    theirs = summarise(file, "c").sort_index()
    if not ours.index.equals(theirs.index):
        sys.exit("bench: the customers are not pandas'")
    for name in theirs.columns:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-12, atol=1e-9, err_msg=name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clv", type=Path, default=Path("build/release/clv"))
    parser.add_argument("--programs", type=Path, default=Path("build/bench/bench"), help="folder of clv_rfm_run")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--peer-file", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        peer(options)
        return
    print(f"{hardware.describe()['family_model']}, commit {hardware.commit(Path(__file__).resolve().parents[1])}, "
          f"pandas {pd.__version__}\n")
    print("| file | reader | seconds | million rows a second | engine, most threads, is faster by |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for order, file in worlds(options, folder).items():
            check(options, file, folder)
            times = {f"clvsim, {threads} thread{'s' if threads > 1 else ''}": min(run_json(
                options.programs / "clv_rfm_run", file, "--threads", threads, "--repeats", options.repeats)["seconds"])
                for threads in options.threads}
            ours = list(times.values())[-1]
            for engine in engines():
                times[f"pandas, engine {engine}"] = min(run_json(
                    sys.executable, __file__, "--peer", engine, "--peer-file", file, "--repeats",
                    options.repeats)["seconds"])
            for reader, seconds in times.items():
                print(f"| {order} | {reader} | {seconds:.2f} | {options.rows / seconds / 1e6:.1f} | "
                      f"{f'{seconds / ours:.1f}x' if reader.startswith('pandas') else ''} |", flush=True)


if __name__ == "__main__":
    main()
