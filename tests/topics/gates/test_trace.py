import math

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from convrnn_lab import trace
from convrnn_lab.topics.gates.trace import SATURATED
from tests.helpers import refused


def logit(value):
    return math.log(value / (1 - value))


def with_sums(module, **sums):
    """Return a trace of `module` whose gates add up what is given, one row of numbers a unit."""
    steps = len(next(iter(sums.values()))[0])
    run = trace.recurrence(module, torch.zeros(steps, 1, dtype=torch.float64))
    for name, rows in sums.items():
        values = torch.tensor(rows, dtype=torch.float64).T[None, None, :, None]
        run.sums[name][:] = values
        run.gates[name][:] = values.tanh() if name in ("candidate", "new") else values.sigmoid()
    return run


def lstm(units=1):
    return nn.LSTM(1, units).double()


def test_shares_are_counted_by_gate_and_unit():
    values = [[0.95, 0.05, 0.5, 0.99], [0.01, 0.02, 0.09, 0.0999]]
    run = with_sums(lstm(2), forget=[[logit(each) for each in row] for row in values])

    forget = trace.gate_statistics(run)["forget"]

    assert forget.open.flatten().tolist() == [50, 0]
    assert forget.closed.flatten().tolist() == [25, 100]
    assert forget.dead.flatten().tolist() == [False, True]
    # The slope s (1 - s) is under 0.025 at 0.99, 0.01 and 0.02, and not at 0.95 and 0.09.
    assert forget.saturated.flatten().tolist() == [25, 50]


@pytest.mark.parametrize(("gate", "factor"), [("input", 2), ("candidate", 1)])
def test_saturated_is_a_slope_under_a_tenth_of_the_largest(gate, factor):
    edge = factor * SATURATED
    values = [0.0, edge - 1e-6, edge + 1e-6, -edge - 1e-6]
    sums = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    (torch.sigmoid if gate == "input" else torch.tanh)(sums).sum().backward()
    slopes = sums.grad / sums.grad[0]

    share = trace.gate_statistics(with_sums(lstm(), **{gate: [sums.tolist()]}))[gate].saturated

    assert (slopes < 0.1).tolist() == [False, False, True, True]
    assert share.item() == 50


def test_a_tanh_is_neither_open_nor_closed():
    found = trace.gate_statistics(trace.recurrence(nn.GRU(1, 2), torch.zeros(3, 1)))

    assert list(found) == ["reset", "update", "new"]
    assert found["new"].open is found["new"].closed is found["new"].dead is None


def test_nan_and_steps_past_the_end_do_not_count():
    run = with_sums(lstm(), input=[[5.0, math.nan, 5.0, -5.0]], output=[[math.nan] * 4])

    found = trace.gate_statistics(run)

    assert found["input"].open.item() == pytest.approx(200 / 3)
    assert found["output"].open.isnan().item()
    packed = pack_sequence([torch.ones(4, 1), torch.ones(2, 1)])
    module = nn.LSTM(1, 1)
    nn.init.constant_(module.bias_ih_l0, 20.0)
    both = trace.gate_statistics(trace.recurrence(module, packed))
    assert both["output"].open.flatten().tolist() == [100, 100]


@pytest.mark.parametrize(
    ("gates", "steps"),
    [
        ([0.5] * 6, 1),
        ([0.8] * 9, 4),  # 0.8³ = 0.512, 0.8⁴ = 0.41; the last three steps do not get there
        ([0.9] * 20, 7),  # 0.9⁷ = 0.478
        ([0.9] * 13, 7),  # 7 of 13 get there,
        ([0.9] * 12, math.inf),  # and here 6 of 12
        ([0.99] * 8, math.inf),
        ([1e-30, 1e-30, 1e-30], 1),
        ([0.9, 0.9, 0.1, 0.9, 0.1], 2),  # from each step on: 3, 2, 1, 2, 1
    ],
)
def test_half_life_by_hand(gates, steps):
    run = with_sums(lstm(), forget=[[logit(each) for each in gates]])

    assert trace.memory_half_life(run).item() == steps


def test_half_life_of_even_counts_is_between_the_two_in_the_middle():
    run = with_sums(lstm(), forget=[[logit(each) for each in (0.9, 0.9, 0.9, 0.1)]])

    assert trace.memory_half_life(run).item() == 2.5  # of 4, 3, 2, 1


def test_half_life_of_a_gru_is_by_the_update_gate_of_pytorch():
    module = nn.GRU(1, 1).double()
    for weight in module.parameters():
        nn.init.zeros_(weight)
    module.bias_ih_l0.data[1] = logit(0.8)

    run = trace.recurrence(module, torch.zeros(12, 1).double(), torch.ones(1, 1).double())

    # The new state is tanh(0) = 0, so that only what was there from the beginning is left.
    assert run.hidden[0, 0, 2:4, 0, 0].tolist() == pytest.approx([0.8**3, 0.8**4])
    assert trace.memory_half_life(run).item() == 4


def test_half_life_runs_backward_in_the_reverse_direction_and_by_sequence():
    module = nn.LSTM(1, 1, bidirectional=True).double()
    for weight in module.parameters():
        nn.init.zeros_(weight)
    module.weight_ih_l0.data[1] = module.weight_ih_l0_reverse.data[1] = 1
    long = torch.tensor([logit(each) for each in (0.9, 0.9, 0.1)]).double()
    short = torch.tensor([logit(each) for each in (0.1, 0.9)]).double()

    run = trace.recurrence(module, pack_sequence([long[:, None], short[:, None]]))

    # (direction, batch): forward 3, 2, 1 and 1, none; backward 1, none, none and 2, 1.
    found = trace.memory_half_life(run)[0, :, :, 0].tolist()
    assert found == [[2, math.inf], [math.inf, 1.5]]


def test_half_life_of_nan_is_nan():
    run = with_sums(lstm(), forget=[[1.0, math.nan, 1.0]])

    assert trace.memory_half_life(run).isnan().item()


@pytest.mark.parametrize("measure", [trace.gate_statistics, trace.memory_half_life])
def test_what_has_no_gates_is_refused(measure):
    run = trace.recurrence(nn.RNN(1, 2), torch.zeros(3, 1))

    with refused("trace must be of an LSTM or a GRU, which have gates; got RNN"):
        measure(run)
