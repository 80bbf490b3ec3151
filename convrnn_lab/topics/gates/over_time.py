"""The gates of a layer over a sequence, with what was counted of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from convrnn_lab.topics.gates.trace import GateStatistics
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace

Numbers = NDArray[np.number]
"""An array to be drawn."""


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
    def half_lives(self) -> Numbers:
        """In steps, shape (unit,)."""
        return self.half_life[self.layer, self.direction, self.batch].numpy()

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
