"""The explorer of models that learn sequences: chosen by controls, trained by a button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial

from torch import nn

from convrnn_lab import checks, data, models
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.controls import Choice, Control, Slider, Values
from convrnn_lab.models.recurrent import RecurrentOptions
from convrnn_lab.topics.gates.explorer import SEED_LIMIT
from convrnn_lab.topics.gates.gated_layer import keep_update, keep_update_code
from convrnn_lab.topics.training import guides, sequence_figure
from convrnn_lab.topics.training.job import Beginning, Setting, TrainingExplorer, TrainingJob
from convrnn_lab.topics.training.sequence_figure import SEQUENCES
from convrnn_lab.train.sequence_scores import SequenceScores, evaluate_sequences
from convrnn_lab.train.sequences import (
    SequenceFitOptions,
    SequenceHistory,
    fit_sequences,
    fitting_sequences,
)

CELLS = ("RNN", "LSTM", "GRU")
CLIPS = (0.1, 1.0, 10.0, "off")
DIRECTIONS = ("forward", "both")
EPOCH_LIMIT = 30
FORGET_BIASES = (-2, 0, 1, 3)
HIDDEN_SIZES = (8, 16, 32, 64, 128)
LEARNING_RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
USUAL_FORGET_BIAS = 1
"""What the control of the forget bias shows where it means nothing."""

_OF_THE_MODEL = ("task", "cell", "direction", "hidden_size", "layers", "forget_bias")
"""The first controls."""


@dataclass(frozen=True)
class _Lesson:
    """A task small enough to be learnt while somebody waits."""

    make: Callable[..., data.SequenceTask]
    train: dict[str, object] = field(default_factory=lambda: {"part": "train"})
    test: dict[str, object] = field(default_factory=lambda: {"part": "test"})
    both: bool = False  # whether an answer may use what comes later
    validation: float = 0.1


_LESSONS = {
    # Windows of sunspots overlap: one that is held out would still be known.
    "sunspots": _Lesson(data.sunspots, validation=0.0),
    "adding": _Lesson(
        data.adding,
        {"length": 20, "count": 2000, "seed": 1},
        {"length": 20, "count": 500, "seed": 2},
    ),
    "copy memory": _Lesson(
        data.copy_memory,
        {"length": 3, "count": 2000, "seed": 1},
        {"length": 3, "count": 200, "seed": 2},
    ),
    "power demand": _Lesson(data.power_demand, both=True),
    "labels": _Lesson(
        data.source_code,
        {"part": "train", "length": 64},
        {"part": "test", "length": 64},
        both=True,
    ),
    "characters": _Lesson(
        data.characters, {"part": "train", "length": 64}, {"part": "test", "length": 64}
    ),
}
TASKS = tuple(_LESSONS)
"""What can be trained by the button."""

_SMALL = ("sunspots", "adding", "copy memory", "power demand")
"""Tasks that are there at once, which every page has."""


@lru_cache(maxsize=2 * len(_LESSONS))
def _task(name: str, part: str) -> data.SequenceTask:
    lesson = _LESSONS[name]
    return lesson.make(**(lesson.train if part == "train" else lesson.test))


class SequenceTraining(TrainingExplorer[SequenceHistory, SequenceScores]):
    """An explorer whose button trains a model of sequences for the setting of its controls.

    Attributes
    ----------
    trained : dict
        By setting, what has been trained.
    """


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
        the update gate. It means nothing to other models, whose control is switched off.
    learning_rate : float
        One of `LEARNING_RATES`, of Adam.
    clip : float or "off"
        One of `CLIPS`: the norm that a larger gradient is scaled down to.
    epochs : int
        1 to 30.
    seed : int
        0 to 9, of the first weights and of the order.
    sequence : int
        0 to 9: the test sequence drawn, where answers are wanted at many steps. Other tasks have
        one answer a sequence: all are drawn beside each other, and there is nothing to choose.

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
    checks.choice("forget_bias", forget_bias, FORGET_BIASES)
    checks.integer("sequence", sequence, 0, SEQUENCES - 1)
    start = {"cell": cell, "direction": direction, "layers": layers}
    controls: dict[str, Control] = {
        "task": Choice("task", TASKS, task),
        "cell": Choice("cell", CELLS, cell),
        "direction": Choice("direction", _directions, direction),
        "hidden_size": Choice("hidden size", HIDDEN_SIZES, hidden_size, ordered=True),
        "layers": Slider("layers", 1, 2, layers),
        "forget_bias": Choice(
            "forget bias",
            _forget_biases,
            forget_bias if _has_forget_bias(start) else USUAL_FORGET_BIAS,
            ordered=True,
            widest=FORGET_BIASES,
        ),
        "learning_rate": Choice(
            "learning rate", LEARNING_RATES, learning_rate, ordered=True, group="Training"
        ),
        "clip": Choice("clip to", CLIPS, clip, ordered=True, group="Training"),
        "epochs": Slider("epochs", 1, EPOCH_LIMIT, epochs, group="Training"),
        "seed": Slider("seed", 0, SEED_LIMIT, seed, group="Training"),
        "sequence": Slider(
            "sequence",
            0,
            _last_sequence,
            min(sequence, _last_sequence({"task": task})),
            look=True,
        ),
    }
    vary = {"task": _SMALL, "cell": None, "forget_bias": None}
    guide = guides.SEQUENCE_TRAINING
    name = "A model of sequences"
    return SequenceTraining(_draw, controls, _begin, name=name, vary=vary, guide=guide)


def _last_sequence(before: Values) -> int:
    task = _task(before["task"], "test")
    return SEQUENCES - 1 if sequence_figure.one_by_one(task) else 0


def _directions(before: Values) -> tuple[str, ...]:
    return DIRECTIONS if _LESSONS[before["task"]].both else DIRECTIONS[:1]


def _has_forget_bias(values: Values) -> bool:
    """Whether the control of the forget bias changes the model."""
    return values["cell"] == "LSTM" or _has_update_bias(values)


def _has_update_bias(values: Values) -> bool:
    """Whether it is a GRU whose update gates get the bias: only one of one layer, forward."""
    return (values["cell"], values["layers"], values["direction"]) == ("GRU", 1, "forward")


def _forget_biases(before: Values) -> tuple[int, ...]:
    return FORGET_BIASES if _has_forget_bias(before) else (USUAL_FORGET_BIAS,)


def _draw(job: TrainingJob[SequenceHistory, SequenceScores], values: Values) -> Sheet:
    shown = job.of(values)
    return sequence_figure.sequence_training(
        _task(values["task"], "test"),
        shown,
        parameters=_count(job.setting(values)[: len(_OF_THE_MODEL)]),
        clip=_clip(values),
        sequence=values["sequence"],
        code=_code(values),
        others=[
            done
            for (task, *_), done in job.trained.items()
            if task == values["task"] and done is not shown
        ],
    )


def _begin(values: Values) -> Beginning[SequenceHistory, SequenceScores]:
    model = build(values)
    steps = fitting_sequences(model, _task(values["task"], "train"), **_fit_options(values))
    score = partial(evaluate_sequences, task=_task(values["task"], "test"))
    return Beginning(_name(values), model, steps, score)


def _fit_options(values: Values) -> SequenceFitOptions:
    return {
        "validation": _LESSONS[values["task"]].validation,
        "epochs": values["epochs"],
        "learning_rate": values["learning_rate"],
        "clip": _clip(values),
        "seed": values["seed"],
    }


def build(values: Values) -> nn.Module:
    """Build the untrained model of a setting.

    Parameters
    ----------
    values : mapping
        Of the controls of `sequence_training`.
    """
    task = _task(values["task"], "test")
    module = models.recurrent(values["cell"], **_layer_options(values))
    if _has_update_bias(values):
        keep_update(module, values["forget_bias"])
    # The layers come with weights of this seed: the next one is for others in the linear layer.
    with models.seeded(values["seed"] + 1):
        return models.PackedModel(module, task.outputs)


def _layer_options(values: Values) -> RecurrentOptions:
    return {
        "input_size": _task(values["task"], "test").inputs.shape[2],
        "hidden_size": values["hidden_size"],
        "layers": values["layers"],
        "bidirectional": values["direction"] == "both",
        "forget_bias": float(values["forget_bias"]) if values["cell"] == "LSTM" else None,
        "seed": values["seed"],
    }


def _clip(values: Values) -> float | None:
    return None if values["clip"] == "off" else values["clip"]


@lru_cache(maxsize=64)
def _count(setting: Setting) -> int:
    values = dict(zip(_OF_THE_MODEL, setting, strict=True)) | {"seed": 0}
    return sum(weight.numel() for weight in build(values).parameters())


def _code(values: Values) -> str:
    """Write what makes the task, and builds, trains and scores the model of a setting."""
    lesson, outputs = _LESSONS[values["task"]], _task(values["task"], "test").outputs
    module = call(models.recurrent, "models", values["cell"], **_layer_options(values))
    history = call(fit_sequences, "train", Name("model"), Name("task"), **_fit_options(values))
    return "\n".join(
        [
            f"task = {call(lesson.make, 'data', **lesson.train)}",
            f"test = {call(lesson.make, 'data', **lesson.test)}",
            f"module = {module}",
            *(keep_update_code(values["forget_bias"]) if _has_update_bias(values) else []),
            f"with models.seeded({values['seed'] + 1}):",
            f"    model = {call(models.PackedModel, 'models', Name('module'), outputs)}",
            f"history = {history}",
            f"scores = {call(evaluate_sequences, 'train', Name('model'), Name('test'))}",
        ]
    )


def _name(values: Values) -> str:
    return (
        f"{values['task']}: {values['cell']}, {values['hidden_size']} units, "
        f"{values['layers']} layer{'s' if values['layers'] > 1 else ''}, "
        f"learning rate {values['learning_rate']}"
    )
