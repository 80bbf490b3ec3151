"""What a model of sequences answers, and how right it is beside trivial answers."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.data import Baseline, SequenceTask
from convrnn_lab.models import sharing
from convrnn_lab.train import scores
from convrnn_lab.train.losses import mean_loss

METRICS = ("mean squared error", "cross-entropy", "accuracy")
"""What a baseline may be measured by; the first two are a loss."""


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
    loss, accuracy, macro_f1 = mean_loss(chosen, targets).item(), None, None
    if task.classes:
        true, predicted = targets.numpy(), chosen.argmax(1).numpy()
        accuracy = float(metrics.accuracy_score(true, predicted))
        macro_f1 = float(metrics.f1_score(true, predicted, average="macro", zero_division=0))
    return SequenceScores(loss, accuracy, macro_f1, answers, task.baselines)


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
        return torch.cat([model(*model_inputs(model, task.part(each))).cpu() for each in places])


def model_inputs(model: nn.Module, task: SequenceTask) -> tuple[Tensor, ...]:
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
