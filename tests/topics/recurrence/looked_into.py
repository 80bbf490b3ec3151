"""Explorers of recurrent layers whose looks are compared in Python and in the browser."""

import torch
from torch import nn
from torch.nn.utils import rnn

from convrnn_lab import explorers


def with_a_gap():
    """Return two sequences of two features, one with a NaN: shape (batch, time, feature)."""
    given = torch.randn(2, 9, 2, generator=torch.Generator().manual_seed(0))
    given[1, 5] = torch.nan
    return given


def of_three_lengths():
    """Return three packed sequences of six features."""
    given = torch.randn(13, 6, generator=torch.Generator().manual_seed(1))
    return rnn.pack_sequence(list(given.split([7, 4, 2])))


EXPLORERS = {
    "hidden state": explorers.hidden_state,
    "hidden state, layers": lambda: explorers.hidden_state(
        "noise", layers=2, direction="both", length=9, hidden_size=3, first_state=1
    ),
    "hidden state, text": lambda: explorers.hidden_state(
        "text", cell="GRU", length=30, hidden_size=5
    ),
    "side by side": lambda: explorers.side_by_side(length=20, hidden_size=3),
    "recurrence of several lengths": lambda: explorers.recurrence(nn.GRU(6, 3), of_three_lengths()),
    "recurrence, projected": lambda: explorers.recurrence(
        nn.LSTM(2, 4, 2, bidirectional=True, batch_first=True, proj_size=3), with_a_gap()
    ),
    "recurrence without bias": lambda: explorers.recurrence(
        nn.GRU(2, 4, 2, bias=False, bidirectional=True, batch_first=True), with_a_gap()
    ),
}
"""By name."""
