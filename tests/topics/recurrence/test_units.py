import math
from functools import partial

import pytest
import torch
from torch import nn

from convrnn_lab import trace
from convrnn_lab.topics.recurrence.units import (
    autocorrelation_lengths,
    correlations,
    principal_path,
)
from tests.helpers import refused


def test_autocorrelation_lengths_worked_by_hand():
    states = torch.tensor([[1.0, 1.0, 5.0], [2.0, -1.0, 5.0], [3.0, 1.0, 5.0], [4.0, -1.0, 5.0]])

    found = autocorrelation_lengths(states)

    # Deviations -1.5, -0.5, 0.5, 1.5: neighbours 0.75 - 0.25 + 0.75, squares 5.
    assert found[0].item() == pytest.approx(-1 / math.log(1.25 / 5))
    assert found[1].item() == 0  # against each other
    assert found[2].isnan()  # does not move


def test_the_autocorrelation_length_of_a_decay_is_its_own():
    """s_t = 0.9 s_(t-1) + noise has the length -1 / ln 0.9 = 9.49 steps."""
    noise = torch.randn(50_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rows = [torch.zeros(())]
    for each in noise.unbind():
        rows.append(0.9 * rows[-1] + each)

    found = autocorrelation_lengths(torch.stack(rows)[:, None])

    assert found.item() == pytest.approx(-1 / math.log(0.9), rel=0.05)


def test_correlations_worked_by_hand():
    given = torch.tensor([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])  # the second never moves
    states = torch.tensor([[1.0, 0.0, 3.0], [3.0, 0.0, 2.0], [5.0, 1.0, 1.0]])

    found = correlations(states, given)

    # Deviations (-1/3, -1/3, 2/3) by (-1, 0, 1): 1 / sqrt(2/3 · 2).
    torch.testing.assert_close(
        found, torch.tensor([1.0, 1 / math.sqrt(4 / 3), -1.0], dtype=torch.float64)
    )
    assert correlations(states, torch.ones(3, 1)).isnan().all()


def test_the_path_has_the_variance_and_the_distances_of_the_states(rng):
    states = torch.randn(40, 2, generator=rng) @ torch.randn(2, 7, generator=rng)

    path, shares = principal_path(states)

    assert shares.sum().item() == pytest.approx(1)
    wide = states.double()
    # By differences: the quick way by products leaves 1e-7 on the diagonal on some processors.
    distances = partial(torch.cdist, compute_mode="donot_use_mm_for_euclid_dist")
    torch.testing.assert_close(distances(path, path), distances(wide, wide))
    again, _ = principal_path(states + 1e-4 * torch.randn(40, 7, generator=rng))
    torch.testing.assert_close(again, path, atol=1e-2, rtol=0)


@pytest.mark.parametrize("along", [(3.0, 1.0), (-3.0, 1.0), (1.0, -3.0), (1.0, 3.0)])
def test_a_component_goes_the_way_of_its_largest_unit(along):
    states = torch.outer(torch.tensor([0.0, 1.0, 2.0]), torch.tensor(along))

    path, _ = principal_path(states)

    way = 1 if max(along, key=abs) > 0 else -1
    root = math.sqrt(10)
    assert path[:, 0].tolist() == pytest.approx([-way * root, 0, way * root])


def test_steps_that_are_not_finite_are_gaps_in_the_path():
    states = torch.tensor([[0.0, 0.0], [1.0, 0.0], [torch.inf, 0.0], [torch.nan, 1.0]])

    path, shares = principal_path(states)

    assert path[:2, 0].tolist() == [-0.5, 0.5]
    assert path[2:].isnan().all()
    assert shares.tolist() == [1, 0]
    assert principal_path(states[2:])[0].isnan().all()
    assert autocorrelation_lengths(states)[0].isnan()


@pytest.mark.parametrize("bidirectional", [False, True])
def test_units_are_those_of_the_trace(rng, bidirectional):
    module = nn.LSTM(2, 5, 2, bidirectional=bidirectional)
    run = trace.recurrence(module, torch.randn(9, 3, 2, generator=rng))

    seen = trace.units(run, 1, int(bidirectional), 2)

    assert torch.equal(seen.hidden, run.hidden[1, -1, :, 2])
    assert torch.equal(seen.cell, run.cell[1, -1, :, 2])
    assert torch.equal(seen.input, run.input[:, 2])
    assert len(seen.path) == 10
    states = torch.cat(
        [seen.hidden, torch.zeros(1, 5)] if bidirectional else [torch.zeros(1, 5), seen.hidden]
    )
    torch.testing.assert_close(seen.path, principal_path(states)[0])


def test_units_are_sorted_with_the_unknown_last(rng):
    run = trace.recurrence(nn.GRU(1, 4), torch.randn(30, 1, generator=rng))
    seen = trace.units(run)
    seen.memory[:3] = torch.tensor([2.0, torch.nan, torch.inf])
    seen.memory[3] = 7.0

    by_memory, by_input = seen.order("memory"), seen.order("correlation")

    assert seen.order("index") == (0, 1, 2, 3)
    assert by_memory == (2, 3, 0, 1)
    assert seen.correlations[list(by_input)].diff().le(0).all()


def test_with_a_projection_the_cells_are_sorted(rng):
    run = trace.recurrence(nn.LSTM(1, 6, proj_size=2), torch.randn(20, 1, generator=rng))

    seen = trace.units(run)

    assert seen.hidden.shape == (20, 2)
    lengths = autocorrelation_lengths(run.cell[0, 0, :, 0])
    torch.testing.assert_close(seen.autocorrelation_lengths, lengths)
    assert len(seen.memory) == 6
    seen.memory.copy_(torch.arange(6.0))
    assert seen.order("memory") == (5, 4, 3, 2, 1, 0)


def test_what_is_not_there_is_refused():
    run = trace.recurrence(nn.GRU(1, 4), torch.zeros(3, 1))

    with refused("layer must be an integer from 0 to 0; got 1"):
        trace.units(run, 1)
    with refused("by must be one of index, memory, correlation; got 'size'"):
        trace.units(run).order("size")
    with refused("states must have the axes (time, unit); got shape (3,)"):
        autocorrelation_lengths(torch.zeros(3))
    with refused("input must have 3 steps, as states; got 2"):
        correlations(torch.zeros(3, 1), torch.zeros(2, 1))
