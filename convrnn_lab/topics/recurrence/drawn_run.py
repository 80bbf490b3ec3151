"""What is drawn of a run: its states and weights, and others where a reader gives other weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from convrnn_lab.drawing import given, looks
from convrnn_lab.drawing.look_texts import changes
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import Numbers
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace
from convrnn_lab.topics.recurrence.unrolled import GATES, layer_weights

Place = tuple[int, int, int]
"""A layer, a direction and a sequence of a batch."""


def numbers(values: Tensor) -> Numbers:
    """Return what is drawn of a tensor; numbers of 16 bits as those of 32."""
    short = values.element_size() < 4
    drawn = (values.float() if short else values).detach().cpu().numpy()
    return np.ascontiguousarray(drawn)


def state_rows(states: Tensor, run: RecurrenceTrace, place: Place) -> Numbers:
    """Return the states of a run, or its gates, at a place: shape (unit, time)."""
    layer, direction, batch = place
    return numbers(states[layer, direction, : run.lengths[batch], batch].T)


def editable(run: RecurrenceTrace) -> bool:
    """Tell whether the browser can run the layer with other weights."""
    return run.hidden.shape[:2] == (1, 1) and run.module.bias and not run.module.proj_size


class DrawnRun:
    """One layer, direction and sequence of a run, as it is drawn.

    Parameters
    ----------
    run : RecurrenceTrace
    place : (layer, direction, batch)
    parts : sequence of str
        What is drawn: "hidden", "cell", and gates by their names.
    at : int or Look, optional
        Where one looks. If it is a look, a reader may give other weights.
    still : RecurrenceTrace, optional
        A run of the same layer over zeros.

    Attributes
    ----------
    weights : dict of str to (array or Look), shape (gate · unit, n) or (gate · unit,)
        By PyTorch's names without their ending.
    read : array, shape (feature, time)
        What the layer is given.
    states, still : dict of str to (array or Look), shape (unit, time)
        By the names in `parts`; of `still` none without one.
    firsts : dict of str to array, shape (unit,)
        "hidden" and, of an LSTM, "cell" before the first step.
    """

    def __init__(
        self,
        run: RecurrenceTrace,
        place: Place,
        parts: Sequence[str],
        at: Seen = None,
        still: RecurrenceTrace | None = None,
    ) -> None:
        layer, direction, batch = place
        self._run, self._place, self._parts = run, place, list(parts)
        self.weights: dict[str, Seen] = {
            name: given.array(name, numbers(each), at)
            for name, each in layer_weights(run.module, layer, direction).items()
            if name != "weight_hr"
        }
        self.read = numbers(run.layer_input(layer)[: run.lengths[batch], batch].T)
        firsts = [numbers(each[layer, direction, batch]) for each in run.first_state]
        self.firsts = dict(zip(("hidden", "cell"), firsts, strict=False))
        self._whole = self._followed("run", run, self.read)
        self.states = self._by_name(self._whole, run)
        self.still: dict[str, Seen] = {}
        if still is not None:
            silence = self._followed("still", still, np.zeros_like(self.read))
            self.still = self._by_name(silence, still)

    @property
    def gates(self) -> tuple[str, ...]:
        """What each block of rows of the weights makes; of an RNN "sum"."""
        return GATES[self._run.module.mode]

    @property
    def direction(self) -> int:
        """0 forward, 1 backward."""
        return self._place[1]

    def rows(self, values: Tensor) -> Numbers:
        """Return what is drawn of an array of the run: shape (unit, time)."""
        return state_rows(values, self._run, self._place)

    def _arrays(self, run: RecurrenceTrace) -> list[Numbers]:
        known = {"hidden": run.hidden, "cell": run.cell, **run.gates}
        states = [values for name in self._parts if (values := known[name]) is not None]
        return [state_rows(values, run, self._place) for values in states]

    def _followed(self, name: str, run: RecurrenceTrace, read: Numbers) -> Seen:
        """Return all states in one array that follows the weights; None where they are fixed."""
        if not looks.has_look(self.weights):
            return None
        operands = *self._operands(read), self._parts
        return given.recomputed(name, np.stack(self._arrays(run)), "recurrence", *operands)

    def _operands(self, read: Numbers) -> tuple[Seen, ...]:
        """Return what a layer is run with."""
        firsts = np.stack([*self.firsts.values()])
        return self._run.module.mode, read, firsts, [*self.weights.values()]

    def _by_name(self, whole: Seen, run: RecurrenceTrace) -> dict[str, Seen]:
        if whole is None:
            return dict(zip(self._parts, self._arrays(run), strict=True))
        return {name: looks.take(whole, part) for part, name in enumerate(self._parts)}

    def edited(self, then: Seen, otherwise: Seen) -> Seen:
        """Return `then` where a reader has given other weights, else `otherwise`."""
        return given.where_given(self._whole, then, otherwise)

    @property
    def follows(self) -> bool:
        """Whether a reader may give other weights."""
        return self._whole is not None

    def follow(self, name: str, array: Numbers, operation: str) -> Seen:
        """Return an array that follows the weights, too.

        Parameters
        ----------
        name : str
            By which it is known.
        array : array
            Of the run itself.
        operation : str
            One that takes what "recurrence" takes, less the parts.
        """
        return given.recomputed(name, array, operation, *self._operands(self.read))

    def code(self, layer: str = "layer") -> Seen:
        """Return the lines that set the weights which a reader gave, each with its end."""
        lines = [
            given.where_given(each, changes(f"{layer}.{name}_l0.data", each, each.arguments[1]), "")
            for name, each in self.weights.items()
            if self.follows
        ]
        return looks.words("{}" * len(lines), *lines)

    def row(self, name: str, gate: str, unit: Seen) -> Seen:
        """Return the weights of one gate of one unit, or its bias."""
        return looks.take(self.weights[name], self.place(gate, unit))

    def place(self, gate: str, unit: Seen) -> Seen:
        """Return the row of one gate of one unit in the weights."""
        module = self._run.module
        return unit + GATES[module.mode].index(gate) * module.hidden_size

    def of_gate(self, name: str, gate: str) -> Seen:
        """Return the weights of one gate of all units."""
        weights, units = self.weights[name], self._run.module.hidden_size
        spans = [(0, size, 1) for size in weights.shape]
        spans[0] = (self.place(gate, 0), units, 1)
        return looks.window(weights, spans)
