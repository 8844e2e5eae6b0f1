"""The world as it is, and others."""

import streamlit as st
from clvsim import figures
from parts import grid, show


def scenarios(results):
    show(figures.scenario_tornado(results))
    show(figures.scenario_frontiers(results))
    names = [str(name) for name in results.data["scenario"].values]
    chosen = st.selectbox("Scenario", names, index=min(1, len(names) - 1), key="scenario")
    table = results.table("sweep")
    shown = table[table["scenario"] == chosen].drop(columns="scenario")
    grid(shown, "Value of every segment in the scenario")
    if "sweep_frontier.csv" in results:
        frontier = results.table("sweep_frontier")
        shown = frontier[frontier["scenario"] == chosen].drop(columns="scenario")
        grid(shown, "What every budget would earn in the scenario", height=240)
