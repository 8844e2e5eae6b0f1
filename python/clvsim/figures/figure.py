"""A figure: the picture, what to read from it, and the numbers in it."""

import html
import sys
from dataclasses import dataclass, field

import pandas as pd
import plotly.graph_objects as go


@dataclass(frozen=True)
class Figure:
    """A chart with its words.

    Attributes:
        name: identifier, the name of the function that made it.
        title: what it shows, for a heading; the picture itself has none.
        plotly: the picture.
        caption: what to read from it, with the numbers.
        alt: what is to be seen, for those who do not see it.
        data: the numbers that are drawn, one row a mark or a group of marks.
    """

    name: str
    title: str
    plotly: go.Figure
    caption: str
    alt: str
    data: pd.DataFrame = field(repr=False)

    def show(self):
        """Shows the picture under its title: in a notebook with its caption, elsewhere in a browser."""
        if _in_notebook():
            return self._ipython_display_()
        titled = go.Figure(self.plotly).update_layout(
            title={"text": self.title, "x": 0, "xanchor": "left", "pad": {"l": 12}, "y": 0.98, "yanchor": "top"},
            margin_t=90,
            height=self.plotly.layout.height + 80,
        )
        titled.show(config=CONFIG)

    def _ipython_display_(self):
        from IPython.display import HTML, display

        display(HTML(f"<h4>{html.escape(self.title)}</h4>"))
        self.plotly.show(config=CONFIG)
        # a screen reader finds nothing in the picture itself
        display(HTML(f'<p style="{UNSEEN}">{html.escape(self.alt)}</p><p>{html.escape(self.caption)}</p>'))


def _in_notebook():
    """Whether a kernel runs this, which shows pictures where they are asked for."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and shell.__class__.__name__ == "ZMQInteractiveShell"


UNSEEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"

# How charts behave in a page: quiet, and as wide as their place.
CONFIG = {"displayModeBar": False, "responsive": True}
