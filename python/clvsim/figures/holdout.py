"""Truth after the fact: what was forecast beside what came."""

import pandas as pd

from .figure import Figure
from .style import BLUE, GREEN, IDLE, INK, MUTED, VERMILLION, canvas, draw_band, level_name, percent, rgba


def holdout_tracking(results):
    """Purchases since the end of calibration, week by week: forecast with its band, and truth."""
    if "holdout.json" not in results:
        return None
    document = results.document("holdout.json")
    table = pd.DataFrame(document["tracking"])
    if table.empty:
        return None
    picture = canvas()
    week = table["week"]
    draw_band(picture, week, table["q05"], table["q95"], rgba(BLUE, 0.2), ("5%", "5% to 95%"))
    hover = "week %{x}: %{y:,.0f}<extra></extra>"
    picture.add_scatter(
        x=week, y=table["mean"], mode="lines", line={"color": BLUE, "width": 2.2}, name="forecast", hovertemplate=hover
    )
    if table.get("mean_without_calendar", pd.Series(dtype=float)).notna().any():
        picture.add_scatter(
            x=week,
            y=table["mean_without_calendar"],
            mode="lines",
            name="were all weeks as usual",
            line={"color": MUTED, "width": 1.4, "dash": "dot"},
            hovertemplate=hover,
        )
    picture.add_scatter(
        x=week,
        y=table["actual"],
        mode="lines",
        line={"color": VERMILLION, "width": 2.2, "dash": "dash"},
        name="what came",
        hovertemplate=hover,
    )
    picture.update_xaxes(title_text=f"weeks after {document['calibration_end']}", showgrid=False, rangemode="tozero")
    picture.update_yaxes(title_text="purchases so far", tickformat=".3~s", rangemode="tozero")
    total = document["total"]
    inside = total["q05"] <= total["actual"] <= total["q95"]
    caption = (
        f"Fitted up to {document['calibration_end']} and not shown what came after: {total['mean']:,.0f} purchases "
        f"were forecast (90% band {total['q05']:,.0f} to {total['q95']:,.0f}), {total['actual']:,.0f} came, "
        f"{'within' if inside else 'outside'} the band."
    )
    return Figure(
        "holdout_tracking",
        "Forecast and truth, week by week",
        picture,
        caption,
        f"Line chart of cumulative purchases over {len(table)} weeks: forecast with a 90% band, and truth, "
        f"which ends {'inside' if inside else 'outside'} it.",
        table,
    )


def holdout_calibration(results):
    """Mean purchases by past frequency: forecast, truth and the naive rule."""
    if "holdout.json" not in results:
        return None
    document = results.document("holdout.json")
    table = pd.DataFrame(document["calibration"])
    if table.empty:
        return None
    label = [f"{row.frequency}{'+' if row.and_more else ''}" for row in table.itertuples()]
    picture = canvas()
    picture.add_bar(
        x=label,
        y=table["actual"],
        name="what came",
        marker_color=IDLE,
        customdata=table["customers"],
        hovertemplate="%{y:.2f} (%{customdata:,} customers)<extra>what came</extra>",
    )
    for column, name, colour, symbol in (
        ("mean", "forecast", BLUE, "circle"),
        ("closed_form", "closed form", GREEN, "diamond-open"),
        ("naive", "rate so far, continued", VERMILLION, "x"),
    ):
        picture.add_scatter(
            x=label,
            y=table[column],
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 1.2, "dash": "dot"},
            marker={"color": colour, "size": 9, "symbol": symbol},
            hovertemplate="%{y:.2f}<extra>" + name + "</extra>",
        )
    picture.update_xaxes(title_text="repeat purchases before the holdout", type="category", showgrid=False)
    picture.update_yaxes(title_text="purchases held out, mean per customer", rangemode="tozero")
    caption = (
        f"Mean error of a customer's distribution (CRPS): {document['crps']:.3f} purchases; "
        f"{document['crps_closed_form']:.3f} for the one behind the closed form. A rate that simply goes on, which is "
        f"no distribution, is off by {document['crps_naive']:.3f}. Points that follow the bars are right on average "
        "for customers of that history."
    )
    return Figure(
        "holdout_calibration",
        "Forecast and truth, by past purchases",
        picture,
        caption,
        f"Bars of mean purchases that came, by past frequency in {len(table)} groups, with points for forecast, "
        "closed form and naive rule.",
        table,
    )


def holdout_bands(results):
    """Where truth fell in every customer's forecast distribution: flat if forecasts are right."""
    if "holdout.json" not in results:
        return None
    document = results.document("holdout.json")
    share = document.get("pit") or []
    if not share:
        return None
    width = 1 / len(share)
    centre = [width * (i + 0.5) for i in range(len(share))]
    picture = canvas(height=320, bargap=0.06)
    picture.add_bar(
        x=centre,
        y=share,
        marker_color=BLUE,
        name="customers",
        width=[width * 0.94] * len(share),
        hovertemplate="%{y:.1%} of customers<extra></extra>",
    )
    picture.add_scatter(
        x=[0, 1],
        y=[width, width],
        mode="lines",
        line={"color": INK, "width": 1.6, "dash": "dash"},
        name=f"if forecasts were perfect ({percent(width)})",
        hoverinfo="skip",
    )
    picture.update_xaxes(title_text="place of truth in the forecast (0 low, 1 high)", range=[0, 1], showgrid=False)
    picture.update_yaxes(title_text="customers (%)", tickformat=".1~%", rangemode="tozero")
    coverage = ", ".join(
        f"{percent(value)} within the {level_name(float(level))} band" for level, value in document["coverage"].items()
    )
    caption = (
        f"{coverage}. Bars of equal height mean that bands hold what they promise; high ends mean bands that are too "
        "narrow, a slope a forecast that is too low (rising) or too high (falling)."
    )
    return Figure(
        "holdout_bands",
        "Do the bands hold?",
        picture,
        caption,
        f"Histogram of {len(share)} bars: customers by where truth fell in their forecast, from "
        f"{percent(min(share))} to {percent(max(share))}; {percent(width)} would be perfect.",
        pd.DataFrame({"from": [i * width for i in range(len(share))], "customers (share)": share}),
    )
