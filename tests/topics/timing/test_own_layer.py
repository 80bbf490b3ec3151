import pytest
from torch import nn

from convrnn_lab import explorers, measure
from convrnn_lab.topics.timing.explorer import LENGTHS
from tests.helpers import refused
from tests.stored import fill
from tests.topics.timing.test_explorer import facts, traces


def test_a_layer_of_ones_own_is_measured_beside_the_others():
    explorer = explorers.timing(
        own=lambda channels: nn.Conv1d(channels, 2, 1), layer="own", other="LSTM"
    )
    explorer._budget_s = 1e-3
    others = [each for each in explorer.settings(explorer.values) if each.layer != measure.OWN]
    fill(explorer.store, others)

    explorer.sweep({"batch": (1,)})

    figure = explorer.view(**explorer.values)
    assert len(traces(figure, 0)["own"]["y"]) == len(LENGTHS)
    assert traces(figure, 1)["own"]["y"].tolist() == [n * 16 * 2 for n in LENGTHS]


def test_another_layer_of_ones_own_is_not_shown_with_the_time_of_the_one_before():
    store = measure.Store()
    first = explorers.timing(own=lambda c: nn.Conv1d(c, c, 1), layer="own", store=store)
    first._budget_s = 1e-3
    fill(store, [each for each in first.settings(first.values) if each.layer != measure.OWN])
    first.run()

    second = explorers.timing(own=lambda c: nn.Conv1d(c, c, 33), layer="own", store=store)

    assert first.median_s > 0
    assert second.median_s is None
    assert "own" not in set(second.frame().layer)


def test_a_layer_of_ones_own_is_measured_at_every_sweep():
    explorer = explorers.timing(own=lambda channels: nn.Conv1d(channels, 2, 1))
    explorer._budget_s = 1e-3
    wanted = [each for each in explorer.settings(explorer.values) if each.layer == measure.OWN]

    counts = [
        [*explorer._steps(wanted, again=again)][-1].text.split()[0] for again in (False, True)
    ]

    assert counts == ["10", "10"]  # five lengths, in two rounds


@pytest.mark.parametrize("layer", [nn.ReLU(), nn.MaxPool1d(3, 1, 1)])
def test_a_layer_without_products_can_be_compared(layer):
    explorer = explorers.timing(own=layer, layer="own", other="Conv1d")
    explorer._budget_s = 1e-3
    fill(explorer.store, explorer.settings(explorer.values))
    explorer.run()

    for values in ({}, {"layer": "Conv1d", "other": "own"}):
        said = facts(explorer.view(**explorer.values | values))
        assert "0 multiply-adds" in said["own"]
        assert "The counts predict" not in said


def test_it_opens_on_ones_own_layer_beside_an_lstm():
    explorer = explorers.timing(own=nn.Conv1d(16, 2, 1))

    assert (explorer.values["layer"], explorer.values["other"]) == ("own", "LSTM")
    assert explorer.count == measure.Count(256 * 16 * 2, 4 * (256 * 18 + 34))
    chosen = explorers.timing(own=nn.Conv1d(16, 2, 1), layer="GRU", other="own").values
    assert (chosen["layer"], chosen["other"]) == ("GRU", "own")


def transformer(**options):
    return nn.TransformerEncoderLayer(16, 4, **options)


NEEDS_7 = "a failure in Conv1d: Conv1d needs 7 channels; it gets 16"


@pytest.mark.parametrize(
    ("own", "axes", "message"),
    [
        (
            5,
            "channel time",
            "own must be a module, or a function that makes one from a number of channels; got 5",
        ),
        (
            "LSTM",
            "channel time",
            "own must be a module, or a function that makes one from a number "
            "of channels; got 'LSTM'",
        ),
        (lambda _: None, "channel time", "own must make a module from 16 channels; got None"),
        (
            lambda _: 1 / 0,
            "channel time",
            "own must make a module from 16 channels; got ZeroDivisionError: 'division by zero'",
        ),
        (
            nn.Conv1d,
            "channel time",
            "own must make a module from 16 channels; got TypeError: "
            "\"Conv1d.__init__() missing 2 required positional arguments: 'out_channels' and "
            "'kernel_size'\"",
        ),
        (
            nn.Conv1d(7, 7, 3),
            "channel time",
            f"own must run on (batch, channel, time) with 16 channels; got {NEEDS_7}",
        ),
        (
            nn.Sequential(nn.ReLU(), nn.Conv1d(7, 7, 3)),
            "channel time",
            "own must run on (batch, "
            "channel, time) with 16 channels; got a failure in layer '1', Conv1d: Conv1d needs 7 "
            "channels; it gets 16",
        ),
        (
            nn.LSTM(16, 16),
            "channel time",
            "own_axes must be 'time channel' for this LSTM; got 'channel time'",
        ),
        (
            nn.LSTM(16, 16),
            "time channel",
            "own must read the batch first; got LSTM with batch_first=False",
        ),
        (
            nn.Linear(16, 4),
            "channel time",
            "own_axes must be 'time channel' for this Linear; got 'channel time'",
        ),
        (
            nn.Conv1d(16, 4, 3),
            "time channel",
            "own_axes must be 'channel time' for this Conv1d; got 'time channel'",
        ),
        (
            transformer(),
            "time channel",
            "own must read the batch first; got TransformerEncoderLayer with batch_first=False",
        ),
        (
            transformer(batch_first=True),
            "channel time",
            "own_axes must be 'time channel' for this TransformerEncoderLayer; got 'channel time'",
        ),
    ],
)
def test_what_cannot_run_is_refused_in_one_sentence(own, axes, message):
    with refused(message):
        explorers.timing(own=own, own_axes=axes)


def test_unknown_axes_are_refused_with_and_without_a_layer():
    for own in (None, nn.ReLU()):
        with refused("own_axes must be one of channel time, time channel; got 'x'"):
            explorers.timing(own=own, own_axes="x")


@pytest.mark.parametrize(
    ("own", "axes", "products"),
    [
        (nn.LSTM(16, 8, batch_first=True), "time channel", 256 * 4 * 8 * 24),
        (lambda channels: nn.GRU(channels, 8, batch_first=True), "time channel", 256 * 3 * 8 * 24),
        (nn.Linear(16, 4), "time channel", 256 * 16 * 4),
        (nn.Flatten(), "channel time", 0),
    ],
)
def test_what_runs_is_counted(own, axes, products):
    explorer = explorers.timing(own=own, own_axes=axes)

    assert explorer.count.multiply_adds == products
    assert "Not measured" not in facts(explorer.view(**explorer.values))


def test_where_a_module_does_not_fit_other_channels_that_is_said_once():
    module = nn.Conv1d(16, 16, 3)
    explorer = explorers.timing(own=module)

    explorer.controls["channels"].value = 32

    figure = explorer.view(**explorer.values)
    reason = (
        "model must run on an input of ({}); got a failure in the model (Conv1d): Conv1d needs 16 "
        "channels; it gets 32"
    )
    assert [value for name, value in figure.facts if name == "Not measured"] == [
        f"{reason.format('32, 4096')} (the same at 4 more)"
    ]
    assert facts(figure)["own"] == "does not run on this input"
    with refused(reason.format("32, 256")):
        _ = explorer.count
    assert module.weight.device.type == "cpu"
