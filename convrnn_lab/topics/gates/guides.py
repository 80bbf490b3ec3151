"""Guides through the explorers of gates, and of the gradient through time."""

from __future__ import annotations

from convrnn_lab.explorer.guide import Step

CELL_LENGTH = 32
"""Steps of the series of `CELL`, whose weights have the seed 0."""

_CELL = {
    "series": "sine",
    "kind": "LSTM",
    "hidden_size": 4,
    "gate": "forget",
    "unit": 0,
    "time": 16,
}

CELL = (
    Step(
        "This is one LSTM cell at step 16 of a sine. Each wire carries one number of unit 0.",
        _CELL,
        watch="the wire on top: the cell state comes in as −0.317 and leaves as −0.323.",
    ),
    Step(
        "At step 12 the forget gate f is 0.713 and c before is −0.342. The new share i · g is "
        "−0.0865.",
        _CELL | {"time": 12},
        question="What is the cell state c after the step?",
        choices=("−0.0865", "−0.33", "−0.429"),
        answer="−0.33",
        reason="0.713 · (−0.342) − 0.0865 = −0.33. A part is kept, a part is added.",
    ),
    Step(
        "The output gate o decides what the others get to see: h = o · tanh c.",
        _CELL | {"time": 12, "gate": "output"},
        watch="o is 0.681, so c is −0.33, but h only −0.217.",
    ),
    Step(
        "Unit 2 reads the same input and the same states, with weights of its own.",
        _CELL | {"time": 12, "unit": 2},
        watch="its forget gate is 0.449: it keeps less than half of its cell state.",
    ),
    Step(
        "A GRU has no cell state.",
        _CELL | {"kind": "GRU", "gate": "update"},
        question="How many gates does its cell have?",
        choices=("1", "2", "4"),
        answer="2",
        reason="Reset r and update z. z is both: 0.525 of the old state is kept, 0.475 is new.",
    ),
    Step(
        "An RNN has no gate at all.",
        _CELL | {"kind": "RNN", "gate": "sum"},
        question="What happens to its state at every step?",
        choices=("A part is kept as it is", "All of it goes through W and a tanh"),
        answer="All of it goes through W and a tanh",
        reason="No wire leads past the tanh, so nothing is kept as it was.",
    ),
)

_LSTM = {
    "series": "sine",
    "cell": "LSTM",
    "length": 64,
    "hidden_size": 16,
    "forget_bias": 1,
    "weight_scale": 1.0,
    "seed": 0,
    "time": 32,
    "unit": 0,
}

GATES = (
    Step(
        "These lines are the gates of one unit, each a number from 0 (closed) to 1 (open).",
        _LSTM,
        watch="the forget gate: at step 32 it is 0.737, so that share of the cell is kept.",
    ),
    Step(
        "A forget bias of 1 gives this unit a half-life of 3 steps. We raise it to 3.",
        _LSTM | {"forget_bias": 3},
        question="How long is the half-life now?",
        choices=("1 step", "3 steps", "18 steps"),
        answer="18 steps",
        reason="The gate is 0.961 at step 32: multiplied with itself 18 times, 0.49 is left.",
    ),
    Step(
        "With a forget bias of −2 the gate is nearly closed.",
        _LSTM | {"forget_bias": -2},
        watch="the forget gate is 0.12 at step 32: after a single step less than half is left.",
    ),
    Step(
        "All weights are now eight times as large.",
        _LSTM | {"weight_scale": 8.0},
        question="Before, no gate of unit 0 was ever over 0.9 or under 0.1. What happens to them?",
        choices=("Nothing", "Some reach the ends", "All become 0.5"),
        answer="Some reach the ends",
        reason="A large sum has a sigmoid near 0 or 1: the gate is a switch.",
    ),
    Step(
        "A GRU has no cell state; its update gate z keeps the hidden state where it is open.",
        _LSTM | {"cell": "GRU"},
        watch="z is 0.719 at step 32: that share of the old state is kept, the rest is new.",
    ),
)

_GRADIENT = {
    "radius": 0.9,
    "matrix": "orthogonal",
    "forget_bias": 1,
    "length": 64,
    "hidden_size": 16,
    "seed": 0,
    "cell": "linear",
    "clip": "off",
    "towards": "input",
    "lag": 10,
}

GRADIENT = (
    Step(
        "The linear layer has a radius of 0.9: each step back multiplies its gradient with 0.9.",
        _GRADIENT,
        watch="the straight line downhill: it follows the dashed prediction.",
    ),
    Step(
        "The same layer, with a radius of 1.2.",
        _GRADIENT | {"radius": 1.2},
        question="Where does its line go now?",
        choices=("Downhill", "Level", "Uphill"),
        answer="Uphill",
        reason="A factor over 1 at each step: the gradient explodes.",
    ),
    Step(
        "The tanh layer has the same radius of 1.2, and its gradient still vanishes.",
        _GRADIENT | {"radius": 1.2, "cell": "tanh"},
        watch="its line: × 0.873 a step, for a tanh is flat where its state is large.",
    ),
    Step(
        "Back to a radius of 0.9. The LSTM's forget bias is 1, its memory horizon 34 steps.",
        _GRADIENT | {"cell": "LSTM", "forget_bias": -2},
        question="Where is the horizon with a forget bias of −2?",
        choices=("At 4 steps", "At 34 steps", "Past the end"),
        answer="At 4 steps",
        reason="The gate is nearly closed: × 0.306 a step.",
    ),
    Step(
        "With a forget bias of 3 the gradient passes through the cell.",
        _GRADIENT | {"cell": "LSTM", "forget_bias": 3},
        watch="the LSTM's line is level, and its horizon lies past the 64 steps.",
    ),
    Step(
        "The radius is 1.5, and the gradient of the linear layer is clipped to 0.1.",
        _GRADIENT | {"radius": 1.5, "clip": 0.1},
        question="What does clipping do to its line?",
        choices=("It cuts off the top", "It lowers the whole line"),
        answer="It lowers the whole line",
        reason="All lags are multiplied with one factor, so the slope stays.",
    ),
)
