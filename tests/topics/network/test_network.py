"""The whole network in one picture: the arithmetic of each layer, and what is refused."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn

from convrnn_lab import explorers, trace
from convrnn_lab.drawing import looks
from tests.helpers import refused
from tests.sampling import examples

integers = st.integers


@st.composite
def convolutions(draw, channels, axes):
    groups = draw(st.sampled_from([each for each in (1, 2, 3) if channels % each == 0]))
    return (nn.Conv1d, nn.Conv2d)[axes - 1](
        *(channels, groups * draw(integers(1, 2)), draw(integers(1, 3))),
        stride=draw(integers(1, 2)),
        padding=draw(integers(0, 2)),
        groups=groups,
        bias=draw(st.booleans()),
    )


@st.composite
def pools(draw, axes):
    size = draw(integers(1, 3))
    settings = {
        "stride": draw(integers(1, 2)),
        "padding": draw(integers(0, size // 2)),
        "ceil_mode": draw(st.booleans()),
    }
    if draw(st.booleans()):
        return (nn.MaxPool1d, nn.MaxPool2d)[axes - 1](size, **settings)
    counted = draw(st.booleans())
    return (nn.AvgPool1d, nn.AvgPool2d)[axes - 1](size, count_include_pad=counted, **settings)


@st.composite
def networks(draw):
    """Draw a chain of layers, and one input for it."""
    axes, channels = draw(integers(1, 2)), draw(integers(1, 3))
    torch.manual_seed(draw(integers(0, 99)))
    first = draw(convolutions(channels, axes))
    layers = [first, draw(st.sampled_from([nn.ReLU(), nn.GELU(), nn.Tanh()])), draw(pools(axes))]
    layers += [draw(convolutions(first.out_channels, axes))] if draw(st.booleans()) else []
    given_input = torch.randn(1, channels, *([draw(integers(18, 20))] * axes))
    with torch.no_grad():
        size = nn.Sequential(*layers)(given_input)[0].numel()
    layers += [nn.Flatten(), nn.Linear(size, draw(integers(2, 5))), nn.Softmax(1)]
    return nn.Sequential(*layers), given_input


def numbers(sheet):
    """Return what is drawn below the picture, by name."""
    drawn = [trace for panel in sheet.panels[1:] for trace in panel.traces]
    return {
        each["name"]: np.array(each["z"] if "z" in each else each["y"], dtype=float)
        for each in drawn
    }


def made(layer, shown, channel):
    """Return the value that the numbers of a sheet give, by the kind of its layer."""
    module = layer.module
    if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Linear)):
        if "window" in shown:
            np.testing.assert_allclose(shown["window"] * shown["kernel"], shown["products"])
        else:
            np.testing.assert_allclose(shown["inputs"] * shown["weights"], shown["products"])
        bias = 0 if module.bias is None else module.bias[channel].item()
        return np.nansum(shown["products"]) + bias
    if isinstance(module, (nn.MaxPool1d, nn.MaxPool2d)):
        return shown["window"].max()
    if isinstance(module, (nn.AvgPool1d, nn.AvgPool2d)):
        return np.nanmean(shown["window"])
    if isinstance(module, nn.Softmax):
        return shown["exponentials"][channel] / shown["exponentials"].sum()
    if isinstance(module, nn.Flatten):
        return shown["before"].ravel()[channel % shown["before"].size]
    with torch.no_grad():
        before, _after = shown["numbers"]
        return module(torch.tensor(before)).item()


@examples(200)
@given(networks(), st.data())
def test_the_numbers_below_give_each_layers_value_as_pytorch_does(network, chance):
    model, given_input = network
    explorer = explorers.network(model, given_input)
    run = trace.layers(model, given_input)

    for label, layer in run.items():
        output = layer.output[0]
        place = [chance.draw(integers(0, length - 1)) for length in output.shape]
        channel, *rest = place
        row, column = [0, 0, *rest][-2:] if rest else (0, 0)
        sheet = explorer.sheet(layer=label, channel=channel, row=row, column=column)
        shown = numbers(sheet)

        wanted = output[tuple(place)].item()
        np.testing.assert_allclose(made(layer, shown, channel), wanted, rtol=1e-4, atol=1e-5)
        assert sheet.title.endswith(f" is {looks.number(wanted)}")


def small(*layers):
    return nn.Sequential(nn.Conv2d(1, 3, 3), *layers), torch.rand(1, 1, 8, 8)


def texts(sheet):
    return next(each for each in sheet.traces if each["name"] == "names")["text"]


def test_layers_of_more_than_64_values_show_the_first_64():
    sheet = explorers.network(*small(nn.Flatten(), nn.Linear(108, 2))).sheet()

    assert texts(sheet) == [
        *("input", "0", "1", "2"),
        *("1 · 8×8", "3 · 6×6", "64 of 108", "2"),
    ]


@pytest.mark.parametrize(("layer", "channel", "count"), [("0", 2, 1), ("1", 107, 1), ("2", 1, 64)])
def test_lines_lead_from_all_that_a_map_is_made_of(layer, channel, count):
    explorer = explorers.network(*small(nn.Flatten(), nn.Linear(108, 2)))

    sheet = explorer.sheet(layer=layer, channel=channel, row=0, column=0)

    path = next(each for each in sheet.shapes if each["name"] == "links")["path"]
    # A map that is folded away has no place to which a line could lead.
    assert path.count("M") == (0 if channel > 64 else count)


def test_columns_stand_apart_and_their_words_do_not_meet():
    model = nn.Sequential(*[each for _ in range(18) for each in (nn.Linear(64, 64), nn.ReLU())])

    panel = explorers.network(model, torch.rand(1, 64)).sheet().panels[0]

    boxes = [each["box"] for each in panel.click["maps"]["boxes"]]
    assert all(one[2] <= other[0] for one, other in pairwise(boxes))
    assert boxes[-1][2] <= panel.xaxis["range"][1]


def test_what_is_no_chain_or_too_large_is_refused():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 3)

        def forward(self, x):
            return x + self.layer(x)

    with refused(
        "model must be a chain of layers, each given what the one before gave; got Residual"
    ):
        explorers.network(Residual(), torch.rand(1, 3))
    with refused(
        "model must have at most 400,000 values and parameters for one picture; got 1,001,000"
    ):
        explorers.network(nn.Sequential(nn.Linear(999, 1000), nn.ReLU())[:1], torch.rand(1, 999))
    with refused("model must have at most 48 layers for one picture; got 49"):
        explorers.network(nn.Sequential(*(nn.ReLU() for _ in range(49))), torch.rand(1, 3))
