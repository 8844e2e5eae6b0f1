"""A plan for the risk of all customers together, which the engine has to simulate: into a folder of its own that goes
away, beside the results and not into them."""

import tempfile
import time
from pathlib import Path

import clvsim
import pandas as pd
import streamlit as st
from clvsim.figures.style import money
from parts import grid, heading, note, planner, tail, words

REDRAW_S = 0.25


def plan_for_portfolio(results, folder, made):
    engine, _ = planner(folder, made)
    if engine is None:
        return
    level = tail(results)
    heading("The risk of all customers together")
    st.markdown(
        words(
            f"What goes wrong for one customer averages out over many; a bad market, or an effect smaller than "
            f"guessed, does not. This plan weighs the worst {level} of futures of the whole portfolio."
        )
    )
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="medium")
    weight = left.slider(
        f"Weight of the portfolio's worst {level} (CVaR) against its mean", 0.0, 1.0, 0.5, step=0.05, key="weight"
    )
    asked = right.button("Simulate and plan", key="simulate", type="primary")
    note(
        "Keeps the budget above and the run's other limits; risk appetite and caution do not count. Simulates every "
        "customer again, some ten times over: seconds for thousands of customers, minutes for hundreds of "
        "thousands; the sliders above wait meanwhile. The results stay as they are."
    )
    if asked:
        budget = st.session_state.get("budget_asked")
        st.session_state.pop("for_portfolio", None)
        try:
            found = simulate(results, engine.settings, budget, weight)
            st.session_state["for_portfolio"] = (folder, made), (budget, weight, *found)
        except clvsim.Error as error:
            st.error(words(str(error)))
    of, found = st.session_state.get("for_portfolio", (None, None))
    if of == (folder, made):
        beside(*found, level)


def simulate(results, settings, budget, weight):
    """The plans for profit and for the portfolio's risk as run.json has them, and plan.csv of the second."""
    limits = settings.get("limits")
    records = []
    with tempfile.TemporaryDirectory(prefix="clvsim-") as place, Told() as told:
        for name, risk_weight in (("profit", 0.0), ("risk", weight)):
            made = clvsim.optimize(
                results,
                budget,
                limits=limits,
                objective="mean_cvar",
                risk_weight=risk_weight,
                set={"optimizer.frontier_points": 2},
                out=Path(place) / name,
                progress=told,
            )
            records.append(made.run["plan"])
        written = (Path(place) / name / "plan.csv").read_bytes()
    return *records, written


class Told:
    """The engine's progress on the page. Leaving the page, or whatever runs the page anew, stops the engine."""

    def __enter__(self):
        self.began, self.drawn, self.stage, self.total = time.monotonic(), 0.0, "", 0
        self.place = st.empty()
        with self.place.container():
            self.bar = st.progress(0.0, "Simulating")
            st.button("Stop the simulation", key="stop")
        return self

    def __call__(self, kind, text, number):
        if kind == "begin":
            self.stage, self.total = text, number
        if kind in ("begin", "advance") and time.monotonic() - self.drawn > REDRAW_S:
            self.drawn = time.monotonic()
            share = min(number / self.total, 1.0) if kind == "advance" and self.total else 0.0
            self.bar.progress(share, words(f"{self.stage}, {self.drawn - self.began:.0f} s so far"))

    def __exit__(self, *_):
        self.place.empty()


def beside(budget, weight, profit, risk, written, level):
    """Both plans in numbers."""
    within = "Without a budget" if budget is None else f"Within a budget of {money(budget)}"
    st.markdown(words(f"{within}, the portfolio's worst {level} at a weight of {weight:g}:"))
    rows = {
        f"Value of all customers in the worst {level} (CVaR)": ("risk", "cvar"),
        "Expected value of all customers": ("risk", "mean"),
        "Expected profit on fresh futures": ("fresh", "profit"),
        "its standard error": ("fresh", "se"),
        "Spend": (None, "cost"),
        "Customers with an action": (None, "customers_invested"),
    }
    figures = [[(plan[group] if group else plan)[name] for group, name in rows.values()] for plan in (profit, risk)]
    table = pd.DataFrame(
        {
            "figure": list(rows),
            "for expected profit": figures[0],
            "for the portfolio's risk": figures[1],
            "difference": [theirs - ours for ours, theirs in zip(*figures)],
        }
    )
    table.loc[table["figure"] == "its standard error", "difference"] = None
    whole = {name: st.column_config.NumberColumn(name, format="%,.0f") for name in table.columns[1:]}
    grid(table, "The plan for expected profit beside the plan for the portfolio's risk", whole)
    note("Value is of all customers together, on the futures of the choice, which are the same for both plans.")
    st.download_button("Download this plan", written, "plan.csv", "text/csv", key="risk_plan", on_click="ignore")
