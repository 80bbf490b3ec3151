"""Questions on recurrent layers: their states, their memory, and their gates."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from convrnn_lab import data, models
from convrnn_lab.exercises.checking import Exercise
from convrnn_lab.measure.layer_cost import cost
from convrnn_lab.topics.gates.gradient_trace import gradient_through_time
from convrnn_lab.topics.gates.trace import memory_half_life
from convrnn_lab.topics.recurrence.trace import recurrence

_GATES = ("input gate", "forget gate", "cell candidate", "output gate")
"""In the order of PyTorch's biases."""

_CELLS = {
    "RNN with tanh": ("RNN", "tanh"),
    "RNN with ReLU": ("RNN", "relu"),
    "GRU": ("GRU", "tanh"),
    "LSTM": ("LSTM", "tanh"),
}


def _cell_after_three_steps() -> float:
    cell = recurrence(_silent_lstm(), torch.zeros(3, 1), (torch.zeros(1, 1), torch.ones(1, 1))).cell
    assert cell is not None  # noqa: S101 - an LSTM has one
    return float(cell[-1, 0, -1])


def _silent_lstm(biases: Tensor | None = None) -> nn.Module:
    """Return an LSTM of one unit whose weights are all 0, but for the `biases` of its gates."""
    layer = models.recurrent("LSTM", input_size=1, hidden_size=1)
    with torch.no_grad():
        nn.utils.vector_to_parameters(torch.zeros(16), layer.parameters())
        if biases is not None:
            nn.utils.vector_to_parameters(
                torch.cat([torch.zeros(8), biases, torch.zeros(4)]), layer.parameters()
            )
    return layer


def _features_of_the_second_layer() -> int:
    deep = models.recurrent("GRU", input_size=1, hidden_size=8, layers=2, bidirectional=True)
    weights = deep.weight_ih_l1
    assert isinstance(weights, Tensor)  # noqa: S101 - by its name it could be anything
    return weights.shape[1]


def _grows() -> str:
    noise = data.series("noise", length=64, seed=0)[:, None]
    return max(_CELLS, key=lambda name: max(_largest(*_CELLS[name], noise, s) for s in range(4)))


def _largest(kind: str, nonlinearity: str, inputs: Tensor, seed: int) -> float:
    layer = models.recurrent(
        kind,
        input_size=1,
        hidden_size=16,
        nonlinearity=nonlinearity,
        spectral_radius=1.5,
        seed=seed,
    )
    return float(layer(inputs)[0].detach().abs().max())


def _steps_to_forget(radius: float) -> int:
    """Count the steps of a linear layer until less than 1 / e of a state is left."""
    layer = models.recurrent(
        "RNN",
        input_size=1,
        hidden_size=16,
        nonlinearity="identity",
        orthogonal=True,
        spectral_radius=radius,
    )
    weights, state, count = layer.weight_hh_l0, torch.ones(16), 0
    assert isinstance(weights, Tensor)  # noqa: S101 - by its name it could be anything
    least = float(state.norm()) / math.e
    while float(state.norm()) >= least:
        state, count = weights.detach() @ state, count + 1
    return count


def _left_after(steps: int, bias: float) -> float:
    layer, first = _silent_lstm(torch.tensor([0.0, bias, 0.0, 0.0])), torch.ones(1, 1)
    cell = recurrence(layer, torch.zeros(steps, 1), (torch.zeros(1, 1), first)).cell
    assert cell is not None  # noqa: S101 - an LSTM has one
    return float(cell[-1, 0, -1])


def _half_life() -> float:
    return _half_life_with("forget gate", 3.0)


def _half_life_with(gate: str, bias: float) -> float:
    biases = torch.zeros(4)
    biases[_GATES.index(gate)] = bias
    return float(memory_half_life(recurrence(_silent_lstm(biases), torch.zeros(1, 64, 1))))


def _remembering_gate() -> str:
    return max(_GATES, key=lambda gate: _half_life_with(gate, 3.0))


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


HIDDEN_STATE = {
    "parameters": Exercise(
        lambda: cost(models.recurrent("LSTM", input_size=1, hidden_size=8), (4, 1)).parameters,
        "Each of the four gates has weights for the input and for the state, and two biases.",
        "4 · (8 · 1 + 8 · 8 + 8 + 8) = 352.",
        "How many parameters has an LSTM with one input and 8 units?",
    ),
    "held": Exercise(
        _cell_after_three_steps,
        "What is the sigmoid of 0? The forget gate multiplies the cell with it at every step.",
        "The forget gate is one half, and nothing is added: half, a quarter, an eighth.",
        "All weights and biases of an LSTM are 0, and its cell state begins at 1. What is the cell "
        "state after three steps?",
    ),
    "features": Exercise(
        _features_of_the_second_layer,
        "The second layer reads the states of both directions.",
        "8 units forward and 8 backward.",
        "A GRU has two layers of 8 units and reads in both directions. How many features does its "
        "second layer read at each step?",
    ),
}

MEMORY = {
    "fades": Exercise(
        lambda: _steps_to_forget(0.8),
        "Multiply 0.8 by itself until the product is under 1 / e = 0.368.",
        "0.8⁴ = 0.41 is still over 0.368, 0.8⁵ = 0.328 is under it.",
        "A linear layer multiplies its state with an orthogonal matrix of spectral radius 0.8. "
        "After how many steps is less than 1 / e left of it?",
    ),
    "grows": Exercise(
        _grows,
        "Which of them lets a positive sum through as it is?",
        "The others keep each state between −1 and 1. A ReLU has no upper end.",
        "The last state counts much, with a spectral radius of 1.5. Which cell's hidden state can "
        "grow without end?",
        tuple(_CELLS),
    ),
    "left": Exercise(
        lambda: _left_after(3, 1.0),
        "The forget gate is σ(1) = 0.731, and it multiplies the cell state three times.",
        "0.731 · 0.731 · 0.731 = 0.391.",
        "All weights of an LSTM are 0, its forget bias is 1, and its cell state begins at 1. What "
        "is left of the cell state after three steps?",
    ),
}

GATES = {
    "half_life": Exercise(
        _half_life,
        "Multiply 0.953 by itself until the product is under one half.",
        "0.953¹⁴ is still over one half, 0.953¹⁵ is under it.",
        "All weights are 0 and the forget bias is 3, so every forget gate is σ(3) = 0.953. After "
        "how many steps is less than half of the cell left?",
    ),
    "forget_bias": Exercise(
        _least_forget_bias,
        "Move the forget bias up step by step, and read the LSTM's memory horizon.",
        "From there on the LSTM's gradient stays over 1 % of its largest.",
        "Look at the picture of the gradient as it opens (radius 0.9, 64 steps, 16 units, seed 0). "
        "From which forget bias on does the LSTM's gradient not fall under 1 %?",
    ),
    "horizon": Exercise(
        lambda: _horizon("RNN", 0.8, nonlinearity="identity") or 0,
        "Each step multiplies with 0.8. Which power of 0.8 is first under 0.01?",
        "0.8²⁰ = 0.0115 and 0.8²¹ = 0.0092.",
        "A linear layer has an orthogonal matrix of radius 0.8. At which lag is its gradient first "
        "under 1 %?",
    ),
    "remembers": Exercise(
        _remembering_gate,
        "Which gate multiplies what the cell held before?",
        "It multiplies the cell state at every step. The closer it is to 1, the more is left.",
        "You may make one of these large, by its bias. Which one makes an LSTM remember longest?",
        _GATES,
    ),
}
