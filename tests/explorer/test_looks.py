"""Looks of every explorer, in Python and in the browser."""

import pytest
import torch
from torch import nn
from torch.nn.utils import rnn

from convrnn_lab import explorers
from tests.explorer.looks import check, settings_by_chance
from tests.sampling import LEVEL
from tests.topics.network import looked_into
from tests.topics.recurrence import looked_into as looked_into_recurrence
from tests.topics.timing import looked_at


def two_layers():
    """Return a module of two layers, and two sequences of which one ends early."""
    given = [torch.ones(length, 2) for length in (9, 5)]
    return nn.GRU(2, 3, 2, bidirectional=True), rnn.pack_sequence(given)


EXPLORERS = {
    **looked_into.EXPLORERS,
    **looked_into_recurrence.EXPLORERS,
    "channels": explorers.channels,
    "convolution": explorers.convolution,
    "convolution1d": explorers.convolution1d,
    "cell": explorers.cell,
    "cell of a module": lambda: explorers.cell(*two_layers()),
    "cell of a module, projected": lambda: explorers.cell(
        nn.LSTM(2, 5, 2, proj_size=3, bidirectional=True), torch.ones(7, 2, 2)
    ),
    "gates": explorers.gates,
    "gates, GRU": lambda: explorers.gates("noise", cell="GRU", length=16, hidden_size=4),
    "gates of a module": lambda: explorers.gates(*two_layers()),
    "gates of a module, projected": lambda: explorers.gates(
        nn.LSTM(2, 5, 2, proj_size=3, bidirectional=True), torch.ones(7, 2, 2)
    ),
    "gradient through time": explorers.gradient_through_time,
    "pooling": explorers.pooling,
    "pooling, adaptive": lambda: explorers.pooling(
        "digit 3", kind="adaptive average", output_size=5
    ),
    "pooling1d": explorers.pooling1d,
    "pooling1d, adaptive": lambda: explorers.pooling1d(kind="adaptive max", output_size=7),
    "pooling1d, over the edge": lambda: explorers.pooling1d(
        window=4, padding=2, dilation=2, ceil_mode=True
    ),
    "pooling1d, roots": lambda: explorers.pooling1d(kind="Lp", p=3, window=5, ceil_mode=True),
    "shift": explorers.shift,
    "transposed convolution": explorers.transposed_convolution,
    "transposed convolution, holes": lambda: explorers.transposed_convolution(
        kernel_size=5, stride=2, dilation=3, padding=3, output_padding=1
    ),
    "transposed convolution, cut off": lambda: explorers.transposed_convolution(
        torch.eye(2), kernel_size=4, padding=1
    ),
    "state over training": explorers.state_over_training,
    "state over training, adding": lambda: explorers.state_over_training("adding", epoch=0),
    **looked_at.EXPLORERS,
    "training on labels": lambda: explorers.sequence_training("labels"),
    "step attributions": explorers.step_attributions,
    "writing": lambda: explorers.writing("if x: {}  # ends in a row"),
}
"""What has looks, by name."""


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_place_looks_the_same_in_python_and_in_the_browser(name, tmp_path):
    view = EXPLORERS[name]().view

    places, settings, places_there = {"check": (8, 1, 4), "test": (24, 1, 8), "all": (100, 3, 20)}[
        LEVEL
    ]
    check(view, view.start, tmp_path, count=places)
    for each in settings_by_chance(view, settings):
        check(view, each, tmp_path, count=places_there)
