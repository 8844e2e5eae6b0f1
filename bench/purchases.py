"""Purchase models beside Python's packages, on the same customers in the same run; results are compared before times.

fit      BG/NBD on customers like CDNOW's: clv's fit against lifetimes' BetaGeoFitter. Parameters to 1e-4 of themselves.
futures  purchases and spend of the next 39 weeks, drawn customer by customer and draw by draw from the posterior that
         pymc-marketing sampled, against its expected_purchases, which is a mean alone. The total of our means against
         that of its within 4 standard errors; with many futures a customer also every customer's mean within 4 of its
         own (Bonferroni: as often as 4 are for one comparison), and the mean of z^2 within 4 sqrt(2/n) of 1.

Writes results as JSON and Markdown for docs/performance.md."""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import hardware

warnings.filterwarnings("ignore")
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WEEKS = 39.0


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def run_json(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]} failed: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def timed(repeats, work):
    seconds, result = [], None
    for _ in range(repeats):
        begin = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - begin)
    return seconds, result


def read_customers(np, file, count=None):
    columns = np.fromfile(file).reshape(3, -1)
    return columns if count is None else np.ascontiguousarray(columns[:, :count])


def bench_fit(options, scratch):
    """Seconds of both, and the largest relative difference of a parameter."""
    import numpy as np
    data = scratch / "customers.bin"
    progress(f"fit of {options.customers:,} customers")
    ours = run_json(options.programs / "clv_purchase_fit", "--customers", options.customers, "--data", data)
    try:
        import lifetimes
    except ImportError as missing:
        return {"ours": ours, "peer": None, "reason": str(missing)}
    frequency, recency, age = read_customers(np, data)
    progress("  lifetimes")
    seconds, fitted = timed(options.repeats, lambda: lifetimes.BetaGeoFitter().fit(frequency, recency, age))
    theirs = [float(fitted.params_[name]) for name in ("r", "alpha", "a", "b")]
    worst = max(abs(a / b - 1.0) for a, b in zip(ours["parameters"], theirs))
    return {"ours": ours, "peer": {"name": f"lifetimes {lifetimes.__version__}", "seconds": seconds,
                                   "parameters": theirs},
            "worst": worst, "agrees": worst < 1e-4,
            "factor": min(seconds) / min(ours["seconds"])}


def bonferroni(comparisons):
    """What all of `comparisons` together stay within as often as a single one stays within 4."""
    return statistics.NormalDist().inv_cdf(1.0 - math.erfc(4.0 / math.sqrt(2.0)) / 2.0 / comparisons)


def bench_futures(options, scratch):
    import numpy as np
    data, draws, out = scratch / "few.bin", scratch / "draws.bin", scratch / "figures.bin"
    run_json(options.programs / "clv_purchase_fit", "--customers", options.few, "--repeats", 1, "--data", data)
    frequency, recency, age = read_customers(np, data)
    try:
        import pandas as pd
        import pymc_marketing
        from pymc_marketing import clv
    except ImportError as missing:
        return {"peer": None, "reason": str(missing)}
    progress(f"posterior of {options.few:,} customers by pymc-marketing")
    frame = pd.DataFrame({"customer_id": np.arange(len(age)), "frequency": frequency.astype(int), "recency": recency,
                          "T": age})
    model = clv.BetaGeoModel(data=frame)
    model.fit(method="mcmc", chains=2, draws=options.draws // 2, tune=500, cores=1, random_seed=1, progressbar=False)
    posterior = model.idata.posterior
    np.stack([posterior[name].values.ravel() for name in ("r", "alpha", "a", "b")]).tofile(draws)
    progress("  expected_purchases")
    seconds, expected = timed(options.repeats + 1, lambda: model.expected_purchases(frame, future_t=WEEKS))
    expected = expected.transpose("customer_id", "chain", "draw").values.reshape(len(age), -1)
    peer = {"name": f"pymc-marketing {pymc_marketing.__version__}", "seconds": seconds[1:],
            "per_second": expected.size / min(seconds[1:])}
    progress("  futures")
    forms = []
    for per_draw in (1, 16):
        ours = run_json(options.programs / "clv_purchase_draws", data, draws, out, "--paths-per-draw", per_draw,
                        "--weeks", WEEKS)
        mean, se = np.fromfile(out).reshape(2, -1)
        z = (mean - expected.mean(axis=1)) / np.maximum(se, 1e-9)
        total = (mean.sum() - expected.mean(axis=1).sum()) / np.sqrt((se ** 2).sum())
        square = float((z ** 2).mean())
        few = per_draw == 1  # a mean of few rare purchases is not normal, and its standard error may be 0
        close = few or (abs(z).max() < bonferroni(len(z)) and abs(square - 1.0) < 4.0 * math.sqrt(2.0 / len(z)))
        rate = ours["futures"] / min(ours["seconds"])
        forms.append({"paths_per_draw": per_draw, "threads": ours["threads"], "seconds": ours["seconds"],
                      "per_second": rate, "factor": rate / peer["per_second"],
                      "worst_z": None if few else float(abs(z).max()),
                      "bound": bonferroni(len(z)), "mean_square": None if few else square, "total_z": float(total),
                      "agrees": bool(close and abs(total) < 4.0)})
    return {"peer": peer, "draws": options.draws, "customers": options.few, "ours": forms}


def render(results):
    hardware_line = f"{results['hardware']['processor']}, {results['hardware']['cores']} cores"
    lines = [f"commit {results['commit']}, {hardware_line}", ""]
    fit = results["fit"]
    lines += ["| fit of BG/NBD | seconds | factor | largest relative difference of a parameter |",
              "| --- | --- | --- | --- |",
              f"| clv, one thread | {min(fit['ours']['seconds']):.3f} | | |"]
    if fit["peer"]:
        agreed = f"{fit['worst']:.1e}" if fit["agrees"] else f"DISAGREES: {fit['worst']:.1e}"
        lines.append(f"| {fit['peer']['name']} | {min(fit['peer']['seconds']):.2f} | {fit['factor']:.0f} | {agreed} |")
    else:
        lines.append(f"| lifetimes | not measured: {fit['reason']} | | |")
    futures = results["futures"]
    lines += ["", "| customer-futures of 39 weeks | million a second | factor | agreement |",
              "| --- | --- | --- | --- |"]
    if not futures["peer"]:
        return "\n".join([*lines, f"| pymc-marketing | not measured: {futures['reason']} | | |"]) + "\n"
    lines.append(f"| {futures['peer']['name']}, means alone | {futures['peer']['per_second'] / 1e6:.1f} | | |")
    for form in futures["ours"]:
        verdict = "" if form["agrees"] else "DISAGREES: "
        if form["worst_z"] is not None:
            verdict += (f"max abs z {form['worst_z']:.1f} of {form['bound']:.1f}, mean z^2 {form['mean_square']:.2f}, ")
        verdict += f"total z {form['total_z']:.1f}"
        lines.append(f"| clv, counts and spend, {form['threads']} threads, {form['paths_per_draw']} per draw of the "
                     f"parameters | {form['per_second'] / 1e6:.1f} | {form['factor']:.1f} | {verdict} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench purchases", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000, help="of the fit")
    parser.add_argument("--few", type=int, default=2_000, help="customers of the futures")
    parser.add_argument("--draws", type=int, default=512, help="of the posterior: a power of two")
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of a peer")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/bench/bench", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=ROOT / "build/bench/purchases.json")
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        results = {"commit": hardware.commit(ROOT), "hardware": hardware.describe(),
                   "fit": bench_fit(options, scratch), "futures": bench_futures(options, scratch)}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    options.out.with_suffix(".md").write_text(render(results), encoding="utf-8")
    print(render(results), end="")
    checks = [results["fit"], *results["futures"].get("ours", [])]
    return 0 if all(check.get("agrees", True) for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
