"""The gradients of several cells over the lag, which of them are looked at, and their axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import Numbers, axes
from convrnn_lab.drawing.sheet import Axes
from convrnn_lab.topics.gates.gradient_trace import GradientTrace

TOWARDS = ("input", "state")
_FLOOR, _CEILING = -12.0, 12.0
"""Powers of ten that the axes end at."""


@dataclass(frozen=True, eq=False)
class Compared:
    """The gradients of several cells, and which of them are looked at.

    Attributes
    ----------
    runs : mapping of str to GradientTrace
    chosen, towards, clip : int or Look
        Places in `runs`, `TOWARDS` and `clips`.
    clips : sequence of float or None
    """

    runs: Mapping[str, GradientTrace]
    chosen: Seen
    towards: Seen
    clip: Seen
    clips: Sequence[float | None]

    @property
    def first(self) -> GradientTrace:
        """The run that a slope is predicted for."""
        return next(iter(self.runs.values()))

    @property
    def predicted_slope(self) -> float | None:
        """The slope that is predicted for the first run."""
        return self.first.predicted_slope

    @cached_property
    def lines(self) -> dict[str, Seen]:
        """Norms by lag of each cell."""
        return {
            name: looks.pick([over_lag(run, what) for what in TOWARDS], self.towards)
            for name, run in self.runs.items()
        }

    @cached_property
    def drawn(self) -> dict[str, list[Numbers]]:
        """What is drawn of each cell, for each of `TOWARDS`."""
        return {
            name: [positive(over_lag(run, what)) for what in TOWARDS]
            for name, run in self.runs.items()
        }

    @cached_property
    def predicted(self) -> list[Numbers]:
        """The lines that start where those of the first run do; none without a slope."""
        slope = self.predicted_slope
        if slope is None or not math.isfinite(slope):
            return []
        starts = [math.log(max(over_lag(self.first, what)[0], 1e-300)) for what in TOWARDS]
        falls = slope * np.arange(len(self.first.by_lag))
        return [np.exp(np.clip(start + falls, -600, 600)) for start in starts]

    @cached_property
    def factors(self) -> Numbers:
        """What clipping multiplies with, shape (cell, clip); NaN where there is no clipped line."""
        factors = [
            [math.nan if clip is None else clip_factor(run, clip) for clip in self.clips]
            for run in self.runs.values()
        ]
        return positive(np.array(factors))

    @property
    def clipped(self) -> Seen:
        """The norms of the chosen cell, clipped, by lag."""
        whole = looks.pick([values[0] for values in self.drawn.values()], self.chosen)
        return looks.multiply(whole, looks.take(self.factors, self.chosen, self.clip))

    @property
    def limits(self) -> Axes:
        """The axes that hold all lines."""
        each = np.array(
            [
                [[log_limits([*lines, span]) for span in row] for row in self._clipped_spans]
                for lines in self._spans
            ]
        )
        place = (self.towards, self.chosen, self.clip)
        low, high, tick = (looks.take(each, *place, which) for which in range(3))
        return log_axes(len(self.first.by_lag), [low, high], tick)

    @property
    def _spans(self) -> list[list[tuple[float, float]]]:
        """Ends of the lines for each of `TOWARDS`, as powers of ten."""
        rows = [*self.drawn.values(), *([self.predicted] if self.predicted else [])]
        return [[span(row[which]) for row in rows] for which in range(len(TOWARDS))]

    @property
    def _clipped_spans(self) -> list[list[tuple[float, float]]]:
        """Ends of the clipped lines, by cell and clip."""
        spans = [span(values[0]) for values in self.drawn.values()]
        return [
            [(low + shift, high + shift) if np.isfinite(shift) else _NOTHING for shift in shifts]
            for (low, high), shifts in zip(spans, np.log10(self.factors), strict=True)
        ]


_NOTHING = (math.inf, -math.inf)
"""The ends of no values."""


def over_lag(run: GradientTrace, towards: str) -> Numbers:
    """Return the norm of the gradient at lags 0, 1, ..., shape (lag,).

    Parameters
    ----------
    run : GradientTrace
    towards : str
        "input" for d h_T / d x_t, or "state" for d h_T / d h_t, of an LSTM d h_T / d (h, c)_t.
    """
    states = run.state_norm
    if towards == "input" or states is None:
        return run.by_lag.numpy()
    # The state after step T is at lag 0, and the state before step 0 is left out.
    return states[1:].flip(0).numpy()


def clip_factor(run: GradientTrace, clip: float) -> float:
    """Return what `GradientTrace.clipped` multiplies with; 0 for a norm that is not finite.

    Parameters
    ----------
    run : GradientTrace
    clip : float
        The norm that the gradient is clipped to.
    """
    whole = float(run.total_norm)
    return min(1.0, clip / (whole + 1e-6)) if math.isfinite(whole) else 0.0


def span(values: Numbers) -> tuple[float, float]:
    """Return the ends of positive values, as powers of ten.

    Parameters
    ----------
    values : array
        NaN counts as no value.
    """
    drawn = values[values > 0]
    if not len(drawn):
        return _NOTHING
    return math.log10(drawn.min()), math.log10(drawn.max())


def log_limits(spans: Sequence[tuple[float, float]]) -> tuple[float, float, int]:
    """Return the ends of an axis that holds all spans, and how far its ticks lie apart.

    Parameters
    ----------
    spans : sequence of (low, high)
        As `span` returns them.
    """
    lowest, highest = min(low for low, _ in spans), max(high for _, high in spans)
    if lowest > highest:
        lowest, highest = 0.0, 0.0
    low, high = max(lowest, _FLOOR), min(highest, _CEILING)
    low, high = min(low, high - 1), high + 0.06 * max(1.0, high - low)
    return low - 0.06 * (high - low), high, max(1, math.ceil((high - low) / 5))


def log_axes(count: int, limits: list[Seen], tick: Seen) -> Axes:
    """Return the axes of a line over the lag.

    Parameters
    ----------
    count : int
        Of the lags.
    limits : [low, high]
        Powers of ten.
    tick : int or Look
        How many of them lie between two ticks.
    """
    drawn = axes("lag (steps back)", [-1, count], [0, 1])
    drawn["yaxis"] |= {
        "type": "log",
        "range": limits,
        "exponentformat": "power",
        "dtick": tick,
        "zeroline": False,
    }
    return drawn


def positive(values: Numbers) -> Numbers:
    """Leave a gap where a log axis has no place: at zero, and where nothing is finite.

    Parameters
    ----------
    values : array
    """
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)
