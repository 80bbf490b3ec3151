"""The roofline: what a machine reaches at most, and how near to it layers come."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import axes, empty
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.measure.curves import Curve
from convrnn_lab.measure.hardware import Peak
from convrnn_lab.topics.timing.curve_panels import CHOSEN, log_range

Points = list[tuple[int, float, float]]
"""Size, multiply-adds a byte, and multiply-adds a second."""


def roofline_panel(
    curves: Sequence[Curve], chosen: Sequence[str], peak: Peak | None, where: str = ""
) -> Panel:
    """Draw multiply-adds a second against multiply-adds a byte, under what the machine reaches."""
    if peak is None:
        return empty("Roofline: the machine's peak is not measured yet", size="large")
    by_name = {curve.name: _points(curve) for curve in curves}
    found = {name: by_name[name] for name in chosen}
    drawn = [
        _rates(name, points, colour, symbol)
        for (name, points), (colour, symbol, _) in zip(found.items(), CHOSEN, strict=False)
    ]
    ridge = peak.multiply_adds_per_s / peak.bytes_per_s
    reached = [x for points in found.values() for _, x, _ in points]
    ends = [min([*reached, ridge]) / 2, max([*reached, ridge]) * 4]
    both = axes("multiply-adds a byte", [math.log10(end) for end in ends], [0, 1])
    both["xaxis"] |= {"type": "log", "dtick": "D2", "nticks": 0}
    rates = [y for points in found.values() for *_, y in points]
    both["yaxis"] |= log_range([peak.multiply_adds_per_s, *rates, peak.bound(ends[0])], "/s")
    title = f"Multiply-adds a second, and the machine's roof{where}"
    return Panel(
        title,
        [_roof(peak, [ends[0], ridge, ends[1]]), *drawn],
        both["xaxis"],
        both["yaxis"],
        size="large",
    )


def _points(curve: Curve) -> Points:
    return [
        (size, count.multiply_adds / count.bytes, count.multiply_adds / found.timing.median_s)
        for size, count, found in curve.known
        if count.multiply_adds
    ]


def _rates(name: str, points: Points, colour: str, symbol: str) -> Part:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"{name} rate",
        "x": [x for _, x, _ in points],
        "y": np.array([y for *_, y in points]),
        "text": [f"{size:,}" for size, *_ in points],
        "line": {"color": colour, "width": 1, "dash": "dot"},
        "marker": {"symbol": symbol, "size": 8, "color": colour},
        "hovertemplate": f"{name}, %{{text}}: %{{y:.3s}}/s at %{{x:.3g}} a byte<extra></extra>",
    }


def _roof(peak: Peak, corners: Sequence[float]) -> Part:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "roof",
        "x": list(corners),
        "y": np.array([peak.bound(each) for each in corners]),
        "line": {"color": theme.WEIGHT, "width": 2.5},
        "hovertemplate": "at most %{y:.3s}/s at %{x:.3g} a byte<extra></extra>",
    }
