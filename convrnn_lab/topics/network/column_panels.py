"""Where the layers of a network stand in one picture: a column each, of small maps or cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Part
from convrnn_lab.topics.network.layer_panels import SHOWN
from convrnn_lab.topics.network.values import Values

WIDTH = 900
"""Units of the picture, about a pixel each on a laptop."""

HEIGHT = 192
"""Of all columns."""

_GAP = 8
_WIDEST_GAP = 48
_LARGEST = 34
_SMALLEST = 4
_INPUT = 62
_CELL = 13
_LETTER = 5.6
"""Units of a letter of the words above the columns."""


@dataclass(frozen=True, eq=False)
class Column:
    """One layer, or the input, in the picture.

    Attributes
    ----------
    label : str
    values : Values
    shown : int
        Maps or values that are drawn.
    across : int
        Maps side by side.
    cell : (width, height)
        Of one map, with the gap around it.
    left, top : int
    """

    label: str
    values: Values
    shown: int
    across: int
    cell: tuple[int, int]
    left: int = 0
    top: int = 0

    @property
    def width(self) -> int:
        """Of all its maps."""
        return self.across * self.cell[0]

    @property
    def height(self) -> int:
        """Of all its maps."""
        return -(-self.shown // self.across) * self.cell[1]

    @property
    def middle(self) -> float:
        """Return where its words stand."""
        return self.left + self.width / 2

    @property
    def wide(self) -> float:
        """Of all its maps, or of its words where these take more."""
        return max(self.width, self.said)

    @property
    def said(self) -> float:
        """Of its words."""
        return _LETTER * max(len(self.label), len(self.counted()))

    def corner(self, channel: Seen) -> tuple[Seen, Seen]:
        """Return the left and upper end of a map."""
        width, height = self.cell
        return (
            channel % self.across * width + self.left,
            channel // self.across * height + self.top,
        )

    def ends(self) -> np.ndarray:
        """Return where the links of each map begin, shape (shown, 2): at its right edge."""
        width, height = self.cell
        corners = [self.corner(each) for each in range(self.shown)]
        return np.array([(left + width - 1, top + height / 2) for left, top in corners])

    def counted(self) -> str:
        """Write how many maps there are, and how large; of many, how many are drawn."""
        count, height, width = self.values.maps.values.shape
        number = f"{count:,}" if count == self.shown else f"{self.shown} of {count:,}"
        if self.values.maps.is_vector:
            return number
        return f"{number} · {width if self.values.maps.is_sequence else f'{height}×{width}'}"

    def click(self, place: int) -> Part:
        """Return where a click means one of the maps of the layer number `place`."""
        box = [self.left, self.top, self.left + self.width, self.top + self.height]
        return {"box": box, "cell": list(self.cell), "columns": self.across} | {
            "count": self.shown,
            "value": place,
        }


def columns(drawn: Sequence[tuple[str, Values]], *, beside: int = 0) -> list[Column]:
    """Return the columns of an input and of the layers after it, as large as they can be.

    Parameters
    ----------
    drawn : sequence of (label, Values)
        The input first.
    beside : int
        Units that are left free at the right.
    """
    room = WIDTH - beside
    for said in (True, False):
        for side in range(_LARGEST, _SMALLEST - 1, -1):
            made = [
                _column(label, values, side, first=index == 0)
                for index, (label, values) in enumerate(drawn)
            ]
            widths = [each.wide if said else float(each.width) for each in made]
            if sum(widths) + _GAP * (len(made) - 1) <= room:
                return _placed(made, widths, room)
    return _placed(made, widths, room)


def named(made: Sequence[Column]) -> list[Column]:
    """Return the columns over which there is room for words: all, unless there are many."""
    found: list[Column] = []
    for each in made:
        if not found or each.middle - each.said / 2 >= found[-1].middle + found[-1].said / 2:
            found.append(each)
    return found


def _column(label: str, values: Values, side: int, *, first: bool) -> Column:
    count = min(SHOWN, len(values.maps.values))
    if values.maps.is_vector:
        size = min(_CELL, max(side, 4))
        return Column(label, values, count, math.ceil(count / (HEIGHT // size)), (size, size))
    if values.maps.is_sequence:
        return Column(label, values, count, 1, (2 * side, max(1, min(side, HEIGHT // count))))
    side = max(side, _INPUT) if first and count <= 3 else side
    return Column(label, values, count, math.ceil(count / (HEIGHT // side)), (side, side))


def _placed(made: Sequence[Column], widths: Sequence[float], room: float) -> list[Column]:
    free = (room - sum(widths)) / max(1, len(made) - 1)
    gap, left, placed = min(_WIDEST_GAP, free), 0.0, []
    for each, width in zip(made, widths, strict=True):
        at = round(left + (width - each.width) / 2)
        placed.append(replace(each, left=at, top=(HEIGHT - each.height) // 2))
        left += width + gap
    return placed
