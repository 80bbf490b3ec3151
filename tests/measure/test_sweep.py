import pytest
import torch
from torch import nn

from convrnn_lab import measure
from convrnn_lab.measure import layer_kinds
from convrnn_lab.measure.sweeping import key
from tests.helpers import refused
from tests.measure.clocks import Clock


class Costly(nn.Module):
    """Takes a stated time for each step of its input, on a clock of its own."""

    def __init__(self, clock, cost, log):
        super().__init__()
        self.clock, self.cost, self.log = clock, cost, log

    def forward(self, x):
        if not x.is_meta:
            self.clock.now += self.cost * x.shape[1]
            self.log.append(x.shape[1])
        return x * 1.0


@pytest.fixture
def log():
    return []


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def own(clock, log, monkeypatch):
    made = measure.Layer(
        lambda _: Costly(clock, 1e-4, log), layer_kinds.STEPS, frozenset(), "of stated cost"
    )
    monkeypatch.setitem(layer_kinds.LAYERS, "LSTM", made)
    return made


def settings(*lengths, layer="LSTM"):
    return [measure.Setting(layer, length=length) for length in lengths]


def test_each_setting_is_measured_in_each_round_and_stored(own, clock):
    store = measure.Store()

    steps = list(measure.sweep(settings(4, 8), store, clock=clock))

    assert [(step.setting.length, step.done, step.total) for step in steps] == [
        (4, 1, 4),
        (8, 2, 4),
        (4, 3, 4),
        (8, 4, 4),
    ]
    for length in (4, 8):
        found = store.get(key(measure.Setting("LSTM", length=length)))
        assert found.timing.seconds == pytest.approx([1e-4 * length] * len(found.timing.seconds))
        assert found.timing.steady
        assert found.operations == 1
        assert found.peak_bytes == length * 16 * 4 + 12  # the product, and the factor as a tensor


def test_what_is_stored_is_not_measured_again_unless_asked(own, clock, log):
    store = measure.Store()
    list(measure.sweep(settings(4), store, clock=clock))
    log.clear()

    assert list(measure.sweep(settings(4), store, clock=clock)) == []
    assert log == []
    assert len(list(measure.sweep(settings(4), store, clock=clock, again=True))) == 2


def test_a_stopped_sweep_keeps_what_it_has_and_goes_on_from_there(own, clock, tmp_path):
    path = tmp_path / "t.jsonl"
    steps = measure.sweep(settings(4, 8, 16), measure.Store(path), clock=clock)
    next(steps)
    next(steps)
    steps.close()

    store = measure.Store(path)
    rest = list(measure.sweep(settings(4, 8, 16), store, clock=clock, rounds=1))

    assert [step.setting.length for step in rest] == [16]
    assert len(store) == 3


def test_settings_that_are_the_same_for_their_layer_are_measured_once(own, clock):
    twice = [measure.Setting("LSTM", length=4, kernel_size=k) for k in (1, 3, 9)]

    assert len(list(measure.sweep(twice, clock=clock, rounds=1))) == 1


def test_what_would_take_too_long_is_refused_with_the_estimate(own, clock, log):
    steps = list(measure.sweep(settings(100, 100_000), clock=clock, limit_s=1))

    refusals = [step.refusal for step in steps if step.refusal]
    assert refusals == [
        "setting must take at most 1 s a call; got LSTM, forward, with length=100000, which would "
        "take about 10 s"
    ]
    assert 100_000 not in log
    assert steps[-1].done == steps[-1].total


def test_a_first_setting_that_is_large_is_tried_at_a_shorter_length():
    (step,) = measure.sweep(settings(10**7, layer="GRU"), limit_s=1)

    assert step.measured is None
    assert step.refusal.startswith(
        "setting must take at most 1 s a call; got GRU, forward, with length=10000000, which would "
    )


def test_a_module_that_fails_is_said_and_the_others_are_measured(own, clock, monkeypatch):
    class Fails(nn.Module):
        def forward(self, x):
            if not x.is_meta:
                raise RuntimeError("out of order")
            return x

    broken = measure.Layer(lambda _: Fails(), layer_kinds.STEPS, frozenset(), "broken")
    both = [*settings(4, layer="own"), *settings(4)]

    steps = list(measure.sweep(both, own=broken, clock=clock, rounds=1))

    assert [step.refusal for step in steps] == ["call must run; got RuntimeError: out of order", ""]


def test_a_layer_of_ones_own_is_not_kept_in_the_file(own, clock, tmp_path):
    store = measure.Store(tmp_path / "t.jsonl")

    list(measure.sweep(settings(4, layer="own"), store, own=own, clock=clock))

    assert len(store) == 1
    assert not store.path.exists()


def test_a_time_that_depends_on_the_data_shows_as_spread(clock, monkeypatch):
    class Moody(nn.Module):
        def forward(self, x):
            if not x.is_meta:
                # One call in two takes longer, as if somebody else worked too.
                self.calls = getattr(self, "calls", 0) + 1
                clock.now += 0.05 if self.calls % 2 else 0.15
            return x

    moody = measure.Layer(lambda _: Moody(), layer_kinds.STEPS, frozenset(), "moody")
    store = measure.Store()

    list(measure.sweep(settings(4, layer="own"), store, own=moody, clock=clock))

    assert not store.get(key(measure.Setting("own", length=4))).timing.steady


def test_real_layers_are_measured_and_threads_put_back():
    before = torch.get_num_threads()
    store = measure.Store()

    list(measure.sweep(settings(8, layer="GRU"), store, budget_s=0.01))

    found = store.get(key(measure.Setting("GRU", length=8)))
    assert found.timing.median_s > 0
    assert found.operations > 8
    assert torch.get_num_threads() == before


def test_what_is_stored_tells_how_long_the_others_take(own, clock, log):
    store = measure.Store()
    list(measure.sweep(settings(1000), store, clock=clock))
    log.clear()

    (step,) = measure.sweep(settings(100_000), store, clock=clock, limit_s=1)

    assert step.refusal.endswith("which would take about 10 s")
    assert log == []


def test_a_layer_of_ones_own_is_always_measured_for_it_may_be_another(own, clock):
    store = measure.Store()
    for _ in range(2):
        assert list(measure.sweep(settings(4, layer="own"), store, own=own, clock=clock))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rounds": 0}, "rounds must be an integer of at least 1; got 0"),
        ({"budget_s": -1}, "budget_s must be over 0; got -1"),
        ({"budget_s": float("nan")}, "budget_s must be a finite number; got nan"),
        ({"limit_s": 0}, "limit_s must be over 0; got 0"),
    ],
)
def test_numbers_out_of_range_are_refused_at_once(options, message):
    with refused(message):
        measure.sweep([], **options)
