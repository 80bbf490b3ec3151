"""The engine of every training: batches in turn, validation, early stop, best weights kept.

What is trained is a `Task`: how many examples there are, the loss of a batch of them, and how the
model is scored after an epoch. Classifiers and models of sequences are two kinds of it.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic

import torch
from torch import Tensor, nn

from convrnn_lab.models import sharing
from convrnn_lab.train.history import H, Steps, TrainingProgress
from convrnn_lab.train.losses import BatchLoss, BatchResult, Validation
from convrnn_lab.train.settings import Settings

Weights = dict[str, Tensor]
Forward = Callable[..., Tensor]
"""Takes a batch of inputs and returns the model's answers, in training mode."""


@dataclass(frozen=True)
class Task:
    """What a model is trained on.

    Attributes
    ----------
    examples : int
        How many there are to train on.
    batch_loss : function
        Takes the model's `Forward` and the indices of a batch's examples, shape (batch,) int64.
    validate : function
        Scores the model after an epoch; None where nothing is held back for that.
    limit_gradient : function, optional
        Takes the weights after the backward pass, may scale their gradients, and returns the norm
        that the whole gradient had. A norm that is not finite ends the training.
    after_epoch : function, optional
        Called with 0 before the training, and with the number of each epoch that ended well.
    """

    examples: int
    batch_loss: Callable[[Forward, Tensor], BatchLoss]
    validate: Callable[[], Validation | None]
    limit_gradient: Callable[[Sequence[Tensor]], float] | None = None
    after_epoch: Callable[[int], None] | None = None


class Training(Generic[H]):
    """One training: the model, its optimiser, and the best weights so far.

    Parameters
    ----------
    model : nn.Module
        Trained in place.
    task : Task
    settings : Settings
    order : torch.Generator
        Of the order of the examples; its seed is that of dropout too.
    history : History
        That grows.
    """

    def __init__(
        self,
        model: nn.Module,
        task: Task,
        settings: Settings,
        order: torch.Generator,
        history: H,
    ) -> None:
        self.model, self.task, self.settings = model, task, settings
        self.order, self.history = order, history
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimiser = torch.optim.Adam(self.weights, lr=settings.learning_rate)
        self.random = torch.Generator().manual_seed(order.initial_seed()).get_state()
        self.best = copied_weights(model)
        validation = task.validate()
        self.best_loss = (
            math.inf if validation is None or math.isnan(validation.loss) else validation.loss
        )
        if task.after_epoch is not None:
            task.after_epoch(0)

    def steps(self) -> Steps[H]:
        """Train batch by batch; however it ends, the model has its best weights."""
        before = [(layer, layer.training) for layer in self.model.modules()]
        try:
            yield from self._batches()
        finally:  # also where the generator is closed, or the user interrupts
            if not self.history.stopped:
                self.history.stopped = "stopped"
                if self.history.loss or not self._finite():
                    self._restore()
            for layer, flag in before:
                layer.training = flag

    def _batches(self) -> Steps[H]:
        history, epochs = self.history, self.settings.epochs
        for epoch in range(1, epochs + 1):
            shuffled = torch.randperm(self.task.examples, generator=self.order)
            chunks = shuffled.split(self.settings.batch_size)  # type: ignore[no-untyped-call]
            results: list[BatchResult] = []
            for batch, chosen in enumerate(chunks, start=1):
                results.append(self._learn(chosen))
                history.batch_loss.append(results[-1].loss)
                history.stopped = self._why_stop(epoch, batch, results, last=batch == len(chunks))
                if history.stopped:
                    self._restore()
                yield TrainingProgress(epoch, epochs, batch, len(chunks), results[-1].loss, history)
                if history.stopped:
                    return

    def _learn(self, chosen: Tensor) -> BatchResult:
        """Learn from the examples at these indices, unless the loss is not finite."""
        batch = self.task.batch_loss(self._forward, chosen)
        loss = batch.loss.item()
        finite = math.isfinite(loss) and self._step(batch.loss)
        return BatchResult(loss, batch.correct, batch.answers, finite)

    def _step(self, loss: Tensor) -> bool:
        """Let the optimiser take a step; return whether the gradient was finite."""
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        limit = self.task.limit_gradient
        if limit is not None and not math.isfinite(limit(self.weights)):
            return False
        self.optimiser.step()
        return True

    def _forward(self, *inputs: Tensor) -> Tensor:
        """Return what the model answers in training, with its own random numbers."""
        self.model.train()
        # Dropout knows the global generator only.
        with sharing.borrowed_generator(self.random):
            answers: Tensor = self.model(*inputs)
            self.random = torch.get_rng_state()
        return answers

    def _why_stop(self, epoch: int, batch: int, results: list[BatchResult], *, last: bool) -> str:
        """Return why the training ends after this batch; nothing if it goes on."""
        reason, finite = "", results[-1].finite
        if finite and last:
            finite, reason = self._end_epoch(epoch, results)
        if not finite:
            return f"diverged at epoch {epoch}, batch {batch}"
        if last and epoch == self.settings.epochs:
            return reason or "all epochs"
        return reason

    def _end_epoch(self, epoch: int, results: list[BatchResult]) -> tuple[bool, str]:
        """Validate and keep the better weights; return if they are finite, and why to stop."""
        judged = self._judge(epoch)
        # Last: an interruption before it finds an epoch that is not whole.
        answers = sum(each.answers for each in results)
        self.history.loss.append(sum(each.loss * each.answers for each in results) / answers)
        correct = [each.correct for each in results if each.correct is not None]
        if correct:
            self.history.accuracy.append(sum(correct) / answers)
        return judged

    def _judge(self, epoch: int) -> tuple[bool, str]:
        validation, history = self._validated(), self.history
        loss = -math.inf if validation is None else validation.loss
        if math.isnan(loss) or loss == math.inf or not self._finite():
            return False, ""
        if self.task.after_epoch is not None:
            self.task.after_epoch(epoch)
        patience = self.settings.patience
        if validation is None or loss < self.best_loss:
            self.best, self.best_loss = copied_weights(self.model), loss
            history.best_epoch = epoch
        elif patience is not None and epoch - history.best_epoch >= patience:
            return True, f"no better for {patience} epoch{'s' if patience > 1 else ''}"
        return True, ""

    def _validated(self) -> Validation | None:
        validation = self.task.validate()
        if validation is not None:
            self.history.validation_loss.append(validation.loss)
            if validation.accuracy is not None:
                self.history.validation_accuracy.append(validation.accuracy)
        return validation

    def _finite(self) -> bool:
        return all(bool(value.isfinite().all()) for value in self.model.state_dict().values())

    def _restore(self) -> None:
        self.model.load_state_dict(self.best)


def copied_weights(model: nn.Module) -> Weights:
    """Return the weights as they are now, which later steps leave alone."""
    return {name: value.clone() for name, value in model.state_dict().items()}


def follow(steps: Steps[H], *, progress: bool) -> H | None:
    """Train to the end or to an interruption, and return the curves, if it began.

    Parameters
    ----------
    steps : generator
        Of `fitting` and its like.
    progress : bool
        Whether to show a progress bar on standard error.
    """
    from tqdm import tqdm

    history = None
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
