"""What a traced transposed convolution consists of: what is written, and what is gathered."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.copied_code import call
from convrnn_lab.shapes import geometry, transposed
from convrnn_lab.topics.convolution import operands


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
class TransposedConvolutionTrace(operands.Operands):
    """A transposed convolution's input, settings and output; see `transposed_convolution`.

    Attributes
    ----------
    input, weight, bias, output : Tensor
        As given to PyTorch, and as it answered.
    stride, padding, output_padding, dilation : tuple of int
        One for each axis.
    groups : int
    """

    padding: tuple[int, ...]
    output_padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int

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
            torch.tensor([len(self.reaching(axis, index)) for index in range(length)])
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
        settings = (self.kernel_size, self.stride, self.padding, self.dilation)
        # On the output's axis, the copy lies as a convolution's window does on its input's.
        places = tuple(
            geometry.taps(start, size, stride=stride, before=padding, dilation=dilation)
            for start, size, stride, padding, dilation in zip(index[-axes:], *settings, strict=True)
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
        pairs = [self.reaching(axis, place) for axis, place in enumerate(index[-axes:])]
        inputs = tuple(tuple(each for each, _ in axis) for axis in pairs)
        taps = tuple(tuple(tap for _, tap in axis) for axis in pairs)
        values, weights = self.input[tuple(batch)][ours], self.weight[ours, kernel]
        for axis in range(axes):
            values = values.index_select(axis + 1, torch.tensor(inputs[axis], dtype=torch.int64))
            weights = weights.index_select(axis + 1, torch.tensor(taps[axis], dtype=torch.int64))
        products = values * weights
        bias = self.added_bias(channel)
        return Gathered(values, weights, products, products.sum(), bias, inputs, taps)

    def reaching(self, axis: int, place: int) -> list[tuple[int, int]]:
        """List the (input index, tap) pairs on one axis that land on output index `place`."""
        return transposed.reaching(
            place,
            self.input.shape[axis - len(self.stride)],
            self.kernel_size[axis],
            stride=self.stride[axis],
            padding=self.padding[axis],
            dilation=self.dilation[axis],
        )
