"""Training of a classifier, one batch at a time, with its curves and its best weights kept."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.train import scores

Pair = tuple[Tensor, Tensor]


@dataclass
class History:
    """The curves of one training, which grow while it runs.

    Attributes
    ----------
    batch_loss : list of float
        Mean cross-entropy of each batch, before its step.
    loss, accuracy : list of float
        Of each epoch, over its training images as they were met: the model changes meanwhile.
    validation_loss, validation_accuracy : list of float
        After each epoch; empty without validation.
    best_epoch : int
        The epoch, from 1, whose weights are kept; 0 for those from before the training.
    stopped : str
        Why it ended: "all epochs", "no better for 3 epochs", "diverged at epoch 2, batch 5" or
        "stopped"; empty while it runs.
    """

    batch_loss: list[float] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    best_epoch: int = 0
    stopped: str = ""


@dataclass(frozen=True)
class Progress:
    """Where a training stands after a batch; epochs and batches count from 1.

    Attributes
    ----------
    epoch, epochs, batch, batches : int
    loss : float
        Of this batch.
    history : History
        Of the whole training, the same object every time.
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float
    history: History

    @property
    def fraction(self) -> float:
        """Share of all batches of all epochs that is done."""
        return ((self.epoch - 1) * self.batches + self.batch) / (self.epochs * self.batches)


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
    checks.integer("epochs", epochs, 1)
    checks.integer("batch_size", batch_size, 1)
    if patience is not None:
        checks.integer("patience", patience, 1)
    # Adam multiplies the rate of its first step by 10, and refuses what float32 does not hold.
    if not 0 < checks.number("learning_rate", learning_rate) <= 1e30:
        raise ValueError(f"learning_rate must be over 0, at most 1e30; got {learning_rate}")
    checks.integer("seed", seed, 0)
    target = _device(device)
    scores.check_model(model)
    classes = scores.check_images("images", images, model)
    scores.check_labels("labels", labels, "images", len(images), classes)
    if not any(weight.requires_grad for weight in model.parameters()):
        raise ValueError("model must have weights to train; got one whose weights are all frozen")
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


def _device(device: str | torch.device) -> torch.device:
    try:
        found = torch.device(device)
        torch.empty(1, device=found).item()  # "meta" is a device that holds no values
    except (RuntimeError, AssertionError, NotImplementedError, TypeError) as error:
        raise ValueError(
            f"device must be one that PyTorch can use here, such as cpu; got {checks.shown(device)}"
        ) from error
    return found


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
    share = checks.number("validation", validation)
    if not 0 <= share < 1:
        raise ValueError(f"validation must be a share from 0 to below 1; got {validation}")
    if share == 0:
        return given, None
    images, labels = given
    count = max(1, round(len(images) * share))
    if count >= len(images):
        raise ValueError(
            f"validation must leave an image to train on; got {validation} of {len(images)}"
        )
    shuffled = torch.randperm(len(images), generator=order)
    held, rest = shuffled[:count], shuffled[count:]
    return (images[rest], labels[rest]), (images[held], labels[held])


class _Run:
    """One training: the model, its data, and the best weights so far."""

    def __init__(
        self,
        model: nn.Module,
        learnt: Pair,
        held: Pair | None,
        learning_rate: float,
        order: torch.Generator,
    ) -> None:
        self.model, (self.images, self.labels), self.held = model, learnt, held
        weights = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimiser = torch.optim.Adam(weights, lr=learning_rate)
        self.order = order
        self.random = torch.Generator().manual_seed(order.initial_seed()).get_state()
        self.history = History()
        self.best = self._copy()
        loss = math.inf if held is None else self._validate(held)[0]
        self.best_loss = math.inf if math.isnan(loss) else loss

    def steps(
        self, epochs: int, batch_size: int, patience: int | None
    ) -> Generator[Progress, None, None]:
        history, batches = self.history, -(-len(self.images) // batch_size)
        before = [(layer, layer.training) for layer in self.model.modules()]
        try:
            for epoch in range(1, epochs + 1):
                shuffled = torch.randperm(len(self.images), generator=self.order)
                right, total = 0, 0.0
                chunks = shuffled.split(batch_size)  # type: ignore[no-untyped-call]
                for batch, chosen in enumerate(chunks, start=1):
                    loss, correct = self._step(chosen.to(self.images.device))
                    history.batch_loss.append(loss)
                    right, total = right + correct, total + loss * len(chosen)
                    good = math.isfinite(loss)
                    if good and batch == batches:
                        good = self._end_epoch(epoch, patience)
                        # Last: an interruption before it finds an epoch that is not whole.
                        history.loss.append(total / len(self.images))
                        history.accuracy.append(right / len(self.images))
                        if epoch == epochs:
                            history.stopped = history.stopped or "all epochs"
                    if not good:
                        history.stopped = f"diverged at epoch {epoch}, batch {batch}"
                    if history.stopped:
                        self._restore()
                    yield Progress(epoch, epochs, batch, batches, loss, history)
                    if history.stopped:
                        return
        finally:  # also where the generator is closed, or the user interrupts
            if not history.stopped:
                history.stopped = "stopped"
                if history.loss or not self._finite():
                    self._restore()
            for layer, flag in before:
                layer.training = flag

    def _step(self, chosen: Tensor) -> tuple[float, int]:
        """Learn from one batch; return its loss and how many images were right."""
        labels = self.labels[chosen]
        self.model.train()
        # Dropout knows the global generator only, which is put back.
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self.random)
            answers = self.model(self.images[chosen])
            self.random = torch.get_rng_state()
        loss = F.cross_entropy(answers, labels)
        value = loss.item()
        if math.isfinite(value):
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()
        return value, int((answers.argmax(1) == labels).sum())

    def _end_epoch(self, epoch: int, patience: int | None) -> bool:
        """Validate and keep the weights if they are better; return whether they are finite."""
        history, loss = self.history, -math.inf
        if self.held is not None:
            loss, accuracy = self._validate(self.held)
            history.validation_loss.append(loss)
            history.validation_accuracy.append(accuracy)
        if math.isnan(loss) or loss == math.inf or not self._finite():
            return False
        if self.held is None or loss < self.best_loss:
            self.best, self.best_loss, history.best_epoch = self._copy(), loss, epoch
        elif patience is not None and epoch - history.best_epoch >= patience:
            history.stopped = f"no better for {patience} epoch{'s' if patience > 1 else ''}"
        return True

    def _validate(self, held: Pair) -> tuple[float, float]:
        """Return loss and accuracy on the images that are not trained on."""
        images, labels = held
        answers = scores.logits(self.model, images)
        right = (answers.argmax(1) == labels).float().mean()
        return F.cross_entropy(answers, labels).item(), right.item()

    def _finite(self) -> bool:
        return all(bool(value.isfinite().all()) for value in self.model.state_dict().values())

    def _copy(self) -> dict[str, Tensor]:
        return {name: value.clone() for name, value in self.model.state_dict().items()}

    def _restore(self) -> None:
        self.model.load_state_dict(self.best)


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
    from tqdm import tqdm

    steps = fitting(model, images, labels, **options)
    history = History(stopped="stopped")
    with tqdm(unit="batch", disable=not progress) as bar, contextlib.closing(steps):
        try:
            for done in steps:
                history = done.history
                if progress:
                    bar.total = done.epochs * done.batches
                    bar.set_description(f"epoch {done.epoch} of {done.epochs}", refresh=False)
                    bar.set_postfix(loss=f"{done.loss:.3f}", refresh=False)
                    bar.update()
        except KeyboardInterrupt:
            pass  # the history says so
    return history
