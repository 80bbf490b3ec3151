"""Questions on windows that slide: convolution, pooling, and stacks of both."""

from __future__ import annotations

import torch
from torch import nn

from convrnn_lab import data
from convrnn_lab.exercises.checking import Exercise
from convrnn_lab.measure.doctor import inspect
from convrnn_lab.measure.layer_cost import cost
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution.trace import ConvolutionTrace, convolution
from convrnn_lab.topics.pooling.shift_trace import shift_consistency, shift_pool
from convrnn_lab.topics.pooling.trace import PoolingTrace, pooling
from convrnn_lab.topics.receptive_field.measured import measured_receptive_field
from convrnn_lab.topics.receptive_field.trace import receptive_field

_WHOLE = 1 - 1e-9  # a shift-consistency of 1, but for rounding


def _digit_convolution() -> ConvolutionTrace:
    weights = data.kernel("box", 3)[None, None]
    return convolution(data.image("digit 3")[None], weights, stride=2, padding=1)


def _four_times() -> str:
    layer = nn.Conv2d(1, 1, 3, padding=1)
    small, large = (cost(layer, (1, side, side)) for side in (28, 56))
    grown = {
        "its weights": large.parameters == 4 * small.parameters,
        "its multiply-adds": large.multiply_adds == 4 * small.multiply_adds,
    }
    both = all(grown.values())
    return "both" if both else next((name for name, is_four in grown.items() if is_four), "neither")


def _edge() -> PoolingTrace:
    digit = data.image("digit 3")[None]
    return pooling(digit, "average", 3, stride=2, padding=1, ceil_mode=True, axes=2)


def _last_divisor() -> float:
    pool = _edge()
    return float(pool.window(0, *(size - 1 for size in pool.output_size)).divisor or 0)


def _first_shift() -> int:
    consistency = shift_consistency(shift_pool("max", 4), data.image("digit 3"), range(1, 9))
    return 1 + int((consistency > _WHOLE).nonzero()[0])


_REMEDIES = {
    "an average in its place": ("average", 2),
    "a strided convolution in its place": ("strided convolution", 2),
    "a stride of 1": ("max", 1),
}


def _keeps_place() -> str:
    image = data.image("stripes")
    found = {
        name: float(shift_consistency(shift_pool(*pool), image, [1])[0])
        for name, pool in _REMEDIES.items()
    }
    return max(found, key=lambda name: found[name])


def _stack_field(*layers: nn.Module) -> int:
    return receptive_field(nn.Sequential(*layers), (1, 64)).size[0]


def _halvings(side: int) -> int:
    pools = [nn.MaxPool2d(2) for _ in range(side)]
    return sum(row.state == "done" for row in inspect(pools, (1, side, side)).rows)


def _matters_most() -> str:
    stack = nn.Sequential(*(nn.Conv1d(1, 1, 3, bias=False) for _ in range(3)))
    with torch.no_grad():
        nn.utils.vector_to_parameters(torch.full((9,), 1 / 3), stack.parameters())
    field = measured_receptive_field(stack, (1, 15)).effective
    rim, middle = float(field[field > 0][0]), float(field[len(field) // 2])
    return (
        "the middle" if middle > 1.01 * rim else "the rim" if rim > 1.01 * middle else "all alike"
    )


CONVOLUTION = {
    "extent": Exercise(
        lambda: geometry.extent(5, dilation=3),
        "Draw five dots that are 3 apart, and count from the first to the last.",
        "From the first tap to the last there are 4 steps of 3: 4 · 3 + 1 = 13.",
        "A kernel of 5 has a dilation of 3. How many samples lie between its first and last tap, "
        "both counted?",
    ),
    "height": Exercise(
        lambda: _digit_convolution().output.shape[-2],
        "The window can start at −1, 1, 3, ... and its last row must still be on the padding.",
        "⌊(28 + 2 · 1 − 3) / 2⌋ + 1 = 14.",
        "The image is 28 × 28, the kernel size 3, the stride 2, the padding 1. How high is the "
        "output?",
    ),
    "multiply_adds": Exercise(
        lambda: _digit_convolution().multiply_adds,
        "Each output value takes one product for each weight; the bias is not counted.",
        "14 · 14 output values, 9 products each.",
        "The same layer. How many multiply-adds?",
    ),
    "four_times": Exercise(
        _four_times,
        "Does the kernel know how large the picture is? And at how many places is it laid?",
        "The same few weights are used at every place, and there are four times as many places.",
        "A picture becomes twice as high and twice as wide. What of a convolution over it becomes "
        "four times as much?",
        ("its weights", "its multiply-adds", "both", "neither"),
    ),
    "parameters": Exercise(
        lambda: cost(nn.Conv2d(3, 8, 5), (3, 28, 28)).parameters,
        "How many weights has one filter over three channels? And how many biases has it?",
        "8 filters of 3 · 5 · 5 = 75 weights make 600, and each has one bias.",
        "A layer has 8 filters of 5 × 5, and reads the 3 channels of a colour picture. How many "
        "parameters has it, weights and biases together?",
    ),
}

POOLING = {
    "height": Exercise(
        lambda: _edge().output.shape[-2],
        "Ceil mode rounds up: one more window, if it starts before the padding at the end.",
        "⌈(28 + 2 · 1 − 3) / 2⌉ + 1 = 15.",
        "The image is 28 × 28, the window 3, the stride 2, the padding 1, in ceil mode. How high "
        "is the output?",
    ),
    "divisor": Exercise(
        _last_divisor,
        "The last window reaches past the padding. What lies there is never counted.",
        "Two rows and two columns of the window are on the image or on its padding: 2 · 2 = 4.",
        "The same as an average that counts its padding. By what is the value in the last row and "
        "last column divided?",
    ),
    "shift": Exercise(
        _first_shift,
        "Set the stride to 4 and move the shift until the max pool is at 1 again.",
        "Only a whole stride moves the output by a whole value.",
        "A max pool has a stride of 4. What is the smallest shift over 0 at which its output just "
        "moves along?",
    ),
    "keeps_place": Exercise(
        _keeps_place,
        "Try each of them in the figure. What does the shift-consistency say?",
        "The stride loses the place, not the maximum. With a stride of 1 the output moves along.",
        "Stripes move by one pixel, and a max pool with a stride of 2 gives another picture. With "
        "which change does its output just move along?",
        tuple(_REMEDIES),
    ),
}

RECEPTIVE_FIELDS = {
    "three_layers": Exercise(
        lambda: _stack_field(*(nn.Conv1d(1, 1, 3) for _ in range(3))),
        "The first layer sees 3 samples. Each further one adds one on either side.",
        "3 + 2 + 2 = 7: with a stride of 1 each layer adds its kernel size − 1.",
        "Three convolutions have a kernel size of 3 and a stride of 1. How many samples does one "
        "output value see?",
    ),
    "doubling": Exercise(
        lambda: _stack_field(*(nn.Conv1d(1, 1, 3, dilation=2**n) for n in range(3))),
        "A layer adds (kernel size − 1) · dilation.",
        "1 + 2 · (1 + 2 + 4) = 15.",
        "The same three have the dilations 1, 2 and 4. How many samples are there from the first "
        "to the last that one value sees?",
    ),
    "halvings": Exercise(
        lambda: _halvings(224),
        "Halve 224 again and again, round down, and stop at 1.",
        "224, 112, 56, 28, 14, 7, 3, 1: seven pools, and the eighth finds a single pixel.",
        "How many max pools with window 2 and stride 2 can follow each other on an image of "
        "224 × 224?",
    ),
    "matters_most": Exercise(
        _matters_most,
        "In how many ways does a sample in the middle reach the output? And one at the rim?",
        "Most paths through the layers start in the middle. At the rim there is only one.",
        "In a stack of three convolutions all weights are alike. Which samples of the receptive "
        "field change the output most?",
        ("the middle", "the rim", "all alike"),
    ),
}
