"""Controls, a computation and its figure: live, as a page, or as a plain figure."""

import importlib
from typing import TYPE_CHECKING, Any

from convrnn_lab.explorers import preload

if TYPE_CHECKING:
    from convrnn_lab.explorers.base import Explorer, State
    from convrnn_lab.explorers.controls import Choice, Slider
    from convrnn_lab.explorers.convolutions import convolution, convolution1d
    from convrnn_lab.explorers.gating import gates
    from convrnn_lab.explorers.gradients import gradient_through_time
    from convrnn_lab.explorers.inside import attributions, errors, layers
    from convrnn_lab.explorers.jobs import Job, Pad, Progress
    from convrnn_lab.explorers.kernel_costs import KernelCosts, kernel_cost
    from convrnn_lab.explorers.poolings import pooling, pooling1d
    from convrnn_lab.explorers.recurrences import hidden_state, recurrence, side_by_side
    from convrnn_lab.explorers.sequence_trainings import (
        SequenceTraining,
        sequence_training,
        state_over_training,
        writing,
    )
    from convrnn_lab.explorers.shifts import shift
    from convrnn_lab.explorers.speedups import SpeedUps, speed_up
    from convrnn_lab.explorers.stacks import stack
    from convrnn_lab.explorers.timings import Timings, timing
    from convrnn_lab.explorers.trainings import Training, training
    from convrnn_lab.explorers.transposed import transposed_convolution

__all__ = [
    "Choice",
    "Explorer",
    "Job",
    "KernelCosts",
    "Pad",
    "Progress",
    "SequenceTraining",
    "Slider",
    "SpeedUps",
    "State",
    "Timings",
    "Training",
    "attributions",
    "convolution",
    "convolution1d",
    "errors",
    "gates",
    "gradient_through_time",
    "hidden_state",
    "kernel_cost",
    "layers",
    "pooling",
    "pooling1d",
    "recurrence",
    "sequence_training",
    "shift",
    "side_by_side",
    "speed_up",
    "stack",
    "state_over_training",
    "timing",
    "training",
    "transposed_convolution",
    "writing",
]

_HOME = {
    "Choice": "controls",
    "Explorer": "base",
    "Job": "jobs",
    "KernelCosts": "kernel_costs",
    "Pad": "jobs",
    "Progress": "jobs",
    "SequenceTraining": "sequence_trainings",
    "Slider": "controls",
    "SpeedUps": "speedups",
    "State": "base",
    "Timings": "timings",
    "Training": "trainings",
    "attributions": "inside",
    "convolution": "convolutions",
    "convolution1d": "convolutions",
    "errors": "inside",
    "gates": "gating",
    "gradient_through_time": "gradients",
    "hidden_state": "recurrences",
    "kernel_cost": "kernel_costs",
    "layers": "inside",
    "pooling": "poolings",
    "pooling1d": "poolings",
    "recurrence": "recurrences",
    "sequence_training": "sequence_trainings",
    "shift": "shifts",
    "side_by_side": "recurrences",
    "speed_up": "speedups",
    "stack": "stacks",
    "state_over_training": "sequence_trainings",
    "timing": "timings",
    "training": "trainings",
    "transposed_convolution": "transposed",
    "writing": "sequence_trainings",
}


def __getattr__(name: str) -> Any:
    # Reports take the assets of a page from here, and never need torch for it.
    if name in _HOME:
        preload.start()
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
