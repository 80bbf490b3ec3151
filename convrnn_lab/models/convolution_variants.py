"""Convolutions that are compared by what they cost: stacked, separable, and by FFT."""

from __future__ import annotations

import math
from types import EllipsisType
from typing import TypedDict, Unpack

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convrnn_lab import checks


class CausalStack(nn.Module):
    """Causal convolutions on top of each other, their dilations 1, 2, 4, ... (van den Oord 2016).

    Parameters
    ----------
    channels, kernel_size : int
    layers : int
    dilation : int
        Of the first layer; each next one has twice that of the one before.
    """

    def __init__(
        self, channels: int, kernel_size: int = 3, layers: int = 4, dilation: int = 1
    ) -> None:
        super().__init__()
        checks.integer("layers", layers, 1)
        self.layers = nn.ModuleList(
            nn.Conv1d(channels, channels, kernel_size, dilation=dilation * 2**each)
            for each in range(layers)
        )

    @property
    def reach(self) -> int:
        """Samples that one output value has seen."""
        return 1 + sum((layer.kernel_size[0] - 1) * layer.dilation[0] for layer in self._convs())

    def forward(self, x: Tensor) -> Tensor:
        """Return as many steps as `x` has, shape (batch, channel, time)."""
        for layer in self._convs():
            x = layer(F.pad(x, ((layer.kernel_size[0] - 1) * layer.dilation[0], 0)))
        return x

    def last(self, window: Tensor) -> Tensor:
        """Return the one output behind the last `reach` samples, without those before it.

        Parameters
        ----------
        window : Tensor, shape (batch, channel, reach)
        """
        for layer in self._convs():
            window = layer(window)
        return window

    def _convs(self) -> list[nn.Conv1d]:
        return [layer for layer in self.layers if isinstance(layer, nn.Conv1d)]


class Window(TypedDict, total=False):
    """How a window is laid over its input, as in `nn.Conv1d`."""

    stride: int
    padding: int | str
    dilation: int


def separable(channels: int, kernel_size: int = 3, **options: Unpack[Window]) -> nn.Sequential:
    """Build a depthwise convolution and a pointwise one after it (Sifre 2014).

    Parameters
    ----------
    channels, kernel_size : int
    **options
        ``stride``, ``padding`` and ``dilation`` of the depthwise one, as in `nn.Conv1d`.
    """
    return nn.Sequential(
        nn.Conv1d(channels, channels, kernel_size, groups=channels, **options),
        nn.Conv1d(channels, channels, 1),
    )


class FFTConv(nn.Module):
    """What `nn.Conv1d` or `nn.Conv2d` computes, by Fourier transforms.

    A convolution is a product of spectra. The transforms cost the same for every kernel size, so
    for large kernels this is the faster way.

    Parameters
    ----------
    conv : nn.Conv1d or nn.Conv2d
        Whose weights are used, not copied. With zero padding.

    Raises
    ------
    ValueError
        If `conv` is none of these.

    Examples
    --------
    >>> conv, x = nn.Conv1d(2, 3, 5, stride=2), torch.randn(1, 2, 20)
    >>> torch.allclose(FFTConv(conv)(x), conv(x), atol=1e-5)
    True
    """

    def __init__(self, conv: nn.Conv1d | nn.Conv2d) -> None:
        super().__init__()
        if not isinstance(conv, (nn.Conv1d, nn.Conv2d)) or conv.padding_mode != "zeros":
            raise ValueError(
                f"conv must be a Conv1d or Conv2d with zero padding; got {checks.shown(conv)}"
            )
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        """Return what the convolution does, up to rounding."""
        conv = self.conv
        axes = tuple(range(2, x.ndim))
        x = F.pad(x, conv._reversed_padding_repeated_twice)
        weight = _spread(conv.weight, conv.dilation)
        # From here on it wraps around, which spoils only positions before the first whole window.
        sizes = [fast_length(size) for size in x.shape[2:]]
        spectrum = torch.fft.rfftn(x, sizes, axes)
        kernel = torch.fft.rfftn(weight, sizes, axes)
        spectrum = spectrum.unflatten(1, (conv.groups, -1))
        kernel = kernel.unflatten(0, (conv.groups, -1)).conj()
        product = torch.einsum("bgi...,goi...->bgo...", spectrum, kernel).flatten(1, 2)
        full: Tensor = torch.fft.irfftn(product, sizes, axes)
        for axis, stride in zip(axes, conv.stride, strict=True):
            length = x.shape[axis] - weight.shape[axis] + 1
            full = full.narrow(axis, 0, length)
            if stride > 1:
                full = full.index_select(axis, torch.arange(0, length, stride, device=x.device))
        if conv.bias is not None:
            full = full + conv.bias.view(-1, *[1] * len(axes))
        return full


def _spread(weight: Tensor, dilation: tuple[int, ...]) -> Tensor:
    """Return a kernel with the zeros of its dilation written out."""
    if max(dilation) == 1:
        return weight
    sizes = [(size - 1) * gap + 1 for size, gap in zip(weight.shape[2:], dilation, strict=True)]
    spread = weight.new_zeros(*weight.shape[:2], *sizes)
    taps: tuple[EllipsisType | slice, ...] = (..., *(slice(None, None, gap) for gap in dilation))
    spread[taps] = weight
    return spread


def fast_length(length: int) -> int:
    """Return the next length whose only prime factors are 2, 3 and 5: transforms of it are fast.

    Parameters
    ----------
    length : int

    Examples
    --------
    >>> fast_length(97), fast_length(128)
    (100, 128)
    """
    checks.integer("length", length, 1)
    while not _smooth(length):
        length += 1
    return length


def _smooth(number: int) -> bool:
    for prime in (2, 3, 5):
        while number % prime == 0:
            number //= prime
    return number == 1


def fft_sizes(conv: nn.Conv1d | nn.Conv2d, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sizes that `FFTConv` transforms for examples of `shape`, (channel, ...)."""
    ends = conv._reversed_padding_repeated_twice[::-1]
    padded = (size + sum(ends[2 * i : 2 * i + 2]) for i, size in enumerate(shape[1:]))
    return tuple(fast_length(size) for size in padded)


def fft_multiply_adds(conv: nn.Conv1d | nn.Conv2d, shape: tuple[int, ...], batch: int = 1) -> int:
    """Estimate the multiply-adds of `FFTConv`.

    A real transform of n values takes about 2.5 n log2(n) operations (Frigo and Johnson 2005), two
    to a multiply-add; a product of two complex numbers, 4 multiplications. The kernel is
    transformed once for a batch.

    Parameters
    ----------
    conv : nn.Conv1d or nn.Conv2d
    shape : tuple of int
        Of one example: (channel, ...).
    batch : int
    """
    count = math.prod(fft_sizes(conv, shape))
    pairs = conv.in_channels * conv.out_channels // conv.groups
    transforms = batch * (conv.in_channels + conv.out_channels) + pairs
    products = batch * 4 * pairs * (count // 2 + 1)
    return int(transforms * 1.25 * count * math.log2(max(count, 2)) + products)
