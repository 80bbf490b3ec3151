"""What a classifier answers, and how right it is."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.models import sharing

BATCH = 250
"""Images that go through a model at once where nothing is learnt: enough, and small in memory."""


@dataclass(frozen=True, eq=False)
class Scores:
    """How a model did on images whose labels are known.

    Attributes
    ----------
    accuracy : float
        Share of images whose likeliest class is the label.
    macro_f1 : float
        Mean over the classes, each counted alike, of the harmonic mean of precision and recall;
        a class that neither occurs nor is predicted is left out.
    confusion : Tensor, shape (true class, predicted class), int64
        Counts of images.
    labels, predictions : Tensor, shape (batch,), int64
    probabilities : Tensor, shape (batch, class), float32
    """

    accuracy: float
    macro_f1: float
    confusion: Tensor
    labels: Tensor
    predictions: Tensor
    probabilities: Tensor

    @property
    def errors(self) -> Tensor:
        """Indices of the images that were taken for another class, the surest first."""
        wrong = (self.predictions != self.labels).nonzero()[:, 0]
        sure = self.probabilities[wrong].amax(1)
        return wrong[sure.argsort(descending=True, stable=True)]


def probabilities(model: nn.Module, images: Tensor) -> Tensor:
    """Return the softmax of what `model` answers to each image.

    Parameters
    ----------
    model : nn.Module
        Gives logits of shape (batch, class). It is used in evaluation mode, and put back.
    images : Tensor, shape (batch, channel, height, width)

    Returns
    -------
    Tensor, shape (batch, class)

    Raises
    ------
    ValueError
        If the model's weights or answers are not finite, or the images do not go through it.
    """
    check_model(model)
    check_images("images", images, model)
    return _softmax(model, images)


def evaluate(model: nn.Module, images: Tensor, labels: Tensor) -> Scores:
    """Score `model` on images whose labels are known.

    Parameters
    ----------
    model, images
        As for `probabilities`.
    labels : Tensor, shape (batch,), of an integer type
        The right class of each image, from 0.

    Returns
    -------
    Scores
        Accuracy, F1 and confusion are those of `sklearn.metrics`.

    Raises
    ------
    ValueError
        As for `probabilities`, and if the labels are not one class for each image.
    """
    from sklearn import metrics

    check_model(model)
    classes = check_images("images", images, model)
    check_labels("labels", labels, "images", len(images), classes)
    found = _softmax(model, images)
    labels, predictions = labels.long().cpu(), found.argmax(1)
    true, predicted = labels.numpy(), predictions.numpy()
    confusion = metrics.confusion_matrix(true, predicted, labels=range(classes))
    return Scores(
        accuracy=float(metrics.accuracy_score(true, predicted)),
        # Without `zero_division` a class that is never predicted would warn; its F1 is 0.
        macro_f1=float(metrics.f1_score(true, predicted, average="macro", zero_division=0)),
        confusion=torch.from_numpy(confusion).long(),
        labels=labels,
        predictions=predictions,
        probabilities=found,
    )


def _softmax(model: nn.Module, images: Tensor) -> Tensor:
    answers = logits(model, images)
    checks.finite("output of the model", answers)
    return answers.softmax(1).cpu()


@torch.no_grad()
def logits(model: nn.Module, images: Tensor) -> Tensor:
    """Return what `model` answers in evaluation mode, batch by batch, on its own device."""
    device = next(iter(model.state_dict().values())).device
    with sharing.in_mode(model):
        batches = images.split(BATCH)  # type: ignore[no-untyped-call]
        return torch.cat([model(batch.to(device)) for batch in batches])


def check_model(model: object) -> None:
    """Refuse what is no module, has no weights, or has weights that are not finite.

    Raises
    ------
    ValueError
        Naming the first such weight.
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be a torch.nn.Module; got {checks.shown(model)}")
    weights = model.state_dict()
    if not weights:
        raise ValueError(f"model must have weights; got {type(model).__name__} without any")
    for name, value in weights.items():
        wrong = (~value.isfinite()).nonzero()
        if len(wrong):
            place = tuple(wrong[0].tolist())
            raise ValueError(
                f"model must have finite weights; got {value[place].item()} in {name} at {place}"
            )


def check_images(name: str, images: Tensor, model: nn.Module) -> int:
    """Refuse images that are none, are not finite or do not fit; return the model's classes.

    Raises
    ------
    ValueError
        With what the model said of the first image, where it refused it.
    """
    checks.tensor(name, images, "batch channel height width")
    if images.numel() == 0:
        raise ValueError(f"{name} must be at least one; got shape {tuple(images.shape)}")
    checks.finite(name, images)
    try:
        answer = logits(model, images[:1])
    except (RuntimeError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{name} must fit the model; got shape {tuple(images.shape)}, and it says: {reason}"
        ) from error
    if not isinstance(answer, Tensor) or answer.ndim != 2 or len(answer) != 1:
        raise ValueError(
            "output of the model must have the axes (batch, class); "
            f"got {checks.shown(answer)} for one image"
        )
    return answer.shape[1]


def check_labels(name: str, labels: Tensor, images: str, count: int, classes: int) -> None:
    """Refuse labels that are not one class, 0 to `classes` - 1, for each of `count` images.

    Raises
    ------
    ValueError
        Saying which label is wrong, where one is.
    """
    checks.tensor(name, labels, "batch")
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise ValueError(f"{name} must be of an integer type; got {labels.dtype}")
    if len(labels) != count:
        raise ValueError(f"{name} must be one for each of {count} {images}; got {len(labels)}")
    wrong = ((labels < 0) | (labels >= classes)).nonzero()
    if len(wrong):
        place = int(wrong[0])
        raise ValueError(
            f"{name} must be from 0 to {classes - 1}, the classes of the model; "
            f"got {int(labels[place])} at index {place}"
        )
