"""The numbers of one unit at one step, wherever one looks."""

from __future__ import annotations

from functools import cached_property

from convrnn_lab import checks
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import Numbers
from convrnn_lab.topics.gates.over_time import GatesOverTime


class SeenStep:
    """One unit at one step: what its gates add up, and the states before and after.

    The sums are made where one looks, from the weights and from what they multiply. So they agree
    with those of the trace up to the rounding of a float32.

    Parameters
    ----------
    run : GatesOverTime
    time, unit : int or Look

    Raises
    ------
    ValueError
        If `time` or `unit` is out of range.
    """

    def __init__(self, run: GatesOverTime, time: Seen, unit: Seen) -> None:
        if not looks.has_look((time, unit)):
            checks.integer("time", time, 0, run.length - 1)
            checks.integer("unit", unit, 0, len(run.half_lives) - 1)
        self._run, self._time, self._unit = run, time, unit

    @cached_property
    def values(self) -> dict[str, Seen]:
        """What each gate's sigmoid or tanh gives."""
        return {name: self._taken(values) for name, values in self._run.gates.items()}

    def total(self, gate: str) -> Seen:
        """Return what a gate of an LSTM, or the reset or update gate of a GRU, adds up."""
        return self.from_input(gate) + self.from_hidden(gate)

    def from_input(self, gate: str) -> Seen:
        """Return W_ih x_t + b_ih of a gate, or 0 in place of a bias that there is not."""
        weights = self._run.weights[gate]
        products = looks.multiply(self._row(weights.input), self._column(self._run.source))
        return looks.add(looks.total(products), looks.take(weights.input_bias, self._unit))

    def from_hidden(self, gate: str, *, reset_first: bool = False) -> Seen:
        """Return W_hh h_(t-1) + b_hh of a gate; or W_hh (r * h_(t-1)) + b_hh."""
        weights, state = self._run.weights[gate], self._column(self._run.before["hidden state"])
        if reset_first:
            state = looks.multiply(self._column(self._run.gates["reset"]), state)
        products = looks.multiply(self._row(weights.hidden), state)
        return looks.add(looks.total(products), looks.take(weights.hidden_bias, self._unit))

    def before(self, state: str) -> Seen:
        """Return a state of the unit before the step."""
        return self._taken(self._run.before[state])

    def after(self, state: str) -> Seen:
        """Return a state of the unit after the step; a hidden one before its projection."""
        if state == "hidden state" and self._run.projected:
            return looks.multiply(self.values["output"], looks.tanh(self.after("cell state")))
        return self._taken(self._run.states[state])

    def _taken(self, values: Numbers) -> Seen:
        return looks.take(values, self._unit, self._time)

    def _row(self, weights: Numbers) -> Seen:
        """Return the unit's weights, shape (n, 1)."""
        return looks.take(weights, self._unit)

    def _column(self, values: Numbers) -> Seen:
        """Return all units or features at the step, shape (n, 1)."""
        return looks.window(values, [(0, len(values), 1), (self._time, 1, 1)])
