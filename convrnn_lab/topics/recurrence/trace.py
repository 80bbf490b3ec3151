"""A recurrent layer over time: hidden states, cell states, gates and what each gate adds up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.topics.recurrence.arithmetic import RecurrentStep, gate_step, reset_first
from convrnn_lab.topics.recurrence.given import (
    as_returned,
    as_steps,
    check_input,
    check_memory,
    first_state,
)
from convrnn_lab.topics.recurrence.inside import KINDS, described, known
from convrnn_lab.topics.recurrence.unrolled import GATES, Unrolled, layer_weights

__all__ = ["KINDS", "RecurrenceTrace", "recurrence"]


@dataclass(frozen=True, eq=False)
class RecurrenceTrace:
    """A recurrent module's run, with every intermediate value; see `recurrence`.

    Time is the input's, in the reverse direction too: there the state at a step comes from the
    step after it. In sequences that end early, the steps past the end are NaN everywhere.

    Attributes
    ----------
    module : nn.RNN, nn.LSTM or nn.GRU
        `step` reads its weights when it is called, so ask before they are changed.
    input : Tensor, shape (time, batch, feature)
    lengths : tuple of int
        Steps of each sequence of the batch.
    first_state : tuple of Tensor, shape (layer, direction, batch, unit)
        Hidden state, and for an LSTM the cell state, before the first step.
    hidden : Tensor, shape (layer, direction, time, batch, unit)
        With ``proj_size`` the projected state, which is what the next step and layer are given.
    cell : Tensor or None, shape (layer, direction, time, batch, unit)
        Of an LSTM.
    gates : dict of str to Tensor, shape (layer, direction, time, batch, unit)
        "input", "forget", "candidate", "output" of an LSTM; "reset", "update", "new" of a GRU;
        none of an RNN.
    sums : dict of str to Tensor, shape (layer, direction, time, batch, unit)
        What each gate's sigmoid or tanh was given; of an RNN "sum".
    output : Tensor or PackedSequence
    state : Tensor or tuple of Tensor
        Both as the module returns them.
    """

    module: nn.RNNBase
    input: Tensor
    lengths: tuple[int, ...]
    first_state: tuple[Tensor, ...]
    hidden: Tensor
    cell: Tensor | None
    gates: dict[str, Tensor]
    sums: dict[str, Tensor]
    output: Tensor | PackedSequence
    state: Tensor | tuple[Tensor, Tensor]

    @property
    def kind(self) -> str:
        """One of "RNN", "LSTM" and "GRU"."""
        return self.module.mode.split("_")[0]

    @property
    def finite_until(self) -> tuple[int | None, ...]:
        """First step of each sequence with NaN or infinity in a state; None where there is none."""
        wrong = ~self.hidden.isfinite().all(dim=-1)
        if self.cell is not None:
            wrong |= ~self.cell.isfinite().all(dim=-1)
        found: list[int | None] = []
        for each, length in zip(
            wrong.flatten(0, 1).any(dim=0).unbind(1), self.lengths, strict=True
        ):
            steps = each[:length].nonzero()
            found.append(int(steps[0]) if len(steps) else None)
        return tuple(found)

    def layer_input(self, layer: int) -> Tensor:
        """Return what a layer was given, shape (time, batch, feature)."""
        if layer == 0:
            return self.input
        return torch.cat(list(self.hidden[layer - 1]), dim=-1)

    def step(self, layer: int, direction: int, time: int, batch: int, unit: int) -> RecurrentStep:
        """Take the arithmetic of one unit at one step apart.

        Parameters
        ----------
        layer, direction, time, batch, unit : int
            Direction 0 reads forward, 1 backward.

        Returns
        -------
        RecurrentStep

        Raises
        ------
        ValueError
            If one of them is out of range, or `time` is past the end of the sequence.
        """
        for name, value, size in (
            ("layer", layer, self.hidden.shape[0]),
            ("direction", direction, self.hidden.shape[1]),
            ("batch", batch, len(self.lengths)),
            ("unit", unit, self.module.hidden_size),
        ):
            checks.integer(name, value, 0, size - 1)
        checks.integer("time", time, 0, self.lengths[batch] - 1)
        return self._step((layer, direction, time, batch), unit)

    def _step(self, at: tuple[int, int, int, int], unit: int) -> RecurrentStep:
        layer, direction, time, batch = at
        weights = layer_weights(self.module, layer, direction)
        x, before = self.layer_input(layer)[time, batch], self._before(self.hidden, 0, at)
        gates = {}
        for place, (name, sums) in enumerate(self.sums.items()):
            made = float(sums[at][unit]), float(self.gates.get(name, self.hidden)[at][unit])
            row = place * self.module.hidden_size + unit
            gates[name] = gate_step(weights, row, x, before, made)
        projected = self.module.proj_size > 0
        hidden_before = None if projected else float(before[unit])
        cell_before, cell, other = None, None, None
        if self.cell is not None:
            cell_before = float(self._before(self.cell, 1, at)[unit])
            cell = float(self.cell[at][unit])
        if projected and cell is not None:
            hidden = gates["output"].value * math.tanh(cell)
        else:
            hidden = float(self.hidden[at][unit])
        if hidden_before is not None and self.kind == "GRU":
            other = reset_first(gates, before, self.gates["reset"][at], hidden_before)
        return RecurrentStep(x, before, gates, hidden_before, cell_before, cell, hidden, other)

    def _before(self, states: Tensor, which: int, at: tuple[int, int, int, int]) -> Tensor:
        """Return the state of all units that a step started from, shape (unit,)."""
        layer, direction, time, batch = at
        earlier = time + 1 if direction else time - 1
        if 0 <= earlier < self.lengths[batch]:
            return states[layer, direction, earlier, batch]
        return self.first_state[which][layer, direction, batch]


def recurrence(
    module: nn.Module,
    input: Tensor | PackedSequence,  # noqa: A002 - PyTorch's name for it
    state: Tensor | Sequence[Tensor] | None = None,
) -> RecurrenceTrace:
    """Run a recurrent module once and keep every hidden state, cell state and gate.

    PyTorch's own kernel runs each layer. Its states, shifted by one step, then give the sums of
    all gates in one matrix product for all steps, and with the gates known the cell state is a
    linear recurrence, c_t = f_t c_(t-1) + i_t g_t, which a scan solves (Blelloch 1990, "Prefix
    sums and their applications"). It runs in evaluation mode (no dropout) and without
    gradients, and leaves the module as it is.

    Over thousands of steps with forget gates next to 1, a float32 is too short for either way: the
    kernel's own cell state is then off by 1e-5 of itself, and so is this one. Take float64.

    Parameters
    ----------
    module : nn.RNN, nn.LSTM or nn.GRU
        Of any number of layers and directions, with or without bias and ``proj_size``.
    input : Tensor or PackedSequence
        As the module takes it: (time, batch, feature), (batch, time, feature) with
        ``batch_first``, (time, feature), or packed; of a module that reads one feature also
        (time,), as `data.series` gives it.
    state : Tensor or two Tensor, optional
        First state as the module takes it; zeros by default. An LSTM takes (hidden, cell).

    Returns
    -------
    RecurrenceTrace

    Raises
    ------
    ValueError
        If the module is another (the message names the recurrent layers inside it), shapes, types
        or devices do not go together, or the trace would take too much memory.

    Examples
    --------
    >>> run = recurrence(nn.LSTM(1, 3), torch.zeros(5, 1))
    >>> run.gates["forget"].shape  # (layer, direction, time, batch, unit)
    torch.Size([1, 1, 5, 1, 3])
    """
    layer = known(module)
    if layer is None:
        raise ValueError(f"module must be a torch.nn.RNN, LSTM or GRU; got {described(module)}")
    given = input
    if isinstance(given, Tensor) and given.ndim == 1 and layer.input_size == 1:
        given = given[:, None]  # (time,) is (time, feature) of one feature
    with sharing.alone(), torch.no_grad():
        check_input(layer, given)
        check_memory(layer, given)
        steps, lengths = as_steps(layer, given)
        batched = isinstance(given, PackedSequence) or given.ndim == 3
        first = first_state(layer, state, steps, batched=batched)
        packed = given if isinstance(given, PackedSequence) else None
        run = Unrolled(layer, steps, lengths, first, packed)
    names = GATES[layer.mode]
    return RecurrenceTrace(
        layer,
        steps,
        lengths,
        first,
        run.hidden,
        run.cell,
        dict(zip(names, run.gates, strict=False)),  # an RNN has a sum and no gate
        dict(zip(names, run.sums, strict=True)),
        *as_returned(layer, given, run),
    )
