"""What customers are worth: each, together, month by month, and how much of it is at risk."""

import numpy as np
import pandas as pd

from . import style
from .figure import Figure
from .style import BLUE, INK, VERMILLION, bands, canvas, count, level_name, money, percent

_BINS = 40


def horizon_text(results):
    months = results.setting("simulation.horizon_months")
    return f"over {months} months" if months else "over the horizon"


def customer_value(results, groups=100):
    """Customers from the most to the least valuable: mean and quantile bands, averaged within each group of ranks."""
    data = results.data
    if data is None or "clv_mean" not in data or data.sizes["customer_id"] < 2:
        return None
    if results.has_churned_apart:
        data = data.isel(customer_id=np.flatnonzero(data["churned"].values == 0))
        if data.sizes["customer_id"] < 2:
            return None
    mean = data["clv_mean"].sel(action="none").values
    quantile = data["clv_quantile"].sel(action="none").values
    levels = data["level"].values
    order = np.argsort(-mean, kind="stable")
    groups = min(groups, len(mean))
    edges = np.linspace(0, len(mean), groups + 1).astype(int)
    sizes = np.diff(edges)
    share = 100 * (edges[:-1] + edges[1:]) / 2 / len(mean)

    def averaged(values):
        return np.add.reduceat(values[order], edges[:-1]) / sizes

    by_group = np.array([averaged(values) for values in quantile])
    by_mean = averaged(mean)
    picture = canvas()
    style.draw_bands(picture, share, by_group, levels, BLUE, "%{y:,.2f}")
    picture.add_scatter(
        x=share,
        y=by_mean,
        mode="lines",
        line={"color": BLUE, "width": 2.2},
        name="mean",
        hovertemplate="mean: %{y:,.2f}<extra></extra>",
    )
    picture.update_layout(hovermode="x unified")
    picture.update_xaxes(
        title_text="customers, the most valuable first (%)", range=[0, 100], showgrid=False, hoverformat=".1f"
    )
    picture.update_yaxes(title_text="value (currency)", tickformat="~s")

    tenth = max(1, round(len(mean) / 10))
    top, total = mean[order[:tenth]].sum(), mean.sum()
    caption = f"A customer is worth {money(mean.mean())} on average {horizon_text(results)}. "
    if total > 0 and len(mean) >= 20:
        caption += f"The most valuable tenth brings {percent(top / total)} of all value. "
    found = bands(levels)
    if found:
        low, high, _ = found[0]
        middle = np.searchsorted(share, 50)
        caption += (
            f"The band is what one customer's own future leaves open: in the middle of the ranking, from "
            f"{money(by_group[low][middle])} to {money(by_group[high][middle])} in "
            f"{percent(levels[high] - levels[low])} of futures."
        )
    frame = pd.DataFrame(
        {"customers (%)": share, "mean": by_mean, **{level_name(level): row for level, row in zip(levels, by_group)}}
    )
    return Figure(
        "customer_value",
        "Value of a customer, by rank",
        picture,
        caption,
        f"Line chart with shaded bands: value of customers by rank, falling from {money(by_mean[0])} for the "
        f"most valuable {count(sizes[0], 'customer')} to {money(by_mean[-1])} for the least valuable.",
        frame,
    )


def portfolio_value(results, segment="portfolio"):
    """The total of all customers over simulated futures, without any action and, if there is one, with the plan."""
    data = results.data
    if data is None or "path_total" not in data:
        return None
    part = data.sel(segment=segment)
    plans = [str(plan) for plan in part["plan"].values]
    totals = {plan: part["path_total"].sel(plan=plan).values for plan in plans}
    edges = np.histogram_bin_edges(np.concatenate(list(totals.values())), _BINS)
    centres = (edges[:-1] + edges[1:]) / 2
    picture = canvas()
    counts = {plan: np.histogram(values, edges)[0] for plan, values in totals.items()}
    hover = "%{y:,} of futures worth about %{x:,.4~s}"
    picture.add_bar(
        x=centres,
        y=counts["none"],
        width=np.diff(edges),
        marker={"color": style.rgba(BLUE, 0.4), "line_width": 0},
        name="no action",
        hovertemplate=hover + "<extra>no action</extra>",
    )
    if "chosen" in totals:
        picture.add_scatter(
            x=centres,
            y=counts["chosen"],
            mode="lines",
            line={"color": VERMILLION, "width": 1.8, "shape": "hvh"},
            name="with the plan",
            hovertemplate=hover + "<extra>with the plan</extra>",
        )
    top = max(values.max() for values in counts.values())
    none = part.sel(plan="none")
    mean, cvar = float(none["portfolio_mean"]), float(none["portfolio_cvar"])
    levels, quantile = data["level"].values, none["portfolio_quantile"].values
    worst = level_name(data.attrs["cvar_level"])
    marks = [
        ("mean", mean, "solid"),
        (f"{level_name(levels[0])} quantile", float(quantile[0]), "dash"),
        (f"CVaR {worst}", cvar, "dot"),
    ]
    for name, value, dash in marks:
        picture.add_scatter(
            x=[value, value],
            y=[0, top * 1.04],
            mode="lines",
            name=f"{name} {money(value)}",
            line={"color": INK, "width": 1.6, "dash": dash},
            hovertemplate=f"{name}: {value:,.2f}<extra>no action</extra>",
        )
    picture.update_layout(bargap=0)
    picture.update_xaxes(title_text=f"value {horizon_text(results)} (currency)", tickformat=".3~s", showgrid=False)
    picture.update_yaxes(title_text="simulated futures", range=[0, top * 1.06])

    paths = len(totals["none"])
    caption = (
        f"Without any action all customers together are worth {money(mean)} on average over {paths:,} simulated "
        f"futures; {level_name(levels[0])} of them bring less than {money(quantile[0])}, and the worst {worst} "
        f"bring {money(cvar)} on average."
    )
    if "chosen" in totals:
        chosen = float(part.sel(plan="chosen")["portfolio_mean"])
        caption += (
            f" With the plan the mean is {money(chosen)} on the same futures, {money(chosen - mean)} more; the "
            "plan was chosen on these futures, so read what it earns from fresh ones."
        )
    frame = pd.DataFrame({"value from": edges[:-1], "to": edges[1:], **counts})
    return Figure(
        "portfolio_value",
        "Value of all customers together",
        picture,
        caption,
        f"Histogram of the total value over {paths:,} simulated futures, from {money(edges[0])} to "
        f"{money(edges[-1])}, with lines at the mean, the {level_name(levels[0])} quantile and CVaR.",
        frame,
    )


def cash_flow_fan(results, segment="portfolio"):
    """Monthly cash of all customers, with quantile bands over futures."""
    data = results.data
    if data is None or "cashflow_mean" not in data:
        return None
    part = data.sel(segment=segment)
    month, levels = part["month"].values, data["level"].values
    mean = part["cashflow_mean"].values
    quantile = part["cashflow_quantile"].transpose("level", "month").values
    picture = canvas()
    style.draw_bands(picture, month, quantile, levels, BLUE, "%{y:,.0f}")
    picture.add_scatter(
        x=month,
        y=mean,
        mode="lines",
        line={"color": BLUE, "width": 2.2},
        name="mean",
        hovertemplate="mean: %{y:,.0f}<extra></extra>",
    )
    picture.update_layout(hovermode="x unified")
    step = 12 if len(month) > 72 else 6 if len(month) > 12 else 1
    picture.update_xaxes(
        title_text="month from today",
        range=[1, month[-1]],
        showgrid=False,
        tickvals=[1, *range(step, int(month[-1]) + 1, step)] if step > 1 else None,
    )
    picture.update_yaxes(title_text="cash a month (currency)", tickformat=".3~s", rangemode="tozero")
    caption = (
        f"Expected cash goes from {money(mean[0])} in the first month to {money(mean[-1])} in month {month[-1]}, "
        "not discounted, as customers leave and nobody new is counted. "
    )
    found = bands(levels)
    if found:
        low, high, _ = found[0]
        caption += (
            f"The band holds {percent(levels[high] - levels[low])} of futures, month by month: "
            f"{money(quantile[low][-1])} to {money(quantile[high][-1])} in the last month."
        )
    frame = pd.DataFrame(
        {"month": month, "mean": mean, **{level_name(level): row for level, row in zip(levels, quantile)}}
    )
    return Figure(
        "cash_flow_fan",
        "Monthly cash flow",
        picture,
        caption.strip(),
        f"Fan chart of monthly cash over {len(month)} months: the mean goes from {money(mean[0])} to "
        f"{money(mean[-1])} and the bands around it widen.",
        frame,
    )


def value_at_risk(results, most=20):
    """Every segment's expected value and how far below it a bad future lies."""
    data = results.data
    if data is None or "portfolio_var" not in data:
        return None
    none = data.sel(plan="none")
    frame = pd.DataFrame(
        {
            "segment": [str(name) for name in data["segment"].values],
            "customers": data["portfolio_customers"].values,
            "mean": none["portfolio_mean"].values,
            "value at risk": none["portfolio_var"].values,
            "CVaR": none["portfolio_cvar"].values,
        }
    )
    if results.has_churned_apart:
        frame = frame.iloc[:-1]
    name = level_name(data.attrs["cvar_level"])
    share = frame["value at risk"] / frame["mean"].where(frame["mean"] > 0)
    segments = frame.iloc[1:] if len(frame) <= most else frame.iloc[1:].nlargest(most - 1, "value at risk")
    # beside a total of many segments each of them would be a dot; the caption has the total
    shown = (
        segments
        if len(segments) > 1 and frame["mean"][0] > 8 * segments["mean"].max() > 0
        else pd.concat([frame.iloc[:1], segments])
    )
    picture = _bars_at_risk(shown, share, name, f"value {horizon_text(results)} (currency)")
    return Figure(
        "value_at_risk",
        "Value at risk by segment",
        picture,
        _risk_in_words(frame, share, name),
        f"Bar chart of {count(len(shown), 'row')}: for all customers or a segment"
        + f" a bar from the {name} quantile of value up to its mean, and a tick at CVaR.",
        frame.rename(columns={"CVaR": f"CVaR {name}"}),
    )


def _bars_at_risk(shown, share, name, title):
    """A row for each of `shown`, which keep their places in `share`: from the quantile to the mean, and CVaR."""
    labels = ["all customers" if i == 0 else style.label(text) for i, text in shown["segment"].items()]
    rows = list(range(len(shown)))
    low = shown["mean"] - shown["value at risk"]
    picture = canvas(height=150 + 46 * len(shown))
    picture.add_bar(
        y=rows,
        x=shown["value at risk"],
        base=low,
        orientation="h",
        width=0.34,
        name="value at risk",
        marker={"color": style.rgba(VERMILLION, 0.55), "line_width": 0},
        cliponaxis=False,
        customdata=low,
        hovertemplate=f"{name} quantile %{{customdata:,.2f}}<br>value at risk %{{x:,.2f}}<extra></extra>",
    )
    picture.add_scatter(
        y=rows,
        x=shown["mean"],
        mode="markers+text",
        name="expected value",
        marker={"color": BLUE, "size": 11},
        textposition="middle right",
        cliponaxis=False,
        text=["" if not np.isfinite(share[i]) else f"  −{percent(share[i])}" for i in shown.index],
        textfont={"color": INK, "size": 12.5},
        hovertemplate="mean %{x:,.2f}<extra></extra>",
    )
    picture.add_scatter(
        y=rows,
        x=shown["CVaR"],
        mode="markers",
        name=f"CVaR {name}",
        marker={"color": INK, "size": 9, "symbol": "line-ns-open", "line_width": 2},
        hovertemplate=f"CVaR {name} %{{x:,.2f}}<extra></extra>",
    )
    picture.update_yaxes(
        tickvals=rows, ticktext=labels, range=[len(rows) - 0.45, -0.55], showgrid=False, zeroline=False, ticks=""
    )
    highest, lowest = shown["mean"].max(), min(0, shown["CVaR"].min())
    picture.update_xaxes(
        title_text=title,
        tickformat=".3~s",
        range=[lowest - 0.02 * (highest - lowest), highest + 0.32 * (highest - lowest)],
    )
    return picture


def _risk_in_words(frame, share, name):
    total = frame.iloc[0]
    caption = (
        f"Value at risk is how far the {name} quantile lies below the mean: {money(total['value at risk'])} for "
        "all customers together"
        + (f", {percent(share[0])} of what they are expected to bring." if np.isfinite(share[0]) else ".")
    )
    if len(frame) > 2 and share[1:].notna().any():
        most_exposed, least = share[1:].idxmax(), share[1:].idxmin()
        caption += (
            f" For its size most exposed is {frame['segment'][most_exposed]} ({percent(share[most_exposed])}), "
            f"least {frame['segment'][least]} ({percent(share[least])}). Segments share the market, so their "
            "figures do not simply add up."
        )
    return caption
