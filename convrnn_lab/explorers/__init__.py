"""Controls, a computation and its figure: live, as a page, or as a plain figure."""

import importlib
from typing import TYPE_CHECKING, Any

from convrnn_lab.explorers import preload

if TYPE_CHECKING:
    from convrnn_lab.explorers.base import Explorer, State
    from convrnn_lab.explorers.controls import Choice, Slider
    from convrnn_lab.explorers.convolutions import convolution, convolution1d

__all__ = ["Choice", "Explorer", "Slider", "State", "convolution", "convolution1d"]

_HOME = {
    "Choice": "controls",
    "Explorer": "base",
    "Slider": "controls",
    "State": "base",
    "convolution": "convolutions",
    "convolution1d": "convolutions",
}


def __getattr__(name: str) -> Any:
    # Reports take the assets of a page from here, and never need torch for it.
    if name in _HOME:
        preload.start()
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
