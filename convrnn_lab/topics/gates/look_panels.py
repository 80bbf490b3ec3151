"""The panels of gates that mark the step and the unit looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from convrnn_lab.drawing import theme
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
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.topics.gates.over_time_panels import GatesOverTime
from convrnn_lab.topics.gates.trace import TANH

_FEATURES = 8
"""Features of an input that are drawn at most."""


def maps(run: GatesOverTime, time: int, unit: int) -> list[Panel]:
    """Return a panel of all units over time for each gate and state."""
    panels = []
    for title, drawn, scale in run.heatmaps:
        rows = len(drawn["z"])
        shapes = [guide("now", f"M{time},-0.5V{rows - 0.5}")]
        # With a projection there are fewer hidden states than units.
        if rows == len(run.half_lives):
            shapes.append(outline("unit", [(-0.5, unit - 0.5, run.length - 0.5, unit + 0.5)]))
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


def unit_gates(run: GatesOverTime, time: int, unit: int) -> Panel:
    """Return the panel of one unit's gates over time."""
    low = -1.05 if any(name in TANH for name in run.gates) else -0.05
    return _unit_lines(f"Gates of unit {unit}", run.gates, unit, time, [low, 1.05])


def unit_states(run: GatesOverTime, time: int, unit: int) -> Panel:
    """Return the panel of one unit's states over time."""
    rows = {name: each for name, each in run.states.items() if len(each) == len(run.half_lives)}
    limits = value_range(*(each[unit] for each in rows.values())) if rows else [-1.0, 1.0]
    return _unit_lines(f"State of unit {unit}", rows, unit, time, limits)


def _unit_lines(
    title: str, rows: Mapping[str, Numbers], unit: int, time: int, limits: list[float]
) -> Panel:
    drawn, words = distinct_lines({name: values[unit] for name, values in rows.items()}, "unit ")
    length = max((len(each[0]) for each in rows.values()), default=1)
    return Panel(
        f"{title}: {words}",
        drawn,
        **axes("step", [-1, length], limits),
        shapes=[_now(time, limits)],
        click={"x": "time"},
        size="large",
    )


def marked(panel: Panel, unit: int) -> Panel:
    """Return the panel of the half-lives with one unit marked."""
    low, high = (10**end for end in panel.yaxis["range"])
    box = outline("unit", [(unit - 0.5, high, unit + 0.5, low)], width=1.5)
    return Panel(
        panel.title,
        panel.traces,
        panel.xaxis,
        panel.yaxis,
        [box],
        click=panel.click,
        size=panel.size,
    )


def input_panel(run: GatesOverTime, time: int) -> Panel:
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
        shapes=[_now(time, limits)],
        click={"x": "time"},
        size="wide",
    )


def _now(time: int, limits: Sequence[float]) -> Part:
    return outline("now", [], width=1.5) | {"path": f"M{time},{limits[0]}V{limits[1]}"}
