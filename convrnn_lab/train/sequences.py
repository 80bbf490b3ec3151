"""Training and scoring of models that read sequences, with masks and lengths of their own."""

from __future__ import annotations

import inspect
import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.data import Baseline, SequenceTask
from convrnn_lab.models import sharing
from convrnn_lab.train import scores
from convrnn_lab.train.running import (
    History,
    Learnt,
    Progress,
    Run,
    check_settings,
    follow,
    held_out,
    usable_device,
)

METRICS = ("mean squared error", "cross-entropy", "accuracy")
"""What a baseline may be measured by; the first two are a loss."""


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
    snapshots: dict[int, dict[str, Tensor]] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, eq=False)
class SequenceScores:
    """How a model did on a task.

    Attributes
    ----------
    loss : float
        Mean over the steps that count: of the cross-entropy in nats, or of the squared error.
    accuracy, macro_f1 : float or None
        Over the steps that count, as `sklearn.metrics` has them; None where targets are values.
    answers : Tensor, shape (batch, time, output), float32
        Logits or values at every step, (batch, output) of a model that answers once.
    baselines : tuple of Baseline
        Those of the task.
    """

    loss: float
    accuracy: float | None
    macro_f1: float | None
    answers: Tensor
    baselines: tuple[Baseline, ...]

    def by(self, metric: str) -> float:
        """Return the score that a baseline of this metric is to be compared with.

        Raises
        ------
        ValueError
            If there is no such metric here.
        """
        known = METRICS[:1] if self.accuracy is None else METRICS[1:]
        checks.choice("metric", metric, known)
        return self.accuracy if metric == "accuracy" and self.accuracy is not None else self.loss

    @property
    def better(self) -> bool:
        """Whether the model beats every baseline."""
        return all(
            self.by(each.metric) > each.value
            if each.metric == "accuracy"
            else self.by(each.metric) < each.value
            for each in self.baselines
        )


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
) -> Generator[Progress, None, None]:
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
    check_settings(model, epochs, batch_size, learning_rate, patience)
    checks.integer("seed", seed, 0)
    if clip is not None and checks.number("clip", clip) <= 0:
        raise ValueError(f"clip must be over 0, or None; got {clip}")
    wanted = {checks.integer("snapshots", each, 0, epochs) for each in snapshots}
    target = usable_device(device)
    check_task("task", task, model)
    order = torch.Generator().manual_seed(seed)
    if isinstance(validation, SequenceTask):
        check_task("validation", validation, model)
        held: SequenceTask | None = validation
    else:
        rest, chosen = held_out(len(task), validation, order, "a sequence")
        held = task.part(chosen) if len(chosen) else None
        task = task.part(rest) if len(chosen) else task
    run = _Run(
        model.to(target),
        task,
        held,
        learning_rate=learning_rate,
        order=order,
        clip=clip,
        wanted=wanted,
    )
    return run.steps(epochs, batch_size, patience)


class _Run(Run):
    """One training on a task."""

    history: SequenceHistory

    def __init__(
        self,
        model: nn.Module,
        task: SequenceTask,
        held: SequenceTask | None,
        *,
        learning_rate: float,
        order: torch.Generator,
        clip: float | None,
        wanted: set[int],
    ) -> None:
        self.task, self.held, self.wanted = task, held, wanted
        self.clip = math.inf if clip is None else clip
        super().__init__(model, len(task), learning_rate, order, SequenceHistory())
        self.keep(0)

    def learn(self, chosen: Tensor) -> Learnt:
        batch = self.task.part(chosen)
        answers = self.forward(*_inputs(self.model, batch))
        answers, targets = counted(answers, batch)
        loss = sequence_loss(answers, targets)
        value = loss.item()
        right = int((answers.argmax(1) == targets).sum()) if batch.classes else None
        good = math.isfinite(value)
        if good:
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            # After `backward`, which makes the gradient; before it there is nothing to clip.
            norm = nn.utils.clip_grad_norm_(self.weights, self.clip).item()
            self.history.gradient_norm.append(norm)
            good = math.isfinite(norm)
        if good:
            self.optimiser.step()
        return Learnt(value, right, len(targets), good)

    def validate(self) -> tuple[float, float | None] | None:
        if self.held is None:
            return None
        answers, targets = counted(answers_of(self.model, self.held), self.held)
        loss = sequence_loss(answers, targets).item()
        if not self.held.classes:
            return loss, None
        return loss, (answers.argmax(1) == targets).float().mean().item()

    def keep(self, epoch: int) -> None:
        if epoch in self.wanted:
            self.history.snapshots[epoch] = self.copy()


def fit_sequences(
    model: nn.Module, task: SequenceTask, *, progress: bool = True, **options: Any
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
    done = follow(fitting_sequences(model, task, **options), progress=progress)
    history = SequenceHistory(stopped="stopped") if done is None else done.history
    assert isinstance(history, SequenceHistory)  # noqa: S101 - it is what the run made
    return history


def evaluate_sequences(model: nn.Module, task: SequenceTask) -> SequenceScores:
    """Score `model` on a task, beside what trivial answers score.

    Parameters
    ----------
    model : nn.Module
        As for `fitting_sequences`.
    task : SequenceTask

    Returns
    -------
    SequenceScores

    Raises
    ------
    ValueError
        If the model's weights or answers are not finite, or the task does not go through it.
    """
    from sklearn import metrics

    scores.check_model(model)
    check_task("task", task, model)
    answers = answers_of(model, task)
    checks.finite("output of the model", answers)
    chosen, targets = counted(answers, task)
    loss, accuracy, macro_f1 = sequence_loss(chosen, targets).item(), None, None
    if task.classes:
        true, predicted = targets.numpy(), chosen.argmax(1).numpy()
        accuracy = float(metrics.accuracy_score(true, predicted))
        macro_f1 = float(metrics.f1_score(true, predicted, average="macro", zero_division=0))
    return SequenceScores(loss, accuracy, macro_f1, answers, task.baselines)


def sequence_loss(answers: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy, or of values the mean squared error.

    Parameters
    ----------
    answers : Tensor, shape (step, output)
    targets : Tensor, shape (step,) int64 or (step, output) float32
    """
    if targets.is_floating_point():
        return F.mse_loss(answers, targets)
    return F.cross_entropy(answers, targets)


def counted(answers: Tensor, task: SequenceTask) -> tuple[Tensor, Tensor]:
    """Return answers and targets of the steps that count, on the answers' device.

    Parameters
    ----------
    answers : Tensor, shape (batch, time, output), or (batch, output) of the last steps
    task : SequenceTask

    Returns
    -------
    Tensor, shape (step, output)
    Tensor, shape (step,) int64 or (step, output) float32
    """
    mask, targets = task.mask.to(answers.device), task.targets.to(answers.device)
    return answers if answers.ndim == 2 else answers[mask], targets[mask]


@torch.no_grad()
def answers_of(model: nn.Module, task: SequenceTask) -> Tensor:
    """Return what `model` answers in evaluation mode, batch by batch, on the CPU."""
    places = torch.arange(len(task)).split(scores.BATCH)  # type: ignore[no-untyped-call]
    with sharing.in_mode(model):
        return torch.cat([model(*_inputs(model, task.part(each))).cpu() for each in places])


def _inputs(model: nn.Module, task: SequenceTask) -> tuple[Tensor, ...]:
    """Return what goes into `model`: the inputs, and the lengths if it wants them."""
    inputs = task.inputs.to(next(model.parameters()).device)
    shorter = bool((task.lengths < inputs.shape[1]).any())
    if shorter and "lengths" in inspect.signature(model.forward).parameters:
        return inputs, task.lengths
    return (inputs,)


def check_task(name: str, task: SequenceTask, model: nn.Module) -> None:
    """Refuse what is no task, is not finite, or does not go through the model.

    Raises
    ------
    ValueError
        With what the model said of the first sequence, where it refused it.
    """
    if not isinstance(task, SequenceTask):
        raise ValueError(f"{name} must be a data.SequenceTask; got {checks.shown(task)}")
    if len(task) == 0 or not task.mask.any():
        raise ValueError(f"{name} must want at least one answer; got {len(task)} sequences")
    checks.finite(f"inputs of {name}", task.inputs)
    if not task.classes:
        checks.finite(f"targets of {name}", task.targets)
    try:
        answer = answers_of(model, task.part(torch.arange(1)))
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        reason = str(error).splitlines()[0]
        shape = tuple(task.inputs.shape)
        raise ValueError(
            f"{name} must fit the model; got inputs of shape {shape}, and it says: {reason}"
        ) from error
    many, once = (1, task.inputs.shape[1], task.outputs), (1, task.outputs)
    if tuple(answer.shape) not in {many, once}:
        raise ValueError(
            f"output of the model must have the shape {many} or {once} for one sequence; "
            f"got {tuple(answer.shape)}"
        )
    if tuple(answer.shape) == once and not (task.mask.sum(1) == 1).all():
        raise ValueError(
            f"{name} must want one answer a sequence of a model that gives one; "
            f"got a mask with {int(task.mask.sum())} for {len(task)}"
        )
