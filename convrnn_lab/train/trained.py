"""What came of a training: its curves, its model, its scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from torch import nn

from convrnn_lab.train.history import H

S = TypeVar("S")
"""Scores, of whatever is trained."""


@dataclass
class Trained(Generic[H, S]):
    """One training of one setting.

    Attributes
    ----------
    name : str
        Of the setting, short.
    history : History
        Grows while it runs.
    seconds : float
        That the training has taken so far.
    scores : Scores, SequenceScores or None
        On examples that were not trained on, once it has ended.
    model : nn.Module or None
        In evaluation mode, once it has ended.
    """

    name: str
    history: H
    seconds: float = 0.0
    scores: S | None = None
    model: nn.Module | None = None
