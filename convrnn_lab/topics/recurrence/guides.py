"""Guides through the explorers of recurrent layers."""

from __future__ import annotations

from convrnn_lab.explorer.guide import Step

_LAYER = {
    "cell": "LSTM",
    "length": 64,
    "hidden_size": 8,
    "layers": 1,
    "direction": "forward",
    "spectral_radius": "as PyTorch",
    "forget_bias": "as PyTorch",
    "seed": 0,
    "first_state": 0,
    "edit": "none",
    "drawn": "as they are",
    "sort": "index",
    "unit": 0,
    "time": 31,
}
_WAVE = _LAYER | {"series": "sine", "frequency": "1/16"}
_IMPULSE = _LAYER | {"series": "impulse", "time": 24}

HIDDEN_STATE = (
    Step(
        "The layer reads a wave, one step at a time; its hidden state has eight numbers.",
        _WAVE,
        watch="the column in the green frame: that is the hidden state at step 31.",
    ),
    Step(
        "Each row is a unit: unit 3 follows the wave upside down.",
        _WAVE | {"unit": 3},
        watch="what unit 3 adds up at this step; the value at the end of each row comes from it.",
    ),
    Step(
        "Before the first step all units hold 0; now they start at 1, and read the same wave.",
        _WAVE | {"first_state": 1, "time": 10},
        question="When does this no longer make a difference that you can see?",
        choices=("After 1 step", "After about 10 steps", "Never"),
        answer="After about 10 steps",
        reason="At step 10 no unit differs by more than 0.01 from the layer that started at 0.",
    ),
    Step(
        "An impulse is over after one step: it comes at step 4, and all that follows is zero.",
        _IMPULSE,
        question="What is the hidden state twenty steps later?",
        choices=("All zero", "Not zero"),
        answer="Not zero",
        reason="The biases are added at every step, with an input or without.",
    ),
    Step(
        "A run over nothing but zeros shows what the biases do; it is taken away here.",
        _IMPULSE | {"drawn": "less silence", "time": 12},
        watch="what is left is the impulse's own part: at step 12 a twentieth of it.",
    ),
)

_CELLS = {"series": "sine", "frequency": "1/16", "length": 64, "hidden_size": 8}

SIDE_BY_SIDE = (
    Step(
        "One wave goes into four cells of eight units; each picture is the hidden state of one.",
        _CELLS | {"spectral_radius": "as PyTorch", "seed": 0, "time": 31},
        watch="the rows: each cell repeats the wave in its own way, and no two units are alike.",
    ),
    Step(
        "For each unit, the two plain cells make one sum, the LSTM four, the GRU three.",
        _CELLS | {"spectral_radius": "as PyTorch", "seed": 0, "time": 31},
        question="A plain cell has 88 weights and biases here. How many has the LSTM?",
        choices=("88", "176", "352"),
        answer="352",
        reason="Four sums with weights of their own: 4 · 88. The GRU has 3 · 88 = 264.",
    ),
    Step(
        "A radius of 1.5 makes the weights on the last state larger, in all four cells.",
        _CELLS | {"spectral_radius": 1.5, "seed": 3, "time": 63},
        question="With these first weights one cell passes 10,000. Which one?",
        choices=("RNN tanh", "RNN ReLU", "LSTM", "GRU"),
        answer="RNN ReLU",
        reason="A ReLU has no upper end; the states of the others stay between −1 and 1.",
    ),
    Step(
        "Other first weights with the same radius need not explode.",
        _CELLS | {"spectral_radius": 1.5, "seed": 2, "time": 63},
        watch="the ReLU: none of its states passes 1 now. Try other seeds.",
    ),
)
