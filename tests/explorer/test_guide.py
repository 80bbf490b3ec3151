"""Guides: what they set, and what they leave out."""

import pytest
import torch

from convrnn_lab import explorers
from convrnn_lab.explorer import guide
from convrnn_lab.explorer.guide import Step
from tests.explorer import guides
from tests.helpers import refused
from tests.topics.network import of_digits

EXPLORERS = {
    "layers": of_digits.layers,
    "network": of_digits.network,
    "attributions": of_digits.attributions,
    "errors": of_digits.errors,
    "stack": explorers.stack,
    "training": explorers.training,
    "sequence_training": explorers.sequence_training,
    "state_over_training": explorers.state_over_training,
    "step_attributions": explorers.step_attributions,
    "writing": explorers.writing,
    "channels": explorers.channels,
    "convolution": explorers.convolution,
    "convolution1d": explorers.convolution1d,
    "transposed_convolution": explorers.transposed_convolution,
    "pooling": explorers.pooling,
    "pooling1d": explorers.pooling1d,
    "shift": explorers.shift,
    "hidden_state": explorers.hidden_state,
    "side_by_side": explorers.side_by_side,
    "cell": explorers.cell,
    "gates": explorers.gates,
    "gradient_through_time": explorers.gradient_through_time,
    "timing": explorers.timing,
    "kernel_cost": explorers.kernel_cost,
    "speed_up": explorers.speed_up,
    "layer_times": explorers.layer_times,
}
"""Those that have a guide, by name."""


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_step_of_a_guide_can_be_shown(name):
    explorer = EXPLORERS[name]()

    guides.check(explorer, explorer.guide)


def test_steps_that_an_own_input_cannot_show_are_left_out():
    view = explorers.convolution(torch.zeros(8, 8)).view
    steps = [
        Step("Near.", {"row": 1}),
        Step("Far away.", {"row": 60}),
        Step("No such.", {"knob": 1}),
    ]

    assert guide.fitting(view, steps) == (steps[0],)


def test_a_question_without_its_answer_is_refused():
    with refused("answer must be one of 1, 2; got '3'"):
        Step("Count.", question="How many?", choices=("1", "2"), answer="3")
