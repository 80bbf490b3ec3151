"""Measured curves on two log axes, with their spread."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.moving_outlines import upright
from convrnn_lab.drawing.parts import axes, empty
from convrnn_lab.drawing.sheet import Axes, Panel, Part
from convrnn_lab.measure.curves import Curve
from convrnn_lab.measure.store import Measured

OTHERS = "#8c959f"
"""Of the curves that are there for comparison."""

CHOSEN = ((theme.INPUT, "circle", "●"), (theme.OUTPUT, "square", "■"))
"""Colour, symbol and sign of the two curves that are looked at."""

Points = list[tuple[float, float, Measured | None]]
"""Size, value, and the measurement behind it."""


@dataclass(frozen=True)
class Look:
    """What is looked at in a panel of curves.

    Attributes
    ----------
    chosen : sequence of str
        The curves that are drawn in colours, one or two.
    size : int or Look
        The size that a line marks.
    what : str
        Of what the sizes are.
    mark : str
        Stands behind the names of the traces, which tells them from those of other panels.
    control : str
        Of the size: a click on the panel sets it.
    where : str
        Tells in a title of what was measured that it was not the reader's machine.
    """

    chosen: Sequence[str]
    size: Seen
    what: str = "length"
    mark: str = ""
    control: str = "length"
    where: str = ""


def seconds_panel(curves: Sequence[Curve], look: Look) -> Panel:
    """Draw seconds a call; quartiles as bars, hollow where a measurement is unsteady."""

    def points(curve: Curve) -> Points:
        return [(size, found.timing.median_s, found) for size, _, found in curve.known]

    return _panel(f"Seconds a call{look.where}", curves, look, points, unit="s")


def products_panel(curves: Sequence[Curve], look: Look) -> Panel:
    """Draw multiply-adds, from the shapes."""

    def points(curve: Curve) -> Points:
        counted = zip(curve.sizes, curve.counts, strict=True)
        return [(size, count.multiply_adds, None) for size, count in counted if count is not None]

    return _panel("Multiply-adds", curves, look, points, mark=" multiply-adds")


def each_panel(curves: Sequence[Curve], look: Look) -> Panel:
    """Draw seconds for each multiply-add: level if the counts told the time."""

    def points(curve: Curve) -> Points:
        return [
            (size, found.timing.median_s / count.multiply_adds, None)
            for size, count, found in curve.known
            if count.multiply_adds
        ]

    return _panel(
        f"Seconds a multiply-add{look.where}", curves, look, points, unit="s", mark=" each"
    )


def _panel(
    title: str,
    curves: Sequence[Curve],
    look: Look,
    points: Callable[[Curve], Points],
    *,
    unit: str = "",
    mark: str = "",
) -> Panel:
    """Draw curves on two log axes: the chosen ones last, so that they lie on top."""
    drawn, values = [], []
    for curve in [*(c for c in curves if c.name not in look.chosen), *_picked(curves, look.chosen)]:
        found = points(curve)
        values += [value for _, value, _ in found]
        style = dict(zip(look.chosen, CHOSEN, strict=False)).get(curve.name)
        trace = _line(curve.name, found, unit) | (_coloured(found, *style[:2]) if style else {})
        drawn.append(trace | {"name": f"{curve.name}{look.mark}{mark}"})
    if not any(value > 0 for value in values):
        return empty(f"{title}: not measured yet at this setting", size="large")
    both = log_axes(look.what, curves[0].sizes, values, unit)
    line = upright("size", look.size, [10**end for end in both["yaxis"]["range"]])
    signs = zip(look.chosen, CHOSEN, strict=False)
    named = ", ".join(f"{sign} {name}" for name, (_, _, sign) in signs)
    return Panel(
        f"{title}: {named}",
        drawn,
        both["xaxis"],
        both["yaxis"],
        shapes=[line],
        click={"x": {"control": look.control, "values": list(curves[0].sizes)}},
        size="large",
    )


def _picked(curves: Sequence[Curve], chosen: Sequence[str]) -> list[Curve]:
    by_name = {curve.name: curve for curve in curves}
    return [by_name[name] for name in dict.fromkeys(chosen) if name in by_name]


def _line(name: str, found: Points, unit: str) -> Part:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [size for size, _, _ in found],
        "y": np.array([value for _, value, _ in found]),
        "line": {"color": OTHERS, "width": 1},
        "hovertemplate": f"{name}, %{{x}}: %{{y:.3s}}{unit}<extra></extra>",
    }


def _coloured(found: Points, colour: str, symbol: str) -> Part:
    """Return what makes a line a chosen one: its colour, its points and their quartiles."""
    steady = [measured is None or measured.timing.steady for _, _, measured in found]
    marker = {
        "symbol": [symbol if each else f"{symbol}-open" for each in steady],
        "size": 8,
        "color": colour,
        "line": {"width": 2, "color": colour},
    }
    styled = {"mode": "lines+markers", "line": {"color": colour, "width": 2}, "marker": marker}
    quartiles = [m.timing.quartiles_s for _, _, m in found if m is not None]
    if not quartiles:
        return styled
    values = np.array([value for _, value, _ in found])
    low, high = np.array(quartiles).T
    return styled | {"error_y": error_bars(high - values, values - low, colour)}


def error_bars(above: Sequence[float], below: Sequence[float], colour: str) -> Part:
    """Return error bars of different lengths to both sides."""
    bars = {"type": "data", "symmetric": False, "array": above, "arrayminus": below}
    return {**bars, "color": colour, "thickness": 1.5, "width": 3}


def log_axes(what: str, sizes: Sequence[float], values: Sequence[float], unit: str = "") -> Axes:
    """Return two log axes, with a tick at each size."""
    drawn = axes(what, [0, 1], [0, 1])
    ends = [math.log10(min(sizes)), math.log10(max(sizes))]
    room = 0.06 * (ends[1] - ends[0] or 1)
    ticks = _spaced(sizes)
    drawn["xaxis"] |= {
        "type": "log",
        "range": [ends[0] - room, ends[1] + room],
        "tickvals": ticks,
        "ticktext": [f"{each:,}" for each in ticks],
    }
    drawn["yaxis"] |= log_range(values, unit)
    return drawn


def _spaced(sizes: Sequence[float]) -> list[float]:
    """Return the sizes that can be written beside each other on a log axis."""
    span = math.log10(max(sizes) / min(sizes)) or 1
    kept: list[float] = []
    for size in sizes:
        if not kept or math.log10(size / kept[-1]) >= span / 9:
            kept.append(size)
    return kept


def log_range(values: Sequence[float], unit: str = "") -> Part:
    """Return what makes an axis logarithmic, from one power of ten to another."""
    logs = np.log10([value for value in values if value > 0])
    low, high = math.floor(logs.min() - 0.05), math.ceil(logs.max() + 0.05)
    powers = range(low, high + 1, max(1, math.ceil((high - low) / 6)))
    return {
        "type": "log",
        "range": [low, high],
        "tickvals": [10.0**power for power in powers],
        "ticktext": [f"{scaled(10.0**power)}{unit}" for power in powers],
        "nticks": 0,
        "zeroline": False,
    }


def scaled(value: float) -> str:
    """Write a value with three digits and the letter of its power of a thousand.

    Examples
    --------
    >>> scaled(0.00023), scaled(1_500_000), scaled(12)
    ('230 µ', '1.5 M', '12 ')
    """
    power = min(max(math.floor(math.log10(value) / 3 + 1e-9), -4), 4) if value > 0 else 0
    return f"{theme.number(value / 1000.0**power)} {_LETTERS[power]}"


_LETTERS = {-4: "p", -3: "n", -2: "µ", -1: "m", 0: "", 1: "k", 2: "M", 3: "G", 4: "T"}
