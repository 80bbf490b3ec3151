import math

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from convrnn_lab import data, explorers, models, trace
from tests.helpers import refused
from tests.sampling import examples
from tests.topics.recurrence.test_trace import runs


def linear(*keep):
    """Return a layer whose units read 1 x and keep so much of themselves: linear over zero."""
    layer = nn.RNN(1, len(keep), nonlinearity="relu", bias=False).double()
    with torch.no_grad():
        layer.weight_ih_l0.fill_(1.0)
        layer.weight_hh_l0.copy_(torch.diag(torch.tensor(keep, dtype=torch.float64)))
    return layer


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.95])
@pytest.mark.parametrize("size", [1.0, 1e-6])
def test_a_linear_unit_forgets_by_its_power(keep, size):
    steps = torch.full((64, 1), 2.0, dtype=torch.float64)

    found = trace.forgetting(linear(keep), steps, 3, size=size)

    change = found.change.flatten()
    assert change[:3].tolist() == [0, 0, 0]
    expected = [size * keep**lag for lag in range(61)]
    assert change[3:].tolist() == pytest.approx(expected, rel=1e-8, abs=1e-13)
    assert found.steps.item() == math.floor(-1 / math.log(keep))  # keep^n = 1 / e
    assert found.cell_change is found.cell_steps is None


def test_what_a_linear_unit_reads_is_nothing_to_its_memory():
    """Under the slow wave the states move slowly too; that is not memory."""
    layer = linear(0.8)
    slow, fast = (
        2 + data.series("sine", length=256, frequency=1 / period)[:, None].double()
        for period in (64, 3)
    )

    memories = [trace.forgetting(layer, wave, 0).steps.item() for wave in (slow, fast)]
    lengths = [
        trace.units(trace.recurrence(layer, wave)).autocorrelation_lengths.item()
        for wave in (slow, fast)
    ]

    assert memories == [4, 4]  # 0.8^4 = 0.41, 0.8^5 = 0.33
    assert lengths[0] > 30 * lengths[1]


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_a_slow_and_a_fast_wave_give_memories_of_one_order(kind):
    layer = models.recurrent(kind, input_size=1, hidden_size=8)
    waves = [data.series("sine", length=128, frequency=f)[:, None] for f in (1 / 64, 1 / 3)]

    slow, fast = (trace.units(trace.recurrence(layer, wave)).memory for wave in waves)

    assert slow.isfinite().all()
    assert fast.isfinite().all()
    assert ((slow + 1) / (fast + 1)).log().abs().max() < math.log(5)


def test_without_weights_from_the_state_all_is_forgotten_at_once():
    layer = nn.RNN(1, 5)
    with torch.no_grad():
        layer.weight_hh_l0.zero_()
    wave = data.series("sine", length=256, frequency=1 / 64)[:, None]

    found = trace.forgetting(layer, wave, 10)

    assert found.steps.flatten().tolist() == [0] * 5
    assert (found.change[0, 0, 10] > 0).all()
    assert found.change[0, 0, 11:].max() == 0
    assert trace.units(trace.recurrence(layer, wave)).memory.tolist() == [0] * 5


def test_what_is_left_is_known_where_a_float32_cannot_tell():
    layer = models.recurrent("RNN", input_size=1, hidden_size=8, spectral_radius=0.5)
    steps = data.series("noise", length=64)[:, None]
    changed = steps.clone()
    changed[30] += 1

    found = trace.forgetting(layer, steps, 30).change[0, 0, -1, 0].norm()

    apart = torch.dist(layer(steps)[0][-1], layer(changed)[0][-1])
    assert 1e-16 < found < 1e-9
    assert apart == 0 or apart > 1e-8  # its rounding


def test_a_unit_that_keeps_all_does_not_forget_and_one_that_hears_nothing_has_none():
    layer = linear(1.0, 0.5, 0.5)
    with torch.no_grad():
        layer.weight_ih_l0[1] = 0.0

    found = trace.forgetting(layer, torch.ones(9, 1).double(), 0)

    assert found.steps[0, 0, 0, 0] == math.inf
    assert found.steps[0, 0, 0, 1].isnan()
    assert found.steps[0, 0, 0, 2] == 1


def test_the_backward_direction_counts_to_the_front_and_sequences_end_at_their_own_step():
    layer = models.recurrent("LSTM", input_size=2, hidden_size=3, bidirectional=True)
    long, short = torch.ones(9, 2), torch.zeros(4, 2)

    found = trace.forgetting(layer, pack_sequence([long, short]), 5)

    forward, backward = found.change[0]
    assert forward[:5, 0].max() == 0
    assert forward[5, 0].min() > 0
    assert backward[6:, 0].max() == 0
    assert backward[:6, 0].min() > 0
    assert found.change[:, :, 4:, 1].isnan().all()
    assert found.change[:, :, :4, 1].max() == 0
    assert found.steps[:, :, 1].isnan().all()
    alone = trace.forgetting(layer, long[None], 5)
    assert torch.equal(found.steps[:, :, :1], alone.steps)
    assert torch.equal(found.cell_steps[:, :, :1], alone.cell_steps)


@examples(200)
@given(runs(), st.data())
def test_the_change_is_that_of_two_traces(case, chosen):
    module, steps, state = case
    wide = module.double()
    steps = steps.double()
    if state is not None:
        state = (
            tuple(each.double() for each in state) if isinstance(state, tuple) else state.double()
        )
    run = trace.recurrence(wide, steps, state)
    step = chosen.draw(st.integers(0, max(run.lengths) - 1))

    found = trace.forgetting(module, steps, step, state=state, size=0.5)

    for batch, length in enumerate(run.lengths):
        alone = run.input[:length, batch].clone()
        alone[step : step + 1] += 0.5
        first = [each[:, :, batch].flatten(0, 1) for each in run.first_state]
        own = tuple(first) if len(first) == 2 else first[0]
        hidden = trace.recurrence(wide, alone, own).hidden[:, :, :, 0]
        expected = (hidden - run.hidden[:, :, :length, batch]).abs()
        # ReLU states grow: there the tolerance is of the largest value.
        near = 1e-12 * max(
            1.0, hidden.abs().max().item(), run.hidden.nan_to_num().abs().max().item()
        )
        torch.testing.assert_close(found.change[:, :, :length, batch], expected, rtol=0, atol=near)


def test_the_module_and_its_type_stay_as_they_are():
    layer = nn.LSTM(1, 2)
    before = layer.weight_hh_l0

    trace.forgetting(layer, torch.zeros(4, 1), 0)

    assert layer.weight_hh_l0 is before
    assert before.dtype == torch.float32


def test_the_figure_says_in_how_many_steps_a_unit_forgets():
    layer = linear(0.8, 1.0, 0.5)
    with torch.no_grad():
        layer.weight_ih_l0[2] = 0.0

    explorer = explorers.recurrence(layer, torch.ones(30, 1).double(), sort="memory")

    said = [dict(explorer.sheet(unit=unit).facts)[f"Memory of unit {unit}"] for unit in range(3)]
    assert said == [
        "forgets in 4 steps what was read first",
        "does not forget what was read first",
        "never learns what was read first",
    ]
    hidden = next(each for each in explorer.sheet().traces if each["name"] == "hidden")
    assert hidden["y"] == ["1", "0", "2"]


@pytest.mark.parametrize(
    ("step", "size", "message"),
    [
        (4, 1.0, "step must be an integer from 0 to 3; got 4"),
        (-1, 1.0, "step must be an integer from 0 to 3; got -1"),
        (0, 0.0, "size must be a number other than 0; got 0.0"),
        (0, math.nan, "size must be a finite number; got nan"),
    ],
)
def test_what_cannot_be_changed_is_refused(step, size, message):
    with refused(message):
        trace.forgetting(nn.GRU(1, 2), torch.zeros(4, 1), step, size=size)


def test_what_cannot_be_traced_is_refused_in_the_same_words():
    with refused("module must be a torch.nn.RNN, LSTM or GRU; got Linear"):
        trace.forgetting(nn.Linear(1, 1), torch.zeros(4, 1), 0)
