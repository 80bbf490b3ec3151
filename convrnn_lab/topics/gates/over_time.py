"""The gates of a layer over a sequence, with what was counted of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from convrnn_lab.topics.gates.trace import GateStatistics
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace
from convrnn_lab.topics.recurrence.unrolled import layer_weights

Numbers = NDArray[np.number]
"""An array to be drawn."""


@dataclass(frozen=True, eq=False)
class GateWeights:
    """The weights of one gate, as columns: one number stands beside each that it multiplies.

    Attributes
    ----------
    input : array, shape (unit, feature, 1)
    hidden : array, shape (unit, state, 1)
    input_bias, hidden_bias : array, shape (unit,)
        Zeros where the layer has none.
    """

    input: Numbers
    hidden: Numbers
    input_bias: Numbers
    hidden_bias: Numbers


@dataclass(frozen=True, eq=False)
class GatesOverTime:
    """One layer, direction and sequence of a trace, with what was counted of its gates.

    Attributes
    ----------
    trace : RecurrenceTrace
        Of an LSTM or a GRU.
    statistics : dict of str to GateStatistics
    half_life : Tensor, shape (layer, direction, batch, unit)
        Both of `trace`.
    layer, direction, batch : int
        Which part is drawn.
    """

    trace: RecurrenceTrace
    statistics: dict[str, GateStatistics]
    half_life: Tensor
    layer: int = 0
    direction: int = 0
    batch: int = 0

    @cached_property
    def length(self) -> int:
        """Steps of the sequence."""
        return self.trace.lengths[self.batch]

    @cached_property
    def gates(self) -> dict[str, Numbers]:
        """Values by gate, shape (unit, time)."""
        return {name: self._over_time(values) for name, values in self.trace.gates.items()}

    @cached_property
    def states(self) -> dict[str, Numbers]:
        """Cell state, if there is one, and hidden state, shape (unit, time)."""
        found = {"hidden state": self._over_time(self.trace.hidden)}
        if self.trace.cell is None:
            return found
        return {"cell state": self._over_time(self.trace.cell), **found}

    @cached_property
    def before(self) -> dict[str, Numbers]:
        """What each step started from, as `states`, shape (unit, time)."""
        firsts = dict(zip(("hidden state", "cell state"), self.trace.first_state, strict=False))
        return {name: self._shifted(values, firsts[name]) for name, values in self.states.items()}

    def _shifted(self, values: Numbers, first: Tensor) -> Numbers:
        start = first[self.layer, self.direction, self.batch].float().numpy()[:, None]
        parts = [values[:, 1:], start] if self.direction else [start, values[:, :-1]]
        return np.ascontiguousarray(np.concatenate(parts, axis=1))

    @cached_property
    def weights(self) -> dict[str, GateWeights]:
        """By gate."""
        whole = layer_weights(self.trace.module, self.layer, self.direction)
        count = len(self.gates)
        none = whole["weight_ih"].new_zeros(len(whole["weight_ih"]))
        each = [
            whole.get(name, none).detach().float().clone().chunk(count)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        return {
            name: GateWeights(
                given[:, :, None].numpy(), held[:, :, None].numpy(), *map(Tensor.numpy, biases)
            )
            for name, given, held, *biases in zip(self.gates, *each, strict=True)
        }

    @property
    def projected(self) -> bool:
        """Whether there are fewer hidden states than units, as with ``proj_size``."""
        return self.trace.module.proj_size > 0

    @cached_property
    def half_lives(self) -> Numbers:
        """In steps, shape (unit,)."""
        return self.half_life[self.layer, self.direction, self.batch].numpy()

    @cached_property
    def source(self) -> Numbers:
        """What the layer was given, shape (feature, time)."""
        steps = self.trace.layer_input(self.layer)[: self.length, self.batch]
        return np.ascontiguousarray(steps.float().T)

    def share(self, gate: str, what: str) -> float:
        """Return a percentage, the mean of all units."""
        return float(self.shares[gate][what].mean())

    @cached_property
    def dead(self) -> dict[str, int]:
        """Units whose gate was closed at every step, by gate; a tanh is left out."""
        shares = {name: each["closed"] for name, each in self.shares.items() if "closed" in each}
        return {name: int((each == 100).sum()) for name, each in shares.items()}

    @cached_property
    def trouble(self) -> int | None:
        """First step with a state that is not finite."""
        return self.trace.finite_until[self.batch]

    @cached_property
    def shares(self) -> dict[str, dict[str, Numbers]]:
        """Percentages by gate and kind, shape (unit,)."""
        place = (self.layer, self.direction, self.batch)
        return {
            name: {
                what: values[place].numpy()
                for what in ("open", "closed", "saturated")
                if (values := getattr(found, what)) is not None
            }
            for name, found in self.statistics.items()
        }

    def _over_time(self, values: Tensor) -> Numbers:
        steps = values[self.layer, self.direction, : self.length, self.batch]
        return np.ascontiguousarray(steps.float().T)
