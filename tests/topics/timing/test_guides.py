"""What the guides say is true by the counts, which are there before anything is measured."""

import re

import pytest

from convrnn_lab import explorers, measure
from convrnn_lab.measure.switches import SWITCHES
from convrnn_lab.topics.timing import guides


def products(explorer, step, name, **changed):
    """Return the multiply-adds of a layer, as the facts say them at a step."""
    facts = dict(explorer.sheet(**(dict(step.sets) | changed)).facts)
    return int(re.search(r"([\d,]+) multiply-adds", facts[name])[1].replace(",", ""))


@pytest.mark.parametrize("channels", [8, 128])
def test_layers_over_a_length_have_the_products_that_the_guide_says(channels):
    explorer = explorers.timing(channels=channels)
    _, gates, longer, stream, _ = guides.LENGTH

    lstm, gru = (products(explorer, gates, name) for name in ("LSTM", "GRU"))
    assert (gates.answer, 4 * gru) == ("three quarters", 3 * lstm)
    for name in ("Conv1d", "LSTM"):
        short = products(explorer, longer, name, length=256)
        assert (longer.answer, products(explorer, longer, name)) == ("4 times", 4 * short)
    convolutions, lstm = (products(explorer, stream, name) for name in ("causal stack", "LSTM"))
    assert stream.answer == "causal stack"
    assert convolutions > lstm


@pytest.mark.parametrize("channels", [1, 4, 16])
def test_a_kernel_costs_what_the_guide_says(channels):
    explorer = explorers.kernel_cost(channels=channels)
    _, image, signal, stride, _ = guides.KERNEL

    small = products(explorer, image, "Conv2d", kernel_size=5)
    assert (image.answer, products(explorer, image, "Conv2d")) == ("9 times", 9 * small)
    small = products(explorer, signal, "Conv1d", kernel_size=3)
    assert (signal.answer, products(explorer, signal, "Conv1d")) == ("5 times", 5 * small)
    strides = explorer.sheet(**stride.sets).panels[-1].traces[0]
    all_places, every_second = strides["y"][:2]
    assert (stride.answer, 4 * every_second) == ("1/4", all_places)


def test_switches_change_the_products_as_the_guide_says():
    sides = {
        name: [measure.count(side(256, 16)).multiply_adds for side in (each.before, each.after)]
        for name, each in SWITCHES.items()
        if name in ("fused kernel", "larger batch", "packed batch")
    }

    assert sides["fused kernel"][0] == sides["fused kernel"][1]
    assert sides["larger batch"][1] == 16 * sides["larger batch"][0]
    assert 0.4 < sides["packed batch"][1] / sides["packed batch"][0] < 0.6


def test_layers_have_the_shares_that_the_guide_says():
    explorer = explorers.layer_times()

    def shares(model, batch):
        counted = {row.layer: row.multiply_adds for row in explorer.rows(model, batch)}
        return {name: each / sum(counted.values()) for name, each in counted.items()}

    cnn = shares("CNN for digits", 16)
    assert max(cnn, key=cnn.get) == "conv2"
    assert cnn["conv1"] + cnn["conv2"] > 0.95
    assert cnn["pool1"] == 0
    assert shares("CNN for digits", 1) == pytest.approx(cnn)
    assert shares("two LSTM layers", 16)["recurrent"] > 0.99
