"""A figure: the picture, what to read from it, and the numbers in it."""

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
        """Shows the picture under its title, as notebooks do."""
        self._titled().show(config=CONFIG)

    def _repr_mimebundle_(self, *arguments, **options):
        bundle = self._titled()._repr_mimebundle_(*arguments, **options)
        bundle["text/plain"] = f"{self.title}\n{self.caption}"
        return bundle

    def _titled(self):
        picture = go.Figure(self.plotly)
        margin = picture.layout.margin.t or 0
        return picture.update_layout(
            title={"text": self.title, "x": 0, "xref": "container", "xanchor": "left", "pad": {"l": 12}, "y": 0.97},
            margin_t=margin + 40,
        )


# How charts behave in a page: quiet, and as wide as their place.
CONFIG = {"displayModeBar": False, "responsive": True}
