"""Which steps of a sequence decide each answer of a model: all answers at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.topics.training.step_attribution import (
    AT_ONCE,
    SCORES,
    check_memory,
    length,
    opened,
)

Run = Callable[[Tensor], Tensor]
"""From sequences, (batch, time, feature), to what is answered, (batch, time, class)."""


@dataclass(frozen=True, eq=False)
class StepAttributions:
    """How much each step of the input has to do with the answer at each step.

    Attributes
    ----------
    gradient, gradient_times_input, occlusion : Tensor, shape (answer step, input step)
        As in `StepAttribution`. A model that reads forward has zeros behind the answer.
    scores : Tensor, shape (answer step,)
        The log-probability of each answer, or the output itself.
    targets : Tensor, shape (answer step,), int64
        The class that is explained at each step.
    logits : Tensor, shape (answer step, class)
        All that the model answers.
    """

    gradient: Tensor
    gradient_times_input: Tensor
    occlusion: Tensor
    scores: Tensor
    targets: Tensor
    logits: Tensor


def step_attributions(
    model: nn.Module,
    inputs: Tensor,
    targets: Tensor | None = None,
    *,
    score: str = "log probability",
    baseline: float = 0.0,
    batch_first: bool = True,
) -> StepAttributions:
    """Return how much each step of a sequence has to do with the answer at each step.

    Row t is what `step_attribution` gives for the answer at step t, for all t at once.

    Parameters
    ----------
    model, inputs : torch.nn.Module, Tensor
        As for `step_attribution`.
    targets : Tensor, shape (time,), int64, optional
        A class for each step; by default the likeliest.
    score, baseline, batch_first : str, float, bool
        As for `step_attribution`.

    Returns
    -------
    StepAttributions

    Raises
    ------
    ValueError
        As `step_attribution`, or if `targets` is not one class for each step.

    Examples
    --------
    >>> from convrnn_lab.models import trained_sequence
    >>> model, _ = trained_sequence("adding")
    >>> step_attributions(model, torch.zeros(1, 50, 2), score="output").occlusion.shape
    torch.Size([50, 50])
    """
    checks.choice("score", score, SCORES)
    value = checks.number("baseline", baseline)
    axis = 1 if batch_first else 0
    length(inputs, axis)
    with sharing.in_mode(model), torch.backends.cudnn.flags(enabled=False):
        values, run = opened(model, inputs, axis)
        check_memory(values)
        with torch.no_grad():
            logits = run(values)[0]
        wanted = logits.argmax(dim=1) if targets is None else _checked(targets, logits)

        def answers(sequences: Tensor) -> Tensor:
            """Return the score of the answer at each step, shape (batch, time)."""
            outputs = run(sequences)
            shares = outputs if score == "output" else outputs.log_softmax(dim=2)
            return shares.gather(2, wanted.expand(len(shares), -1)[:, :, None])[:, :, 0]

        slopes = _slopes(answers, values)
        falls = _falls(answers, values, value)
    return StepAttributions(
        gradient=slopes.norm(dim=2),
        gradient_times_input=(slopes * values).sum(dim=2),
        occlusion=falls,
        scores=(logits if score == "output" else logits.log_softmax(dim=1)).gather(
            1, wanted[:, None]
        )[:, 0],
        targets=wanted,
        logits=logits,
    )


def _checked(targets: Tensor, logits: Tensor) -> Tensor:
    """Return one class for each step, after refusing what is none."""
    checks.tensor("targets", targets, "time")
    time, classes = logits.shape
    if targets.shape != (time,) or targets.dtype != torch.int64:
        raise ValueError(
            f"targets must be one class in int64 for each of {time} steps; "
            f"got shape {tuple(targets.shape)} in {targets.dtype}"
        )
    checks.integer("targets, at least,", int(targets.min()), 0, classes - 1)
    checks.integer("targets, at most,", int(targets.max()), 0, classes - 1)
    return targets.to(logits.device)


def _slopes(answers: Run, values: Tensor) -> Tensor:
    """Return the gradient of each answer to each step, (answer step, input step, feature).

    Each copy in a batch is asked for the answer at a step of its own, so one way back has the
    gradients of all of them.
    """
    steps = torch.arange(values.shape[1], device=values.device)
    found = []
    for part in torch.split(steps, AT_ONCE):
        watched = values.detach().repeat(len(part), 1, 1).requires_grad_()
        with torch.enable_grad():
            asked = answers(watched).gather(1, part[:, None])
            found.append(torch.autograd.grad(asked.sum(), watched)[0])
    return torch.cat(found)


def _falls(answers: Run, values: Tensor, baseline: float) -> Tensor:
    """Return by how much each answer falls without each step, (answer step, input step).

    The whole sequence runs with the occluded ones: what a batch is rounded to is that of all.
    """
    steps = torch.arange(values.shape[1], device=values.device)
    found = []
    with torch.no_grad():
        for part in torch.split(steps, AT_ONCE - 1):
            kept = (steps != part[:, None])[:, :, None]
            whole, *without = answers(torch.cat([values, values.where(kept, baseline)]))
            found.append(whole - torch.stack(without))
    return torch.cat(found).T
