"""A transposed convolution: what each input value writes, and what each output value gathers."""

from __future__ import annotations

from functools import partial

import torch.nn.functional as F
from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution import operands
from convrnn_lab.topics.convolution.transposed_forms import TransposedConvolutionTrace


def transposed_convolution(
    input: Tensor,  # noqa: A002 - PyTorch's name for it
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    output_padding: int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> TransposedConvolutionTrace:
    """Convolve backwards as PyTorch does, in one or two dimensions, and keep what it was made of.

    Every input value writes a copy of the kernel, times itself, into the output; copies lie
    `stride` apart and are added where they overlap. The shapes are those of a convolution's
    gradient: it takes a convolution's output size back to its input size. It does not undo it.

    Parameters
    ----------
    input : Tensor, shape (batch, channel, time) or (batch, channel, height, width)
        The batch axis may be missing.
    weight : Tensor, shape (channel, output channel / groups, kernel) or
        (channel, output channel / groups, kernel height, kernel width)
        Its rank says whether it is 1-D or 2-D. The first two axes are the other way round than in
        a convolution.
    bias : Tensor, shape (output channel,), optional
    stride : int or one per axis
        Output samples between the copies of neighbouring input values.
    padding : int or one per axis
        Output samples *cut off* at both ends.
    output_padding : int or one per axis
        Output samples added at the end, under `stride` or under `dilation`. A convolution with a
        stride makes outputs of one size from inputs of several sizes; this says which of those
        sizes to make.
    dilation : int or one per axis
        Output samples between neighbouring taps.
    groups : int
        Groups of channels that are convolved apart.

    Returns
    -------
    TransposedConvolutionTrace

    Raises
    ------
    ValueError
        If shapes, types or settings do not go together, or the output would be too large.

    Examples
    --------
    >>> import torch
    >>> steps = transposed_convolution(
    ...     torch.tensor([[1.0, 10.0]]), torch.tensor([[[1.0, 2.0, 3.0]]]), stride=2
    ... )
    >>> steps.output
    tensor([[ 1.,  2., 13., 20., 30.]])
    >>> steps.overlap
    tensor([1, 1, 2, 1, 1])
    """
    axes = operands.axes_of(input, weight, "channel output_channel")
    _check_channels(input, weight, bias, groups)
    per_axis = partial(geometry.per_axis, axes=axes)
    stride, dilation = per_axis("stride", stride, low=1), per_axis("dilation", dilation, low=1)
    padding = per_axis("padding", padding, low=0)
    output_padding = per_axis("output_padding", output_padding, low=0)
    lengths, sizes = input.shape[-axes:], weight.shape[2:]
    settings = (lengths, sizes, stride, padding, output_padding, dilation)
    shape = [_output_length(*axis) for axis in zip(*settings, strict=True)]
    batch, outputs = input.shape[: -axes - 1], weight.shape[1] * groups
    # Before the padding is cut off, which is what takes the memory.
    whole = tuple(length + 2 * cut for length, cut in zip(shape, padding, strict=True))
    checks.memory("output", (*batch, outputs, *whole), input.element_size())
    convolve = F.conv_transpose1d if axes == 1 else F.conv_transpose2d
    output = convolve(input, weight, bias, stride, padding, output_padding, groups, dilation)
    return TransposedConvolutionTrace(
        input, weight, bias, output, stride, padding, output_padding, dilation, groups
    )


def _output_length(  # noqa: PLR0917 - one axis of several sequences, which are zipped
    length: int, size: int, stride: int, padding: int, output_padding: int, dilation: int
) -> int:
    checks.integer("input length", length, 1)
    checks.integer("kernel_size", size, 1)
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output_padding must be under the stride or the dilation; got {output_padding} for "
            f"stride={stride} and dilation={dilation}"
        )
    return geometry.transposed_length(
        length,
        size,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )


def _check_channels(input: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> None:  # noqa: A002
    checks.integer("groups", groups, 1)
    channels = input.shape[1 - weight.ndim]
    checks.integer("output channels", weight.shape[1], 1)
    checks.integer("input channels", channels, 1)
    if weight.shape[0] != channels:
        raise ValueError(
            f"weight must have {channels} channels on its first axis, as the input has; "
            f"got shape {tuple(weight.shape)}"
        )
    if channels % groups:
        raise ValueError(
            f"groups must divide the channels; got groups={groups} for {channels} input channels"
        )
    operands.check_bias(bias, weight.shape[1] * groups)
    operands.check_types(input, weight, bias, whole=False)
