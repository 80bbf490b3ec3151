"""The code that a figure of a training offers makes that figure: weights, curves, scores."""

import itertools

import numpy as np
import pytest
import torch

from convrnn_lab import data, explorers, models
from convrnn_lab.topics.training import sequence_explorer
from tests import copied
from tests.sampling import sampled

WHOLE = data.digits(test=4900)
FEW = data.Digits(
    WHOLE.train_images, WHOLE.train_labels, WHOLE.test_images[:50], WHOLE.test_labels[:50]
)


def grid(**values):
    """Return every combination of the values, by name."""
    return [dict(zip(values, each, strict=True)) for each in itertools.product(*values.values())]


NETWORKS = grid(
    filters=("8 / 16", "16 / 32"),
    kernel_size=(3, 5),
    padding=(0, 1),
    pooling=("max", "average", "none"),
    learning_rate=(0.001, 0.01),
    seed=(3, 0, 1),
)

SHORT = [
    each
    for each in grid(
        task=("sunspots", "adding", "copy memory", "power demand"),
        cell=("GRU", "LSTM", "RNN"),
        direction=("forward", "both"),
        layers=(1, 2),
        forget_bias=(-2, 1),
        clip=(0.1, "off"),
        seed=(3, 0),
    )
    if each["direction"] == "forward" or each["task"] == "power demand"
]
LONG = grid(task=("characters", "labels"), cell=("GRU",), seed=(3,))


def same_weights(left, right):
    found = left.state_dict()
    assert found.keys() == right.state_dict().keys()
    for name, value in right.state_dict().items():
        assert torch.equal(found[name], value), name


@pytest.mark.parametrize("options", sampled(NETWORKS, 6), ids=str)
def test_a_copied_training_of_own_digits_makes_the_same_model_and_scores(options):
    explorer = explorers.training(FEW, epochs=2, **options)
    explorer.run()

    made = copied.run(explorer.sheet().code, digits=FEW)

    (done,) = explorer.trained.values()
    same_weights(made["model"], explorer.model)
    assert made["history"] == done.history
    assert torch.equal(made["scores"].probabilities, done.scores.probabilities)


def test_without_own_digits_the_copied_code_takes_those_that_ship():
    explorer = explorers.training(filters="8 / 16", stride=3, pooling="none", epochs=1, seed=2)
    explorer.run()

    made = copied.run(explorer.sheet().code)

    same_weights(made["model"], explorer.model)
    assert torch.equal(made["digits"].train_images, data.digits().train_images)


@pytest.mark.parametrize("options", [*sampled(SHORT, 6), *sampled(LONG, 1)], ids=str)
def test_a_copied_training_on_sequences_makes_the_same_model_and_scores(options):
    explorer = explorers.sequence_training(hidden_size=8, epochs=1, **options)
    explorer.run()

    made = copied.run(explorer.sheet().code)

    (done,) = explorer.trained.values()
    same_weights(made["model"], explorer.model)
    assert made["history"] == done.history
    assert made["scores"].loss == done.scores.loss
    assert torch.equal(made["scores"].answers, done.scores.answers)


def test_a_copied_update_bias_reaches_the_gru():
    explorer = explorers.sequence_training(cell="GRU", forget_bias=3, hidden_size=8, epochs=1)

    made = copied.run(explorer.sheet().code.partition("history =")[0])

    same_weights(made["model"], sequence_explorer.build(explorer.values))
    assert made["model"].recurrent.bias_ih_l0[8:16].eq(3).all()
    assert made["model"].recurrent.bias_hh_l0[8:16].eq(0).all()


@pytest.mark.parametrize("name", ["sunspots", "adding"])
def test_copied_states_are_those_of_the_figure(name):
    explorer = explorers.state_over_training(name)
    for epoch in sampled(models.stored_epochs(name), 3):
        sheet = explorer.sheet(epoch=epoch, sequence=2, unit=5)

        made = copied.run(sheet.code)

        shown = {each["name"]: each for each in sheet.traces}
        assert np.array_equal(made["states"].T, shown["hidden"]["z"])
        assert np.array_equal(made["state"], shown["now"]["y"])
        assert shown["answered"]["y"] == pytest.approx(made["answers"][:, 0].numpy(), abs=1e-6)
        assert made["scores"].loss == shown["loss"]["y"][models.stored_epochs(name).index(epoch)]


@pytest.mark.parametrize("own", [{}, {"text": "def half(x):\n    return"}])
def test_copied_writing_is_that_of_the_figure(own):
    explorer = explorers.writing(**own, unit=3, temperature=0.5, seed=2, length=20)
    sheet = explorer.sheet()

    made = copied.run(sheet.code, **own)

    assert dict(sheet.facts)["It writes"] == repr(made["written"])
    shown = np.array(sheet.traces[0]["z"]).ravel()[: len(made["whole"])]
    assert np.array_equal(shown, made["state"])
