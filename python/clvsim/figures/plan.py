"""Where to spend: who gets what, and what every budget would earn."""

import numpy as np
import pandas as pd

from . import style
from .figure import Figure
from .style import BLUE, GREEN, IDLE, INK, VERMILLION, canvas, count, listed, money, percent, plain

_TOLD = 4  # actions in a caption


def decisions(results, plan=None, most=16):
    """Customers by segment and chosen action; `plan` (columns as in plan.csv) in place of the plan of the results."""
    if plan is None:
        if "plan.csv" not in results:
            return None
        plan = results.table("plan")
    plan = results.without_churned(plan)
    segment = _segments(results, plan)
    table = pd.crosstab(segment, plan["action"])
    sums = plan.groupby("action", observed=True)[["cost", "expected_profit"]].sum()
    order = ["none", *[action for action in _actions(results, plan) if action != "none"]]
    table = table.reindex(columns=[action for action in order if action in table.columns])
    if len(table) > 1:
        table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
        everybody = table.sum().rename("all customers").to_frame().T
        shown = pd.concat([everybody, table.iloc[:most]])
    else:
        shown = table
    sizes = shown.sum(axis=1)
    rows = list(range(len(shown)))
    picture = canvas(height=140 + 44 * len(shown), barmode="stack", showlegend=True)
    position = 0
    for action in shown.columns:
        colour, pattern = (IDLE, "") if action == "none" else style.category_style(position)
        position += action != "none"
        share = shown[action] / sizes
        picture.add_bar(
            y=rows,
            x=100 * share,
            orientation="h",
            width=0.62,
            name="no action" if action == "none" else plain(action),
            marker={"color": colour, "pattern_shape": pattern, "line": {"color": "#ffffff", "width": 1.5}},
            customdata=shown[action],
            hovertemplate=f"%{{customdata:,}} customers, %{{x:.1f}}%<extra>{plain(action)}</extra>",
        )
    picture.update_yaxes(
        tickvals=rows,
        ticktext=[style.label(name) for name in shown.index],
        showgrid=False,
        zeroline=False,
        ticks="",
        range=[len(rows) - 0.45, -0.55],
    )
    picture.update_xaxes(title_text="customers (%)", range=[0, 100], showgrid=False)

    invested = int((plan["action"] != "none").sum())
    if invested:
        best = sums.drop(index="none", errors="ignore").sort_values("expected_profit", ascending=False)
        parts = [
            f"{action} for {count(int((plan['action'] == action).sum()), 'customer')} "
            f"({'at no cost' if row.cost == 0 else 'cost ' + money(row.cost)}, profit {money(row.expected_profit)})"
            for action, row in best.head(_TOLD).iterrows()
        ]
        if len(best) > _TOLD:
            parts.append(f"{count(len(best) - _TOLD, 'other action')}")
        caption = (
            f"{count(invested, 'customer')} of {len(plan):,} get an action: {listed(parts)}. The others earn more, or "
            "the budget does, if they are left alone; plan.csv has the reason for each."
        )
    else:
        caption = f"None of {count(len(plan), 'customer')} gets an action; plan.csv has the reason for each."
    return Figure(
        "decisions",
        "Who gets what",
        picture,
        caption,
        f"Stacked bars: share of customers by action, for {count(len(shown), 'row')}, "
        "all customers first and then every segment.",
        shown.rename_axis("segment").reset_index(),
    )


def frontier(results, chosen=None):
    """The most that every budget can earn, what its last unit brings, and where the plan stands.

    `chosen` (cost, profit and multipliers as in certificate.json) is marked in place of the plan of the results.
    """
    table, certificate = _frontier(results)
    chosen = chosen or certificate
    if table is None:
        return None
    picture = style.stacked_canvas()
    picture.add_scatter(
        x=table["budget"],
        y=table["profit"],
        mode="lines",
        name="best profit",
        line={"color": BLUE, "width": 2.4},
        hovertemplate="spend %{x:,.0f}: profit %{y:,.0f}<extra></extra>",
    )
    picture.add_scatter(
        x=table["budget"],
        y=table["marginal_roi"],
        mode="lines",
        name="marginal return",
        line={"color": GREEN, "width": 2.4, "shape": "hv"},
        yaxis="y2",
        hovertemplate="at %{x:,.0f}: %{y:,.2f} for one more<extra></extra>",
    )
    caption = (
        f"Without spending anything {money(table['profit'].iloc[0])} can be earned; spending all that pays, "
        f"{money(table['budget'].iloc[-1])}, brings {money(table['profit'].iloc[-1])}."
    )
    if chosen:
        picture.add_scatter(
            x=[chosen["cost"]],
            y=[chosen["profit"]],
            mode="markers",
            name="the plan",
            marker={"color": VERMILLION, "size": 12, "symbol": "diamond"},
            hovertemplate="the plan spends %{x:,.2f} and earns %{y:,.2f}<extra></extra>",
        )
        style.vertical_line(picture, chosen["cost"])
        caption += f" The plan spends {money(chosen['cost'])} and earns {money(chosen['profit'])}"
        price = (chosen.get("multipliers") or {}).get("budget")
        caption += (
            f"; the last unit of its budget brings {price:.2f}, so one more would bring about as much."
            if price
            else "."
        )
    roi = table["marginal_roi"]
    # the first units may bring a hundred times as much as the last: show where decisions are made
    top = float(roi[roi > 0].iloc[min(len(roi) // 20, int((roi > 0).sum()) - 1)]) if (roi > 0).any() else 1.0
    picture.update_layout(
        yaxis={"title_text": "profit (currency)", "tickformat": ".3~s"},
        yaxis2={"title_text": "per extra unit", "range": [0, 1.1 * top]},
        xaxis={"title_text": "spend (currency)", "tickformat": ".3~s"},
    )
    return Figure(
        "frontier",
        "Efficient frontier and marginal return",
        picture,
        caption,
        f"Two line charts over spend from {money(table['budget'].iloc[0])} to "
        f"{money(table['budget'].iloc[-1])}: the best profit rises and flattens, and the return of one more "
        "unit falls" + (", with the plan marked." if chosen else "."),
        table[["budget", "profit", "marginal_roi"]],
    )


def budget_curve(results):
    """The frontier on the paths it was chosen on beside the same plans on fresh ones."""
    table, chosen = _frontier(results)
    if table is None or "difference" not in table or table["difference"].notna().sum() < 2:
        return None
    table = table[table["difference"].notna()]
    picture = style.stacked_canvas()
    spend, gap, error = table["budget"], table["difference"], 2 * table["difference_se"]
    hover = "spend %{x:,.0f}: %{y:,.0f}<extra></extra>"
    picture.add_scatter(
        x=spend,
        y=table["profit"],
        mode="lines",
        name="on the paths of the choice",
        line={"color": BLUE, "width": 2.2, "dash": "dash"},
        hovertemplate=hover,
    )
    picture.add_scatter(
        x=spend,
        y=table["profit_eval"],
        mode="lines",
        name="on fresh paths",
        line={"color": VERMILLION, "width": 2.2},
        hovertemplate=hover,
    )
    names = ("low", "± 2 standard errors of the difference")
    style.draw_band(picture, spend, gap - error, gap + error, style.rgba(VERMILLION, 0.2), names, yaxis="y2")
    picture.add_scatter(
        x=spend,
        y=gap,
        mode="lines",
        line={"color": VERMILLION, "width": 2.2},
        showlegend=False,
        name="difference",
        yaxis="y2",
        hovertemplate=hover,
    )
    if chosen:
        style.vertical_line(picture, chosen["cost"])
    picture.update_layout(
        yaxis={"title_text": "profit (currency)", "tickformat": ".3~s"},
        yaxis2={"title_text": "difference", "tickformat": ".3~s"},
        xaxis={"title_text": "spend (currency)", "tickformat": ".3~s"},
    )
    caption = "A plan looks best on the paths it was chosen on. "
    fresh = (chosen or {}).get("fresh")
    if fresh:
        beyond_chance = abs(fresh["difference"]) > 2 * fresh["difference_se"]
        caption += (
            f"This plan earns {money(fresh['profit'])} ± {money(fresh['se'])} (standard error) on fresh paths, the figure "
            f"to use, and {money(chosen['profit'])} ± {money(fresh['in_sample_se'])} on its own. The difference of "
            f"{money(fresh['difference'])} is "
            + ("more" if beyond_chance else "no more")
            + f" than chance explains (its standard error is {money(fresh['difference_se'])})."
        )
    else:
        last = table.iloc[-1]
        caption += (
            f"Spending {money(last['budget'])} earns {money(last['profit_eval'])} ± {money(last['profit_eval_se'])} "
            f"(standard error) on fresh paths, the figure to use, and {money(last['profit'])} on its own."
        )
    return Figure(
        "budget_curve",
        "What a budget earns, in-sample and fresh",
        picture,
        caption,
        "Two line charts over spend: profit on the paths of the choice and on fresh paths, and their "
        "difference with a band of two standard errors.",
        table[["budget", "profit", "profit_eval", "profit_eval_se", "difference", "difference_se"]],
    )


def _actions(results, plan):
    data = results.data
    if data is not None and "action" in data.coords:
        return [str(name) for name in data["action"].values]
    if "certificate.json" in results:
        return results.document("certificate.json")["actions"]
    return sorted(plan["action"].unique())


def _segments(results, plan):
    """The segment of every row of the plan, all customers where the results have no segments."""
    data = results.data
    if data is not None and "customer_segment" in data and data.sizes.get("segment", 1) > 1:
        names = np.array([str(name) for name in data["segment"].values], dtype=object)
        segment = pd.Series(names[data["customer_segment"].values], index=data["customer_id"].values)
        if segment.index.is_unique:
            return segment.reindex(plan["customer_id"]).fillna("unknown").set_axis(plan.index).rename("segment")
    return pd.Series("all customers", index=plan.index, name="segment")


def _frontier(results):
    """frontier.csv and certificate.json, each None where the results have none."""
    if "frontier.csv" not in results:
        return None, None
    table = results.table("frontier")
    chosen = results.document("certificate.json") if "certificate.json" in results else None
    return (table, chosen) if len(table) > 1 else (None, None)


def plan_gain(results):
    """What the plan adds to the total, future by future, on the paths it was chosen on; lines are of fresh paths."""
    data = results.data
    if data is None or "path_total" not in data or "chosen" not in data["plan"].values:
        return None
    total = data["path_total"].sel(segment="portfolio")
    gain = total.sel(plan="chosen").values - total.sel(plan="none").values
    if not gain.any():
        return None
    counts, edges = np.histogram(gain, 40)
    picture = canvas(height=340, bargap=0)
    picture.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts,
        width=np.diff(edges),
        name="paths of the choice",
        marker={"color": style.rgba(VERMILLION, 0.5), "line_width": 0},
        hovertemplate="%{y:,} futures with about %{x:,.4~s} more<extra></extra>",
    )
    fresh = results.document("certificate.json").get("fresh") if "certificate.json" in results else None
    caption = "What all customers bring with the plan minus what they bring without, on the same random numbers. " + (
        f"It costs value in {percent((gain < 0).mean())} of futures. "
        if (gain < 0).any()
        else "It adds value in every one of these futures. "
    )
    if fresh:
        for name, key, dash in (
            ("fresh mean", "profit", "solid"),
            ("fresh 5%", "q05", "dash"),
            ("fresh 95%", "q95", "dot"),
        ):
            picture.add_scatter(
                x=[fresh[key]] * 2,
                y=[0, 1.04 * counts.max()],
                mode="lines",
                hoverinfo="skip",
                name=f"{name} {money(fresh[key])}",
                line={"color": INK, "width": 1.6, "dash": dash},
            )
        caption += (
            f"On fresh futures it adds {money(fresh['profit'])} on average and {money(fresh['q05'])} to "
            f"{money(fresh['q95'])} in 90% of them; not knowing how well the actions work brings "
            f"{percent(fresh['effect_share'])} of that spread (variance)."
            if "effect_share" in fresh
            else f"On fresh futures it adds {money(fresh['profit'])} on average."
        )
    picture.update_xaxes(
        title_text="with the plan minus without (currency)",
        tickformat=".3~s",
        showgrid=False,
        range=[min(0, edges[0]), edges[-1]],
    )
    picture.update_yaxes(title_text="simulated futures", range=[0, 1.06 * counts.max()])
    return Figure(
        "plan_gain",
        "What the plan adds",
        picture,
        caption.strip(),
        f"Histogram of what the plan adds in each of {len(gain):,} futures, from {money(edges[0])} to "
        f"{money(edges[-1])}"
        + (", with lines at the mean and the 5% and 95% quantiles of fresh futures." if fresh else "."),
        pd.DataFrame({"gain from": edges[:-1], "to": edges[1:], "futures": counts}),
    )
