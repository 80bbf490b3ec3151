"""What one value of a pool was made of, wherever one looks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convrnn_lab import checks
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import Numbers
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.pooling.trace import PoolingTrace


class SeenWindow:
    """What one output value was made of, wherever one looks.

    Attributes
    ----------
    place : tuple of int or Look
        Of the value in the output, one for each axis.
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
        self._output = trace.output.reshape(trace.output_size).numpy()
        self._input = trace.input.reshape(trace.input.shape[-trace.axes :]).numpy()
        self.value = self.there(self._output)
        self.patch = self._patch()

    def there(self, values: Numbers) -> Seen:
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
        return looks.window(self._output, [(at, 1, 1) for at in self.place])

    @property
    def winner(self) -> tuple[Seen, ...]:
        """Input index of a maximum, one for each axis; means nothing unless it is `found`."""
        assert self.trace.winners is not None  # noqa: S101 - asked of a maximum only
        index = self.there(self.trace.winners.reshape(self._output.shape).numpy())
        if len(self.place) == 1:
            return (index,)
        width = self._input.shape[-1]
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
        sides = [n + 2 * each for n, each in zip(self._input.shape, margins, strict=True)]
        return looks.window(np.ones(sides, dtype=np.float32), _shifted(self.spans, margins))

    @property
    def powers(self) -> Numbers:
        """All input values to the power of "lp"."""
        return self.trace.input.reshape(self._input.shape).pow(self.trace.p).numpy()

    @property
    def terms(self) -> Seen:
        """What is added up: `patch`, or its powers for "lp"; of the window's shape."""
        return looks.window(self.powers, self.spans) if self.trace.kind == "lp" else self.patch

    def _patch(self) -> Seen:
        if self.trace.winners is None:
            return looks.window(self._input, self.spans)
        # As values of an array: a message to the browser has no infinity of its own.
        around = np.pad(self._input, self.outside, constant_values=-np.inf)
        return looks.window(around, _shifted(self.spans, [before for before, _ in self.outside]))


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


def _product(of_axes: list[Numbers]) -> Numbers:
    """Return the counts in windows from those on each axis."""
    return of_axes[0] if len(of_axes) == 1 else np.multiply.outer(*of_axes)


def _shifted(
    spans: Sequence[tuple[Seen, Seen, int]], by: Sequence[int]
) -> list[tuple[Seen, Seen, int]]:
    return [
        (start + more, count, step) for (start, count, step), more in zip(spans, by, strict=True)
    ]
