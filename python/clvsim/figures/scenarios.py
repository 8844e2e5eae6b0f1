"""What other states of the world would make of the total, and of the plan."""

import numpy as np
import pandas as pd

from .figure import Figure
from .style import BLUE, CATEGORIES, DASHES, INK, VERMILLION, canvas, count, label, listed, money, plain


def scenario_tornado(results, segment="portfolio", most=20):
    """Change of expected value in every scenario against base, path by path; the largest change first."""
    data = results.data
    if data is None or "scenario_difference" not in data or data.sizes["scenario"] < 2:
        return None
    part = data.sel(segment=segment)
    frame = pd.DataFrame(
        {
            "scenario": [str(name) for name in data["scenario"].values],
            "difference": part["scenario_difference"].values,
            "standard error": part["scenario_difference_se"].values,
            "mean": part["scenario_mean"].values,
        }
    )
    base, frame = frame.iloc[0], frame.iloc[1:]
    frame = frame.iloc[np.argsort(-frame["difference"].abs().to_numpy(), kind="stable")[:most]].reset_index(drop=True)
    return Figure(
        "scenario_tornado",
        "What if: scenarios against base",
        _tornado(frame, base),
        _changes_in_words(frame, base),
        "Tornado chart of scenarios by change of expected value: "
        + listed(f"{row.scenario} {money(row.difference)}" for row in frame.head(8).itertuples())
        + ".",
        frame,
    )


def _tornado(frame, base):
    """A bar for every scenario of `frame`, from the change of zero on."""
    rows = list(range(len(frame)))
    share = frame["difference"] / base["mean"] if base["mean"] > 0 else pd.Series(np.nan, frame.index)
    picture = canvas(height=130 + 42 * len(frame))
    text = [f"\u2002{value:+.1%}\u2002".replace("-", "−") if np.isfinite(value) else "" for value in share]
    for name, colour, keep in (
        ("worth less", VERMILLION, frame["difference"] < 0),
        ("worth more", BLUE, frame["difference"] >= 0),
    ):
        if not keep.any():
            continue
        picture.add_bar(
            y=np.array(rows)[keep],
            x=frame["difference"][keep],
            orientation="h",
            width=0.6,
            name=name,
            marker_color=colour,
            text=np.array(text)[keep],
            textposition="outside",
            cliponaxis=False,
            textfont={"color": INK, "size": 12.5},
            error_x={"array": 2 * frame["standard error"][keep], "color": INK, "thickness": 1.2, "width": 3},
            customdata=frame["mean"][keep],
            hovertemplate="%{x:+,.2f}<br>mean %{customdata:,.2f}<extra></extra>",
        )
    span = [min(0.0, frame["difference"].min()), max(0.0, frame["difference"].max())]
    room = 0.36 * (span[1] - span[0])
    picture.update_yaxes(
        tickvals=rows,
        ticktext=[label(name) for name in frame["scenario"]],
        showgrid=False,
        zeroline=False,
        ticks="",
        range=[len(rows) - 0.4, -0.6],
    )
    picture.update_xaxes(
        title_text="change against base (currency)",
        tickformat=".3~s",
        zeroline=True,
        zerolinewidth=1.5,
        range=[span[0] - room * (span[0] < 0), span[1] + room * (span[1] > 0)],
    )
    return picture


def _changes_in_words(frame, base):
    worst, best = frame.loc[frame["difference"].idxmin()], frame.loc[frame["difference"].idxmax()]

    def told(row):
        return f"{row['scenario']} ({money(row['difference'])}" + (
            f", {row['difference'] / base['mean']:+.1%})".replace("-", "−") if base["mean"] > 0 else ")"
        )

    ends = [f"{told(worst)} costs most" for _ in [0] if worst["difference"] < 0]
    ends += [f"{told(best)} brings most" for _ in [0] if best["difference"] > 0]
    caption = (
        f"As things are, everything is worth {money(base['mean'])}. Of {count(len(frame), 'scenario')} "
        f"{' and '.join(ends) if ends else 'none changes that'}. Scenarios share their random numbers, so that "
        "differences are sharper than the values themselves; whiskers are two standard errors."
    )
    return caption


def scenario_frontiers(results, most=6):
    """What every budget would earn in every scenario, with the plans: base and those that differ most from it."""
    if "sweep_frontier.csv" not in results or not results.run.get("plans"):
        return None
    table = results.table("sweep_frontier")
    plans = {plan["scenario"]: plan for plan in results.run["plans"]}
    base = plans["base"]
    others = sorted((name for name in plans if name != "base"), key=lambda name: -abs(_gain(plans[name], base)))
    picture = canvas(height=420)
    for index, name in enumerate(["base", *others[:most]]):
        part, colour = table[table["scenario"] == name], INK if name == "base" else CATEGORIES[(index - 1) % 7]
        picture.add_scatter(
            x=part["budget"],
            y=part["profit"],
            mode="lines",
            name=plain(name),
            line={"color": colour, "width": 2.6 if name == "base" else 1.8, "dash": DASHES[index % len(DASHES)]},
            hovertemplate=f"spend %{{x:,.0f}}: profit %{{y:,.0f}}<extra>{plain(name)}</extra>",
        )
    shown = ["base", *others[:most]]
    picture.add_scatter(
        x=[plans[name]["cost"] for name in shown],
        y=[plans[name]["profit"] for name in shown],
        mode="markers",
        name="the plans",
        marker={"color": VERMILLION, "size": 9, "symbol": "diamond"},
        hovertemplate="spends %{x:,.2f}, earns %{y:,.2f}<extra>the plan</extra>",
    )
    picture.update_xaxes(title_text="spend (currency)", tickformat=".3~s")
    picture.update_yaxes(title_text="profit (currency)", tickformat=".3~s")
    caption = f"The plan of the world as it is spends {money(base['cost'])} and earns {money(base['profit'])}. "
    if others:
        first = others[0]
        caption += (
            f"In {first}, where it changes most, the best plan spends {money(plans[first]['cost'])} and earns "
            f"{money(plans[first]['profit'])}. "
        )
    caption += "Where lines lie close together the plan's profit does not depend on which of these worlds comes."
    return Figure(
        "scenario_frontiers",
        "What a budget earns in every scenario",
        picture,
        caption,
        f"Line chart of profit over spend for {count(len(shown), 'scenario')}, each with its plan marked.",
        pd.DataFrame(
            [{"scenario": name, "spend": plans[name]["cost"], "profit": plans[name]["profit"]} for name in shown]
        ),
    )


def _gain(plan, base):
    return plan["profit"] - base["profit"]
