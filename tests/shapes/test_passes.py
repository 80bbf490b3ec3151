import itertools

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from convrnn_lab.shapes import passes
from tests.helpers import refused


class Calls(nn.Module):
    """A layer called twice, functions between the layers, and a layer that is never called."""

    def __init__(self):
        super().__init__()
        self.shared = nn.Conv1d(2, 2, 3, padding=1)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
        self.never = nn.Linear(5, 7)
        self.scale = nn.Parameter(torch.ones(2, 1))

    def forward(self, x):
        x = F.relu(self.shared(x)) * self.scale
        return self.head(self.shared(x))


def test_steps_follow_the_calls():
    done = passes.run_on_shapes(Calls(), (2, 8))

    found = [(s.layer, s.kind, s.output_shape, s.parameters, s.multiply_adds) for s in done.steps]
    assert found == [
        ("shared", "Conv1d", (1, 2, 8), 14, 96),
        ("", "relu, mul", (1, 2, 8), 2, 0),
        ("shared", "Conv1d", (1, 2, 8), 0, 96),
        ("head.0", "Flatten", (1, 16), 0, 0),
        ("head.1", "Linear", (1, 3), 51, 48),
    ]
    assert [(s.layer, s.kind, s.parameters) for s in done.unreached] == [("never", "Linear", 42)]
    assert done.steps[0].input_shapes == [(1, 2, 8)]
    assert done.steps[0].parameter_bytes == 56
    assert done.steps[0].output_bytes == 64
    assert done.failure is None


def test_shared_parameters_count_once():
    model = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    model[1].weight = model[0].weight

    done = passes.run_on_shapes(model, (4,))

    assert [step.parameters for step in done.steps] == [16, 0]


class OnMeta(TorchDispatchMode):
    """Notes operations whose results are on another device."""

    def __init__(self):
        super().__init__()
        self.elsewhere = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if isinstance(out, torch.Tensor) and not out.is_meta:
            self.elsewhere.append(func)
        return out


def test_nothing_is_allocated_and_nothing_changes():
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Dropout(), nn.Flatten(), nn.Linear(8 * 36, 2)
    )
    model.train()
    model[2].eval()
    before = {name: (value.data_ptr(), value.clone()) for name, value in model.state_dict().items()}
    state = torch.get_rng_state()

    with OnMeta() as seen:
        passes.run_on_shapes(model, (3, 8, 8))

    assert seen.elsewhere == []
    assert [module.training for module in model] == [True, True, False, True, True]
    for name, value in model.state_dict().items():
        assert (value.data_ptr(), True) == (before[name][0], torch.equal(value, before[name][1]))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert torch.equal(torch.get_rng_state(), state)


def test_hooks_and_flags_are_put_back_after_a_failure():
    model = nn.Sequential(nn.Conv1d(1, 2, 3), nn.Linear(5, 5)).train()

    done = passes.run_on_shapes(model, (1, 9))

    assert done.failure
    assert (done.steps[-1].layer, done.steps[-1].output_shape) == ("1", None)
    assert done.steps[-1].input_shapes == [(1, 2, 7)]
    assert all(module.training for module in model.modules())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


def test_a_network_that_no_machine_holds_is_run():
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(10**6, 10**6), nn.ReLU())

    done = passes.run_on_shapes(model, (10**6,))

    assert done.steps[0].multiply_adds == 10**12


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (lambda x: torch.fft.rfft(x).abs(), "fft_r2c"),
        (lambda x: torch.linalg.inv(x @ x.mT), "linalg_inv_ex"),
    ],
)
def test_what_is_not_known_is_named_and_not_counted_as_nothing(function, kind):
    class Does(nn.Module):
        def forward(self, x):
            return function(x)

    (step,) = passes.run_on_shapes(nn.Sequential(Does()), (4, 8)).steps

    assert kind in step.unknown
    assert step.multiply_adds is None


class Decides(nn.Module):
    def __init__(self, decide):
        super().__init__()
        self.layer, self.decide = nn.Linear(4, 4), decide

    def forward(self, x):
        return self.decide(self.layer(x))


@pytest.mark.parametrize(
    "decide",
    [
        lambda x: x if x.sum() > 0 else -x,
        lambda x: x * float(x.max()),
        lambda x: x[x > 0],
        lambda x: x * x.mean().item(),
    ],
)
def test_control_flow_by_values_is_said_in_words(decide):
    done = passes.run_on_shapes(Decides(decide), (4,))

    assert (
        done.failure
        == "it decides by values, which a run on shapes alone cannot follow; run, it may well work"
    )
    assert (done.steps[0].layer, done.steps[0].output_shape) == ("layer", (1, 4))


@pytest.mark.parametrize(
    ("make", "gates"), [(nn.RNN, 1), (nn.GRU, 3), (nn.LSTM, 4)], ids=["rnn", "gru", "lstm"]
)
@pytest.mark.parametrize("directions", [1, 2])
def test_recurrent_layers_are_counted_step_by_step(make, gates, directions):
    model = make(5, 6, num_layers=2, bidirectional=directions == 2, batch_first=True)

    (step,) = passes.run_on_shapes(model, (7, 5)).steps

    first = gates * 6 * (5 + 6) * directions
    second = gates * 6 * (6 * directions + 6) * directions
    assert step.multiply_adds == 7 * (first + second)
    assert step.unknown == []


def test_bad_arguments_are_refused():
    with refused("model must be a torch.nn.Module; got 'cnn'"):
        passes.run_on_shapes("cnn", (1, 2))
    with refused("input_shape must be an integer of at least 1; got 0"):
        passes.run_on_shapes(nn.ReLU(), (0, 2))
    with refused(
        "input_shape must be the sizes of one input without the batch, such as (3, 224, 224); got 3"
    ):
        passes.run_on_shapes(nn.ReLU(), 3)
    lazy = nn.Sequential(nn.LazyLinear(3))
    with refused(
        "model must have layers of known sizes; got the lazy parameter '0.weight', which a first "
        "run on an input settles"
    ):
        passes.run_on_shapes(lazy, (4,))


def products(length, kernel, stride, padding, dilation):
    """Count the places of a window on one axis, by trying all."""
    last = length + 2 * padding - dilation * (kernel - 1) - 1
    return sum(1 for start in range(0, last + 1, stride))


@given(
    st.tuples(*[st.integers(1, 3)] * 2),
    st.lists(
        st.tuples(
            st.integers(8, 12),
            st.integers(1, 3),
            st.integers(1, 3),
            st.integers(0, 2),
            st.integers(1, 2),
        ),
        min_size=1,
        max_size=3,
    ),
    st.integers(1, 2),
)
def test_products_of_convolutions_counted_one_by_one(channels, axes, groups):
    inputs, outputs = (each * groups for each in channels)
    lengths, kernel, stride, padding, dilation = zip(*axes, strict=True)
    conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(axes) - 1]
    model = conv(inputs, outputs, kernel, stride, padding, dilation, groups=groups)

    (step,) = passes.run_on_shapes(model, (inputs, *lengths)).steps

    places = itertools.product(*(range(products(*axis)) for axis in axes))
    taps = sum(1 for _ in itertools.product(*map(range, kernel)))
    assert step.multiply_adds == sum(outputs * taps * inputs // groups for _ in places)


def test_products_of_a_transposed_convolution_worked_by_hand():
    """Every one of 5 samples in 2 channels is multiplied by a kernel of 4 in 3 channels."""
    (step,) = passes.run_on_shapes(nn.ConvTranspose1d(2, 3, 4, stride=2, padding=1), (2, 5)).steps

    assert step.multiply_adds == 5 * 2 * 4 * 3


@pytest.mark.parametrize(
    ("function", "count"),
    [
        (lambda x: x @ x.mT, 4 * 8 * 4),
        (lambda x: torch.einsum("bct,bdt->bcd", x, x), 4 * 8 * 4),
        (lambda x: x[0] @ x[0, 0], 4 * 8),
        (lambda x: torch.dot(x[0, 0], x[0, 1]), 8),
        (lambda x: F.linear(x, torch.ones(3, 8), torch.ones(3)), 4 * 8 * 3),
        (lambda x: F.scaled_dot_product_attention(x, x, x), 2 * 4 * 8 * 4),
        (lambda x: F.softmax(F.layer_norm(F.gelu(x), (8,)), 1).mean(2) + 1, 0),
        (lambda x: torch.stack([F.pad(x, (1, 1))[:, :, ::2].flip(1)] * 2).cumsum(0), 0),
    ],
)
def test_products_of_functions_worked_by_hand(function, count):
    class Does(nn.Module):
        def forward(self, x):
            return function(x)

    done = passes.run_on_shapes(Does(), (4, 8))

    assert done.failure is None
    assert sum(step.multiply_adds for step in done.steps) == count
