"""Measurements of a layer over the length of its sequence, and two of them compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from convrnn_lab.measure.comparing import Ratio, crossings, exponent, ratio
from convrnn_lab.measure.preparing import Count
from convrnn_lab.measure.store import Measured


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
    def fused(self) -> bool | None:
        """Whether as many operations are started at every size; None where two are not known."""
        counts = {found.operations for *_, found in self.known if found.operations is not None}
        if len(self.known) < 2 or not counts:
            return None
        return len(counts) == 1

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
    """

    one: str
    two: str
    size: int
    ratio: Ratio | None
    counted: float | None
    crossings: tuple[float, ...]
    span: tuple[int, int] | None

    @property
    def words(self) -> str:
        """Say which is faster, by how much, where that turns round, and what was to be expected."""
        if self.ratio is None:
            return "not measured"
        measured = f"{self.ratio.value:.3g} × (95 %: {self.ratio.low:.3g} to {self.ratio.high:.3g})"
        verdict = {
            "": "too unsteady for a verdict",
            "as fast": "as fast",
            "faster": "faster",
            "slower": "slower",
        }[self.ratio.verdict]
        return f"takes {measured} the time of {self.two}: {verdict}; {self.turning}"

    @property
    def turning(self) -> str:
        """Say where the faster one becomes the slower one."""
        if self.span is None:
            return "nothing to look for a crossing in"
        if self.crossings:
            places = " and ".join(f"{each:.2g}" for each in self.crossings)
            return f"they cross near {places}"
        return f"no crossing from {self.span[0]} to {self.span[1]}"


def compare(one: Curve, two: Curve, size: int) -> Comparison:
    """Compare two curves at one size, and look for the sizes at which they cross.

    Parameters
    ----------
    one, two : Curve
        Over the same sizes.
    size : int
    """
    (count_one, found_one), (count_two, found_two) = one.at(size), two.at(size)
    both = [
        (size, a.timing.median_s, b.timing.median_s)
        for size, a, b in zip(one.sizes, one.measured, two.measured, strict=True)
        if a is not None and b is not None
    ]
    sizes = [each for each, *_ in both]
    return Comparison(
        one.name,
        two.name,
        size,
        ratio(found_one.timing, found_two.timing) if found_one and found_two else None,
        count_one.multiply_adds / count_two.multiply_adds if count_one and count_two else None,
        crossings(sizes, [a for _, a, _ in both], [b for *_, b in both]) if len(both) > 1 else (),
        (sizes[0], sizes[-1]) if len(both) > 1 else None,
    )


def in_words(curves: Sequence[Curve], chosen: str, size: int) -> list[dict[str, object]]:
    """Compare one curve with all others: a row each, in plain values.

    Parameters
    ----------
    curves : sequence of Curve
    chosen : str
        The name of one of them.
    size : int

    Returns
    -------
    list of dict
        ``layer``, ``compared with``, ``size``, ``time ratio``, ``low``, ``high``, ``verdict``,
        ``turns round``, ``counts predict``.
    """
    (one,) = [curve for curve in curves if curve.name == chosen]
    rows: list[dict[str, object]] = []
    for other in curves:
        if other is one:
            continue
        found = compare(one, other, size)
        known = found.ratio
        rows.append(
            {
                "layer": chosen,
                "compared with": other.name,
                "size": size,
                "time ratio": known and known.value,
                "low": known and known.low,
                "high": known and known.high,
                "verdict": "not measured" if known is None else known.verdict or "unsteady",
                "turns round": found.turning,
                "counts predict": found.counted,
            }
        )
    return rows
