"""Training of a classifier of images, one batch at a time."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convrnn_lab import checks
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

Pair = tuple[Tensor, Tensor]


def fitting(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    validation: float | Pair = 0.1,
    epochs: int = 15,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    patience: int | None = 3,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> Generator[Progress, None, None]:
    """Train `model` in place by Adam on the cross-entropy, and say after every batch how it goes.

    However it ends, also when the generator is closed or interrupted, the model then has the
    weights of the epoch with the least validation loss, or, without validation, of the last
    whole epoch; before the first epoch is whole, those of the last batch. A loss or a weight
    that is no longer finite ends the training, and such weights are never kept.

    Parameters
    ----------
    model : nn.Module
        Gives logits of shape (batch, class). While the training runs, it is in training mode.
    images : Tensor, shape (batch, channel, height, width)
    labels : Tensor, shape (batch,), of an integer type
        The class of each image, from 0.
    validation : float, or images and labels
        Share of the images, 0 to below 1, that is not trained on, or a pair of tensors.
    epochs, batch_size : int
        Times that each image is met, and images of one step.
    learning_rate : float
        Of Adam, whose other settings are PyTorch's.
    patience : int or None
        Epochs without a lower validation loss after which the training ends; never if None.
    seed : int
        Of the share taken for validation, of the order of the images and of dropout; the global
        generator of the CPU stays as it was.
    device : str or torch.device
        Where the model is trained, and stays.

    Yields
    ------
    Progress
        The last one of an epoch has that epoch's curves in its history.

    Raises
    ------
    ValueError
        If an argument cannot be used; nothing was changed.

    Examples
    --------
    >>> from convrnn_lab import data, models
    >>> digits = data.digits(test=4900)
    >>> steps = fitting(models.cnn(), digits.train_images, digits.train_labels)
    >>> next(steps).batches
    3
    """
    check_settings(model, epochs, batch_size, learning_rate, patience)
    checks.integer("seed", seed, 0)
    target = usable_device(device)
    classes = scores.check_images("images", images, model)
    scores.check_labels("labels", labels, "images", len(images), classes)
    order = torch.Generator().manual_seed(seed)
    learnt, held = _parted((images, labels), validation, order)
    if held is not None:
        scores.check_images("validation images", held[0], model)
        count = len(held[0])
        scores.check_labels("validation labels", held[1], "validation images", count, classes)
        held = held[0].to(target), held[1].to(target).long()
    learnt = learnt[0].to(target), learnt[1].to(target).long()
    run = _Run(model.to(target), learnt, held, learning_rate, order)
    return run.steps(epochs, batch_size, patience)


def _parted(
    given: Pair, validation: float | Pair, order: torch.Generator
) -> tuple[Pair, Pair | None]:
    """Return the images and labels to train on, and those to validate on, if any."""
    if isinstance(validation, (tuple, list)):
        if len(validation) != 2:
            raise ValueError(
                "validation must be a share or a pair of images and labels; "
                f"got {len(validation)} values"
            )
        return given, (validation[0], validation[1])
    images, labels = given
    rest, held = held_out(len(images), validation, order, "an image")
    if len(held) == 0:
        return given, None
    return (images[rest], labels[rest]), (images[held], labels[held])


class _Run(Run):
    """One training on images, with their labels."""

    def __init__(
        self,
        model: nn.Module,
        learnt: Pair,
        held: Pair | None,
        learning_rate: float,
        order: torch.Generator,
    ) -> None:
        (self.images, self.labels), self.held = learnt, held
        super().__init__(model, len(self.images), learning_rate, order, History())

    def learn(self, chosen: Tensor) -> Learnt:
        chosen = chosen.to(self.images.device)
        labels = self.labels[chosen]
        answers = self.forward(self.images[chosen])
        loss = F.cross_entropy(answers, labels)
        value = loss.item()
        good = math.isfinite(value)
        if good:
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()
        return Learnt(value, int((answers.argmax(1) == labels).sum()), len(labels), good)

    def validate(self) -> tuple[float, float] | None:
        if self.held is None:
            return None
        images, labels = self.held
        answers = scores.logits(self.model, images)
        right = (answers.argmax(1) == labels).float().mean()
        return F.cross_entropy(answers, labels).item(), right.item()


def fit(
    model: nn.Module, images: Tensor, labels: Tensor, *, progress: bool = True, **options: Any
) -> History:
    """Train `model` to the end, as `fitting` does, and return its curves.

    An interruption (Ctrl-C, or a notebook's stop button) ends the training early: the curves so
    far are returned, with ``stopped`` saying so, and the model has its best weights so far.

    Parameters
    ----------
    model, images, labels, **options
        As for `fitting`.
    progress : bool
        Whether to show a progress bar on standard error.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        As `fitting` does.
    """
    done = follow(fitting(model, images, labels, **options), progress=progress)
    return History(stopped="stopped") if done is None else done.history
