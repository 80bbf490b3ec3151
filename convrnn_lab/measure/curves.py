"""Measurements of a layer over the length of its sequence, and two of them compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from convrnn_lab.measure.comparing import Ratio, crossings, exponent, ratio, rounded
from convrnn_lab.measure.store import Measured
from convrnn_lab.measure.workload import Count


@dataclass(frozen=True)
class Curve:
    """A layer at several sizes.

    Attributes
    ----------
    name : str
    sizes : tuple of int
        Ascending: lengths, kernel sizes, strides.
    counts : tuple of Count or None
        None where the layer does not run.
    measured : tuple of Measured or None
        None where it has not been measured.
    """

    name: str
    sizes: tuple[int, ...]
    counts: tuple[Count | None, ...]
    measured: tuple[Measured | None, ...]

    @property
    def known(self) -> list[tuple[int, Count, Measured]]:
        """Sizes that were measured."""
        return [
            (size, count, found)
            for size, count, found in zip(self.sizes, self.counts, self.measured, strict=True)
            if count is not None and found is not None
        ]

    def at(self, size: int) -> tuple[Count | None, Measured | None]:
        """Return what is known of one size."""
        place = self.sizes.index(size)
        return self.counts[place], self.measured[place]

    @property
    def growing(self) -> bool | None:
        """Whether more operations are started at larger sizes; None where that is not known."""
        counts = [found.operations for *_, found in self.known if found.operations is not None]
        return counts[-1] >= 2 * counts[0] if len(counts) > 1 else None

    @property
    def steady(self) -> bool:
        """Whether all measurements are."""
        return all(found.timing.steady for *_, found in self.known)

    def exponent(self, last: int = 3) -> float | None:
        """Return the power of the size that the time grows with, over the `last` sizes measured.

        At small sizes the time is that of starting, whatever the size. None where fewer than two
        are known.
        """
        known = self.known[-last:]
        if len(known) < 2:
            return None
        return exponent([size for size, *_ in known], [m.timing.median_s for *_, m in known])


@dataclass(frozen=True)
class Comparison:
    """Two curves beside each other, at one size.

    Attributes
    ----------
    one, two : str
        Their names.
    size : int
    ratio : Ratio or None
        Of their times; None where one has not been measured.
    counted : float or None
        Ratio of their multiply-adds: what the counts predict.
    crossings : tuple of float
        Sizes at which the other one becomes faster.
    span : (int, int) or None
        The sizes between which crossings were looked for.
    steady : bool
        Whether all measurements used are steady.
    """

    one: str
    two: str
    size: int
    ratio: Ratio | None
    counted: float | None
    crossings: tuple[float, ...] = ()
    span: tuple[int, int] | None = None
    steady: bool = True

    @property
    def words(self) -> str:
        """Say which is faster, by how much, and where that turns round."""
        if self.ratio is None:
            return "not measured yet"
        value, low, high = map(rounded, (self.ratio.value, self.ratio.low, self.ratio.high))
        verdict = ", ".join(filter(None, (self.ratio.verdict, self.ratio.doubt)))
        turning = f"; {self.turning}" if self.turning else ""
        return f"takes {value} × (95 %: {low} to {high}) the time of {self.two}: {verdict}{turning}"

    @property
    def turning(self) -> str:
        """Say where the faster one becomes the slower one."""
        if self.span is None:
            return ""
        doubt = "" if self.steady else ", as far as unsteady points tell"
        if self.crossings:
            places = " and ".join(rounded(each, 2) for each in self.crossings)
            return f"they cross near {places}{doubt}"
        return f"no crossing from {self.span[0]} to {self.span[1]}{doubt}"


def compare(one: Curve, two: Curve, size: int, *, growing: bool = True) -> Comparison:
    """Compare two curves at one size, and look for the sizes at which they cross.

    Parameters
    ----------
    one, two : Curve
        Over the same sizes.
    size : int
    growing : bool
        Whether they change with the size, so that crossings mean something.
    """
    (count_one, found_one), (count_two, found_two) = one.at(size), two.at(size)
    both = [
        (size, a.timing.median_s, b.timing.median_s)
        for size, a, b in zip(one.sizes, one.measured, two.measured, strict=True)
        if a is not None and b is not None
    ]
    sizes = [each for each, *_ in both]
    counted = None
    if count_one and count_two and not (count_one.unknown or count_two.unknown):
        # A pool or an activation multiplies nothing.
        counted = count_two.multiply_adds and count_one.multiply_adds / count_two.multiply_adds
    measured = ratio(found_one.timing, found_two.timing) if found_one and found_two else None
    found = Comparison(one.name, two.name, size, measured, counted or None)
    if len(both) < 2 or not growing:
        return found
    return replace(
        found,
        crossings=crossings(sizes, [a for _, a, _ in both], [b for *_, b in both]),
        span=(sizes[0], sizes[-1]),
        steady=one.steady and two.steady,
    )


def in_words(
    curves: Sequence[Curve], chosen: str, size: int, *, growing: bool = True
) -> list[dict[str, object]]:
    """Compare one curve with all others: a row each, in plain values.

    Parameters
    ----------
    curves : sequence of Curve
    chosen : str
        The name of one of them.
    size : int
    growing : bool
        See `compare`.

    Returns
    -------
    list of dict
        ``layer``, ``compared with``, ``size``, ``time ratio``, ``low``, ``high``, ``verdict``,
        ``spread``, ``turns round``, ``counts predict``. What no row knows is left out: before
        anything is measured, the ratio, its interval and what follows from them.
    """
    (one,) = [curve for curve in curves if curve.name == chosen]
    rows: list[dict[str, object]] = []
    for other in curves:
        if other is one:
            continue
        found = compare(one, other, size, growing=growing)
        known = found.ratio
        rows.append(
            {
                "layer": chosen,
                "compared with": other.name,
                "size": size,
                "time ratio": known and known.value,
                "low": known and known.low,
                "high": known and known.high,
                "verdict": _verdict(known),
                "spread": known and known.spread,
                "turns round": found.turning,
                "counts predict": found.counted,
            }
        )
    told = {name for row in rows for name, value in row.items() if value not in (None, "")}
    return [{name: value for name, value in row.items() if name in told} for row in rows]


def _verdict(known: Ratio | None) -> str:
    if known is None:
        return "not measured yet"
    return known.verdict or ("unsteady" if known.enough else "too few repeats")
