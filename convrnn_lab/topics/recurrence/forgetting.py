"""How long the units of a recurrent layer remember: two runs that differ at one step."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace, recurrence
from convrnn_lab.topics.recurrence.unrolled import Unrolled

SHARE = 1 / math.e
"""A unit has forgotten once less than this share of its largest change is left."""


@dataclass(frozen=True, eq=False)
class Forgetting:
    """What a change of the input at one step does to the states; see `forgetting`.

    Attributes
    ----------
    step : int
        The step at which the input was changed.
    change : Tensor, shape (layer, direction, time, batch, unit), float64
        How far the hidden states of the two runs are apart. NaN past the end of a sequence.
    cell_change : Tensor or None, shape (layer, direction, time, batch, unit), float64
        The same of an LSTM's cell states.
    steps, cell_steps : Tensor, shape (layer, direction, batch, unit), float64
        How many steps after `step` the change is still at least 1 / e of its largest; from then on
        it is smaller. Counted the way that the direction reads. Zero where the next step has
        forgotten it; infinite where it is not forgotten by the end of the sequence; NaN where the
        change never arrives, or a state is not finite. `cell_steps` is None without a cell state.
    """

    step: int
    change: Tensor
    cell_change: Tensor | None
    steps: Tensor
    cell_steps: Tensor | None


def forgetting(
    module: nn.Module,
    input: Tensor | PackedSequence,  # noqa: A002 - PyTorch's name for it
    step: int,
    *,
    state: Tensor | Sequence[Tensor] | None = None,
    size: float = 1.0,
) -> Forgetting:
    """Change the input at one step, and see how long the states of the module differ.

    The module is run twice: on the input, and on the input with `size` added to all features at
    `step`. What is left of the difference is what the module still knows of that step, whatever
    else it reads and whatever its biases do. A float32 loses small differences, so both runs are
    made in float64, with a copy of the module.

    Parameters
    ----------
    module, input, state
        As for `recurrence`.
    step : int
        The step at which the input is changed, from 0.
    size : float
        What is added there. Only a linear layer forgets a large and a small change equally fast.

    Returns
    -------
    Forgetting

    Raises
    ------
    ValueError
        If `recurrence` refuses the module, the input or the state, or `step` or `size` is out of
        range.

    Examples
    --------
    >>> layer = nn.RNN(1, 1, nonlinearity="relu")
    >>> for weight in layer.parameters():
    ...     _ = nn.init.constant_(weight, 0.8)
    >>> found = forgetting(layer, torch.ones(9, 1), 2)
    >>> found.change.flatten()[2:6]  # 0.8, and 0.8 times as much at each step
    tensor([0.8000, 0.6400, 0.5120, 0.4096], dtype=torch.float64)
    >>> found.steps.item()  # 0.8^4 = 0.41 and 0.8^5 = 0.33, 1 / e = 0.37
    4.0
    """
    if checks.number("size", size) == 0:
        raise ValueError(f"size must be a number other than 0; got {size}")
    run = recurrence(module, input, state)
    checks.integer("step", step, 0, max(run.lengths) - 1)
    checks.memory("states in float64", (2, *run.hidden.shape[:4], _values(run)), 8)
    change = _nan_like(run.hidden)
    cell_change = None if run.cell is None else _nan_like(run.cell)
    steps, cell_steps = change[:, :, 0].clone(), None
    if cell_change is not None:
        cell_steps = cell_change[:, :, 0].clone()
    for length in set(run.lengths):
        alike = [batch for batch, each in enumerate(run.lengths) if each == length]
        hidden, cell = state_change(run, alike, step, size)
        change[:, :, :length, alike] = hidden
        steps[:, :, alike] = steps_until_forgotten(hidden, step)
        if cell is not None and cell_change is not None and cell_steps is not None:
            cell_change[:, :, :length, alike] = cell
            cell_steps[:, :, alike] = steps_until_forgotten(cell, step)
    return Forgetting(step, change, cell_change, steps, cell_steps)


def state_change(
    run: RecurrenceTrace, sequences: list[int], step: int, size: float = 1.0
) -> tuple[Tensor, Tensor | None]:
    """Return how far the states of two runs are apart: of a traced one, and of a changed one.

    Parameters
    ----------
    run : RecurrenceTrace
    sequences : list of int
        Of the batch: those that are looked at, all of one length.
    step : int
        The step at which the input is changed; past the end nothing is.
    size : float
        What is added to all features there.

    Returns
    -------
    Tensor, shape (layer, direction, time, batch, unit), float64
        Of the hidden state.
    Tensor or None, of the same axes
        Of the cell state.
    """
    length = run.lengths[sequences[0]]
    given = run.input[:length, sequences].double()  # (time, batch, feature)
    first = tuple(each[:, :, sequences].double() for each in run.first_state)
    changed = given.clone()
    changed[step : step + 1] += size
    with sharing.alone(), torch.no_grad():
        module = copy.deepcopy(run.module).double()
        # One after the other: together, the rounding of one could depend on the other.
        one, other = (
            Unrolled(module, steps, (length,) * len(sequences), first) for steps in (given, changed)
        )
    hidden = (one.hidden - other.hidden).abs()
    if one.cell is None or other.cell is None:
        return hidden, None
    return hidden, (one.cell - other.cell).abs()


def steps_until_forgotten(change: Tensor, step: int) -> Tensor:
    """Count the steps after `step` over which at least `SHARE` of the largest change is left.

    Parameters
    ----------
    change : Tensor, shape (layer, direction, time, batch, unit)
        As `state_change` returns it.
    step : int

    Returns
    -------
    Tensor, shape (layer, direction, batch, unit), float64
        Infinite where it is still left at the end, NaN where there is no change or no number.

    Examples
    --------
    >>> change = torch.tensor([0.0, 0.0, 2.0, 1.0, 0.5, 0.25])
    >>> steps_until_forgotten(change.view(1, 1, 6, 1, 1), 2).item()
    1.0
    """
    found = change.new_full((*change.shape[:2], *change.shape[3:]), torch.nan, dtype=torch.float64)
    if step >= change.shape[2]:
        return found
    for direction, each in enumerate(change.unbind(1)):
        # The reverse direction reads `step` and then the steps before it.
        after = each[:, : step + 1].flip(1) if direction else each[:, step:]
        found[:, direction] = _last_above(after)
    return found


def _last_above(after: Tensor) -> Tensor:
    """Return the last lag that is not forgotten, shape (layer, batch, unit)."""
    lags = torch.arange(after.shape[1], dtype=torch.float64)[:, None, None]
    largest = after.amax(dim=1, keepdim=True)  # (layer, 1, batch, unit)
    last = torch.where(after >= SHARE * largest, lags, 0.0).amax(dim=1)
    last[last == after.shape[1] - 1] = torch.inf
    known = (largest[:, 0] > 0) & after.isfinite().all(dim=1)
    return torch.where(known, last, torch.nan)


def _nan_like(states: Tensor) -> Tensor:
    return states.new_full(states.shape, torch.nan, dtype=torch.float64)


def _values(run: RecurrenceTrace) -> int:
    """Return how many numbers a trace has of each step."""
    kept = [run.hidden, *run.gates.values(), *run.sums.values()]
    return sum(each.shape[-1] for each in kept) + (0 if run.cell is None else run.cell.shape[-1])
