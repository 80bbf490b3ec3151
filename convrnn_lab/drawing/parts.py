"""The parts that panels are put together from: pixels, lines, bars, outlines and their axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convrnn_lab.drawing import looks, theme, window_looks
from convrnn_lab.drawing.layer_looks import at_least, at_most, highest, lowest
from convrnn_lab.drawing.look_sums import reaches
from convrnn_lab.drawing.looks import Look, Seen
from convrnn_lab.drawing.sheet import Axes, Panel, Part, Scale

NUMBERS_LIMIT = 11
"""Rows and columns of the largest matrix whose numbers are written."""

_DIGITS = [3] * 4 + [2] * (NUMBERS_LIMIT - 3)
"""Decimal places of the numbers, by the longer side of their matrix."""

_TEMPLATES = [*(f"%{{z:.{each}~f}}" for each in _DIGITS), ""]
_FONT_SIZES = [12] * 6 + [10] * 3 + [8] * (NUMBERS_LIMIT - 7)
"""Of the numbers, likewise; the last of a matrix that is too large for them."""

UNHOVERED = {"hoverinfo": "skip", "showlegend": False}

SYMBOLS = (("circle", "●"), ("square", "■"), ("diamond", "◆"), ("triangle-up", "▲"))
"""By which lines are told apart without colours: for plotly, and as a title writes it."""

Span = tuple[Seen, Seen, Seen]
"""Start, count and step of the taps of a window on one axis."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""

Numbers = NDArray[np.number]
"""An array to be drawn."""


def pixels(rows: tuple[Seen, Seen], columns: tuple[Seen, Seen], *, ticks: bool = True) -> Axes:
    """Return the two axes of a matrix whose pixels stay square and whose first row is on top.

    Parameters
    ----------
    rows, columns : (first, last)
        Indices of the outermost pixels.
    ticks : bool
        Whether the indices are written.
    """
    shared: Part = {"fixedrange": True, "constrain": "domain", "showgrid": False}
    # A frame, since zero may be as white as the page.
    shared |= {"zeroline": False, "showline": True, "mirror": True, "linecolor": "#808080"}
    if ticks:
        shared |= {"nticks": 6, "tickfont": {"size": 10}}
    else:
        shared |= {"showticklabels": False, "ticks": ""}
    across = shared | {"range": [columns[0] - 0.5, columns[1] + 0.5]}
    down = shared | {"range": [rows[1] + 0.5, rows[0] - 0.5], "scaleanchor": "x"}
    return {"xaxis": across, "yaxis": down}


def outline(
    name: str,
    boxes: Sequence[Box] | np.ndarray | Look,
    *,
    moved: tuple[Seen, Seen] = (0, 0),
    fill: str = theme.CLEAR,
    **line: object,
) -> Part:
    """Return one shape of all boxes, `moved` to the right and down."""
    style: Part = {"color": theme.WINDOW, "width": 2.5} | line
    around = boxes if looks.has_look(boxes) else np.array(boxes, dtype=np.float64)
    drawn = looks.path(around, *moved)
    return {"type": "path", "name": name, "path": drawn, "line": style, "fillcolor": fill}


def window_outlines(spans: Sequence[Span]) -> list[Part]:
    """Return the pixels under the taps of a window, and the box around them.

    Parameters
    ----------
    spans : sequence of (start, count, step)
        Of the rows and the columns of the taps.
    """
    (row, rows, down), (column, columns, right) = spans
    whole = window_looks.boxes([(-0.5, -0.5, (columns - 1) * right + 0.5, (rows - 1) * down + 0.5)])
    each = window_looks.taps(rows, down, columns, right)
    at = (column, row)
    return [
        outline("taps", each, moved=at, fill=theme.WINDOW_FILL, width=0.5),
        outline("window", whole, moved=at),
    ]


def empty(title: str, *, size: str = "small") -> Panel:
    """Return a panel that only says why there is nothing to draw."""
    unseen = {"visible": False}
    return Panel(title, [], xaxis=unseen, yaxis=unseen, still=True, size=size)


def guide(name: str, path: str) -> Part:
    """Return a thin dotted line, which leads the eye to one value."""
    return outline(name, [], width=1, dash="dot") | {"path": path}


def boxes(taps: Sequence[Sequence[int]]) -> list[Box]:
    """Return the pixels under the taps of a window; one box where they touch."""
    rows, columns = taps
    whole = [(axis[0] - 0.5, axis[-1] + 0.5, len(axis) == axis[-1] - axis[0] + 1) for axis in taps]
    if all(touching for _, _, touching in whole):
        (top, bottom, _), (left, right, _) = whole
        return [(left, top, right, bottom)]
    return [(c - 0.5, r - 0.5, c + 0.5, r + 0.5) for r in rows for c in columns]


def ring(shape: Sequence[int], padding: Sequence[Sequence[Seen]]) -> Part:
    """Return the hatched padding around an image."""
    height, width = shape
    (above, below), (before, after) = padding
    # The ring's inner border runs the other way round, which leaves the image out of the filling.
    ring_x = [-before - 0.5, width - 0.5 + after, width - 0.5 + after, -before - 0.5, -before - 0.5]
    ring_y = [-above - 0.5, -above - 0.5, height + below - 0.5, height + below - 0.5, -above - 0.5]
    hole_x = [-0.5, -0.5, width - 0.5, width - 0.5, -0.5]
    hole_y = [-0.5, height - 0.5, height - 0.5, -0.5, -0.5]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "padding",
        "x": [*ring_x, None, *hole_x],
        "y": [*ring_y, None, *hole_y],
        "fill": "toself",
        "fillcolor": theme.PADDING_FILL,
        "fillpattern": {"shape": "/", "fgcolor": theme.PADDING, "size": 5, "solidity": 0.3},
        "line": {"color": theme.PADDING, "width": at_most(above + below + before + after, 1)},
    } | UNHOVERED


def picked(shape: Sequence[Seen], row: Seen, column: Seen) -> list[Part]:
    """Return the outline of one pixel, with lines to both axes, since it may be small."""
    height, width = shape
    return [
        guide("row", looks.words("M-0.5,{}H{}", row, width - 0.5)),
        guide("column", looks.words("M{},-0.5V{}", column, height - 0.5)),
        outline("value", [(-0.5, -0.5, 0.5, 0.5)], moved=(column, row)),
    ]


def grey_range(image: Seen) -> tuple[Seen, Seen]:
    """Return the ends of the grey scale: 0 and 1, which most images have, or wider."""
    return lowest(image, 0.0), highest(image, 1.0)


def limit(values: Seen) -> Seen:
    """Return the end of a scale around zero; that of zeros is 1, so that zero stays white."""
    return looks.limit(values)


def drawn(values: Seen) -> Seen:
    """Return numbers as they travel to the browser; a look as it is."""
    return values if isinstance(values, looks.Look) else np.ascontiguousarray(values)


def heatmap(name: str, z: ArrayLike, scale: Scale, low: float, high: float) -> Part:
    """Return a matrix as pixels."""
    return {
        "type": "heatmap",
        "name": name,
        "z": drawn(z),
        "zmin": low,
        "zmax": high,
        "colorscale": scale,
        "showscale": False,
        "hovertemplate": "row %{y}, column %{x}: %{z:.4g}<extra></extra>",
    }


def matrix(
    title: Seen,
    name: str,
    values: Seen,
    *,
    grey: tuple[float, float] | None = None,
    shape: tuple[Seen, Seen] | None = None,
) -> Panel:
    """Return the panel of a small matrix with its numbers; of a large one, with pixels only.

    Parameters
    ----------
    grey : (low, high), optional
        Ends of the grey scale that the values are shown on; without, they are signed.
    shape : (height, width), optional
        What there is room for, where that of the values depends on a look; a look itself where it
        depends on a computed setting.
    """
    rows, columns = values.shape if shape is None else shape
    size = at_most(at_least(rows, columns), NUMBERS_LIMIT + 1)
    if grey is None:
        edge = limit(values)
        colours, low, high = theme.TWO_SIDED, -edge, edge
    else:
        colours, (low, high) = theme.GREY, grey
    axes = pixels((0, rows - 1), (0, columns - 1), ticks=False)
    heat = heatmap(name, values, colours, low, high)
    apart = 1 - reaches(size, NUMBERS_LIMIT + 1)
    heat |= {
        "texttemplate": looks.pick(_TEMPLATES, size),
        "textfont": {"size": looks.pick(_FONT_SIZES, size)},
        "xgap": apart,
        "ygap": apart,
    }
    return Panel(title, [heat], **axes, still=True, digits=looks.pick([*_DIGITS, -1], size))


def line(name: str, values: ArrayLike, colour: str, start: int = 0, step: Seen = 1) -> Part:
    """Return a signal as a line through its samples, which lie `step` apart from `start` on."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x0": start,
        "dx": step,
        "y": drawn(values),
        "line": {"color": colour, "width": 1.5},
        "marker": {"size": 4},
        "hovertemplate": "position %{x}: %{y:.4g}<extra></extra>",
    }


def marks(name: str, x: ArrayLike, y: ArrayLike, colour: str, *, symbol: str, size: int) -> Part:
    """Return samples marked by a symbol."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": y,
        "marker": {"color": colour, "symbol": symbol, "size": size, "line": {"width": 2}},
        "hovertemplate": "position %{x}: %{y:.4g}<extra></extra>",
    }


def value_range(*values: Seen) -> Seen:
    """Return axis limits that hold all values and zero, with room at both ends."""
    return looks.extent(list(values))


def axes(x_title: Seen, x: list[Seen], y: list[Seen]) -> Axes:
    """Return the two axes of a line or of bars."""
    fixed = {"fixedrange": True, "tickfont": {"size": 10}, "nticks": 8}
    return {
        "xaxis": fixed | {"title": {"text": x_title, "font": {"size": 11}}, "range": x},
        "yaxis": fixed | {"range": y, "nticks": 5, "zeroline": True},
    }


def bars(
    title: Seen, name: str, values: Seen, colour: str, *, shape: tuple[Seen] | None = None
) -> Panel:
    """Return the panel of a few values as bars with their numbers; `shape` as for `matrix`."""
    (count,) = values.shape if shape is None else shape
    bar = {
        "type": "bar",
        "name": name,
        "x0": 0,
        "dx": 1,
        "y": drawn(values),
        "marker": {"color": colour},
        "texttemplate": looks.pick(["%{y:.2~g}", ""], reaches(count, NUMBERS_LIMIT + 1)),
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "tap %{x}: %{y:.4g}<extra></extra>",
    }
    # The numbers stand outside the bars.
    limits = looks.extent(values, 0.22)
    return Panel(title, [bar], **axes("tap", [-0.7, count - 0.3], limits), still=True)


def distinct_lines(rows: Mapping[str, ArrayLike], prefix: str = "") -> tuple[list[Part], str]:
    """Return a line for each row, and the words that say which symbol is whose.

    Parameters
    ----------
    rows : dict of str to array
        At most as many as there are `SYMBOLS`.
    prefix : str
        Before the names of the traces.
    """
    drawn, words = [], []
    for (name, values), colour, (symbol, sign) in zip(
        rows.items(), theme.SERIES, SYMBOLS, strict=False
    ):
        drawn.append(curve(f"{prefix}{name}", values, colour, symbol))
        words.append(f"{sign}\xa0{name}")  # a line ends between them, not within
    return drawn, ", ".join(words)


def curve(name: str, values: ArrayLike, colour: str, symbol: str) -> Part:
    """Return a line with symbols at some of its samples, by which it is known without colours."""
    drawn = line(name, values, colour)
    drawn["marker"] = {"symbol": symbol, "size": 7, "maxdisplayed": 16}
    drawn["hovertemplate"] = f"{name}, %{{x}}: %{{y:.4g}}<extra></extra>"
    return drawn
