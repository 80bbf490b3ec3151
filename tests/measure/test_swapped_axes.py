"""Inputs whose axes stand in another order than a layer reads them in."""

import pytest
from hypothesis import assume, given, strategies as st
from torch import nn

from convrnn_lab import measure
from tests.helpers import refused
from tests.sampling import examples


@pytest.mark.parametrize(
    ("layer", "shape", "reason", "remedy"),
    [
        (
            nn.Conv1d(16, 8, 3),
            (256, 16),
            "Conv1d reads (batch, channel, time) with 16 channels; it gets (batch, time, channel)",
            "x.transpose(1, 2) before it, which swaps the last two axes",
        ),
        (
            nn.BatchNorm1d(1),
            (256, 1),
            "BatchNorm1d reads (batch, channel, time) with 1 channel; "
            "it gets (batch, time, channel)",
            "x.transpose(1, 2) before it, which swaps the last two axes",
        ),
        (
            nn.Conv2d(3, 8, 3),
            (32, 48, 3),
            "Conv2d reads (batch, channel, height, width) with 3 channels; "
            "it gets (batch, height, width, channel)",
            "x.movedim(-1, 1) before it, which moves the channels to the front",
        ),
        (
            nn.Conv3d(3, 8, 3),
            (8, 32, 48, 3),
            "Conv3d reads (batch, channel, depth, height, width) with 3 channels; "
            "it gets (batch, depth, height, width, channel)",
            "x.movedim(-1, 1) before it, which moves the channels to the front",
        ),
        (
            nn.Linear(16, 4),
            (16, 256),
            "Linear reads (batch, time, feature) with 16 features; it gets (batch, feature, time)",
            "x.transpose(1, 2) before it, which swaps the last two axes",
        ),
        (
            nn.Linear(3, 4),
            (3, 32, 48),
            "Linear reads (batch, height, width, feature) with 3 features; "
            "it gets (batch, feature, height, width)",
            "x.movedim(1, -1) before it, which moves the features to the end",
        ),
        (
            nn.LSTM(16, 4, batch_first=True),
            (16, 256),
            "LSTM reads (batch, time, feature) with 16 features; it gets (batch, feature, time)",
            "x.transpose(1, 2) before it, which swaps the last two axes",
        ),
        (
            nn.GRU(16, 4, batch_first=True, bidirectional=True),
            (256, 8),
            "GRU needs 16 features; it gets 8",
            "input_size=8",
        ),
        (
            nn.RNN(16, 4, nonlinearity="relu", batch_first=True),
            (256, 8),
            "RNN needs 16 features; it gets 8",
            "input_size=8",
        ),
    ],
)
def test_a_model_that_is_given_swapped_axes_is_told_to_swap_them(layer, shape, reason, remedy):
    failure = measure.inspect(layer, shape).failure

    assert (failure.reason, failure.remedy) == (reason, remedy)
    name = type(layer).__name__
    with refused(
        f"model must run on an input of {shape}; got a failure in the model ({name}): {reason}"
    ):
        measure.cost(layer, shape)


def test_behind_another_layer_both_changes_are_named():
    """There, a length that happens to be the number of channels is as likely."""
    model = nn.Sequential(nn.Conv1d(1, 8, 3, padding=1), nn.Conv1d(16, 4, 3))

    failure = measure.inspect(model, (1, 16)).failure

    assert failure.reason == "Conv1d needs 16 channels; it gets 8"
    assert failure.remedy == "in_channels=8, or x.transpose(1, 2) before it if the axes are swapped"


def test_both_sizes_wrong_is_no_swap():
    failure = measure.inspect(nn.Conv1d(16, 8, 3), (256, 15)).failure

    assert failure.reason == "Conv1d needs 16 channels; it gets 256"
    assert failure.remedy == "in_channels=256"


@examples(60)
@given(
    channels=st.integers(1, 9),
    length=st.integers(3, 30),
    axes=st.integers(1, 3),
    channels_first=st.booleans(),
)
def test_what_is_advised_makes_the_layer_run(channels, length, axes, channels_first):
    assume(channels != length)
    space = (length, length + 1, length + 2)[:axes]
    assume(channels not in space)
    convolution = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1](channels, 2, 3)
    layer = convolution if channels_first else nn.Linear(channels, 2)
    good = (channels, *space) if channels_first else (*space, channels)
    swapped = (*space, channels) if channels_first else (channels, *space)

    failure = measure.inspect(layer, swapped).failure

    assert measure.inspect(layer, good).failure is None
    wanted = "x.movedim(-1, 1)" if channels_first else "x.movedim(1, -1)"
    assert failure.remedy.startswith("x.transpose(1, 2)" if axes == 1 else wanted)
