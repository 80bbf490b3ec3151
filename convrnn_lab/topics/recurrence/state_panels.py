"""Panels of a recurrent layer over time: its input, the states of all units, and their path."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import (
    Numbers,
    axes,
    distinct_lines,
    heatmap,
    limit,
    line,
    outline,
    value_range,
)
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.drawing.words import by
from convrnn_lab.topics.recurrence.lens import written
from convrnn_lab.topics.recurrence.units import Units

_LINES = 4
"""Features of an input that are drawn as lines; more make a picture."""

_LETTERED = 48
"""Characters that have room under the input."""

_EXPLODED = 1000.0
"""A state that no tanh gives: from here on the scale is cut."""

_FIRST = 16
"""Steps that such a scale goes by."""


def input_panel(seen: Units, time: int, text: str = "") -> Panel:
    """Return the panel of the input, with the steps read so far.

    Parameters
    ----------
    seen : Units
    time : int
    text : str
        The characters that the input stands for, where it is text.
    """
    steps = len(seen.input)
    first, last = (time, steps - 1) if seen.direction else (0, time)
    shown, limits, more = _input_parts(seen, time, text)
    drawn = axes("step", [-0.5, steps - 0.5], limits)
    # A title would take room that the panels below do not give, and the steps would not line up.
    del drawn["xaxis"]["title"]
    if text and steps <= _LETTERED:
        ticks = {"tickvals": list(range(steps)), "ticktext": [_visible(each) for each in text]}
        drawn["xaxis"] |= ticks | {"tickangle": 0, "tickfont": {"size": 9}}
    read = (first - 0.5, limits[0], last + 0.5, limits[1])
    now = (time - 0.5, limits[0], time + 0.5, limits[1])
    return Panel(
        f"Input, {last - first + 1} of {steps} steps read{more}",
        shown,
        **drawn,
        shapes=[
            outline("read", [read], fill=theme.READ_FILL, width=0),
            outline("now", [now], fill=theme.WINDOW_FILL, width=0.5),
        ],
        click={"x": "time"},
        size="wide",
    )


def _input_parts(seen: Units, time: int, text: str) -> tuple[list[Part], list[float], str]:
    """Return an input's drawing, the limits of its axis, and what is said of it in the title."""
    given = seen.input.float().numpy()
    features = given.shape[1]
    if text:
        said = f"…{text[max(0, time - 20) : time + 1]}" if time > 20 else text[: time + 1]
        codes = line("input", np.argmax(given, axis=1), theme.INPUT)
        return [codes], [-4.0, features + 3.0], f": {said}"
    if features > _LINES:
        edge = limit(given)
        heat = heatmap("input", given.T, theme.TWO_SIDED, -edge, edge)
        return [heat], [features - 0.5, -0.5], f", {features} features"
    if features > 1:
        shown, words = distinct_lines({f"input {at}": row for at, row in enumerate(given.T)})
        return shown, value_range(given), f": {words}"
    return [line("input", given[:, 0], theme.INPUT)], value_range(given), ""


def states_panel(
    title: str, name: str, seen: Units, order: Sequence[int], *, unit: int | None, time: int
) -> Panel:
    """Return the panel of units × time, one row a unit.

    Parameters
    ----------
    title : str
    name : str
        Of the trace; "cell" draws the cell state.
    seen : Units
    order : sequence of int
        The units from top to bottom.
    unit : int, optional
        The unit that is marked; without, none can be picked.
    time : int
        The step that is marked.
    """
    states = seen.cell if name == "cell" and seen.cell is not None else seen.hidden
    values = states.float().numpy()[:, list(order)].T
    rows, steps = values.shape
    edge, cut = _edge(values)
    heat = heatmap(name, values, theme.TWO_SIDED, -edge, edge) | {
        # The names of the rows are words to plotly, so that a click on one says which unit it is.
        "y": [str(each) for each in order],
        "hovertemplate": "unit %{y}, step %{x}: %{z:.4g}<extra></extra>",
    }
    shapes = [outline("now", [(time - 0.5, -0.5, time + 0.5, rows - 0.5)], width=1.5)]
    if unit is not None:
        row = list(order).index(unit)
        shapes.append(outline("unit", [(-0.5, row - 0.5, steps - 0.5, row + 0.5)], width=1.5))
    across = {"fixedrange": True, "showgrid": False, "zeroline": False, "nticks": 8}
    return Panel(
        f"{title}, {by((rows, steps))}{cut}",
        [heat],
        xaxis=across | {"range": [-0.5, steps - 0.5], "tickfont": {"size": 10}},
        yaxis=across
        | {"type": "category", "range": [rows - 0.5, -0.5], "nticks": 9, "tickfont": {"size": 10}},
        shapes=shapes,
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "time"} if unit is None else {"x": "time", "y": "unit"},
        size="wide",
    )


def path_panel(seen: Units, time: int) -> Panel:
    """Return the panel of the state's path in its first two principal components.

    Parameters
    ----------
    seen : Units
    time : int
        The step that is marked.
    """
    path = seen.path.numpy()
    place = time if seen.direction else time + 1
    start = len(path) - 1 if seen.direction else 0
    shares = " and ".join(
        f"{100 * share:.0f} %" for share in seen.shares.tolist() if not np.isnan(share)
    )
    drawn = axes("first component", _around(path[:, 0]), _around(path[:, 1]))
    return Panel(
        f"Path of the state{f', {shares} of its variance' if shares else ', which does not move'}",
        [_trail(path)],
        **drawn,
        shapes=[
            *_spot("first state", path[start], 5, theme.INPUT, "square"),
            *_spot("now", path[place], 7, theme.WINDOW, "circle"),
        ],
        size="large",
    )


def _trail(path: Numbers) -> Part:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "path",
        "x": np.ascontiguousarray(path[:, 0]),
        "y": np.ascontiguousarray(path[:, 1]),
        "line": {"color": theme.OUTPUT, "width": 1},
        "marker": {"size": 3},
        "hovertemplate": "%{x:.3g}, %{y:.3g}<extra></extra>",
    }


def _spot(name: str, at: Numbers, radius: int, colour: str, form: str) -> list[Part]:
    """Return a mark of so many pixels, as a shape; none where the state is not finite."""
    if not np.isfinite(at).all():
        return []
    across = {"xsizemode": "pixel", "xanchor": float(at[0]), "x0": -radius, "x1": radius}
    down = {"ysizemode": "pixel", "yanchor": float(at[1]), "y0": -radius, "y1": radius}
    kind = {"type": "circle" if form == "circle" else "rect", "name": name}
    return [kind | across | down | {"line": {"color": colour, "width": 2.5}}]


def _around(values: Numbers) -> list[float]:
    finite = values[np.isfinite(values)]
    low, high = float(finite.min(initial=np.inf)), float(finite.max(initial=-np.inf))
    if not low < high:
        middle = low if low == high else 0.0
        return [middle - 1, middle + 1]
    room = 0.08 * (high - low)
    return [low - room, high + room]


def _edge(values: Numbers) -> tuple[float, str]:
    """Return the end of the colour scale, and what is said of it.

    The last steps of a state that explodes would leave all others white, so the scale ends at 20
    times the largest value of the first steps.
    """
    edge = limit(values)
    if edge < _EXPLODED:
        return edge, ""
    cut = min(edge, max(1.0, 20 * limit(values[:, :_FIRST])))
    return cut, f"; up to {written(edge)}" if cut < edge else ""


def _visible(character: str) -> str:
    return {"\n": "↵", " ": "␣"}.get(character, character)
