"""What the units of a recurrent layer do over time: how soon each forgets, what it follows."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.topics.recurrence.forgetting import state_change, steps_until_forgotten
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace

ORDERS = ("index", "memory", "correlation")
"""What units can be sorted by."""


@dataclass(frozen=True, eq=False)
class Units:
    """The units of one layer and direction, over one sequence; see `units`.

    Attributes
    ----------
    layer, direction, batch : int
    input : Tensor, shape (time, feature)
        What the first layer was given.
    hidden : Tensor, shape (time, unit)
    cell : Tensor or None, shape (time, unit)
    memory : Tensor, shape (unit,)
        In how many steps each unit forgets a change of the first input that it reads; see
        `forgetting`. Infinite where it does not within the sequence, NaN where nothing arrives.
    autocorrelation_lengths, correlations : Tensor, shape (unit,)
        How fast the states move under this input, and how far they follow it. Neither is a memory.
        These three are of the hidden states; with ``proj_size``, which mixes the units, of the
        cell states.
    path : Tensor, shape (time + 1, 2)
        The hidden state in its first two principal components, in the order of time; the first
        state, which is none of a step's, is in front, or at the end of a backward direction.
    shares : Tensor, shape (2,)
        Of the hidden state's variance that the two components have.
    """

    layer: int
    direction: int
    batch: int
    input: Tensor
    hidden: Tensor
    cell: Tensor | None
    memory: Tensor
    autocorrelation_lengths: Tensor
    correlations: Tensor
    path: Tensor
    shares: Tensor

    def order(self, by: str) -> tuple[int, ...]:
        """Return the indices of the units, sorted.

        Parameters
        ----------
        by : str
            One of `ORDERS`: the longest memory first, or the highest correlation; units that have
            none come last.

        Raises
        ------
        ValueError
            If there is no such order.
        """
        checks.choice("by", by, ORDERS)
        if by == "index":
            return tuple(range(len(self.memory)))
        values = self.memory if by == "memory" else self.correlations
        known = values.nan_to_num(nan=-torch.inf)
        return tuple(known.argsort(descending=True, stable=True).tolist())


def units(run: RecurrenceTrace, layer: int = 0, direction: int = 0, batch: int = 0) -> Units:
    """Take one layer and direction of a trace, and say what each unit does over one sequence.

    Parameters
    ----------
    run : RecurrenceTrace
    layer, direction, batch : int

    Returns
    -------
    Units

    Raises
    ------
    ValueError
        If one of the three is out of range.
    """
    checks.integer("layer", layer, 0, run.hidden.shape[0] - 1)
    checks.integer("direction", direction, 0, run.hidden.shape[1] - 1)
    checks.integer("batch", batch, 0, len(run.lengths) - 1)
    steps = slice(run.lengths[batch])
    given = run.input[steps, batch]
    hidden = run.hidden[layer, direction, steps, batch]
    cell = None if run.cell is None else run.cell[layer, direction, steps, batch]
    kept = cell if cell is not None and run.module.proj_size else hidden
    start = run.first_state[0][layer, direction, batch][None]
    path, shares = principal_path(torch.cat([hidden, start] if direction else [start, hidden]))
    first_read = run.lengths[batch] - 1 if direction else 0
    return Units(
        layer,
        direction,
        batch,
        given,
        hidden,
        cell,
        _memory(run, layer, direction, batch, first_read),
        autocorrelation_lengths(kept),
        correlations(kept, given),
        path,
        shares,
    )


@functools.lru_cache(maxsize=2)
def _changed(run: RecurrenceTrace, batch: int, step: int) -> tuple[Tensor, Tensor | None]:
    """Change a step of one sequence; the layers of both directions have it from the same runs."""
    return state_change(run, [batch], step)


def _memory(run: RecurrenceTrace, layer: int, direction: int, batch: int, step: int) -> Tensor:
    """Return in how many steps each unit forgets a change of the input at `step`."""
    hidden, cell = _changed(run, batch, step)
    change = cell if cell is not None and run.module.proj_size else hidden
    return steps_until_forgotten(change, step)[layer, direction, 0]


def autocorrelation_lengths(states: Tensor) -> Tensor:
    """Return after how many steps each unit's correlation with itself has fallen to 1 / e.

    It says how fast a state moves, and that is also its input's doing: under a slow wave all units
    move slowly, and one that forgets at once has a long autocorrelation too. For memory, see
    `forgetting`.

    The correlation is taken to fall exponentially with the lag, exp(-lag / length), so that one
    lag tells: the length is -1 / ln r. The correlation r of neighbouring steps is estimated as the
    sum over t of (s_t - m)(s_(t+1) - m), over the sum of (s_t - m)^2, with m the mean (Box and
    Jenkins 1970, "Time Series Analysis"). The estimate is low where the length is not much shorter
    than the sequence.

    Parameters
    ----------
    states : Tensor, shape (time, unit)

    Returns
    -------
    Tensor, shape (unit,), float64
        In steps. Zero where neighbours do not correlate, or against each other; NaN of units that
        do not move or are not finite.

    Raises
    ------
    ValueError
        If `states` has other axes.

    Examples
    --------
    >>> autocorrelation_lengths(torch.tensor([[1.0], [2.0], [3.0], [4.0]]))  # r = 1.25 / 5
    tensor([0.7213], dtype=torch.float64)
    """
    checks.tensor("states", states, "time unit")
    moved = _centred(states)
    r = (moved[:-1] * moved[1:]).sum(dim=0) / moved.square().sum(dim=0)
    return torch.where(r <= 0, 0.0, -1 / r.log())


def correlations(states: Tensor, input: Tensor) -> Tensor:  # noqa: A002 - as in `recurrence`
    """Return the correlation of each unit with the input at the same step (Pearson's).

    Parameters
    ----------
    states : Tensor, shape (time, unit)
    input : Tensor, shape (time, feature)

    Returns
    -------
    Tensor, shape (unit,), float64
        From -1 to 1, with the feature that the unit follows most, or goes against most; NaN where
        unit or input do not move or are not finite.

    Raises
    ------
    ValueError
        If they have other axes, or not the same number of steps.

    Examples
    --------
    >>> correlations(torch.tensor([[0.0], [1.0], [0.0]]), torch.tensor([[2.0], [0.0], [2.0]]))
    tensor([-1.], dtype=torch.float64)
    """
    checks.tensor("states", states, "time unit")
    checks.tensor("input", input, "time feature")
    if len(states) != len(input):
        raise ValueError(f"input must have {len(states)} steps, as states; got {len(input)}")
    rows, given = _centred(states), _centred(input)
    scale = torch.outer(rows.norm(dim=0), given.norm(dim=0))
    found = (rows.T @ given / scale).clamp(-1, 1)  # (unit, feature)
    # A feature that never moves says nothing; it is passed over where another one does.
    best = found.abs().nan_to_num(nan=-1.0).argmax(dim=1, keepdim=True)
    return found.gather(1, best)[:, 0]


def principal_path(states: Tensor) -> tuple[Tensor, Tensor]:
    """Return the path of a state in its first two principal components.

    A component has no sign of its own: the unit with the largest part in it gets a positive one.

    Parameters
    ----------
    states : Tensor, shape (time, unit)
        Steps that are not finite are left out, and NaN in the path.

    Returns
    -------
    Tensor, shape (time, 2), float64
    Tensor, shape (2,), float64
        The share of the variance that each component has; NaN where nothing moves.

    Raises
    ------
    ValueError
        If `states` has other axes.

    Examples
    --------
    >>> path, shares = principal_path(torch.tensor([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]]))
    >>> path[:, 0], shares[0]
    (tensor([-5.,  0.,  5.], dtype=torch.float64), tensor(1., dtype=torch.float64))
    """
    checks.tensor("states", states, "time unit")
    whole = states.isfinite().all(dim=1)
    path = torch.full((len(states), 2), torch.nan, dtype=torch.float64)
    if not whole.any():
        return path, path.new_full((2,), torch.nan)
    moved = _centred(states[whole])
    variance, columns = torch.linalg.eigh(moved.T @ moved)  # the largest last
    variance, parts = variance.clamp(min=0).flip(0), columns.T.flip(0)[:2]  # (component, unit)
    largest = parts.gather(1, parts.abs().argmax(dim=1, keepdim=True))
    path[whole] = 0.0  # a single unit has no second component
    path[whole, : len(parts)] = moved @ (parts * largest.sign()).T
    shares = torch.zeros(2, dtype=torch.float64)
    shares[: len(parts)] = variance[:2]
    return path, shares / variance.sum()


def _centred(values: Tensor) -> Tensor:
    """Return the deviations from each column's mean, exactly zero in one that does not move."""
    wide = values.detach().double()
    still = (wide == wide[:1]).all(dim=0)
    return torch.where(still, 0.0, wide - wide.mean(dim=0))
