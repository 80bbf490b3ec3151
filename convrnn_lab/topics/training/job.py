"""Training by a button: started, stopped, and kept by setting, for every explorer that trains."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from torch import nn

from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Control, Value, Values
from convrnn_lab.explorer.guide import Step
from convrnn_lab.explorer.jobs import Job, Progress
from convrnn_lab.train.history import H, Steps, TrainingProgress
from convrnn_lab.train.trained import S, Trained

Setting = tuple[object, ...]
"""The values that a training depends on, in the order of their controls."""


@dataclass(frozen=True)
class Beginning(Generic[H, S]):
    """A training that is about to begin.

    Attributes
    ----------
    name : str
        Of the setting, short.
    model : nn.Module
        Untrained.
    steps : generator
        Trains it.
    score : function
        Scores it on examples that are not trained on.
    """

    name: str
    model: nn.Module
    steps: Steps[H]
    score: Callable[[nn.Module], S]


class TrainingJob(Generic[H, S]):
    """The work of a button that trains, and what it has trained so far.

    Parameters
    ----------
    begin : function
        Takes the values of the controls and returns a `Beginning`. Raises ``ValueError`` for a
        setting that makes no model.
    looks : collection of str
        The controls that a training does not depend on.

    Attributes
    ----------
    trained : dict of tuple to Trained
        By setting.
    """

    def __init__(
        self, begin: Callable[[Values], Beginning[H, S]], looks: Collection[str] = ()
    ) -> None:
        self.trained: dict[Setting, Trained[H, S]] = {}
        self._begin, self._looks = begin, looks

    def setting(self, values: Values) -> Setting:
        """Return what a training depends on."""
        return tuple(value for name, value in values.items() if name not in self._looks)

    def of(self, values: Values) -> Trained[H, S] | None:
        """Return what has been trained for the values of the controls, if anything has."""
        return self.trained.get(self.setting(values))

    def train(self, **values: Value) -> Iterator[Progress]:
        """Train for these values; closed half way, it keeps what has been learnt so far."""
        begun, done = self._begin(values), None
        with contextlib.closing(begun.steps):
            try:
                for progress, seconds in _timed(begun.steps):
                    if done is None:
                        done = Trained[H, S](begun.name, progress.history)
                        self.trained[self.setting(values)] = done
                    done.seconds += seconds
                    yield Progress(progress.fraction, _said(progress))
            finally:
                begun.steps.close()  # first: it puts the best weights back
                if done is not None:
                    done.scores = begun.score(begun.model)
                    done.model = begun.model.eval()
        if done is not None:
            yield Progress(1.0, f"{done.history.stopped}, {done.seconds:.1f} s")


def _timed(steps: Steps[H]) -> Iterator[tuple[TrainingProgress[H], float]]:
    """Yield each step with its seconds; the clock stands still until the browser asks again."""
    while True:
        began = time.perf_counter()
        progress = next(steps, None)
        if progress is None:
            return
        yield progress, time.perf_counter() - began


def _said(progress: TrainingProgress[H]) -> str:
    return (
        f"epoch {progress.epoch} of {progress.epochs}, batch {progress.batch} of "
        f"{progress.batches}, loss {progress.loss:.3g}"
    )


class TrainingExplorer(Explorer, Generic[H, S]):
    """An explorer whose button trains a model for the setting of its controls.

    Parameters
    ----------
    draw : function
        Takes the `TrainingJob` and the values of the controls, and returns a `Sheet`.
    controls : dict of str to Slider or Choice
    begin : function
        As for `TrainingJob`.
    name, vary, guide
        As for `Explorer`.

    Attributes
    ----------
    trained : dict
        By setting, what has been trained.
    """

    def __init__(
        self,
        draw: Callable[[TrainingJob[H, S], Values], Sheet],
        controls: Mapping[str, Control],
        begin: Callable[[Values], Beginning[H, S]],
        *,
        name: str,
        vary: Mapping[str, Sequence[object] | None] | None = None,
        guide: Sequence[Step] = (),
    ) -> None:
        looks = [name for name, control in controls.items() if control.look]
        self._training = TrainingJob(begin, looks)
        self.trained = self._training.trained

        def view(**values: Value) -> Sheet:
            return draw(self._training, values)

        job = Job("Train", self._training.train)
        super().__init__(view, controls, name=name, vary=vary, job=job, guide=guide)

    @property
    def model(self) -> nn.Module:
        """The model trained for the setting of the controls, in evaluation mode.

        Raises
        ------
        ValueError
            If none has been.
        """
        done = self._training.of(self.values)
        if done is None or done.model is None:
            raise ValueError(f"model must be trained first, by the button or run(); got {self!r}")
        return done.model
