"""What one value of a pool was made of, wherever one looks, and whatever a reader gives."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from convrnn_lab import checks
from convrnn_lab.drawing import given, looks, pool_looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import Numbers
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.pooling.trace import PoolingTrace


class SeenWindow:
    """What one output value was made of, wherever one looks, and whatever a reader gives.

    Attributes
    ----------
    place : tuple of int or Look
        Of the value in the output, one for each axis.
    input, output : array or Look
        Of the one channel.
    spans : list of (start, count, step), one for each axis
        Input indices under the taps. The count of an adaptive window depends on where one looks.
    shape : tuple of int
        Taps of the largest window, on each axis.
    outside : list of (before, after), one for each axis
        How far windows reach past both ends of the input.
    patch : array or Look, of the window's shape
        Input values under the window. Outside the input: minus infinity for a maximum, else zero.
    taps, inside : int or Look
        Count of the taps, and of those on the input.
    value : float or Look
    divisors : array of int, of the output's shape
        What each output value is divided by; means nothing for a maximum.

    Raises
    ------
    ValueError
        If `place` lies outside the output.
    """

    def __init__(self, trace: PoolingTrace, place: Sequence[Seen]) -> None:
        if not looks.has_look(place):
            checks.position(place, trace.output_size)
        self.trace, self.place = trace, tuple(place)
        axes = [_Axis(trace, axis) for axis in range(trace.axes)]
        self.spans = [each.span(at) for each, at in zip(axes, place, strict=True)]
        self.shape = tuple(int(each.counts.max()) for each in axes)
        self.taps = self.there(_product([each.counts for each in axes]))
        self._all_inside = _product([each.inside for each in axes])
        self.divisors = _product([each.counted for each in axes])
        self.inside = self.there(self._all_inside)
        self.outside = [each.outside for each in axes]
        name, sides = ("signal", "image")[trace.axes - 1], trace.input.shape[-trace.axes :]
        self.input = given.array(name, trace.input.reshape(sides).numpy(), self.place)
        self._settings = _settings(trace)
        output = trace.output.reshape(trace.output_size).numpy()
        operands = (self.input, trace.kind, self._settings)
        self.output = given.recomputed("output", output, "pooling", *operands)
        self.value = self.there(self.output)
        # As values of an array: a message to the browser has no infinity of its own.
        nothing = looks.take(np.array([-np.inf]), 0 * self.place[0])
        outside = 0.0 if trace.winners is None else nothing
        self.patch = looks.window(self.input, self.spans, outside)

    def there(self, values: Seen) -> Seen:
        """Return that of the values, one for each of the output, on which one looks."""
        return looks.take(values, *self.place)

    @property
    def found(self) -> Seen:
        """1 where a tap lies on the input, else 0."""
        return self.there((self._all_inside > 0).astype(np.int32))

    @property
    def on_padding(self) -> Seen:
        """1 where the divisor counts a tap on the padding, else 0."""
        return self.there((self.divisors > self._all_inside).astype(np.int32))

    @property
    def result(self) -> Seen:
        """The value as an array of one, on as many axes as the window has."""
        return looks.window(self.output, [(at, 1, 1) for at in self.place])

    @functools.cached_property
    def _winners(self) -> Seen:
        """Flat index of each maximum."""
        assert self.trace.winners is not None  # noqa: S101 - asked of a maximum only
        index = self.trace.winners.reshape(self.trace.output_size).numpy().astype(np.int32)
        operands = (self.input, self.output, self._settings)
        return given.recomputed("winners", index, "winners", *operands)

    @functools.cached_property
    def all_wins(self) -> Seen:
        """Count of the windows whose maximum each input value is; of a maximum only."""
        wins = self.trace.wins
        assert wins is not None  # noqa: S101 - as above
        counts = wins.reshape(self.input.shape).numpy().astype(np.int32)
        return given.recomputed("wins", counts, "wins", self.input, self.output, self._winners)

    @property
    def winner(self) -> tuple[Seen, ...]:
        """Input index of a maximum, one for each axis; means nothing unless it is `found`."""
        index = self.there(self._winners)
        if len(self.place) == 1:
            return (index,)
        width = self.input.shape[-1]
        return (index // width, index % width)

    @property
    def wins(self) -> Seen:
        """1 where the winner lies, else 0; of the window's shape."""
        # A single one, seen from as many taps before it as the winner has.
        one = np.ones((1,) * len(self.spans), dtype=np.float32)
        spans = [
            ((start - won) // step, count, 1)
            for won, (start, count, step) in zip(self.winner, self.spans, strict=True)
        ]
        return looks.multiply(looks.window(one, spans), self.found)

    @property
    def counted(self) -> Seen:
        """1 where the divisor counts a tap, else 0; of the window's shape."""
        counts = self.trace.kind == "average" and self.trace.count_include_pad
        margins = self.trace.padding if counts else (0,) * len(self.spans)
        sides = [n + 2 * each for n, each in zip(self.input.shape, margins, strict=True)]
        return looks.window(np.ones(sides, dtype=np.float32), _shifted(self.spans, margins))

    @property
    def terms(self) -> Seen:
        """What is added up: `patch`, or its powers for "lp"; of the window's shape."""
        return pool_looks.power(self.patch, self.trace.p) if self.trace.kind == "lp" else self.patch


class _Axis:
    """Where all windows of a pool lie on one axis.

    Attributes
    ----------
    counts, inside, counted : array of int, shape (output,)
        Count of the taps of each window, of those on the input, and of those that an average's
        divisor counts.
    outside : (before, after)
        How far windows reach past both ends.
    """

    def __init__(self, trace: PoolingTrace, axis: int) -> None:
        length, outputs = trace.input.shape[axis - trace.axes], trace.output_size[axis]
        places = np.arange(outputs)
        if trace.adaptive:
            windows = [geometry.adaptive_window(at, length, outputs) for at in range(outputs)]
            self._starts, ends = np.array(windows).T
            self.counts, self._step = ends - self._starts, 1
            self.inside, self.counted, self.outside = self.counts, self.counts, (0, 0)
            return
        self._starts = places * trace.stride[axis] - trace.padding[axis]
        self.counts = np.full(outputs, trace.kernel_size[axis])
        self._step = trace.dilation[axis]
        taps = self._starts[:, None] + self._step * np.arange(trace.kernel_size[axis])
        self.inside = ((taps >= 0) & (taps < length)).sum(1)
        margin = trace.padding[axis] if trace.count_include_pad else 0
        self.counted = ((taps >= -margin) & (taps < length + margin)).sum(1)
        self.outside = (int(max(-taps.min(), 0)), int(max(taps.max() + 1 - length, 0)))

    def span(self, place: Seen) -> tuple[Seen, Seen, int]:
        """Return start, count and step of the taps of one window."""
        same = int(self.counts.min()) == int(self.counts.max())
        count = int(self.counts[0]) if same else looks.take(self.counts, place)
        return looks.take(self._starts, place), count, self._step


def _settings(trace: PoolingTrace) -> dict[str, Seen]:
    """Return the settings as `computed_pools` has them."""
    return {
        "kernel": list(trace.kernel_size),
        "stride": list(trace.stride),
        "padding": list(trace.padding),
        "dilation": list(trace.dilation),
        "ceil": int(trace.ceil_mode),
        "counted": int(trace.count_include_pad),
        "p": trace.p,
        "sizes": list(trace.output_size) if trace.adaptive else [],
    }


def _product(of_axes: list[Numbers]) -> Numbers:
    """Return the counts in windows from those on each axis."""
    return of_axes[0] if len(of_axes) == 1 else np.multiply.outer(*of_axes)


def _shifted(
    spans: Sequence[tuple[Seen, Seen, int]], by: Sequence[int]
) -> list[tuple[Seen, Seen, int]]:
    return [
        (start + more, count, step) for (start, count, step), more in zip(spans, by, strict=True)
    ]
