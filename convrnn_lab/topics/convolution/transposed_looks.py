"""Both sides of a transposed convolution, wherever one looks: what is written, what is gathered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from convrnn_lab import checks
from convrnn_lab.drawing import given, looks, window_looks
from convrnn_lab.drawing.layer_looks import at_least, at_most, item
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import Span
from convrnn_lab.drawing.words import argument, plural
from convrnn_lab.topics.convolution.transposed_forms import TransposedConvolutionTrace


@dataclass(frozen=True, eq=False)
class SeenTransposed:
    """A transposed convolution of one channel with one kernel. Its settings may be looks.

    Attributes
    ----------
    values : array, shape (height, width)
        The input.
    weight : array or Look
        One value for each tap.
    output : array or Look
    outputs : tuple of int or Look
        Its lengths.
    kernel_size, stride, padding, output_padding, dilation : tuple of int or Look
        One for each axis.
    layer : str or Look
        The expression of PyTorch that makes the layer.
    """

    values: np.ndarray
    weight: Seen
    output: Seen
    outputs: tuple[Seen, ...]
    kernel_size: tuple[Seen, ...]
    stride: tuple[Seen, ...]
    padding: tuple[Seen, ...]
    output_padding: tuple[Seen, ...]
    dilation: tuple[Seen, ...]
    layer: Seen

    @classmethod
    def of(cls, trace: TransposedConvolutionTrace) -> SeenTransposed:
        """Return that of a trace with one image and one channel."""
        output = trace.output.reshape(trace.output.shape[-2:]).numpy()
        return cls(
            trace.input.reshape(trace.input.shape[-2:]).numpy(),
            trace.weight[0, 0].numpy(),
            output,
            output.shape,
            trace.kernel_size,
            trace.stride,
            trace.padding,
            trace.output_padding,
            trace.dilation,
            trace.code,
        )

    @classmethod
    def of_looks(cls, values: np.ndarray, weight: Seen, settings: Sequence[Seen]) -> SeenTransposed:
        """Return one whose settings, the same on both axes, are looks; the browser computes it.

        Parameters
        ----------
        values : array, shape (height, width)
        weight : Look
        settings : (kernel size, stride, padding, output padding, dilation)
        """
        kernel = given.kept("kernel weights", weight)
        size, stride, padding, output_padding, dilation = settings
        named = {
            "stride": stride,
            "padding": padding,
            "outputPadding": output_padding,
            "dilation": dilation,
        }
        lengths = [window_looks.transposed_length(length, *settings) for length in values.shape]
        return cls(
            values,
            kernel,
            given.recomputed("output", None, "transposedConvolution", values, kernel, named),
            tuple(map(given.kept, ("output height", "output width"), lengths)),
            (size, size),
            (stride, stride),
            (padding, padding),
            (output_padding, output_padding),
            (dilation, dilation),
            _layer(settings),
        )

    @property
    def axes(self) -> list[tuple[Seen, ...]]:
        """How each axis is written, as `window_looks.reaching` takes it behind an index."""
        settings = (self.kernel_size, self.stride, self.padding, self.dilation)
        return list(zip(self.values.shape, *settings, strict=True))

    @property
    def reached_by(self) -> list[Seen]:
        """The count of the input values that reach each output value, for each axis."""
        return [
            given.kept(name, window_looks.reached_by(length, outputs, *settings))
            for name, outputs, (length, *settings) in zip(
                ("rows reached by", "columns reached by"), self.outputs, self.axes, strict=True
            )
        ]


def _layer(settings: Sequence[Seen]) -> Seen:
    """Write the layer as `TransposedConvolutionTrace.code` does."""
    size, stride, padding, output_padding, dilation = settings
    return looks.words(
        "torch.nn.ConvTranspose2d(1, 1, {}{}{}{}, bias=False{})",
        size,
        argument("stride", stride, 1),
        argument("padding", padding, 0),
        argument("output_padding", output_padding, 0),
        argument("dilation", dilation, 1),
    )


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

    def __init__(self, seen: SeenTransposed, place: Sequence[Seen]) -> None:
        if not looks.has_look(place):
            checks.position(place, seen.values.shape)
        self.value = looks.take(seen.values, *place)
        self.products = looks.multiply(seen.weight, self.value)
        self.spans: list[Span] = [
            (at * stride - padding, size, dilation)
            for at, stride, padding, size, dilation in zip(
                *(place, seen.stride, seen.padding, seen.kernel_size, seen.dilation),
                strict=True,
            )
        ]


class SeenGathered:
    """What one output value is the sum of, wherever one looks.

    Attributes
    ----------
    products : array or Look
        Of the input values that reach it; a single zero on an axis on which none does.
    shape : tuple of int or Look
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

    def __init__(self, seen: SeenTransposed, place: Sequence[Seen]) -> None:
        if not looks.has_look(place):
            checks.position(place, seen.outputs)
        reached = [
            _Reached(window_looks.reaching(at, *axis))
            for at, axis in zip(place, seen.axes, strict=True)
        ]
        self.shape = tuple(window_looks.room(counts) for counts in seen.reached_by)
        self.products = looks.multiply(
            looks.window(seen.values, [axis.inputs for axis in reached]),
            looks.window(seen.weight, [axis.taps for axis in reached]),
        )
        self.read = _outlines(*reached)
        self.rows, self.columns = (axis.listed for axis in reached)
        count = reached[0].count * reached[1].count
        total = looks.number(looks.total(self.products))
        self.sum = looks.words("{} {}, sum {}", count, plural("product", count), total)


class _Reached:
    """The input values that reach one output value on one axis, of `window_looks.reaching`.

    Attributes
    ----------
    count, first, step : int or Look
    inputs, taps : (start, count, step)
        Of what is multiplied; where there is nothing, of one value outside the input.
    listed : str or Look
        Which there are.
    """

    def __init__(self, found: Seen) -> None:
        self.count, self.first, self.step, tap, back = (item(found, i) for i in range(5))
        shown = at_least(self.count, 1)
        self.inputs = (self.first, shown, self.step)
        self.taps = (tap, shown, back)
        places = window_looks.distinct(looks.spaced(self.first, self.count, self.step))
        self.listed = looks.pick(["none: no kernel reaches here", places], at_most(self.count, 1))


def _outlines(down: _Reached, across: _Reached) -> Seen:
    """Return the path around the input values that are gathered, which may lie apart."""
    taps = window_looks.taps(down.count, down.step, across.count, across.step)
    # Where there are none, there is nothing to be outlined.
    there = at_most(down.count * across.count, 1)
    return looks.pick(["", looks.path(taps, across.first, down.first)], there)
