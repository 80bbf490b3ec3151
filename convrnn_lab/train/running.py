"""What every training has: its curves, its batches in turn, and its best weights kept."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Generator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.train import scores


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


@dataclass(frozen=True)
class Learnt:
    """What one batch gave: its mean loss, and how many of its answers were right.

    Attributes
    ----------
    loss : float
    right : int or None
        None where the answers are values, not classes.
    answers : int
        That the loss is the mean of.
    good : bool
        Whether the model learnt from it: loss and gradient were finite.
    """

    loss: float
    right: int | None
    answers: int
    good: bool


class Run:
    """One training: the model, its optimiser, and the best weights so far.

    A kind of training says in `learn` and `validate` what is done with its data.
    """

    def __init__(
        self,
        model: nn.Module,
        count: int,
        learning_rate: float,
        order: torch.Generator,
        history: History,
    ) -> None:
        self.model, self.count, self.order, self.history = model, count, order, history
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimiser = torch.optim.Adam(self.weights, lr=learning_rate)
        self.random = torch.Generator().manual_seed(order.initial_seed()).get_state()
        self.best = self.copy()
        held = self.validate()
        self.best_loss = math.inf if held is None or math.isnan(held[0]) else held[0]

    def learn(self, chosen: Tensor) -> Learnt:
        """Learn from the examples at these places."""
        raise NotImplementedError

    def validate(self) -> tuple[float, float | None] | None:
        """Return loss and accuracy on what is not trained on; None where there is no such."""
        raise NotImplementedError

    def keep(self, epoch: int) -> None:
        """Look at the weights after an epoch; nothing is done with them here."""

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return what the model answers in training, with its own random numbers."""
        self.model.train()
        # Dropout knows the global generator only.
        with sharing.borrowed_generator(self.random):
            answers: Tensor = self.model(*inputs)
            self.random = torch.get_rng_state()
        return answers

    def steps(
        self, epochs: int, batch_size: int, patience: int | None
    ) -> Generator[Progress, None, None]:
        """Train batch by batch; however it ends, the model has its best weights."""
        history, batches = self.history, -(-self.count // batch_size)
        before = [(layer, layer.training) for layer in self.model.modules()]
        try:
            for epoch in range(1, epochs + 1):
                shuffled = torch.randperm(self.count, generator=self.order)
                met = []
                chunks = shuffled.split(batch_size)  # type: ignore[no-untyped-call]
                for batch, chosen in enumerate(chunks, start=1):
                    learnt = self.learn(chosen)
                    met.append(learnt)
                    history.batch_loss.append(learnt.loss)
                    good = learnt.good
                    if good and batch == batches:
                        good = self._end_epoch(epoch, patience, met)
                        if epoch == epochs:
                            history.stopped = history.stopped or "all epochs"
                    if not good:
                        history.stopped = f"diverged at epoch {epoch}, batch {batch}"
                    if history.stopped:
                        self._restore()
                    yield Progress(epoch, epochs, batch, batches, learnt.loss, history)
                    if history.stopped:
                        return
        finally:  # also where the generator is closed, or the user interrupts
            if not history.stopped:
                history.stopped = "stopped"
                if history.loss or not self._finite():
                    self._restore()
            for layer, flag in before:
                layer.training = flag

    def _end_epoch(self, epoch: int, patience: int | None, met: list[Learnt]) -> bool:
        """Validate and keep the weights if they are better; return whether they are finite."""
        good = self._judge(epoch, patience)
        # Last: an interruption before it finds an epoch that is not whole.
        answers = sum(each.answers for each in met)
        self.history.loss.append(sum(each.loss * each.answers for each in met) / answers)
        right = [each.right for each in met if each.right is not None]
        if right:
            self.history.accuracy.append(sum(right) / answers)
        return good

    def _judge(self, epoch: int, patience: int | None) -> bool:
        history, loss = self.history, -math.inf
        held = self.validate()
        if held is not None:
            loss = held[0]
            history.validation_loss.append(loss)
            if held[1] is not None:
                history.validation_accuracy.append(held[1])
        if math.isnan(loss) or loss == math.inf or not self._finite():
            return False
        self.keep(epoch)
        if held is None or loss < self.best_loss:
            self.best, self.best_loss, history.best_epoch = self.copy(), loss, epoch
        elif patience is not None and epoch - history.best_epoch >= patience:
            history.stopped = f"no better for {patience} epoch{'s' if patience > 1 else ''}"
        return True

    def _finite(self) -> bool:
        return all(bool(value.isfinite().all()) for value in self.model.state_dict().values())

    def copy(self) -> dict[str, Tensor]:
        """Return the weights as they are now."""
        return {name: value.clone() for name, value in self.model.state_dict().items()}

    def _restore(self) -> None:
        self.model.load_state_dict(self.best)


def check_settings(
    model: nn.Module, epochs: int, batch_size: int, learning_rate: float, patience: int | None
) -> None:
    """Refuse settings that no training can use, and a model without weights to train.

    Raises
    ------
    ValueError
        Naming the setting.
    """
    checks.integer("epochs", epochs, 1)
    checks.integer("batch_size", batch_size, 1)
    if patience is not None:
        checks.integer("patience", patience, 1)
    # Adam multiplies the rate of its first step by 10, and refuses what float32 does not hold.
    if not 0 < checks.number("learning_rate", learning_rate) <= 1e30:
        raise ValueError(f"learning_rate must be over 0, at most 1e30; got {learning_rate}")
    scores.check_model(model)
    if not any(weight.requires_grad for weight in model.parameters()):
        raise ValueError("model must have weights to train; got one whose weights are all frozen")


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


def held_out(
    count: int, validation: object, order: torch.Generator, what: str
) -> tuple[Tensor, Tensor]:
    """Return the places of the examples to train on, and of the share that is held out.

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
    held = max(1, round(count * share))
    if held >= count:
        raise ValueError(f"validation must leave {what} to train on; got {validation} of {count}")
    shuffled = torch.randperm(count, generator=order)
    return shuffled[held:], shuffled[:held]


def follow(steps: Generator[Progress, None, None], *, progress: bool) -> Progress | None:
    """Train to the end or to an interruption, and return where it stood last, if it began.

    Parameters
    ----------
    steps : generator
        Of `fitting` and its like.
    progress : bool
        Whether to show a progress bar on standard error.
    """
    from tqdm import tqdm

    done = None
    with tqdm(unit="batch", disable=not progress) as bar, contextlib.closing(steps):
        try:
            for done in steps:
                if progress:
                    bar.total = done.epochs * done.batches
                    bar.set_description(f"epoch {done.epoch} of {done.epochs}", refresh=False)
                    bar.set_postfix(loss=f"{done.loss:.3f}", refresh=False)
                    bar.update()
        except KeyboardInterrupt:
            pass  # the history says so
    return done
