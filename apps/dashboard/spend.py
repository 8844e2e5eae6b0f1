"""The plan, and sliders that plan anew."""

from dataclasses import dataclass

import clvsim
import pandas as pd
import streamlit as st
from clvsim import figures
from clvsim.figures.style import count, money
from customers import part_of
from parts import grid, heading, metric, note, planned, planner, show, tail, words

OUTREACH = 200  # rows of the outreach list on the page; the download has all


@dataclass(frozen=True)
class Wishes:
    """Where the sliders stand."""

    budget: float | None  # currency; None: no cap
    risk: float  # weight of each customer's CVaR, 0..1
    caution: float  # standard errors

    def plan(self, folder, made, **other):
        changes = {"budget": self.budget, "customer_risk_weight": self.risk, "robustness": self.caution, **other}
        return planned(folder, made, objective="profit", **changes)


@st.fragment
def spend(results, folder, made, segment):
    certificate = results.document("certificate.json")
    engine, why_not = planner(folder, made)
    wishes, untouched = controls(results, certificate, engine is not None)
    if why_not:
        st.info(words(why_not))
    for_portfolio = certificate["objective_kind"] == "mean_cvar"
    plan = neutral = None
    if engine is not None and not (untouched and for_portfolio):
        try:
            plan = wishes.plan(folder, made)
            neutral = wishes.plan(folder, made, customer_risk_weight=0.0) if wishes.risk else plan
        except clvsim.Error as error:
            st.error(words(str(error)))
            if not untouched:
                return
    frame = results.table("plan") if untouched or plan is None else plan.frame()
    chosen = certificate if untouched or plan is None else numbers_of(plan)
    key_numbers(chosen, frame, plan, neutral, tail(results), certificate.get("fresh") if untouched else None)
    fine_print(certificate, wishes, untouched, for_portfolio, chosen)
    limits(certificate if plan is None else numbers_of(plan))
    left, right = st.columns(2)
    with left:
        show(figures.frontier(results, chosen))
        if chosen["limits"] or wishes.risk or wishes.caution:
            note("The curve is of profit within a budget alone; a plan with other limits, or for less risk, is below it.")
    with right:
        show(figures.decisions(results, frame))
    outreach(results, frame, None if untouched else plan, segment)


def controls(results, certificate, can_plan):
    """Sliders, which begin where the run has planned; and whether they still stand there."""
    top = float(results.table("frontier")["budget"].iloc[-1]) if "frontier.csv" in results else certificate["cost"]
    own = certificate["budget"] if certificate["budget"] is not None else top
    most = float(max(top, own))
    level = tail(results)
    left, middle, right = st.columns([4, 3, 3], gap="medium")
    budget = left.slider(
        "Budget (currency)",
        0.0,
        most,
        float(own),
        step=max(most / 500, 0.01),
        format="%.0f",
        disabled=not can_plan,
        key="budget",
        help="The other limits of the run stay as they are.",
    )
    risk = middle.slider(
        f"Risk appetite: judge by the mean (0) or the worst {level} (1)",
        0.0,
        1.0,
        float(certificate["customer_risk_weight"]),
        step=0.05,
        disabled=not can_plan,
        key="appetite",
        help=f"The weight of CVaR, the mean of each customer's worst {level} of futures, against expected profit in "
        "the choice of every action. Customers count one by one; for the risk of all together see the end of the page.",
    )
    caution = right.slider(
        "Caution (standard errors taken off every profit)",
        0.0,
        max(3.0, float(certificate["robustness"])),
        float(certificate["robustness"]),
        step=0.5,
        disabled=not can_plan,
        key="caution",
        help="What is uncertain has to look better to be chosen.",
    )
    moved = abs(budget - own) >= most / 1000
    wishes = Wishes(budget if moved else certificate["budget"], risk, caution)
    st.session_state["budget_asked"] = wishes.budget
    untouched = not moved and risk == certificate["customer_risk_weight"] and caution == certificate["robustness"]
    return wishes, untouched or not can_plan


def numbers_of(plan):
    """A plan of the engine, with the names of certificate.json."""
    return {
        "cost": plan.total_cost,
        "profit": plan.total_expected_profit,
        "objective": plan.objective,
        "upper_bound": plan.upper_bound,
        "multipliers": {"budget": plan.marginal_return, **{one["name"]: one["multiplier"] for one in plan.limits}},
        "limits": [one for one in plan.limits if one["name"] != "budget"],
    }


def key_numbers(chosen, frame, plan, neutral, level, fresh):
    """What the plan costs and brings, on fresh futures where it has seen some; beside it what risk appetite does."""
    months = plan.total_added_months if plan is not None else None
    with st.container(horizontal=True):
        metric("Spend", f"{chosen['cost']:,.0f}")
        metric(
            f"Expected profit, {'on fresh futures' if fresh else 'where chosen'}",
            f"{(fresh or chosen)['profit']:,.0f}",
            difference(plan, neutral, "total_expected_profit"),
            help="Against doing nothing, net of every cost, on futures that the plan "
            + ("has not seen." if fresh else "is chosen on."),
        )
        metric("One more unit of budget brings", f"{chosen['multipliers'].get('budget', 0) or 0:.2f}")
    with st.container(horizontal=True):
        metric("Customers with an action", f"{int((frame['action'] != 'none').sum()):,}")
        if months is not None:
            metric("Months customers stay longer", f"{months:,.0f}", help="Paid months within the horizon, in all.")
        if plan is not None and plan.total_added_cvar is not None:
            metric(
                f"Profit in each customer's worst {level}",
                f"{plan.total_added_cvar:,.0f}",
                difference(plan, neutral, "total_added_cvar"),
                help="What the plan adds to the CVaR of every customer's own value, added up: as if the bad futures of "
                "all customers came at once.",
            )


def difference(plan, neutral, figure):
    """What weighing risk changes."""
    if plan is None or neutral is plan:
        return None
    return f"{getattr(plan, figure) - getattr(neutral, figure):+,.0f} against the plan at 0"


def fine_print(certificate, wishes, untouched, for_portfolio, chosen):
    fresh = certificate.get("fresh")
    if untouched and for_portfolio:
        note("This plan weighs the risk of all customers together; sliders plan for the profit of each.")
    elif for_portfolio:
        note("The run has weighed the risk of all customers together; this plan does not.")
    if untouched and fresh:
        note(
            f"On fresh futures the plan of the run earns {money(fresh['profit'])} ± {money(fresh['se'])} (standard "
            f"error), on those that it was chosen on {money(chosen['profit'])}. The frontier is of those, and so is "
            "what the sliders plan."
        )
    elif untouched:
        note(f"No plan within the limits can have more than {money(chosen['upper_bound'])}.")
    else:
        weighed = [f"{wishes.caution:g} standard errors off every profit"] if wishes.caution else []
        weighed += [f"each customer's CVaR at a weight of {wishes.risk:g}"] if wishes.risk else []
        note(
            (f"Chosen with {' and '.join(weighed)}. " if weighed else "")
            + f"No plan within the limits can have more than {money(chosen['upper_bound'])}"
            + (f" so counted; this one has {money(chosen['objective'])}. " if weighed else ". ")
            + "Profit is on the futures of the choice and so a little optimistic; clv optimize values a plan on fresh "
            "ones."
        )


def limits(chosen):
    """The run's limits beside the budget, and what the plan makes of them."""
    if not chosen["limits"]:
        return
    heading("Limits")
    table = pd.DataFrame(chosen["limits"]).reindex(columns=["name", "used", "min", "max"])
    table[["used", "min", "max"]] = table[["used", "min", "max"]].astype(float)
    table["multiplier"] = [chosen["multipliers"][name] for name in table["name"]]
    amount = st.column_config.NumberColumn
    grid(
        table,
        "Limits of the plan",
        {
            "name": "limit",
            "min": amount("at least", format="accounting"),
            "max": amount("at most", format="accounting"),
            "multiplier": amount("one more unit brings", format="%.4f"),
        },
    )
    note(
        "What one more unit of room would bring: above 0 where the upper limit holds the plan back, below 0 where the "
        "lower one does. A least return on spend counts as profit minus that return times cost, at least 0."
    )


def outreach(results, frame, plan, segment):
    """Whom to reach first, and the whole plan to take away."""
    heading("Priority outreach")
    if segment != "portfolio":
        frame = frame[frame["customer_id"].isin(part_of(results, results.table("clv"), segment)["customer_id"])]
    invest = frame[frame["recommended_action"] == "Invest"]
    best = invest.nlargest(OUTREACH, "expected_profit")
    if plan is not None:
        best = best.assign(reason=[plan.reasons(row, row + 1)[0] for row in best.index])
    columns = ["customer_id", "action", "expected_profit", "expected_profit_se", "cost", "reason"]
    grid(
        best[[name for name in columns if name in best]],
        "Customers with an action, by expected profit",
        {"reason": st.column_config.TextColumn("why", width="large")},
        height=320,
    )
    note(f"{len(best):,} of {count(len(invest), 'customer')} with an action, by expected profit (currency).")
    whole = plan is None and segment == "portfolio"

    def written():
        return (results.folder / "plan.csv").read_bytes() if whole else frame.to_csv(index=False).encode()

    # written when asked for, not at every move of the slider
    st.download_button("Download the plan", written, "plan.csv", "text/csv", on_click="ignore")
