"""Operations of looks on a window that slides: where it lies, for settings that the browser moves.

The formulas are those of `geometry`; ``web/window_looks.js`` has the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from convrnn_lab.drawing.looks import Seen, operation
from convrnn_lab.drawing.words import unread
from convrnn_lab.shapes import geometry, transposed


@operation
def pads(padding: Seen, kernel_size: Seen, stride: Seen, dilation: Seen) -> list[int]:
    """Return the zeros before and after one axis; see `geometry.pads`."""
    (pair,) = geometry.pads(padding, (kernel_size,), (stride,), (dilation,))
    return list(pair)


@operation
def output_length(  # noqa: PLR0917 - an operation has no names for its arguments
    length: Seen,
    kernel_size: Seen,
    stride: Seen,
    padding: Sequence[Seen],
    dilation: Seen,
    ceil_mode: Seen = False,
) -> int:
    """Count the positions of a window on an axis with the zeros ``padding``, before and after."""
    before, after = padding
    return geometry.output_length(
        length,
        kernel_size,
        stride=stride,
        padding=(before, after),
        dilation=dilation,
        ceil_mode=bool(ceil_mode),
    )


@operation
def no_window(  # noqa: PLR0917 - an operation has no names for its arguments
    lengths: Sequence[int],
    kernel_size: Seen,
    stride: Seen,
    padding: Seen,
    dilation: Seen,
    ceil_mode: Seen = False,
) -> str:
    """Return why a window has no place on axes of these lengths; empty where it has.

    The words are those of `geometry.pads` and `geometry.output_length`.
    """
    try:
        pair = pads(padding, kernel_size, stride, dilation)
        for length in lengths:
            output_length(length, kernel_size, stride, pair, dilation, ceil_mode)
    except ValueError as error:
        return str(error)
    return ""


@operation
def transposed_length(  # noqa: PLR0917 - an operation has no names for its arguments
    length: Seen,
    kernel_size: Seen,
    stride: Seen,
    padding: Seen,
    output_padding: Seen,
    dilation: Seen,
) -> int:
    """Count the output values of a transposed convolution; see `geometry.transposed_length`."""
    return geometry.transposed_length(
        length,
        kernel_size,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )


@operation
def nothing_left(lengths: Sequence[int], *settings: Seen) -> str:
    """Return why a transposed convolution has no output; empty where it has.

    The settings are those of `transposed_length`, and the words those of the geometry.
    """
    try:
        for length in lengths:
            transposed_length(length, *settings)
    except ValueError as error:
        return str(error)
    return ""


@operation
def reaching(  # noqa: PLR0917 - an operation has no names for its arguments
    index: Seen, length: Seen, kernel_size: Seen, stride: Seen, padding: Seen, dilation: Seen
) -> list[int]:
    """Return which input values a transposed convolution gathers, and by which taps.

    Returns
    -------
    list of int
        Their count; the first of them and the step to the next; its tap and the step to the next.
        Where none reaches the output value at `index`, one outside the input, and the tap 0.
    """
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    pairs = transposed.reaching(index, length, kernel_size, **options)
    first, tap = pairs[0] if pairs else (-1, 0)
    shared = math.gcd(stride, dilation)
    return [len(pairs), first, dilation // shared, tap, -stride // shared]


@operation
def reached_by(length: Seen, outputs: Seen, *settings: Seen) -> np.ndarray:
    """Count the input values that reach each output value on an axis; see `reaching`."""
    counts = [reaching(index, length, *settings)[0] for index in range(outputs)]
    return np.array(counts, dtype=np.int32)


@operation
def room(counts: Seen) -> int:
    """Return the largest of some counts, and at least 1."""
    return int(np.max(counts, initial=1))


@operation
def outer(rows: Seen, columns: Seen) -> np.ndarray:
    """Return the product of each number of one list with each of another."""
    products: np.ndarray = np.multiply.outer(rows, columns)
    return products


@operation
def distinct(values: Seen) -> str:
    """Write the whole numbers that there are, each once, the smallest first."""
    return ", ".join(str(int(value)) for value in np.unique(values))


@operation
def first_text(texts: Sequence[Seen]) -> str:
    """Return the first text that is not empty: of several refusals the one that is told."""
    return next(filter(None, texts), "")


@operation
def never_read(axes: Sequence[Sequence[Seen]], names: Sequence[str]) -> str:
    """Write which samples no tap reads; see `words.unread`.

    Parameters
    ----------
    axes : sequence of (length, outputs, kernel_size, stride, before, dilation)
        As `geometry.unread` takes them.
    names : sequence of str
        Of a sample on each axis.
    """
    samples = [
        geometry.unread(length, outputs, size, stride=stride, before=before, dilation=dilation)
        for length, outputs, size, stride, before, dilation in axes
    ]
    return unread(samples, [axis[0] for axis in axes], names)


@operation
def boxes(sides: Sequence[Sequence[Seen]]) -> np.ndarray:
    """Return boxes as `looks.path` takes them: left, top, right and bottom of each."""
    return np.array(sides, dtype=np.float64)


@operation
def taps(rows: Seen, down: Seen, columns: Seen, right: Seen) -> np.ndarray:
    """Return the pixels under the taps of a window from the first on; one box where they touch.

    Parameters
    ----------
    rows, columns : int
        Taps on each axis.
    down, right : int
        Pixels from one to the next.
    """
    if (down == 1 or rows == 1) and (right == 1 or columns == 1):
        end, bottom = (columns - 1) * right, (rows - 1) * down
        return np.array([(-0.5, -0.5, end + 0.5, bottom + 0.5)])
    each = [
        (c * right - 0.5, r * down - 0.5, c * right + 0.5, r * down + 0.5)
        for r in range(rows)
        for c in range(columns)
    ]
    return np.array(each, dtype=np.float64)


@operation
def beside(length: Seen, before: Seen, after: Seen) -> np.ndarray:
    """Return the places of padding in front of a signal and behind it."""
    return np.array([*range(-before, 0), *range(length, length + after)], dtype=np.float64)


@operation
def grouped(value: Seen) -> str:
    """Write a whole number with commas."""
    return f"{int(value):,}"
