"""Controls, a computation and its figure: live, as a page, or as a plain figure."""

import importlib
from typing import TYPE_CHECKING, Any

from convrnn_lab.explorers import preload

if TYPE_CHECKING:
    from convrnn_lab.explorers.base import Explorer, State
    from convrnn_lab.explorers.controls import Choice, Slider
    from convrnn_lab.explorers.convolutions import convolution, convolution1d
    from convrnn_lab.explorers.inside import attributions, errors, layers
    from convrnn_lab.explorers.jobs import Job, Pad, Progress
    from convrnn_lab.explorers.poolings import pooling, pooling1d
    from convrnn_lab.explorers.shifts import shift
    from convrnn_lab.explorers.stacks import stack
    from convrnn_lab.explorers.trainings import Training, training
    from convrnn_lab.explorers.transposed import transposed_convolution

__all__ = [
    "Choice",
    "Explorer",
    "Job",
    "Pad",
    "Progress",
    "Slider",
    "State",
    "Training",
    "attributions",
    "convolution",
    "convolution1d",
    "errors",
    "layers",
    "pooling",
    "pooling1d",
    "shift",
    "stack",
    "training",
    "transposed_convolution",
]

_HOME = {
    "Choice": "controls",
    "Explorer": "base",
    "Job": "jobs",
    "Pad": "jobs",
    "Progress": "jobs",
    "Slider": "controls",
    "State": "base",
    "Training": "trainings",
    "attributions": "inside",
    "convolution": "convolutions",
    "convolution1d": "convolutions",
    "errors": "inside",
    "layers": "inside",
    "pooling": "poolings",
    "pooling1d": "poolings",
    "shift": "shifts",
    "stack": "stacks",
    "training": "trainings",
    "transposed_convolution": "transposed",
}


def __getattr__(name: str) -> Any:
    # Reports take the assets of a page from here, and never need torch for it.
    if name in _HOME:
        preload.start()
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
