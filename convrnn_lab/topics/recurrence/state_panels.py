"""Panels of a recurrent layer over time: its input, the states of all units, and their path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.look_sums import reaches, rows as rows_at
from convrnn_lab.drawing.look_texts import letters, written
from convrnn_lab.drawing.looks import Seen
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
from convrnn_lab.topics.recurrence.drawn_run import numbers
from convrnn_lab.topics.recurrence.units import ORDERS, Units

_LINES = 4
"""Features of an input that are drawn as lines; more make a picture."""

_LETTERED = 48
"""Characters that have room under the input."""

_SAID = 21
"""Characters read last that the title has."""

_EXPLODED = 1000.0
"""A state that no tanh gives: from here on the scale is cut."""

_FIRST = 16
"""Steps that such a scale goes by."""


def input_panel(seen: Units, time: Seen, text: str = "") -> Panel:
    """Return the panel of the input, with the steps read so far.

    Parameters
    ----------
    seen : Units
    time : int or Look
    text : str
        The characters that the input stands for, where it is text.
    """
    steps = len(seen.input)
    count = steps - time if seen.direction else time + 1
    shown, limits, more = _input_parts(seen, time, text)
    drawn = axes("step", [-0.5, steps - 0.5], limits)
    # A title would take room that the panels below do not give, and the steps would not line up.
    del drawn["xaxis"]["title"]
    if text and steps <= _LETTERED:
        ticks = {"tickvals": list(range(steps)), "ticktext": [_visible(each) for each in text]}
        drawn["xaxis"] |= ticks | {"tickangle": 0, "tickfont": {"size": 9}}
    low, high = limits
    end = steps - 0.5 if seen.direction else -0.5
    # The box's side of the first step stays, the other is where one looks.
    edge = time - 0.5 if seen.direction else time + 0.5
    read = looks.words(f"M{end},{low}H{{}}V{high}H{end}Z", edge)
    return Panel(
        looks.words("Input, {} of {} steps read{}", count, steps, more),
        shown,
        **drawn,
        shapes=[
            outline("read", [], fill=theme.READ_FILL, width=0) | {"path": read},
            outline(
                *("now", [(-0.5, low, 0.5, high)]),
                moved=(time, 0),
                fill=theme.WINDOW_FILL,
                width=0.5,
            ),
        ],
        click={"x": "time"},
        size="wide",
    )


def _input_parts(seen: Units, time: Seen, text: str) -> tuple[list[Part], list[float], Seen]:
    """Return an input's drawing, the limits of its axis, and what is said of it in the title."""
    given = numbers(seen.input.T)  # (feature, time)
    features = len(given)
    if text:
        said = looks.words(
            ": {}{}",
            looks.pick(["", "…"], reaches(time, _SAID)),
            letters(text, time + 1 - _SAID, time + 1),
        )
        codes = line("input", np.argmax(given, axis=0), theme.INPUT)
        return [codes], [-4.0, features + 3.0], said
    if features > _LINES:
        edge = limit(given)
        heat = heatmap("input", given, theme.TWO_SIDED, -edge, edge)
        return [heat], [features - 0.5, -0.5], f", {features} features"
    if features > 1:
        shown, words = distinct_lines({f"input {at}": row for at, row in enumerate(given)})
        return shown, value_range(given), f": {words}"
    return [line("input", given[0], theme.INPUT)], value_range(given), ""


@dataclass(frozen=True)
class StatesDrawn:
    """What a panel of units × time shows.

    Attributes
    ----------
    name : str
        Of the trace: "hidden", "cell", or a cell's kind.
    values : array or Look, shape (unit, time)
        In the order of the units.
    still : array or Look, optional
        Of the same shape: taken away before it is drawn.
    words : str
        Of the title.
    edited : function
        Takes what is shown where a reader has given other weights, and what is shown elsewhere.
    sized : bool
        Whether the title says how many units and steps there are.
    """

    name: str
    values: Seen
    still: Seen = None
    words: str = ""
    edited: Callable[[Seen, Seen], Seen] = lambda _, otherwise: otherwise
    sized: bool = True


def states_panel(
    drawn: StatesDrawn, time: Seen, unit: Seen = None, order: Order | None = None
) -> Panel:
    """Return the panel of units × time, one row a unit.

    Parameters
    ----------
    drawn : StatesDrawn
    time : int or Look
        The step that is marked.
    unit : int or Look, optional
        The unit that is marked; without, none can be picked.
    order : Order, optional
        That of the units from top to bottom.
    """
    values = drawn.values if drawn.still is None else looks.subtract(drawn.values, drawn.still)
    before: Numbers = looks.seen(values, {})
    rows, steps = before.shape
    first, said = _edge(before)
    edge, cut = drawn.edited(looks.limit(values), first), drawn.edited("", said)
    names = [str(each) for each in range(rows)] if order is None else order.names
    heat = heatmap(drawn.name, _in_order(drawn, order), theme.TWO_SIDED, -edge, edge) | {
        "y": names,
        "hovertemplate": "unit %{y}, step %{x}: %{z:.4g}<extra></extra>",
    }
    shapes = [outline("now", [(-0.5, -0.5, 0.5, rows - 0.5)], moved=(time, 0), width=1.5)]
    click: Part = {"x": "time"}
    if order is not None:
        box = [(-0.5, -0.5, steps - 0.5, 0.5)]
        shapes.append(outline("unit", box, moved=(0, order.row(unit)), width=1.5))
        click["y"] = {"control": "unit", "order": order.units}
    across = {"fixedrange": True, "showgrid": False, "zeroline": False, "nticks": 8}
    size = f", {by((rows, steps))}" if drawn.sized else ""
    return Panel(
        looks.words(f"{drawn.words or drawn.name}{size}{{}}", cut),
        [heat],
        xaxis=across | {"range": [-0.5, steps - 0.5], "tickfont": {"size": 10}},
        yaxis=across
        | {"type": "category", "range": [rows - 0.5, -0.5], "nticks": 9, "tickfont": {"size": 10}},
        shapes=shapes,
        scale=(theme.TWO_SIDED, -edge, edge),
        click=click,
        size="wide",
    )


def _in_order(drawn: StatesDrawn, order: Order | None) -> Seen:
    """Return the states that are drawn, row by row."""
    both = [each for each in (drawn.values, drawn.still) if each is not None]
    if order is not None:
        both = [rows_at(each, order.units) for each in both]
    return looks.subtract(*both) if len(both) == 2 else both[0]


class Order:
    """Units from top to bottom, in one of the orders that they can be sorted in.

    Parameters
    ----------
    seen : Units
    by : str or Look
        One of `units.ORDERS`, or a look at its place there.

    Attributes
    ----------
    units : array or Look, shape (unit,)
        The unit of each row.
    names : list of str, or Look
    """

    def __init__(self, seen: Units, by: Seen) -> None:
        if not looks.has_look(by):
            seen.order(by)  # which says what there is
        orders = {name: np.array(seen.order(name), dtype=np.int32) for name in ORDERS}
        self._ranks = {name: np.argsort(each).astype(np.int32) for name, each in orders.items()}
        self._by = by
        self.units = looks.pick(orders, by)
        self.names = looks.pick({name: [*map(str, each)] for name, each in orders.items()}, by)

    def row(self, unit: Seen) -> Seen:
        """Return the row of a unit."""
        return looks.take(looks.pick(self._ranks, self._by), unit)


def path_panel(seen: Units, time: Seen) -> Panel:
    """Return the panel of the state's path in its first two principal components.

    Parameters
    ----------
    seen : Units
    time : int or Look
        The step that is marked.
    """
    path = numbers(seen.path.float().T)  # (component, step)
    place = time if seen.direction else time + 1
    start = path.shape[1] - 1 if seen.direction else 0
    shares = " and ".join(
        f"{100 * share:.0f} %" for share in seen.shares.tolist() if not np.isnan(share)
    )
    drawn = axes("first component", _around(path[0]), _around(path[1]))
    return Panel(
        f"Path of the state{f', {shares} of its variance' if shares else ', which does not move'}",
        [_trail(path)],
        **drawn,
        shapes=[
            _spot("first state", path, start, radius=5, colour=theme.INPUT, form="rect"),
            _spot("now", path, place, radius=7, colour=theme.WINDOW, form="circle"),
        ],
        size="large",
    )


def _trail(path: Numbers) -> Part:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "path",
        "x": path[0],
        "y": path[1],
        "line": {"color": theme.OUTPUT, "width": 1},
        "marker": {"size": 3},
        "hovertemplate": "%{x:.3g}, %{y:.3g}<extra></extra>",
    }


def _spot(name: str, path: Numbers, place: Seen, *, radius: int, colour: str, form: str) -> Part:
    """Return a mark of so many pixels, as a shape; it is not seen where the state is not finite."""
    x, y = path
    across = {"xsizemode": "pixel", "xanchor": looks.take(x, place), "x0": -radius, "x1": radius}
    down = {"ysizemode": "pixel", "yanchor": looks.take(y, place), "y0": -radius, "y1": radius}
    spot = {"type": form, "name": name} | across | down | {"line": {"color": colour, "width": 2.5}}
    finite = np.isfinite(path).all(axis=0)
    seen = bool(finite.all()) or looks.pick(
        [False, True], looks.take(finite.astype(np.uint8), place)
    )
    return spot | {"visible": seen}


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
