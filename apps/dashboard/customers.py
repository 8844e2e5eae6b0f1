"""One customer: value, plan and why."""

import math

import streamlit as st
from clvsim import tables
from clvsim.figures.style import count
from parts import grid, heading, metric, note, words

MOST_FOUND = 20  # customers offered while an id is being typed
MOST_VALUABLE = 50  # rows of the list to begin with


def look_up(results, segment):
    table = results.table("clv")
    typed = st.text_input("Customer", placeholder="an id, or how it begins", key="customer").strip()
    if not typed:
        table = part_of(results, table, segment)
        order = table["rank"].rank() if table["rank"].notna().any() else table["clv_mean"].rank(ascending=False)
        best = table.loc[order.nsmallest(MOST_VALUABLE).index].drop(columns=["paths_used"])
        best.insert(0, "rank", best.pop("rank"))
        note(f"The most valuable {len(best)} of {count(len(table), 'customer')}.")
        grid(best, "The most valuable customers")
        return
    found = table[table["customer_id"].str.strip() == typed]
    if found.empty:
        similar = table["customer_id"][table["customer_id"].str.startswith(typed)].head(MOST_FOUND)
        st.warning(words(f"No customer {typed}." + (f" There are {', '.join(similar)}." if len(similar) else "")))
        return
    row = found.iloc[0]
    heading(row["customer_id"])
    if "segment" in row:
        note(f"segment {row['segment']}")
    value(row, table)
    if "plan.csv" in results:
        decision(results, row["customer_id"])
    if "uplift.csv" in results:
        options(results, row["customer_id"])


def part_of(results, table, segment):
    """The rows of clv.csv whom a row of totals sums up."""
    if results.has_churned_apart:
        left = table["churned"] == 1
        if segment == str(results.data["segment"].values[-1]):
            return table[left]
        table = table[~left]
    return table if segment == "portfolio" else table[table["segment"] == segment]


def value(row, table):
    quantiles = [name for name in table if name.startswith("clv_q")]
    names = tables.value_columns(table.columns)
    with st.container(horizontal=True):
        metric("Expected value", f"{row['clv_mean']:,.2f}", help=f"standard error {row['clv_se']:,.2f}")
        metric(
            f"{names[quantiles[0]]} to {names[quantiles[-1]]}",
            f"{row[quantiles[0]]:,.0f} to {row[quantiles[-1]]:,.0f}",
        )
        if math.isnan(row["rank"]):
            metric("Rank", "has left", help="The figures are those of a customer who had not.")
        else:
            metric("Rank", f"{int(row['rank']):,}", help=f"of {table['rank'].count():,}, by expected value")
        metric("Months expected to stay", f"{row['expected_lifetime_months']:.1f}")


def decision(results, customer):
    plan = results.table("plan")
    chosen = plan[plan["customer_id"] == customer].iloc[0]
    st.markdown(f"**{chosen['recommended_action']}: {words(chosen['action'])}**")
    st.markdown(words(chosen["reason"]))


def options(results, customer):
    """What every action would bring, as the plan was made from it."""
    uplift = results.table("uplift")
    rows = uplift[uplift["customer_id"] == customer].drop(columns="customer_id")
    grid(rows, "What every action would bring")
    if "paths" in rows:
        paths, run = int(rows["paths"].iloc[0]), results.setting("simulation.paths")
        note(
            f"The choice was close: profit, its standard error, cost and roi are of {paths:,} simulated futures "
            f"(optimizer.added_paths), the other columns of the run's {run:,}."
            if paths > run
            else f"The choice was not close: all columns are of the run's {run:,} simulated futures."
        )
