"""The settings of every training: how long, how fast, where, and the share for validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.train import scores


class Options(TypedDict, total=False):
    """The arguments that every training takes by name, apart from its validation."""

    epochs: int
    batch_size: int
    learning_rate: float
    patience: int | None
    seed: int
    device: str | torch.device


@dataclass(frozen=True)
class Settings:
    """How long and how fast a training goes.

    Attributes
    ----------
    epochs, batch_size : int
        Times that each example is met, and examples of one step.
    learning_rate : float
        Of Adam, whose other settings are PyTorch's.
    patience : int or None
        Epochs without a lower validation loss after which the training ends; never if None.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    patience: int | None

    def check(self, model: nn.Module) -> None:
        """Refuse settings that no training can use, and a model without weights to train.

        Raises
        ------
        ValueError
            Naming the setting.
        """
        checks.integer("epochs", self.epochs, 1)
        checks.integer("batch_size", self.batch_size, 1)
        if self.patience is not None:
            checks.integer("patience", self.patience, 1)
        rate = self.learning_rate
        # Adam multiplies the rate of its first step by 10, and refuses what float32 does not hold.
        if not 0 < checks.number("learning_rate", rate) <= 1e30:
            raise ValueError(f"learning_rate must be over 0, at most 1e30; got {rate}")
        scores.check_model(model)
        if not any(weight.requires_grad for weight in model.parameters()):
            raise ValueError(
                "model must have weights to train; got one whose weights are all frozen"
            )


def usable_device(device: str | torch.device) -> torch.device:
    """Return the device, which must be one that holds values.

    Raises
    ------
    ValueError
        If PyTorch cannot use it here.
    """
    try:
        found = torch.device(device)
        torch.empty(1, device=found).item()  # "meta" is a device that holds no values
    except (RuntimeError, AssertionError, NotImplementedError, TypeError) as error:
        raise ValueError(
            f"device must be one that PyTorch can use here, such as cpu; got {checks.shown(device)}"
        ) from error
    return found


def split_off(
    count: int, validation: object, order: torch.Generator, what: str
) -> tuple[Tensor, Tensor]:
    """Part the examples into those to train on and a share for the validation.

    Parameters
    ----------
    count : int
        All examples.
    validation : float
        The share, 0 to below 1.
    order : torch.Generator
        Of the choice.
    what : str
        One example in words, for the message.

    Returns
    -------
    Tensor, shape (example,), int64
        The indices of those to train on.
    Tensor, shape (example,), int64
        Those of the validation; empty for a share of 0.

    Raises
    ------
    ValueError
        If `validation` is no share, or leaves nothing to train on.
    """
    share = checks.number("validation", validation)
    if not 0 <= share < 1:
        raise ValueError(f"validation must be a share from 0 to below 1; got {validation}")
    if share == 0:
        return torch.arange(count), torch.arange(0)
    chosen = max(1, round(count * share))
    if chosen >= count:
        raise ValueError(f"validation must leave {what} to train on; got {validation} of {count}")
    shuffled = torch.randperm(count, generator=order)
    return shuffled[chosen:], shuffled[:chosen]
