"""The explorer of hidden states as a shipped model learnt them, epoch by epoch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from convrnn_lab import data, models
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.topics.recurrence.trace import recurrence
from convrnn_lab.topics.training import state_figure
from convrnn_lab.topics.training.state_figure import Epoch
from convrnn_lab.train.recipes import RECIPES
from convrnn_lab.train.sequence_scores import answers_of, evaluate_sequences

SEQUENCE_LIMIT = 9


def state_over_training(
    name: str = "sunspots", *, epoch: int | None = None, sequence: int = 0, unit: int = 0
) -> Explorer:
    """Show the hidden states of a shipped model on one sequence, epoch by epoch.

    Parameters
    ----------
    name : str
        One of the shipped models whose file holds epochs; see `models.stored_epochs`.
    epoch : int, optional
        One of the stored epochs; the last by default.
    sequence : int
        0 to 9, of the test.
    unit : int

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If there is no such model, none of its epochs is stored, or a value is not offered.
    """
    shown = _Stored(name)
    units = shown.model(shown.epochs[0]).recurrent.hidden_size
    start = shown.epochs[-1] if epoch is None else epoch
    return Explorer(
        shown.view,
        {
            "epoch": Choice("epoch", shown.epochs, start, ordered=True),
            "sequence": Slider("sequence", 0, min(SEQUENCE_LIMIT, len(shown.task) - 1), sequence),
            "unit": Slider("unit", 0, units - 1, unit),
        },
        name="States over training",
        vary={"epoch": None, "sequence": (0, 1, 2), "unit": tuple(range(min(units, 16)))},
        scan=("unit",),
    )


class _Stored:
    """A shipped model after each of its stored epochs, on the task of its test."""

    def __init__(self, name: str) -> None:
        self.name, self.epochs = name, models.stored_epochs(name)
        if not self.epochs:
            raise ValueError(f"name must be of a model with stored epochs; got {name!r}")
        self.task = RECIPES[name].test()
        self._models = {each: models.trained_sequence(name, epoch=each)[0] for each in self.epochs}
        self._losses = {
            each: evaluate_sequences(model, self.task).loss for each, model in self._models.items()
        }
        self._runs = lru_cache(maxsize=SEQUENCE_LIMIT + 1)(self._run)

    def model(self, epoch: int) -> models.SequenceModel:
        """Return the model as it was after an epoch."""
        return self._models[epoch]

    def view(self, epoch: int, sequence: int, unit: int) -> Sheet:
        """Draw the states of one sequence after one epoch."""
        return state_figure.state_over_training(
            self.task,
            self._runs(sequence),
            epoch,
            sequence,
            unit,
            code=self._code(epoch, sequence, unit),
        )

    def _run(self, sequence: int) -> dict[int, Epoch]:
        part = self.task.part(torch.tensor([sequence]))
        return {
            each: Epoch(_states(model, part), _answers(model, part), self._losses[each])
            for each, model in self._models.items()
        }

    def _code(self, epoch: int, sequence: int, unit: int) -> str:
        """Write what gives the states, the answers and the loss that are drawn."""
        made = call(models.trained_sequence, "models", self.name, epoch=epoch)
        states = call(recurrence, "trace", Name("model.recurrent"), Name("inputs"))
        scores = call(evaluate_sequences, "train", Name("model"), Name("task"))
        return "\n".join(
            [
                f"model, about = {made}",
                f'task = train.RECIPES["{self.name}"].test()',
                f"inputs = task.inputs[{sequence}:{sequence + 1}]",
                f"states = {states}.hidden[-1, 0, :, 0]  # (time, unit)",
                f"state = states[:, {unit}]",
                f"scores = {scores}",
                f"answers = scores.answers[{sequence}]",
            ]
        )


def _states(model: models.SequenceModel, part: data.SequenceTask) -> NDArray[np.float32]:
    """Return the last layer's hidden states for one sequence, shape (unit, time)."""
    run = recurrence(model.recurrent, part.inputs)
    return np.ascontiguousarray(run.hidden[-1, 0, :, 0].T)


def _answers(model: models.SequenceModel, part: data.SequenceTask) -> NDArray[np.float32]:
    """Return the first value, or the probability of the wanted class, at each step."""
    answers = answers_of(model, part)[0]
    if not part.classes:
        return answers[:, 0].numpy()
    return answers.softmax(1).gather(1, part.targets[0, :, None])[:, 0].numpy()
