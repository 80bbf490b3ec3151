"""A transposed convolution: what each input value writes, and what each output value gathers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.copied_code import call
from convrnn_lab.shapes import geometry


@dataclass(frozen=True, eq=False)
class Spread:
    """What one input value writes into the output.

    Attributes
    ----------
    value : Tensor, no axes
    weight : Tensor, shape (output channel / groups, kernel) or (..., kernel height, kernel width)
        The kernels that the value is multiplied with.
    products : Tensor, of the same shape
        `value` times `weight`.
    channels : range
        Output channels that they are added to.
    places : tuple of tuple of int
        For each axis, the output index that each tap is added to; negative or past the end where
        the padding cuts it off.
    """

    value: Tensor
    weight: Tensor
    products: Tensor
    channels: range
    places: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class Gathered:
    """What one output value is the sum of.

    Attributes
    ----------
    values : Tensor, shape (channel / groups, contribution) or
        (channel / groups, contribution down, contribution across)
        Input values that reach it. There may be none: the value is then the bias.
    weights : Tensor, of the same shape
        What each is multiplied with.
    products : Tensor, of the same shape
        `values` times `weights`.
    sum : Tensor, no axes
        Sum of `products`.
    bias : Tensor, no axes
        What is added to `sum`; zero where there is no bias.
    inputs, taps : tuple of tuple of int
        For each axis, the input index and the kernel index of each contribution.
    """

    values: Tensor
    weights: Tensor
    products: Tensor
    sum: Tensor
    bias: Tensor
    inputs: tuple[tuple[int, ...], ...]
    taps: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class TransposedConvolutionTrace:
    """A transposed convolution's input, settings and output; see `transposed_convolution`.

    Attributes
    ----------
    input, weight, bias, output : Tensor
        As given to PyTorch, and as it answered.
    stride, padding, output_padding, dilation : tuple of int
        One for each axis.
    groups : int
    """

    input: Tensor
    weight: Tensor
    bias: Tensor | None
    output: Tensor
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    output_padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """Taps along each axis."""
        return tuple(self.weight.shape[2:])

    @property
    def parameters(self) -> int:
        """Count of weights and biases."""
        return self.weight.numel() + (0 if self.bias is None else self.bias.numel())

    @property
    def multiply_adds(self) -> int:
        """Count of products over the batch, those that the padding cuts off too; no bias."""
        return self.input.numel() * self.weight[0].numel()

    @property
    def overlap(self) -> Tensor:
        """Count of the products that land on each output place: shape (time,) or (height, width).

        Where neighbouring counts differ, the output of a smooth input has a checkerboard (Odena,
        Dumoulin and Olah 2016, "Deconvolution and Checkerboard Artifacts", Distill).
        """
        counts = [
            torch.tensor([len(self._reaching(axis, index)) for index in range(length)])
            for axis, length in enumerate(self.output.shape[-len(self.stride) :])
        ]
        per_group = self.weight.shape[0] // self.groups
        return per_group * (counts[0] if len(counts) == 1 else counts[0][:, None] * counts[1])

    @property
    def code(self) -> str:
        """The expression of PyTorch that makes this layer."""
        return call(
            nn.ConvTranspose1d if len(self.stride) == 1 else nn.ConvTranspose2d,
            "torch.nn",
            self.weight.shape[0],
            self.weight.shape[1] * self.groups,
            geometry.plain(self.kernel_size),
            stride=geometry.plain(self.stride),
            padding=geometry.plain(self.padding),
            output_padding=geometry.plain(self.output_padding),
            groups=self.groups,
            bias=self.bias is not None,
            dilation=geometry.plain(self.dilation),
        )

    def spread(self, *position: int) -> Spread:
        """Return what one input value writes into the output.

        Parameters
        ----------
        *position : int
            Index of the value in `input`, one for each of its axes.

        Raises
        ------
        ValueError
            If `position` lies outside `input`.
        """
        index = checks.position(position, self.input.shape)
        axes = len(self.stride)
        channel = index[-axes - 1]
        per_group = self.weight.shape[1]
        first = channel // (self.weight.shape[0] // self.groups) * per_group
        places = tuple(
            tuple(start * stride - padding + dilation * tap for tap in range(size))
            for start, size, stride, padding, dilation in zip(
                index[-axes:],
                self.kernel_size,
                self.stride,
                self.padding,
                self.dilation,
                strict=True,
            )
        )
        value, weight = self.input[tuple(index)], self.weight[channel]
        return Spread(value, weight, value * weight, range(first, first + per_group), places)

    def gathered(self, *position: int) -> Gathered:
        """Take one output value apart.

        Parameters
        ----------
        *position : int
            Index of the value in `output`, one for each of its axes.

        Raises
        ------
        ValueError
            If `position` lies outside `output`.
        """
        index = checks.position(position, self.output.shape)
        axes = len(self.stride)
        *batch, channel = index[:-axes]
        group, kernel = divmod(channel, self.weight.shape[1])
        per_group = self.weight.shape[0] // self.groups
        ours = slice(group * per_group, (group + 1) * per_group)
        pairs = [self._reaching(axis, place) for axis, place in enumerate(index[-axes:])]
        inputs = tuple(tuple(each for each, _ in axis) for axis in pairs)
        taps = tuple(tuple(tap for _, tap in axis) for axis in pairs)
        values, weights = self.input[tuple(batch)][ours], self.weight[ours, kernel]
        for axis in range(axes):
            values = values.index_select(axis + 1, torch.tensor(inputs[axis], dtype=torch.int64))
            weights = weights.index_select(axis + 1, torch.tensor(taps[axis], dtype=torch.int64))
        products = values * weights
        bias = products.new_zeros(()) if self.bias is None else self.bias[channel]
        return Gathered(values, weights, products, products.sum(), bias, inputs, taps)

    def _reaching(self, axis: int, place: int) -> list[tuple[int, int]]:
        """List the (input index, tap) pairs on one axis that land on output index `place`."""
        size, length = self.kernel_size[axis], self.input.shape[axis - len(self.stride)]
        from_start = place + self.padding[axis]
        pairs = []
        for tap in range(size):
            index, rest = divmod(from_start - self.dilation[axis] * tap, self.stride[axis])
            if rest == 0 and 0 <= index < length:
                pairs.append((index, tap))
        return pairs[::-1]  # in the input's order


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
    >>> steps = transposed_convolution(
    ...     torch.tensor([[1.0, 10.0]]), torch.tensor([[[1.0, 2.0, 3.0]]]), stride=2
    ... )
    >>> steps.output
    tensor([[ 1.,  2., 13., 20., 30.]])
    >>> steps.overlap
    tensor([1, 1, 2, 1, 1])
    """
    one = "channel output_channel kernel"
    checks.tensor("weight", weight, one, "channel output_channel kernel_height kernel_width")
    axes = weight.ndim - 2
    forms = ("channel time", "batch channel time")
    if axes == 2:
        forms = ("channel height width", "batch channel height width")
    checks.tensor("input", input, *forms)
    _check_channels(input, weight, bias, groups)
    per_axis = partial(geometry.per_axis, axes=axes)
    stride, dilation = per_axis("stride", stride, low=1), per_axis("dilation", dilation, low=1)
    padding = per_axis("padding", padding, low=0)
    output_padding = per_axis("output_padding", output_padding, low=0)
    sizes = weight.shape[2:]
    shape = tuple(
        _output_length(*axis)
        for axis in zip(
            input.shape[-axes:], sizes, stride, padding, output_padding, dilation, strict=True
        )
    )
    batch = tuple(input.shape[: -axes - 1])
    outputs = weight.shape[1] * groups
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
    if bias is not None:
        checks.tensor("bias", bias, "output_channel")
        if len(bias) != weight.shape[1] * groups:
            raise ValueError(f"bias must have {weight.shape[1] * groups} values; got {len(bias)}")
    for name, other in (("input", input), ("weight", weight), ("bias", bias)):
        if other is not None and (other.dtype != input.dtype or not other.is_floating_point()):
            raise ValueError(
                f"{name} must be floating-point numbers of the input's type; got {other.dtype} "
                f"for {input.dtype}"
            )
