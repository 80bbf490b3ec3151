"""Gates and states as they are drawn, with what is counted of them, whatever a reader gives."""

from __future__ import annotations

import numpy as np

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.look_sums import lost, reaches
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.topics.gates.over_time import GatesOverTime
from convrnn_lab.topics.recurrence.drawn_run import DrawnRun

KINDS = ("open", "closed", "saturated")


class DrawnGates:
    """One layer, direction and sequence, as it is drawn.

    Parameters
    ----------
    run : GatesOverTime
    at : int or Look, optional
        Where one looks. If it is a look, a reader may give other weights.

    Attributes
    ----------
    run : GatesOverTime
    drawn : DrawnRun
    gates, states : dict of str to (array or Look), shape (unit, time)
    half_lives : array or Look, shape (unit,)
        In steps.
    """

    def __init__(self, run: GatesOverTime, at: Seen = None) -> None:
        states = ["hidden"] if run.trace.cell is None else ["cell", "hidden"]
        place, gates = (run.layer, run.direction, run.batch), [*run.trace.gates]
        self.run, self.drawn = run, DrawnRun(run.trace, place, [*gates, *states], at)
        self.gates = {name: self.drawn.states[name] for name in gates}
        self.states = {f"{name} state": self.drawn.states[name] for name in states}
        self._counted: Seen = None
        if self.drawn.follows:
            shares = [run.shares[name].get(what) for name in gates for what in KINDS]
            none = np.full(len(run.half_lives), np.nan)
            rows = [*(none if each is None else each for each in shares), run.half_lives]
            counted = np.stack(rows).astype(np.float32)
            self._counted = self.drawn.follow("counted", counted, "counted")
        self.half_lives = self._now(len(gates) * len(KINDS), run.half_lives)

    def _now(self, row: int, before: np.ndarray) -> Seen:
        """Return what was counted of all units, or what it is with other weights."""
        if self._counted is None:
            return before
        return self.drawn.edited(looks.take(self._counted, row), before)

    def edited(self, then: Seen, otherwise: Seen) -> Seen:
        """Return `then` where a reader has given other weights, else `otherwise`."""
        return self.drawn.edited(then, otherwise)

    def shares(self, gate: str) -> dict[str, Seen]:
        """Return the percentages of the units by kind, shape (unit,)."""
        first = [*self.gates].index(gate) * len(KINDS)
        known = self.run.shares[gate]
        return {
            what: self._now(first + at, known[what])
            for at, what in enumerate(KINDS)
            if what in known
        }

    def share(self, gate: str, what: str) -> Seen:
        """Return a percentage, the mean of all units."""
        total = looks.total(self.shares(gate)[what])
        return self.edited(
            looks.multiply(total, 1 / len(self.run.half_lives)), self.run.share(gate, what)
        )

    @property
    def lost(self) -> Seen:
        """Say from which step on a state is not finite, if the weights are others."""
        first = lost(looks.in_rows([*self.states.values()], self.run.length))
        said = looks.words("the state, from step {} on", first)
        return looks.pick([said, "at no step"], reaches(first, self.run.length))
