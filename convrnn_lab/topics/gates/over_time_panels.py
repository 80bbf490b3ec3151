"""The panels of gates that neither step nor unit change, and what the pictures show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.look_sums import beyond, within
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import axes, heatmap, limit
from convrnn_lab.drawing.sheet import Panel, Part, Scale
from convrnn_lab.topics.gates.drawn_gates import DrawnGates
from convrnn_lab.topics.gates.trace import TANH


def heatmaps(run: DrawnGates) -> Sequence[tuple[str, Part, tuple[Scale, Seen, Seen]]]:
    """Return title, trace and scale of each panel of units over time.

    Parameters
    ----------
    run : DrawnGates
    """
    made = []
    for name, values in {**run.gates, **run.states}.items():
        edge: Seen = limit(values)
        low, high = -edge, edge
        if name in run.gates:
            low, high = (-1.0, 1.0) if name in TANH else (0.0, 1.0)
        drawn = heatmap(name, values, theme.TWO_SIDED, low, high)
        hover = {"hovertemplate": "unit %{y}, step %{x}: %{z:.4g}<extra></extra>"}
        made.append((named(name), drawn | hover, (theme.TWO_SIDED, low, high)))
    return made


def named(gate: str) -> str:
    """Return what a gate or state is called in a title.

    Examples
    --------
    >>> named("forget"), named("new"), named("cell state")
    ('Forget gate', 'New state (tanh)', 'Cell state')
    """
    words = {"candidate": "Candidate (tanh)", "new": "New state (tanh)"}
    return words.get(gate, gate.capitalize() if "state" in gate else f"{gate.capitalize()} gate")


def shares_panel(run: DrawnGates) -> Panel:
    """Return the panel of how often the gates are open, closed and saturated.

    Parameters
    ----------
    run : DrawnGates
    """
    names = list(run.gates)
    gated = [name for name in names if name not in TANH]
    bars = [
        _bars("open", gated, run, theme.WEIGHT, ""),
        _bars("closed", gated, run, theme.OUTPUT, "/"),
        _bars("saturated", names, run, theme.INPUT, "."),
    ]
    drawn = axes("", [], [0, 118])
    drawn["xaxis"] |= {"type": "category", "range": [-0.6, len(names) - 0.4]}
    drawn["yaxis"] |= {"ticksuffix": " %", "tickvals": [0, 25, 50, 75, 100]}
    return Panel("Steps open (plain), closed (/), saturated (dots)", bars, **drawn, size="large")


def _bars(what: str, names: list[str], run: DrawnGates, colour: str, pattern: str) -> Part:
    return {
        "type": "bar",
        "name": what,
        "x": names,
        "y": [run.share(name, what) for name in names],
        "marker": {"color": colour, "pattern": {"shape": pattern}},
        "texttemplate": "%{y:.0f}",
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": f"%{{x}} {what} at %{{y:.1f}} % of the steps<extra></extra>",
    }


def half_lives_panel(run: DrawnGates) -> Panel:
    """Return the panel of how long each unit remembers.

    Parameters
    ----------
    run : DrawnGates
    """
    lives, length = run.run.half_lives, run.run.length
    top = 2.0 * max(length, 2)
    drawn = axes("unit", [-0.7, len(lives) - 0.3], [np.log10(0.5), np.log10(top)])
    drawn["yaxis"] |= {"type": "log", "tickvals": [1, 2, 5, 10, 20, 50, 100, 200, 500]}
    said = f", ▲ beyond the {length} steps"
    more = run.edited(said, said if np.isinf(lives).any() else "")
    return Panel(
        looks.words("Half-life by unit (steps){}", more),
        _life_marks(run, length),
        **drawn,
        click={"x": "unit"},
        size="large",
    )


def _life_marks(run: DrawnGates, length: int) -> list[Part]:
    """Return a bar for each unit, and a triangle for each that outlives the series."""
    lives, now = run.run.half_lives, run.half_lives
    endless = np.isinf(lives)
    bars = {
        "type": "bar",
        "name": "half_life",
        "x0": 0,
        "dx": 1,
        "y": run.edited(within(now, length), np.where(endless, np.nan, lives)),
        "marker": {"color": theme.INPUT},
        "hovertemplate": "unit %{x}: %{y} steps<extra></extra>",
    }
    outlived = {
        "type": "scatter",
        "mode": "markers",
        "name": "beyond",
        "x": np.arange(len(lives)),
        "y": run.edited(beyond(now, length), np.where(endless, float(length), np.nan)),
        "marker": {"color": theme.INPUT, "symbol": "triangle-up", "size": 9},
        "hovertemplate": "unit %{x}: longer than the series<extra></extra>",
    }
    return [bars, outlived]
