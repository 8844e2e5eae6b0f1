"""What other states of the world would make of the total."""

import numpy as np
import pandas as pd

from .figure import Figure
from .style import BLUE, INK, VERMILLION, canvas, count, label, listed, money


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
    return Figure(
        "scenario_tornado",
        "What if: scenarios against base",
        picture,
        caption,
        "Tornado chart of scenarios by change of expected value: "
        + listed(f"{row.scenario} {money(row.difference)}" for row in frame.head(8).itertuples())
        + ".",
        frame,
    )
