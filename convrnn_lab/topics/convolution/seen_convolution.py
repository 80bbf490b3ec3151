"""A convolution as its figure needs it: of a trace, or with settings that the browser moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from convrnn_lab.drawing import given, looks, window_looks
from convrnn_lab.drawing.layer_looks import at_most, item
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.words import argument
from convrnn_lab.topics.convolution.trace import ConvolutionTrace


@dataclass(frozen=True, eq=False)
class SeenConvolution:
    """A convolution of one channel with one kernel. Its settings may be looks.

    Attributes
    ----------
    values : array, shape (time,) or (height, width)
        The input.
    weight : array or Look
        One value for each tap.
    bias : float or None
    output : array or None
        None where the browser computes it.
    outputs : tuple of int or Look
        Its lengths.
    kernel_size, stride, dilation : tuple of int or Look
        One for each axis.
    padding : tuple of (before, after)
    layer : str or Look
        The expression of PyTorch that makes the layer.
    apart : int or Look
        1 where `layer` has a layer of zeros in front of the convolution, else 0.
    """

    values: np.ndarray
    weight: Seen
    bias: float | None
    output: np.ndarray | None
    outputs: tuple[Seen, ...]
    kernel_size: tuple[Seen, ...]
    stride: tuple[Seen, ...]
    padding: tuple[Sequence[Seen], ...]
    dilation: tuple[Seen, ...]
    layer: Seen
    apart: Seen

    @classmethod
    def of(cls, trace: ConvolutionTrace) -> SeenConvolution:
        """Return that of a trace with one image or signal and one channel."""
        axes = len(trace.stride)
        output = trace.output.reshape(trace.output.shape[-axes:]).numpy()
        return cls(
            trace.input.reshape(trace.input.shape[-axes:]).numpy(),
            trace.weight[0, 0].numpy(),
            None if trace.bias is None else float(trace.bias[0]),
            output,
            output.shape,
            trace.kernel_size,
            trace.stride,
            trace.padding,
            trace.dilation,
            trace.code,
            int(trace.code.startswith("torch.nn.Sequential")),
        )

    @classmethod
    def of_looks(  # noqa: PLR0917 - in the order of PyTorch's own
        cls,
        values: np.ndarray,
        weight: Seen,
        bias: float,
        kernel_size: Seen,
        stride: Seen,
        padding: Seen,
        dilation: Seen,
    ) -> SeenConvolution:
        """Return one whose settings, the same on all axes, are looks; the browser computes it."""
        axes = values.ndim
        zeros = given.kept("zeros", window_looks.pads(padding, kernel_size, stride, dilation))
        pair = (item(zeros, 0), item(zeros, 1))
        outputs = [
            window_looks.output_length(length, kernel_size, stride, pair, dilation)
            for length in values.shape
        ]
        names = ("output height", "output width") if axes == 2 else ("output length",)
        layer, apart = _layer(axes, kernel_size, stride, pair, dilation)
        return cls(
            values,
            given.kept("kernel weights", weight),
            bias,
            None,
            tuple(map(given.kept, names, outputs)),
            (kernel_size,) * axes,
            (stride,) * axes,
            (pair,) * axes,
            (dilation,) * axes,
            layer,
            apart,
        )

    @property
    def taps(self) -> Seen:
        """Count of weights."""
        return _product(self.kernel_size)

    @property
    def multiply_adds(self) -> Seen:
        """Count of products summed; the bias is not counted, padding is."""
        return _product(self.outputs) * self.taps

    @property
    def pads(self) -> Seen:
        """1 where there is any padding, else 0."""
        return at_most(sum(end for pair in self.padding for end in pair), 1)


def _product(values: Sequence[Seen]) -> Seen:
    first, *others = values
    for each in others:
        first = first * each
    return first


def _layer(
    axes: int, kernel_size: Seen, stride: Seen, padding: Sequence[Seen], dilation: Seen
) -> tuple[Seen, Seen]:
    """Write the layer as `ConvolutionTrace.code` does; tell, too, whether its zeros stand apart."""
    before, after = padding

    def plain(zeros: Seen) -> Seen:
        rest = (argument("stride", stride, 1), zeros, argument("dilation", dilation, 1))
        return looks.words(f"torch.nn.Conv{axes}d(1, 1, {{}}{{}}{{}}{{}})", kernel_size, *rest)

    in_front = looks.words(
        f"torch.nn.Sequential(\n    torch.nn.ZeroPad{axes}d(({{}}, {{}})),\n    {{}},\n)",
        before,
        after,
        plain(""),
    )
    alike = looks.equal(before, after)
    # All zeros in front are "causal"; else the odd one stands behind, as PyTorch's "same" has it.
    kind = (1 - alike) * (2 - looks.equal(after, 0))
    options = [plain(argument("padding", before, 0)), in_front, plain(', padding="same"')]
    return looks.pick(options, kind), looks.equal(kind, 1)
