"""Segments of customers: how many, what they are worth, and how much of the portfolio's risk they carry."""

from .figure import Figure
from .style import BLUE, IDLE, MUTED, VERMILLION, canvas, category_style, label, money, percent, plain

_POINTS = 2_000


def segment_shares(results):
    """Every segment's share of customers, of value and of risk."""
    if "segment_rankings.csv" not in results:
        return None
    table = results.table("segment_rankings")
    shares = [("share_of_customers", "of customers", IDLE), ("share_of_value", "of value", BLUE)]
    if "risk_share" in table:
        shares.append(("risk_share", "of risk", VERMILLION))
    picture = canvas()
    for column, name, colour in shares:
        picture.add_bar(
            x=[label(segment) for segment in table["segment"]],
            y=table[column],
            name=name,
            marker_color=colour,
            hovertemplate=f"%{{x}}: %{{y:.1%}} {name}<extra></extra>",
        )
    picture.update_layout(barmode="group")
    picture.update_xaxes(title_text="segment, the highest median value first", type="category", showgrid=False)
    picture.update_yaxes(title_text="share (%)", tickformat=".0%")
    first = table.iloc[0]
    caption = (
        f"{plain(first['segment'])}: {percent(first['share_of_customers'])} of the customers, "
        + (f"{percent(first['share_of_value'])} of the value, " if first["share_of_value"] == first["share_of_value"] else "")
        + f"{money(first['median_value'])} for the customer in the middle."
    )
    if "risk_share" in table:
        caption += (
            f" It carries {percent(first['risk_share'])} of what the portfolio falls short of its mean in its worst "
            "futures; these shares add up to 100%."
        )
    return Figure(
        "segment_shares",
        "Segments: customers, value and risk" if "risk_share" in table else "Segments: customers and value",
        picture,
        caption,
        f"Bars of {len(table)} segments, each with its shares of customers, value"
        f"{' and risk' if 'risk_share' in table else ''}.",
        table[["segment", *(column for column, _, _ in shares)]],
    )


def value_and_risk(results):
    """Every customer's value beside what is left of it in its worst cases, by segment."""
    if "segments.csv" not in results or "cvar" not in results.table("segments"):
        return None
    table = results.table("segments")
    shown = table.iloc[:: max(1, -(-len(table) // _POINTS))]
    picture = canvas()
    names = sorted(shown["segment"].unique(), key=lambda name: shown.loc[shown["segment"] == name, "segment_rank"].iloc[0])
    for index, name in enumerate(names):
        part = shown[shown["segment"] == name]
        picture.add_scatter(
            x=part["value"],
            y=part["cvar"],
            mode="markers",
            name=plain(name),
            marker={"color": category_style(index)[0], "size": 5, "opacity": 0.6},
            customdata=part["customer_id"].map(plain),
            hovertemplate="%{customdata}: %{x:,.2f}, worst cases %{y:,.2f}<extra></extra>",
        )
    ends = [min(0.0, float(shown["cvar"].min())), float(shown["value"].max())]
    picture.add_scatter(
        x=ends,
        y=ends,
        mode="lines",
        name="nothing to lose",
        line={"color": MUTED, "width": 1.2, "dash": "dot"},
        hoverinfo="skip",
    )
    picture.update_xaxes(title_text="expected value of a customer (currency)")
    picture.update_yaxes(title_text="mean of its worst cases (currency)")
    counts = table["risk_class"].value_counts()
    caption = (
        "The nearer a customer is to the diagonal, the surer its value. "
        + ", ".join(f"{name}: {count:,}" for name, count in counts.items())
        + (f" customers; one in {-(-len(table) // _POINTS)} is drawn." if len(shown) < len(table) else " customers.")
    )
    return Figure(
        "value_and_risk",
        "Value against its own risk",
        picture,
        caption,
        f"{len(shown):,} customers as points: value to the right, worst cases upwards, coloured by segment.",
        shown[["customer_id", "segment", "value", "cvar", "risk_class"]],
    )
