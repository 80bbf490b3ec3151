"""What layers cost over the length of a sequence: seconds beside multiply-adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Panel, Sheet, folded
from convrnn_lab.measure.comparing import Ratio, rounded
from convrnn_lab.measure.curves import Comparison, Curve
from convrnn_lab.measure.hardware import Peak
from convrnn_lab.measure.store import Measured
from convrnn_lab.measure.timer import Timing
from convrnn_lab.measure.workload import Count
from convrnn_lab.topics.timing.curve_panels import (
    Look,
    each_panel,
    products_panel,
    scaled,
    seconds_panel,
)
from convrnn_lab.topics.timing.roofline_figure import roofline_panel
from convrnn_lab.topics.timing.stamp import Fact, Stamp


def timing(
    curves: Sequence[Curve],
    found: Comparison,
    *,
    work: str,
    peak: Peak | None,
    stamp: Stamp,
    notes: Sequence[Fact] = (),
    code: str = "",
) -> Sheet:
    """Draw what layers cost over the length of a sequence.

    Parameters
    ----------
    curves : sequence of Curve
    found : Comparison
        Of the two that are looked at, at the length that is.
    work : str
        What was done: forward, with the gradient, or one more step.
    peak : Peak, optional
        Of the machine.
    stamp : Stamp
    notes : sequence of (what, value)
        What else is to be said, such as why something was not measured.
    code : str
        The lines that measure one of them.

    Returns
    -------
    Sheet
    """
    panels = timing_panels(curves, (found.one, found.two), found.size, peak, stamp.short)
    words = timing_words(curves, found, work=work, peak=peak, stamp=stamp, notes=notes, code=code)
    return replace(words, panels=panels)


def timing_panels(
    curves: Sequence[Curve],
    chosen: tuple[str, str],
    size: Seen,
    peak: Peak | None,
    where: str = "",
) -> list[Panel]:
    """Draw what layers cost over the length of a sequence.

    Parameters
    ----------
    curves : sequence of Curve
    chosen : (str, str)
        The two that are looked at.
    size : int or Look
        The length that is.
    peak : Peak, optional
        Of the machine.
    where : str
        Tells in the panels of what was measured that it was not the reader's machine.
    """
    look = Look(chosen, size, where=where)
    return [
        *(draw(curves, look) for draw in (seconds_panel, products_panel, each_panel)),
        *folded("Roofline", [roofline_panel(curves, chosen, peak, where)]),
    ]


def timing_words(
    curves: Sequence[Curve],
    found: Comparison,
    *,
    work: str,
    peak: Peak | None,
    stamp: Stamp,
    notes: Sequence[Fact],
    code: str,
) -> Sheet:
    """Return a sheet of what is said beside the panels; see `timing`."""
    chosen = (found.one, found.two)
    by_name = {curve.name: curve for curve in curves}
    return Sheet(
        [],
        title=title_of(found, work, where=stamp.mark),
        description=describe(found, work, where=stamp.mark),
        facts=[
            *(
                fact
                for name in dict.fromkeys(chosen)
                for fact in facts_of(by_name[name], found, growing=work != "one more step")
            ),
            *verdict(found),
            *_others(curves, chosen, found.size),
            *_peak(peak, stamp),
            *notes,
            *stamp.facts,
        ],
        code=code,
    )


def describe(found: Comparison, work: str, where: str = "") -> str:
    """Write the comparison for readers who cannot see the figure."""
    if found.one == found.two:
        return title_of(found, work)
    return f"{work}: {found.one} {found.words}{where if found.ratio else ''}."


def title_of(found: Comparison, work: str, what: str = "steps", *, where: str = "") -> str:
    """Write the finding in a line, and behind it where it was measured."""
    at = f"{work}, {found.size:,} {what}"
    if found.one == found.two:
        return f"{at}: choose two different ones to compare"
    if found.ratio is None:
        return f"{at}: not measured yet; the counts are there"
    return f"{at}: {_finding(found, found.ratio)}{where}"


def _finding(found: Comparison, ratio: Ratio) -> str:
    low, high = ratio.low, ratio.high
    if not ratio.enough:
        return f"{found.one} and {found.two} have {ratio.doubt}"
    if ratio.verdict == "":
        between = f"({rounded(low)} to {rounded(high)} × the time)"
        return f"{found.one} and {found.two} are too unsteady for a verdict {between}"
    if ratio.verdict == "no difference seen":
        return f"no difference seen between {found.one} and {found.two}"
    faster = ratio.verdict == "faster"
    times, low, high = (1 / ratio.value, 1 / high, 1 / low) if faster else (ratio.value, low, high)
    spread = "" if ratio.steady else f" (unsteady: {rounded(low)} to {rounded(high)})"
    words = "is {} times as fast as" if faster else "takes {} times as long as"
    return f"{found.one} {words.format(rounded(times))} {found.two}{spread}"


def verdict(found: Comparison) -> list[Fact]:
    """Write the comparison, and what the counts had predicted."""
    if found.one == found.two:
        return []
    facts = [(f"{found.one} against {found.two}", found.words)]
    if found.counted is not None:
        facts.append(("The counts predict", f"{rounded(found.counted)} × the time"))
    return facts


def facts_of(
    curve: Curve, found: Comparison, what: str = "length", *, growing: bool = True
) -> list[Fact]:
    """Write what is known of a layer at one size, and how it grows with `what`, if it does."""
    count, measured = curve.at(found.size)
    if count is None:
        return [(curve.name, "does not run on this input")]
    parts = _counted(count)
    if measured is not None:
        growth = what if growing else ""
        parts = [_seconds(measured.timing), *parts, *_measured(measured, curve, growth)]
    return [(curve.name, "; ".join(parts))]


def _counted(count: Count) -> list[str]:
    least = "at least " if count.unknown else ""
    unknown = [f"not counted: {', '.join(count.unknown)}"] if count.unknown else []
    moved = f"at least {amount(count.bytes)} moved"
    return [f"{least}{count.multiply_adds:,} multiply-adds, {moved}", *unknown]


def _seconds(timing: Timing) -> str:
    low, high = map(duration, timing.quartiles_s)
    spread = "" if timing.steady else ", unsteady"
    return f"{duration(timing.median_s)} (quartiles {low} to {high}{spread})"


def _measured(measured: Measured, curve: Curve, growth: str) -> list[str]:
    """Say what was measured beside the seconds, and how they grow with `growth`, if they do."""
    parts = []
    if measured.operations is not None:
        parts.append(_operations(measured.operations, curve.growing if growth else None, growth))
    if measured.peak_bytes is not None:
        parts.append(f"{amount(measured.peak_bytes)} at its peak")
    power = curve.exponent() if growth else None
    if power is not None:
        doubt = "" if curve.steady else ", as far as unsteady points tell"
        parts.append(f"grows as {growth}^{power:.2f}{doubt}")
    return [*parts, _threads(measured.timing.threads)]


def _threads(count: int) -> str:
    return f"{count} thread{'' if count == 1 else 's'}"


def _operations(count: int, growing: bool | None, what: str) -> str:
    words = f"{count:,} operation{'' if count == 1 else 's'}"
    if growing is None:
        return words
    return f"{words}, more with the {what}" if growing else f"{words}, whatever the {what}"


def _others(curves: Sequence[Curve], chosen: Sequence[str], size: int) -> list[Fact]:
    """Name the grey curves, the fastest first."""
    found = [(c.at(size)[1], c.name) for c in curves if c.name not in chosen]
    times = sorted((m.timing.median_s, name) for m, name in found if m is not None)
    words = ", ".join(f"{name} {duration(seconds)}" for seconds, name in times)
    return [("The others (grey)", words)] if words else []


def _peak(peak: Peak | None, stamp: Stamp) -> list[Fact]:
    if peak is None:
        return []
    rates = (
        f"{theme.number(peak.multiply_adds_per_s / 1e9)} G multiply-adds/s in a matrix product, "
        f"{theme.number(peak.bytes_per_s / 1e9)} GB/s copied"
    )
    whose = "The reference machine's" if stamp.reference else "This machine's"
    return [(f"{whose} peak", f"{rates} ({_threads(peak.threads)}, {peak.dtype})")]


def duration(seconds: float) -> str:
    """Write a time with its unit.

    Examples
    --------
    >>> duration(0.00023), duration(1.5)
    ('230 µs', '1.5 s')
    """
    return f"{scaled(seconds)}s"


def amount(count: float) -> str:
    """Write bytes with their unit.

    Examples
    --------
    >>> amount(2_500_000)
    '2.5 MB'
    """
    return f"{scaled(count)}B"
