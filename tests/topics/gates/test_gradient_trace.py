import math

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from convrnn_lab import models, trace
from convrnn_lab.models.recurrent import SequenceModel
from tests.helpers import refused
from tests.sampling import examples


def linear(radius, *, units=8, seed=0):
    return models.recurrent(
        "RNN",
        input_size=1,
        hidden_size=units,
        nonlinearity="identity",
        orthogonal=True,
        spectral_radius=radius,
        seed=seed,
    ).double()


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.0, 1.1, 1.5])
def test_the_slope_of_a_linear_layer_is_the_logarithm_of_its_radius(rng, radius):
    found = trace.gradient_through_time(linear(radius), torch.randn(80, 1, generator=rng).double())

    assert found.slope() == pytest.approx(math.log(radius), abs=1e-6)
    assert found.slope(10, 20) == pytest.approx(math.log(radius), abs=1e-6)
    assert found.predicted_slope == pytest.approx(math.log(radius), abs=1e-6)
    powers = radius ** torch.arange(80, -1, -1).double()
    expected = powers[:, None].expand(-1, 8)  # a multiple of an orthogonal matrix stretches evenly
    torch.testing.assert_close(found.singular_values, expected, rtol=1e-4, atol=0)
    torch.testing.assert_close(found.state_norm, math.sqrt(8) * powers, rtol=1e-4, atol=0)


def test_the_horizon_is_where_the_gradient_falls_under_one_percent():
    steps = torch.zeros(60, 1).double()

    # 0.5^6 = 0.016, 0.5^7 = 0.008; 0.9^43 = 0.0108, 0.9^44 = 0.0097.
    assert trace.gradient_through_time(linear(0.5), steps).horizon == 7
    assert trace.gradient_through_time(linear(0.9), steps).horizon == 44
    assert trace.gradient_through_time(linear(1.0), steps).horizon is None
    assert trace.gradient_through_time(linear(0.9), steps[:44]).horizon is None
    assert trace.gradient_through_time(linear(1.1), steps).horizon is None


def test_a_gradient_too_small_for_a_float32_is_measured():
    layer = models.recurrent(
        "RNN", input_size=1, hidden_size=4, nonlinearity="identity", spectral_radius=0.5
    )
    steps = torch.zeros(300, 1)

    found = trace.gradient_through_time(layer, steps)

    assert layer.weight_hh_l0.dtype == torch.float32
    assert found.jacobian.dtype == torch.float64
    assert 0 < found.norm[0] < 1e-80  # 0.5^299 = 1e-90; a float32 ends at 1e-45
    assert torch.equal(found.norm, trace.gradient_through_time(layer.double(), steps.double()).norm)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_layer_in_float32_is_measured_in_float64_and_left_as_it_is(kind, rng):
    layer, steps = kind(2, 3), torch.randn(20, 2, generator=rng)

    found = trace.gradient_through_time(layer, steps)

    assert all(weight.dtype == torch.float32 for weight in layer.parameters())
    assert all(weight.grad is None for weight in layer.parameters())
    wide = trace.gradient_through_time(layer.double(), steps.double())
    assert torch.equal(found.jacobian, wide.jacobian)
    assert torch.equal(found.singular_values, wide.singular_values)


def test_two_steps_worked_by_hand():
    layer = nn.RNN(1, 1, bias=False, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_ih_l0.fill_(0.5)
        layer.weight_hh_l0.fill_(-2.0)

    found = trace.gradient_through_time(layer, torch.tensor([[1.0], [2.0]]).double())

    h_1 = math.tanh(0.5)
    d_2 = 1 - math.tanh(1 - 2 * h_1) ** 2  # the derivative of the second tanh
    d_1 = 1 - h_1**2
    assert found.jacobian.flatten().tolist() == pytest.approx([d_2 * -2 * d_1 * 0.5, d_2 * 0.5])
    assert found.singular_values.flatten().tolist() == pytest.approx([d_2 * 4 * d_1, d_2 * 2, 1])
    assert found.norm.tolist() == pytest.approx([d_2 * d_1, d_2 * 0.5])


def model_of(kind, features, units, **options):
    return kind(features, units, dtype=torch.float64, **options)


@examples(60)
@given(
    st.sampled_from([nn.RNN, nn.LSTM, nn.GRU]),
    st.tuples(*[st.integers(1, 4)] * 4),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_the_jacobian_is_that_of_autograd(kind, sizes, batch_first, bidirectional, data):
    features, units, layers, time = sizes
    module = model_of(
        kind,
        features,
        units,
        num_layers=layers,
        batch_first=batch_first,
        bidirectional=bidirectional,
    )
    steps = torch.randn(time, features, dtype=torch.float64)
    target = data.draw(st.integers(-time, time - 1))

    found = trace.gradient_through_time(module, steps, target=target)

    expected = torch.autograd.functional.jacobian(lambda x: module(x)[0][target], steps)
    torch.testing.assert_close(found.jacobian, expected.transpose(0, 1))
    torch.testing.assert_close(found.norm, expected.norm(dim=(0, 2)))
    assert (found.singular_values is None) == (layers > 1 or bidirectional)
    if not bidirectional:
        assert not found.jacobian[found.target + 1 :].any()


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_singular_values_are_those_of_the_jacobian_to_the_state(rng, kind):
    module = model_of(kind, 2, 3)
    steps = torch.randn(6, 2, generator=rng).double()

    found = trace.gradient_through_time(module, steps, target=4)

    lengths = 2 if kind is nn.LSTM else 1
    assert found.singular_values.shape == (6, 3)  # before step 0, and after 0 to 4
    for time in (0, 2, 4):

        def from_state(state, start=time):
            parts = tuple(each[None] for each in state.chunk(lengths))
            return module(steps[start:5], parts if lengths == 2 else parts[0])[0][-1]

        with torch.no_grad():
            before = trace.recurrence(module, steps)
        states = [before.hidden] if before.cell is None else [before.hidden, before.cell]
        state = torch.cat([each[0, 0, time - 1, 0] for each in states])
        state = state if time else torch.zeros_like(state)
        expected = torch.linalg.svdvals(torch.autograd.functional.jacobian(from_state, state))
        torch.testing.assert_close(found.singular_values[time], expected)
    torch.testing.assert_close(found.singular_values[5], torch.ones(3).double())


def test_steps_are_differentiated_a_few_at_a_time_as_all_at_once(monkeypatch, rng):
    module = model_of(nn.LSTM, 2, 3)
    steps = torch.randn(7, 2, generator=rng).double()
    at_once = trace.gradient_through_time(module, steps)

    monkeypatch.setattr("convrnn_lab.topics.gates.gradient_trace._ROWS", 12)  # 2 steps of 6
    found = trace.gradient_through_time(module, steps)

    torch.testing.assert_close(found.jacobian, at_once.jacobian)
    torch.testing.assert_close(found.singular_values, at_once.singular_values)


def test_a_whole_model_at_every_step_or_the_last(rng):
    layers = models.recurrent("LSTM", input_size=2, hidden_size=3)
    every, last = SequenceModel(layers, 4), SequenceModel(layers, 4, last=True)
    last.load_state_dict(every.state_dict())
    steps = torch.randn(1, 9, 2, generator=rng)

    of_every, of_last = (trace.gradient_through_time(each, steps) for each in (every, last))

    assert of_every.jacobian.shape == (9, 4, 2)
    torch.testing.assert_close(of_every.norm, of_last.norm)
    assert of_every.singular_values is None
    assert of_every.predicted_slope is None


def test_a_forget_bias_lengthens_the_memory(rng):
    steps = torch.randn(120, 1, generator=rng)

    horizons = [
        trace.gradient_through_time(
            models.recurrent("LSTM", input_size=1, hidden_size=8, forget_bias=bias), steps
        ).horizon
        for bias in (-1.0, 1.0, 2.0)
    ]

    assert horizons == sorted(set(horizons))


@pytest.mark.parametrize("max_norm", [0.0, 0.1, 1e6])
def test_clipping_is_torchs_and_keeps_the_slope(max_norm):
    found = trace.gradient_through_time(linear(1.1), torch.zeros(30, 1).double())
    weight = nn.Parameter(torch.zeros_like(found.jacobian))
    weight.grad = found.jacobian.clone()

    nn.utils.clip_grad_norm_([weight], max_norm)

    torch.testing.assert_close(found.clipped(max_norm), weight.grad.norm(dim=(1, 2)))


def test_lags_without_a_gradient_are_left_out_of_the_slope():
    layer = nn.RNN(1, 1, bias=False, nonlinearity="relu")
    with torch.no_grad():
        for weight in layer.parameters():
            weight.fill_(0.5)

    found = trace.gradient_through_time(layer, torch.tensor([[-5.0], [1.0], [1.0], [1.0]]))

    assert found.norm.tolist() == [0.0, 0.125, 0.25, 0.5]
    assert found.log_norm[0] == -math.inf
    assert found.slope() == pytest.approx(math.log(0.5))
    assert math.isnan(found.slope(3, 3))
    assert found.horizon == 3


def test_a_nan_is_shown_and_has_no_horizon():
    steps = torch.zeros(6, 1)
    steps[2] = math.nan

    found = trace.gradient_through_time(nn.RNN(1, 2), steps)

    assert found.norm[0].isnan()
    assert found.singular_values[0].isnan().all()
    assert found.horizon is None


def test_the_model_stays_as_it_is(rng):
    model = SequenceModel(nn.GRU(1, 4, 2, dropout=0.5, batch_first=True), 2).train()
    steps = torch.randn(7, 1, generator=rng)

    with torch.no_grad():
        first, again = (trace.gradient_through_time(model, steps) for _ in range(2))

    assert torch.equal(first.jacobian, again.jacobian)
    assert model.training
    assert model.recurrent.training
    assert all(weight.grad is None for weight in model.parameters())
    assert not first.jacobian.requires_grad


STEPS = torch.zeros(5, 3)


@pytest.mark.parametrize(
    ("model", "steps", "target", "message"),
    [
        ("LSTM", STEPS, -1, "model must be a torch.nn.Module; got 'LSTM'"),
        (
            nn.RNN(3, 2),
            STEPS[0],
            -1,
            "input must have the axes (time, feature) or (time, batch, feature); got shape (3,)",
        ),
        (
            nn.RNN(3, 2),
            torch.zeros(5, 2, 3),
            -1,
            "input must be one sequence; got shape (5, 2, 3)",
        ),
        (
            nn.RNN(3, 2),
            STEPS.int(),
            -1,
            "input must have at least one step of floating-point numbers; "
            "got torch.int32 of shape (5, 3)",
        ),
        (nn.RNN(3, 2), STEPS, 5, "target must be an integer from -5 to 4; got 5"),
        (
            nn.Sequential(nn.Flatten(), nn.Linear(15, 2)),
            STEPS,
            1,
            "target must be -1 for a model with one output step; got 1",
        ),
        (
            nn.Flatten(0),
            STEPS,
            -1,
            "model must return (batch, time, output) or (batch, output); got shape (15,)",
        ),
    ],
)
def test_bad_arguments_are_refused_in_one_sentence(model, steps, target, message):
    with refused(message):
        trace.gradient_through_time(model, steps, target=target)


def test_an_input_that_the_model_fails_on_is_refused_with_its_words():
    with pytest.raises(ValueError, match=r"^input must suit the model; got shape \(5, 3\): .+"):
        trace.gradient_through_time(nn.RNN(4, 2), STEPS)
    with pytest.raises(ValueError, match=r"^input must suit the model; got shape \(5, 3\): .+"):
        trace.gradient_through_time(nn.RNN(3, 2), STEPS.double())


def test_a_packed_input_is_refused_in_one_line():
    with refused(
        "input must be a tensor with the axes (time, feature) or (time, batch, feature); got "
        "PackedSequence(data=tensor([[0.], [0.]]), batch_sizes=tenso…"
    ):
        trace.gradient_through_time(nn.RNN(1, 2), pack_sequence([torch.zeros(2, 1)]))


def test_settings_of_the_slope_and_of_clipping_are_checked():
    found = trace.gradient_through_time(nn.RNN(3, 2), STEPS)

    with refused("first must be an integer from 0 to 4; got 5"):
        found.slope(5)
    with refused("last must be an integer from 2 to 4; got 1"):
        found.slope(2, 1)
    with refused("max_norm must be a number of at least 0; got -1.0"):
        found.clipped(-1.0)


def test_too_many_copies_are_refused_with_the_estimate():
    with refused(
        "Jacobian must take at most 2.0 GiB; got shape (20000, 256, 256), which takes 9.8 GiB"
    ):
        trace.gradient_through_time(nn.RNN(1, 256), torch.zeros(20_000, 1))


def test_a_layer_derived_from_pytorchs_is_measured_as_it_runs():
    class Doubled(nn.GRU):
        def forward(self, given):
            hidden, state = super().forward(given)
            return 2 * hidden, state

    doubled = Doubled(1, 3)
    plain = nn.GRU(1, 3)
    plain.load_state_dict(doubled.state_dict())
    steps = torch.linspace(-1, 1, 5)[:, None]

    one, other = (trace.gradient_through_time(each, steps) for each in (plain, doubled))

    torch.testing.assert_close(other.jacobian, 2 * one.jacobian)


def test_no_gradient_goes_to_what_comes_after_the_target():
    jacobian = trace.gradient_through_time(nn.LSTM(1, 3), torch.ones(6, 1), target=2).jacobian

    assert jacobian.shape == (6, 3, 1)
    assert jacobian[:3].abs().amin(0).max() > 0
    assert (jacobian[3:] == 0).all()
