"""What an explorer can do beside drawing: work that takes seconds, and pictures from the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Progress:
    """How far a job has come.

    Attributes
    ----------
    fraction : float
        From 0 to 1.
    text : str
        Shown beside the bar.
    """

    fraction: float
    text: str


@dataclass(frozen=True)
class Job:
    """Work that a button starts, and can stop; what it stores, the view draws.

    Attributes
    ----------
    label : str
        What the button says.
    start : function
        Takes the controls' values by name and returns an iterator that does a little of the work
        for each `Progress`. Closing it must leave what has been done so far in order. Raises
        ``ValueError`` for a setting that it refuses.
    """

    label: str
    start: Callable[..., Iterator[Progress]]


@dataclass(frozen=True)
class Pad:
    """A field to draw in, or to load a picture into.

    Attributes
    ----------
    label : str
        What the field is for.
    take : function
        Takes the picture as an array of shape (height, width), 0 the ground and 1 the ink, and
        returns the values of the controls that show it. Raises ``ValueError`` where it cannot.
    """

    label: str
    take: Callable[[NDArray[np.floating]], Mapping[str, object]]
