"""Guides through the shipped network for digits: its layers, its reasons and its errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from convrnn_lab import data, models
from convrnn_lab.explorer.guide import Step

_DIGIT = "digit 3"
_FIRST = {"example": _DIGIT, "channel": 0, "row": 20, "column": 11}

LAYERS = (
    Step(
        "The first layer slides 32 kernels over the digit; each makes a map of 26 × 26 values.",
        _FIRST | {"layer": "conv1"},
        watch="the green square in the input: the 3 × 3 pixels that the chosen value depends on.",
    ),
    Step(
        "A value is the sum of pixels times weights, plus a bias.",
        _FIRST | {"layer": "conv1"},
        watch="open “Seen and weights”: the lightest pixels lie under the largest weight, 0.418.",
    ),
    Step(
        "ReLU keeps what is above zero, and sets the rest to zero.",
        _FIRST | {"layer": "relu1"},
        watch="the maps: nothing is orange any more, and 41 % of all values are zero.",
    ),
    Step(
        "The max pool keeps the largest of each 2 × 2 values.",
        {"example": _DIGIT, "layer": "pool1", "channel": 0, "row": 10, "column": 5},
        question="How large are the 32 maps then?",
        choices=("13 × 13", "24 × 24", "25 × 25"),
        answer="13 × 13",
        reason="There is one value for every second place on both axes: half of 26.",
    ),
    Step(
        "The second convolution reads all 32 maps at once, through kernels of 3 × 3.",
        {"example": _DIGIT, "layer": "conv2", "channel": 0, "row": 8, "column": 4},
        question="On how many pixels of the digit, along one side, can one of its values depend?",
        choices=("3", "5", "8"),
        answer="8",
        reason="Three values side by side lie 2 pixels apart, and each has seen 4: 4 + 2 + 2.",
    ),
    Step(
        "The last layer gives each class a logit; the largest is the answer.",
        {"example": _DIGIT, "layer": "dense2", "channel": 3, "row": 0, "column": 0},
        watch="the bar of 3; “Answer” below turns the logits into shares: 98.6 % for a 3.",
    ),
)

_VALUE = _FIRST | {"below": "arithmetic"}

NETWORK = (
    Step(
        "From left to right: the digit, and what each layer makes of it.",
        _FIRST | {"layer": "conv1", "below": "input and answer"},
        watch="the colours: orange is below zero, white is zero, violet is above.",
    ),
    Step(
        "Nine pixels times nine weights are nine products. Their sum and a bias are one value.",
        _VALUE | {"layer": "conv1"},
        watch="the map in the green frame, and below how its value becomes 0.741.",
    ),
    Step(
        "Now a map of the second convolution is chosen.",
        _VALUE | {"layer": "conv2", "row": 8, "column": 4},
        question="How many maps does one of its values read?",
        choices=("1", "9", "32"),
        answer="32",
        reason="A line comes from every map before it, and the kernel has 3 × 3 weights for each.",
    ),
    Step(
        "ReLU changes each value by itself.",
        _VALUE | {"layer": "relu1"},
        question="From how many maps is one map of ReLU made?",
        choices=("1", "32"),
        answer="1",
        reason="One line: what is below zero in that map becomes zero, the rest stays.",
    ),
    Step(
        "Softmax divides each exponential by the sum of all ten.",
        _VALUE | {"layer": "softmax", "channel": 3, "row": 0, "column": 0},
        watch="the shares at the right: 98.6 % for a 3.",
    ),
)

_ASKED = {"example": _DIGIT, "occluded": 5, "answer": "predicted", "layer": "conv2"}

ATTRIBUTIONS = (
    Step(
        "Saliency is how much the logit of the answer changes with each pixel.",
        _ASKED,
        watch="the first map below: most of its marks follow the strokes of the 3.",
    ),
    Step(
        "Occlusion covers 5 × 5 pixels around each place, and sees how far the logit falls.",
        _ASKED | {"occluded": 9},
        question="The fall is 3.02 at most. How large is it when 9 × 9 pixels are covered?",
        choices=("1.51", "3.02", "4.48"),
        answer="4.48",
        reason="More strokes are covered at once; the lower bow of the 3 counts most.",
    ),
    Step(
        "Grad-CAM weighs the maps of a convolution by how much the class follows them.",
        _ASKED | {"layer": "conv1"},
        question="It showed conv2. Is the picture of conv1 finer or coarser?",
        choices=("finer", "coarser"),
        answer="finer",
        reason="The maps of conv1 have 26 × 26 values, those of conv2 only 11 × 11.",
    ),
    Step(
        "Now the question is what speaks for a 5, which gets 0.4 %.",
        _ASKED | {"answer": "5"},
        question="Can the logit of the 5 rise where pixels are covered?",
        choices=("it can rise", "it can only fall"),
        answer="it can rise",
        reason="Orange pixels speak against a 5: without them its logit rises by up to 2.77.",
    ),
)

ERRORS = (
    Step(
        "Each row counts what the pictures of one digit were taken for.",
        {"true": "9", "predicted": "7", "example": 0},
        watch="the diagonal: these are right, 974 of 1000.",
    ),
    Step(
        "Row 9, column 7 has three pictures of a 9 that were taken for a 7.",
        {"true": "7", "predicted": "9", "example": 0},
        question="How many pictures of a 7 were taken for a 9?",
        choices=("0", "2", "3"),
        answer="2",
        reason="Row 7, column 9 counts other pictures: the two numbers need not be the same.",
    ),
    Step(
        "In a cell, the answer that the network was surest of comes first.",
        {"true": "2", "predicted": "8", "example": 0},
        question="It takes this 2 for an 8. How sure is it?",
        choices=("51 %", "98.1 %"),
        answer="98.1 %",
        reason="A network can be sure and wrong.",
        watch="open “Answer” below, and click the other picture of the cell.",
    ),
)


def of_digits(
    steps: Sequence[Step], model: nn.Module, images: Tensor | Mapping[str, Tensor]
) -> Sequence[Step]:
    """Return steps where they are true: of the shipped network, on the shipped example.

    Parameters
    ----------
    steps : sequence of Step
    model : nn.Module
    images : Tensor, or dict of str to Tensor
        As an explorer is given them.
    """
    if not isinstance(images, Mapping) or _DIGIT not in images or not _is_shipped(model):
        return ()
    shown = images[_DIGIT]
    known = data.digits().examples()[_DIGIT]
    return steps if shown.shape == known.shape and torch.equal(shown.cpu(), known) else ()


def of_test(
    steps: Sequence[Step], model: nn.Module, images: Tensor, labels: Tensor
) -> Sequence[Step]:
    """Return steps where they are true: of the shipped network, on the shipped test.

    Parameters
    ----------
    steps : sequence of Step
    model : nn.Module
    images : Tensor, shape (batch, channel, height, width)
    labels : Tensor, shape (batch,)
    """
    if len(labels) != 1000 or not _is_shipped(model):
        return ()
    digits = data.digits()
    same = _same(images, digits.test_images) and _same(labels, digits.test_labels)
    return steps if same else ()


def _is_shipped(model: nn.Module) -> bool:
    """Tell whether a model is the shipped one, or was read from it."""
    weights, known = model.state_dict(), models.trained_cnn().state_dict()
    return weights.keys() == known.keys() and all(
        _same(value, known[name]) for name, value in weights.items()
    )


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.equal(one.cpu(), other)
