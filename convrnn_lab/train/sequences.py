"""Training of models that read sequences, with masks and lengths of their own."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Unpack

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.data import SequenceTask
from convrnn_lab.train.engine import Forward, Task, Training, Weights, copied_weights, follow
from convrnn_lab.train.history import History, Steps
from convrnn_lab.train.losses import BatchLoss, Validation
from convrnn_lab.train.sequence_scores import answers_of, check_task, counted, model_inputs
from convrnn_lab.train.settings import Options, Settings, split_off, usable_device


@dataclass
class SequenceHistory(History):
    """The curves of a training on sequences.

    Attributes
    ----------
    gradient_norm : list of float
        Euclidean norm of the whole gradient of each batch, before it was clipped; not finite
        where the training diverged.
    snapshots : dict of int to dict
        The weights after the epochs that were asked for, by name; 0 is before the training.

    The others are those of `History`: the loss is a mean over the steps that count, and there is
    no accuracy where the targets are values.
    """

    gradient_norm: list[float] = field(default_factory=list)
    snapshots: dict[int, Weights] = field(default_factory=dict, compare=False)


class SequenceFitOptions(Options, total=False):
    """The arguments of `fitting_sequences` that have defaults."""

    validation: float | SequenceTask
    clip: float | None
    snapshots: Iterable[int]


def fitting_sequences(
    model: nn.Module,
    task: SequenceTask,
    *,
    validation: float | SequenceTask = 0.1,
    epochs: int = 15,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    clip: float | None = 1.0,
    patience: int | None = None,
    snapshots: Iterable[int] = (),
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> Steps[SequenceHistory]:
    """Train `model` in place by Adam, and say after every batch how it goes.

    The loss is the cross-entropy, or for values the squared error, over the steps that the
    task's mask counts. However it ends, the model has its best weights, as with `fitting`.

    Parameters
    ----------
    model : nn.Module
        Gives logits or values of shape (batch, time, output) for inputs of shape
        (batch, time, feature); (batch, output), for the last step, where the task wants one
        answer a sequence. One whose ``forward`` has a parameter ``lengths`` is given them
        where they differ.
    task : SequenceTask
        What is trained on.
    validation : float or SequenceTask
        Share of the sequences, 0 to below 1, that is not trained on, or a task of their own.
    epochs, batch_size : int
        Times that each sequence is met, and sequences of one step.
    learning_rate : float
        Of Adam, whose other settings are PyTorch's.
    clip : float or None
        The norm that a larger gradient is scaled down to (Pascanu, Mikolov & Bengio 2013, On the
        difficulty of training recurrent neural networks, section 3.2); not at all if None.
    patience : int or None
        Epochs without a lower validation loss after which the training ends; never if None.
    snapshots : iterable of int
        Epochs after which a copy of the weights is kept in the history; 0 is before the first.
    seed : int
        Of the share for validation, the order and dropout.
    device : str or torch.device
        Where the model is trained, and stays.

    Yields
    ------
    Progress
        Its history is a `SequenceHistory`.

    Raises
    ------
    ValueError
        If an argument cannot be used; nothing was changed.

    Examples
    --------
    >>> from convrnn_lab import data, models
    >>> steps = fitting_sequences(models.sequence_model("adding"), data.adding(count=100))
    >>> next(steps).batches
    3
    """
    settings = Settings(epochs, batch_size, learning_rate, patience)
    settings.check(model)
    checks.integer("seed", seed, 0)
    if clip is not None and checks.number("clip", clip) <= 0:
        raise ValueError(f"clip must be over 0, or None; got {clip}")
    wanted = {checks.integer("snapshots", each, 0, epochs) for each in snapshots}
    target = usable_device(device)
    check_task("task", task, model)
    order = torch.Generator().manual_seed(seed)
    train_set, validation_set = _parted(task, validation, order)
    if isinstance(validation, SequenceTask):
        check_task("validation", validation, model)
    made = _Sequences(model.to(target), train_set, validation_set, clip=clip, wanted=wanted)
    return Training(model, made.task(), settings, order, made.history).steps()


def _parted(
    task: SequenceTask, validation: float | SequenceTask, order: torch.Generator
) -> tuple[SequenceTask, SequenceTask | None]:
    """Return the sequences to train on, and those to validate on, if any."""
    if isinstance(validation, SequenceTask):
        return task, validation
    rest, chosen = split_off(len(task), validation, order, "a sequence")
    if len(chosen) == 0:
        return task, None
    return task.part(rest), task.part(chosen)


class _Sequences:
    """The two parts of a task, with what is kept while a model learns from them."""

    def __init__(
        self,
        model: nn.Module,
        train_set: SequenceTask,
        validation_set: SequenceTask | None,
        *,
        clip: float | None,
        wanted: Collection[int],
    ) -> None:
        self.model, self.history, self.wanted = model, SequenceHistory(), wanted
        self.train_set, self.validation_set = train_set, validation_set
        self.clip = math.inf if clip is None else clip

    def task(self) -> Task:
        return Task(
            len(self.train_set), self.batch_loss, self.validate, self.limit_gradient, self.keep
        )

    def batch_loss(self, forward: Forward, chosen: Tensor) -> BatchLoss:
        batch = self.train_set.part(chosen)
        return BatchLoss.of(*counted(forward(*model_inputs(self.model, batch)), batch))

    def validate(self) -> Validation | None:
        task = self.validation_set
        if task is None:
            return None
        return Validation.of(*counted(answers_of(self.model, task), task))

    def limit_gradient(self, weights: Sequence[Tensor]) -> float:
        norm = nn.utils.clip_grad_norm_(weights, self.clip).item()
        self.history.gradient_norm.append(norm)
        return norm

    def keep(self, epoch: int) -> None:
        if epoch in self.wanted:
            self.history.snapshots[epoch] = copied_weights(self.model)


def fit_sequences(
    model: nn.Module,
    task: SequenceTask,
    *,
    progress: bool = True,
    **options: Unpack[SequenceFitOptions],
) -> SequenceHistory:
    """Train `model` to the end, as `fitting_sequences` does, and return its curves.

    Parameters
    ----------
    model, task, **options
        As for `fitting_sequences`.
    progress : bool
        Whether to show a progress bar on standard error.

    Returns
    -------
    SequenceHistory
        After an interruption the curves so far, with ``stopped`` saying so.

    Raises
    ------
    ValueError
        As `fitting_sequences` does.
    """
    history = follow(fitting_sequences(model, task, **options), progress=progress)
    return SequenceHistory(stopped="stopped") if history is None else history
