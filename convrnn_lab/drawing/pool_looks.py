"""Operations of looks on the winners of a maximum; ``web/pool_looks.js`` has the same."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen, operation


@operation
def positive(values: Seen) -> int:
    """Return how many values are over zero."""
    return int((np.asarray(values) > 0).sum())


@operation
def runs(values: Seen) -> str:
    """Return the path around the pixels over zero, those that touch in a row as one box."""
    edges = np.diff(np.pad(np.asarray(values) > 0, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    (rows, starts), (_, ends) = np.nonzero(edges == 1), np.nonzero(edges == -1)
    boxes = np.stack([starts - 0.5, rows - 0.5, ends - 0.5, rows + 0.5], axis=1)
    drawn: str = looks.path(boxes)
    return drawn


@operation
def diamonds(chosen: Seen, values: Seen, wide: float, up: float) -> str:
    """Return the path of a diamond around each value of a signal that is chosen.

    Parameters
    ----------
    chosen : array, shape (time,)
        Over zero where there is one.
    values : array, shape (time,)
    wide, up : float
        Half of its width and of its height.
    """
    signal = np.asarray(values, dtype=np.float64)
    places = np.flatnonzero((np.asarray(chosen) > 0) & np.isfinite(signal)).tolist()
    drawn = []
    for x, y in ((place, signal[place].item()) for place in places):
        left, right, top, bottom, level = map(_short, (x - wide, x + wide, y + up, y - up, y))
        drawn.append(f"M{left},{level}L{x},{top}L{right},{level}L{x},{bottom}Z")
    return "".join(drawn)


def _short(value: float) -> str:
    """Write a number with four digits, without an exponent where it is not very small."""
    rounded = float(Context(prec=4, rounding=ROUND_HALF_UP).create_decimal(Decimal(value)))
    if rounded == int(rounded):
        return str(int(rounded))
    if 1e-6 <= abs(rounded) < 1e-4:
        return np.format_float_positional(rounded, trim="-")
    return repr(rounded).replace("e-0", "e-")


@operation
def power(values: Seen, exponent: float) -> Seen:
    """Return a power of each value, as single precision holds it."""
    return np.power(np.asarray(values, dtype=np.float64), exponent).astype(np.float32)
