"""What the models have learned: who stays, who is still there, and how sure one can be."""

import numpy as np
import pandas as pd

from . import style
from .figure import Figure
from .style import BLUE, INK, canvas, count, listed, percent, plain

_MOST_SEGMENTS = 6
_FEW = 30  # customers at risk below which a month's churn may be anything


def survival(results):
    """Kaplan-Meier curves of every segment with 95% intervals, and the fitted curves where a model was fitted."""
    table, segments = _survival(results)
    if table is None:
        return None
    picture = canvas(height=400)
    fitted = "fitted_survival" in table
    ends = []
    for index, name in enumerate(segments):
        part = table[table["segment"] == name]
        colour, dash = style.CATEGORIES[index % 8], style.DASHES[index % 6]
        month = np.concatenate([[0], part["month"]])
        low, high, middle = (
            np.concatenate([[1.0], part[column].ffill()]) for column in ("survival_low", "survival_high", "survival")
        )
        _interval(picture, month, low, high, colour, name, line_shape="hv")
        picture.add_scatter(
            x=month,
            y=middle,
            mode="lines",
            name=_label(name),
            line={"color": colour, "width": 2.2, "shape": "hv", "dash": "solid" if fitted else dash},
            hovertemplate=f"month %{{x}}: %{{y:.1%}}<extra>{plain(name)}</extra>",
        )
        if fitted:
            picture.add_scatter(
                x=part["month"],
                y=part["fitted_survival"],
                mode="lines",
                name=f"{_label(name)}, fitted",
                line={"color": colour, "width": 1.8, "dash": "dot"},
                hovertemplate=f"fitted, month %{{x}}: %{{y:.1%}}<extra>{plain(name)}</extra>",
            )
        ends.append((name, int(part["month"].iloc[-1]), float(part["survival"].iloc[-1])))
    picture.update_xaxes(title_text="month as a customer", rangemode="tozero", showgrid=False)
    picture.update_yaxes(title_text="still customers (%)", tickformat=".0%", range=[0, 1.02])
    caption = (
        "Kaplan-Meier estimates with 95% intervals. "
        + listed(f"{_label(name)}: {percent(end)} are left after month {month}" for name, month, end in ends)
        + "."
    )
    if fitted:
        caption += " Dotted lines are the fitted model; where they leave the band, it does not fit."
    columns = ["segment", "month", "at_risk", "churned", "survival", "survival_low", "survival_high"]
    return Figure(
        "survival",
        "Who stays: survival by segment",
        picture,
        caption,
        f"Step chart of the share of customers left by month, for {count(len(ends), 'segment')}: "
        + listed(f"{_label(name)} ends at {percent(end)}" for name, _, end in ends)
        + ".",
        table[columns + ["fitted_survival"] * fitted],
    )


def hazard(results):
    """Churn of every month of a customer's life with 95% intervals, and the fitted one where a model was fitted."""
    table, segments = _survival(results)
    if table is None or "hazard" not in table:
        return None
    table = table[table["at_risk"] >= _FEW]
    segments = [name for name in segments if (table["segment"] == name).any()]
    if not segments:
        return None
    picture = canvas(height=400)
    fitted = "fitted_hazard" in table
    ends = []
    for index, name in enumerate(segments):
        part = table[table["segment"] == name]
        colour, dash = style.CATEGORIES[index % 8], style.DASHES[index % 6]
        _interval(picture, part["month"], part["hazard_low"], part["hazard_high"], colour, name)
        picture.add_scatter(
            x=part["month"],
            y=part["hazard"],
            mode="lines+markers",
            name=_label(name),
            line={"color": colour, "width": 1, "dash": "solid" if fitted else dash},
            marker={"color": colour, "size": 5},
            customdata=part[["churned", "at_risk", "hazard_low", "hazard_high"]],
            hovertemplate="month %{x}: %{y:.2%} (%{customdata[2]:.2%} to %{customdata[3]:.2%}; "
            f"%{{customdata[0]:,}} of %{{customdata[1]:,}})<extra>{plain(name)}</extra>",
        )
        if fitted:
            picture.add_scatter(
                x=part["month"],
                y=part["fitted_hazard"],
                mode="lines",
                name=f"{_label(name)}, fitted",
                line={"color": colour, "width": 1.8, "dash": "dot"},
                hovertemplate=f"fitted, month %{{x}}: %{{y:.2%}}<extra>{plain(name)}</extra>",
            )
        ends.append((name, part.iloc[0], part.iloc[-1]))
    top = table["hazard_high"].max()
    picture.update_xaxes(title_text="month as a customer", rangemode="tozero", showgrid=False)
    picture.update_yaxes(title_text="churn within the month (%)", tickformat=".1~%", range=[0, 1.04 * top])
    caption = (
        "Share of the customers of a month who left in it, with 95% intervals: "
        + listed(
            f"{_label(name)} {percent(first['hazard'])} in month {first['month']}, "
            f"{percent(last['hazard'])} in month {last['month']}"
            for name, first, last in ends
        )
        + ". A falling curve means that who stays is ever less likely to leave."
        + " Dotted lines are the fitted model." * fitted
        + f" Months with fewer than {_FEW} customers are left out."
    )
    columns = ["segment", "month", "at_risk", "churned", "hazard", "hazard_se", "hazard_low", "hazard_high"]
    return Figure(
        "hazard",
        "When they leave: churn by month",
        picture,
        caption,
        f"Line chart of monthly churn over the months of a customer's life, with 95% bands, for "
        f"{count(len(ends), 'segment')}.",
        table[columns + ["fitted_hazard"] * fitted],
    )


def p_alive(results, columns=10, most=8):
    """P(still a customer) by purchases so far and time since the last one; averages of customers in each cell."""
    if "predictions.csv" not in results:
        return None
    table = results.table("predictions", ["frequency", "recency", "T", "p_alive"])
    unit = results.setting("fit.time_unit", "time unit")
    since = table["T"] - table["recency"]
    edges = np.histogram_bin_edges(since, columns)
    column = np.clip(np.digitize(since, edges[1:-1]), 0, columns - 1)
    row = np.minimum(table["frequency"], most).astype(int)
    cells = table["p_alive"].groupby([row, column]).agg(["sum", "count"])
    grid, size = np.full((most + 1, columns), np.nan), np.zeros((most + 1, columns), dtype=int)
    for (y, x), (total, number) in zip(cells.index, cells.to_numpy()):
        grid[y, x], size[y, x] = total / number, number
    names = [f"{low:.0f}–{high:.0f}" for low, high in zip(edges[:-1], edges[1:])]
    rows = [*map(str, range(most)), f"{most}+"]
    picture = canvas(height=420)
    picture.add_heatmap(
        z=grid,
        x=names,
        y=rows,
        colorscale=style.SEQUENCE,
        zmin=0,
        zmax=1,
        xgap=2,
        ygap=2,
        customdata=size,
        hoverongaps=False,
        hovertemplate="%{y} repeat purchases, the last %{x} "
        + unit
        + "s ago: %{z:.0%}<br>%{customdata:,} customers<extra></extra>",
        texttemplate="%{z:.0%}",
        textfont={"size": 11},
        name="P(still a customer)",
        colorbar={
            "title": {"text": "P(still a customer)", "side": "right"},
            "tickformat": ".0%",
            "thickness": 12,
            "outlinewidth": 0,
        },
    )
    picture.update_xaxes(title_text=f"{unit}s since the last purchase (T − recency)", showgrid=False, type="category")
    picture.update_yaxes(title_text="repeat purchases (frequency)", showgrid=False, type="category")
    likely = int((table["p_alive"] >= 0.5).sum())
    caption = (
        f"Of {len(table):,} customers {table['p_alive'].sum():,.0f} are expected to be customers still, and "
        f"{likely:,} are more likely so than not. Silence says more about those who used to buy often: read a "
        "row from left to right. Empty cells have no customers."
    )
    if (table["p_alive"][table["frequency"] == 0] == 1).all() and (table["frequency"] == 0).any():
        caption += " The model lets nobody leave before a first repeat purchase: hence 100% without one."
    frame = pd.DataFrame(
        [(rows[y], names[x], size[y, x], grid[y, x]) for y in range(most + 1) for x in range(columns) if size[y, x]],
        columns=["repeat purchases", f"{unit}s since the last", "customers", "mean P(still a customer)"],
    )
    return Figure(
        "p_alive",
        "Still a customer? By purchases and silence",
        picture,
        caption,
        "Heat map: probability of still being a customer, by repeat purchases (rows) and time since the last "
        f"purchase (columns), from {percent(np.nanmin(grid))} to {percent(np.nanmax(grid))}.",
        frame,
    )


def cohort_triangle(results, most=36):
    """Share of every month's new customers who bought again in each later month."""
    if "cohorts.csv" not in results:
        return None
    table = results.table("cohorts")
    shown = table[(table["month"] > 0) & (table["month"] <= most)]
    if shown.empty:
        return None
    cohorts = sorted(shown["cohort"].unique())[-most:]
    shown = shown[shown["cohort"].isin(cohorts)]
    whole = shown[shown["complete"] == 1]
    if whole.empty:
        return None
    months = list(range(1, int(shown["month"].max()) + 1))
    place = {name: index for index, name in enumerate(cohorts)}
    grid, part = np.full((len(cohorts), len(months)), np.nan), np.full((len(cohorts), len(months), 2), np.nan)
    for row in whole.itertuples():
        grid[place[row.cohort], row.month - 1] = row.retention
        part[place[row.cohort], row.month - 1] = row.active, row.customers
    sizes = shown.groupby("cohort")["customers"].first()
    labels = [f"{name}  ({sizes[name]:,})" for name in cohorts]
    picture = canvas(height=max(260, 150 + 22 * len(cohorts)))
    picture.add_heatmap(
        z=grid,
        x=months,
        y=labels,
        colorscale=style.SEQUENCE,
        zmin=0,
        xgap=1.5,
        ygap=1.5,
        hoverongaps=False,
        customdata=part,
        name="bought again",
        hovertemplate="%{y}, month %{x}: %{z:.1%} (%{customdata[0]:,} of %{customdata[1]:,})<extra></extra>",
        colorbar={
            "title": {"text": "bought in the month", "side": "right"},
            "tickformat": ".0%",
            "thickness": 12,
            "outlinewidth": 0,
        },
    )
    picture.update_xaxes(
        title_text="calendar months after the first purchase", showgrid=False, dtick=1 if len(months) <= 18 else 6
    )
    picture.update_yaxes(title_text="first purchase (customers)", autorange="reversed", showgrid=False, type="category")
    by_month = whole.groupby("month")[["active", "customers"]].sum()
    share = by_month["active"] / by_month["customers"]
    caption = (
        f"{percent(share.iloc[0])} of customers buy again in the month after their first purchase"
        + (f", {percent(share.iloc[-1])} in month {share.index[-1]}" if len(share) > 1 else "")
        + ". A row that is darker than the one above is a better cohort; a dark diagonal is a good season for all. "
        "Months that observation cuts short are left out."
    )
    return Figure(
        "cohort_triangle",
        "Cohorts: who buys again",
        picture,
        caption,
        f"Heat map of {count(len(cohorts), 'cohort')} by month of the first purchase: share who bought in each "
        f"later month, from {percent(np.nanmin(grid))} to {percent(np.nanmax(grid))}.",
        whole[["cohort", "month", "customers", "active", "retention"]],
    )


def uncertainty_sources(results):
    """What the variance of the total comes from."""
    if "sources.csv" not in results:
        return None
    table = results.table("sources")
    table = table.iloc[np.argsort(-table["total"].to_numpy(), kind="stable")]
    rows = list(range(len(table)))
    picture = canvas(height=130 + 58 * len(table), barmode="group", bargap=0.35)
    for column, name, colour in (
        ("first_order", "alone", BLUE),
        ("total", "with all it does together with others", style.SKY),
    ):
        picture.add_bar(
            y=rows,
            x=100 * table[column],
            orientation="h",
            name=name,
            marker_color=colour,
            error_x={"array": 200 * table[f"{column}_se"], "color": INK, "thickness": 1.2, "width": 3},
            hovertemplate="%{x:.1f}%<extra>" + name + "</extra>",
        )
    picture.update_yaxes(
        tickvals=rows,
        ticktext=[plain(name) for name in table["source"]],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
        ticks="",
    )
    picture.update_xaxes(
        title_text="share of the variance of the total (%)",
        range=[0, 105 * float((table["total"] + 2 * table["total_se"]).max())],
    )
    first = table.iloc[0]
    meaning = {
        "parameters": "what was fitted",
        "customers": "each customer's own rates",
        "process": "chance",
        "market": "good and bad times for all",
    }
    caption = (
        f"The largest source of the spread of the total is {first['source']}"
        + (f" ({meaning[first['source']]})" if first["source"] in meaning else "")
        + f": knowing it would take away {percent(first['first_order'])}, and {percent(first['total'])} would be left "
        "if all else were known. Whiskers are two standard errors."
    )
    return Figure(
        "uncertainty_sources",
        "Where the uncertainty comes from",
        picture,
        caption,
        "Bar chart: share of variance by source, alone and together with others: "
        + listed(f"{row.source} {percent(row.first_order)} and {percent(row.total)}" for row in table.itertuples())
        + ".",
        table,
    )


def _survival(results):
    """survival.csv and its largest segments, the largest first."""
    if "survival.csv" not in results:
        return None, None
    table = results.table("survival")
    if table.empty:
        return None, None
    size = table.groupby("segment")["at_risk"].max().sort_values(ascending=False, kind="stable")
    segments = list(size.index[:_MOST_SEGMENTS])
    return table[table["segment"].isin(segments)], segments


def _interval(picture, x, low, high, colour, name, **more):
    """The 95% interval of a segment's curve."""
    names = (f"{plain(name)} 95% interval",) * 2
    style.draw_band(picture, x, low, high, style.rgba(colour, 0.15), names, in_legend=False, **more)


def _label(segment):
    return "all customers" if segment == "portfolio" else plain(segment)
