"""A convolution with every product that led to its output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.copied_code import call
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution import operands


@dataclass(frozen=True, eq=False)
class Window:
    """What one output value was made of.

    Attributes
    ----------
    patch : Tensor, shape (channel, kernel) or (channel, kernel height, kernel width)
        Input values under the kernel, zeros where it lies on the padding.
    products : Tensor, of the same shape
        `patch` times the weights.
    sum : Tensor, no axes
        Sum of `products`.
    bias : Tensor, no axes
        What is added to `sum`; zero where the convolution has no bias.
    taps : tuple of tuple of int
        For each axis, the input index under each tap; negative or past the end on the padding.
    """

    patch: Tensor
    products: Tensor
    sum: Tensor
    bias: Tensor
    taps: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class ConvolutionTrace(operands.Operands):
    """A convolution's input, settings and output; see `convolution` for their shapes.

    Attributes
    ----------
    input, weight, bias, output : Tensor
        As given to PyTorch, and as it answered.
    stride, dilation : tuple of int
        One for each axis.
    padding : tuple of (before, after)
        Zeros added at the ends of each axis.
    groups : int
    """

    padding: tuple[geometry.Pair, ...]
    dilation: tuple[int, ...]
    groups: int

    @property
    def dropped(self) -> tuple[int, ...]:
        """Samples at the end of each padded axis that no window reaches."""
        return tuple(
            geometry.dropped(length, size, stride=stride, padding=padding, dilation=dilation)
            for length, size, stride, padding, dilation in self._axes()
        )

    @property
    def unread(self) -> tuple[tuple[int, ...], ...]:
        """For each axis, the input samples that no tap reads."""
        return tuple(
            geometry.unread(
                length, outputs, size, stride=stride, before=padding[0], dilation=dilation
            )
            for outputs, (length, size, stride, padding, dilation) in zip(
                self.output.shape[-len(self.stride) :], self._axes(), strict=True
            )
        )

    @property
    def multiply_adds(self) -> int:
        """Count of products summed over the batch; the bias is not counted, padding is."""
        return self.output.numel() * self.weight[0].numel()

    @property
    def code(self) -> str:
        """The expression of PyTorch that makes this layer."""
        axes = len(self.kernel_size)
        plain = self._plain_padding()
        layer = call(
            nn.Conv1d if axes == 1 else nn.Conv2d,
            "torch.nn",
            self.weight.shape[1] * self.groups,
            self.weight.shape[0],
            geometry.plain(self.kernel_size),
            stride=geometry.plain(self.stride),
            padding=0 if plain is None else plain,
            dilation=geometry.plain(self.dilation),
            groups=self.groups,
            bias=self.bias is not None,
        )
        if plain is not None:
            return layer
        ends = tuple(end for pair in reversed(self.padding) for end in pair)
        return f"torch.nn.Sequential(\n    torch.nn.ZeroPad{axes}d({ends}),\n    {layer},\n)"

    def _plain_padding(self) -> int | str | tuple[int, ...] | None:
        """Return the padding as PyTorch's layers take it; None where they have no word for it."""
        if all(before == after for before, after in self.padding):
            return geometry.plain(tuple(before for before, _ in self.padding))
        one = (1,) * len(self.stride)
        if self.stride != one:
            return None
        same = geometry.pads("same", self.kernel_size, one, self.dilation)
        return "same" if same == self.padding else None

    def window(self, *position: int) -> Window:
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
        axes = len(self.kernel_size)
        *batch, channel = index[:-axes]
        per_group = self.weight.shape[1]
        first = channel // (self.weight.shape[0] // self.groups) * per_group
        taps = tuple(
            geometry.taps(start, size, stride=stride, before=before, dilation=dilation)
            for start, (_, size, stride, (before, _), dilation) in zip(
                index[-axes:], self._axes(), strict=True
            )
        )
        patch = self.input[tuple(batch)][first : first + per_group]
        for axis, indices in enumerate(taps, start=1):
            patch = _take(patch, axis, indices)
        products = patch * self.weight[channel]
        added = products.sum(dtype=products.dtype)
        return Window(patch, products, added, self.added_bias(channel), taps)

    def _axes(self) -> list[tuple[int, int, int, geometry.Pair, int]]:
        lengths = self.input.shape[-len(self.kernel_size) :]
        return list(
            zip(lengths, self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        )


def convolution(
    input: Tensor,  # noqa: A002 - PyTorch's name for it
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int | tuple[int, ...] = 1,
    padding: geometry.Padding = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> ConvolutionTrace:
    """Convolve as PyTorch does, in one or two dimensions, and keep what it was made of.

    The kernel is not turned round before it is multiplied, as it is in mathematics: PyTorch's
    convolution is a cross-correlation. With a dilation of 1 the kernel reads neighbouring samples.
    Output sizes are rounded down.

    Parameters
    ----------
    input : Tensor, shape (batch, channel, time) or (batch, channel, height, width)
        The batch axis may be missing.
    weight : Tensor, shape (output channel, channel / groups, kernel) or
        (output channel, channel / groups, kernel height, kernel width)
        Its rank says whether the convolution is 1-D or 2-D.
    bias : Tensor, shape (output channel,), optional
    stride : int or one per axis
        Samples between the starts of neighbouring windows.
    padding : int, one per axis, one (before, after) pair per axis, "same", "valid" or "causal"
        Zeros around the input; see `geometry.pads`.
    dilation : int or one per axis
        Samples between neighbouring taps.
    groups : int
        Groups of channels that are convolved apart.

    Returns
    -------
    ConvolutionTrace

    Raises
    ------
    ValueError
        If shapes, types or settings do not go together, or the output would be too large.

    Examples
    --------
    >>> signal = torch.tensor([[[1.0, 2.0, 4.0]]])
    >>> steps = convolution(signal, torch.tensor([[[-1.0, 1.0]]]))
    >>> steps.output
    tensor([[[1., 2.]]])
    >>> steps.window(0, 0, 1).products
    tensor([[-2.,  4.]])
    """
    axes = operands.axes_of(input, weight, "output_channel channel")
    _check_channels(input, weight, bias, groups)
    kernel_size = tuple(checks.integer("kernel_size", size, 1) for size in weight.shape[2:])
    stride = geometry.per_axis("stride", stride, axes, low=1)
    dilation = geometry.per_axis("dilation", dilation, axes, low=1)
    pads = geometry.pads(padding, kernel_size, stride, dilation)
    lengths = [checks.integer("input length", size, 1) for size in input.shape[-axes:]]
    shape = tuple(
        geometry.output_length(length, size, stride=stride, padding=padding, dilation=dilation)
        for length, size, stride, padding, dilation in zip(
            lengths, kernel_size, stride, pads, dilation, strict=True
        )
    )
    batch = tuple(input.shape[: -axes - 1])
    checks.memory("output", (*batch, weight.shape[0], *shape), input.element_size())
    padded = tuple(length + sum(pad) for length, pad in zip(lengths, pads, strict=True))
    checks.memory("padded input", (*batch, input.shape[-axes - 1], *padded), input.element_size())
    output = _convolved(input, weight, bias, pads, stride=stride, dilation=dilation, groups=groups)
    return ConvolutionTrace(input, weight, bias, output, stride, pads, dilation, groups)


def _convolved(
    input: Tensor,  # noqa: A002
    weight: Tensor,
    bias: Tensor | None,
    pads: Sequence[geometry.Pair],
    *,
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    groups: int,
) -> Tensor:
    # PyTorch pads both ends alike, and warns where "same" needs more at one; so we pad there.
    alike = all(before == after for before, after in pads)
    convolve = F.conv1d if len(stride) == 1 else F.conv2d
    return convolve(
        input if alike else F.pad(input, [end for pair in reversed(pads) for end in pair]),
        weight,
        bias,
        stride=stride,
        padding=tuple(pair[0] for pair in pads) if alike else 0,
        dilation=dilation,
        groups=groups,
    )


def _check_channels(input: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> None:  # noqa: A002
    checks.integer("groups", groups, 1)
    channels, outputs = input.shape[1 - weight.ndim], weight.shape[0]
    checks.integer("output channels", outputs, 1)
    if channels % groups or outputs % groups:
        raise ValueError(
            f"groups must divide the channels; got groups={groups} for {channels} input and "
            f"{outputs} output channels"
        )
    if weight.shape[1] != channels // groups:
        raise ValueError(
            f"weight must have {channels // groups} channels for an input of {channels} in "
            f"groups={groups}; got shape {tuple(weight.shape)}"
        )
    operands.check_bias(bias, outputs)
    operands.check_types(input, weight, bias, whole=True)


def _take(values: Tensor, axis: int, indices: tuple[int, ...]) -> Tensor:
    """Return `values` at `indices` along `axis`, zero where an index lies outside."""
    length = values.shape[axis]
    index = torch.tensor(indices, device=values.device)
    inside = (index >= 0) & (index < length)
    taken = values.index_select(axis, index.clamp(0, length - 1))
    # where, not a product: NaN times zero is NaN.
    shape = [-1 if each == axis else 1 for each in range(values.ndim)]
    return torch.where(inside.view(shape), taken, taken.new_zeros(()))
