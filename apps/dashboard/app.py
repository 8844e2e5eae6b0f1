"""The dashboard of a results folder: scripts/dashboard DIR [SWEEP], with a folder of clv sweep for its scenarios.

It reads and shows; what is computed, the engine computes.
"""

import re
import sys
from pathlib import Path

import clvsim
import pandas as pd
import streamlit as st
from clvsim import figures, tables
from clvsim.figures.style import count, level_name, money, percent

st.set_page_config(page_title="Customer lifetime value", layout="wide")
st.html("<style>h2 { font-size: 1.35rem !important; } .stMainBlockContainer { padding-top: 3rem; }</style>")

MOST_FOUND = 20  # customers offered while an id is being typed
OUTREACH = 200  # rows of the outreach list on the page; the download has all


def words(text):
    """Text from the data as text: Markdown switched off."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!<>|$~:^=])", r"\\\1", str(text))


def note(text):
    """A line in small print, dark enough to be read."""
    st.markdown(f":small[{words(text)}]")


def stop(error):
    """A page that says what is wrong, where, and what to do."""
    st.title("These results cannot be shown")
    st.error(f"**{words(error.problem)}**\n\n{words(error.place)}\n\n{words(error.remedy)}")
    st.stop()


@st.cache_resource(show_spinner="Reading the results")
def load(folder, made):
    """The results; read again when run.json has changed."""
    del made
    return clvsim.open(folder)


@st.cache_resource(show_spinner="Preparing the plan")
def planner(folder, made):
    """What plans anew, or why it cannot."""
    try:
        return clvsim.Planner(load(folder, made)), None
    except (AttributeError, ImportError):
        return None, "This installation of clvsim has no engine, so the budget cannot be moved: pip install ."
    except clvsim.Error as error:
        return None, str(error)


@st.cache_resource(max_entries=64, show_spinner=False)
def planned(folder, made, budget, robustness):
    """The engine's plan for a budget."""
    return planner(folder, made)[0].plan(budget=budget, robustness=robustness or None)


def formats(frame):
    """Headings, and cents for amounts."""
    names = {
        "customer_id": "customer",
        "expected_lifetime_months": "months",
        "expected_profit_se": "standard error",
        **tables.value_columns(frame),
    }
    forms = {"prob_loss": "%.3f", "expected_lifetime_months": "%.1f"}
    return {
        name: st.column_config.NumberColumn(
            names.get(name, name.replace("_", " ")), format=forms.get(name, "accounting")
        )
        if pd.api.types.is_float_dtype(frame[name])
        else names.get(name, name.replace("_", " "))
        for name in frame
    }


def show(figure):
    """A figure with its title and caption."""
    if figure is None:
        return
    st.markdown(f"## {words(figure.title)}")
    st.plotly_chart(figure.plotly, theme=None, config=figures.CONFIG, alt=figure.alt, key=f"chart_{figure.name}")
    st.markdown(words(figure.caption))


def key_figures(results, segment, measure):
    """Value of the segment as the run has it, without any action and with its plan."""
    data = results.data
    part = data.sel(segment=segment)
    name = {"mean": "portfolio_mean", "CVaR": "portfolio_cvar"}[measure]
    none = float(part[name].sel(plan="none"))
    level = level_name(data.attrs["cvar_level"])
    label = "Expected value" if measure == "mean" else f"Value in the worst {level} (CVaR)"
    columns = st.columns(4)
    columns[0].metric(f"{label}, no action", f"{none:,.0f}")
    if "chosen" in data["plan"].values:
        chosen = float(part[name].sel(plan="chosen"))
        columns[1].metric(f"{label}, with the plan", f"{chosen:,.0f}", f"{chosen - none:+,.0f}")
    risk = float(part["portfolio_var"].sel(plan="none"))
    mean = float(part["portfolio_mean"].sel(plan="none"))
    columns[2].metric(
        f"Value at risk {level}",
        f"{risk:,.0f}",
        help="How far the quantile at this level lies below the mean, without any action.",
    )
    if mean > 0:
        columns[2].markdown(f":small[{words(percent(risk / mean))} of the expected value]")
    months = data["expected_lifetime_months"].values
    if segment != "portfolio":
        months = months[data["customer_segment"].values == list(data["segment"].values).index(segment)]
    columns[3].metric(
        "Months a customer stays, no action",
        f"{months.mean():.1f}",
        help="Mean number of paid months within the horizon. Retention under the plan is not in the results.",
    )
    note(
        f"{int(part['portfolio_customers']):,} customers, "
        f"{results.setting('simulation.horizon_months')} months, "
        f"{results.setting('simulation.paths'):,} simulated futures. "
        "With the plan: on the futures that it was chosen on."
    )


def overview(results, segment, measure):
    key_figures(results, segment, measure)
    left, right = st.columns(2)
    with left:
        show(figures.portfolio_value(results, segment=segment))
    with right:
        show(figures.cash_flow_fan(results, segment=segment))
        if figures.cash_flow_fan(results) is None:
            show(figures.customer_value(results))
    show(figures.value_at_risk(results))


@st.fragment
def spend(results, folder, made, segment):
    """The plan, and a slider that plans anew."""
    certificate = results.document("certificate.json")
    engine, why_not = planner(folder, made)
    top = float(results.table("frontier")["budget"].iloc[-1]) if "frontier.csv" in results else certificate["cost"]
    own = certificate["budget"] if certificate["budget"] is not None else top
    left, right = st.columns([3, 2])
    budget = left.slider(
        "Budget (currency)",
        0.0,
        float(max(top, own)),
        float(own),
        step=max(max(top, own) / 500, 0.01),
        format="%.0f",
        disabled=engine is None,
        key="budget",
    )
    caution = right.slider(
        "Caution (standard errors taken off every profit)",
        0.0,
        3.0,
        float(certificate.get("robustness", 0.0)),
        step=0.5,
        disabled=engine is None,
        key="caution",
        help="What is uncertain has to look better to be chosen. Choosing by CVaR of the whole "
        "portfolio takes a simulation: clv optimize --set optimizer.objective=mean_cvar.",
    )
    if why_not:
        st.info(words(why_not))
    untouched = abs(budget - own) < max(top, own) / 1000 and caution == certificate.get("robustness", 0.0)
    if untouched or engine is None:
        plan, frame, fresh = None, results.table("plan"), certificate.get("fresh")
        numbers = {
            "cost": certificate["cost"],
            "profit": certificate["profit"],
            "multipliers": certificate["multipliers"],
            "upper_bound": certificate["upper_bound"],
        }
    else:
        try:
            plan = planned(folder, made, budget, caution)
        except clvsim.Error as error:
            st.error(words(str(error)))
            return
        frame, fresh = plan.frame(), None
        numbers = {
            "cost": plan.total_cost,
            "profit": plan.total_expected_profit,
            "multipliers": {"budget": plan.marginal_return},
            "upper_bound": plan.upper_bound,
        }
    columns = st.columns(4)
    columns[0].metric("Spend", f"{numbers['cost']:,.0f}")
    columns[1].metric(
        "Expected profit",
        f"{numbers['profit']:,.0f}",
        help="Against doing nothing, net of every cost, on the futures that the plan is chosen on.",
    )
    columns[2].metric("Customers with an action", f"{int((frame['action'] != 'none').sum()):,}")
    columns[3].metric("One more unit of budget brings", f"{numbers['multipliers'].get('budget', 0) or 0:.2f}")
    if fresh:
        note(
            f"On fresh futures the plan of the run earns {money(fresh['profit'])} ± {money(fresh['se'])} "
            "(standard error): use that figure."
        )
    elif caution:
        note(
            f"Chosen by profit minus {caution:g} standard errors, so that it earns less on the futures of the choice; "
            "clv optimize values a plan on fresh ones."
        )
    else:
        note(
            f"No plan within this budget can reach more than {money(numbers['upper_bound'])}. Profit is on the futures "
            "of the choice and so a little optimistic; clv optimize values a plan on fresh ones."
        )
    if results.setting("optimizer.limits") or certificate.get("limits"):
        note("Moving the budget leaves out the other limits of the run.")
    left, right = st.columns(2)
    with left:
        show(figures.frontier(results, numbers))
    with right:
        show(figures.decisions(results, frame))
    outreach(results, frame, plan, segment)


def outreach(results, frame, plan, segment):
    """Whom to reach first, and the whole plan to take away."""
    st.markdown("## Priority outreach")
    if segment != "portfolio":
        table = results.table("clv", ["customer_id", "segment"])
        frame = frame[frame["customer_id"].isin(table["customer_id"][table["segment"] == segment])]
    invest = frame[frame["recommended_action"] == "Invest"]
    best = invest.nlargest(OUTREACH, "expected_profit")
    if plan is not None:
        best = best.assign(reason=[plan.reasons(row, row + 1)[0] for row in best.index])
    columns = ["customer_id", "action", "expected_profit", "expected_profit_se", "cost", "reason"]
    st.dataframe(
        best[[name for name in columns if name in best]],
        hide_index=True,
        height=320,
        column_config={**formats(best), "reason": st.column_config.TextColumn("why", width="large")},
        alt="Customers with an action, by expected profit",
    )
    note(f"{len(best):,} of {count(len(invest), 'customer')} with an action, by expected profit (currency).")
    whole = plan is None and segment == "portfolio"

    def written():
        return (results.folder / "plan.csv").read_bytes() if whole else frame.to_csv(index=False).encode()

    # written when asked for, not at every move of the slider
    st.download_button("Download the plan", written, "plan.csv", "text/csv", on_click="ignore")


def look_up(results):
    """One customer: value, plan and why."""
    table = results.table("clv")
    typed = st.text_input("Customer", placeholder="an id, or how it begins", key="customer").strip()
    if not typed:
        note(f"{count(len(table), 'customer')}.")
        best = table.nsmallest(50, "rank").drop(columns=["paths_used"])
        best.insert(0, "rank", best.pop("rank"))
        st.dataframe(best, hide_index=True, column_config=formats(best), alt="The most valuable customers")
        return
    found = table[table["customer_id"].str.strip() == typed]
    if found.empty:
        similar = table["customer_id"][table["customer_id"].str.startswith(typed)].head(MOST_FOUND)
        st.warning(words(f"No customer {typed}." + (f" There are {', '.join(similar)}." if len(similar) else "")))
        return
    row = found.iloc[0]
    st.markdown(f"## {words(row['customer_id'])}")
    columns = st.columns(4)
    quantiles = [name for name in table if name.startswith("clv_q")]
    names = tables.value_columns(table.columns)
    columns[0].metric("Expected value", f"{row['clv_mean']:,.2f}", help=f"standard error {row['clv_se']:,.2f}")
    columns[1].metric(
        f"{names[quantiles[0]]} to {names[quantiles[-1]]}", f"{row[quantiles[0]]:,.0f} to {row[quantiles[-1]]:,.0f}"
    )
    columns[2].metric("Rank", f"{int(row['rank']):,}", help=f"of {len(table):,}, by expected value")
    columns[3].metric("Months expected to stay", f"{row['expected_lifetime_months']:.1f}")
    if "segment" in row:
        st.markdown(f"Segment: {words(row['segment'])}")
    if "plan.csv" in results:
        plan = results.table("plan")
        decision = plan[plan["customer_id"] == row["customer_id"]].iloc[0]
        st.markdown(f"**{decision['recommended_action']}: {words(decision['action'])}**")
        st.markdown(words(decision["reason"]))
    if "uplift.csv" in results:
        uplift = results.table("uplift")
        options = uplift[uplift["customer_id"] == row["customer_id"]].drop(columns="customer_id")
        st.dataframe(
            options,
            hide_index=True,
            column_config=formats(options),
            alt="What every action would bring for this customer",
        )


def scenarios(results):
    """The world as it is, and others."""
    data = results.data
    show(figures.scenario_tornado(results))
    show(figures.scenario_frontiers(results))
    names = [str(name) for name in data["scenario"].values]
    chosen = st.selectbox("Scenario", names, index=min(1, len(names) - 1), key="scenario")
    table = results.table("sweep")
    shown = table[table["scenario"] == chosen].drop(columns="scenario")
    st.dataframe(shown, hide_index=True, column_config=formats(shown), alt="Value of every segment in the scenario")
    if "sweep_frontier.csv" in results:
        frontier = results.table("sweep_frontier")
        shown = frontier[frontier["scenario"] == chosen].drop(columns="scenario")
        st.dataframe(
            shown,
            hide_index=True,
            height=240,
            column_config=formats(shown),
            alt="What every budget would earn in the scenario",
        )


def behaviour(results):
    for function in (
        figures.survival,
        figures.hazard,
        figures.p_alive,
        figures.cohort_triangle,
        figures.uncertainty_sources,
        figures.holdout_tracking,
        figures.holdout_calibration,
        figures.holdout_bands,
    ):
        show(function(results))


def changed(folder):
    """When the run was made, for what is kept in memory to be read again after another one."""
    record = Path(folder) / "run.json"
    return record.stat().st_mtime_ns if record.is_file() else 0


def main():
    if len(sys.argv) < 2:
        stop(clvsim.ConfigError("no results folder is named", "", "scripts/dashboard DIR"))
    try:
        results, *sweeps = [load(str(folder), changed(folder)) for folder in map(Path, sys.argv[1:3])]
        pages(results, sweeps[0] if sweeps else results, sys.argv[1])
    except clvsim.Error as error:
        stop(error)


def pages(results, sweep, folder):
    data = results.data
    valued = data is not None and "portfolio_mean" in data
    st.title("Customer lifetime value")
    run = results.run
    note(
        f"{folder} · clv {run.get('command', '')} · seed {results.setting('simulation.seed')} · "
        f"version {run.get('program', {}).get('version', '')} · config {run.get('config_hash', '')[:12]}"
    )
    segment, measure = "portfolio", "mean"
    if valued:
        left, right = st.columns([3, 2])
        names = [str(name) for name in data["segment"].values]
        segment = left.selectbox(
            "Segment", names, key="segment", format_func=lambda name: "all customers" if name == "portfolio" else name
        )
        level = level_name(data.attrs["cvar_level"])
        measure = right.radio(
            "Risk appetite: judge value by",
            ["mean", "CVaR"],
            horizontal=True,
            key="measure",
            help=f"CVaR is the mean of the worst {level} of futures.",
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
        "Overview": lambda: overview(results, segment, measure),
        "Plan": lambda: spend(results, folder, changed(folder), segment),
        "Customers": lambda: look_up(results),
        "Scenarios": lambda: scenarios(sweep),
        "Behaviour": lambda: behaviour(results),
    }
    for tab, name in zip(st.tabs(names), names):
        with tab:
            draw[name]()


main()
