"""The engine beside its peers, on the same customers in the same run: speed, share of the machine's limit, agreement.

On a CPU everything has one core, the same one. The engine and every peer are run once to warm up and then timed several
times; the best time counts, and a peer's only if its figures agree with the engine's. Writes results.json and the same
tables as results.md, for docs/performance.md."""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import peer_agreement as agreement
import hardware
import report

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MONTHS = 36
NOT_HERE = 3

PEERS = {"cpu": ["numpy_idiomatic", "numpy_best", "numba_loops", "jax_scan"],
         "cuda": ["cupy_arrays", "torch_arrays", "jax_scan", "curand_fused"]}

ONE_THREAD = {**{name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                                        "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")},
              "JAX_PLATFORMS": "cpu",
              "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}


@dataclass(frozen=True)
class Case:
    name: str
    actions: int
    churn: float
    figures: str


CASES = [Case("limit", 0, 0.0, "moments"), Case("one", 1, 0.0, "moments"), Case("eight", 8, 0.0, "moments"),
         Case("realistic", 1, 0.03, "all")]


class Bench:
    """Where things are and how processes are run."""

    def __init__(self, options):
        self.options = options
        self.programs = Path(options.programs)
        self.core = max(os.sched_getaffinity(0))
        self.on_cpu = options.device == "cpu"

    def run(self, command, pinned=None):
        """On the one core, without other threads, if `pinned` (default: on a CPU)."""
        pinned = self.on_cpu if pinned is None else pinned
        environment = {**os.environ, **(ONE_THREAD if pinned else {}), "CLV_BENCH_PROGRAMS": str(self.programs)}
        pin = (lambda: os.sched_setaffinity(0, {self.core})) if pinned else None
        return subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True,
                              preexec_fn=pin, timeout=self.options.timeout)

    def run_json(self, command, pinned=None):
        done = self.run(command, pinned)
        if done.returncode != 0:
            sys.exit(f"bench: {command[0]} failed: {done.stderr.strip()[-2000:]}")
        return json.loads(done.stdout)

    def engine(self, case, threads=1, pinned=None, repeats=None):
        o = self.options
        command = [self.programs / "clv_engine_run", "--customers", o.customers, "--paths", o.paths, "--months", MONTHS,
                   "--actions", case.actions, "--churn", case.churn, "--figures", case.figures,
                   "--backend", o.device, "--threads", threads, "--repeats", repeats or o.engine_repeats]
        return self.run_json(command, pinned)


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def timed(name, seconds, path_months):
    best_s = min(seconds)
    return {"name": name, "status": "ok", "seconds": seconds, "best_s": best_s,
            "path_months_per_second": path_months / best_s}


def reason_of(done):
    lines = (done.stdout if done.returncode == NOT_HERE else done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


def run_peer(bench, module, engine, work_file, out_file, path_months):
    """Entries of all forms of one peer: never none."""
    runner = [sys.executable, HERE / "peers" / "run_peer.py", module, bench.options.device]
    listing = bench.run(runner)
    if listing.returncode != 0:
        status = "not available" if listing.returncode == NOT_HERE else "failed"
        return [{"name": module, "status": status, "reason": reason_of(listing)}]
    entries = []
    for form in json.loads(listing.stdout.splitlines()[-1]):
        progress(f"  {form}")
        try:
            done = bench.run([*runner, form, work_file, bench.options.repeats, out_file])
        except subprocess.TimeoutExpired:
            entries.append({"name": form, "status": "failed", "reason": f"no end after {bench.options.timeout} s"})
            continue
        if done.returncode != 0:
            status = "not available" if done.returncode == NOT_HERE else "failed"
            entries.append({"name": form, "status": status, "reason": reason_of(done)[:200]})
            continue
        peer = json.loads(out_file.read_text(encoding="utf-8"))
        agreed = agreement.compare(engine, peer)
        entry = timed(form, peer["seconds"], path_months)
        entries.append({**entry, "status": "ok" if agreed.holds else "disagrees", "versions": peer["versions"],
                        "agreement": asdict(agreed)})
    return entries


def run_case(bench, case, scratch):
    progress(f"{case.name}: the engine")
    o = bench.options
    engine = bench.engine(case)
    path_months = o.customers * o.paths * MONTHS
    work_file, out_file = scratch / "work.json", scratch / "figures.json"
    work_file.write_text(json.dumps(engine["work"]), encoding="utf-8")
    peers = [entry for module in o.peers for entry in run_peer(bench, module, engine, work_file, out_file, path_months)]
    return {"name": case.name, "digest": engine["digest"],
            "work": {"customers": o.customers, "paths": o.paths, "months": MONTHS, "actions": case.actions,
                     "churn": case.churn, "figures": case.figures},
            "engine": {**timed(f"engine, {o.device}", engine["seconds"], path_months), "device": engine["device"]},
            "peers": peers}


def machine_limit(bench):
    name = "clv_machine_limit" if bench.on_cpu else "clv_gpu_limit"
    return bench.run_json([bench.programs / name]) if (bench.programs / name).exists() else None


def google_benchmarks(bench):
    program = bench.programs / "clv_bench"
    if not bench.on_cpu:
        return []
    if not program.exists():
        return None
    progress("parts")
    seconds = 0.05 if bench.options.quick else 0.5
    found = bench.run_json([program, "--benchmark_format=json", f"--benchmark_min_time={seconds}"])
    return [{"name": each["name"], "time": each["real_time"], "unit": each["time_unit"],
             "items_per_second": each.get("items_per_second")} for each in found["benchmarks"]]


def equal_error(bench):
    program = bench.programs / "clv_equal_error"
    if bench.options.quick or not bench.on_cpu or not program.exists():
        return None
    progress("time to equal standard error")
    return bench.run_json([program, "--config", ROOT / "configs/quickstart.toml", "--customers", 200, "--seeds", 150])


def check_normals(bench):
    program = bench.programs / "clv_normals_check"
    if not program.exists():
        return None
    progress("normals")
    done = bench.run([program, "1e7" if bench.options.quick else "1e8"])
    return json.loads(done.stdout)


def check_polynomials(bench):
    program = bench.programs / "clv_polynomial_check"
    if bench.options.quick or not bench.on_cpu or not program.exists():
        return None
    progress("polynomials")
    return json.loads(bench.run([program], pinned=False).stdout)


def ratios(bench, cases):
    best = {case["name"]: case["engine"]["best_s"] for case in cases}
    found = {}
    if {"one", "eight"} <= best.keys():
        found["time of eight actions / one"] = best["eight"] / best["one"]
    cores = len(os.sched_getaffinity(0))
    if bench.on_cpu and "one" in best and cores > 1:
        progress("threads")
        one = next(case for case in CASES if case.name == "one")
        for threads in sorted({2, cores}):
            found[f"speed of {threads} threads / one"] = best["one"] / min(
                bench.engine(one, threads=threads, pinned=False)["seconds"])
    return found


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer customers and repeats: about a minute")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--out", default=str(ROOT / "build/bench/results.json"),
                        help="results as JSON; the tables go beside it as Markdown")
    parser.add_argument("--customers", type=int, help="of every case")
    parser.add_argument("--paths", type=int, default=10_000, help="of every customer")
    parser.add_argument("--cases", nargs="+", choices=[case.name for case in CASES])
    parser.add_argument("--peers", nargs="*", help="modules of bench/peers; none: the engine alone")
    parser.add_argument("--repeats", type=int, help="timed runs of a peer")
    parser.add_argument("--programs", default=str(ROOT / "build/bench/bench"), help=argparse.SUPPRESS)
    parser.add_argument("--timeout", type=float, help="seconds for one process: 600, or 120 on a GPU")
    options = parser.parse_args()
    on_cpu = options.device == "cpu"
    options.customers = options.customers or {True: 32 if options.quick else 160, False: 16_384}[on_cpu]
    options.repeats = options.repeats or (2 if options.quick else 3)
    options.timeout = options.timeout or {True: 600.0, False: 120.0}[on_cpu]
    options.engine_repeats = 5 if options.quick else 15
    options.peers = PEERS[options.device] if options.peers is None else options.peers
    return options


def save(results, out):
    out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def main():
    options = parse()
    bench = Bench(options)
    progress("the machine's limit")
    results = {"commit": hardware.commit(ROOT), "time": datetime.datetime.now().astimezone().isoformat("T", "seconds"),
               "hardware": hardware.describe(), "device": options.device, "limit": machine_limit(bench), "cases": []}
    chosen = [case for case in CASES if not options.cases or case.name in options.cases]
    out = Path(options.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for case in chosen:
            results["cases"].append(run_case(bench, case, Path(scratch)))
            save(results, out)  # what is measured stays, whatever becomes of the rest
    results["ratios"] = ratios(bench, results["cases"])
    results["parts"] = google_benchmarks(bench)
    results["equal_error"] = equal_error(bench)
    results["normals"] = check_normals(bench)
    results["polynomials"] = check_polynomials(bench)
    save(results, out)
    out.with_suffix(".md").write_text(report.render(results, report.markdown), encoding="utf-8")
    print(report.render(results, report.aligned), end="")
    disagree = [entry for case in results["cases"] for entry in case["peers"] if entry["status"] == "disagrees"]
    wrong = any(results[name] is not None and not results[name]["passed"] for name in ("normals", "polynomials"))
    return 1 if disagree or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
