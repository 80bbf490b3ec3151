"""The panels of gates that mark the step and the unit looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.moving_outlines import upright
from convrnn_lab.drawing.parts import (
    SYMBOLS,
    axes,
    distinct_lines,
    guide,
    line,
    outline,
    value_range,
)
from convrnn_lab.drawing.sheet import Panel
from convrnn_lab.topics.gates.drawn_gates import DrawnGates
from convrnn_lab.topics.gates.over_time_panels import heatmaps
from convrnn_lab.topics.gates.trace import TANH

_FEATURES = 8
"""Features of an input that are drawn at most."""


def maps(run: DrawnGates, time: Seen, unit: Seen) -> list[Panel]:
    """Return a panel of all units over time for each gate and state."""
    panels, units, length = [], len(run.run.half_lives), run.run.length
    for title, drawn, scale in heatmaps(run):
        rows = drawn["z"].shape[0]
        shapes = [guide("now", looks.words(f"M{{}},-0.5V{rows - 0.5}", time))]
        # With a projection there are fewer hidden states than units.
        if rows == units:
            box = (-0.5, -0.5, length - 0.5, 0.5)
            shapes.append(outline("unit", [box], moved=(0, unit)))
        drawn_axes = axes("step", [-0.5, length - 0.5], [rows - 0.5, -0.5])
        drawn_axes["yaxis"] |= {"zeroline": False, "showgrid": False}
        panels.append(
            Panel(
                title,
                [drawn],
                **drawn_axes,
                shapes=shapes,
                scale=scale,
                click={"x": "time", "y": "unit"},
                size="large",
            )
        )
    return panels


def unit_gates(run: DrawnGates, time: Seen, unit: Seen) -> Panel:
    """Return the panel of one unit's gates over time."""
    low = -1.05 if any(name in TANH for name in run.gates) else -0.05
    return _unit_lines("Gates", run.gates, unit, time, [low, 1.05])


def unit_states(run: DrawnGates, time: Seen, unit: Seen) -> Panel:
    """Return the panel of one unit's states over time."""
    units = len(run.run.half_lives)
    rows = {name: each for name, each in run.states.items() if each.shape[0] == units}
    # One scale for all units, which are to be compared.
    before = [looks.seen(each, {}) for each in rows.values()]
    limits = value_range(*before) if rows else [-1.0, 1.0]
    if rows:
        edge = looks.multiply(looks.limit(looks.in_rows([*rows.values()], run.run.length)), 1.08)
        limits = [run.edited(each, end) for each, end in zip((-edge, edge), limits, strict=True)]
    return _unit_lines("State", rows, unit, time, limits)


def _unit_lines(
    title: str, rows: Mapping[str, Seen], unit: Seen, time: Seen, limits: list[Seen]
) -> Panel:
    taken = {name: looks.take(values, unit) for name, values in rows.items()}
    drawn, words = distinct_lines(taken, "unit ")
    length = max((each.shape[1] for each in rows.values()), default=1)
    return Panel(
        looks.words(f"{title} of unit {{}}: {words}", unit),
        drawn,
        **axes("step", [-1, length], limits),
        shapes=[upright("now", time, limits)],
        click={"x": "time"},
        size="large",
    )


def marked(panel: Panel, unit: Seen) -> Panel:
    """Return the panel of the half-lives with one unit marked."""
    low, high = (10**end for end in panel.yaxis["range"])
    box = outline("unit", [(-0.5, high, 0.5, low)], moved=(unit, 0), width=1.5)
    return replace(panel, shapes=[box])


def input_panel(run: DrawnGates, time: Seen) -> Panel:
    """Return the panel of what the layer was given."""
    source, whole = run.drawn.read, run.run
    limits, count = value_range(source), len(source)
    what = "Input" if whole.layer == 0 else f"Input of layer {whole.layer}"
    more = "" if count <= _FEATURES else f", the first {_FEATURES} of {count} features"
    drawn = [
        line(f"input {index}", row, theme.INPUT) for index, row in enumerate(source[:_FEATURES])
    ]
    if 1 < count <= len(SYMBOLS):
        drawn, words = distinct_lines({f"input {index}": row for index, row in enumerate(source)})
        more = f": {words}"
    return Panel(
        f"{what} over {whole.length} steps{more}",
        drawn,
        **axes("step", [-1, whole.length], limits),
        shapes=[upright("now", time, limits)],
        click={"x": "time"},
        size="wide",
    )
