"""What makes a layer faster: before and after, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import axes, empty
from convrnn_lab.drawing.sheet import Panel, Part, Sheet
from convrnn_lab.measure.comparing import Ratio
from convrnn_lab.measure.store import Measured
from convrnn_lab.measure.switches import Switch
from convrnn_lab.measure.workload import Count
from convrnn_lab.topics.timing.curve_panels import OTHERS, error_bars
from convrnn_lab.topics.timing.figure import duration
from convrnn_lab.topics.timing.stamp import Fact, Stamp


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
    words = _words(one) + (stamp.mark if one.ratio else "")
    return Sheet(
        [_bars(found, chosen, stamp.short), _sides(chosen, one, stamp.short)],
        title=f"{chosen}: {words}",
        description=f"{chosen} ({one.switch.about}): {words}.",
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


def _bars(found: Mapping[str, Switched], chosen: str, where: str) -> Panel:
    known = {name: each.ratio for name, each in found.items() if each.ratio is not None}
    if not known:
        return empty("Times as fast: not measured yet at this setting", size="large")
    ratios = list(known.values())
    ends = [0.1 * min([0.5, *(1 / r.high for r in ratios)]), max(2.0, *(1 / r.low for r in ratios))]
    low, high = math.floor(math.log10(ends[0]) + 1), math.log10(ends[1]) + 0.2
    both = axes(
        "times as fast (1: no change)", [low, high + 1.4 * (high - low)], [len(known) - 0.4, -0.6]
    )
    powers = range(math.ceil(low), math.floor(high) + 1, 1 + int(high - low) // 4)
    both["xaxis"] |= {
        "type": "log",
        "tickvals": [10.0**power for power in powers],
        "ticktext": [f"{10.0**power:g} ×" for power in powers],
        "tickangle": 0,
    }
    both["yaxis"] |= {"type": "category", "showticklabels": False, "showgrid": False}
    drawn = [_speeds(known, chosen), _names(known, 10**high)]
    title = f"Times as fast{where}; / is unsteady"
    return Panel(title, drawn, both["xaxis"], both["yaxis"], size="large")


def _speeds(known: Mapping[str, Ratio], chosen: str) -> Part:
    """Return a bar for each switch, with its interval."""
    speeds = [1 / each.value for each in known.values()]
    both = list(zip(known.values(), speeds, strict=True))
    above = [1 / each.low - speed for each, speed in both]
    below = [speed - 1 / each.high for each, speed in both]
    return {
        "type": "bar",
        "name": "times as fast",
        "orientation": "h",
        "base": 1,  # to the left of it are those that are slower
        "x": [speed - 1 for speed in speeds],
        "y": list(known),
        "customdata": speeds,
        "marker": {
            "color": [theme.OUTPUT if name == chosen else theme.INPUT for name in known],
            "pattern": {"shape": ["" if each.steady else "/" for each in known.values()]},
        },
        "error_x": error_bars(above, below, OTHERS),
        "hovertemplate": "%{y}: %{customdata:.3g} times as fast<extra></extra>",
    }


def _names(known: Mapping[str, Ratio], x: float) -> Part:
    """Return the names of the switches, in a column behind the bars."""
    return {
        "type": "scatter",
        "mode": "text",
        "name": "names",
        "x": [x] * len(known),
        "y": list(known),
        "text": [f"{name} {theme.number(1 / each.value)} ×" for name, each in known.items()],
        "textposition": "middle right",
        "hoverinfo": "skip",
    }


def _sides(name: str, one: Switched, where: str) -> Panel:
    if one.measured is None:
        return empty(f"{name}: not measured yet", size="large")
    before, after = one.measured
    drawn = [
        _box("before", before, 1.0, theme.INPUT),
        _box("after", after, one.switch.share, theme.OUTPUT),
    ]
    highest = max(max(each["y"]) for each in drawn)
    both = axes("", [-0.6, 1.6], [0, 1.08 * highest])
    both["xaxis"] |= {"type": "category"}
    both["yaxis"] |= {"ticksuffix": " ms"}
    repeats = "some repeats" if where else "all repeats"
    title = f"{name}{where}: {repeats}, for the same work"
    return Panel(title, drawn, both["xaxis"], both["yaxis"], size="large")


def _box(side: str, found: Measured, share: float, colour: str) -> Part:
    return {
        "type": "box",
        "name": side,
        "y": [1000 * share * each for each in found.timing.seconds],
        "boxpoints": "all",
        "jitter": 0.4,
        "marker": {"color": colour, "size": 4},
        "line": {"color": colour},
        "hovertemplate": f"{side}: %{{y:.3g}} ms<extra></extra>",
    }


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
