"""Operations of looks on what a layer gives: maps as a grid, the strongest values, probabilities.

``web/layer_looks.js`` has the same; see `looks`.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from convrnn_lab.drawing.looks import Seen, finite, operation


@operation
def tiled(pictures: Seen, columns: int, count: int) -> Seen:
    """Return the first `count` pictures in a grid, NaN in the gaps of one pixel between them.

    Parameters
    ----------
    pictures : array, shape (picture, height, width)
    columns : int
        Pictures in a row of the grid.
    count : int
    """
    shown = np.asarray(pictures)[:count]
    height, width = shown.shape[1] + 1, shown.shape[2] + 1
    grid = np.full((*tiled_shape(shown.shape, columns, count),), np.nan, dtype=np.float32)
    for place, picture in enumerate(shown):
        top, left = (place // columns) * height, (place % columns) * width
        grid[top : top + height - 1, left : left + width - 1] = picture
    return grid


def tiled_shape(shape: tuple[int, ...], columns: int, count: int) -> tuple[int, int]:
    """Return rows and columns of pixels of a grid of pictures of this `shape`."""
    rows = -(-min(shape[0], count) // columns)
    return rows * (shape[1] + 1) - 1, columns * (shape[2] + 1) - 1


@operation
def mean(values: Seen) -> Seen:
    """Return the mean over the first axis; of one part that part itself."""
    array = np.asarray(values)
    if len(array) == 1:
        return array[0]
    return np.add.reduce(array.astype(np.float64), axis=0) / len(array)


@operation
def at_least(value: Seen, low: Seen) -> Seen:
    """Return the larger of two numbers."""
    return max(value, low)


@operation
def at_most(value: Seen, high: Seen) -> Seen:
    """Return the smaller of two numbers."""
    return min(value, high)


@operation
def item(values: Seen, place: int) -> Seen:
    """Return one of a list of values that a look gives, such as an end of an axis."""
    return values[place]


@operation
def lowest(values: Seen, initial: float) -> float:
    """Return the smallest finite value, or `initial` where that is smaller."""
    return float(finite(values).min(initial=initial))


@operation
def highest(values: Seen, initial: float) -> float:
    """Return the largest finite value, or `initial` where that is larger."""
    return float(finite(values).max(initial=initial))


@operation
def count(values: Seen, wanted: float) -> int:
    """Return how many values are a number."""
    return int((np.asarray(values) == wanted).sum())


@operation
def largest(values: Seen) -> int:
    """Return the place of the largest value, in reading order; the first of those that are."""
    return int(np.argmax(values))


@operation
def strongest(values: Seen, limit: int) -> Seen:
    """Return the places of the values that lie furthest from zero, at most `limit`; NaN as zero."""
    size = np.abs(np.asarray(values, dtype=np.float64))
    order = np.argsort(-np.where(np.isnan(size), 0.0, size), kind="stable")
    return order[:limit].astype(np.int32)


@operation
def texts(numbers: Seen) -> list[str]:
    """Write whole numbers as names, such as those of bars, which then stand in this order."""
    return [str(number) for number in np.asarray(numbers).tolist()]


@operation
def softmax(values: Seen) -> Seen:
    """Return the share of each value's exponential."""
    exact = np.asarray(values, dtype=np.float64)
    exponentials = np.exp(exact - exact.max())
    return exponentials / sum(exponentials.tolist())


@operation
def fixed(value: Seen, decimals: int) -> str:
    """Write a number with some decimal places; halves go away from zero."""
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else "∞"
    return str(Decimal(float(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
