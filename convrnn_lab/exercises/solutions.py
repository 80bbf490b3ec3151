"""The answers, computed; a hint for a wrong answer, a reason for a right one."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from convrnn_lab import data, models
from convrnn_lab.exercises.checking import Exercise
from convrnn_lab.exercises.transposed_questions import TRANSPOSED_CONVOLUTION
from convrnn_lab.exercises.pixel_questions import WHICH_PIXELS
from convrnn_lab.measure.doctor import inspect
from convrnn_lab.measure.layer_cost import Row, cost
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution.trace import ConvolutionTrace, convolution
from convrnn_lab.topics.gates.gradient_trace import gradient_through_time
from convrnn_lab.topics.gates.trace import memory_half_life
from convrnn_lab.topics.pooling.shift_trace import shift_consistency, shift_pool
from convrnn_lab.topics.pooling.trace import PoolingTrace, pooling
from convrnn_lab.topics.receptive_field.trace import receptive_field
from convrnn_lab.topics.recurrence.trace import recurrence


def _digit_convolution() -> ConvolutionTrace:
    weights = data.kernel("box", 3)[None, None]
    return convolution(data.image("digit 3")[None], weights, stride=2, padding=1)


def _edge() -> PoolingTrace:
    digit = data.image("digit 3")[None]
    return pooling(digit, "average", 3, stride=2, padding=1, ceil_mode=True, axes=2)


def _last_divisor() -> float:
    pool = _edge()
    return float(pool.window(0, *(size - 1 for size in pool.output_size)).divisor or 0)


def _first_shift() -> int:
    consistency = shift_consistency(shift_pool("max", 4), data.image("digit 3"), range(1, 9))
    return 1 + int((consistency > 1 - 1e-9).nonzero()[0])


def _stack_field(*layers: nn.Module) -> int:
    return receptive_field(nn.Sequential(*layers), (1, 64)).size[0]


def _halvings(side: int) -> int:
    pools = [nn.MaxPool2d(2) for _ in range(side)]
    return sum(row.state == "done" for row in inspect(pools, (1, side, side)).rows)


def _row(name: str) -> Row:
    return next(row for row in cost(models.cnn(), (1, 28, 28)).rows if row.layer == name)


def _cell_after_three_steps() -> float:
    empty = models.recurrent("LSTM", input_size=1, hidden_size=1)
    with torch.no_grad():
        nn.utils.vector_to_parameters(torch.zeros(16), empty.parameters())
    cell = recurrence(empty, torch.zeros(3, 1), (torch.zeros(1, 1), torch.ones(1, 1))).cell
    assert cell is not None  # noqa: S101 - an LSTM has one
    return float(cell[-1, 0, -1])


def _features_of_the_second_layer() -> int:
    deep = models.recurrent("GRU", input_size=1, hidden_size=8, layers=2, bidirectional=True)
    weights = deep.weight_ih_l1
    assert isinstance(weights, Tensor)  # noqa: S101 - by its name it could be anything
    return weights.shape[1]


def _half_life() -> float:
    still = models.recurrent("LSTM", input_size=1, hidden_size=1, weight_scale=0.0, forget_bias=3.0)
    return float(memory_half_life(recurrence(still, torch.zeros(1, 64, 1))))


def _horizon(kind: str, radius: float, **settings: object) -> int | None:
    layer = models.recurrent(
        kind,
        input_size=1,
        hidden_size=16,
        orthogonal=True,
        spectral_radius=radius,
        **settings,  # type: ignore[arg-type]
    )
    noise = data.series("noise", length=64, seed=0)[None, :, None]
    return gradient_through_time(layer, noise).horizon


def _least_forget_bias() -> int:
    biases = (-2, -1, 0, 1, 2, 3, 5)
    return min(bias for bias in biases if _horizon("LSTM", 0.9, forget_bias=bias) is None)


def _multiply_adds(kind: str) -> int:
    layer = models.recurrent(kind, input_size=32, hidden_size=32)
    return cost(layer, (100, 32)).multiply_adds


def _stride_share() -> float:
    full, part = (
        cost(nn.Conv2d(1, 1, 3, stride, 1), (1, 63, 63)).multiply_adds for stride in (1, 3)
    )
    return part / full


EXERCISES: dict[str, dict[str, Exercise]] = {
    "convolution": {
        "extent": Exercise(
            lambda: geometry.extent(5, dilation=3),
            "Draw five dots that are 3 apart, and count from the first to the last.",
            "From the first tap to the last there are 4 steps of 3: 4 · 3 + 1 = 13.",
        ),
        "height": Exercise(
            lambda: _digit_convolution().output.shape[-2],
            "The window can start at −1, 1, 3, ... and its last row must still be on the padding.",
            "⌊(28 + 2 · 1 − 3) / 2⌋ + 1 = 14.",
        ),
        "multiply_adds": Exercise(
            lambda: _digit_convolution().multiply_adds,
            "Each output value takes one product for each weight; the bias is not counted.",
            "14 · 14 output values, 9 products each.",
        ),
    },
    "transposed_convolution": TRANSPOSED_CONVOLUTION,
    "pooling": {
        "height": Exercise(
            lambda: _edge().output.shape[-2],
            "Ceil mode rounds up: one more window, if it starts before the padding at the end.",
            "⌈(28 + 2 · 1 − 3) / 2⌉ + 1 = 15.",
        ),
        "divisor": Exercise(
            _last_divisor,
            "The last window reaches past the padding. What lies there is never counted.",
            "Two rows and two columns of the window are on the image or on its padding: 2 · 2 = 4.",
        ),
        "shift": Exercise(
            _first_shift,
            "Set the stride to 4 and move the shift until the max pool is at 1 again.",
            "Only a whole stride moves the output by a whole value.",
        ),
    },
    "receptive_fields": {
        "three_layers": Exercise(
            lambda: _stack_field(*(nn.Conv1d(1, 1, 3) for _ in range(3))),
            "The first layer sees 3 samples. Each further one adds one on either side.",
            "3 + 2 + 2 = 7: with a stride of 1 each layer adds its kernel size − 1.",
        ),
        "doubling": Exercise(
            lambda: _stack_field(*(nn.Conv1d(1, 1, 3, dilation=2**n) for n in range(3))),
            "A layer adds (kernel size − 1) · dilation.",
            "1 + 2 · (1 + 2 + 4) = 15.",
        ),
        "halvings": Exercise(
            lambda: _halvings(224),
            "Halve 224 again and again, round down, and stop at 1.",
            "224, 112, 56, 28, 14, 7, 3, 1: seven pools, and the eighth finds a single pixel.",
        ),
    },
    "cnn": {
        "conv2_parameters": Exercise(
            lambda: _row("conv2").parameters,
            "One kernel of conv2 has 3 · 3 weights for each of its 32 input channels.",
            "64 · (32 · 3 · 3 + 1) = 18,496.",
        ),
        "pool2_field": Exercise(
            lambda: receptive_field(models.cnn()[:6], (1, 28, 28)).size[0],
            "After a pool with stride 2, one step is two pixels of the picture wide.",
            "3 after conv1, 4 after pool1, 4 + 2 · 2 = 8 after conv2, 8 + 2 = 10 after pool2.",
        ),
        "flattened": Exercise(
            lambda: (_row("flatten").output_shape or (0,))[0],
            "Follow the height: 28, 26 after conv1, 13 after pool1, and so on.",
            "64 channels of 5 × 5.",
        ),
    },
    "which_pixels": WHICH_PIXELS,
    "hidden_state": {
        "parameters": Exercise(
            lambda: cost(models.recurrent("LSTM", input_size=1, hidden_size=8), (4, 1)).parameters,
            "Each of the four gates has weights for the input and for the state, and two biases.",
            "4 · (8 · 1 + 8 · 8 + 8 + 8) = 352.",
        ),
        "held": Exercise(
            _cell_after_three_steps,
            "What is the sigmoid of 0? The forget gate multiplies the cell with it at every step.",
            "The forget gate is one half, and nothing is added: half, a quarter, an eighth.",
        ),
        "features": Exercise(
            _features_of_the_second_layer,
            "The second layer reads the states of both directions.",
            "8 units forward and 8 backward.",
        ),
    },
    "gates": {
        "half_life": Exercise(
            _half_life,
            "Multiply 0.953 by itself until the product is under one half.",
            "0.953¹⁴ is still over one half, 0.953¹⁵ is under it.",
        ),
        "forget_bias": Exercise(
            _least_forget_bias,
            "Move the forget bias up step by step, and read the LSTM's memory horizon.",
            "From there on the LSTM's gradient stays over 1 % of its largest.",
        ),
        "horizon": Exercise(
            lambda: _horizon("RNN", 0.8, nonlinearity="identity") or 0,
            "Each step multiplies with 0.8. Which power of 0.8 is first under 0.01?",
            "0.8²⁰ = 0.0115 and 0.8²¹ = 0.0092.",
        ),
    },
    "timing": {
        "lstm": Exercise(
            lambda: _multiply_adds("LSTM"),
            "At each step: four gates, 32 units each, which read 32 inputs and 32 states.",
            "100 · 4 · 32 · (32 + 32).",
        ),
        "gru": Exercise(
            lambda: _multiply_adds("GRU"),
            "How many gates has a GRU?",
            "Three gates for the LSTM's four: three quarters of its multiply-adds.",
        ),
        "stride_share": Exercise(
            _stride_share,
            "Count the output values with a stride of 1, and with a stride of 3.",
            "21 · 21 of 63 · 63 output values: one ninth.",
        ),
    },
}
