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
    length: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: Pair = (0, 0),
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    """Count the positions of a window on a padded axis, rounded down as PyTorch does.

    Parameters
    ----------
    length, kernel_size, stride, dilation : int
        In samples of the input.
    padding : (before, after)
        Samples added at the two ends.
    ceil_mode : bool
        Round up: a last window may reach past the end, but not start in the padding there.

    Raises
    ------
    ValueError
        If the dilated kernel is longer than the padded axis; with `ceil_mode`, by a stride or more.

    Examples
    --------
    >>> output_length(28, 3, stride=2, padding=(1, 1))
    14
    >>> output_length(28, 3, stride=2), output_length(28, 3, stride=2, ceil_mode=True)
    (13, 14)
    """
    padded = length + sum(padding)
    room = padded - extent(kernel_size, dilation) + (stride - 1 if ceil_mode else 0)
    if room < 0:
        dilated = f" with dilation={dilation} spans {extent(kernel_size, dilation)}"
        raise ValueError(
            f"kernel_size must fit the padded input of {padded} samples; got kernel_size="
            f"{kernel_size}{dilated if dilation > 1 else ''} for length={length} with "
            f"padding={plain(padding)}"
        )
    outputs = room // stride + 1
    starts_too_late = ceil_mode and (outputs - 1) * stride >= length + padding[0]
    return outputs - 1 if starts_too_late else outputs


def dropped(
    length: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: Pair = (0, 0),
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    """Count the samples at the end of the padded axis that no window reaches.

    Examples
    --------
    >>> dropped(28, 3, stride=2)
    1
    """
    return max(0, -_past_end(length, kernel_size, stride, padding, dilation, ceil_mode))


def unread(
    length: int,
    outputs: int,
    kernel_size: int,
    *,
    stride: int = 1,
    before: int = 0,
    dilation: int = 1,
) -> tuple[int, ...]:
    """Return the input samples that no tap reads: past the last window, or in a gap.

    Parameters
    ----------
    length, outputs : int
        Samples of the input, and of the output.
    kernel_size, stride, dilation : int
    before : int
        Samples of padding in front of the input.

    Examples
    --------
    >>> unread(8, 3, 2, stride=3)
    (2, 5)
    """
    # Not by `taps`: this is asked at every step of a slider, and would take three times as long.
    read = {
        position * stride - before + dilation * tap
        for position in range(outputs)
        for tap in range(kernel_size)
    }
    return tuple(sample for sample in range(length) if sample not in read)


def taps(
    position: int, kernel_size: int, *, stride: int, before: int, dilation: int
) -> tuple[int, ...]:
    """Return the input sample under each tap of a window; outside the input on the padding.

    Parameters
    ----------
    position : int
        Of the window: the index of its output value.
    kernel_size, stride, dilation : int
    before : int
        Samples of padding in front of the input.

    Examples
    --------
    >>> taps(0, 3, stride=2, before=1, dilation=2)
    (-1, 1, 3)
    """
    start = position * stride - before
    return tuple(start + dilation * tap for tap in range(kernel_size))


def overhang(
    length: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: Pair = (0, 0),
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    """Count the samples by which the last window reaches past the padded axis, as in ceil mode.

    Examples
    --------
    >>> overhang(28, 3, stride=2, ceil_mode=True)
    1
    """
    return max(0, _past_end(length, kernel_size, stride, padding, dilation, ceil_mode))


def _past_end(  # noqa: PLR0917 - as given to the two above
    length: int, kernel_size: int, stride: int, padding: Pair, dilation: int, ceil_mode: bool
) -> int:
    """Count the samples of the last window past the padded axis; negative where they end before."""
    outputs = output_length(
        length,
        kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )
    end = (outputs - 1) * stride + extent(kernel_size, dilation)
    return end - length - sum(padding)


def adaptive_window(position: int, length: int, output_size: int) -> Pair:
    """Return the first sample of an adaptive pool's window, and the one after its last.

    Examples
    --------
    >>> [adaptive_window(position, 5, 3) for position in range(3)]
    [(0, 2), (1, 4), (3, 5)]
    """
    return position * length // output_size, -(-(position + 1) * length // output_size)


def transposed_length(
    length: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """Return the output length of a transposed convolution.

    Parameters
    ----------
    length, kernel_size, stride, dilation : int
        In samples; `stride` and `dilation` of the output.
    padding, output_padding : int
        Samples cut off at both ends, and samples added at the end.

    Raises
    ------
    ValueError
        If the padding leaves nothing.

    Examples
    --------
    >>> transposed_length(14, 3, stride=2, padding=1, output_padding=1)
    28
    """
    full = (length - 1) * stride + extent(kernel_size, dilation) + output_padding
    if full <= 2 * padding:
        raise ValueError(
            f"padding must leave at least one of {full} output samples; got {padding} at each end"
        )
    return full - 2 * padding


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


def plain(values: tuple[int, ...]) -> int | tuple[int, ...]:
    """Return the one number that stands for all axes, if there is one: `per_axis` turned round.

    Examples
    --------
    >>> plain((2, 2)), plain((2, 3))
    (2, (2, 3))
    """
    return values[0] if len(set(values)) == 1 else values


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
    if isinstance(padding, str):
        extents = [extent(*each) for each in zip(kernel_size, dilation, strict=True)]
        return _pads_in_a_word(padding, extents, stride)
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


def _pads_in_a_word(word: str, extents: Sequence[int], stride: Sequence[int]) -> tuple[Pair, ...]:
    checks.choice("padding", word, ["valid", "same", "causal"])
    if word == "same" and max(stride) > 1:
        raise ValueError(
            f'padding must be a number where the stride is over 1; got "same" with stride='
            f"{plain(tuple(stride))}"
        )
    if word == "causal" and len(extents) > 1:
        raise ValueError(f'padding must be "causal" on one axis only; got {len(extents)} axes')
    if word == "valid":
        return ((0, 0),) * len(extents)
    if word == "causal":
        return ((extents[0] - 1, 0),)
    return tuple(((size - 1) // 2, size - 1 - (size - 1) // 2) for size in extents)
