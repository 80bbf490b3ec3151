"""A convolution of several channels: figures against torch, counts against what a layer costs."""

import re

import pytest
import torch

from convrnn_lab import explorers, measure
from convrnn_lab.data.colours import CHANNELS
from tests import copied
from tests.explorer.guides import drawn
from tests.helpers import refused
from tests.sampling import sampled

EXPLORER = explorers.channels(row=0, column=0)
FIXED = {"image": ["china"], "filter": [0], "row": [0], "column": [0]}
SETTINGS = list(EXPLORER.view.combinations(FIXED))


def shown_in(sheet, name):
    return torch.from_numpy(drawn(sheet, name)["z"])


def last_number(text):
    return int(re.findall(r"[\d,]+", text)[-1].replace(",", ""))


def test_every_kind_size_stride_and_padding_is_offered():
    assert len(SETTINGS) == 3 * (2 * (1 + 2 + 3 + 4 + 5) + 1)


@pytest.mark.parametrize("values", sampled(SETTINGS, 30))
def test_what_is_copied_makes_the_maps_and_the_parts_that_are_shown(values):
    made = copied.run(EXPLORER.sheet(**values).code)
    layer, pixels, output = made["layer"], made["pixels"], made["output"].detach()

    for place in range(layer.out_channels):
        sheet = EXPLORER.sheet(**values | {"filter": place})
        parts = [shown_in(sheet, f"part {name}") for name in CHANNELS]
        shown = shown_in(sheet, "output")
        torch.testing.assert_close(shown, output[place], atol=1e-5, rtol=0)
        added = sum(parts) + layer.bias.detach()[place]
        torch.testing.assert_close(added, output[place], atol=1e-5, rtol=0)
        *sums, bias, value = drawn(sheet, "sums")["x"]
        assert sum(sums) + bias == pytest.approx(value, abs=1e-6)
        assert value == pytest.approx(output[place, 0, 0].item(), abs=1e-5)
    assert pixels.shape[0] == layer.in_channels == 3


@pytest.mark.parametrize("values", sampled(SETTINGS, 30))
def test_the_counts_beside_the_figure_are_those_of_the_layer(values):
    sheet = EXPLORER.sheet(**values)
    made, facts = copied.run(sheet.code), dict(sheet.facts)

    cost = measure.cost(made["layer"], tuple(made["pixels"].shape))

    assert last_number(facts["Parameters"]) == cost.parameters
    assert last_number(facts["Multiply-adds"]) == cost.multiply_adds
    assert facts["Shape of the weights"].startswith(f"{tuple(made['layer'].weight.shape)}:")
    height, width = made["output"].shape[1:]
    assert last_number(facts["Output height"]) == height
    assert last_number(facts["Output width"]) == width


def test_the_weights_of_other_kinds_are_those_of_their_layers():
    facts = dict(EXPLORER.sheet(kernel_size=5).facts)
    counts = [
        torch.nn.Conv2d(3, out, size, groups=groups, bias=False).weight.numel()
        for out, size, groups in ((4, 5, 1), (3, 5, 3), (4, 1, 1))
    ]

    assert facts["At this size"] == (
        f"weights for all channels {counts[0]}; depthwise {counts[1]}, "
        f"then pointwise {counts[2]}: together {counts[1] + counts[2]}"
    )


@pytest.mark.parametrize("place", range(3))
def test_a_channel_that_is_not_read_says_so_and_has_no_window(place):
    sheet = EXPLORER.sheet(filters="depthwise", filter=place)

    for channel, (name, panel) in enumerate(zip(CHANNELS, sheet.panels[:3], strict=True)):
        is_read = channel == place
        assert panel.title == name.capitalize() + ("" if is_read else ": not read")
        assert panel.shapes[-1]["line"]["width"] == (2.5 if is_read else 0)
        assert drawn(sheet, name)["zmin"] == (0 if is_read else -3)
        assert drawn(sheet, f"weight {name}")["z"].any() == is_read


@pytest.mark.parametrize("kind", ["all channels", "pointwise"])
def test_filters_that_are_not_depthwise_read_every_channel(kind):
    sheet = EXPLORER.sheet(filters=kind, filter=3)

    assert [panel.title for panel in sheet.panels[:3]] == ["Red", "Green", "Blue"]


def test_a_filter_that_the_kind_does_not_have_is_refused():
    with refused("filter must be an integer from 0 to 2; got 3"):
        explorers.channels(filters="depthwise", filter=3)
    with refused("kernel_size must be an integer from 1 to 1; got 3"):
        explorers.channels(filters="pointwise")


def test_an_own_picture_is_read_and_called_by_its_argument():
    picture = torch.rand(6, 7, 3)

    explorer = explorers.channels(picture, kernel_size=5, padding=1)

    made = copied.run(explorer.sheet().code, image=picture)
    torch.testing.assert_close(made["pixels"], picture.permute(2, 0, 1))
    shown = torch.from_numpy(drawn(explorer.sheet(), "output")["z"])
    torch.testing.assert_close(made["output"].detach()[0], shown, atol=1e-5, rtol=0)


def test_a_picture_smaller_than_the_window_is_refused_in_the_words_of_the_controls():
    explorer = explorers.channels(torch.rand(3, 4, 3))
    values = explorer.start | {"kernel_size": 5, "row": 0, "column": 0}

    assert explorer.view.refusal(values) == (
        "kernel size must fit the padded input of 3 samples; "
        "got kernel size 5 for length 3 with padding 0"
    )
