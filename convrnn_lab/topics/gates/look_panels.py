"""The panels of gates that mark the step and the unit looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.moving_outlines import upright
from convrnn_lab.drawing.parts import (
    SYMBOLS,
    Numbers,
    axes,
    distinct_lines,
    guide,
    line,
    outline,
    value_range,
)
from convrnn_lab.drawing.sheet import Panel
from convrnn_lab.topics.gates.over_time import GatesOverTime
from convrnn_lab.topics.gates.over_time_panels import heatmaps
from convrnn_lab.topics.gates.trace import TANH

_FEATURES = 8
"""Features of an input that are drawn at most."""


def maps(run: GatesOverTime, time: Seen, unit: Seen) -> list[Panel]:
    """Return a panel of all units over time for each gate and state."""
    panels = []
    for title, drawn, scale in heatmaps(run):
        rows = len(drawn["z"])
        shapes = [guide("now", looks.words(f"M{{}},-0.5V{rows - 0.5}", time))]
        # With a projection there are fewer hidden states than units.
        if rows == len(run.half_lives):
            box = (-0.5, -0.5, run.length - 0.5, 0.5)
            shapes.append(outline("unit", [box], moved=(0, unit)))
        drawn_axes = axes("step", [-0.5, run.length - 0.5], [rows - 0.5, -0.5])
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


def unit_gates(run: GatesOverTime, time: Seen, unit: Seen) -> Panel:
    """Return the panel of one unit's gates over time."""
    low = -1.05 if any(name in TANH for name in run.gates) else -0.05
    return _unit_lines("Gates", run.gates, unit, time, [low, 1.05])


def unit_states(run: GatesOverTime, time: Seen, unit: Seen) -> Panel:
    """Return the panel of one unit's states over time."""
    rows = {name: each for name, each in run.states.items() if len(each) == len(run.half_lives)}
    # One scale for all units, which are to be compared.
    limits = value_range(*rows.values()) if rows else [-1.0, 1.0]
    return _unit_lines("State", rows, unit, time, limits)


def _unit_lines(
    title: str, rows: Mapping[str, Numbers], unit: Seen, time: Seen, limits: list[float]
) -> Panel:
    taken = {name: looks.take(values, unit) for name, values in rows.items()}
    drawn, words = distinct_lines(taken, "unit ")
    length = max((len(each[0]) for each in rows.values()), default=1)
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


def input_panel(run: GatesOverTime, time: Seen) -> Panel:
    """Return the panel of what the layer was given."""
    limits = value_range(run.source)
    count = len(run.source)
    what = "Input" if run.layer == 0 else f"Input of layer {run.layer}"
    more = "" if count <= _FEATURES else f", the first {_FEATURES} of {count} features"
    drawn = [
        line(f"input {index}", row, theme.INPUT) for index, row in enumerate(run.source[:_FEATURES])
    ]
    if 1 < count <= len(SYMBOLS):
        drawn, words = distinct_lines(
            {f"input {index}": row for index, row in enumerate(run.source)}
        )
        more = f": {words}"
    return Panel(
        f"{what} over {run.length} steps{more}",
        drawn,
        **axes("step", [-1, run.length], limits),
        shapes=[upright("now", time, limits)],
        click={"x": "time"},
        size="wide",
    )
