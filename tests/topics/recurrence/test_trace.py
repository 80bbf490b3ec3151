import math

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from convrnn_lab import data, trace
from convrnn_lab.topics.recurrence.unrolled import layer_weights, solve
from tests.helpers import refused
from tests.sampling import examples

NAN = float("nan")


@st.composite
def runs(draw):
    """Return a module, an input and a first state over all that the three modules can be."""
    kind = draw(st.sampled_from([nn.RNN, nn.LSTM, nn.GRU]))
    units, layers = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    options = {
        "num_layers": layers,
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
        "dropout": draw(st.sampled_from([0.0, 0.5])) if layers > 1 else 0.0,
        "dtype": draw(st.sampled_from([torch.float32, torch.float64])),
    }
    if kind is nn.RNN:
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    if kind is nn.LSTM and units > 1:
        options["proj_size"] = draw(st.integers(0, units - 1))
    features, batch, time = (draw(st.integers(1, high)) for high in (4, 4, 17))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 10_000)))

    def randn(*shape):
        return torch.randn(*shape, generator=generator, dtype=options["dtype"])

    module = kind(features, units, **options)
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(0.7 * randn(*weight.shape))
    form = draw(st.sampled_from(["batched", "unbatched", "packed"]))
    if form == "unbatched":
        steps, axes = randn(time, features), ()
    else:
        steps, axes = (
            randn(*((batch, time) if module.batch_first else (time, batch)), features),
            (batch,),
        )
    if form == "packed":
        lengths = draw(st.lists(st.integers(1, time), min_size=batch, max_size=batch))
        ordered = draw(st.booleans())
        steps = pack_padded_sequence(
            steps,
            sorted(lengths, reverse=True) if ordered else lengths,
            batch_first=module.batch_first,
            enforce_sorted=ordered,
        )
    state = None
    if draw(st.booleans()):
        rows = layers * (1 + module.bidirectional)
        state = randn(rows, *axes, module.proj_size or units)
        if kind is nn.LSTM:
            state = (state, randn(rows, *axes, units))
    return module, steps, state


def looped(module, run):
    """Return hidden and cell state written out: each sequence, layer and step on its own.

    Each step starts from the traced state before it, so that a rounding is not made larger by all
    steps that follow: some of these layers double a difference at every step.
    """
    hidden = torch.full_like(run.hidden, NAN)
    cell = None if run.cell is None else torch.full_like(run.cell, NAN)
    traced = [run.hidden] if run.cell is None else [run.hidden, run.cell]
    for batch, length in enumerate(run.lengths):
        flow = run.input[:length, batch]
        for layer in range(module.num_layers):
            for direction in range(1 + module.bidirectional):
                weights = layer_weights(module, layer, direction)
                state = [first[layer, direction, batch] for first in run.first_state]
                for time in list(range(length))[:: -1 if direction else 1]:
                    made = stepped(module, weights, flow[time], state)
                    hidden[layer, direction, time, batch] = made[0]
                    if cell is not None:
                        cell[layer, direction, time, batch] = made[1]
                    state = [each[layer, direction, time, batch] for each in traced]
            flow = torch.cat(list(run.hidden[layer, :, :length, batch]), dim=-1)
    return hidden, cell


def stepped(module, weights, x, state):
    """Return the next state by the equations of PyTorch's documentation."""
    from_x, from_h = weights["weight_ih"] @ x, weights["weight_hh"] @ state[0]
    if module.bias:
        from_x, from_h = from_x + weights["bias_ih"], from_h + weights["bias_hh"]
    if isinstance(module, nn.LSTM):
        i, f, g, o = (from_x + from_h).chunk(4)
        c = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        return [weights["weight_hr"] @ h if module.proj_size else h, c]
    if isinstance(module, nn.GRU):
        (r_x, z_x, n_x), (r_h, z_h, n_h) = from_x.chunk(3), from_h.chunk(3)
        z, n = (z_x + z_h).sigmoid(), (n_x + (r_x + r_h).sigmoid() * n_h).tanh()
        return [(1 - z) * n + z * state[0]]
    return [getattr(torch, module.nonlinearity)(from_x + from_h)]


def close(found, expected):
    tight = 1e-12 if expected.dtype == torch.float64 else 1e-6
    # ReLU states grow: there the tolerance is of the largest value.
    scale = max(1.0, expected.nan_to_num().abs().max().item())
    torch.testing.assert_close(found, expected, rtol=tight, atol=tight * scale, equal_nan=True)


def tensors(value):
    """Return the tensors of a module's state or output in a list."""
    if isinstance(value, PackedSequence):
        return [value.data, value.batch_sizes]
    return list(value) if isinstance(value, tuple) else [value]


@examples(2000)
@given(runs())
@pytest.mark.filterwarnings("ignore:LSTM with projections")  # PyTorch's, of its own module
def test_states_are_those_of_torch_and_of_the_written_out_loop(case):
    module, steps, state = case
    module.train()

    run = trace.recurrence(module, steps, state)

    assert module.training
    with torch.no_grad():
        output, final = module.eval()(steps, state)
        hidden, cell = looped(module, run)
    close(run.hidden, hidden)
    if cell is not None:
        close(run.cell, cell)
    assert type(run.output) is type(output)
    for found, expected in zip(
        tensors(run.output) + tensors(run.state), tensors(output) + tensors(final), strict=True
    ):
        close(found, expected)


@examples(500)
@given(runs())
def test_the_states_can_be_rebuilt_from_the_shown_gates(case):
    module, steps, state = case

    run = trace.recurrence(module, steps, state)

    for name, gate in run.gates.items():
        squash = torch.tanh if name in ("candidate", "new") else torch.sigmoid
        close(gate, squash(run.sums[name]))
    if run.kind == "RNN":
        rebuilt = getattr(torch, module.nonlinearity)(run.sums["sum"])
    elif run.kind == "LSTM":
        rebuilt = run.gates["output"] * run.cell.tanh()
        if module.proj_size:
            projections = [
                [layer_weights(module, layer, each)["weight_hr"] for each in range(len(rows))]
                for layer, rows in enumerate(run.hidden)
            ]
            matrices = torch.stack([torch.stack(each) for each in projections])
            rebuilt = torch.einsum("ldtbu,ldpu->ldtbp", rebuilt, matrices).detach()
    else:
        before = torch.full_like(run.hidden, NAN)
        for at in torch.cartesian_prod(*map(torch.arange, run.hidden.shape[:4])).tolist():
            if at[2] < run.lengths[at[3]]:
                before[tuple(at)] = run.step(*at, 0).state_before
        update = run.gates["update"]
        rebuilt = (1 - update) * run.gates["new"] + update * before
    close(rebuilt, run.hidden)


@examples(300)
@given(runs(), st.randoms())
def test_a_step_adds_up(case, random):
    module, steps, state = case
    run = trace.recurrence(module, steps, state)
    layer, direction = random.randrange(len(run.hidden)), random.randrange(run.hidden.shape[1])
    batch, unit = random.randrange(len(run.lengths)), random.randrange(module.hidden_size)
    time = random.randrange(run.lengths[batch])

    step = run.step(layer, direction, time, batch, unit)

    near = {"rel": 1e-5, "abs": 1e-5}
    for name, gate in step.gates.items():
        factor = step.gates["reset"].value if name == "new" else 1.0
        shares = gate.from_input + gate.input_bias + factor * (gate.from_hidden + gate.hidden_bias)
        assert gate.sum == pytest.approx(shares, **near)
        assert gate.from_input == pytest.approx(float(gate.input_weight @ step.x), **near)
        assert run.sums[name][layer, direction, time, batch, unit] == gate.sum
    value = {name: gate.value for name, gate in step.gates.items()}
    if run.kind == "LSTM":
        kept = value["forget"] * step.cell_before + value["input"] * value["candidate"]
        assert step.cell == pytest.approx(kept, **near)
        assert step.hidden == pytest.approx(value["output"] * math.tanh(step.cell), **near)
    elif run.kind == "GRU":
        mixed = (1 - value["update"]) * value["new"] + value["update"] * step.hidden_before
        assert step.hidden == pytest.approx(mixed, **near)
    else:
        assert step.hidden == value["sum"]
    assert (step.hidden_before is None) == (module.proj_size > 0)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("batch_first", [False, True])
def test_a_series_of_one_axis_is_read_by_a_module_of_one_feature(kind, batch_first):
    layer, series = kind(1, 4, batch_first=batch_first), data.series("ECG")

    run = trace.recurrence(layer, series)

    close(run.output, layer(series[:, None])[0].detach())
    assert run.input.shape == (64, 1, 1)
    axes = "batch, time" if batch_first else "time, batch"
    with refused(f"input must have the axes (time, feature) or ({axes}, feature); got shape (64,)"):
        trace.recurrence(kind(2, 4, batch_first=batch_first), series)


def one_unit(kind, *weights, **options):
    """Return a layer of one unit and input with these weights, in PyTorch's order, no bias."""
    layer = kind(1, 1, bias=False, dtype=torch.float64, **options)
    half = len(weights) // 2
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.tensor(weights[:half], dtype=torch.float64)[:, None])
        layer.weight_hh_l0.copy_(torch.tensor(weights[half:], dtype=torch.float64)[:, None])
    return layer


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


TWO_STEPS = torch.tensor([[1.0], [2.0]], dtype=torch.float64)


def test_two_steps_of_an_rnn_worked_by_hand():
    run = trace.recurrence(one_unit(nn.RNN, 0.5, -2.0, nonlinearity="relu"), TWO_STEPS)

    # 0.5 · 1 = 0.5; 0.5 · 2 − 2 · 0.5 = 0.
    assert run.hidden.flatten().tolist() == [0.5, 0.0]
    step = run.step(0, 0, 1, 0, 0)
    gate = step.gates["sum"]
    assert (gate.from_input, gate.from_hidden, gate.sum, gate.value) == (1.0, -1.0, 0.0, 0.0)
    assert (step.hidden_before, step.hidden, step.cell) == (0.5, 0.0, None)
    assert run.gates == {}


def test_two_steps_of_an_lstm_worked_by_hand():
    layer = one_unit(nn.LSTM, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 2.0)

    run = trace.recurrence(layer, TWO_STEPS)

    c_1 = 0.5 * math.tanh(1)
    h_1 = 0.5 * math.tanh(c_1)
    c_2 = sigmoid(2) * c_1 + 0.5 * math.tanh(2)
    h_2 = sigmoid(2 * h_1) * math.tanh(c_2)
    assert run.cell.flatten().tolist() == pytest.approx([c_1, c_2], rel=1e-14)
    assert run.hidden.flatten().tolist() == pytest.approx([h_1, h_2], rel=1e-14)
    assert run.gates["forget"].flatten().tolist() == pytest.approx([sigmoid(1), sigmoid(2)])
    step = run.step(0, 0, 1, 0, 0)
    assert step.cell_before == pytest.approx(c_1)
    assert step.gates["output"].from_hidden == pytest.approx(2 * h_1)


def test_two_steps_of_a_gru_worked_by_hand():
    layer = one_unit(nn.GRU, 0.0, 0.0, 1.0, 0.0, 0.0, 4.0)

    run = trace.recurrence(layer, TWO_STEPS)

    h_1 = 0.5 * math.tanh(1)
    n_2 = math.tanh(2 + 0.5 * 4 * h_1)
    h_2 = 0.5 * n_2 + 0.5 * h_1
    assert run.hidden.flatten().tolist() == pytest.approx([h_1, h_2], rel=1e-14)
    step = run.step(0, 0, 1, 0, 0)
    assert step.gates["new"].from_hidden == pytest.approx(4 * h_1)
    # One unit, no bias: W (r h) and r (W h) are the same.
    assert step.reset_first.hidden == pytest.approx(h_2)


def test_the_two_places_of_the_reset_gate_differ_by_the_bias():
    layer = nn.GRU(1, 1, dtype=torch.float64)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
        layer.bias_hh_l0[2] = 1.0

    step = trace.recurrence(layer, TWO_STEPS).step(0, 0, 0, 0, 0)

    # r = z = 0.5: PyTorch halves the bias, the paper's form does not.
    assert step.gates["new"].sum == 0.5
    assert step.hidden == pytest.approx(0.5 * math.tanh(0.5))
    assert step.reset_first.sum == 1.0
    assert step.reset_first.hidden == pytest.approx(0.5 * math.tanh(1.0))


def test_the_other_place_of_the_reset_gate_mixes_units_before_the_product(rng):
    layer, state = nn.GRU(2, 3, bias=False).double(), torch.randn(1, 3, generator=rng).double()
    run = trace.recurrence(layer, torch.randn(1, 2, generator=rng).double(), state)

    step = run.step(0, 0, 0, 0, 1)

    reset = run.gates["reset"][0, 0, 0, 0]
    expected = layer.weight_hh_l0.detach()[7] @ (reset * state[0])
    assert step.reset_first.from_hidden == pytest.approx(expected.item())
    assert step.gates["new"].from_hidden != pytest.approx(expected.item())


def test_steps_past_the_end_are_nan_and_the_reverse_direction_begins_at_the_end(rng):
    layer, steps = nn.LSTM(2, 3, bidirectional=True), torch.randn(6, 2, 2, generator=rng)
    packed = pack_padded_sequence(steps, [4, 6], enforce_sorted=False)

    run = trace.recurrence(layer, packed)
    alone = trace.recurrence(layer, steps[:4, 0])

    assert run.lengths == (4, 6)
    for values in (run.hidden, run.cell, *run.gates.values(), *run.sums.values()):
        assert values[:, :, 4:, 0].isnan().all()
        assert values[:, :, :, 1].isfinite().all()
    assert run.input[4:, 0].isnan().all()
    torch.testing.assert_close(run.cell[:, :, :4, :1], alone.cell)
    torch.testing.assert_close(run.gates["forget"][:, :, :4, :1], alone.gates["forget"])
    assert torch.equal(run.step(0, 1, 3, 0, 0).state_before, torch.zeros(3))
    assert run.finite_until == (None, None)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("wrong", [NAN, math.inf, -math.inf])
def test_what_is_not_finite_is_shown_from_its_step_on(rng, kind, wrong):
    layer, steps = kind(2, 3, batch_first=True), torch.randn(2, 20, 2, generator=rng)
    steps[1, 7, 0] = wrong

    run = trace.recurrence(layer, steps)

    with torch.no_grad():
        expected = layer(steps)[0]
    torch.testing.assert_close(run.output, expected, equal_nan=True)
    torch.testing.assert_close(run.hidden[0, 0].transpose(0, 1), expected, equal_nan=True)
    broken = (~expected[1].isfinite()).any(dim=1).nonzero()
    assert run.finite_until == (None, int(broken[0]) if len(broken) else None)
    assert run.finite_until[1] == (7 if math.isnan(wrong) else run.finite_until[1])


def test_exploding_states_are_infinite_from_the_step_that_they_pass_the_range():
    layer = one_unit(nn.RNN, 0.0, 1e100, nonlinearity="relu")

    run = trace.recurrence(layer, torch.zeros(6, 1).double(), torch.ones(1, 1).double())

    expected = [1e100, 1e200, 1e300, math.inf, math.inf, math.inf]
    assert run.hidden.flatten().tolist() == pytest.approx(expected)
    assert run.finite_until == (3,)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("loss", ["a forget gate of zero", "NaN in the input"])
def test_an_infinite_cell_state_is_lost_where_the_module_loses_it(loss, bidirectional):
    lstm = nn.LSTM(1, 3, bidirectional=bidirectional)
    ways, given = 1 + bidirectional, torch.randn(6, 1, 1)
    if loss == "NaN in the input":
        given[3] = NAN
    else:
        for _, bias in lstm.named_parameters():
            bias.data[3:6] = -300.0
        given = given.abs() + 1.0
    cells = torch.tensor([[[math.inf, -math.inf, 1.0]]]).repeat(ways, 1, 1)
    first = (torch.zeros(ways, 1, 3), cells)

    run = trace.recurrence(lstm, given, first)

    for steps in range(1, 7):  # the module says only what is left at the end
        _, (_, forward) = lstm(given[:steps], first)
        _, (_, both) = lstm(given[6 - steps :], first)
        torch.testing.assert_close(
            run.cell[0, 0, steps - 1], forward[0].detach(), equal_nan=True, rtol=1e-5, atol=1e-6
        )
        if bidirectional:
            torch.testing.assert_close(
                run.cell[0, 1, 6 - steps], both[1].detach(), equal_nan=True, rtol=1e-5, atol=1e-6
            )


def test_an_infinite_cell_state_stays():
    layer = nn.LSTM(1, 2)
    first = (torch.zeros(1, 2), torch.tensor([[math.inf, 1.0]]))

    run = trace.recurrence(layer, torch.zeros(600, 1), first)

    assert (run.cell[0, 0, :, 0, 0] == math.inf).all()
    assert run.cell[0, 0, :, 0, 1].isfinite().all()
    assert run.finite_until == (0,)


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 15, 16, 17, 64, 513, 2048])
def test_the_scan_is_the_loop_at_any_length(rng, length):
    keep, new = torch.rand(2, length, 3, 2, generator=rng, dtype=torch.float64).unbind(0)
    first, cell = torch.randn(3, 2, generator=rng, dtype=torch.float64), new.clone()

    solve(keep, cell, first)

    expected = first
    for each_keep, each_new, found in zip(keep, new, cell, strict=True):
        expected = each_keep * expected + each_new
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("forget_bias", [-30.0, 0.0, 2.0])
def test_long_traces_end_in_the_state_of_the_module(rng, forget_bias):
    layer, steps = nn.LSTM(1, 16), torch.randn(2048, 1, generator=rng)
    with torch.no_grad():
        layer.bias_ih_l0[16:32] = forget_bias

    run = trace.recurrence(layer, steps)

    close(run.cell[:, 0, -1, 0], run.state[1])
    close(run.gates["output"] * run.cell.tanh(), run.hidden)


def test_the_module_and_the_grad_mode_stay_as_they_are(rng):
    layer = nn.GRU(1, 2, 2, dropout=0.5).train()
    steps = torch.randn(9, 1, generator=rng, requires_grad=True)

    first, again = trace.recurrence(layer, steps), trace.recurrence(layer, steps)

    assert torch.equal(first.hidden, again.hidden)
    assert layer.training
    assert torch.is_grad_enabled()
    assert not any(each.requires_grad for each in (first.hidden, first.input, first.output))
    assert all(weight.grad is None for weight in layer.parameters())


STEPS = torch.zeros(5, 2, 3)


class Own(nn.LSTM):
    def forward(self, x):
        return x


@pytest.mark.parametrize(
    ("module", "steps", "state", "message"),
    [
        (nn.Linear(3, 2), STEPS, None, "module must be a torch.nn.RNN, LSTM or GRU; got Linear"),
        (
            nn.Sequential(nn.Linear(3, 2), nn.LSTM(2, 2)),
            STEPS,
            None,
            "module must be a torch.nn.RNN, LSTM or GRU; got Sequential, which has the recurrent "
            "layer 1",
        ),
        (
            nn.ModuleDict({"encoder": nn.GRU(3, 2), "decoder": nn.GRU(2, 2)}),
            STEPS,
            None,
            "module must be a torch.nn.RNN, LSTM or GRU; got ModuleDict, which has the recurrent "
            "layers encoder and decoder",
        ),
        (Own(3, 2), STEPS, None, "module must be a torch.nn.RNN, LSTM or GRU; got Own"),
        ("LSTM", STEPS, None, "module must be a torch.nn.RNN, LSTM or GRU; got 'LSTM'"),
        (
            nn.LSTM(3, 2),
            [1.0],
            None,
            "input must be a tensor with the axes (time, feature) or (time, batch, feature); "
            "got [1.0]",
        ),
        (
            nn.LSTM(3, 2, batch_first=True),
            STEPS[0, 0],
            None,
            "input must have the axes (time, feature) or (batch, time, feature); got shape (3,)",
        ),
        (
            nn.LSTM(3, 2),
            STEPS[:0],
            None,
            "input must have at least one sequence, step and feature; got shape (0, 2, 3)",
        ),
        (
            nn.LSTM(4, 2),
            STEPS,
            None,
            "input must have 4 features on its last axis, as the module has; got shape (5, 2, 3)",
        ),
        (
            nn.LSTM(3, 2),
            STEPS.double(),
            None,
            "input must be torch.float32 on cpu, as the module is; got torch.float64 on cpu",
        ),
        (
            nn.LSTM(3, 2),
            STEPS.to("meta"),
            None,
            "input must be torch.float32 on cpu, as the module is; got torch.float32 on meta",
        ),
        (
            nn.LSTM(3, 2, proj_size=1),
            STEPS,
            torch.zeros(1, 2, 2),
            "state must be tensors of shape (1, 2, 1) and (1, 2, 2); got shape (1, 2, 2)",
        ),
        (
            nn.GRU(3, 2, bidirectional=True),
            STEPS,
            (torch.zeros(2, 2, 2), torch.zeros(2, 2, 2)),
            "state must be a tensor of shape (2, 2, 2); got shape (2, 2, 2) and shape (2, 2, 2)",
        ),
        (
            nn.GRU(3, 2),
            STEPS[:, 0],
            torch.zeros(1, 1, 2),
            "state must be a tensor of shape (1, 2); got shape (1, 1, 2)",
        ),
        (
            nn.GRU(3, 2),
            STEPS,
            torch.zeros(1, 2, 2).double(),
            "state must be torch.float32 on cpu, as the module is; got torch.float64 on cpu",
        ),
    ],
)
def test_bad_arguments_are_refused_in_one_sentence(module, steps, state, message):
    with refused(message):
        trace.recurrence(module, steps, state)


def test_a_huge_trace_is_refused_before_memory_is_taken():
    steps = torch.zeros(1, 1, 1).expand(1_000_000, 1, 1)

    with refused(
        "trace must take at most 2.0 GiB; got shape (2, 1, 1000000, 1, 640), which takes 4.8 GiB"
    ):
        trace.recurrence(nn.LSTM(1, 64, 2), steps)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ((1, 0, 0, 0, 0), "layer must be an integer from 0 to 0; got 1"),
        ((0, 1, 0, 0, 0), "direction must be an integer from 0 to 0; got 1"),
        ((0, 0, 4, 0, 0), "time must be an integer from 0 to 3; got 4"),
        ((0, 0, 0, 2, 0), "batch must be an integer from 0 to 1; got 2"),
        ((0, 0, 0, 0, 2), "unit must be an integer from 0 to 1; got 2"),
    ],
)
def test_a_step_outside_the_trace_is_refused(place, message):
    run = trace.recurrence(nn.RNN(3, 2), pack_padded_sequence(STEPS, [4, 4]))

    with refused(message):
        run.step(*place)


def test_the_input_of_a_later_layer_is_the_states_of_both_directions(rng):
    layer, steps = nn.GRU(3, 2, 2, bidirectional=True), torch.randn(5, 2, 3, generator=rng)

    run = trace.recurrence(layer, steps)

    assert torch.equal(run.layer_input(0), steps)
    assert torch.equal(run.layer_input(1)[..., 2:], run.hidden[0, 1])
    assert torch.equal(run.step(1, 0, 3, 1, 0).x, run.layer_input(1)[3, 1])
