"""How operations with sliding windows change what a tensor's positions read."""

from __future__ import annotations

from collections.abc import Sequence

from convrnn_lab.shapes.operands import Named
from convrnn_lab.shapes.reach import Reach
from convrnn_lab.shapes.taps import NoRuleError


def _per_axis(value: int | Sequence[int], axes: int, default: int | Sequence[int] = 1) -> list[int]:
    values = [value] if isinstance(value, int) else list(value or [])
    values = values or ([default] if isinstance(default, int) else list(default))
    return values * axes if len(values) == 1 else values


def _windows(
    reach: Reach, kernel: list[int], stride: list[int], padding: list[int], dilation: list[int]
) -> Reach:
    first = len(reach.dims) - len(kernel)
    for i, (k, s, p, d) in enumerate(zip(kernel, stride, padding, dilation, strict=True)):
        if (k, s, p) == (1, 1, 0):
            continue
        number = reach.along(first + i)
        if number is not None:
            reach = reach.put(number, reach.axes[number].window(-p, d, k, s))
    return reach


def convolution(reach: Reach, _: object, given: Named, __: object) -> Reach:
    """Follow the windows of a convolution; of a transposed one with a stride of 1, too.

    Raises
    ------
    NoRuleError
        If positions read windows of different forms.
    """
    kernel = list(given["weight"].shape[2:])
    axes = len(kernel)
    stride, padding, dilation = (
        _per_axis(given[name], axes) for name in ("stride", "padding", "dilation")
    )
    reach = reach.whole([len(reach.dims) - axes - 1], keep=False)
    if given["transposed"]:
        if max(stride) > 1:
            raise NoRuleError(
                "a transposed convolution with a stride reads differently at each phase"
            )
        # Position p reads p + padding - dilation * tap: a window the other way round.
        padding = [d * (k - 1) - p for d, k, p in zip(dilation, kernel, padding, strict=True)]
    return _windows(reach, kernel, stride, padding, dilation)


def pool(reach: Reach, _: object, given: Named, __: object) -> Reach:
    """Follow the windows of a pool."""
    axes = len(reach.dims) - 2 if isinstance(given["kernel_size"], int) else None
    axes = axes or len(given["kernel_size"])
    kernel = _per_axis(given["kernel_size"], axes)
    stride = _per_axis(given["stride"], axes, kernel)
    padding = _per_axis(given["padding"], axes, 0)
    return _windows(reach, kernel, stride, padding, _per_axis(given.get("dilation", 1), axes))


def adaptive_pool(
    reach: Reach, shape: tuple[int, ...], given: Named, out: tuple[int, ...]
) -> Reach:
    """Follow the windows of an adaptive pool where all have one size.

    Raises
    ------
    NoRuleError
        If positions read windows of different forms.
    """
    for dim in range(len(shape) - len(given["output_size"]), len(shape)):
        number = reach.along(dim)
        if number is None:
            continue
        if out[dim] == 1:
            reach = reach.whole([dim], keep=False)
        elif shape[dim] % out[dim]:
            raise NoRuleError(
                f"pooling {shape[dim]} to {out[dim]} positions has windows of many sizes"
            )
        else:
            size = shape[dim] // out[dim]
            reach = reach.put(number, reach.axes[number].window(0, 1, size, size))
    return reach


def pad(reach: Reach, _: object, given: Named, __: object) -> Reach:
    """Move the windows by what is put in front."""
    pads = given["pad"] if "pad" in given else given["padding"]
    for i in range(len(pads) // 2):
        if any(pads[2 * i : 2 * i + 2]):
            number = reach.along(-1 - i)
            if number is not None:
                reach = reach.put(number, reach.axes[number].window(-pads[2 * i], 1, 1, 1))
    return reach
