"""Measured curves on two log axes, with their spread, and the roofline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import axes, empty, outline
from convrnn_lab.drawing.sheet import Panel
from convrnn_lab.measure.curves import Curve
from convrnn_lab.measure.hardware import Peak
from convrnn_lab.measure.store import Measured

OTHERS = "#8c959f"
"""Of the curves that are there for comparison."""

CHOSEN = ((theme.INPUT, "circle", "●"), (theme.OUTPUT, "square", "■"))
"""Colour, symbol and sign of the two curves that are looked at."""


def seconds_panel(
    curves: Sequence[Curve],
    chosen: Sequence[str],
    size: int,
    *,
    what: str = "length",
    mark: str = "",
) -> Panel:
    """Draw seconds a call; quartiles as bars, hollow where a measurement is unsteady."""

    def points(curve: Curve) -> list[tuple[float, float, Measured | None]]:
        return [(size, found.timing.median_s, found) for size, _, found in curve.known]

    title = "Seconds a call"
    return log_panel(title, curves, chosen, points, size=size, what=what, unit="s", mark=mark)


def products_panel(
    curves: Sequence[Curve],
    chosen: Sequence[str],
    size: int,
    *,
    what: str = "length",
    mark: str = "",
) -> Panel:
    """Draw multiply-adds, from the shapes."""

    def points(curve: Curve) -> list[tuple[float, float, Measured | None]]:
        counted = zip(curve.sizes, curve.counts, strict=True)
        return [(size, count.multiply_adds, None) for size, count in counted if count is not None]

    mark = f"{mark} multiply-adds"
    return log_panel("Multiply-adds", curves, chosen, points, size=size, what=what, mark=mark)


def each_panel(
    curves: Sequence[Curve], chosen: Sequence[str], size: int, *, what: str = "length"
) -> Panel:
    """Draw seconds for each multiply-add: level if the counts told the time."""

    def points(curve: Curve) -> list[tuple[float, float, Measured | None]]:
        return [
            (size, found.timing.median_s / count.multiply_adds, None)
            for size, count, found in curve.known
            if count.multiply_adds
        ]

    title = "Seconds a multiply-add"
    return log_panel(title, curves, chosen, points, size=size, what=what, unit="s", mark=" each")


def log_panel(
    title: str,
    curves: Sequence[Curve],
    chosen: Sequence[str],
    points: Any,
    *,
    size: int,
    what: str,
    unit: str = "",
    mark: str = "",
) -> Panel:
    """Draw curves on two log axes.

    Parameters
    ----------
    points : function
        Returns what to draw of a curve: size, value, and the measurement behind it or None.
    size : int
        The size that is looked at.
    what : str
        Of what the sizes are.
    unit : str
        Of the values.
    mark : str
        Stands behind the names of the traces, which tells them from those of other panels.
    """
    drawn, values = [], []
    order = [*(c for c in curves if c.name not in chosen), *_picked(curves, chosen)]
    for curve in order:
        found = points(curve)
        values += [value for _, value, _ in found]
        style = dict(zip(chosen, CHOSEN, strict=False)).get(curve.name)
        drawn.append(_curve(curve.name, found, style, unit) | {"name": f"{curve.name}{mark}"})
    if not any(value > 0 for value in values):
        return empty(f"{title}: nothing measured yet", size="large")
    sizes = curves[0].sizes
    both = log_axes(what, sizes, values, unit)
    low, high = (10**end for end in both["yaxis"]["range"])
    line = outline("size", [], width=1.5) | {"path": f"M{size},{low}V{high}"}
    signs = ", ".join(f"{sign} {name}" for name, (_, _, sign) in zip(chosen, CHOSEN, strict=False))
    return Panel(f"{title}: {signs}", drawn, **both, shapes=[line], size="large")


def _picked(curves: Sequence[Curve], chosen: Sequence[str]) -> list[Curve]:
    by_name = {curve.name: curve for curve in curves}
    return [by_name[name] for name in dict.fromkeys(chosen) if name in by_name]


def _curve(
    name: str,
    found: list[tuple[float, float, Measured | None]],
    style: tuple[str, str, str] | None,
    unit: str,
) -> dict[str, Any]:
    values = np.array([value for _, value, _ in found])
    drawn: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [size for size, _, _ in found],
        "y": values,
        "line": {"color": OTHERS, "width": 1},
        "hovertemplate": f"{name}, %{{x}}: %{{y:.3s}}{unit}<extra></extra>",
    }
    if style is None:
        return drawn
    colour, symbol, _ = style
    steady = [measured is None or measured.timing.steady for _, _, measured in found]
    drawn |= {
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2},
        "marker": {
            "symbol": [symbol if each else f"{symbol}-open" for each in steady],
            "size": 8,
            "color": colour,
            "line": {"width": 2, "color": colour},
        },
    }
    quartiles = [measured.timing.quartiles_s for _, _, measured in found if measured is not None]
    if quartiles:
        low, high = np.array(quartiles).T
        drawn["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": high - values,
            "arrayminus": values - low,
            "color": colour,
            "thickness": 1.5,
            "width": 3,
        }
    return drawn


def log_axes(what: str, sizes: Sequence[float], values: Sequence[float], unit: str = "") -> Any:
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


def log_range(values: Sequence[float], unit: str = "") -> dict[str, Any]:
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


def roofline_panel(curves: Sequence[Curve], chosen: Sequence[str], peak: Peak | None) -> Panel:
    """Draw multiply-adds a second against multiply-adds a byte, under what the machine reaches."""
    if peak is None:
        return empty("Roofline: the machine's peak is not measured yet", size="large")
    drawn = []
    intensities: list[float] = []
    rates = [peak.multiply_adds_per_s]
    for name, (colour, symbol, _) in zip(chosen, CHOSEN, strict=False):
        whole = next(curve for curve in curves if curve.name == name).known
        known = [each for each in whole if each[1].multiply_adds]
        x = [count.multiply_adds / count.bytes for _, count, _ in known]
        y = [count.multiply_adds / found.timing.median_s for _, count, found in known]
        intensities, rates = [*intensities, *x], [*rates, *y]
        drawn.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": f"{name} rate",
                "x": x,
                "y": np.array(y),
                "text": [f"{size:,}" for size, _, _ in known],
                "line": {"color": colour, "width": 1, "dash": "dot"},
                "marker": {"symbol": symbol, "size": 8, "color": colour},
                "hovertemplate": f"{name}, %{{text}}: %{{y:.3s}}/s at %{{x:.3g}} a byte"
                "<extra></extra>",
            }
        )
    ridge = peak.multiply_adds_per_s / peak.bytes_per_s
    ends = [min([*intensities, ridge]) / 2, max([*intensities, ridge]) * 4]
    corners = [ends[0], ridge, ends[1]]
    roof = {
        "type": "scatter",
        "mode": "lines",
        "name": "roof",
        "x": corners,
        "y": np.array([peak.bound(each) for each in corners]),
        "line": {"color": theme.WEIGHT, "width": 2.5},
        "hovertemplate": "at most %{y:.3s}/s at %{x:.3g} a byte<extra></extra>",
    }
    both = axes("multiply-adds a byte", [math.log10(end) for end in ends], [0, 1])
    both["xaxis"] |= {"type": "log", "dtick": "D2", "nticks": 0}
    both["yaxis"] |= log_range([*rates, peak.bound(ends[0])], "/s")
    title = "Multiply-adds a second, and the machine's roof"
    return Panel(title, [roof, *drawn], **both, size="large")
