"""The layers explorer on sequences: time runs to the right, features down."""

import pytest
import torch
from torch import nn

from convrnn_lab import explorers, figures, trace


def drawn(sheet, name):
    return next(each for each in sheet.traces if each["name"] == name)


def titles(sheet):
    return [panel.title for panel in sheet.panels]


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_recurrent_layer_is_drawn_over_time(kind, batch_first):
    layer = kind(3, 4, batch_first=batch_first)
    steps = torch.randn(7, 2, 3).movedim(0, 1 if batch_first else 0)

    explorer = explorers.layers(layer, steps)
    sheet = explorer.sheet(example="example 1", channel=2, column=5)

    order = "time 7 × feature 4"
    assert explorer.declared["example"].offered({}) == ("example 0", "example 1")
    assert sheet.title == f"model: {kind.__name__} gives {order}"
    assert titles(sheet)[:2] == ["Input: 3 features over time 7", "model: 4 features over time 7"]
    assert titles(sheet)[2].startswith("Feature 2 at time 5: ")
    with torch.no_grad():
        output = layer(steps)[0]
    one = output[1] if batch_first else output[:, 1]  # (time, feature)
    torch.testing.assert_close(torch.from_numpy(drawn(sheet, "maps")["z"]), one.T)
    torch.testing.assert_close(torch.from_numpy(drawn(sheet, "map")["y"]), one[:, 2])
    assert dict(sheet.facts)["In"] == "time 7 × feature 3"
    assert [control.label for control in explorer.declared.values()][2:] == [
        "feature",
        "row",
        "time",
    ]


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("norm_first", [True, False])
def test_a_transformer_is_one_sequence_and_not_many_samples(batch_first, norm_first):
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=batch_first, norm_first=norm_first)
    steps = torch.randn(1, 5, 8) if batch_first else torch.randn(5, 1, 8)

    explorer = explorers.layers(layer, steps)

    assert explorer.declared["example"].offered({}) == ("example 0",)
    assert "self_attn" in explorer.declared["layer"].offered({})
    for label in explorer.declared["layer"].offered({}):
        sheet = explorer.sheet(layer=label)
        features = 16 if label in ("linear1", "dropout") else 8
        assert f"{label}: {features} features over time 5" in titles(sheet)
        assert dict(sheet.facts)["Out"] in (
            f"time 5 × feature {features}",
            f"feature {features} × time 5",
        )
    assert explorer.sheet(layer="self_attn").title.startswith("self_attn: attention gives ")


def test_a_sequence_without_a_batch_axis_is_one_example():
    explorer = explorers.layers(nn.LSTM(3, 4), torch.randn(6, 3))

    assert explorer.declared["example"].offered({}) == ("example 0",)
    assert "model: 4 features over time 6" in titles(explorer.sheet())


def test_a_convolution_between_sequence_layers_keeps_its_channels():
    class Hybrid(nn.Module):
        def __init__(self):
            super().__init__()
            self.filters = nn.Conv1d(2, 5, 3)
            self.memory = nn.LSTM(5, 4, batch_first=True)

        def forward(self, x):
            return self.memory(self.filters(x).transpose(1, 2))[0]

    explorer = explorers.layers(Hybrid(), torch.randn(1, 2, 9))

    assert "filters: 5 channels over time 7" in titles(explorer.sheet(layer="filters"))
    assert "memory: 4 features over time 7" in titles(explorer.sheet(layer="memory"))
    assert explorer.declared["channel"].label == "channel"


@pytest.mark.parametrize(
    ("axes", "shape", "wanted"),
    [
        (("batch", "time", "feature"), (2, 5, 3), (3, 1, 5)),
        (("time", "batch", "feature"), (5, 2, 3), (3, 1, 5)),
        (("batch", "feature"), (2, 3), (3, 1, 1)),
        (("batch", "channel", "height", "width"), (2, 3, 4, 5), (3, 4, 5)),
        (("batch", "height", "width", "feature"), (2, 4, 5, 3), (3, 4, 5)),
        (("batch", "channel", "depth", "height", "width"), (2, 3, 6, 4, 5), (3, 4, 5)),
        (("batch", "head", "time", "feature"), (2, 3, 5, 4), (12, 1, 5)),
        (("batch", "channel", "feature"), (2, 3, 5), (3, 1, 5)),
        (("batch",), (2,), (1, 1, 1)),
        ((), (2, 3, 5), (3, 1, 5)),
    ],
)
def test_pictures_are_arranged_by_what_the_axes_are(axes, shape, wanted):
    assert figures.pictures(torch.zeros(shape), axes).shape == wanted


def test_every_value_of_an_attention_is_where_the_layer_has_it():
    model = nn.TransformerEncoderLayer(4, 2, 8, batch_first=False)
    steps = torch.randn(5, 1, 4)
    explorer = explorers.layers(model, steps, layer="self_attn", channel=3, column=2)

    shown = dict(explorer.sheet().facts)["Chosen value"].replace("−", "-")

    expected = trace.layers(model, steps)["self_attn"].output[2, 0, 3].item()
    assert float(shown) == pytest.approx(expected, rel=6e-3, abs=6e-3)
