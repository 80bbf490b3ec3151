"""Sums of products where one looks, and the rows and columns that they are made of.

``web/looks_sums.js`` does the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from convrnn_lab.drawing.looks import Seen, operation

_BENDS: dict[str, Callable[[Seen], Seen]] = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0.0),
}
"""What a gate makes of a sum, by name."""


@operation
def sigmoid(values: Seen) -> Seen:
    """Return 1 / (1 + exp(-x)), value by value."""
    return _BENDS["sigmoid"](np.asarray(values, dtype=np.float64))


@operation
def root(value: Seen) -> float:
    """Return the square root."""
    return float(np.sqrt(value))


@operation
def rows(array: Seen, places: Seen) -> Seen:
    """Return the rows of an array that stand at `places`, in that order."""
    return np.asarray(array)[np.asarray(places)]


@operation
def column(array: Seen, place: Seen, beside: Seen = None) -> Seen:
    """Return a column of an array; in front of the first and behind the last, what is `beside`."""
    values = np.asarray(array)
    inside = 0 <= place < values.shape[1]
    return np.asarray(values[:, place] if inside else beside, dtype=np.float64)


@operation
def dot(one: Seen, other: Seen) -> float:
    """Return the sum of products, counted in float64 from the first to the last."""
    products = np.asarray(one, dtype=np.float64) * np.asarray(other, dtype=np.float64)
    return float(sum(products.tolist()))


@operation
def product(matrix: Seen, vector: Seen) -> Seen:
    """Return a matrix times a vector; each sum as `dot` counts it."""
    products = np.asarray(matrix, dtype=np.float64) * np.asarray(vector, dtype=np.float64)
    return np.cumsum(products, axis=1)[:, -1]


@operation
def summed(bend: str, shares: Sequence[Seen], factor: Seen = None) -> Seen:
    """Return the shares of a sum, the sum, and what a gate makes of it.

    Parameters
    ----------
    bend : str
        "sigmoid", "tanh" or "relu".
    shares : sequence of four numbers
    factor : number, optional
        The last two are multiplied with it.

    Returns
    -------
    array of float32, shape (6,)
        What does not fit into one is infinite, as it is to PyTorch.
    """
    terms = np.array(shares, dtype=np.float64)
    if factor is not None:
        terms[2:] *= factor
    whole = np.cumsum(terms)[-1]
    found = np.array([*terms, whole, _BENDS[bend](whole)]).astype(np.float32)
    found[np.isnan(found)] = np.nan  # one NaN, whichever sum it comes from
    return found


@operation
def reaches(value: Seen, bound: float) -> int:
    """Return 1 where a value is at least `bound`, else 0."""
    return int(value >= bound)


@operation
def level(value: Seen, edge: float, count: int) -> int:
    """Return which of `count` even steps from -edge to edge a value is nearest to.

    Beyond the ends it is the last one; of NaN it is the middle one.
    """
    if np.isnan(value):
        return (count - 1) // 2
    share = min(1.0, max(0.0, (float(value) / edge + 1) / 2))
    return int(np.floor(share * (count - 1) + 0.5))


@operation
def lost(rows_of_values: Seen) -> int:
    """Return the first column with NaN or infinity; the number of columns where there is none."""
    wrong = ~np.isfinite(np.asarray(rows_of_values, dtype=np.float64)).all(axis=0)
    return int(wrong.argmax()) if wrong.any() else wrong.size


@operation
def within(values: Seen, bound: float) -> Seen:
    """Return values with NaN in the place of those over `bound`."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(array > bound, np.nan, array)


@operation
def beyond(values: Seen, bound: float) -> Seen:
    """Return `bound` in the place of each value over it, NaN in that of the others."""
    return np.where(np.asarray(values) > bound, float(bound), np.nan)
