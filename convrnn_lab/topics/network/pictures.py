"""A layer's output as pictures, by what its axes are: time runs to the right, features down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.shapes.axes import usual_axes

_ACROSS = ("width", "time")
_STACKED = ("head", "layer", "channel", "feature")


@dataclass(frozen=True, eq=False)
class Pictures:
    """One example of a tensor, arranged to be drawn.

    Attributes
    ----------
    values : array, shape (channel, height, width)
        A sequence has a height of 1, a vector one value a channel.
    channel : str
        What the first axis is, such as "channel" or "feature".
    row, column : str
        What the others are, such as "height" and "width", or "" and "time".
    """

    values: NDArray[np.number]
    channel: str
    row: str
    column: str

    @property
    def is_vector(self) -> bool:
        """Whether there is one value a channel."""
        return bool(self.values.shape[1] == self.values.shape[2] == 1)

    @property
    def is_sequence(self) -> bool:
        """Whether each channel is one row over time."""
        return bool(self.values.shape[1] == 1) and not self.is_vector

    def counted(self) -> str:
        """Write how many channels or features there are, as in "3 channels"."""
        count = len(self.values)
        return f"{count} {self.channel}{'' if count == 1 else 's'}"

    def place(self, row: Seen, column: Seen) -> Seen:
        """Write where a value is, as in " at row 3, column 4"; nothing of a vector."""
        if self.is_vector:
            return ""
        if self.is_sequence:
            return looks.words(f" at {self.column} {{}}", column)
        return looks.words(" at row {}, column {}", row, column)


def pictures(output: Tensor, axes: Sequence[str] = ()) -> NDArray[np.number]:
    """Return a layer's output for the first example, shape (channel, height, width).

    A sequence has a height of 1 and its time as width, whichever axis that is; a vector has one
    value a channel. Of a volume the middle slice is taken, of several heads all features.

    Parameters
    ----------
    output : Tensor
    axes : sequence of str
        What its axes are, as in `trace.Layer.axes`; by default what they mostly are.
    """
    return arranged(output, axes).values


def arranged(output: Tensor, axes: Sequence[str] = ()) -> Pictures:
    """Return a layer's output for the first example, arranged to be drawn.

    Parameters
    ----------
    output, axes
        As for `pictures`.
    """
    names = tuple(axes or usual_axes(output.ndim))
    row, column, stacked = _roles(names)
    chosen = [name for name in names if name not in (row, column, *stacked)]
    values = output.detach().float().cpu()
    for name in reversed(chosen):
        place = names.index(name)
        # The first example; of a volume the middle slice.
        values = values.select(place, 0 if name == "batch" else values.shape[place] // 2)
    left = [name for name in names if name not in chosen]
    order = [*stacked, *(name for name in (row, column) if name)]
    if order != left:
        values = values.permute([left.index(name) for name in order])
    height = values.shape[len(stacked)] if row else 1
    width = values.shape[-1] if column else 1
    channel = " and ".join(stacked) or "channel"
    return Pictures(values.reshape(-1, height, width).numpy(), channel, row, column)


def index_of(
    shape: Sequence[int], axes: Sequence[str], channel: Seen, place: tuple[Seen, Seen]
) -> tuple[Seen, ...]:
    """Return where a value of a picture is in the tensor: the inverse of `arranged`.

    Parameters
    ----------
    shape : sequence of int
    axes : sequence of str
        What the axes are.
    channel : int or Look
    place : (row, column)

    Examples
    --------
    >>> index_of((1, 7, 3), ("batch", "time", "feature"), 2, (0, 5))
    (0, 5, 2)
    """
    row, column, stacked = _roles(tuple(axes))
    known = dict(zip((row, column), place, strict=True))
    for name in reversed(stacked):
        size = shape[list(axes).index(name)]
        channel, known[name] = channel // size, channel % size
    return tuple(
        known.get(name, 0 if name == "batch" else size // 2)
        for name, size in zip(axes, shape, strict=True)
    )


def _roles(names: tuple[str, ...]) -> tuple[str, str, list[str]]:
    """Return the axis that runs down, the one that runs to the right, and those side by side.

    The first two are "" where there is none. Of what is left one position is drawn.
    """
    rest = [name for name in names if name != "batch"]
    column = next((name for name in _ACROSS if name in rest), "")
    if not column and len(rest) > 1:
        column = rest[-1]  # of axes that should not stand together, such as channel and feature
    row = "height" if column == "width" and "height" in rest else ""
    return row, column, [name for name in rest if name in _STACKED and name != column]


def sizes(shape: Sequence[int], axes: Sequence[str]) -> str:
    """Write the sizes of one example, each with what it is.

    Parameters
    ----------
    shape : sequence of int
    axes : sequence of str
        What they are, as in `trace.Layer.axes`.

    Examples
    --------
    >>> sizes((1, 7, 3), ("batch", "time", "feature"))
    'time 7 × feature 3'
    """
    named = zip(axes, shape, strict=True)
    return " × ".join(f"{name} {size}" for name, size in named if name != "batch") or "1 value"
