"""The panels of a recurrent cell: its diagram, one gate's sum, and the state over the series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.look_sums import level
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.moving_outlines import upright
from convrnn_lab.drawing.parts import UNHOVERED, axes, bars, distinct_lines, outline, value_range
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.topics.gates.wiring import HALF, LEFT, RIGHT, Point, Wire, Wiring, between
from convrnn_lab.topics.recurrence.drawn_run import DrawnRun
from convrnn_lab.topics.recurrence.lens import LETTERS
from convrnn_lab.topics.recurrence.looked_step import LookedStep

_LEVELS = 21
"""Colours and widths that are told apart from −1 to 1."""
_COLOURS = theme.shades(theme.TWO_SIDED, _LEVELS)
_WIDTHS = [2 + 4 * abs(2 * place / (_LEVELS - 1) - 1) for place in range(_LEVELS)]
_ACROSS, _UP = [LEFT, RIGHT], [-0.75, 4.05]
_TERMS = ("W x", "b_ih", "W h", "b_hh", "sum", "value")


def diagram(wiring: Wiring, values: Mapping[str, Seen], gate: Seen, unit: Seen) -> Panel:
    """Return the cell as wires and operations, each wire with its number.

    Parameters
    ----------
    wiring : Wiring
    values : dict of str to (float or Look)
        What each wire carries.
    gate : int or Look
        Which of the wiring's gates is chosen.
    unit : int or Look
    """
    unseen = {"visible": False, "fixedrange": True}
    lines = [part for wire in wiring.wires for part in _drawn(wire, wiring, values)]
    return Panel(
        looks.words("The cell of unit {}: each wire carries its number", unit),
        [_signs(wiring), *_numbers(wiring.wires, values)],
        xaxis=unseen | {"range": _ACROSS},
        yaxis=unseen | {"range": _UP},
        shapes=[*lines, _heads(wiring), _nodes(wiring), _chosen(wiring, gate)],
        scale=(theme.TWO_SIDED, -1.0, 1.0),
        click=_click(wiring),
        size="broad",
    )


def _click(wiring: Wiring) -> Part:
    """Choose the gate next to a click; the gates stand evenly apart."""
    places = [across for across, _ in wiring.gates.values()]
    if len(places) == 1:
        return {}
    return {"x": {"control": "gate", "step": places[1], "order": [*range(len(places))]}}


def _chosen(wiring: Wiring, gate: Seen) -> Part:
    centres = [*wiring.gates.values()]
    across, up = (looks.pick([centre[axis] for centre in centres], gate) for axis in (0, 1))
    return outline("chosen gate", [_box(0, 0, 1.25)], moved=(across, up))


def _box(x: float, y: float, size: float = 1.0) -> tuple[float, float, float, float]:
    across, up = (half * size for half in HALF)
    return (x - across, y - up, x + across, y + up)


def _drawn(wire: Wire, wiring: Wiring, values: Mapping[str, Seen]) -> list[Part]:
    """Return a wire: a thin edge, by which a value near zero is seen, and its colour."""
    place = level(values[wire.value], 1.0, _LEVELS)
    colour, width = looks.pick(_COLOURS, place), looks.pick(_WIDTHS, place)
    path = _path(between(wire, wiring)[0])
    name = f"{wire.value} at {wire.points[0]}"
    edge = outline(f"{name}, edge", [], color=theme.EDGE, width=looks.add(width, 1.5))
    inner = outline(name, [], color=colour, width=width)
    return [edge | {"path": path}, inner | {"path": path}]


def _path(corners: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in corners)


def _heads(wiring: Wiring) -> Part:
    heads = [head for wire in wiring.wires if (head := between(wire, wiring)[1])]
    path = "".join(f"{_path(head)}Z" for head in heads)
    return outline("arrow heads", [], color=theme.EDGE, width=1, fill=theme.EDGE) | {"path": path}


def _nodes(wiring: Wiring) -> Part:
    boxes = [_box(x, y) for _, x, y in wiring.nodes]
    return outline("operations", boxes, color=theme.EDGE, width=1.5)


def _text(name: str, places: Sequence[tuple[float, float]], text: list[Seen], where: str) -> Part:
    across, up = ([place[axis] for place in places] for axis in (0, 1))
    part: Part = {"type": "scatter", "name": name, "x": across, "y": up, "text": text}
    return part | {"mode": "text", "textposition": where, "textfont": {"size": 12}} | UNHOVERED


def _signs(wiring: Wiring) -> Part:
    places = [(x, y) for _, x, y in wiring.nodes]
    return _text("operations", places, [sign for sign, *_ in wiring.nodes], "middle center")


def _numbers(shown: Sequence[Wire], values: Mapping[str, Seen]) -> list[Part]:
    """Return the numbers above the wires that lie, and beside those that stand."""
    parts = []
    for where in ("top center", "top right", "middle right", "middle left"):
        here = [wire for wire in shown if wire.where == where]
        places = [wire.label for wire in here if wire.label is not None]
        text = [
            looks.words(f"{wire.name}{{}}", looks.number(values[wire.value]))
            for wire in here
            if wire.label is not None
        ]
        if places:
            parts.append(_text(f"numbers, {where}", places, text, where))
    return parts


def sum_panel(wiring: Wiring, step: LookedStep, gate: Seen) -> Panel:
    """Return what the chosen gate adds up, as bars: four terms, their sum, and the value.

    Parameters
    ----------
    wiring : Wiring
    step : LookedStep
    gate : int or Look
    """
    names = [*wiring.gates]
    rows = looks.in_rows([step.gates[name].row for name in names], len(_TERMS))
    titles = [f"{LETTERS[name]}, {told(name, wiring)}" for name in names]
    panel = bars(
        looks.words("{}", looks.pick(titles, gate)),
        "terms",
        looks.take(rows, gate),
        theme.PRODUCT,
        shape=(len(_TERMS),),
    )
    ticks = {"tickvals": [*range(len(_TERMS))], "ticktext": [*_TERMS], "title": {"text": ""}}
    return replace(panel, xaxis=panel.xaxis | ticks, size="large", still=False)


def told(name: str, wiring: Wiring) -> str:
    """Say what a gate adds up, and what it makes of the sum.

    Parameters
    ----------
    name : str
    wiring : Wiring
        Of its cell.
    """
    bend = next(sign for sign, *place in wiring.nodes if tuple(place) == wiring.gates[name])
    if name == "new":
        return f"the new state: {bend}(W x + b_ih + r (W h + b_hh))"
    what = {"candidate": "the candidate", "sum": "the new state"}.get(name, f"the {name} gate")
    return f"{what}: {bend}(W x + b_ih + W h + b_hh)"


def strip(drawn: DrawnRun, unit: Seen, time: Seen) -> Panel:
    """Return the unit's states over the series, with the step marked.

    Parameters
    ----------
    drawn : DrawnRun
    unit, time : int or Look
    """
    names = [name for name in ("cell", "hidden") if name in drawn.states]
    units = max(drawn.states[name].shape[0] for name in names)
    rows = {
        f"{name} state": drawn.states[name]
        for name in names
        if drawn.states[name].shape[0] == units
    }
    lines, words = distinct_lines({name: looks.take(each, unit) for name, each in rows.items()})
    before = value_range(*(looks.seen(each, {}) for each in rows.values()))
    length = drawn.read.shape[1]
    return Panel(
        looks.words(f"Unit {{}} over the series: {words}", unit),
        lines,
        **axes("step", [-1, length], before),
        shapes=[upright("now", time, before)],
        click={"x": "time"},
        size="large",
    )
