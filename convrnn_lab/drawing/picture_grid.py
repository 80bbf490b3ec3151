"""Small pictures arranged in a grid, of which one can be picked."""

from __future__ import annotations

import math
from dataclasses import dataclass

from convrnn_lab.drawing.layer_looks import tiled, tiled_shape
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import outline
from convrnn_lab.drawing.sheet import Part


@dataclass(frozen=True, eq=False)
class PictureGrid:
    """Small pictures in rows, with a gap of one pixel between them.

    Attributes
    ----------
    pixels : array or Look, shape (height, width)
        NaN in the gaps.
    shape : (int, int)
    columns : int
        Pictures in a row.
    pitch : (int, int)
        Pixels from one picture to the next, down and across.
    count : int
    """

    pixels: Seen
    shape: tuple[int, int]
    columns: int
    pitch: tuple[int, int]
    count: int

    def outline(self, name: str, place: Seen) -> Part:
        """Return the outline of the picture number `place`; of one that is not shown, none."""
        down, right = self.pitch
        box = (-1.0, -1.0, right - 1.0, down - 1.0)
        moved = (place % self.columns * right, place // self.columns * down)
        return outline(name, [box], moved=moved)

    def click(self, control: str) -> Part:
        """Return what a panel's `click` needs to set `control` to the picture clicked."""
        place = {"columns": self.columns, "pitch": list(self.pitch), "count": self.count}
        return {"grid": {"control": control, **place}}


def picture_grid(pictures: Seen, limit: int | None = None) -> PictureGrid:
    """Arrange pictures, shape (count, height, width), in a grid that is about square.

    Parameters
    ----------
    pictures : array or Look
    limit : int, optional
        How many of them are shown at most.
    """
    count, height, width = pictures.shape
    count = count if limit is None else min(count, limit)
    columns = max(1, min(count, round(math.sqrt(count * (height + 1) / (width + 1)))))
    shape = tiled_shape(pictures.shape, columns, count)
    pixels = tiled(pictures, columns, count)
    return PictureGrid(pixels, shape, columns, (height + 1, width + 1), count)
