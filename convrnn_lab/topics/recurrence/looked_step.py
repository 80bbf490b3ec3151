"""One unit at one step, wherever one looks: numbers out of the states and the weights of a run."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.look_sums import column, dot, product, sigmoid, summed
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import Numbers
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace
from convrnn_lab.topics.recurrence.units import Units
from convrnn_lab.topics.recurrence.unrolled import GATES, layer_weights


@dataclass(frozen=True)
class LookedGate:
    """What one gate of the unit adds up, and what it makes of the sum.

    Attributes
    ----------
    shares : list of float or Look
        W_ih x_t, b_ih, W_hh h_(t-1) and b_hh; a bias is zero where the layer has none.
    row : array or Look, shape (6,)
        The shares, their sum, and its sigmoid, tanh or ReLU. In a GRU's "new" state the last two
        shares are multiplied by the reset gate.
    """

    shares: list[Seen]
    row: Seen

    @property
    def value(self) -> Seen:
        """The sigmoid, tanh or ReLU of the sum."""
        return looks.take(self.row, 5)


@dataclass(frozen=True)
class LookedStep:
    """One unit at one step; see `looked_step`.

    Attributes
    ----------
    x : array or Look, shape (feature,)
        What the layer was given.
    gates : dict of str to LookedGate
    hidden_before, cell_before, cell : float, Look or None
        As of `arithmetic.RecurrentStep`.
    hidden : float or Look
    reset_first : tuple or None
        Of a GRU that multiplies with the reset gate first: the row of "new", its value, and h.
    edge : float
        Of a scale for what is added up at all steps, by all units.
    """

    x: Seen
    gates: dict[str, LookedGate]
    hidden_before: Seen
    cell_before: Seen
    cell: Seen
    hidden: Seen
    reset_first: tuple[Seen, Seen, Seen] | None
    edge: float


def numbers(values: Tensor) -> Numbers:
    """Return what is drawn of a tensor; numbers of 16 bits as those of 32."""
    short = values.dtype in (torch.float16, torch.bfloat16)
    drawn = (values.float() if short else values).detach().cpu().numpy()
    return np.ascontiguousarray(drawn)


def read_rows(run: RecurrenceTrace, layer: int, batch: int) -> Numbers:
    """Return what a layer reads of a sequence, shape (feature, time)."""
    return numbers(run.layer_input(layer)[: run.lengths[batch], batch].T)


def state_rows(states: Tensor, run: RecurrenceTrace, seen: Units) -> Numbers:
    """Return the states of a run, hidden or cell, that `seen` looks at: shape (unit, time)."""
    return numbers(states[seen.layer, seen.direction, : run.lengths[seen.batch], seen.batch].T)


def looked_step(run: RecurrenceTrace, seen: Units, time: Seen, unit: Seen) -> LookedStep:
    """Take one unit at one step apart, as `RecurrenceTrace.step` does it.

    Parameters
    ----------
    run : RecurrenceTrace
    seen : Units
        Of that run.
    time, unit : int or Look

    Returns
    -------
    LookedStep
    """
    at = _At(run, seen, time, unit)
    projected = run.module.proj_size > 0
    cell_before, cell = at.cells()
    gates = _gates(at)
    if projected:
        hidden = gates["output"].value * looks.tanh(cell)
    else:
        hidden = looks.take(at.states, unit, time)
    before = None if projected else looks.take(at.before, unit)
    other = _reset_first(at, gates, before) if run.kind == "GRU" else None
    return LookedStep(at.x, gates, before, cell_before, cell, hidden, other, at.edge())


class _At:
    """The place in a run: what the unit reads there, and its weights."""

    def __init__(self, run: RecurrenceTrace, seen: Units, time: Seen, unit: Seen) -> None:
        self.run, self.seen, self.time, self.unit = run, seen, time, unit
        self.states = state_rows(run.hidden, run, seen)
        self.read = read_rows(run, seen.layer, seen.batch)
        self.x = column(self.read, time)
        self.before = self._before(self.states, run.first_state[0])
        weights = layer_weights(run.module, seen.layer, seen.direction)
        units = run.module.hidden_size
        # A gate's own weights lie in an array of their own: the browser gets them as they are.
        gates = GATES[run.module.mode]
        self.weights = {
            name: dict(zip(gates, map(numbers, torch.split(each, units)), strict=True))
            for name, each in weights.items()
            if name != "weight_hr"
        }

    def edge(self) -> float:
        """Return the end of a scale for all that is added up, and the value, which may be 1."""
        weights = {name: np.concatenate(list(each.values())) for name, each in self.weights.items()}
        with np.errstate(all="ignore"):  # a state may be infinite
            shares = [weights["weight_ih"] @ self.read, weights["weight_hh"] @ self.states]
        biases = [weights[name] for name in ("bias_ih", "bias_hh") if name in weights]
        seen = self.seen
        place = seen.layer, seen.direction, slice(self.run.lengths[seen.batch]), seen.batch
        sums = [numbers(each[place]) for each in self.run.sums.values()]
        return max(1.0, *(float(looks.limit(each)) for each in [*shares, *biases, *sums]))

    def _before(self, states: Numbers, first: Tensor) -> Seen:
        """Return the state of all units that the step started from."""
        seen = self.seen
        earlier = self.time + (1 if seen.direction else -1)
        return column(states, earlier, numbers(first[seen.layer, seen.direction, seen.batch]))

    def cells(self) -> tuple[Seen, Seen]:
        """Return the unit's cell state before the step and after it, if it has one."""
        if self.run.cell is None:
            return None, None
        cells = state_rows(self.run.cell, self.run, self.seen)
        before = looks.take(self._before(cells, self.run.first_state[1]), self.unit)
        return before, looks.take(cells, self.unit, self.time)

    def bias(self, name: str, gate: str) -> Seen:
        """Return one bias, zero where the layer has none."""
        return looks.take(self.weights[name][gate], self.unit) if name in self.weights else 0.0

    def shares(self, gate: str) -> list[Seen]:
        """Return what a gate adds up."""
        own = [looks.take(self.weights[f"weight_{at}"][gate], self.unit) for at in ("ih", "hh")]
        return [
            dot(own[0], self.x),
            self.bias("bias_ih", gate),
            dot(own[1], self.before),
            self.bias("bias_hh", gate),
        ]

    def resets(self) -> Seen:
        """Return the reset gates of all units."""
        read = {"ih": self.x, "hh": self.before}
        shares = [
            product(self.weights[f"weight_{name}"]["reset"], values)
            for name, values in read.items()
        ]
        shares += [
            self.weights[f"bias_{name}"]["reset"] for name in read if f"bias_{name}" in self.weights
        ]
        return sigmoid(functools.reduce(looks.add, shares))


def _gates(at: _At) -> dict[str, LookedGate]:
    """Return all gates of the unit."""
    bends = {"candidate": "tanh", "new": "tanh", "sum": "tanh"}
    if at.run.module.mode == "RNN_RELU":
        bends["sum"] = "relu"
    gates: dict[str, LookedGate] = {}
    for name in GATES[at.run.module.mode]:
        shares, bend = at.shares(name), bends.get(name, "sigmoid")
        factor = [gates["reset"].value] if name == "new" else []
        gates[name] = LookedGate(shares, summed(bend, shares, *factor))
    return gates


def _reset_first(at: _At, gates: Mapping[str, LookedGate], before: Seen) -> tuple[Seen, Seen, Seen]:
    """Compute the other GRU from the same weights and gates; see `arithmetic.ResetFirst`."""
    read, bias, _, hidden_bias = gates["new"].shares
    own = looks.take(at.weights["weight_hh"]["new"], at.unit)
    given = dot(own, looks.multiply(at.resets(), at.before))
    row = summed("tanh", [read, bias, given, hidden_bias])
    new, update = looks.take(row, 5), gates["update"].value
    return row, new, (1 - update) * new + update * before
