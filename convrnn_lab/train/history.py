"""The curves of a training, and where it stands."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Generic, TypeVar


@dataclass
class History:
    """The curves of one training, which grow while it runs.

    Attributes
    ----------
    batch_loss : list of float
        Mean cross-entropy of each batch, in nats, before its step.
    loss, accuracy : list of float
        Of each epoch, over its training images as they were met: the model changes meanwhile.
    validation_loss, validation_accuracy : list of float
        After each epoch; empty without validation.
    best_epoch : int
        The epoch, from 1, whose weights are kept; 0 for those from before the training.
    stopped : str
        Why it ended: "all epochs", "no better for 3 epochs", "diverged at epoch 2, batch 5" or
        "stopped"; empty while it runs.
    """

    batch_loss: list[float] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    best_epoch: int = 0
    stopped: str = ""


H = TypeVar("H", bound=History)


@dataclass(frozen=True)
class TrainingProgress(Generic[H]):
    """Where a training stands after a batch; epochs and batches count from 1.

    Attributes
    ----------
    epoch, epochs, batch, batches : int
    loss : float
        Of this batch.
    history : History
        Of the whole training, the same object every time.
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float
    history: H

    @property
    def fraction(self) -> float:
        """Share of all batches of all epochs that is done."""
        return ((self.epoch - 1) * self.batches + self.batch) / (self.epochs * self.batches)


Progress = TrainingProgress
"""The public name, `train.Progress`; `explorers.Progress` is that of any work with a button."""

Steps = Generator[TrainingProgress[H], None, None]
"""A training as it runs: one value for each batch."""
