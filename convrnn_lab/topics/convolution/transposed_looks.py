"""Both sides of a transposed convolution, wherever one looks: what is written, what is gathered."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from convrnn_lab import checks
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import Span, boxes
from convrnn_lab.topics.convolution.transposed_forms import TransposedConvolutionTrace


class SeenSpread:
    """What one input value writes into the output, wherever one looks.

    Attributes
    ----------
    value : float or Look
    products : array or Look, of the kernel's shape
    spans : list of (start, count, step), one for each axis
        Output indices of the copy; outside the output where the padding cuts it off.

    Raises
    ------
    ValueError
        If `place` lies outside the input.
    """

    def __init__(self, trace: TransposedConvolutionTrace, place: Sequence[Seen]) -> None:
        image = trace.input.reshape(trace.input.shape[-2:]).numpy()
        if not looks.has_look(place):
            checks.position(place, image.shape)
        self.value = looks.take(image, *place)
        self.products = looks.multiply(trace.weight[0, 0].numpy(), self.value)
        self.spans: list[Span] = [
            (at * stride - padding, size, dilation)
            for at, stride, padding, size, dilation in zip(
                *(place, trace.stride, trace.padding, trace.kernel_size, trace.dilation),
                strict=True,
            )
        ]


class SeenGathered:
    """What one output value is the sum of, wherever one looks.

    Attributes
    ----------
    products : array or Look
        Of the input values that reach it; a single zero on an axis on which none does.
    shape : tuple of int
        What they have room for, on each axis.
    read : str or Look
        The path around those input values.
    sum : str or Look
        How many there are and what they make, in words.
    rows, columns : str or Look
        Their indices, in words.

    Raises
    ------
    ValueError
        If `place` lies outside the output.
    """

    def __init__(self, trace: TransposedConvolutionTrace, place: Sequence[Seen]) -> None:
        image = trace.input.reshape(trace.input.shape[-2:]).numpy()
        if not looks.has_look(place):
            checks.position(place, trace.output.shape[-2:])
        axes = [_Axis(trace, axis) for axis in range(2)]
        at = list(zip(axes, place, strict=True))
        self.shape = (axes[0].most, axes[1].most)
        self.products = looks.multiply(
            looks.window(image, [axis.inputs(index) for axis, index in at]),
            looks.window(trace.weight[0, 0].numpy(), [axis.taps(index) for axis, index in at]),
        )
        self.read = _outlines(axes, place)
        self.rows, self.columns = (looks.pick(axis.listed, index) for axis, index in at)
        self.sum = self._sum(trace.overlap.numpy(), place)

    def _sum(self, overlap: np.ndarray, place: Sequence[Seen]) -> Seen:
        plural = looks.pick(["", "s"], looks.take((overlap != 1).astype(np.int32), *place))
        total = looks.number(looks.total(self.products))
        return looks.words("{} product{}, sum {}", looks.take(overlap, *place), plural, total)


class _Axis:
    """Which input values reach the output values on one axis, and by which taps.

    Attributes
    ----------
    counts : array of int, shape (output,)
        Count of the input values that reach each.
    most : int
        The largest of them, and at least 1.
    step : int
        From one of the input values to the next.
    listed : list of str
        The input values that reach each.
    """

    def __init__(self, trace: TransposedConvolutionTrace, axis: int) -> None:
        pairs = [trace.reaching(axis, place) for place in range(trace.output.shape[axis - 2])]
        self.counts = np.array(list(map(len, pairs)))
        self.most = int(self.counts.max(initial=1))
        shared = math.gcd(trace.stride[axis], trace.dilation[axis])
        self.step, self._down = trace.dilation[axis] // shared, trace.stride[axis] // shared
        # Where there is none, one that lies outside the input, and is zero.
        firsts = np.array([each[0] if each else (-1, 0) for each in pairs])
        self._starts, self._taps = firsts.T
        self._shown = self.counts.clip(1)
        self.listed = [_listed([index for index, _ in each]) for each in pairs]

    def start(self, place: Seen) -> Seen:
        return looks.take(self._starts, place)

    def inputs(self, place: Seen) -> tuple[Seen, Seen, int]:
        """Return start, count and step of the input values; one outside where there is none."""
        return self.start(place), looks.take(self._shown, place), self.step

    def taps(self, place: Seen) -> tuple[Seen, Seen, int]:
        """Return start, count and step of the taps, which go down as the input goes up."""
        return looks.take(self._taps, place), looks.take(self._shown, place), -self._down


def _listed(indices: Sequence[int]) -> str:
    return ", ".join(map(str, indices)) if indices else "none: no kernel reaches here"


def _outlines(axes: Sequence[_Axis], place: Sequence[Seen]) -> Seen:
    """Return the path around the input values that are gathered, which may lie apart."""
    (down, across), (row, column) = axes, place
    right, below = across.start(column), down.start(row)
    paths = [
        looks.path(_boxes((rows, down.step), (columns, across.step)), right, below)
        for rows in range(down.most + 1)
        for columns in range(across.most + 1)
    ]
    counts = looks.take(down.counts, row), looks.take(across.counts, column)
    return looks.pick(paths, counts[0] * (across.most + 1) + counts[1])


def _boxes(*axes: tuple[int, int]) -> np.ndarray:
    """Return the boxes of pixels that begin at 0, from their count and step on each axis."""
    taps = [[step * each for each in range(count)] for count, step in axes]
    return np.array(boxes(taps) if all(taps) else [], dtype=np.float64).reshape(-1, 4)
