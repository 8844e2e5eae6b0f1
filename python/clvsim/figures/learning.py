"""What was learned of churn or of value: whether predictions hold, whom a list reaches, and what moves the score."""

import pandas as pd

from .figure import Figure
from .style import BLUE, IDLE, MUTED, canvas, money, percent, plain

_SHOWN = 12


def _quality(results, kind):
    """quality.json of learned churn, or of learned value; None where the run has no such."""
    document = results.document("quality.json") if "quality.json" in results else {}
    return document if ("auc" if kind == "churn" else "gini") in document else None


def churn_calibration(results):
    """Predicted probabilities beside what came, in groups of customers that the models had not seen."""
    document = _quality(results, "churn")
    if document is None:
        return None
    table = pd.DataFrame(document["calibration"])
    most = float(max(table["mean_predicted"].max(), table["high"].max()))
    picture = canvas()
    picture.add_scatter(
        x=[0, most],
        y=[0, most],
        mode="lines",
        name="predicted = observed",
        line={"color": MUTED, "width": 1.2, "dash": "dot"},
        hoverinfo="skip",
    )
    picture.add_scatter(
        x=table["mean_predicted"],
        y=table["share_observed"],
        mode="markers",
        name="customers in groups",
        marker={"color": BLUE, "size": 9},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": table["high"] - table["share_observed"],
            "arrayminus": table["share_observed"] - table["low"],
            "color": BLUE,
            "thickness": 1.2,
        },
        customdata=table["customers"],
        hovertemplate="predicted %{x:.1%}, came %{y:.1%} (%{customdata:,} customers)<extra></extra>",
    )
    picture.update_xaxes(title_text="predicted probability of churn (%)", tickformat=".0%", rangemode="tozero")
    picture.update_yaxes(title_text="share of customers who churned", tickformat=".0%", rangemode="tozero")
    auc, slope = document["auc"], document["calibration_slope"]
    caption = (
        f"Of two customers, one who left and one who did not, the first has the higher probability "
        f"{percent(auc['estimate'])} of the time (AUC, 95% interval {percent(auc['low'])} to {percent(auc['high'])}). "
        f"Points on the line mean what they say; the slope is {slope['estimate']:.2f}. All of it on customers that the "
        "model had not seen; bars are 95% intervals."
    )
    return Figure(
        "churn_calibration",
        "Predicted churn and what came",
        picture,
        caption,
        f"{len(table)} points of predicted against observed churn, with intervals, beside the diagonal.",
        table,
    )


def churn_gain(results):
    """Share of all churners that a list of the most endangered customers reaches."""
    document = _quality(results, "churn")
    if document is None:
        return None
    table = pd.DataFrame(document["gain"])
    reached = [0.0, *table["gain"]]
    share = [k / len(table) for k in range(len(table) + 1)]
    picture = canvas()
    picture.add_scatter(
        x=share,
        y=reached,
        mode="lines+markers",
        name="by learned probability",
        line={"color": BLUE, "width": 2.2},
        hovertemplate="%{x:.0%} of customers hold %{y:.1%} of who left<extra></extra>",
    )
    picture.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="by chance",
        line={"color": MUTED, "width": 1.2, "dash": "dot"},
        hoverinfo="skip",
    )
    picture.update_xaxes(title_text="customers, the most endangered first (%)", tickformat=".0%")
    picture.update_yaxes(title_text="share of who left", tickformat=".0%")
    top = table.iloc[0]
    caption = (
        f"The tenth with the highest probability holds {percent(top['gain'])} of those who left: {top['lift']:.1f} times "
        f"as many as a tenth drawn by chance. {percent(top['share_observed'])} of it left."
    )
    return Figure(
        "churn_gain",
        "Whom a list reaches",
        picture,
        caption,
        f"Rising line above the diagonal: share of who left by customers, {percent(top['gain'])} at the first tenth.",
        table.assign(customers_share=share[1:]),
    )


def churn_importance(results):
    """Columns that move the score, by the mean size of what they add to it."""
    if _quality(results, "churn") is None:
        return None
    return _importance(results, "churn_importance", "log odds", "log odds")


def value_importance(results):
    """Features that move the expected spend, by the mean size of what they add to its logarithm."""
    if _quality(results, "value") is None:
        return None
    return _importance(results, "value_importance", "log currency", "logarithm")


def _importance(results, name, what, short):
    table = results.table("importance")
    table = table[table["importance"].notna()].head(_SHOWN)
    picture = canvas(height=max(260, 90 + 26 * len(table)))
    picture.add_bar(
        x=table["importance"][::-1],
        y=[plain(str(column)) for column in table["column"][::-1]],
        orientation="h",
        marker_color=IDLE,
        name=f"moves the {short} by",
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
    )
    picture.update_xaxes(title_text=what, rangemode="tozero")
    picture.update_yaxes(title_text="column", type="category", showgrid=False)
    first = table.iloc[0]
    caption = (
        f"{plain(str(first['column']))} moves the {short} of a customer by {first['importance']:.2f} on average. This "
        "explains the model, not the world: a column may stand for another that nobody wrote down."
    )
    return Figure(
        name,
        "What moves the score",
        picture,
        caption,
        f"Bars of {len(table)} columns by importance, from {first['importance']:.2f} down.",
        table[["column", "kind", "importance", "importance_se"]],
    )


def value_predicted(results):
    """What tenths of the customers were predicted to spend, and what they spent."""
    document = _quality(results, "value")
    if document is None:
        return None
    table = pd.DataFrame(document["gain"])
    tenths = [str(k + 1) for k in range(len(table))]
    picture = canvas()
    for column, name, colour in (("mean_predicted", "predicted", IDLE), ("mean_spent", "spent", BLUE)):
        picture.add_bar(
            x=tenths,
            y=table[column],
            name=name,
            marker_color=colour,
            hovertemplate=f"tenth %{{x}}: %{{y:,.2f}} {name}<extra></extra>",
        )
    picture.update_layout(barmode="group")
    picture.update_xaxes(title_text="tenths of customers, highest prediction first", type="category")
    picture.update_yaxes(title_text=f"mean of a customer in {document['window_days']} days (currency)", rangemode="tozero")
    top, gini = table.iloc[0], document["gini"]
    caption = (
        f"The tenth predicted highest spent {percent(top['gain'])} of the total, {money(top['mean_spent'])} each "
        f"({money(top['mean_predicted'])} predicted). Gini coefficient {gini['estimate']:.3f} of the best order's (95% "
        f"interval {gini['low']:.3f} to {gini['high']:.3f}). All of it on customers that the model had not seen."
    )
    return Figure(
        "value_predicted",
        "Predicted spend and what came",
        picture,
        caption,
        f"Ten pairs of bars, predicted beside spent, falling from {money(top['mean_spent'])}.",
        table.assign(tenth=range(1, len(table) + 1)),
    )
