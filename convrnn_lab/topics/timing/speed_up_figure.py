"""What makes a layer faster: before and after, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import axes, empty
from convrnn_lab.drawing.sheet import Panel, Sheet
from convrnn_lab.measure.comparing import Ratio
from convrnn_lab.measure.store import Measured
from convrnn_lab.measure.switches import Switch
from convrnn_lab.measure.workload import Count
from convrnn_lab.topics.timing.curve_panels import OTHERS
from convrnn_lab.topics.timing.figure import Fact, Stamp, duration


@dataclass(frozen=True)
class Switched:
    """A switch, measured.

    Attributes
    ----------
    switch : Switch
    counts : (Count, Count), optional
        Before and after; None where one has not been measured.
    measured : (Measured, Measured), optional
    ratio : Ratio, optional
        Of the time after to that before, for the same work.
    """

    switch: Switch
    counts: tuple[Count, Count] | None = None
    measured: tuple[Measured, Measured] | None = None
    ratio: Ratio | None = None


def switches(
    found: Mapping[str, Switched],
    chosen: str,
    *,
    stamp: Stamp,
    notes: Sequence[Fact] = (),
    code: str = "",
) -> Sheet:
    """Draw how many times as fast each switch makes its layer.

    Parameters
    ----------
    found : mapping of str to Switched
    chosen : str
        Which is looked at.
    stamp, notes, code
        See `timing`.

    Returns
    -------
    Sheet
    """
    one = found[chosen]
    return Sheet(
        [_bars(found, chosen), _sides(chosen, one)],
        title=f"{chosen}: {_words(one)}",
        description=f"{chosen} ({one.switch.about}): {_words(one)}.",
        facts=[
            ("What changes", one.switch.about),
            *_facts(one),
            *notes,
            *stamp.facts,
        ],
        code=code,
    )


def _words(one: Switched) -> str:
    if one.ratio is None:
        return "not measured yet"
    value = one.ratio.value
    interval = f"(95 %: {theme.number(1 / one.ratio.high)} to {theme.number(1 / one.ratio.low)})"
    times = f"{theme.number(1 / value)} times as fast {interval}"
    return times if one.ratio.steady else f"{times}, unsteady"


def _bars(found: Mapping[str, Switched], chosen: str) -> Panel:
    known = {name: each.ratio for name, each in found.items() if each.ratio is not None}
    if not known:
        return empty("Times as fast: nothing measured yet", size="large")
    ratios = list(known.values())
    speeds = [1 / each.value for each in ratios]
    bars: dict[str, Any] = {
        "type": "bar",
        "name": "times as fast",
        "orientation": "h",
        "base": 1,  # to the left of it are those that are slower
        "x": [speed - 1 for speed in speeds],
        "y": list(known),
        "customdata": speeds,
        "marker": {
            "color": [theme.OUTPUT if name == chosen else theme.INPUT for name in known],
            "pattern": {"shape": ["" if each.steady else "/" for each in ratios]},
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [1 / r.low - speed for r, speed in zip(ratios, speeds, strict=True)],
            "arrayminus": [speed - 1 / r.high for r, speed in zip(ratios, speeds, strict=True)],
            "color": OTHERS,
            "thickness": 1.5,
            "width": 3,
        },
        "hovertemplate": "%{y}: %{customdata:.3g} times as fast<extra></extra>",
    }
    ends = [0.1 * min([0.5, *(1 / r.high for r in ratios)]), max(2.0, *(1 / r.low for r in ratios))]
    low, high = math.floor(math.log10(ends[0]) + 1), math.log10(ends[1]) + 0.2
    room = 0.9 * (high - low)
    names = {
        "type": "scatter",
        "mode": "text",
        "name": "names",
        "x": [10**high] * len(known),
        "y": list(known),
        "text": [
            f"{name} {theme.number(speed)} ×" for name, speed in zip(known, speeds, strict=True)
        ],
        "textposition": "middle right",
        "hoverinfo": "skip",
    }
    both = axes("times as fast (1: no change)", [low, high + room], [len(known) - 0.4, -0.6])
    powers = range(math.ceil(low), math.floor(high) + 1, 1 + int(high - low) // 4)
    both["xaxis"] |= {
        "type": "log",
        "tickvals": [10.0**power for power in powers],
        "ticktext": [f"{10.0**power:g} ×" for power in powers],
        "tickangle": 0,
    }
    both["yaxis"] |= {"type": "category", "showticklabels": False, "showgrid": False}
    return Panel("Times as fast; / is unsteady", [bars, names], **both, size="large")


def _sides(name: str, one: Switched) -> Panel:
    if one.measured is None:
        return empty(f"{name}: not measured yet", size="large")
    drawn, highest = [], 0.0
    for side, found, share, colour in zip(
        ("before", "after"),
        one.measured,
        (1.0, one.switch.share),
        (theme.INPUT, theme.OUTPUT),
        strict=True,
    ):
        times = [1000 * share * each for each in found.timing.seconds]
        highest = max(highest, *times)
        drawn.append(
            {
                "type": "box",
                "name": side,
                "y": times,
                "boxpoints": "all",
                "jitter": 0.4,
                "marker": {"color": colour, "size": 4},
                "line": {"color": colour},
                "hovertemplate": f"{side}: %{{y:.3g}} ms<extra></extra>",
            }
        )
    both = axes("", [-0.6, 1.6], [0, 1.08 * highest])
    both["xaxis"] |= {"type": "category"}
    both["yaxis"] |= {"ticksuffix": " ms"}
    return Panel(f"{name}: all repeats, for the same work", drawn, **both, size="large")


def _facts(one: Switched) -> list[Fact]:
    if one.counts is None or one.measured is None:
        return []
    facts = []
    for side, found, share in zip(
        ("Before", "After"), one.measured, (1.0, one.switch.share), strict=True
    ):
        parts = [duration(share * found.timing.median_s)]
        if found.operations is not None:
            parts.append(f"{found.operations:,} operations a call")
        if not found.timing.steady:
            parts.append("unsteady")
        facts.append((side, "; ".join(parts)))
    before, after = one.counts
    counted = before.multiply_adds / (after.multiply_adds * one.switch.share)
    return [*facts, ("The counts predict", f"{theme.number(counted)} times as fast")]
