"""A sheet as one plotly figure: its panels on a common grid."""

from __future__ import annotations

import html
from collections.abc import Sequence

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.sheet import Panel, Part, Sheet

_COLUMNS = 6
_SPANS = {"quarter": 2, "small": 2, "large": 3, "wide": 6, "tall": 6, "broad": 6}


def composed(sheet: Sheet) -> Part:
    """Return the figure in plotly's JSON schema: ``data`` and ``layout``.

    What plotly does not draw, the description, the facts and the code, stands in ``layout.meta``.
    """
    cells = _cells(sheet.panels)
    rows = 1 + max(row for row, _, _ in cells)
    layout = _layout(sheet, rows)
    data = []
    for place, (panel, (row, column, span)) in enumerate(zip(sheet.panels, cells, strict=True)):
        number = "" if place == 0 else str(place + 1)
        x, y = f"x{number}", f"y{number}"
        left, width = column / _COLUMNS, span / _COLUMNS
        top = 1 - row / rows
        across, up = [left, left + width - 0.04], [1 - (row + 1) / rows, top - 0.1]
        layout[f"xaxis{number}"] = panel.xaxis | {"domain": across, "anchor": y}
        layout[f"yaxis{number}"] = panel.yaxis | {"domain": up, "anchor": x}
        if "scaleanchor" in panel.yaxis:
            layout[f"yaxis{number}"]["scaleanchor"] = x
        layout["annotations"].append(_heading(panel.title, left, top - 0.09))
        data += [trace | {"xaxis": x, "yaxis": y} for trace in panel.traces]
        layout["shapes"] += [shape | {"xref": x, "yref": y} for shape in panel.shapes]
    return {"data": data, "layout": layout}


def _layout(sheet: Sheet, rows: int) -> Part:
    """Return what the figure has beside its panels."""
    return {
        "template": {"layout": theme.THEMES["light"]},
        "showlegend": False,
        "title": {"text": html.escape(sheet.title), "x": 0.01},
        "height": 60 + 300 * rows,
        "margin": {"l": 36, "r": 12, "t": 72, "b": 28},
        "annotations": [],
        "shapes": [],
        "meta": {
            "title": sheet.title,
            "description": sheet.description,
            "facts": [list(fact) for fact in sheet.facts],
            "code": sheet.code,
        },
    }


def _cells(panels: Sequence[Panel]) -> list[tuple[int, int, int]]:
    """Return row, column and columns spanned of each panel, filled from the upper left."""
    cells = []
    row = column = 0
    for panel in panels:
        span = _SPANS[panel.size]
        if column + span > _COLUMNS:
            row, column = row + 1, 0
        cells.append((row, column, span))
        column += span
    return cells


def _heading(text: str, left: float, bottom: float) -> Part:
    return {
        "text": html.escape(text),
        "x": left,
        "y": bottom,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12},
    }
