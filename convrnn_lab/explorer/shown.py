"""A plotly figure that a report's page draws as the sheet it was made from."""

from __future__ import annotations

import json
import os

import plotly.graph_objects as go

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.sheet import PlotlySheet, Sheet
from convrnn_lab.explorer import assets, own_panels, states


class SheetFigure(go.Figure):  # type: ignore[misc] # plotly has no types
    """The figure of a sheet; in a report, the page's element for it goes with it.

    plotly draws all panels in one picture; the element has panels that wrap, facts and code.
    """

    def __init__(self, sheet: Sheet | PlotlySheet | None = None, **parts: object) -> None:
        if isinstance(sheet, (Sheet, PlotlySheet)):
            super().__init__(sheet.plotly())
        else:  # plotly makes a copy of itself
            super().__init__(sheet, **parts)
        self._sheet = sheet if isinstance(sheet, (Sheet, PlotlySheet)) else None

    def page_element(self) -> str:
        """Return the HTML that a page's script turns into the sheet; empty outside of reports."""
        if self._sheet is None or not os.environ.get(assets.PAGES_VARIABLE):
            return ""
        return element_of(self._sheet)

    def _ipython_display_(self) -> None:
        element = self.page_element()
        if not element:
            super()._ipython_display_()
            return
        from IPython.display import display

        plotly = json.loads(self.to_json())
        display({assets.PLOTLY: plotly, "text/html": element, "text/plain": repr(self)}, raw=True)


def element_of(sheet: Sheet | PlotlySheet) -> str:
    """Return a sheet as a page's element: one state and no controls; see `page`."""
    arrays = states.Arrays()
    content = sheet.content()
    header = {
        "controls": [],
        "start": [],
        "scan": [],
        "themes": theme.THEMES,
        "base": arrays.pack(content),
        "states": [{"key": [], "patch": []}],
        "paths": [],
        "buffers": arrays.sizes(),
        "guide": [],
        "holds": "",
    }
    packed = assets.pack(header, arrays.grouped())
    return assets.element(packed, plotly=own_panels.needs_plotly(content))
