"""The guides through trainings and what was learnt: the numbers that they say."""

import numpy as np

from convrnn_lab import data, explorers
from convrnn_lab.topics.training import guides
from tests.explorer.guides import drawn


def facts(explorer, step):
    return dict(explorer.sheet(**step.sets).facts)


def test_the_guide_to_a_network_says_what_it_costs():
    explorer = explorers.training()
    whole, half, strided, single, _ = (facts(explorer, step) for step in guides.TRAINING)
    adds = [
        int(each["Multiply-adds"].split()[0].replace(",", "")) for each in (whole, half, strided)
    ]

    assert adds[0] == 2_528_000
    assert round(100 * adds[1] / adds[0]) == 28
    assert adds[2] < adds[0]
    assert single["Receptive field"].startswith("4 × 4 pixels")
    sheet = explorer.sheet(**guides.TRAINING[0].sets)
    bars = {name: drawn(sheet, name) for name in ("multiply_adds", "parameters")}
    most = {name: bar["x"][int(np.argmax(bar["y"]))] for name, bar in bars.items()}
    assert most == {"multiply_adds": "conv2", "parameters": "dense1"}


def test_the_guide_to_sequences_says_what_a_model_has():
    explorer = explorers.sequence_training()
    lstm, rnn, _ = (facts(explorer, step) for step in guides.SEQUENCE_TRAINING)

    assert lstm["Trivial: always 1"] == "mean squared error 0.167"
    assert (lstm["Parameters"], rnn["Parameters"]) == ("4,641", guides.SEQUENCE_TRAINING[1].answer)


def test_the_guide_to_states_says_how_the_loss_falls():
    explorer = explorers.state_over_training()

    losses = [facts(explorer, step)["Test loss"] for step in guides.STATE_OVER_TRAINING]

    assert losses == ["0.619", "0.0537", "0.033", "0.0381"]


def test_the_guide_to_writing_says_what_is_written_and_where_a_unit_is_high():
    explorer = explorers.writing()
    text = data.text("heapq")[:256]
    _, named, cold, warm = guides.WRITING

    state = np.concatenate(drawn(explorer.sheet(**named.sets), "state")["z"])[: len(text)]
    ends = np.array([character == "\n" for character in text])

    assert [round(float(state[each].mean()), 2) for each in (ends, ~ends)] == [0.54, -0.52]
    assert state[ends].min() > 0
    assert "option, option, option" in str(explorer.sheet(**cold.sets).facts)
    assert "Dassie" in str(explorer.sheet(**warm.sets).facts)


def test_another_text_and_another_length_have_no_guide():
    assert not explorers.writing("x = 1").guide
    assert not explorers.writing(length=20).guide
