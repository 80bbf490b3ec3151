"""Axes are named by what they are, by the layer and its `batch_first`."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convrnn_lab import trace

SEQUENCE = ("batch", "time", "feature")
TIME_FIRST = ("time", "batch", "feature")
SIGNAL = ("batch", "channel", "time")
IMAGE = ("batch", "channel", "height", "width")
VOLUME = ("batch", "channel", "depth", "height", "width")
VECTOR = ("batch", "feature")

ONE_LAYER = [
    (nn.Conv1d(3, 4, 2), (2, 3, 8), SIGNAL),
    (nn.Conv2d(3, 4, 2), (2, 3, 8, 8), IMAGE),
    (nn.Conv2d(3, 4, 2), (3, 8, 8), IMAGE[1:]),
    (nn.Conv3d(3, 4, 2), (2, 3, 4, 4, 4), VOLUME),
    (nn.ConvTranspose1d(3, 4, 2), (2, 3, 8), SIGNAL),
    (nn.MaxPool1d(2), (2, 3, 8), SIGNAL),
    (nn.AvgPool2d(2), (2, 3, 8, 8), IMAGE),
    (nn.AdaptiveMaxPool3d(2), (2, 3, 4, 4, 4), VOLUME),
    (nn.BatchNorm1d(3).eval(), (2, 3, 8), SIGNAL),
    (nn.BatchNorm1d(3).eval(), (2, 3), VECTOR),
    (nn.InstanceNorm2d(3), (2, 3, 8, 8), IMAGE),
    (nn.GroupNorm(1, 3), (2, 3, 8, 8), IMAGE),
    (nn.LayerNorm(8), (2, 3, 8), SEQUENCE),
    (nn.Linear(8, 4), (2, 8), VECTOR),
    (nn.Linear(8, 4), (2, 3, 8), SEQUENCE),
    (nn.Embedding(9, 4), (2, 3), SEQUENCE),
    (nn.Flatten(), (2, 3, 4), VECTOR),
    (nn.ReLU(), (2, 3, 8, 8), IMAGE),
    (nn.LSTM(3, 4), (5, 3), ("time", "feature")),
    (nn.GRUCell(3, 4), (2, 3), VECTOR),
]


@pytest.mark.parametrize(("layer", "shape", "axes"), ONE_LAYER)
def test_a_layer_names_the_axes_of_its_output(layer, shape, axes):
    given = torch.zeros(shape, dtype=torch.int64 if isinstance(layer, nn.Embedding) else None)

    found = trace.layers(layer, given)["model"]

    assert found.axes == axes
    assert len(axes) == found.output.ndim


SEQUENCE_LAYERS = {
    "RNN": nn.RNN,
    "LSTM": nn.LSTM,
    "GRU": nn.GRU,
    "attention": lambda _, hidden, **options: Itself(hidden, **options),
    "encoder": lambda _, hidden, **options: nn.TransformerEncoderLayer(hidden, 2, 8, **options),
    "norm first": lambda _, hidden, **options: nn.TransformerEncoder(
        nn.TransformerEncoderLayer(hidden, 2, 8, norm_first=True, **options),
        2,
        enable_nested_tensor=False,
    ),
    "decoder": lambda _, hidden, **options: Decoding(hidden, **options),
}


class Itself(nn.Module):
    def __init__(self, features, **options):
        super().__init__()
        self.attention = nn.MultiheadAttention(features, 2, **options)

    def forward(self, x):
        return self.attention(x, x, x)[0]


class Decoding(nn.Module):
    def __init__(self, features, **options):
        super().__init__()
        self.layer = nn.TransformerDecoderLayer(features, 2, 8, **options)

    def forward(self, x):
        return self.layer(x, x)


@pytest.mark.parametrize("name", SEQUENCE_LAYERS)
@pytest.mark.parametrize("batch_first", [True, False])
def test_sequence_layers_name_their_axes_by_batch_first(name, batch_first):
    model = nn.Sequential(SEQUENCE_LAYERS[name](4, 4, batch_first=batch_first))

    run = trace.layers(model, torch.zeros(2, 3, 4))

    wanted = SEQUENCE if batch_first else TIME_FIRST
    assert run.input_axes == wanted
    assert {layer.axes for layer in run.layers} == {wanted}
    assert {layer.input_axes for layer in run.layers} == {wanted}


class Mixed(nn.Module):
    """Everything between the layers that moves axes about."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(9, 8)
        self.activation = nn.Tanh()
        self.convolution = nn.Conv1d(8, 6, 3)
        self.recurrent = nn.GRU(6, 5)
        self.normal = nn.LayerNorm(5)
        self.head = nn.Linear(5, 2)
        self.spread = nn.Dropout()

    def forward(self, x):
        x = self.activation(self.table(x) * 2 + 1)
        x = self.convolution(x.transpose(1, 2))
        steps, state = self.recurrent(x.permute(2, 0, 1))
        steps = self.normal(steps.swapaxes(0, 1))
        self.spread(steps.mean(1, keepdim=True).squeeze(1))
        self.spread(steps.max(dim=1).values)
        self.spread(F.pad(steps, (1, 1))[:, 1:, None].unsqueeze(0)[0, :, :, 0])
        self.spread(steps.flatten(1))
        self.spread(state[-1])
        return self.head(steps[:, -1])


def test_axes_are_followed_through_functions():
    run = trace.layers(Mixed(), torch.zeros(2, 7, dtype=torch.int64))

    assert run.input_axes == ("batch", "time")
    assert {label: layer.axes for label, layer in run.items()} == {
        "table": SEQUENCE,
        "activation": SEQUENCE,
        "convolution": SIGNAL,
        "recurrent": TIME_FIRST,
        "normal": SEQUENCE,
        "spread": VECTOR,
        "spread (2)": VECTOR,
        "spread (3)": SEQUENCE,
        "spread (4)": VECTOR,
        "spread (5)": VECTOR,
        "head": VECTOR,
    }


def test_an_axis_is_named_by_whichever_layer_knows_it():
    """What a signal is made of is known by the layer behind the activation."""
    model = nn.Sequential(nn.ReLU(), nn.Linear(4, 4), nn.Dropout(), nn.LSTM(4, 3))

    run = trace.layers(model, torch.zeros(5, 2, 4))

    assert {layer.axes for layer in run.layers} == {TIME_FIRST}


def test_channels_last_are_known_where_a_layer_says_so():
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(3, 4, 3)
            self.mix = nn.Linear(4, 4)
            self.end = nn.ReLU()

        def forward(self, x):
            return self.end(self.mix(self.first(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2))

    run = trace.layers(Last(), torch.zeros(1, 3, 6, 6))

    assert run["mix"].axes == ("batch", "height", "width", "feature")
    assert run["end"].axes == ("batch", "feature", "height", "width")


def test_heads_of_a_hand_written_attention_are_named():
    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.project, self.back = nn.Linear(8, 8), nn.Linear(8, 8)

        def forward(self, x):
            x = self.project(x).view(2, 5, 2, 4).transpose(1, 2)
            mixed = F.scaled_dot_product_attention(x, x, x)
            return self.back(mixed.transpose(1, 2).reshape(2, 5, 8))

    run = trace.layers(Heads(), torch.zeros(2, 5, 8))

    assert run["attention"].axes == ("batch", "head", "time", "feature")
    assert run["back"].axes == SEQUENCE


def test_what_nothing_tells_has_the_usual_names():
    class Tangled(nn.Module):
        def forward(self, x):
            return torch.einsum("abcd,abce->abde", x, x)

    run = trace.layers(
        nn.Sequential(nn.Conv2d(1, 2, 1), Tangled(), nn.ReLU()), torch.zeros(1, 1, 4, 5)
    )

    assert run["1"].axes == run["2"].axes == IMAGE
    assert trace.layers(nn.ReLU(), torch.zeros([1] * 6))["model"].axes[5] == "axis 5"
