"""Questions on which pixels decide, and on errors."""

from __future__ import annotations

from convrnn_lab import data, models
from convrnn_lab.exercises.checking import Exercise
from convrnn_lab.measure.layer_cost import cost
from convrnn_lab.shapes import geometry
from convrnn_lab.train.scores import evaluate


def _squares() -> int:
    return geometry.output_length(28, 4, stride=2) ** 2


def _map_values() -> int:
    rows = cost(models.cnn(), (1, 28, 28)).rows
    height, width = next(row.output_shape or (0, 0) for row in rows if row.layer == "conv2")[-2:]
    return height * width


def _errors() -> int:
    digits = data.digits()
    scores = evaluate(models.trained_cnn(), digits.test_images, digits.test_labels)
    return int(scores.confusion.sum() - scores.confusion.trace())


WHICH_PIXELS = {
    "covered": Exercise(
        _squares,
        "Count the places along one side first, as for the output of a convolution.",
        "⌊(28 − 4) / 2⌋ + 1 = 13 along each side, 13 · 13 in all.",
        "A square of 4 × 4 moves by 2 pixels over a picture of 28 × 28, from edge to edge. How "
        "many places has it?",
    ),
    "grad_cam_values": Exercise(
        _map_values,
        "The maps are added up value by value, so the sum is as large as one of them.",
        "One map of conv2 has 11 · 11 values, and the sum of 64 has no more.",
        "Grad-CAM of conv2 is a sum of maps. How many values has it, before it is enlarged to the "
        "picture?",
    ),
    "errors": Exercise(
        _errors,
        "The numbers on the diagonal of the matrix count what was right.",
        "974 of the 1,000 stand on the diagonal.",
        "How many of the 1,000 test pictures does the network get wrong?",
    ),
}
