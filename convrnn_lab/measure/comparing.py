"""What measurements say beside each other: ratios with intervals, exponents, crossings."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from convrnn_lab import checks
from convrnn_lab.measure.timer import Timing

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
        Whether both measurements were; without that, nothing is to be concluded.
    """

    value: float
    low: float
    high: float
    steady: bool

    def times(self, factor: float) -> Ratio:
        """Return the ratio for `factor` times as many calls of the first."""
        return Ratio(factor * self.value, factor * self.low, factor * self.high, self.steady)

    @property
    def verdict(self) -> str:
        """Return "faster", "slower", "no difference seen" or, where unsteady, ""."""
        if not self.steady:
            return ""
        if self.low <= 1 <= self.high:
            return "no difference seen"
        return "faster" if self.value < 1 else "slower"


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
    return Ratio(float(value), float(low), float(high), one.steady and two.steady)


@lru_cache(maxsize=1024)
def _medians(timing: Timing, seed: int) -> Any:
    """Return the medians of samples of the repeats, drawn again and again."""
    generator = np.random.default_rng(seed)
    drawn = generator.choice(timing.seconds, (_RESAMPLES, len(timing.seconds)))
    return np.median(drawn, axis=1)


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
