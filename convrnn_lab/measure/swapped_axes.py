"""Inputs whose axes stand in another order than a layer reads them in."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

Shape = tuple[int, ...]

_PLACES = {3: "time", 4: "height, width", 5: "depth, height, width"}
"""The axes beside batch and channel, by the count of all."""


@dataclass(frozen=True)
class Swap:
    """How the axes of a layer's input are to be moved.

    Attributes
    ----------
    axes : int
        Of the input, with the batch.
    to_front : bool
        Whether the last axis belongs behind the batch; else that one belongs to the end.
    """

    axes: int
    to_front: bool

    @property
    def what(self) -> str:
        """What the axis holds that is moved."""
        return "channel" if self.to_front else "feature"

    @property
    def wanted(self) -> str:
        """The axes as the layer reads them."""
        return self._named(first=self.to_front)

    @property
    def given(self) -> str:
        """The axes as they are."""
        return self._named(first=not self.to_front)

    def _named(self, *, first: bool) -> str:
        places = _PLACES[self.axes]
        inner = f"{self.what}, {places}" if first else f"{places}, {self.what}"
        return f"(batch, {inner})"

    @property
    def code(self) -> str:
        """The call that moves them."""
        if self.axes == 3:
            return "x.transpose(1, 2)"
        return "x.movedim(-1, 1)" if self.to_front else "x.movedim(1, -1)"

    @property
    def words(self) -> str:
        """What that does."""
        if self.axes == 3:
            return "which swaps the last two axes"
        return f"which moves the {self.what}s to the {'front' if self.to_front else 'end'}"


def swap_of(layer: nn.Module, shape: Shape, size: int, axis: int) -> Swap | None:
    """Return how to move the axes of an input so that a layer finds its size, if that helps.

    Parameters
    ----------
    layer : nn.Module
    shape : tuple of int
        Of its input, with the batch.
    size : int
        Channels or features that the layer needs.
    axis : int
        Where it looks for them: 1 or -1.
    """
    elsewhere = -1 if axis == 1 else 1
    # A recurrent layer that reads the time first has its batch where others have the channels.
    known = len(shape) in _PLACES and getattr(layer, "batch_first", True)
    fits = known and shape[axis] != size == shape[elsewhere]
    return Swap(len(shape), axis == 1) if fits else None


class Swapped(nn.Module):
    """A layer behind the move of its input's axes."""

    def __init__(self, layer: nn.Module, swap: Swap) -> None:
        super().__init__()
        self.layer = layer
        self.axes = (-1, 1) if swap.to_front else (1, -1)

    def forward(self, x: Tensor) -> object:
        """Return what the layer makes of `x` with its axes in order."""
        return self.layer(x.movedim(*self.axes))
