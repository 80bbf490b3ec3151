"""Panels side by side: one figure for plotly, and a note of which axes belong together.

The note stands in ``layout.meta``. A page or a notebook draws every panel by itself, so that they
wrap on a narrow screen and only the ones that changed are drawn again; plotly alone draws them on
one sheet.

A figure here is a dict in plotly's JSON schema, not a ``plotly.graph_objects.Figure``: building
that one takes longer than everything else a slider move needs. ``Explorer.figure()``
returns the real thing, checked by plotly.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from convrnn_lab.figures import theme

Figure = dict[str, Any]

_COLUMNS = 6
_SPANS = {"small": 2, "large": 3, "wide": 6}


@dataclass(frozen=True)
class Panel:
    """One pair of axes with what is drawn on it.

    Attributes
    ----------
    title : str
        Plain text above the panel.
    traces : list of dict
        In plotly's schema, without their axes.
    xaxis, yaxis : dict
        In plotly's schema, without domain and anchor.
    shapes : list of dict
        Outlines in plotly's schema, without their axes. They are drawn again by themselves, which
        traces are not: what moves at every step belongs here.
    scale : tuple of (colours, low, high), optional
        A colour scale to show above the panel.
    click : dict of str to str, optional
        Names of the controls that a click on the panel sets, by axis ("x", "y"); or what
        `parts.Sheet.click` returns.
    still : bool
        Whether the panel answers neither to hovering nor to clicks, which draws faster.
    size : "small", "large" or "wide"
        Three small panels, two large ones or one wide one fill a row.
    """

    title: str
    traces: list[dict[str, Any]]
    xaxis: dict[str, Any] = field(default_factory=dict)
    yaxis: dict[str, Any] = field(default_factory=dict)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    scale: tuple[list[list[Any]], float, float] | None = None
    click: dict[str, Any] = field(default_factory=dict)
    still: bool = False
    size: str = "small"


def pixels(rows: tuple[float, float], columns: tuple[float, float], *, ticks: bool = True) -> Any:
    """Return the two axes of a matrix whose pixels stay square and whose first row is on top.

    Parameters
    ----------
    rows, columns : (first, last)
        Indices of the outermost pixels.
    ticks : bool
        Whether the indices are written.
    """
    shared: dict[str, Any] = {"fixedrange": True, "constrain": "domain", "showgrid": False}
    # A frame, since zero may be as white as the page.
    shared |= {"zeroline": False, "showline": True, "mirror": True, "linecolor": "#808080"}
    if ticks:
        shared |= {"nticks": 6, "tickfont": {"size": 10}}
    else:
        shared |= {"showticklabels": False, "ticks": ""}
    across = shared | {"range": [columns[0] - 0.5, columns[1] + 0.5]}
    down = shared | {"range": [rows[1] + 0.5, rows[0] - 0.5], "scaleanchor": "x"}
    return {"xaxis": across, "yaxis": down}


def figure(
    panels: Sequence[Panel],
    *,
    title: str,
    description: str,
    facts: Sequence[tuple[str, str]] = (),
    code: str = "",
) -> Figure:
    """Put panels on one sheet.

    Parameters
    ----------
    title : str
        The finding, with its numbers.
    description : str
        One sentence with the numbers, for readers who cannot see the figure.
    facts : sequence of (what, value)
        Shown beside the panels as text.
    code : str
        The lines of PyTorch that do the same, to be copied.

    Returns
    -------
    dict
        In plotly's JSON schema: ``data`` and ``layout``.
    """
    cells = _cells(panels)
    rows = 1 + max(row for row, _, _ in cells)
    layout: dict[str, Any] = {
        "template": {"layout": theme.THEMES["light"]},
        "showlegend": False,
        "title": {"text": html.escape(title), "x": 0.01},
        "height": 60 + 300 * rows,
        "margin": {"l": 36, "r": 12, "t": 72, "b": 28},
        "annotations": [],
        "shapes": [],
    }
    data = []
    notes = []
    for place, (panel, (row, column, span)) in enumerate(zip(panels, cells, strict=True)):
        number = "" if place == 0 else str(place + 1)
        x, y = f"x{number}", f"y{number}"
        left, width = column / _COLUMNS, span / _COLUMNS
        layout[f"xaxis{number}"] = panel.xaxis | {
            "domain": [left, left + width - 0.04],
            "anchor": y,
        }
        layout[f"yaxis{number}"] = panel.yaxis | {
            "domain": [1 - (row + 1) / rows, 1 - row / rows - 0.1],
            "anchor": x,
        }
        if "scaleanchor" in panel.yaxis:
            layout[f"yaxis{number}"]["scaleanchor"] = x
        layout["annotations"].append(_heading(panel.title, left, 1 - row / rows - 0.09))
        data += [trace | {"xaxis": x, "yaxis": y} for trace in panel.traces]
        layout["shapes"] += [shape | {"xref": x, "yref": y} for shape in panel.shapes]
        note: dict[str, Any] = {"axes": [x, y], "title": panel.title, "size": panel.size}
        if panel.scale:
            note["scale"] = panel.scale
        if panel.click:
            note["click"] = panel.click
        if panel.still:
            note["still"] = True
        notes.append(note)
    layout["meta"] = {
        "title": title,
        "description": description,
        "facts": [list(fact) for fact in facts],
        "code": code,
        "panels": notes,
    }
    return {"data": data, "layout": layout}


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


def _heading(text: str, left: float, bottom: float) -> dict[str, Any]:
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
