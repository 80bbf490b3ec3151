import pytest
import torch
from torch import nn

from convrnn_lab import checks, measure
from tests.helpers import refused


def timed(model, shape, **options):
    return measure.time_model(model, shape, budget_s=1e-3, **options)


def test_a_model_is_timed_beside_its_counts():
    found = timed(nn.Linear(4, 3), (4,), batch=5, backward=True)

    assert (found["input"], found["batch"], found["work"]) == ("4", 5, "forward + backward")
    assert found["multiply_adds"] == 3 * 5 * 12
    assert found["low_s"] <= found["median_s"] <= found["high_s"]
    assert found["multiply_adds_per_s"] == 180 / found["median_s"]
    assert (found["threads"], found["dtype"], found["device"]) == (1, "float32", "cpu")


def test_the_model_stays_as_it_is():
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout())

    timed(model, (4,), dtype="float64", backward=True)

    assert model.training
    assert model[0].weight.dtype == torch.float32
    assert model[0].weight.grad is None


class Spare(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.spare = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        return {"scores": self.used(x)}


def test_layers_that_are_not_used_and_weights_that_are_frozen_do_not_matter():
    assert timed(Spare(), (4,), backward=True)["median_s"] > 0
    assert timed(Spare().requires_grad_(False), (4,), backward=True)["median_s"] > 0


def test_a_model_that_begins_with_an_embedding_is_given_indices():
    model = nn.Sequential(nn.Embedding(7, 4), nn.LSTM(4, 3, batch_first=True))

    assert timed(model, (9,), batch=2, backward=True)["multiply_adds"] == 3 * 2 * 9 * 4 * 3 * 7


def test_what_is_not_known_is_named_and_no_rate_is_made_of_it():
    class Transformed(nn.Linear):
        def forward(self, x):
            return torch.fft.rfft(super().forward(x)).real

    found = timed(Transformed(4, 4), (4,))

    assert (found["multiply_adds"], found["multiply_adds_per_s"]) == (None, None)
    assert found["unknown"] == "fft_r2c"


def test_weights_count_once_however_large_the_batch(monkeypatch):
    """640 kB of weights and 1.6 kB of output for each of 32 examples."""
    monkeypatch.setattr(checks, "MEMORY_LIMIT_BYTES", 1_000_000)

    assert timed(nn.Linear(400, 400), (400,), batch=32)["median_s"] > 0
    with pytest.raises(ValueError, match=r"^memory must be at most "):
        timed(nn.Linear(400, 400), (400,), batch=32, dtype="float64")


def test_a_model_without_weights_is_refused():
    with torch.device("meta"):
        model = nn.Linear(4, 4)

    with refused("model must have real weights; got weight on the meta device"):
        timed(model, (4,))


class Fails(nn.Module):
    def forward(self, x):
        if not x.is_meta:
            raise RuntimeError("not today")
        return x


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (Fails(), {}, "call must run; got RuntimeError: not today"),
        (Fails(), {"backward": True}, "call must run; got RuntimeError: not today"),
        (nn.Identity(), {"batch": 0}, "batch must be an integer of at least 1; got 0"),
        (
            nn.Identity(),
            {"dtype": "int8"},
            "dtype must be one of float32, float64, bfloat16; got 'int8'",
        ),
        (
            nn.Identity(),
            {"threads": 10_000},
            f"threads must be an integer from 1 to {measure.machine().cores}; got 10000",
        ),
        (
            nn.Linear(4, 10**6),
            {"batch": 10**6},
            "memory must be at most 2.0 GiB; got batch=1000000, which takes about 3725.3 GiB",
        ),
    ],
)
def test_what_cannot_be_timed_is_refused(model, options, message):
    with refused(message):
        timed(model, (4,), **options)
