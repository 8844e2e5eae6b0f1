"""One look for all figures: Okabe and Ito's colours, which the colour-blind can tell apart, and plain numbers."""

import math
import textwrap

import plotly.graph_objects as go

INK = "#1b2733"
MUTED = "#55616d"
GRID = "#e4e8ec"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
SKY = "#56B4E9"
ORANGE = "#E69F00"
PURPLE = "#CC79A7"
YELLOW = "#F0E442"
IDLE = "#C3CAD1"  # nothing done, nothing claimed

# Of categories, in this order; beyond them patterns tell categories apart.
CATEGORIES = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, YELLOW, INK)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
PATTERNS = ("", "/", "x", ".")
# From little to much, readable in grey and by the colour-blind.
SEQUENCE = [[0, "#dfecf7"], [0.25, "#a6cbe6"], [0.5, "#5ba3cf"], [0.75, "#2270b0"], [1, "#08306b"]]

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'


_AXIS = {
    "gridcolor": GRID,
    "zerolinecolor": "#9aa5b0",
    "linecolor": "#9aa5b0",
    "ticks": "outside",
    "ticklen": 4,
    "tickcolor": "#9aa5b0",
    "automargin": True,
    "title": {"standoff": 10},
    "fixedrange": True,
}


def rgba(colour, alpha):
    """A colour of style, translucent."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def category_style(index):
    """Colour and pattern of the index-th category."""
    return CATEGORIES[index % len(CATEGORIES)], PATTERNS[index // len(CATEGORIES) % len(PATTERNS)]


def canvas(height=380, **layout):
    """An empty picture in the look of all others."""
    picture = go.Figure(
        layout={
            "template": go.layout.Template(),  # nothing from elsewhere: others may change the default one
            "height": height,
            "autosize": True,
            "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
            "paper_bgcolor": "#ffffff",
            "plot_bgcolor": "#ffffff",
            "colorway": list(CATEGORIES),
            "font": {"family": FONT, "size": 13, "color": INK},
            "hovermode": "closest",
            "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": "#9aa5b0", "font": {"family": FONT, "color": INK}},
            "legend": {
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": 1.02,
                "yanchor": "bottom",
                "traceorder": "normal",
                "font": {"size": 12.5},
                "itemclick": False,
                "itemdoubleclick": False,
            },
        }
    )
    picture.update_xaxes(_AXIS)
    picture.update_yaxes(_AXIS)
    return picture.update_layout(layout)


def stacked_canvas(height=470):
    """Two charts above each other over one x axis; traces of the lower one have yaxis="y2"."""
    picture = canvas(height, xaxis_anchor="y2", yaxis_domain=[0.47, 1])
    return picture.update_layout(yaxis2={**_AXIS, "domain": [0, 0.37], "anchor": "x"})


def vertical_line(picture, x, **line):
    """A line over the whole height."""
    return picture.add_shape(
        type="line",
        x0=x,
        x1=x,
        xref="x",
        y0=0,
        y1=1,
        yref="paper",
        line={"color": INK, "width": 1, "dash": "dot", **line},
    )


def plain(text, length=32):
    """A name from the data as a label: Plotly's markup switched off, shortened."""
    text = str(text)
    if len(text) > length:
        text = text[: length - 1].rstrip() + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%&#123;")


def label(text):
    """A name from the data on an axis: two short lines at most, so that phones have room for the marks."""
    return "<br>".join(plain(line) for line in textwrap.wrap(str(text), 18, max_lines=2, placeholder="…")) or " "


def money(value):
    """An amount in words: 0, 4.70, 665, 14,998, 6.65 million."""
    if value is None or not math.isfinite(value):
        return "not available"
    if value == 0:
        return "0"
    size, sign = abs(value), "−" if value < 0 else ""
    for unit, name in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if size >= 0.9995 * unit:
            return f"{sign}{size / unit:,.{2 if size < 99.95 * unit else 1}f}{name}"
    return sign + (f"{size:,.2f}" if size < 99.995 else f"{size:,.0f}")


def percent(share):
    """A share in words: 3.4%, 32%, under 0.1%."""
    if share is None or not math.isfinite(share):
        return "not available"
    if 0 < abs(share) < 0.0005:
        return "under 0.1%"
    digits = 1 if abs(share) < 0.0995 and share != 0 else 0
    return f"{share:.{digits}%}".replace("-", "−")


def level_name(level):
    """A level of a quantile as a percentage: 5%, 2.5%."""
    return f"{100 * level:.10g}%"


def count(number, noun):
    """A number of things: 1 customer, 2,357 customers."""
    return f"{number:,.0f} {noun}{'' if number == 1 else 's'}"


def listed(words):
    """a, b and c"""
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def bands(levels):
    """Pairs of levels that are equally far from the middle, the widest first: [(index, index, "5% to 95%"), ..]."""
    order = sorted(range(len(levels)), key=lambda i: levels[i])
    pairs = [(low, high) for low, high in zip(order, reversed(order)) if levels[low] < 0.5 < levels[high]]
    return [(low, high, f"{level_name(levels[low])} to {level_name(levels[high])}") for low, high in pairs]


def draw_band(picture, x, low, high, shade, names, in_legend=True, **more):
    """The area between two curves; names: of its lower edge, which is not in the legend, and of the area."""
    edge = {"x": x, "mode": "lines", "line_width": 0, "hoverinfo": "skip", **more}
    picture.add_scatter(y=low, name=names[0], showlegend=False, **edge)
    picture.add_scatter(y=high, name=names[1], showlegend=in_legend, fill="tonexty", fillcolor=shade, **edge)


def draw_bands(picture, x, quantiles, levels, colour, hover):
    """Quantile bands as nested areas; quantiles[level] has one value for each x."""
    alphas = (0.16, 0.24, 0.32)
    for depth, (low, high, name) in enumerate(bands(levels)):
        shade = rgba(colour, alphas[min(depth, 2)])
        draw_band(picture, x, quantiles[low], quantiles[high], shade, (level_name(levels[low]), name))
    for index, level in enumerate(levels):
        # carries the hover text of its level; the areas show it
        picture.add_scatter(
            x=x,
            y=quantiles[index],
            mode="lines",
            line={"width": 0, "color": colour},
            showlegend=False,
            name=f"level {level_name(level)}",
            hovertemplate=f"{level_name(level)}: {hover}<extra></extra>",
        )
