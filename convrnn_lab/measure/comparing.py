"""What measurements say beside each other: ratios with intervals, exponents, crossings."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from convrnn_lab import checks
from convrnn_lab.measure.timer import ENOUGH, Timing

MARGIN = 1.25
"""How many times from 1 an interval of unsteady measurements must end, to decide."""

_RESAMPLES = 1000


@dataclass(frozen=True)
class Ratio:
    """How many times as long one call takes as another.

    Attributes
    ----------
    value : float
        Of the medians.
    low, high : float
        Ends of its 95 % interval, by the bootstrap (Efron 1979).
    steady : bool
        Whether both measurements are.
    spread : float
        The larger one's distance between the quartiles, as a share of the median.
    enough : bool
        Whether both have as many repeats as an interval can be told from.
    """

    value: float
    low: float
    high: float
    steady: bool
    spread: float = 0.0
    enough: bool = True

    def times(self, factor: float) -> Ratio:
        """Return the ratio for `factor` times as many calls of the first."""
        ends = factor * self.value, factor * self.low, factor * self.high
        return Ratio(*ends, self.steady, self.spread, self.enough)

    @property
    def verdict(self) -> str:
        """Return "faster", "slower", "no difference seen" or, where that cannot be told, "".

        The interval decides. That of unsteady measurements is itself uncertain: it must end at
        least `MARGIN` times from 1.
        """
        margin = 1 if self.steady else MARGIN
        if not self.enough:
            return ""
        if self.high < 1 / margin:
            return "faster"
        if self.low > margin:
            return "slower"
        return "no difference seen" if self.steady and self.low <= 1 <= self.high else ""

    @property
    def doubt(self) -> str:
        """Return what speaks against the verdict, or against there being one; "" if nothing."""
        if not self.enough:
            return "too few repeats for a verdict"
        if self.steady:
            return ""
        spread = f"(quartiles {100 * self.spread:.0f} % of the median apart)"
        return f"{'though unsteady' if self.verdict else 'too unsteady for a verdict'} {spread}"


def rounded(value: float, digits: int = 3) -> str:
    """Write a number with so many digits that count, and never a power of ten.

    Examples
    --------
    >>> rounded(1534.2, 2), rounded(0.0649), rounded(15.0)
    ('1,500', '0.0649', '15')
    """
    short = float(f"{value:.{digits}g}")
    return f"{short:,.0f}" if abs(short) >= 100 or short == int(short) else f"{short:g}"


@lru_cache(maxsize=1024)
def ratio(one: Timing, two: Timing, *, seed: int = 0) -> Ratio:
    """Return how many times as long `one` takes as `two`.

    Parameters
    ----------
    one, two : Timing
    seed : int
        Of the resampling.

    Examples
    --------
    >>> found = ratio(Timing("a", (2.0,) * 9), Timing("b", (1.0,) * 9))
    >>> found.value, found.verdict
    (2.0, 'slower')
    """
    checks.integer("seed", seed, 0)
    medians = _medians(one, 2 * seed), _medians(two, 2 * seed + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.quantile(medians[0] / medians[1], [0.025, 0.975])
        value = np.float64(one.median_s) / two.median_s
    return Ratio(
        float(value),
        float(low),
        float(high),
        steady=one.steady and two.steady,
        spread=max(one.spread, two.spread),
        enough=min(len(one.seconds), len(two.seconds)) >= ENOUGH,
    )


@lru_cache(maxsize=1024)
def _medians(timing: Timing, seed: int) -> NDArray[np.float64]:
    """Return the medians of samples of the repeats, drawn again and again."""
    generator = np.random.default_rng(seed)
    drawn = generator.choice(timing.seconds, (_RESAMPLES, len(timing.seconds)))
    medians: NDArray[np.float64] = np.median(drawn, axis=1)
    return medians


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the power of the size that values grow with: the slope of a line on two log axes.

    Parameters
    ----------
    sizes, values : sequence of float
        All over 0; at least two different sizes.

    Raises
    ------
    ValueError
        If there are fewer.

    Examples
    --------
    >>> round(exponent([1, 10, 100], [3, 300, 30_000]), 6)
    2.0
    """
    if len(set(sizes)) < 2 or len(sizes) != len(values) or min(*sizes, *values) <= 0:
        raise ValueError(
            "sizes must be at least two different numbers over 0 with a value over 0 for each; got "
            f"{len(sizes)} sizes and {len(values)} values"
        )
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def crossings(
    sizes: Sequence[float], one: Sequence[float], two: Sequence[float]
) -> tuple[float, ...]:
    """Return the sizes at which one curve crosses another, between points on two log axes.

    Parameters
    ----------
    sizes : sequence of float
        Ascending.
    one, two : sequence of float
        Both curves at these sizes.

    Raises
    ------
    ValueError
        If they are not of one length, or not over 0.

    Examples
    --------
    >>> [round(size, 6) for size in crossings([1, 100], [1, 100], [10, 10])]
    [10.0]
    """
    if not len(sizes) == len(one) == len(two) or min(*sizes, *one, *two, 1) <= 0:
        raise ValueError(
            "one and two must have a value over 0 for each size; got "
            f"{len(one)} and {len(two)} values for {len(sizes)} sizes"
        )
    logs = [math.log(a / b) for a, b in zip(one, two, strict=True)]
    apart = [(place, log) for place, log in enumerate(logs) if log]
    found: list[float] = []
    for (i, before), (j, after) in itertools.pairwise(apart):
        if before * after < 0:
            share = before / (before - after)
            between = sizes[i] * (sizes[j] / sizes[i]) ** share
            found.append(between if j == i + 1 else sizes[i + 1])  # else they meet at a point
    return tuple(found)
