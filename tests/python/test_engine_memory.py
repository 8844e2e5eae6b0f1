"""A million customers in and out: numeric columns that are as they should be are not copied."""

import json
import subprocess
import sys

_PEAK = """
import json, sys
import numpy as np, pyarrow as pa
import clvsim

COUNT, PIECES = 1_000_000, int(sys.argv[1])
row = np.arange(COUNT)
random = np.random.default_rng(1)
numbers = {"monthly_revenue": random.uniform(5, 90, COUNT), "margin": random.uniform(.2, .9, COUNT),
           "retention_cost": random.uniform(0, 2, COUNT), "acquisition_cost": random.uniform(0, 2, COUNT),
           "revenue_growth": random.uniform(-.1, .1, COUNT), "revenue_volatility": random.uniform(0, .3, COUNT),
           "market_beta": random.uniform(0, 2, COUNT), "churn_probability": random.uniform(.001, .2, COUNT),
           "age": random.uniform(18, 80, COUNT), "score": random.uniform(0, 1, COUNT)}  # and two features
table = pa.table({"customer_id": pa.array(row).cast(pa.string()),
                  **{name: pa.array(of) for name, of in numbers.items()}})
bounds = np.linspace(0, COUNT, PIECES + 1).astype(int)
table = pa.concat_tables([table.slice(a, b - a) for a, b in zip(bounds, bounds[1:])])

def status(key):
    for line in open("/proc/self/status"):
        if line.startswith(key):
            return int(line.split()[1]) / 1024

open("/proc/self/clear_refs", "w").write("5")  # the peak begins anew
before = status("VmRSS")
clvsim.validate(customers=table, quiet=True)
print(json.dumps({"rise": status("VmHWM") - before, "numbers": len(numbers) * COUNT * 8 / 2**20}))
"""


def peak(pieces):
    done = subprocess.run([sys.executable, "-c", _PEAK, str(pieces)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_columns_in_one_piece_are_not_copied():
    """Columns in two pieces have to be joined: what that takes is what one piece saves."""
    borrowed, copied = peak(1), peak(2)
    print(f"peak over the table itself: {borrowed['rise']:.0f} MiB borrowed, {copied['rise']:.0f} MiB copied; "
          f"its numbers are {borrowed['numbers']:.0f} MiB")
    assert copied["rise"] - borrowed["rise"] > 0.8 * borrowed["numbers"]
