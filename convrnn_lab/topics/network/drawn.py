"""What the reader has drawn: one drawing, known to all explorers of a kernel."""

from __future__ import annotations

import weakref
from typing import Protocol, TypeVar

from torch import Tensor

from convrnn_lab import data

DRAWN = "your drawing"
"""The name under which it is chosen."""


class Following(Protocol):
    """What draws the drawing."""

    def refresh(self) -> None:
        """Offer it, and draw again."""


_Explorer = TypeVar("_Explorer", bound=Following)


class Drawing:
    """A drawing, and the explorers that are told of a new one."""

    def __init__(self) -> None:
        self.digit: Tensor | None = None  # (1, 1, 28, 28)
        self._explorers: weakref.WeakSet[Following] = weakref.WeakSet()

    def inputs(self) -> dict[str, Tensor]:
        """Return the drawing by its name; nothing before there is one."""
        return {} if self.digit is None else {DRAWN: self.digit}

    def put(self, ink: object) -> dict[str, str]:
        """Keep a drawing in place of the last one, and tell the explorers.

        Parameters
        ----------
        ink : array, shape (height, width)

        Returns
        -------
        dict
            What a control has to be set to, so that the drawing is seen.

        Raises
        ------
        ValueError
            If `data.as_digit` refuses the picture.
        """
        self.digit = data.as_digit(ink)[None, None]
        for explorer in list(self._explorers):
            explorer.refresh()
        return {"example": DRAWN}

    def followed_by(self, explorer: _Explorer) -> _Explorer:
        """Tell an explorer of each new drawing, for as long as it is used."""
        self._explorers.add(explorer)
        return explorer

    def clear(self) -> None:
        """Forget the drawing."""
        self.digit = None


DRAWING = Drawing()
"""The one of this kernel."""
