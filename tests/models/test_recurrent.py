import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn

from convrnn_lab import models, trace
from convrnn_lab.models.recurrent import SequenceModel, spectral_radius_of
from tests.helpers import refused
from tests.sampling import examples

WRITTEN = {nn.RNN: models.WrittenRNN, nn.LSTM: models.WrittenLSTM, nn.GRU: models.WrittenGRU}


@examples(200)
@given(
    st.sampled_from([nn.RNN, nn.LSTM, nn.GRU]),
    st.tuples(*[st.integers(1, 5)] * 4),
    st.tuples(st.booleans(), st.booleans()),
    st.sampled_from(["tanh", "relu"]),
    st.sampled_from([torch.float32, torch.float64]),
)
def test_written_layers_are_torchs_and_the_traces(kind, sizes, flags, nonlinearity, dtype):
    (features, units, batch, time), (bias, given_state) = sizes, flags
    generator = torch.Generator().manual_seed(sum(sizes))
    options = {"nonlinearity": nonlinearity} if kind is nn.RNN else {}
    module = kind(features, units, bias=bias, batch_first=True, dtype=dtype, **options)
    x = torch.randn(batch, time, features, generator=generator, dtype=dtype)
    state = torch.randn(1, batch, units, generator=generator, dtype=dtype) if given_state else None
    if given_state and kind is nn.LSTM:
        state = (state, 2 * state)

    written = models.Written.from_torch(module)

    assert type(written) is WRITTEN[kind]
    tight = 1e-6 if dtype == torch.float32 else 1e-12
    with torch.no_grad():
        torch.testing.assert_close(written(x, state), module(x, state), rtol=tight, atol=tight)
        run, first = trace.recurrence(module, x, state), [each[0] for each in tensors(state)]
        before = tuple(first) or (x.new_zeros(batch, units),) * written.states
        _, gates = written.step(x[:, 0], before)
    assert gates.keys() == run.gates.keys()
    for name, gate in gates.items():
        torch.testing.assert_close(gate, run.gates[name][0, 0, 0], rtol=tight, atol=tight)


def tensors(state):
    if state is None:
        return []
    return list(state) if isinstance(state, tuple) else [state]


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("bias", [True, False])
def test_weights_go_both_ways(kind, bias):
    module, written = kind(2, 3, bias=bias), WRITTEN[kind](2, 3, bias=bias)

    module.load_state_dict(written.state_dict())

    copied = WRITTEN[kind].from_torch(module)
    assert all(map(torch.equal, copied.parameters(), written.parameters()))
    assert next(copied.parameters()) is not next(module.parameters())


def test_a_linear_layer_adds_up_its_input():
    layer = models.WrittenRNN(1, 1, nonlinearity="identity")
    with torch.no_grad():
        for weight in layer.parameters():
            weight.fill_(1.0 if weight.ndim == 2 else 0.0)

    output, last = layer(torch.tensor([[[1.0], [2.0], [-4.0]]]))

    assert output.flatten().tolist() == [1.0, 3.0, -1.0]
    assert last.shape == (1, 1, 1)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("options", [{}, {"orthogonal": True}, {"weight_scale": 3.0}])
@pytest.mark.parametrize("radius", [0.5, 1.0, 1.5])
def test_every_block_has_the_spectral_radius_asked_for(kind, options, radius):
    module = models.recurrent(
        kind,
        input_size=2,
        hidden_size=7,
        layers=2,
        bidirectional=True,
        spectral_radius=radius,
        **options,
    )

    blocks = [
        block
        for name, weight in module.named_parameters()
        if name.startswith("weight_hh")
        for block in weight.split(7)
    ]
    assert len(blocks) == 4 * {"RNN": 1, "LSTM": 4, "GRU": 3}[kind]
    for block in blocks:
        assert spectral_radius_of(block) == pytest.approx(radius, rel=1e-6)
        if options.get("orthogonal"):
            torch.testing.assert_close(block @ block.T, radius**2 * torch.eye(7))


def test_the_scale_multiplies_the_weights_and_not_the_biases():
    plain = models.recurrent("GRU", input_size=2, hidden_size=3)
    scaled = models.recurrent("GRU", input_size=2, hidden_size=3, weight_scale=2.5)

    assert scaled.batch_first
    for (name, weight), other in zip(plain.named_parameters(), scaled.parameters(), strict=True):
        factor = 2.5 if name.startswith("weight") else 1.0
        torch.testing.assert_close(other, factor * weight)


def test_the_forget_bias_is_what_the_forget_gate_adds():
    module = models.recurrent("LSTM", input_size=1, hidden_size=3, layers=2, forget_bias=2.0)

    run = trace.recurrence(module, torch.zeros(1, 1, 1))

    for layer in range(2):
        gate = run.step(layer, 0, 0, 0, 1).gates["forget"]
        assert (gate.input_bias, gate.hidden_bias) == (2.0, 0.0)
        assert run.step(layer, 0, 0, 0, 1).gates["input"].hidden_bias != 0.0


def test_the_seed_decides_and_the_global_generator_stays():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)

    first, again, other = (
        models.recurrent("LSTM", input_size=1, hidden_size=4, orthogonal=True, seed=seed)
        for seed in (1, 1, 2)
    )

    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(first.weight_hh_l0, again.weight_hh_l0)
    assert not torch.equal(first.weight_hh_l0, other.weight_hh_l0)
    assert all(weight.requires_grad and weight.is_leaf for weight in first.parameters())


@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_sequence_model_answers_every_step_or_the_last(rng, bidirectional):
    layers = models.recurrent("LSTM", input_size=2, hidden_size=3, bidirectional=bidirectional)
    every, last = SequenceModel(layers, 4), SequenceModel(layers, 4, last=True)
    last.load_state_dict(every.state_dict())
    x = torch.randn(5, 7, 2, generator=rng)

    assert every(x).shape == (5, 7, 4)
    torch.testing.assert_close(last(x), every(x)[:, -1])


def test_a_sequence_model_takes_written_and_projected_layers():
    linear = models.recurrent("RNN", input_size=1, hidden_size=3, nonlinearity="identity")
    projected = nn.LSTM(1, 3, proj_size=2, batch_first=True)

    assert SequenceModel(linear, 2)(torch.zeros(1, 4, 1)).shape == (1, 4, 2)
    assert SequenceModel(projected, 2).head.in_features == 2


SIZES = {"input_size": 1, "hidden_size": 2}


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("CNN", {}, "kind must be one of RNN, LSTM, GRU; got 'CNN'"),
        ("RNN", {"hidden_size": 0}, "hidden_size must be an integer of at least 1; got 0"),
        ("RNN", {"layers": 0}, "layers must be an integer of at least 1; got 0"),
        ("RNN", {"seed": -1}, "seed must be an integer of at least 0; got -1"),
        (
            "RNN",
            {"nonlinearity": "sine"},
            "nonlinearity must be one of tanh, relu, identity; got 'sine'",
        ),
        ("LSTM", {"nonlinearity": "relu"}, "nonlinearity must be one of tanh; got 'relu'"),
        (
            "RNN",
            {"nonlinearity": "identity", "layers": 2},
            "nonlinearity must be tanh or relu for more than one layer or direction; got identity",
        ),
        (
            "RNN",
            {"spectral_radius": -0.5},
            "spectral_radius must be a number of at least 0; got -0.5",
        ),
        (
            "RNN",
            {"weight_scale": float("inf")},
            "weight_scale must be a finite number; got inf",
        ),
        ("GRU", {"forget_bias": 1.0}, "kind with forget_bias must be one of LSTM; got 'GRU'"),
        ("LSTM", {"forget_bias": "1"}, "forget_bias must be a finite number; got '1'"),
        (
            "LSTM",
            {"hidden_size": 20_000},
            "weights must take at most 2.0 GiB; got shape (1, 1, 80000, 40000), "
            "which takes 11.9 GiB",
        ),
    ],
)
def test_bad_settings_are_refused_in_one_sentence(kind, options, message):
    with refused(message):
        models.recurrent(kind, **{**SIZES, **options})


def test_what_is_not_one_layer_is_not_written_out():
    with refused("module must be a torch.nn.RNN, LSTM or GRU; got Linear"):
        models.Written.from_torch(nn.Linear(1, 1))
    with refused("module must be a torch.nn.LSTM; got GRU"):
        models.WrittenLSTM.from_torch(nn.GRU(1, 1))
    with refused(
        "module must be one layer in one direction without proj_size; got GRU(1, 1, num_layers=2)"
    ):
        models.Written.from_torch(nn.GRU(1, 1, 2))
    with refused("recurrent must be made with batch_first=True; got GRU(1, 1)"):
        SequenceModel(nn.GRU(1, 1), 1)
    with refused("nonlinearity must be one of tanh, relu, identity; got 'sine'"):
        models.WrittenRNN(1, 1, nonlinearity="sine")
