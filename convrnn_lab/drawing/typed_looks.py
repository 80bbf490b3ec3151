"""Operations of looks on characters: a line that a reader typed, as numbers of an alphabet.

``web/typed_looks.js`` has the same; see `looks`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from convrnn_lab.drawing.looks import Seen, operation


@operation
def average(values: Seen) -> float:
    """Return the mean, counted in float64 from the first value to the last."""
    flat = np.asarray(values, dtype=np.float64).ravel().tolist()
    return float(sum(flat)) / len(flat)


@operation
def length(values: Seen) -> int:
    """Return how many values there are."""
    return int(np.asarray(values).size)


@operation
def named(places: Seen, names: Sequence[str]) -> list[str]:
    """Return the names at some places."""
    return [names[int(place)] for place in np.asarray(places).ravel()]


@operation
def cut(names: Seen, columns: int) -> list[list[str]]:
    """Return names in rows of `columns`; empty ones fill the last row."""
    whole = [*names, *[""] * (-len(names) % columns)]
    return [whole[start : start + columns] for start in range(0, len(whole), columns)]


@operation
def quoted(names: Seen) -> str:
    r"""Return characters as a text in Python's code.

    Examples
    --------
    >>> quoted(["a", '"', "\\"])
    '"a\\"\\\\"'
    """
    return json.dumps("".join(names), ensure_ascii=False)
