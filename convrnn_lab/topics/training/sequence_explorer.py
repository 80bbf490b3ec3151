"""Explorers of models that learn sequences: trained by a button, or looked at as they learn."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn

from convrnn_lab import checks, data, models
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider, Values
from convrnn_lab.explorer.jobs import Job, Progress
from convrnn_lab.topics.gates.explorer import SEED_LIMIT, keep_update
from convrnn_lab.topics.recurrence.trace import recurrence
from convrnn_lab.topics.training import sequence_figure
from convrnn_lab.topics.training.sequence_figure import Epoch, SequenceTrained
from convrnn_lab.train import running
from convrnn_lab.train.recipes import RECIPES
from convrnn_lab.train.sequences import (
    SequenceHistory,
    answers_of,
    evaluate_sequences,
    fitting_sequences,
)

CELLS = ("RNN", "LSTM", "GRU")
CLIPS = (0.1, 1.0, 10.0, "off")
DIRECTIONS = ("forward", "both")
EPOCH_LIMIT = 30
FORGET_BIASES = (-2, 0, 1, 3)
HIDDEN_SIZES = (8, 16, 32, 64, 128)
LEARNING_RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
SEQUENCE_LIMIT = 9
_COLUMNS = 32

Setting = tuple[Any, ...]
"""The controls' values, in their order."""


@dataclass(frozen=True)
class _Lesson:
    """A task small enough to be learnt while somebody waits."""

    train: Callable[[], data.SequenceTask]
    test: Callable[[], data.SequenceTask]
    both: bool = False  # whether an answer may use what comes later
    validation: float = 0.1


_LESSONS = {
    "sunspots": _Lesson(
        lambda: data.sunspots("train"),
        lambda: data.sunspots("test"),
        validation=0.0,  # windows overlap: one that is held out would still be known
    ),
    "adding": _Lesson(lambda: data.adding(20, 2000, seed=1), lambda: data.adding(20, 500, seed=2)),
    "copy memory": _Lesson(
        lambda: data.copy_memory(3, 2000, seed=1), lambda: data.copy_memory(3, 200, seed=2)
    ),
    "power demand": _Lesson(
        lambda: data.power_demand("train"), lambda: data.power_demand("test"), both=True
    ),
    "labels": _Lesson(
        lambda: data.source_code("train", length=64),
        lambda: data.source_code("test", length=64),
        both=True,
    ),
    "characters": _Lesson(
        lambda: data.characters("train", length=64), lambda: data.characters("test", length=64)
    ),
}
TASKS = tuple(_LESSONS)
"""What can be trained by the button."""


@lru_cache(maxsize=2 * len(_LESSONS))
def _task(name: str, part: str) -> data.SequenceTask:
    made: data.SequenceTask = getattr(_LESSONS[name], part)()
    return made


class SequenceTraining(Explorer):
    """An explorer whose job trains a model of sequences for the setting of its controls.

    Attributes
    ----------
    trained : dict
        By setting, what has been trained.
    """

    def __init__(self, start: dict[str, Any]) -> None:
        self.trained: dict[Setting, SequenceTrained] = {}
        self._models: dict[Setting, nn.Module] = {}
        super().__init__(
            self._view,
            {
                "task": Choice("task", TASKS, start["task"]),
                "cell": Choice("cell", CELLS, start["cell"]),
                "direction": Choice("direction", _directions, start["direction"]),
                "hidden_size": Choice(
                    "hidden size", HIDDEN_SIZES, start["hidden_size"], ordered=True
                ),
                "layers": Slider("layers", 1, 2, start["layers"]),
                "forget_bias": Choice(
                    "forget bias", FORGET_BIASES, start["forget_bias"], ordered=True
                ),
                "learning_rate": Choice(
                    "learning rate", LEARNING_RATES, start["learning_rate"], ordered=True
                ),
                "clip": Choice("clip to", CLIPS, start["clip"], ordered=True),
                "epochs": Slider("epochs", 1, EPOCH_LIMIT, start["epochs"]),
                "seed": Slider("seed", 0, SEED_LIMIT, start["seed"]),
                "sequence": Slider("sequence", 0, SEQUENCE_LIMIT, start["sequence"]),
            },
            name="A model of sequences",
            vary={"task": (start["task"],), "sequence": (start["sequence"],)},
            job=Job("Train", self._train),
        )

    @property
    def model(self) -> nn.Module:
        """The model trained for the setting of the controls.

        Raises
        ------
        ValueError
            If none has been.
        """
        setting = _setting(self.values)
        if setting not in self._models:
            raise ValueError(f"model must be trained first, by the button or run(); got {self!r}")
        return self._models[setting]

    def _view(self, **values: Any) -> Sheet:
        return sequence_figure.sequence_training(
            _task(values["task"], "test"),
            self.trained.get(_setting(values)),
            parameters=_count(_setting(values)),
            clip=_clip(values),
            sequence=values["sequence"],
            code=_code(values),
        )

    def _train(self, **values: Any) -> Iterator[Progress]:
        setting, name = _setting(values), values["task"]
        model = build(values)
        done = SequenceTrained(SequenceHistory())
        steps = fitting_sequences(
            model,
            _task(name, "train"),
            validation=_LESSONS[name].validation,
            epochs=values["epochs"],
            learning_rate=values["learning_rate"],
            clip=_clip(values),
            seed=values["seed"],
        )
        # The lines below run as far as the browser asks; between them the clock stands still.
        with contextlib.closing(steps):
            try:
                while True:
                    began = time.perf_counter()
                    progress = next(steps, None)
                    done.seconds += time.perf_counter() - began
                    if progress is None:
                        break
                    assert isinstance(progress.history, SequenceHistory)  # noqa: S101
                    done.history = progress.history
                    self.trained[setting] = done
                    yield Progress(progress.fraction, _said(progress))
            finally:
                steps.close()
                if setting in self.trained:
                    done.scores = evaluate_sequences(model, _task(name, "test"))
                    self._models[setting] = model.eval()
        yield Progress(1.0, f"{done.history.stopped}, {done.seconds:.1f} s")


def sequence_training(
    task: str = "sunspots",
    *,
    cell: str = "LSTM",
    direction: str = "forward",
    hidden_size: int = 16,
    layers: int = 1,
    forget_bias: int = 1,
    learning_rate: float = 0.01,
    clip: float | str = 1.0,
    epochs: int = 10,
    seed: int = 0,
    sequence: int = 0,
) -> SequenceTraining:
    """Choose a task and a recurrent model, and train it by a button.

    Parameters
    ----------
    task : str
        One of `TASKS`: sunspots of the next year; the adding problem over 20 steps; copy memory
        with a wait of 3; the season of a day of power demand; labels or next characters of
        Python's source, in pieces of 64.
    cell : str
        "RNN" (tanh), "LSTM" or "GRU".
    direction : str
        "forward", or where an answer may use what comes later, "both".
    hidden_size : int
        One of `HIDDEN_SIZES`.
    layers : int
        1 or 2.
    forget_bias : int
        One of `FORGET_BIASES`, of an LSTM; of a GRU with one layer and direction, that of
        the update gate; of no use to an RNN.
    learning_rate : float
        One of `LEARNING_RATES`, of Adam.
    clip : float or "off"
        One of `CLIPS`: the norm that a larger gradient is scaled down to.
    epochs : int
        1 to 30.
    seed : int
        0 to 9, of the first weights and of the order.
    sequence : int
        0 to 9: the test sequence drawn, where answers are wanted at many steps.

    Returns
    -------
    SequenceTraining
        Its ``run()`` trains as the button does; ``model`` is then the trained model.

    Raises
    ------
    ValueError
        If a value is not offered.
    """
    checks.choice("task", task, TASKS)
    return SequenceTraining(
        {
            "task": task,
            "cell": cell,
            "direction": direction,
            "hidden_size": hidden_size,
            "layers": layers,
            "forget_bias": forget_bias,
            "learning_rate": learning_rate,
            "clip": clip,
            "epochs": epochs,
            "seed": seed,
            "sequence": sequence,
        }
    )


def build(values: Values) -> nn.Module:
    """Build the untrained model of a setting.

    Parameters
    ----------
    values : mapping
        Of the controls of `sequence_training`.
    """
    task, kind, bias = _task(values["task"], "test"), values["cell"], values["forget_bias"]
    seed, both = values["seed"], values["direction"] == "both"
    layers = models.recurrent(
        kind,
        input_size=task.inputs.shape[2],
        hidden_size=values["hidden_size"],
        layers=values["layers"],
        bidirectional=both,
        forget_bias=float(bias) if kind == "LSTM" else None,
        seed=seed,
    )
    if kind == "GRU" and values["layers"] == 1 and not both:
        keep_update(layers, bias)
    # The layers come with weights of this seed: the next one is for others in the linear layer.
    with models.seeded(seed + 1):
        return models.PackedModel(layers, task.outputs)


def _directions(before: Values) -> tuple[str, ...]:
    return DIRECTIONS if _LESSONS[before["task"]].both else DIRECTIONS[:1]


def _setting(values: Values) -> Setting:
    """Return what a training depends on; the sequence drawn is none of it."""
    return tuple(value for name, value in values.items() if name != "sequence")


def _clip(values: Values) -> float | None:
    return None if values["clip"] == "off" else values["clip"]


@lru_cache(maxsize=64)
def _count(setting: Setting) -> int:
    names = ("task", "cell", "direction", "hidden_size", "layers", "forget_bias")
    values = dict(zip(names, setting, strict=False)) | {"seed": 0}
    return sum(weight.numel() for weight in build(values).parameters())


def _code(values: Values) -> str:
    task, kind = _task(values["task"], "test"), values["cell"]
    extra = ", bidirectional=True" if values["direction"] == "both" else ""
    extra += f", forget_bias={values['forget_bias']}" if kind == "LSTM" else ""
    return (
        f'layers = models.recurrent("{kind}", input_size={task.inputs.shape[2]}, '
        f"hidden_size={values['hidden_size']}, layers={values['layers']}{extra}, "
        f"seed={values['seed']})\n"
        f"model = models.PackedModel(layers, {task.outputs})"
    )


def _said(progress: running.Progress) -> str:
    return (
        f"epoch {progress.epoch} of {progress.epochs}, batch {progress.batch} of "
        f"{progress.batches}, loss {progress.loss:.3g}"
    )


def state_over_training(
    name: str = "sunspots", *, epoch: int | None = None, sequence: int = 0, unit: int = 0
) -> Explorer:
    """Show what hidden states a sequence brings about, epoch by epoch of a shipped model.

    Parameters
    ----------
    name : str
        One of the shipped models whose file holds epochs; see `models.stored_epochs`.
    epoch : int, optional
        One of the stored epochs; the last by default.
    sequence : int
        0 to 9, of the test.
    unit : int

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If there is no such model, none of its epochs is stored, or a value is not offered.
    """
    epochs = models.stored_epochs(name)
    if not epochs:
        raise ValueError(f"name must be of a model with stored epochs; got {name!r}")
    task = RECIPES[name].test()
    found = {each: models.trained_sequence(name, epoch=each)[0] for each in epochs}
    losses = {each: evaluate_sequences(model, task).loss for each, model in found.items()}

    @lru_cache(maxsize=SEQUENCE_LIMIT + 1)
    def runs(sequence: int) -> dict[int, Epoch]:
        part = task.part(torch.tensor([sequence]))
        return {
            each: Epoch(_states(model, part), _answers(model, part), losses[each])
            for each, model in found.items()
        }

    def view(epoch: int, sequence: int, unit: int) -> Sheet:
        return sequence_figure.state_over_training(task, runs(sequence), epoch, sequence, unit)

    units = found[epochs[0]].recurrent.hidden_size
    return Explorer(
        view,
        {
            "epoch": Choice("epoch", epochs, epochs[-1] if epoch is None else epoch, ordered=True),
            "sequence": Slider("sequence", 0, min(SEQUENCE_LIMIT, len(task) - 1), sequence),
            "unit": Slider("unit", 0, units - 1, unit),
        },
        name="States over training",
        vary={"epoch": None, "sequence": (0, 1, 2), "unit": tuple(range(min(units, 16)))},
        scan=("unit",),
    )


def _states(model: models.SequenceModel, part: data.SequenceTask) -> Any:
    """Return the last layer's hidden states for one sequence, shape (unit, time)."""
    run = recurrence(model.recurrent, part.inputs)
    return np.ascontiguousarray(run.hidden[-1, 0, :, 0].T)


def _answers(model: models.SequenceModel, part: data.SequenceTask) -> Any:
    """Return the first value, or the probability of the wanted class, at each step."""
    answers = answers_of(model, part)[0]
    if not part.classes:
        return answers[:, 0].numpy()
    return answers.softmax(1).gather(1, part.targets[0, :, None])[:, 0].numpy()


def writing(
    text: str | None = None,
    *,
    unit: int = 0,
    temperature: float = 0.7,
    seed: int = 0,
    length: int = 128,
) -> Explorer:
    """Colour a text by one unit of the shipped model of characters, and let it go on writing.

    Parameters
    ----------
    text : str, optional
        1 to 1,000 characters; the beginning of a module of Python's library by default.
    unit : int
    temperature : float
        One of 0.2, 0.5, 0.7, 1.0; see `models.write`.
    seed : int
        0 to 9, of what is written.
    length : int
        Characters to write, 1 to 500.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is not offered.
    """
    model, _ = models.trained_sequence("characters")
    read = data.text("heapq")[:256] if text is None else text
    if not isinstance(read, str) or not 1 <= len(read) <= 1000:
        raise ValueError(f"text must be 1 to 1000 characters; got {checks.shown(read)}")
    checks.integer("length", length, 1, 500)

    @lru_cache(maxsize=40)
    def run(temperature: float, seed: int) -> tuple[str, Any]:
        whole = models.write(model, read, length=length, temperature=temperature, seed=seed)
        states = recurrence(model.recurrent, data.one_hot(data.encode(whole)))
        return whole[len(read) :], np.ascontiguousarray(states.hidden[-1, 0, :, 0].T)

    def view(unit: int, temperature: float, seed: int) -> Sheet:
        written, hidden = run(temperature, seed)
        return sequence_figure.writing(read, hidden, written, unit, seed=seed, columns=_COLUMNS)

    return Explorer(
        view,
        {
            "unit": Slider("unit", 0, model.recurrent.hidden_size - 1, unit),
            "temperature": Choice("temperature", (0.2, 0.5, 0.7, 1.0), temperature, ordered=True),
            "seed": Slider("seed", 0, SEED_LIMIT, seed),
        },
        name="What a model of characters writes",
        vary={"unit": None, "temperature": (0.2, 0.7), "seed": (0, 1)},
        scan=("unit",),
    )
