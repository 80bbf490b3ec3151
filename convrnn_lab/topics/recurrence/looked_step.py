"""One unit at one step, wherever one looks: numbers out of the states and the weights of a run."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.look_sums import column, dot, product, sigmoid, summed
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.topics.recurrence.drawn_run import DrawnRun
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace
from convrnn_lab.topics.recurrence.unrolled import GATES


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
    edge : float or Look
        Of a scale for what is added up at all steps, by all units.
    """

    x: Seen
    gates: dict[str, LookedGate]
    hidden_before: Seen
    cell_before: Seen
    cell: Seen
    hidden: Seen
    reset_first: tuple[Seen, Seen, Seen] | None
    edge: Seen


def looked_step(run: RecurrenceTrace, drawn: DrawnRun, time: Seen, unit: Seen) -> LookedStep:
    """Take one unit at one step apart, as `RecurrenceTrace.step` does it.

    Parameters
    ----------
    run : RecurrenceTrace
    drawn : DrawnRun
        Of that run, with its states.
    time, unit : int or Look

    Returns
    -------
    LookedStep
    """
    at = _At(run, drawn, time, unit)
    projected = run.module.proj_size > 0
    cell_before, cell = at.cells()
    gates = _gates(at)
    if projected:
        hidden = gates["output"].value * looks.tanh(cell)
    else:
        hidden = looks.take(at.states, unit, time)
    before = None if projected else looks.take(at.before, unit)
    other = _reset_first(at, gates, before) if run.kind == "GRU" else None
    return LookedStep(at.x, gates, before, cell_before, cell, hidden, other, at.edge(gates))


class _At:
    """The place in a run: what the unit reads there, and its weights."""

    def __init__(self, run: RecurrenceTrace, drawn: DrawnRun, time: Seen, unit: Seen) -> None:
        self.run, self.drawn, self.time, self.unit = run, drawn, time, unit
        self.states = drawn.states["hidden"]
        self.x = column(drawn.read, time)
        self.before = self._before("hidden")

    def edge(self, gates: Mapping[str, LookedGate]) -> Seen:
        """Return the end of a scale for all that is added up, and the value, which may be 1."""
        drawn = self.drawn
        weights, states = looks.seen((drawn.weights, self.states), {})  # as they were
        with np.errstate(all="ignore"):  # a state may be infinite
            shares = [weights["weight_ih"] @ drawn.read, weights["weight_hh"] @ states]
        biases = [weights[name] for name in ("bias_ih", "bias_hh") if name in weights]
        sums = [drawn.rows(each) for each in self.run.sums.values()]
        edge = max(1.0, *(float(looks.limit(each)) for each in [*shares, *biases, *sums]))
        here = looks.in_rows([gate.row for gate in gates.values()], 6)
        return drawn.edited(looks.limit(here), edge)

    def _before(self, state: str) -> Seen:
        """Return the state of all units that the step started from."""
        earlier = self.time + (1 if self.drawn.direction else -1)
        return column(self.drawn.states[state], earlier, self.drawn.firsts[state])

    def cells(self) -> tuple[Seen, Seen]:
        """Return the unit's cell state before the step and after it, if it has one."""
        if self.run.cell is None:
            return None, None
        before = looks.take(self._before("cell"), self.unit)
        return before, looks.take(self.drawn.states["cell"], self.unit, self.time)

    def shares(self, gate: str) -> list[Seen]:
        """Return what a gate adds up; zero in the place of a bias that there is not."""
        read = {"ih": self.x, "hh": self.before}
        found: list[Seen] = []
        for name, values in read.items():
            bias = f"bias_{name}" in self.drawn.weights
            found += [
                dot(self.drawn.row(f"weight_{name}", gate, self.unit), values),
                self.drawn.row(f"bias_{name}", gate, self.unit) if bias else 0.0,
            ]
        return found

    def resets(self) -> Seen:
        """Return the reset gates of all units."""
        of_gate, read = self.drawn.of_gate, {"ih": self.x, "hh": self.before}
        shares = [product(of_gate(f"weight_{name}", "reset"), read[name]) for name in read]
        shares += [
            of_gate(f"bias_{name}", "reset")
            for name in read
            if f"bias_{name}" in self.drawn.weights
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
    own = at.drawn.row("weight_hh", "new", at.unit)
    given = dot(own, looks.multiply(at.resets(), at.before))
    row = summed("tanh", [read, bias, given, hidden_bias])
    new, update = looks.take(row, 5), gates["update"].value
    return row, new, (1 - update) * new + update * before
