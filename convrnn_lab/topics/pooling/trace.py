"""A pool with the windows, winners and divisors that led to its output."""

from __future__ import annotations

from dataclasses import fields

import torch.nn.functional as F
from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.topics.pooling.forms import PoolingTrace, PoolingWindow
from convrnn_lab.topics.pooling.settings import (
    KINDS,
    PoolingSettings,
    Sizes,
    axes_of,
    checked,
)

__all__ = ["KINDS", "PoolingTrace", "PoolingWindow", "pooling"]


def pooling(
    input: Tensor,  # noqa: A002 - PyTorch's name for it
    kind: str,
    kernel_size: Sizes = None,
    *,
    stride: Sizes = None,
    padding: int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    p: float = 2,
    output_size: Sizes = None,
    axes: int | None = None,
) -> PoolingTrace:
    """Pool as PyTorch does, in one or two dimensions, and keep what it was made of.

    A setting that means nothing for a kind is refused unless it changes nothing: only "max" has a
    dilation, only "average" an included padding, only "lp" an exponent and no padding, and an
    adaptive pool has nothing but its output size.

    Parameters
    ----------
    input : Tensor, shape (batch, channel, time) or (batch, channel, height, width)
        The batch axis may be missing.
    kind : str
        One of `KINDS`. "lp" takes the p-th root of the sum of p-th powers, signs kept: an odd
        power of negative values may have no root, which is NaN here as in PyTorch.
    kernel_size : int or one per axis
        Samples under a window; not for adaptive pools.
    stride : int or one per axis, optional
        Samples between the starts of neighbouring windows; by default those under one.
    padding : int or one per axis
        Samples added at both ends of an axis, at most half of `kernel_size`: minus infinity for a
        maximum, zero for an average.
    dilation : int or one per axis
        Samples between neighbouring taps.
    ceil_mode : bool
        Round the output size up: a last window may reach past the end.
    count_include_pad : bool
        Whether an average divides by the taps on the padding too.
    p : float
        Exponent, over 0.
    output_size : int or one per axis
        Of adaptive pools; 1 pools the whole axis. Window i starts at ⌊i · length / output⌋ and
        ends before ⌈(i + 1) · length / output⌉.
    axes : 1 or 2, optional
        Axes to slide along. An `input` of three axes is (batch, channel, time) unless this, or a
        pair in `kernel_size` or `output_size`, says (channel, height, width).

    Returns
    -------
    PoolingTrace

    Raises
    ------
    ValueError
        If shapes, types or settings do not go together.

    Examples
    --------
    >>> import torch
    >>> steps = pooling(torch.tensor([[1.0, 3.0, 2.0, 5.0, 4.0]]), "max", 2, ceil_mode=True)
    >>> steps.output, steps.winners, steps.added
    (tensor([[3., 5., 4.]]), tensor([[1, 3, 4]]), (1,))
    """
    checks.choice("kind", kind, KINDS)
    axes = axes_of(input, axes, (kernel_size, output_size))
    given = {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "ceil_mode": ceil_mode,
        "count_include_pad": count_include_pad,
        "p": p,
        "output_size": output_size,
    }
    settings = checked(kind, axes, given)
    shape = (*input.shape[:-axes], *settings.output_shape(input.shape[-axes:]))
    # The indices of a maximum take 8 bytes, whatever the values do.
    checks.memory("output", shape, 8 if kind == "max" else input.element_size())
    output, winners = _pooled(input, settings)
    meant = {
        each.name: getattr(settings, each.name)
        for each in fields(PoolingTrace)
        if each.name not in {"input", "output", "winners"}
    }
    return PoolingTrace(input=input, output=output, winners=winners, **meant)


def _pooled(input: Tensor, settings: PoolingSettings) -> tuple[Tensor, Tensor | None]:  # noqa: A002
    """Return PyTorch's output and, for a maximum, the index of each winner."""
    line = len(settings.padding) == 1
    if settings.output_size:
        return _adaptive(input, settings)
    sizes, strides, ceil_mode = settings.kernel_size, settings.stride, settings.ceil_mode
    if settings.kind == "max":
        pool = F.max_pool1d if line else F.max_pool2d
        options = (settings.padding, settings.dilation, ceil_mode)
        output, winners = pool(input, sizes, strides, *options, return_indices=True)
        return output, winners
    if settings.kind == "average":
        average = F.avg_pool1d if line else F.avg_pool2d
        counts = settings.count_include_pad
        return average(input, sizes, strides, settings.padding, ceil_mode, counts), None
    if line:
        return F.lp_pool1d(input, settings.p, sizes[0], strides[0], ceil_mode), None
    return F.lp_pool2d(input, settings.p, sizes, strides, ceil_mode), None  # type: ignore[arg-type]


def _adaptive(input: Tensor, settings: PoolingSettings) -> tuple[Tensor, Tensor | None]:  # noqa: A002
    line, sizes = len(settings.output_size) == 1, settings.output_size
    if settings.kind == "adaptive_max":
        pool = F.adaptive_max_pool1d if line else F.adaptive_max_pool2d
        output, winners = pool(input, sizes, return_indices=True)
        return output, winners
    average = F.adaptive_avg_pool1d if line else F.adaptive_avg_pool2d
    return average(input, sizes), None  # type: ignore[arg-type]
