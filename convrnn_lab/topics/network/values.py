"""The numbers of a layer as looks see them: an array that may be replaced, and parts of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.topics.network.pictures import Pictures


@dataclass(frozen=True, eq=False)
class Values:
    """What a layer gives, or what a model is given, with the places of its axes.

    Attributes
    ----------
    maps : Pictures
        As PyTorch gives them.
    array : array or Look
        The same numbers, of shape (channel, height, width), (channel, time) or (channel,); a look
        where the browser draws, in which they may be replaced.
    """

    maps: Pictures
    array: Seen

    def channel(self, channel: Seen) -> Seen:
        """Return one channel: a picture, or a row over time."""
        return looks.take(self.array, channel)

    def value(self, channel: Seen, row: Seen, column: Seen) -> Seen:
        """Return one value; of a vector that of the channel, of a sequence that at the time."""
        if self.maps.is_vector:
            return looks.take(self.array, channel)
        place = (column,) if self.maps.is_sequence else (row, column)
        return looks.take(self.array, channel, *place)

    def lengths(self, axes: int) -> tuple[int, ...]:
        """Return the lengths of the last axes."""
        return self.maps.values.shape[-axes:]


def values_of(name: str, maps: Pictures, *, given: bool) -> Values:
    """Return numbers to be drawn.

    Parameters
    ----------
    name : str
        By which the browser knows them.
    maps : Pictures
    given : bool
        Whether the browser draws them.
    """
    count, _, width = maps.values.shape
    shape = (count,) if maps.is_vector else (count, width) if maps.is_sequence else None
    array = np.ascontiguousarray(maps.values.reshape(shape or maps.values.shape))
    return Values(maps, looks.given(name, array) if given else array)
