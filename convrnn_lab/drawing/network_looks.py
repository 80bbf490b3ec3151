"""Operations of looks on a network drawn whole: links, windows, sums by channel, exponentials.

``web/network_looks.js`` has the same; see `looks`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen, operation


@operation
def rays(points: Seen, right: Seen, down: Seen) -> str:
    """Return lines from some points to one, as SVG's path.

    Parameters
    ----------
    points : array, shape (point, 2)
        To the right and down.
    right, down : number
        Where all lines end.
    """
    ends = np.asarray(points, dtype=np.float64).reshape(-1, 2).tolist()
    return "".join(f"M{_short(x)},{_short(y)}L{_short(right)},{_short(down)}" for x, y in ends)


def _short(value: float) -> str:
    return str(int(value)) if value == int(value) else str(float(value))


@operation
def part_sums(parts: Seen) -> Seen:
    """Return the sum of each part on the first axis, counted in float64 from the first value."""
    flat = np.asarray(parts, dtype=np.float64).reshape(len(parts), -1)
    return np.cumsum(flat, axis=1)[:, -1]


@operation
def exponentials(values: Seen) -> Seen:
    """Return the exponential of each value minus the largest, by which none is too large."""
    exact = np.asarray(values, dtype=np.float64)
    return np.exp(exact - exact.max())


@operation
def pool_window(array: Seen, spans: Sequence[Seen], zeros: Sequence[Seen], largest: bool) -> Seen:
    """Return what a window of a pool reads, also where it hangs over the edge.

    Parameters
    ----------
    array : array
    spans : sequence of (start, count, step), one for each axis
    zeros : sequence of (before, after)
        How many zeros around each axis it reads, too.
    largest : bool
        Whether minus infinity stands beyond them, which is never the largest; NaN where not.
    """
    values = looks.window(array, spans)
    inside = np.ones(values.shape, dtype=bool)
    lengths = np.shape(array)
    for axis, ((start, count, step), (before, after)) in enumerate(zip(spans, zeros, strict=True)):
        places = start + step * np.arange(count)
        reads = (places >= -before) & (places < lengths[axis] + after)
        inside &= reads.reshape([-1 if each == axis else 1 for each in range(inside.ndim)])
    return np.where(inside, values, -np.inf if largest else np.nan)
