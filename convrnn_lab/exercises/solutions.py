"""All exercises, by notebook: questions, answers computed, hints and reasons."""

from __future__ import annotations

from convrnn_lab.exercises.checking import Exercise
from convrnn_lab.exercises.cost_questions import LAYERS, TIMING
from convrnn_lab.exercises.network_questions import CNN
from convrnn_lab.exercises.pixel_questions import WHICH_PIXELS
from convrnn_lab.exercises.recurrent_questions import GATES, HIDDEN_STATE, MEMORY
from convrnn_lab.exercises.trained_questions import LEARNING, WHICH_INPUTS
from convrnn_lab.exercises.transposed_questions import TRANSPOSED_CONVOLUTION
from convrnn_lab.exercises.window_questions import CONVOLUTION, POOLING, RECEPTIVE_FIELDS

EXERCISES: dict[str, dict[str, Exercise]] = {
    "convolution": CONVOLUTION,
    "transposed_convolution": TRANSPOSED_CONVOLUTION,
    "pooling": POOLING,
    "receptive_fields": RECEPTIVE_FIELDS,
    "cnn": CNN,
    "which_pixels": WHICH_PIXELS,
    "hidden_state": HIDDEN_STATE,
    "memory": MEMORY,
    "gates": GATES,
    "learning": LEARNING,
    "which_inputs": WHICH_INPUTS,
    "timing": TIMING,
    "layers": LAYERS,
}
"""In the order of the notebooks, by their names without the number."""
