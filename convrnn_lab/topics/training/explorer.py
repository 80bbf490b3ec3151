"""The explorer that builds a CNN by sliders, says what it costs, and trains it by a button."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TypedDict

import torch

from convrnn_lab import checks, data, models
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.controls import Choice, Slider, Values
from convrnn_lab.measure.layer_cost import Cost, cost as cost_of
from convrnn_lab.topics.receptive_field.trace import ReceptiveField, receptive_field
from convrnn_lab.topics.training import figure, guides
from convrnn_lab.topics.training.job import Beginning, Setting, TrainingExplorer, TrainingJob
from convrnn_lab.train.classifier import FitOptions, fit, fitting
from convrnn_lab.train.history import History
from convrnn_lab.train.scores import Scores, evaluate

EPOCH_LIMIT = 15
FILTERS = ("8 / 16", "16 / 32", "32 / 64")
KERNEL_LIMIT = 7
LEARNING_RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.1, 1.0)
STRIDE_LIMIT = 3

_OF_THE_MODEL = ("filters", "kernel_size", "stride", "padding", "pooling")
"""The first controls; how a model is trained costs nothing when it is used."""


class Training(TrainingExplorer[History, Scores]):
    """An explorer whose button trains a classifier of digits for the setting of its controls.

    Attributes
    ----------
    trained : dict
        By setting, what has been trained.
    """


def training(
    digits: data.Digits | None = None,
    *,
    filters: str = "32 / 64",
    kernel_size: int = 3,
    stride: int = 1,
    padding: int = 0,
    pooling: str = "max",
    learning_rate: float = 0.001,
    epochs: int = 3,
    seed: int = 0,
) -> Training:
    """Build the classic small CNN by sliders, see what it costs, and train it by a button.

    Parameters
    ----------
    digits : Digits, optional
        To train and to test on; `data.digits()` by default.
    filters : str
        One of `FILTERS`: the output channels of the two convolutions.
    kernel_size, stride, padding : int
        Of both convolutions: 1 to 7, 1 to 3, and 0 to half of the kernel.
    pooling : str
        One of `models.POOLINGS`, of 2 × 2 pixels after each convolution.
    learning_rate : float
        One of `LEARNING_RATES`, of Adam. The largest are there to see a training diverge.
    epochs : int
        1 to 15; the training stops earlier when the validation loss no longer falls.
    seed : int
        Of the first weights and of the order of the images.

    Returns
    -------
    Training
        Its ``run()`` trains as the button does; ``model`` is then the trained model.

    Raises
    ------
    ValueError
        If a value is not offered, or the image collapses before the last layer.
    """
    checks.integer("seed", seed, 0)
    lesson = _Lesson(data.digits() if digits is None else digits, seed, own=digits is not None)
    return Training(
        lesson.draw,
        {
            "filters": Choice("filters", FILTERS, filters, ordered=True),
            "kernel_size": Slider("kernel size", 1, KERNEL_LIMIT, kernel_size),
            "stride": Slider("stride", 1, STRIDE_LIMIT, stride),
            "padding": Slider("padding", 0, lambda before: before["kernel_size"] // 2, padding),
            "pooling": Choice("pooling", models.POOLINGS, pooling),
            "learning_rate": Choice("learning rate", LEARNING_RATES, learning_rate, ordered=True),
            "epochs": Slider("epochs", 1, EPOCH_LIMIT, epochs),
        },
        lesson.begin,
        name="A network for digits",
        vary={
            "filters": None,
            "kernel_size": (1, 3, 5, 7),
            "stride": None,
            "padding": (0, 1, 2),
            "pooling": None,
            "learning_rate": (0.001, 1.0),
        },
        guide=guides.TRAINING,
    )


class _Lesson:
    """Digits to learn: how models of them are built, trained, drawn and written down."""

    def __init__(self, digits: data.Digits, seed: int, *, own: bool) -> None:
        self._digits, self._seed, self._own = digits, seed, own
        self._costed = lru_cache(maxsize=64)(_costed)

    def begin(self, values: Values) -> Beginning[History, Scores]:
        """Build the model of a setting, ready to be trained."""
        digits, model = self._digits, models.cnn(**_model_options(values, self._seed))
        options = _fit_options(values, self._seed)
        return Beginning(
            _name(values),
            model,
            fitting(model, digits.train_images, digits.train_labels, **options),
            partial(evaluate, images=digits.test_images, labels=digits.test_labels),
        )

    def draw(self, job: TrainingJob[History, Scores], values: Values) -> Sheet:
        """Draw what a setting costs, its training and those of other settings."""
        count = len(_OF_THE_MODEL)
        cost, field = self._costed(job.setting(values)[:count])
        others = [
            (done, self._costed(setting[:count])[0].multiply_adds)
            for setting, done in job.trained.items()
        ]
        code = self._code(values)
        return figure.training(cost, field, code, job.of(values), others, epochs=values["epochs"])

    def _code(self, values: Values) -> str:
        """Write what builds, trains and scores the model of a setting."""
        made = [] if self._own else [f"digits = {call(data.digits, 'data')}"]
        model = call(models.cnn, "models", **_model_options(values, self._seed))
        model_name, images, labels = map(
            Name, ("model", "digits.train_images", "digits.train_labels")
        )
        options = _fit_options(values, self._seed)
        history = call(fit, "train", model_name, images, labels, **options)
        images, labels = Name("digits.test_images"), Name("digits.test_labels")
        scores = call(evaluate, "train", model_name, images, labels)
        return "\n".join([*made, f"model = {model}", f"history = {history}", f"scores = {scores}"])


class _ModelOptions(TypedDict):
    filters: tuple[int, ...]
    kernel_size: int
    stride: int
    padding: int
    pooling: str
    seed: int


def _model_options(values: Values, seed: int) -> _ModelOptions:
    return {
        "filters": tuple(map(int, values["filters"].split(" / "))),
        "kernel_size": values["kernel_size"],
        "stride": values["stride"],
        "padding": values["padding"],
        "pooling": values["pooling"],
        "seed": seed,
    }


def _fit_options(values: Values, seed: int) -> FitOptions:
    return {"epochs": values["epochs"], "learning_rate": values["learning_rate"], "seed": seed}


def _costed(setting: Setting) -> tuple[Cost, ReceptiveField]:
    """Return what a setting costs, and the field of its last layer that still has places."""
    values = dict(zip(_OF_THE_MODEL, setting, strict=True))
    with torch.device("meta"):
        model = models.cnn(**_model_options(values, 0))
    names = [name for name, _ in model.named_children()]
    places = model[: names.index("flatten")]  # the layers whose values have a place in the image
    return cost_of(model, (1, 28, 28)), receptive_field(places, (1, 28, 28))


def _name(values: Values) -> str:
    return (
        f"{values['filters']} filters, kernel {values['kernel_size']}, stride {values['stride']}, "
        f"{values['pooling']} pooling, learning rate {values['learning_rate']}"
    )
