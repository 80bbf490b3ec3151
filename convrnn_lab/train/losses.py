"""Losses: of a batch that is learnt from, and of a validation."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor


def mean_loss(answers: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats, or of values the mean squared error.

    Parameters
    ----------
    answers : Tensor, shape (answer, output)
        Logits, of which the softmax makes probabilities, or values.
    targets : Tensor, shape (answer,) int64 or (answer, output) float32
        Classes or values.

    Returns
    -------
    Tensor, shape ()
    """
    if targets.is_floating_point():
        return F.mse_loss(answers, targets)
    return F.cross_entropy(answers, targets)


@dataclass(frozen=True)
class BatchLoss:
    """What the model made of one batch, before it learns from it.

    Attributes
    ----------
    loss : Tensor, shape ()
        The mean, with its graph.
    correct : int or None
        How many answers were right; None where the answers are values, not classes.
    answers : int
        That the loss is the mean of.
    """

    loss: Tensor
    correct: int | None
    answers: int

    @classmethod
    def of(cls, answers: Tensor, targets: Tensor) -> BatchLoss:
        """Return the loss of answers (answer, output) against classes or values."""
        correct = None
        if not targets.is_floating_point():
            correct = int((answers.argmax(1) == targets).sum())
        return cls(mean_loss(answers, targets), correct, len(targets))


@dataclass(frozen=True)
class BatchResult:
    """What one batch gave.

    Attributes
    ----------
    loss : float
    correct : int or None
    answers : int
        As for `BatchLoss`.
    finite : bool
        Whether loss and gradient were, and so whether the model learnt from it.
    """

    loss: float
    correct: int | None
    answers: int
    finite: bool


@dataclass(frozen=True)
class Validation:
    """How a model does on examples that it is not trained on.

    Attributes
    ----------
    loss : float
    accuracy : float or None
        None where the answers are values, not classes.
    """

    loss: float
    accuracy: float | None

    @classmethod
    def of(cls, answers: Tensor, targets: Tensor) -> Validation:
        """Score answers (answer, output) against classes or values."""
        loss = mean_loss(answers, targets).item()
        if targets.is_floating_point():
            return cls(loss, None)
        return cls(loss, (answers.argmax(1) == targets).float().mean().item())
