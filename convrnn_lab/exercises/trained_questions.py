"""Questions on what recurrent models learn, and on which inputs made a prediction."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from convrnn_lab import models
from convrnn_lab.exercises.checking import Exercise
from convrnn_lab.topics.training.step_attributions import StepAttributions, step_attributions

_BIASES = ("−2", "0", "1", "3")
_METHODS = ("gradient", "gradient × input", "occlusion")


def _parameters() -> int:
    layers = models.recurrent("LSTM", input_size=2, hidden_size=16)
    model = models.SequenceModel(layers, 1)
    return sum(each.numel() for each in model.parameters())


def _clipped() -> float:
    weight = nn.Parameter(torch.zeros(2))
    weight.grad = torch.tensor([3.0, 4.0])
    nn.utils.clip_grad_norm_([weight], 1.0)
    return round(float(weight.grad[0]) / 3, 3)


def _forgets() -> str:
    return min(_BIASES, key=lambda bias: torch.sigmoid(torch.tensor(float(bias.replace("−", "-")))))


def _behind() -> float:
    torch.manual_seed(0)
    model = models.SequenceModel(models.recurrent("GRU", input_size=1, hidden_size=4), 3)
    return float(step_attributions(model, torch.ones(1, 20, 1)).gradient[10, 11])


class _Function(nn.Module):
    """A function of each step as a model."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        """Return one number at each step, shape (batch, time, 1)."""
        return self.function(x)


def _asked(function: Callable[[Tensor], Tensor], inputs: list[float]) -> StepAttributions:
    values = torch.tensor(inputs)[None, :, None]
    return step_attributions(_Function(function), values, score="output")


def _linear() -> float:
    weights = torch.tensor([3.0, -2.0])[:, None]
    found = _asked(lambda x: (x * weights).cumsum(1), [2.0, 1.0])
    return float(found.gradient_times_input[1, 0])


def _still_shows() -> str:
    found = _asked(lambda x: torch.tanh(20 * x), [1.0])
    shown = (found.gradient, found.gradient_times_input, found.occlusion)
    return max(zip(_METHODS, shown, strict=True), key=lambda each: float(each[1].abs().max()))[0]


LEARNING = {
    "parameters": Exercise(
        _parameters,
        "The LSTM has 4 · (16 · 2 + 16 · 16 + 16 + 16). The linear layer comes on top.",
        "1,280 of the LSTM, and 16 weights and one bias of the linear layer.",
        "An LSTM of 16 units reads two numbers a step, and a linear layer makes one number of its "
        "state. How many parameters has this model?",
    ),
    "clipped": Exercise(
        _clipped,
        "The direction stays, and the norm becomes that of the limit.",
        "1 / 5: every number is multiplied by the same factor.",
        "A gradient has a norm of 5 and is clipped to a norm of 1. By what is each of its numbers "
        "multiplied?",
    ),
    "forgets": Exercise(
        _forgets,
        "The bias is added within the sigmoid of the forget gate.",
        "σ(−2) = 0.12: at first, after two steps about 1 % of the cell is left.",
        "With which forget bias does an LSTM forget fastest before training?",
        _BIASES,
    ),
}

WHICH_INPUTS = {
    "behind": Exercise(
        _behind,
        "Can an answer change with what has not been read yet?",
        "The answer at step 10 is made before step 11 is read, so nothing in it depends on that.",
        "A GRU reads forward. How large is the gradient of its answer at step 10 to its input at "
        "step 11?",
    ),
    "linear": Exercise(
        _linear,
        "The gradient of a linear model to an input is the weight of that input.",
        "3 · 2 = 6, which is what the first input adds to the answer of 4.",
        "A model answers 3a − 2b, for the inputs a = 2 and b = 1. What is gradient × input for a?",
    ),
    "saturated": Exercise(
        _still_shows,
        "Which of them does more than a small change?",
        "The slope of tanh at 20 is almost 0. But with 0 in place of 1, the answer is 0, not 1.",
        "A model answers tanh(20a), for the input a = 1. Which method shows that a matters?",
        _METHODS,
    ),
}
