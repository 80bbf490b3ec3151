"""Questions on the CNN for digits."""

from __future__ import annotations

from convrnn_lab import models
from convrnn_lab.exercises.checking import Exercise
from convrnn_lab.measure.layer_cost import Row, cost
from convrnn_lab.topics.receptive_field.trace import receptive_field


def _rows() -> list[Row]:
    return list(cost(models.cnn(), (1, 28, 28)).rows)


def _row(name: str) -> Row:
    return next(row for row in _rows() if row.layer == name)


CNN = {
    "conv2_parameters": Exercise(
        lambda: _row("conv2").parameters,
        "One kernel of conv2 has 3 · 3 weights for each of its 32 input channels.",
        "64 · (32 · 3 · 3 + 1) = 18,496.",
        "The layer conv2 has 64 kernels of 3 × 3 over 32 channels, and a bias each. How many "
        "parameters are these?",
    ),
    "pool2_field": Exercise(
        lambda: receptive_field(models.cnn()[:6], (1, 28, 28)).size[0],
        "After a pool with stride 2, one step is two pixels of the picture wide.",
        "3 after conv1, 4 after pool1, 4 + 2 · 2 = 8 after conv2, 8 + 2 = 10 after pool2.",
        "How many pixels of the picture can one value of pool2 depend on, along one side?",
    ),
    "flattened": Exercise(
        lambda: (_row("flatten").output_shape or (0,))[0],
        "Follow the height: 28, 26 after conv1, 13 after pool1, and so on.",
        "64 channels of 5 × 5.",
        "How many numbers does flatten pass on?",
    ),
    "most_work": Exercise(
        lambda: max(_rows(), key=lambda row: row.multiply_adds or 0).layer,
        "Which layer uses many weights, and uses each of them at many places?",
        "Its 18,432 weights are used at 11 · 11 places. The layer dense1 has more, and uses each "
        "once.",
        "Most parameters are in dense1. Which layer has the most multiply-adds? Write its name.",
    ),
}
