"""Which steps of a sequence decide a model's answer: gradient, gradient x input and occlusion."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.models import sharing

if TYPE_CHECKING:
    from collections.abc import Iterator

SCORES = ("log probability", "output")
"""What `step_attribution` can explain."""

AT_ONCE = 64
"""Copies of a sequence that run through the model together."""


@dataclass(frozen=True, eq=False)
class StepAttribution:
    """How much each step of the input has to do with one answer.

    Attributes
    ----------
    gradient : Tensor, shape (time,)
        Norm of the gradient of `score` to each step. Zero where a unit is saturated, even if the
        step decides.
    gradient_times_input : Tensor, shape (time,)
        The gradient times the step, summed over the features: of a linear model, what the step
        adds.
    occlusion : Tensor, shape (time,)
        By how much `score` falls when the step is replaced by the baseline. Positive where the
        step speaks for the answer.
    score : float
        The log-probability of the answer, or the output itself.
    step, target : int
        The answer: at this step, this class.
    """

    gradient: Tensor
    gradient_times_input: Tensor
    occlusion: Tensor
    score: float
    step: int
    target: int


def step_attribution(
    model: nn.Module,
    inputs: Tensor,
    target: int,
    *,
    step: int = -1,
    score: str = "log probability",
    baseline: float = 0.0,
    batch_first: bool = True,
) -> StepAttribution:
    """Return how much each step of a sequence has to do with one answer of a model.

    Three measures: the gradient (Simonyan, Vedaldi and Zisserman 2013, arXiv 1312.6034), the
    gradient times the input (Shrikumar et al. 2016, arXiv 1605.01713) and occlusion (Zeiler and
    Fergus 2013, arXiv 1311.2901). They need not agree.

    Parameters
    ----------
    model : torch.nn.Module
        Gives logits at every step, (batch, time, class), or a tuple that begins with them. It is
        used in evaluation mode, and put back.
    inputs : Tensor, shape (1, time, feature) or, of integers, (1, time)
        Integers are the numbers of tokens, for a model with one `torch.nn.Embedding`; the
        measures are then of the embedded tokens.
    target : int
        A class, from 0.
    step : int
        The step of the answer, from 0; −1 is the last.
    score : str
        "log probability" of the class, or "output": the model's number itself, as for a series.
    baseline : float
        What takes the place of an occluded step, in every feature.
    batch_first : bool
        Whether `inputs`, and what the model gives, are (batch, time, ...), not (time, batch, ...).

    Returns
    -------
    StepAttribution

    Raises
    ------
    ValueError
        If an argument is out of range, not finite or of another rank, or it takes too much memory.

    Examples
    --------
    >>> from convrnn_lab.models import trained_sequence
    >>> model, _ = trained_sequence("adding")
    >>> step_attribution(model, torch.zeros(1, 50, 2), 0, score="output").occlusion.shape
    torch.Size([50])
    """
    checks.choice("score", score, SCORES)
    value = checks.number("baseline", baseline)
    time = length(inputs, 1 if batch_first else 0)
    step = checks.integer("step", step, -time, time - 1) % time
    with sharing.in_mode(model), torch.backends.cudnn.flags(enabled=False):
        values, run = opened(model, inputs, 1 if batch_first else 0)
        check_memory(values)

        def answers(sequences: Tensor) -> Tensor:
            """Return the score of each sequence, shape (batch,)."""
            logits = run(sequences)
            checks.integer("target", target, 0, logits.shape[2] - 1)
            outputs = logits[:, step]
            return (outputs if score == "output" else outputs.log_softmax(dim=1))[:, target]

        return _measured(answers, values, value, step=step, target=target)


def _measured(
    answers: Callable[[Tensor], Tensor], values: Tensor, baseline: float, *, step: int, target: int
) -> StepAttribution:
    """Return the three measures; `values` are (1, time, feature)."""
    watched = values.detach().clone().requires_grad_()
    with torch.enable_grad():
        score = answers(watched)[0]
        slope = torch.autograd.grad(score, watched)[0][0]
    steps = torch.arange(values.shape[1], device=values.device)
    with torch.no_grad():
        without = [
            answers(values.where((steps != part[:, None])[:, :, None], baseline))
            for part in torch.split(steps, AT_ONCE)
        ]
    return StepAttribution(
        gradient=slope.norm(dim=1),
        gradient_times_input=(slope * values[0]).sum(dim=1),
        occlusion=score.detach() - torch.cat(without),
        score=float(score.detach()),
        step=step,
        target=target,
    )


def length(inputs: Tensor, axis: int) -> int:
    """Return how many steps a sequence has, after refusing what is none.

    Raises
    ------
    ValueError
        If the inputs are not one sequence of at least one step, or not finite.
    """
    forms = ["batch time feature", "batch time"] if axis else ["time batch feature", "time batch"]
    checks.tensor("inputs", inputs, *forms)
    whole = not (inputs.is_floating_point() or inputs.is_complex())
    checks.tensor("inputs", inputs, forms[1] if whole else forms[0])
    if inputs.shape[1 - axis] != 1 or not inputs.numel():
        raise ValueError(
            f"inputs must be one sequence of at least one step; got shape {tuple(inputs.shape)}"
        )
    if not whole:
        checks.finite("inputs", inputs)
    return inputs.shape[axis]


def check_memory(values: Tensor) -> None:
    """Refuse more occluded copies at once than fit."""
    _, time, features = values.shape
    checks.memory("occlusion", (min(time, AT_ONCE), time, features), values.element_size())


def opened(
    model: nn.Module, inputs: Tensor, axis: int
) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """Return what is differentiated by, and the model of it; both with the batch first.

    Raises
    ------
    ValueError
        If the inputs are tokens that the model has no embedding for.
    """
    if inputs.is_floating_point():
        return _turned(inputs.detach(), axis), lambda x: _logits(model(_turned(x, axis)), axis)
    layers = [each for each in model.modules() if isinstance(each, nn.Embedding)]
    if len(layers) != 1:
        raise ValueError(
            f"model must have one nn.Embedding for inputs of integers; got {len(layers)}"
        )
    layer = layers[0]
    tokens = _turned(inputs, axis)
    last = layer.num_embeddings - 1
    checks.integer("inputs, at least,", int(tokens.min()), 0, last)
    checks.integer("inputs, at most,", int(tokens.max()), 0, last)

    def run(embedded: Tensor) -> Tensor:
        with _replaced(layer, _turned(embedded, axis)):
            return _logits(model(_turned(tokens.expand(len(embedded), -1), axis)), axis)

    return layer(tokens).detach(), run


@contextmanager
def _replaced(layer: nn.Module, output: Tensor) -> Iterator[None]:
    """Let a layer return `output` while the context lasts."""
    hook = layer.register_forward_hook(lambda *_: output)
    try:
        yield
    finally:
        hook.remove()


def _logits(answer: Tensor | tuple[Tensor, ...], axis: int) -> Tensor:
    """Return what a model gives at every step, shape (batch, time, class)."""
    first = answer[0] if isinstance(answer, tuple) else answer
    if not isinstance(first, Tensor) or first.ndim != 3:
        raise ValueError(
            f"model must give logits at every step, (batch, time, class); got {checks.shown(first)}"
        )
    return _turned(first, axis)


def _turned(values: Tensor, axis: int) -> Tensor:
    """Return values with batch and time exchanged where time comes first."""
    return values if axis else values.transpose(0, 1)
