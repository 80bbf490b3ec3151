"""What the guides say of hidden states, held to the numbers."""

import numpy as np

from convrnn_lab import explorers
from convrnn_lab.topics.recurrence import guides


def states(explorer, step, name="hidden", **others):
    sheet = explorer.sheet(**(dict(step.sets) | others))
    return np.array(next(trace["z"] for trace in sheet.traces if trace["name"] == name))


def test_unit_3_follows_the_wave_upside_down():
    sheet = explorers.hidden_state().sheet(**guides.HIDDEN_STATE[1].sets)

    assert dict(sheet.facts)["Correlation with input"] == "−0.984"


def test_the_first_state_makes_no_difference_after_ten_steps():
    explorer, step = explorers.hidden_state(), guides.HIDDEN_STATE[2]

    apart = abs(states(explorer, step) - states(explorer, step, first_state=0)).max(axis=0)

    assert apart[1] > 0.2
    assert (apart[10:] < 0.01).all()


def test_the_biases_hold_the_state_up_and_a_twentieth_of_the_impulse_is_left_at_step_12():
    explorer = explorers.hidden_state()
    asked, alone = guides.HIDDEN_STATE[3:]

    plain = states(explorer, asked)
    largest = abs(states(explorer, alone)).max(axis=0)

    assert (abs(plain[:, 24]) > 0.005).all()
    assert not largest[:4].any()
    assert round(largest[4] / largest[12]) in {19, 20}


def test_the_cells_have_the_weights_that_the_guide_counts():
    sheet = explorers.side_by_side().sheet(**guides.SIDE_BY_SIDE[1].sets)

    weights = {name: said.split(", ")[-1] for name, said in sheet.facts}
    assert weights == {
        "RNN tanh": "88 parameters",
        "RNN ReLU": "88 parameters",
        "LSTM": "352 parameters",
        "GRU": "264 parameters",
    }


def test_the_relu_alone_passes_ten_thousand_and_with_other_weights_stays_under_1():
    explorer = explorers.side_by_side()
    exploding, calm = guides.SIDE_BY_SIDE[2:]

    largest = {
        cell: abs(states(explorer, exploding, cell)).max()
        for cell in ("RNN tanh", "RNN ReLU", "LSTM", "GRU")
    }

    assert largest.pop("RNN ReLU") > 10_000
    assert max(largest.values()) < 1
    assert abs(states(explorer, calm, "RNN ReLU")).max() < 1
