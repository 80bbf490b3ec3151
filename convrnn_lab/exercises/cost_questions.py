"""Questions on what layers cost."""

from __future__ import annotations

import torch
from torch import nn

from convrnn_lab import models
from convrnn_lab.exercises.checking import Exercise
from convrnn_lab.measure.layer_cost import cost
from convrnn_lab.measure.peak_memory import operations


def _multiply_adds(kind: str) -> int:
    layer = models.recurrent(kind, input_size=32, hidden_size=32)
    return cost(layer, (100, 32)).multiply_adds


def _stride_share() -> float:
    full, part = (
        cost(nn.Conv2d(1, 1, 3, stride, 1), (1, 63, 63)).multiply_adds for stride in (1, 3)
    )
    return part / full


def _operations(layer: nn.Module) -> int:
    sequence = torch.zeros(1, 64, 8)
    with torch.no_grad():
        return sum(operations(lambda: layer(sequence)).values())


def _more_operations() -> str:
    return "LSTM" if _operations(nn.LSTM(8, 8)) > _operations(nn.GRU(8, 8)) else "GRU"


TIMING = {
    "lstm": Exercise(
        lambda: _multiply_adds("LSTM"),
        "At each step: four gates, 32 units each, which read 32 inputs and 32 states.",
        "100 · 4 · 32 · (32 + 32).",
        "How many multiply-adds has an LSTM with 32 inputs and 32 units, over 100 steps?",
    ),
    "gru": Exercise(
        lambda: _multiply_adds("GRU"),
        "How many gates has a GRU?",
        "Three gates for the LSTM's four: three quarters of its multiply-adds.",
        "How many has a GRU of the same sizes?",
    ),
    "stride_share": Exercise(
        _stride_share,
        "Count the output values with a stride of 1, and with a stride of 3.",
        "21 · 21 of 63 · 63 output values: one ninth.",
        "A Conv2d over a 63 × 63 image, with a kernel of 3 and a padding of 1, is given a stride "
        "of 3. Which share of its multiply-adds is left?",
    ),
    "more_operations": Exercise(
        _more_operations,
        "Which of the two has a fused kernel, that goes through all steps at once?",
        "It starts several operations at each step. So it may take longer, with a quarter less "
        "arithmetic.",
        "Which of the two starts more operations on a CPU?",
        ("LSTM", "GRU"),
    ),
}

LAYERS = {
    "conv1": Exercise(
        lambda: cost(models.cnn(), (1, 28, 28))["conv1"].multiply_adds or 0,
        "Each of its 32 kernels has 3 × 3 weights. At how many places does it lie?",
        "32 kernels at 26 · 26 places, with 9 products at each: 194,688.",
        "The first convolution of the CNN for digits has 32 kernels of 3 × 3 and no padding. How "
        "many multiply-adds does it take for one picture of 28 × 28 pixels?",
    ),
    "pool": Exercise(
        lambda: cost(models.cnn(), (1, 28, 28))["pool1"].multiply_adds or 0,
        "What does a max pool do with the values under its window?",
        "It compares values, and multiplies none. It takes time all the same.",
        "How many multiply-adds has the first pool of this network?",
    ),
    "groups": Exercise(
        lambda: cost(nn.Conv1d(16, 16, 9, padding=4, groups=4), (16, 256)).multiply_adds,
        "In four groups, each output channel reads a quarter of the input channels.",
        "256 steps, 16 outputs at each, and 4 channels of 9 taps for each output.",
        "A convolution of kernel size 9 and padding 4 reads 16 channels over 256 steps, and gives "
        "16 channels, in four groups. How many multiply-adds has it?",
    ),
}
