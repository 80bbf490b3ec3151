import numpy as np
import pytest
import torch
from torch import nn

from convrnn_lab import data, explorers, models
from convrnn_lab.topics.network.drawn import DRAWING
from tests.explorer.wire import Wire

DIGITS = data.digits()
# As large as the field, in light ink.
INK = nn.functional.interpolate(DIGITS.test_images[5:6], size=(140, 140))[0, 0].numpy()


@pytest.fixture(autouse=True)
def _no_drawing():
    DRAWING.clear()
    yield
    DRAWING.clear()


def draw(explorer, ink=INK):
    wire = Wire(explorer)
    wire.ask("drawn", (255 * ink).astype(np.uint8).tobytes(), shape=list(ink.shape))
    return wire


@pytest.fixture(scope="module")
def model():
    return models.trained_cnn()


def offered(explorer):
    return explorer.declared["example"].offered({})


@pytest.mark.parametrize("make", [explorers.layers, explorers.attributions])
def test_a_drawing_is_offered_when_there_is_one(model, make):
    explorer = make(model, DIGITS.test_images[:1], draw=True)
    assert offered(explorer) == ("example 0",)
    assert len(explorer.controls["example"].options) == 1

    draw(explorer)

    assert offered(explorer) == ("example 0", "your drawing")
    assert explorer.values["example"] == "your drawing"


def test_a_drawing_is_known_to_the_other_explorers(model):
    before = explorers.attributions(model, DIGITS.test_images[:1], draw=True)
    wire = Wire(before)
    without = explorers.layers(model, DIGITS.test_images[:1])

    draw(explorers.layers(model, DIGITS.test_images[:1], draw=True))

    after = explorers.attributions(model, DIGITS.test_images[:1], draw=True, example="your drawing")
    assert before.values["example"] == "example 0"
    before.controls["example"].value = "your drawing"
    assert before.sheet().description == after.sheet().description
    assert wire.answers("stale")
    assert offered(without) == ("example 0",)


def test_a_second_drawing_takes_the_place_of_the_first_everywhere(model):
    first = explorers.layers(model, DIGITS.test_images[:1], draw=True)
    second = explorers.layers(model, DIGITS.test_images[:1], draw=True)
    draw(first)
    second.controls["example"].value = "your drawing"
    seen = second.sheet().description

    draw(first, INK[::-1].copy())

    assert second.sheet().description != seen
    expected = data.as_digit(INK[::-1].copy())
    (shown,) = (each for each in second.sheet().traces if each["name"] == "input")
    torch.testing.assert_close(torch.from_numpy(shown["z"]), expected)


def test_a_drawing_has_no_code_to_copy(model):
    explorer = explorers.attributions(model, DIGITS.test_images[:1], draw=True)
    assert explorer.sheet().code

    draw(explorer)

    assert explorer.sheet().code == ""
