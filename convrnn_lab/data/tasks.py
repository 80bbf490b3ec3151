"""Tasks over sequences, each with targets, a mask and what a trivial answer scores on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from convrnn_lab import checks

PARTS = ("train", "test")
SYMBOLS = 8
"""Different symbols to be remembered in copy memory."""
REMEMBERED = 10
"""Symbols to be remembered in copy memory."""


@dataclass(frozen=True)
class Baseline:
    """What a trivial answer scores, one that takes no learning.

    Attributes
    ----------
    rule : str
        The answer, in words.
    metric : str
        "mean squared error", "cross-entropy" (in nats, a step) or "accuracy".
    value : float
    """

    rule: str
    metric: str
    value: float


@dataclass(frozen=True, eq=False)
class SequenceTask:
    """Sequences with the answer wanted at some or all of their steps.

    Attributes
    ----------
    name : str
    inputs : Tensor, shape (batch, time, feature), float32
        Zeros behind the end of a sequence that is shorter than others.
    targets : Tensor, shape (batch, time) int64, or (batch, time, value) float32
        A class, or the values, wanted at each step.
    mask : Tensor, shape (batch, time), bool
        The steps whose answer counts.
    lengths : Tensor, shape (batch,), int64
        Steps of each sequence.
    classes : tuple of str
        Names of the classes; empty where the targets are values.
    baselines : tuple of Baseline
        On these very sequences.
    """

    name: str
    inputs: Tensor
    targets: Tensor
    mask: Tensor
    lengths: Tensor
    classes: tuple[str, ...] = ()
    baselines: tuple[Baseline, ...] = ()

    def __len__(self) -> int:
        """Count the sequences."""
        return len(self.inputs)

    @property
    def outputs(self) -> int:
        """Numbers that a model has to give at a step: one for each class or value."""
        return len(self.classes) or self.targets.shape[-1]

    def part(self, chosen: Tensor) -> SequenceTask:
        """Return the chosen sequences, without the baselines, which hold for all of them."""
        return replace(
            self,
            inputs=self.inputs[chosen],
            targets=self.targets[chosen],
            mask=self.mask[chosen],
            lengths=self.lengths[chosen],
            baselines=(),
        )


def adding(length: int = 50, count: int = 1000, seed: int = 0) -> SequenceTask:
    """Make the adding problem: numbers, two of them marked, whose sum is wanted at the end.

    After Hochreiter & Schmidhuber 1997 (Long short-term memory, section 5.4), in the usual form:
    numbers from 0 to 1, one mark in each half. It cannot be answered without remembering.

    Parameters
    ----------
    length : int
        Steps, at least 2.
    count : int
        Sequences.
    seed : int

    Returns
    -------
    SequenceTask
        Inputs of two features, the number and the mark; one value wanted at the last step.

    Raises
    ------
    ValueError
        If a setting is out of range or the task would not fit in memory.

    Examples
    --------
    >>> adding(length=5, count=2).inputs.shape
    torch.Size([2, 5, 2])
    """
    _check_made(length, 2, count, seed, features=2)
    generator = torch.Generator().manual_seed(seed)
    numbers = torch.rand(count, length, generator=generator)
    half, marks = length // 2, torch.zeros(count, length)
    marks.scatter_(1, torch.randint(half, (count, 1), generator=generator), 1)
    marks.scatter_(1, torch.randint(half, length, (count, 1), generator=generator), 1)
    targets = torch.zeros(count, length, 1)
    targets[:, -1, 0] = (numbers * marks).sum(1)
    mask = torch.zeros(count, length, dtype=torch.bool)
    mask[:, -1] = True
    return SequenceTask(
        name=f"adding, {length} steps",
        inputs=torch.stack([numbers, marks], 2),
        targets=targets,
        mask=mask,
        lengths=torch.full((count,), length),
        baselines=(Baseline("always 1", "mean squared error", adding_baseline()),),
    )


def adding_baseline() -> float:
    """Return the expected squared error of the answer 1: the variance of the sum, 2 × 1/12."""
    return 1 / 6


def copy_memory(length: int = 10, count: int = 1000, seed: int = 0) -> SequenceTask:
    """Make copy memory: ten symbols, a long wait, and the symbols are wanted again.

    In the form of Arjovsky, Shah & Bengio 2016 (Unitary evolution recurrent neural networks,
    section 4.1): 10 symbols, ``length - 1`` blanks, a signal that stays on for 11 steps. Wanted
    are blanks for ``length + 10`` steps and then the symbols in their order.

    Parameters
    ----------
    length : int
        Steps of the wait, at least 1; a sequence has 20 more.
    count : int
        Sequences.
    seed : int

    Returns
    -------
    SequenceTask
        Inputs of ten features of which one is 1: blank, the eight symbols, the signal.

    Raises
    ------
    ValueError
        If a setting is out of range or the task would not fit in memory.

    Examples
    --------
    >>> task = copy_memory(length=3, count=1)
    >>> task.inputs[0].argmax(1).tolist()
    [5, 8, 6, 1, 4, 4, 4, 8, 2, 4, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]
    >>> task.targets[0].tolist()
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 8, 6, 1, 4, 4, 4, 8, 2, 4]
    """
    _check_made(length, 1, count, seed, features=SYMBOLS + 2)
    generator = torch.Generator().manual_seed(seed)
    steps = length + 2 * REMEMBERED
    symbols = torch.randint(1, SYMBOLS + 1, (count, REMEMBERED), generator=generator)
    shown, targets = (torch.zeros(count, steps, dtype=torch.int64) for _ in range(2))
    shown[:, :REMEMBERED] = symbols
    shown[:, -REMEMBERED - 1 :] = SYMBOLS + 1
    targets[:, -REMEMBERED:] = symbols
    rule = "blanks, then any symbol, each as likely"
    return SequenceTask(
        name=f"copy memory, wait of {length}",
        inputs=F.one_hot(shown, SYMBOLS + 2).float(),
        targets=targets,
        mask=torch.ones(count, steps, dtype=torch.bool),
        lengths=torch.full((count,), steps),
        classes=("blank", *map(str, range(1, SYMBOLS + 1))),
        baselines=(Baseline(rule, "cross-entropy", copy_memory_baseline(length)),),
    )


def copy_memory_baseline(length: int) -> float:
    """Return the mean cross-entropy without any memory: 10 ln 8 / (`length` + 20) nats a step."""
    return REMEMBERED * math.log(SYMBOLS) / (length + 2 * REMEMBERED)


def _check_made(length: int, least: int, count: int, seed: int, *, features: int) -> None:
    checks.integer("length", length, least)
    checks.integer("count", count, 1)
    checks.integer("seed", seed, 0)
    checks.memory("task", (count, length + 2 * REMEMBERED, 2 * features), 8)
