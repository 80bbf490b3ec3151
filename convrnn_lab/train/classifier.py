"""Training of a classifier of images, one batch at a time."""

from __future__ import annotations

from typing import Unpack

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.train import scores
from convrnn_lab.train.engine import Forward, Task, Training, follow
from convrnn_lab.train.history import History, Steps
from convrnn_lab.train.losses import BatchLoss, Validation
from convrnn_lab.train.settings import Options, Settings, split_off, usable_device

Pair = tuple[Tensor, Tensor]
"""Images and their labels."""


class FitOptions(Options, total=False):
    """The arguments of `fitting` that have defaults."""

    validation: float | Pair


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
) -> Steps[History]:
    """Train `model` in place by Adam on the cross-entropy, and say after every batch how it goes.

    The cross-entropy is minus the logarithm of the probability that the right class gets.

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
    settings = Settings(epochs, batch_size, learning_rate, patience)
    settings.check(model)
    checks.integer("seed", seed, 0)
    target = usable_device(device)
    classes = scores.check_images("images", images, model)
    scores.check_labels("labels", labels, "images", len(images), classes)
    order = torch.Generator().manual_seed(seed)
    train_set, validation_set = _parted((images, labels), validation, order)
    if validation_set is not None:
        _check_validation(validation_set, model, classes)
        validation_set = _moved(validation_set, target)
    task = _task(model.to(target), _moved(train_set, target), validation_set)
    return Training(model, task, settings, order, History()).steps()


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
    rest, chosen = split_off(len(images), validation, order, "an image")
    if len(chosen) == 0:
        return given, None
    return (images[rest], labels[rest]), (images[chosen], labels[chosen])


def _check_validation(validation_set: Pair, model: nn.Module, classes: int) -> None:
    images, labels = validation_set
    scores.check_images("validation images", images, model)
    scores.check_labels("validation labels", labels, "validation images", len(images), classes)


def _moved(pair: Pair, target: torch.device) -> Pair:
    images, labels = pair
    return images.to(target), labels.to(target).long()


def _task(model: nn.Module, train_set: Pair, validation_set: Pair | None) -> Task:
    images, labels = train_set

    def batch_loss(forward: Forward, chosen: Tensor) -> BatchLoss:
        chosen = chosen.to(images.device)
        return BatchLoss.of(forward(images[chosen]), labels[chosen])

    def validate() -> Validation | None:
        if validation_set is None:
            return None
        return Validation.of(scores.logits(model, validation_set[0]), validation_set[1])

    return Task(len(images), batch_loss, validate)


def fit(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    progress: bool = True,
    **options: Unpack[FitOptions],
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
    history = follow(fitting(model, images, labels, **options), progress=progress)
    return History(stopped="stopped") if history is None else history
