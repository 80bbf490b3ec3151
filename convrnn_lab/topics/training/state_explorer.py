"""The explorer of hidden states as a shipped model learnt them, epoch by epoch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from convrnn_lab import data, models
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.topics.recurrence.trace import recurrence
from convrnn_lab.topics.training import guides, state_figure
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
            "epoch": Choice("epoch", shown.epochs, start, ordered=True, look=True),
            "sequence": Slider("sequence", 0, shown.count - 1, sequence, look=True),
            "unit": Slider("unit", 0, units - 1, unit, look=True),
        },
        name="States over training",
        scan=("unit",),
        guide=guides.STATE_OVER_TRAINING if name == "sunspots" else (),
    )


class _Stored:
    """A shipped model after each of its stored epochs, on the task of its test."""

    def __init__(self, name: str) -> None:
        self.name, self.epochs = name, models.stored_epochs(name)
        if not self.epochs:
            raise ValueError(f"name must be of a model with stored epochs; got {name!r}")
        self.task = RECIPES[name].test()
        self._models = {each: models.trained_sequence(name, epoch=each)[0] for each in self.epochs}
        self.count = min(SEQUENCE_LIMIT + 1, len(self.task))
        self._runs = {each: self._run(model) for each, model in self._models.items()}

    def model(self, epoch: int) -> models.SequenceModel:
        """Return the model as it was after an epoch."""
        return self._models[epoch]

    def view(self, epoch: Seen, sequence: Seen, unit: Seen) -> Sheet:
        """Draw the states of one sequence after one epoch."""
        number = looks.pick({each: each for each in self.epochs}, epoch)
        code = looks.words(self._code, number, sequence, unit, sequence)
        return state_figure.state_over_training(
            self.task, self._runs, epoch, sequence, unit, code=code
        )

    def _run(self, model: models.SequenceModel) -> Epoch:
        part = self.task.part(torch.arange(self.count))
        loss = evaluate_sequences(model, self.task).loss
        return Epoch(_states(model, part), _answers(model, part), loss)

    @property
    def _code(self) -> str:
        """What gives the states, the answers and the loss that are drawn.

        In place of the {} stand the epoch, the sequence, the unit and the sequence again.
        """
        made = call(models.trained_sequence, "models", self.name, epoch=Name("{}"))
        states = call(recurrence, "trace", Name("model.recurrent"), Name("inputs"))
        scores = call(evaluate_sequences, "train", Name("model"), Name("task"))
        return "\n".join(
            [
                f"model, about = {made}",
                f'task = train.RECIPES["{self.name}"].test()',
                f"inputs = task.inputs[:{self.count}]",
                f"states = {states}.hidden[-1, 0, :, {{}}]  # (time, unit)",
                "state = states[:, {}]",
                f"scores = {scores}",
                "answers = scores.answers[{}]",
            ]
        )


def _states(model: models.SequenceModel, part: data.SequenceTask) -> NDArray[np.float32]:
    """Return the last layer's hidden states, shape (sequence, unit, time)."""
    run = recurrence(model.recurrent, part.inputs)
    return np.ascontiguousarray(run.hidden[-1, 0].permute(1, 2, 0))


def _answers(model: models.SequenceModel, part: data.SequenceTask) -> NDArray[np.float32]:
    """Return the first value, or the probability of the wanted class, at each step."""
    answers = answers_of(model, part)  # (sequence, time, output)
    if not part.classes:
        return answers[:, :, 0].numpy()
    return answers.softmax(2).gather(2, part.targets[:, :, None])[:, :, 0].numpy()
