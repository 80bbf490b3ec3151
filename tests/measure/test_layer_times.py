"""Time and memory by layer: by a clock that only layers move, and beside PyTorch's profiler."""

from collections import Counter

import pytest
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function

from convrnn_lab import checks, measure, models
from convrnn_lab.measure.layer_clock import LayerClock, number_of, operations_behind
from convrnn_lab.shapes.attention import layers_of
from tests.helpers import refused
from tests.measure.clocks import Clock


class Spending(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, clock, forward_s, backward_s):
        ctx.clock, ctx.backward_s = clock, backward_s
        clock.now += forward_s
        return x * 1

    @staticmethod
    def backward(ctx, gradient):
        ctx.clock.now += ctx.backward_s
        return gradient, None, None, None


class Takes(nn.Module):
    """A layer of stated cost."""

    def __init__(self, clock, forward_s, backward_s):
        super().__init__()
        self.clock, self.cost = clock, (forward_s, backward_s)

    def forward(self, x):
        return x if x.is_meta else Spending.apply(x, self.clock, *self.cost)


class Branches(nn.Module):
    """Two branches, one layer in both, work of its own, and a layer that nothing calls."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock
        self.left, self.right = Takes(clock, 1.0, 2.0), Takes(clock, 4.0, 8.0)
        self.shared = nn.Sequential(Takes(clock, 16.0, 32.0))
        self.spare = nn.Linear(3, 2)

    def forward(self, x):
        one = self.shared(self.left(x))
        own = Takes(self.clock, 64.0, 128.0)(x)
        return one + self.shared(self.right(x)) + own


def timed(model, given, **options):
    return measure.layer_times(model, given, budget_s=1e-3, **options)


def seconds(found):
    return {name: (row.forward_s, row.backward_s) for name, row in found.items()}


@pytest.fixture
def branches():
    clock = Clock()
    return measure.layer_times(Branches(clock), (5,), clock=clock, budget_s=1)


def test_each_layer_has_its_own_time_and_what_is_outside_has_the_rest(branches):
    assert seconds(branches) == {
        "left": (1, 2),
        "shared.0": (32, 64),
        "right": (4, 8),
        "spare": (0, 0),
        measure.OUTSIDE: (64, 128),
    }
    assert {name: row.calls for name, row in branches.items()} == {
        "left": 1,
        "shared.0": 2,
        "right": 1,
        "spare": 0,
        measure.OUTSIDE: 1,
    }


def test_shares_add_up_to_the_whole(branches):
    shares = [branches.shares(name) for name in branches]

    assert sum(each.forward for each in shares) == pytest.approx(1)
    assert sum(each.backward for each in shares) == pytest.approx(1)
    assert sum(each.both for each in shares) == pytest.approx(1)
    assert branches.shares("right").both == pytest.approx(12 / 303)
    assert branches.overhead == pytest.approx(0)


def test_a_layer_that_is_never_called_is_named(branches):
    assert branches["spare"].parameters == 8
    assert branches["spare"].forward is None
    assert branches.notes[0] == "Never called: spare."
    assert str(branches).splitlines()[4].split()[:3] == ["spare", "Linear", "0"]


def test_counts_and_shapes_stand_beside_the_times():
    model = nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.LazyLinear(4))
    model(torch.zeros(1, 2, 10))

    found = timed(model, (2, 10), batch=5)

    assert {name: (row.kind, row.output_shape, row.parameters) for name, row in found.items()} == {
        "0": ("Conv1d", (3, 8), 21),
        "1": ("ReLU", (3, 8), 0),
        "2": ("Flatten", (24,), 0),
        "3": ("Linear", (4,), 100),
        measure.OUTSIDE: ("", None, 0),
    }
    counted = measure.cost(model, (2, 10))
    assert sum(row.multiply_adds for row in found.values()) == 5 * counted.multiply_adds
    assert found.shares("3").multiply_adds == 96 / (96 + 3 * 8 * 6)


def test_memory_is_what_a_layer_keeps_and_needs_at_its_peak():
    found = timed(nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Flatten()), (3,), batch=2)

    # The output of 2 x 4 numbers; the sigmoid's is also what its gradient needs.
    assert {name: row.kept_bytes for name, row in found.items()} == {
        "0": 32,
        "1": 32,
        "2": 0,
        measure.OUTSIDE: None,
    }
    assert found["0"].peak_bytes >= 32


def test_a_layer_that_is_called_twice_keeps_twice_as_much():
    layer = nn.Linear(3, 3)

    found = timed(nn.Sequential(layer, layer), (3,), batch=2)

    assert (found["0"].calls, found["0"].kept_bytes) == (2, 2 * 2 * 3 * 4)


class ThenWaits(nn.Module):
    """A layer, and work that begins when its gradient is there."""

    def __init__(self, clock):
        super().__init__()
        self.clock, self.layer, self.asked = clock, Takes(clock, 1.0, 2.0), False

    def wait(self, gradient):
        self.clock.now += 4.0

    def forward(self, x):
        if x.requires_grad and not self.asked:
            self.asked = True
            x.register_hook(self.wait)
        return self.layer(x)


def test_what_comes_after_a_layer_s_gradient_is_outside():
    clock = Clock()

    found = measure.layer_times(ThenWaits(clock), (5,), clock=clock, budget_s=1)

    assert seconds(found) == {"layer": (1, 2), measure.OUTSIDE: (0, 4)}


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.also = nn.LSTMCell(2, 3), nn.Linear(3, 3)
        self.head = self.also  # one module by two names

    def forward(self, x):
        state = None
        for step in x.unbind(1):
            state = self.cell(step, state)
        return self.head(self.also(state[0]))


def test_a_cell_in_a_loop_counts_all_its_calls():
    found = timed(Twice(), (6, 2), batch=4)

    assert {name: row.calls for name, row in found.items()} == {
        "cell": 6,
        "also": 2,
        measure.OUTSIDE: 1,
    }
    assert found["cell"].multiply_adds == 4 * 6 * 4 * 3 * (2 + 3)
    assert found["cell"].kept_bytes > 6 * 2 * 4 * 3 * 4  # a hidden and a cell state at each step


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_a_recurrent_layer_is_one_row(kind):
    layers = models.recurrent(kind, input_size=2, hidden_size=3, layers=2, bidirectional=True)

    found = timed(models.SequenceModel(layers, 1), (7, 2), batch=2)

    assert list(found) == ["recurrent", "head", measure.OUTSIDE]
    assert found["recurrent"].output_shape == (7, 6)
    assert found["recurrent"].backward_s > found["head"].backward_s > 0


def test_a_model_of_several_inputs_takes_sizes_or_tensors():
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    tensors = tuple(torch.randn(3, length, 8) for length in (7, 9, 9))

    sizes = timed(attention, [(7, 8), (9, 8), (9, 8)], batch=3)
    given = timed(attention, tensors)

    for found in (sizes, given):
        assert list(found) == ["(model)", measure.OUTSIDE]
        assert found["(model)"].output_shape == (7, 8)
        assert found.batch == 3
    assert sizes["(model)"].multiply_adds == given["(model)"].multiply_adds > 0
    assert not tensors[0].requires_grad


def test_without_a_gradient_backward_is_missing_and_said():
    class NoGradient(nn.Linear):
        @torch.no_grad()
        def forward(self, x):
            return super().forward(x)

    found = timed(NoGradient(3, 2), (3,))

    assert found["(model)"].backward is None
    assert found.shares("(model)").backward is None
    assert sum(found.shares(name).both for name in found) == pytest.approx(1)
    said = "Backward is not measured: nothing that the model returns has a gradient."
    assert said in found.notes
    assert said not in timed(NoGradient(3, 2), (3,), backward=False).notes


def test_indices_have_no_gradient_but_their_table_has():
    model = nn.Sequential(nn.Embedding(7, 4), nn.LSTM(4, 3, batch_first=True))

    found = timed(model, torch.randint(7, (2, 9)))

    assert found["0"].backward_s > 0
    assert found["0"].output_shape == (9, 4)


def test_a_model_that_decides_by_values_is_timed_without_counts():
    class Decides(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Linear(3, 3)
            self.two = nn.Linear(3, 3)

        def forward(self, x):
            x = self.one(x)
            return self.two(x) if x.sum().item() < 1e9 else x

    found = timed(Decides(), (3,))

    assert found["one"].multiply_adds == 9
    assert found["two"].multiply_adds is None
    assert found["two"].forward_s > 0
    assert f"Multiply-adds not known: two, {measure.OUTSIDE}." in found.notes


def test_a_dictionary_comes_out_and_the_model_stays_as_it_is():
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.rest = nn.Linear(3, 3), nn.Dropout()

        def forward(self, x):
            return {"scores": self.rest(self.layer(x)), "count": 3}

    model = Named()
    threads = torch.get_num_threads()

    found = timed(model, (3,), dtype="float64")

    assert found["layer"].backward_s > 0
    assert model.training
    assert model.layer.weight.dtype == torch.float32
    assert model.layer.weight.grad is None
    assert not model.layer._forward_hooks
    assert torch.get_num_threads() == threads


def by_profiler(model, x):
    """Return PyTorch's own account of one run: calls by layer, and whose each operation is."""
    hooks, open_ = [], []
    for name, layer in layers_of(model):

        def enter(*_, name=name):
            open_.append(record_function(f"layer {name}"))
            open_[-1].__enter__()

        def leave(*_):
            open_.pop().__exit__(None, None, None)

        hooks += [layer.register_forward_pre_hook(enter), layer.register_forward_hook(leave)]
    with profile(activities=[ProfilerActivity.CPU]) as found:
        with record_function("forward"):
            output = model(x).sum()
        output.backward()
    for hook in hooks:
        hook.remove()
    events = found.events()
    (until,) = [each.time_range.end for each in events if each.name == "forward"]
    layers = [each for each in events if each.name.startswith("layer ")]
    owners = {}
    for event in sorted(events, key=lambda each: each.time_range.start):
        inside = [e for e in layers if e.time_range.start <= event.time_range.start]
        inside = [e for e in inside if event.time_range.end <= e.time_range.end and e != event]
        if event.sequence_nr >= 0 and event.time_range.end <= until:
            # Of those with one number, the last one is what PyTorch will take the gradient of.
            owners[event.sequence_nr] = inside[-1].name[6:] if inside else None
    backward = Counter(
        owners.get(event.sequence_nr)
        for event in events
        if event.name.startswith("autograd::engine::evaluate_function")
        and "AccumulateGrad" not in event.name
    )
    return Counter(each.name[6:] for each in layers), backward


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (models.cnn(), (2, 1, 28, 28)),
        (models.sequence_model("adding"), (2, 6, 2)),
        (models.SequenceModel(nn.GRU(2, 3, batch_first=True), 1), (2, 4, 2)),
        (Twice(), (2, 5, 2)),
    ],
    ids=["CNN", "LSTM", "GRU", "cells"],
)
def test_layers_and_their_gradients_are_those_of_pytorch_s_profiler(model, shape):
    x = torch.randn(shape)
    layers = dict(layers_of(model))
    clock = LayerClock(model, list(layers.values()))

    output, _ = clock.forward([x])
    names = [*layers, None]
    owned = Counter(names[clock.owner_of(node)] for node in operations_behind([output.sum()]))
    calls, backward = by_profiler(model, x)

    assert {name: n for name, n in zip(layers, clock.calls, strict=True) if n} == calls
    assert owned == backward


def test_pytorch_goes_through_the_operations_in_our_order():
    """The clock is read where the gradient leaves a layer, so their order decides."""
    clock = Clock()
    output = Branches(clock)(torch.randn(2, 5, requires_grad=True))
    expected = [number_of(node) for node in operations_behind([output])]
    seen = []
    for node in operations_behind([output]):
        node.register_prehook(lambda _, node=node: seen.append(number_of(node)))

    output.sum().backward()

    assert seen == expected


class Fails(nn.Module):
    def forward(self, x):
        if not x.is_meta:
            raise RuntimeError("not today")
        return x


def meta():
    with torch.device("meta"):
        return nn.Linear(4, 4)


@pytest.mark.parametrize(
    ("model", "given", "options", "message"),
    [
        (Fails(), (4,), {}, "call must run; got RuntimeError: not today"),
        (meta(), (4,), {}, "model must have real weights; got weight on the meta device"),
        ("cnn", (4,), {}, "model must be a torch.nn.Module; got 'cnn'"),
        (
            nn.Identity(),
            4,
            {},
            "input_shape must be the sizes of one input without the batch, such as (3, 224, 224); "
            "got 4",
        ),
        (
            nn.Bilinear(2, 2, 2),
            (torch.zeros(1, 2), (2,)),
            {},
            "input must be tensors with the batch first, or sizes; got (tensor([[0., 0.]]), (2,))",
        ),
        (
            nn.Identity(),
            torch.tensor(1.0),
            {},
            "input must be tensors with the batch first, or sizes; got shape ()",
        ),
        (
            nn.Identity(),
            torch.zeros(3, 2),
            {"batch": 3},
            "batch must be 1 for tensors, which have their own; got 3",
        ),
        (nn.Identity(), (4,), {"batch": 0}, "batch must be an integer of at least 1; got 0"),
        (nn.Identity(), (4,), {"budget_s": 0}, "budget_s must be over 0; got 0"),
        (
            nn.Identity(),
            (4,),
            {"dtype": "int8"},
            "dtype must be one of float32, float64, bfloat16; got 'int8'",
        ),
        (
            nn.Identity(),
            (4,),
            {"threads": 10_000},
            f"threads must be an integer from 1 to {measure.machine().cores}; got 10000",
        ),
        (
            nn.Linear(4, 10**6),
            (4,),
            {"batch": 10**6, "backward": False},
            "memory must be at most 2.0 GiB; got batch=1000000, which takes about 3725.3 GiB",
        ),
    ],
)
def test_what_cannot_be_timed_is_refused(model, given, options, message):
    options = {"budget_s": 1e-3} | options
    with refused(message):
        measure.layer_times(model, given, **options)


def test_the_layer_that_fails_is_named():
    with pytest.raises(ValueError, match=r"^model must run on an input of \(28, 28\); got a "):
        timed(models.cnn(), (28, 28))


def test_an_unknown_layer_is_met_with_the_known_ones():
    found = timed(nn.Sequential(nn.ReLU()), (4,))

    with refused(f"layer must be one of 0, {measure.OUTSIDE}; got 'conv'"):
        found.shares("conv")


def test_a_frame_has_a_row_for_each_layer_and_nothing_where_nothing_is_known(branches):
    table = measure.layer_frame(branches)

    assert list(table.layer) == list(branches)
    assert table.share.sum() == pytest.approx(1)
    assert list(table.forward_s.isna()) == [False, False, False, True, False]
    assert table.repeats.tolist() == [4, 4, 4, 0, 4]
    assert str(table.multiply_adds.dtype) == "Int64"


def test_huge_gradients_are_refused_before_anything_is_made(monkeypatch):
    monkeypatch.setattr(checks, "MEMORY_LIMIT_BYTES", 1_000_000)

    timed(nn.ReLU(), (1000,), batch=200, backward=False)
    with pytest.raises(ValueError, match=r"^memory must be at most "):
        timed(nn.ReLU(), (1000,), batch=200)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_recurrence_is_timed_on_a_gpu():
    found = timed(models.sequence_model("adding"), (20, 2), batch=4, device="cuda")

    assert found["recurrent"].backward_s > 0
