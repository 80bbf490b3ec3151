"""Small pictures arranged in a grid, of which one can be picked."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convrnn_lab.drawing.parts import Box, Numbers
from convrnn_lab.drawing.sheet import Part


@dataclass(frozen=True, eq=False)
class PictureGrid:
    """Small pictures in rows, with a gap of one pixel between them.

    Attributes
    ----------
    pixels : array, shape (height, width)
        NaN in the gaps.
    columns : int
        Pictures in a row.
    pitch : (int, int)
        Pixels from one picture to the next, down and across.
    count : int
    """

    pixels: NDArray[np.float32]
    columns: int
    pitch: tuple[int, int]
    count: int

    def box(self, place: int) -> Box:
        """Return the outline of the picture number `place`."""
        row, column = divmod(place, self.columns)
        top, left = row * self.pitch[0] - 0.5, column * self.pitch[1] - 0.5
        return (left - 0.5, top - 0.5, left + self.pitch[1] - 0.5, top + self.pitch[0] - 0.5)

    def click(self, control: str) -> Part:
        """Return what a panel's `click` needs to set `control` to the picture clicked."""
        place = {"columns": self.columns, "pitch": list(self.pitch), "count": self.count}
        return {"grid": {"control": control, **place}}


def picture_grid(pictures: Numbers) -> PictureGrid:
    """Arrange pictures, shape (count, height, width), in a grid that is about square."""
    count, height, width = pictures.shape
    columns = max(1, min(count, round(math.sqrt(count * (height + 1) / (width + 1)))))
    rows = -(-count // columns)
    pixels = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan, dtype=np.float32)
    for place, picture in enumerate(pictures):
        top, left = (place // columns) * (height + 1), (place % columns) * (width + 1)
        pixels[top : top + height, left : left + width] = picture
    return PictureGrid(pixels, columns, (height + 1, width + 1), count)
