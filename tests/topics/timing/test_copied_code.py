"""What the figures offer to be copied measures what they show."""

import pytest
import torch
from torch import nn

from convrnn_lab import explorers, measure
from convrnn_lab.topics.timing.explorer import DILATIONS, KERNEL_SIZES, LENGTHS, STRIDES
from tests import copied
from tests.sampling import sampled
from tests.stored import fill, seconds


@pytest.fixture
def stated(monkeypatch):
    """Let a measurement take what `tests.stored` states, for the setting that it is of."""
    settings = {}
    prepare = measure.prepare

    def prepared(setting, own=None):
        work = prepare(setting, own)
        work.call()
        settings[id(work.call)] = work, setting, own
        return work

    def timing(call, *, threads=1):
        work, setting, own = settings[id(call)]
        assert work.call is call
        assert threads == setting.threads
        return measure.Timing("", (seconds(measure.canonical_setting(setting, own)),) * 5, threads)

    monkeypatch.setattr(measure, "prepare", prepared)
    monkeypatch.setattr(measure, "timing", timing)


def counts(explorer, *settings):
    return [measure.count(each, explorer.own) for each in settings]


def grid():
    for work in measure.WORKS:
        names = [name for name in measure.LAYERS if work != "one more step" or "2d" not in name]
        for layer in names:
            for other in names:
                for length in LENGTHS[:3]:
                    yield {"work": work, "layer": layer, "other": other, "length": length}


@pytest.mark.parametrize("values", sampled(grid(), 12), ids=str)
def test_the_code_of_a_comparison_measures_both_sides(stated, values):
    chance = [KERNEL_SIZES[values["length"] % 3], STRIDES[1], DILATIONS[1]]
    rest = dict(zip(("kernel_size", "stride", "dilation"), chance, strict=True))
    rest |= {"channels": 8, "batch": 4, "threads": 1, "dtype": "float64"}
    explorer = explorers.timing(**values, **rest)
    fill(explorer.store, explorer.settings(explorer.values))

    made = copied.run(explorer.view(**explorer.values).code)["_"]

    one, two = (explorer.looked_at(values[name]) for name in ("layer", "other"))
    if one == two:
        assert made == (explorer.median_s, explorer.count)
    else:
        curves = [explorer.curve(each.layer, (each.length,), [each]) for each in (one, two)]
        found = measure.compare(*curves, values["length"])
        assert made == (found.ratio.value, *counts(explorer, one, two))


@pytest.mark.parametrize(
    ("own", "axes"),
    [
        (nn.Conv1d(8, 4, 3), "channel time"),
        (nn.LSTM(8, 8, batch_first=True), "time channel"),
        (lambda channels: nn.Linear(channels, 2), "time channel"),
    ],
)
@pytest.mark.parametrize("work", measure.WORKS)
def test_the_code_measures_a_layer_of_ones_own_under_the_name_own(stated, own, axes, work):
    explorer = explorers.timing(own=own, own_axes=axes, work=work, channels=8)

    made = copied.run(explorer.view(**explorer.values).code, own=own)["_"]

    asked = [explorer.looked_at(name) for name in ("own", "LSTM")]
    assert list(made[1:]) == counts(explorer, *asked)


@pytest.mark.parametrize("stride", [1, 4])
@pytest.mark.parametrize("axes", [1, 2])
def test_the_code_of_a_kernel_compares_direct_with_fft_and_a_stride_with_none(stated, axes, stride):
    source = "1-D, 4,096 samples" if axes == 1 else "2-D, 64 × 64 pixels"
    explorer = explorers.kernel_cost(
        input=source, kernel_size=7, stride=stride, channels=1, work="forward + backward"
    )

    made = copied.run(explorer.view(**explorer.values).code)

    (direct, fourier), strides = explorer.compared(explorer.values)
    at = [each.kernel_size for each in direct].index(7)
    strided = next(each for each in strides if each.stride == stride)
    assert made["direct"].count == measure.count(direct[at])
    assert made["fourier"].count == measure.count(fourier[at])
    wanted = (direct[at], fourier[at]) if stride == 1 else (strided, direct[at])
    assert made["found"].value == seconds(wanted[0]) / seconds(wanted[1])
    assert list(made["_"][1:]) == counts(explorer, *wanted)


QUICK = [name for name, switch in measure.SWITCHES.items() if not switch.slow]


@pytest.mark.parametrize("switch", sampled(QUICK, 6))
def test_the_code_of_a_switch_says_how_many_times_as_fast_it_is(stated, switch):
    explorer = explorers.speed_up(switch=switch, length=64, channels=16)
    fill(explorer.store, explorer.settings(explorer.values))
    figure = explorer.view(**explorer.values)

    faster, *counted = copied.run(figure.code)["_"]

    sides = [getattr(measure.SWITCHES[switch], side)(64, 16) for side in ("before", "after")]
    assert counted == counts(explorer, *sides)
    bars = figure.panels[0].traces[0]
    drawn = dict(zip(bars["y"], bars["customdata"], strict=True))
    assert faster == pytest.approx(drawn[switch])


def test_the_code_runs_as_it_stands_and_leaves_the_threads_alone():
    explorer = explorers.timing(layer="Conv1d", other="Conv1d", kernel_size=9, threads=2, length=16)

    code = explorer.view(**explorer.values).code
    median_s, count = copied.run(code)["_"]

    assert code.startswith(
        'work = measure.prepare(measure.Setting("Conv1d", length=16, kernel_size=9, threads=2))\n'
    )
    assert median_s > 0
    assert count == measure.count(measure.Setting("Conv1d", length=16, kernel_size=9))
    assert torch.get_num_threads() == 1
