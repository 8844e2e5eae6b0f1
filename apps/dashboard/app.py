"""The dashboard of a results folder: scripts/dashboard DIR [SWEEP], with a folder of clv sweep for its scenarios.

It reads and shows; what is computed, the engine computes. Each tab has a file of its own beside this one.
"""

import sys
from pathlib import Path

import clvsim
import streamlit as st
from behaviour import behaviour
from customers import look_up
from overview import overview
from parts import changed, load, note, stop
from portfolio_risk import plan_for_portfolio
from scenarios import scenarios
from spend import spend

st.set_page_config(page_title="Customer lifetime value", layout="wide")
st.html(
    "<style>h1 { font-size: clamp(1.6rem, 5vw, 2.4rem) !important; } h2 { font-size: 1.35rem !important; } "
    ".stMainBlockContainer { padding-top: 3rem; }</style>"
)


def main():
    if len(sys.argv) < 2:
        stop(clvsim.ConfigError("no results folder is named", "", "scripts/dashboard DIR"))
    try:
        results, *sweeps = [load(str(folder), changed(folder)) for folder in map(Path, sys.argv[1:3])]
        pages(results, sweeps[0] if sweeps else results, sys.argv[1])
    except clvsim.Error as error:
        stop(error)


def plan(results, folder, made, segment):
    spend(results, folder, made, segment)
    plan_for_portfolio(results, folder, made)


def pages(results, sweep, folder):
    data = results.data
    valued = data is not None and "portfolio_mean" in data
    st.title("Customer lifetime value")
    run = results.run
    note(
        f"{folder} · clv {run.get('command', '')} · seed {results.setting('simulation.seed')} · "
        f"version {run.get('program', {}).get('version', '')} · config {run.get('config_hash', '')[:12]}"
    )
    segment = "portfolio"
    if valued:
        names = [str(name) for name in data["segment"].values]
        if len(names) > 1:
            segment = st.selectbox(
                "Segment",
                names,
                key="segment",
                width=420,
                format_func=lambda name: (
                    "all customers"
                    if name == "portfolio"
                    else "those who have left"
                    if name == names[-1] and results.has_churned_apart
                    else name
                ),
            )
    tabs = {
        "Overview": valued,
        "Plan": "certificate.json" in results and "plan.csv" in results,
        "Customers": "clv.csv" in results,
        "Scenarios": sweep.data is not None and "scenario" in sweep.data.dims,
        "Behaviour": any(
            name in results for name in ("survival.csv", "predictions.csv", "cohorts.csv", "holdout.json")
        ),
    }
    names = [name for name, there in tabs.items() if there]
    if not names:
        stop(
            clvsim.InputError(
                "these results hold nothing to show", folder, "name the folder of clv run or clv simulate"
            )
        )
    draw = {
        "Overview": lambda: overview(results, segment),
        "Plan": lambda: plan(results, folder, changed(folder), segment),
        "Customers": lambda: look_up(results, segment),
        "Scenarios": lambda: scenarios(sweep),
        "Behaviour": lambda: behaviour(results),
    }
    for tab, name in zip(st.tabs(names), names):
        with tab:
            draw[name]()


main()
