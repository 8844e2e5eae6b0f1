"""Bands of totals against what came: `clv fit` with the days held out after an origin, every fourth week from week 20, 8
weeks ahead, files pooled. With the shared calendar, without it, and beside a seasonal-naive band.

    python bench/rolling_origins.py build/release/clv cdnow:CDNOW_master.txt online_retail:online_retail.csv

A band holds or it does not; over origins the number that hold is compared with the binomial distribution, and what a
band costs in width with the interval score of Gneiting and Raftery (2007), divided by the actual total.
"""

import argparse
import json
import math
import subprocess
import tempfile
from datetime import date, timedelta
from pathlib import Path

WEEKS_AHEAD = 8
FIRST_WEEK = 20
STEP = 4
LEVELS = {0.8: ("q10", "q90"), 0.9: ("q05", "q95")}
RULES = {"calendar": "total", "all weeks as usual": "total_without_calendar", "seasonal naive": "seasonal_naive"}


def fit(folder, program, schema, file, *settings):
    given = [f"input.transactions={file}", f"input.schema={schema}", "fit.model=bg_nbd", "simulation.paths=1000", *settings]
    command = [program, "fit", "--quiet", "--out", folder, *(word for text in given for word in ("--set", text))]
    subprocess.run(command, check=True, capture_output=True)


def origins(program, schema, file):
    """(week, holdout.json) of every origin of a file."""
    with tempfile.TemporaryDirectory() as folder:
        fit(folder, program, schema, file)
        observation = json.loads(Path(folder, "run.json").read_text())["observation"]
        first_day, last_day = (date.fromisoformat(observation[name]) for name in ("first_day", "last_day"))
        weeks = ((last_day - first_day).days + 1) // 7
        for week in range(FIRST_WEEK, weeks - WEEKS_AHEAD + 1, STEP):
            end = first_day + timedelta(days=7 * week - 1)
            fit(folder, program, schema, file, f"fit.holdout={end}",
                f"fit.observation_end={end + timedelta(weeks=WEEKS_AHEAD)}")
            yield week, json.loads(Path(folder, "holdout.json").read_text())


def interval_score(low, high, actual, level):
    return high - low + 2 / (1 - level) * (max(low - actual, 0) + max(actual - high, 0))


def binomial_p(hits, count, level):
    """Two-sided: the chance of a number of hits no more likely than this one."""
    def chance(k):
        return math.comb(count, k) * level**k * (1 - level) ** (count - k)
    return sum(chance(k) for k in range(count + 1) if chance(k) <= chance(hits) * (1 + 1e-9))


def judged(program, files, tell):
    """Of every rule and level: (hits, origins, mean interval score). `files` are "schema:file"; `tell` gets a line each."""
    hits = {(rule, level): [] for rule in RULES for level in LEVELS}
    scores = {key: [] for key in hits}
    for named in files:
        schema, file = named.split(":", 1)
        for week, holdout in origins(program, schema, file):
            actual = holdout["total"]["actual"]
            line = f"{schema:14} week {week}  actual {actual:6.0f}  forecast {holdout['total']['mean']:6.0f} "
            for rule, member in RULES.items():
                for level, (low, high) in LEVELS.items():
                    band = holdout[member]
                    hit = band[low] <= actual <= band[high]
                    hits[rule, level].append(hit)
                    scores[rule, level].append(interval_score(band[low], band[high], actual, level) / actual)
                    if rule == "calendar":
                        line += f"  {level:.0%} [{band[low]:6.0f}, {band[high]:6.0f}] {'hit ' if hit else 'miss'}"
            tell(line)
    return {key: (sum(held), len(held), sum(scores[key]) / len(held)) for key, held in hits.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("files", nargs="+", help="schema:file")
    given = parser.parse_args()
    for (rule, level), (hits, count, score) in judged(given.program, given.files, print).items():
        print(f"{level:.0%} {rule:20} {hits:2} of {count} hold (binomial p {binomial_p(hits, count, level):.3f}), "
              f"mean interval score {score:.3f}")


if __name__ == "__main__":
    main()
