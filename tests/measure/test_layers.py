import pytest
import torch
from torch import nn

from convrnn_lab import measure, models
from convrnn_lab.measure import layer_kinds, workload
from tests.helpers import refused

SETTINGS = [
    measure.Setting(layer, work, length=36, channels=4, batch=2, kernel_size=5)
    for layer in measure.LAYERS
    for work in measure.WORKS
    if not (work == "one more step" and "2d" in layer.lower())
]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: f"{s.layer}, {s.work}")
def test_every_layer_does_its_work(setting):
    work = measure.prepare(setting)

    found = work.call()

    assert work.count == measure.count(setting)
    if setting.work == "forward + backward":
        assert all(each.isfinite().all() for each in found)
        assert found[0].shape[0] == 2
        return
    output = workload._first(found)
    assert not output.requires_grad
    steps = 1 if setting.work == "one more step" else 36
    assert output.numel() == 2 * 4 * steps


@pytest.mark.parametrize(
    ("layer", "multiply_adds"),
    [
        ("Conv1d", 5 * 4 * 4 * 36),
        ("causal stack", 4 * 5 * 4 * 4 * 36),
        ("separable conv", (5 * 4 + 4 * 4) * 36),
        ("Conv2d", 25 * 4 * 4 * 36),
        ("RNN", 36 * 4 * (4 + 4)),
        ("LSTM", 36 * 4 * 4 * (4 + 4)),
        ("GRU", 36 * 3 * 4 * (4 + 4)),
        ("LSTM loop", 36 * 4 * 4 * (4 + 4)),
    ],
)
def test_counts_worked_by_hand(layer, multiply_adds):
    forward = measure.Setting(layer, length=36, channels=4, kernel_size=5, batch=3)
    both = measure.Setting(layer, "forward + backward", 36, 4, 3, 5)

    assert measure.count(forward).multiply_adds == 3 * multiply_adds
    assert measure.count(both).multiply_adds == 9 * multiply_adds


def test_bytes_worked_by_hand():
    """Input and output of 2 examples, 4 channels, 36 steps; weights 4 · 4 · 5 and 4 biases."""
    setting = measure.Setting("Conv1d", length=36, channels=4, kernel_size=5, batch=2)

    assert measure.count(setting).bytes == 4 * (2 * 2 * 4 * 36 + 4 * 4 * 5 + 4)


def test_one_more_step_of_a_convolution_reads_its_window_and_of_a_recurrence_one_input():
    found = {
        layer: measure.count(measure.Setting(layer, "one more step", 4096, 4, kernel_size=3))
        for layer in ("Conv1d", "causal stack", "LSTM", "GRU")
    }

    assert found["Conv1d"].multiply_adds == 3 * 4 * 4
    # 31 samples are behind it: 29 + 25 + 17 + 1 places of the four layers.
    assert found["causal stack"].multiply_adds == (29 + 25 + 17 + 1) * 3 * 4 * 4
    assert found["LSTM"].multiply_adds == 4 * 4 * 8
    assert found["GRU"].multiply_adds == 3 * 4 * 8


def test_one_more_step_gives_what_the_whole_sequence_gives():
    lstm = models.recurrent("LSTM", input_size=4, hidden_size=4)
    x = torch.randn(2, 9, 4)
    whole, _ = lstm(x)
    _, state = lstm(x[:, :8])

    torch.testing.assert_close(lstm(x[:, 8:], state)[0], whole[:, 8:])


def test_what_a_layer_does_not_read_is_as_by_default():
    setting = measure.Setting("LSTM", kernel_size=9, stride=3, dilation=2)

    assert layer_kinds.canonical_setting(setting) == measure.Setting("LSTM")
    same = measure.Setting("Conv1d", kernel_size=9, stride=3, dilation=2)
    assert layer_kinds.canonical_setting(same) == same


def test_a_layer_of_ones_own_is_measured_like_the_others():
    own = measure.Layer(lambda s: nn.Linear(s.channels, 3), layer_kinds.STEPS, frozenset(), "mine")
    setting = measure.Setting("own", length=10, channels=4, batch=2)

    work = measure.prepare(setting, own)

    assert work.call().shape == (2, 10, 3)
    assert work.count.multiply_adds == 2 * 10 * 4 * 3


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            {"layer": "LSMT"},
            f"layer must be one of {', '.join(measure.LAYERS | measure.VARIANTS)}, own; got 'LSMT'",
        ),
        ({"work": "both"}, f"work must be one of {', '.join(measure.WORKS)}; got 'both'"),
        ({"length": 0}, "length must be an integer of at least 1; got 0"),
        ({"threads": True}, "threads must be an integer of at least 1; got True"),
        ({"dtype": "int8"}, "dtype must be one of float32, float64, bfloat16; got 'int8'"),
    ],
)
def test_settings_that_mean_nothing_are_refused(setting, message):
    with refused(message):
        measure.Setting(**{"layer": "LSTM"} | setting)


def test_a_stream_of_images_is_refused():
    with refused("work must be forward or forward + backward for an image; got 'one more step'"):
        measure.prepare(measure.Setting("Conv2d", "one more step"))


def test_own_without_a_layer_is_refused():
    with refused(f"layer must be one of {', '.join(measure.LAYERS)}; got 'own' without one"):
        measure.prepare(measure.Setting("own"))


def test_what_takes_too_much_memory_is_refused_before_it_is_taken():
    with refused(
        "memory must be at most 2.0 GiB; got LSTM with length=1000000000, channels=16, "
        "batch=1, which takes about 238.4 GiB"
    ):
        measure.prepare(measure.Setting("LSTM", length=10**9))


def test_the_spectra_of_a_large_kernel_count_as_memory():
    """128 · 128 spectra of 96 · 96 numbers, and as much again for their products."""
    setting = measure.Setting("FFT conv 2d", length=4096, channels=128, kernel_size=33, batch=64)

    with pytest.raises(ValueError, match=r"^memory must be at most 2\.0 GiB; got FFT conv 2d"):
        measure.prepare(setting)


def test_one_more_step_is_the_same_after_any_length_and_has_no_stride():
    setting = measure.Setting("Conv1d", "one more step", length=4096, stride=4, kernel_size=9)

    assert layer_kinds.canonical_setting(setting) == measure.Setting(
        "Conv1d", "one more step", kernel_size=9
    )


def test_a_layer_that_is_never_called_does_not_hide_the_output():
    class Spare(nn.Conv1d):
        def __init__(self):
            super().__init__(16, 16, 3, padding=1)

    plain = measure.Layer(lambda _: Spare(), layer_kinds.LINE, frozenset(), "mine")

    def spare(_):
        made = nn.Sequential(Spare())
        made[0].unused = nn.Linear(3, 3)
        return made

    more = measure.Layer(spare, layer_kinds.LINE, frozenset(), "mine")
    setting = measure.Setting("own")

    added = measure.count(setting, more).bytes - measure.count(setting, plain).bytes
    assert added == 4 * 12  # the weights that are never used, and nothing else


def test_operations_that_are_not_known_are_named_with_the_count():
    class Mixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(16, 16)

        def forward(self, x):
            return torch.fft.rfft(self.layer(x)).real

    own = measure.Layer(lambda _: Mixed(), layer_kinds.STEPS, frozenset(), "mine")

    found = measure.count(measure.Setting("own"), own)

    assert found.multiply_adds == 256 * 16 * 16
    assert found.unknown == ("fft_r2c",)


def test_a_layer_that_does_not_run_on_its_input_is_refused_with_the_reason():
    own = measure.Layer(lambda _: nn.Linear(7, 3), layer_kinds.STEPS, frozenset(), "mine")

    with pytest.raises(ValueError, match=r"^model must run on an input of \(16, 4\); got a fail"):
        measure.prepare(measure.Setting("own", length=16, channels=4), own)


def test_a_device_that_is_not_there_is_refused():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")

    with refused("device must be one of cpu; got 'cuda'"):
        measure.prepare(measure.Setting("LSTM", device="cuda"))
