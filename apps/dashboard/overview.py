"""Key figures: what customers are worth together, without any action and with the run's plan."""

import numpy as np
import streamlit as st
from clvsim import figures
from clvsim.figures.style import level_name, money, percent
from parts import metric, note, show


def overview(results, segment):
    level = level_name(results.data.attrs["cvar_level"])
    measure = st.radio(
        "Judge value by",
        ["mean", "CVaR"],
        horizontal=True,
        key="measure",
        help=f"CVaR is the mean of the worst {level} of futures. The plan has a risk appetite of its own.",
    )
    key_figures(results, segment, measure, level)
    left, right = st.columns(2)
    with left:
        show(figures.portfolio_value(results, segment=segment))
    with right:
        show(figures.cash_flow_fan(results, segment=segment) or figures.customer_value(results))
    show(figures.value_at_risk(results))


def key_figures(results, segment, measure, level):
    """Of one segment, as the results have them."""
    data = results.data
    part = data.sel(segment=segment)
    name = {"mean": "portfolio_mean", "CVaR": "portfolio_cvar"}[measure]
    none = float(part[name].sel(plan="none"))
    label = "Expected value" if measure == "mean" else f"Value in the worst {level} (CVaR)"
    risk = float(part["portfolio_var"].sel(plan="none"))
    mean = float(part["portfolio_mean"].sel(plan="none"))
    with st.container(horizontal=True):
        metric(f"{label}, no action", f"{none:,.0f}")
        if "chosen" in data["plan"].values:
            chosen = float(part[name].sel(plan="chosen"))
            metric(f"{label}, with the plan", f"{chosen:,.0f}", f"{chosen - none:+,.0f}")
        metric(
            f"Value at risk {level}",
            f"{risk:,.0f}",
            f"{percent(risk / mean)} of the expected value" if mean > 0 else None,
            remark=True,
            help="How far the quantile at this level lies below the mean, without any action.",
        )
        months_a_customer_stays(results, segment, part)
    if results.has_churned_apart and segment == "portfolio":
        left = results.churned
        note(
            f"{left['customers']:,} more have left: had they stayed they would bring "
            f"{money(left['clv_mean'])}, which is in no other figure."
        )
    note(
        f"{int(part['portfolio_customers']):,} customers, "
        f"{results.setting('simulation.horizon_months')} months, "
        f"{results.setting('simulation.paths'):,} simulated futures. "
        "With the plan: on the futures that it was chosen on."
    )


def in_segment(results, segment):
    """Whom a row of totals sums up: [customer], as an array of truths."""
    data = results.data
    row = list(data["segment"].values).index(segment)
    left = data["churned"].values != 0 if results.has_churned_apart else np.zeros(data.sizes["customer_id"], bool)
    if results.has_churned_apart and row == data.sizes["segment"] - 1:
        return left
    return ~left & ((row == 0) | (data["customer_segment"].values == row))


def months_a_customer_stays(results, segment, part):
    """Retention, in paid months: without any action and, where the results know, with the plan."""
    meaning = "Mean number of paid months within the horizon."
    if "portfolio_months" in part:
        months = {str(plan): float(part["portfolio_months"].sel(plan=plan)) for plan in part["plan"].values}
        if np.isfinite(months.get("chosen", np.nan)):
            metric(
                "Months a customer stays: no action → with the plan",
                f"{months['none']:.1f} → {months['chosen']:.1f}",
                f"{months['chosen'] - months['none']:+.2f}",
                help=meaning,
            )
            return
    customers = results.data["expected_lifetime_months"].values
    if segment != "portfolio" or results.has_churned_apart:
        customers = customers[in_segment(results, segment)]
    metric(
        "Months a customer stays, no action",
        f"{customers.mean():.1f}",
        help=f"{meaning} What the plan does to it is not in these results.",
    )
