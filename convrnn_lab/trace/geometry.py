"""Where the windows of a convolution or a pool lie on one axis: the one place of its formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from convrnn_lab import checks

Pair = tuple[int, int]
Padding = int | str | Sequence[int] | Sequence[Sequence[int]]


def extent(kernel_size: int, dilation: int = 1) -> int:
    """Count the samples from the first to the last tap of a dilated kernel.

    Examples
    --------
    >>> extent(3, dilation=2)
    5
    """
    return dilation * (kernel_size - 1) + 1


def output_length(
    length: int, kernel_size: int, *, stride: int = 1, padding: Pair = (0, 0), dilation: int = 1
) -> int:
    """Count the places of a window on a padded axis, rounded down as PyTorch does.

    Parameters
    ----------
    length, kernel_size, stride, dilation : int
        In samples of the input.
    padding : (before, after)
        Zeros added at the two ends.

    Raises
    ------
    ValueError
        If the dilated kernel is longer than the padded axis.

    Examples
    --------
    >>> output_length(28, 3, stride=2, padding=(1, 1))
    14
    """
    padded = length + sum(padding)
    if extent(kernel_size, dilation) > padded:
        dilated = f" with dilation={dilation} spans {extent(kernel_size, dilation)}"
        raise ValueError(
            f"kernel_size must fit the padded input of {padded} samples; got kernel_size="
            f"{kernel_size}{dilated if dilation > 1 else ''} for length={length} with "
            f"padding={padding[0] if padding[0] == padding[1] else padding}"
        )
    return (padded - extent(kernel_size, dilation)) // stride + 1


def dropped(
    length: int, kernel_size: int, *, stride: int = 1, padding: Pair = (0, 0), dilation: int = 1
) -> int:
    """Count the samples at the end of the padded axis that no window reaches.

    Examples
    --------
    >>> dropped(28, 3, stride=2)
    1
    """
    return (length + sum(padding) - extent(kernel_size, dilation)) % stride


def per_axis(name: str, value: int | Sequence[int], axes: int, low: int) -> tuple[int, ...]:
    """Return one integer for each axis from an int or a sequence of them.

    Raises
    ------
    ValueError
        If there are more or fewer than `axes`, or one is under `low`.

    Examples
    --------
    >>> per_axis("stride", 2, axes=2, low=1)
    (2, 2)
    """
    if isinstance(value, (list, tuple)):
        if len(value) != axes:
            raise ValueError(f"{name} must be one integer or {axes}; got {checks.shown(value)}")
        return tuple(checks.integer(name, each, low) for each in value)
    return (checks.integer(name, value, low),) * axes


def pads(
    padding: Padding, kernel_size: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tuple[Pair, ...]:
    """Return the zeros ``(before, after)`` that `padding` means on each axis.

    Parameters
    ----------
    padding : int, one int per axis, one (before, after) pair per axis, or a word
        ``"valid"`` adds none; ``"same"`` keeps the length and puts the odd zero after, as PyTorch
        does; ``"causal"`` (one axis) puts all of them before, so that no output sees the future.

    Raises
    ------
    ValueError
        If the word is unknown, ``"same"`` meets a stride, or ``"causal"`` meets two axes.

    Examples
    --------
    >>> pads("same", (4,), (1,), (1,))
    ((1, 2),)
    """
    axes = len(kernel_size)
    spans = [extent(size, hole) - 1 for size, hole in zip(kernel_size, dilation, strict=True)]
    if isinstance(padding, str):
        checks.choice("padding", padding, ["valid", "same", "causal"])
        if padding == "same" and any(step > 1 for step in stride):
            raise ValueError(
                f'padding must be a number where the stride is over 1; got "same" with stride='
                f"{stride[0] if len(set(stride)) == 1 else tuple(stride)}"
            )
        if padding == "causal" and axes > 1:
            raise ValueError(f'padding must be "causal" on one axis only; got {axes} axes')
        if padding == "valid":
            return ((0, 0),) * axes
        if padding == "causal":
            return ((spans[0], 0),)
        return tuple((span // 2, span - span // 2) for span in spans)
    if isinstance(padding, (list, tuple)) and any(isinstance(p, (list, tuple)) for p in padding):
        if len(padding) != axes:
            raise ValueError(
                f"padding must be one (before, after) pair for each of {axes} axes; "
                f"got {checks.shown(padding)}"
            )
        before_after = [per_axis("padding", pair, axes=2, low=0) for pair in padding]
        return tuple((before, after) for before, after in before_after)
    alike = cast("int | Sequence[int]", padding)
    return tuple((each, each) for each in per_axis("padding", alike, axes, low=0))
