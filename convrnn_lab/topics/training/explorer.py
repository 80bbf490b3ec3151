"""The explorer that builds a CNN by sliders, says what it costs, and trains it by a button."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import torch
from torch import nn

from convrnn_lab import checks, data, models
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.explorer.jobs import Job, Progress
from convrnn_lab.measure.layer_cost import Cost
from convrnn_lab.measure.layer_cost import cost as cost_of
from convrnn_lab.topics.receptive_field.trace import ReceptiveField, receptive_field
from convrnn_lab.topics.training import figure
from convrnn_lab.topics.training.figure import Trained
from convrnn_lab.train import running
from convrnn_lab.train.classifier import fitting
from convrnn_lab.train.running import History
from convrnn_lab.train.scores import evaluate

EPOCH_LIMIT = 15
FILTERS = ("8 / 16", "16 / 32", "32 / 64")
KERNEL_LIMIT = 7
LEARNING_RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.1, 1.0)
STRIDE_LIMIT = 3

Setting = tuple[Any, ...]
"""The controls' values, in their order."""


class Training(Explorer):
    """An explorer whose job trains a model for the setting of its controls.

    Attributes
    ----------
    trained : dict
        By setting, what has been trained.
    """

    def __init__(self, digits: data.Digits, start: dict[str, Any], seed: int) -> None:
        self.trained: dict[Setting, Trained] = {}
        self._models: dict[Setting, nn.Module] = {}
        self._digits = digits
        self._seed = seed
        self._costed = lru_cache(maxsize=64)(_costed)
        super().__init__(
            self._view,
            {
                "filters": Choice("filters", FILTERS, start["filters"], ordered=True),
                "kernel_size": Slider("kernel size", 1, KERNEL_LIMIT, start["kernel_size"]),
                "stride": Slider("stride", 1, STRIDE_LIMIT, start["stride"]),
                "padding": Slider(
                    "padding", 0, lambda before: before["kernel_size"] // 2, start["padding"]
                ),
                "pooling": Choice("pooling", models.POOLINGS, start["pooling"]),
                "learning_rate": Choice(
                    "learning rate", LEARNING_RATES, start["learning_rate"], ordered=True
                ),
                "epochs": Slider("epochs", 1, EPOCH_LIMIT, start["epochs"]),
            },
            name="A network for digits",
            vary={
                "filters": None,
                "kernel_size": (1, 3, 5, 7),
                "stride": None,
                "padding": (0, 1, 2),
                "pooling": None,
            },
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
        setting = tuple(self.values.values())
        if setting not in self._models:
            raise ValueError(f"model must be trained first, by the button or run(); got {self!r}")
        return self._models[setting]

    def _view(self, **values: Any) -> Sheet:
        setting = tuple(values.values())
        cost, field = self._costed(setting[:-2])  # how it is trained costs nothing in use
        others = [
            (done, self._costed(each[:-2])[0].multiply_adds) for each, done in self.trained.items()
        ]
        return figure.training(cost, field, _code(values), self.trained.get(setting), others)

    def _train(self, **values: Any) -> Iterator[Progress]:
        setting = tuple(values.values())
        model = _build(values, self._seed)
        digits = self._digits
        done = Trained(_name(values), History())
        steps = fitting(
            model,
            digits.train_images,
            digits.train_labels,
            epochs=values["epochs"],
            learning_rate=values["learning_rate"],
            seed=self._seed,
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
                    done.history = progress.history
                    self.trained[setting] = done
                    yield Progress(progress.fraction, _said(progress))
            finally:
                steps.close()
                if setting in self.trained:
                    images, labels = digits.test_images, digits.test_labels
                    done.scores = evaluate(model, images, labels)
                    self._models[setting] = model
        yield Progress(1.0, f"{done.history.stopped}, {done.seconds:.1f} s")


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
    start = {
        "filters": filters,
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "pooling": pooling,
        "learning_rate": learning_rate,
        "epochs": epochs,
    }
    return Training(data.digits() if digits is None else digits, start, seed)


def _build(values: dict[str, Any], seed: int) -> nn.Sequential:
    return models.cnn(
        filters=tuple(map(int, values["filters"].split(" / "))),
        kernel_size=values["kernel_size"],
        stride=values["stride"],
        padding=values["padding"],
        pooling=values["pooling"],
        seed=seed,
    )


def _costed(setting: Setting) -> tuple[Cost, ReceptiveField]:
    """Return what a setting costs, and the field of its last layer that still has places."""
    controls = ("filters", "kernel_size", "stride", "padding", "pooling")
    with torch.device("meta"):
        model = _build(dict(zip(controls, setting, strict=True)), 0)
    names = [name for name, _ in model.named_children()]
    places = model[: names.index("flatten")]  # the layers whose values have a place in the image
    return cost_of(model, (1, 28, 28)), receptive_field(places, (1, 28, 28))


def _code(values: dict[str, Any]) -> str:
    usual = {"kernel_size": 3, "stride": 1, "padding": 0, "pooling": "max"}
    options = [f"{name}={values[name]!r}" for name in usual if values[name] != usual[name]]
    if values["filters"] != "32 / 64":
        options.insert(0, f"filters=({values['filters'].replace(' /', ',')})")
    return f"models.cnn({', '.join(options)})".replace("'", '"')


def _name(values: dict[str, Any]) -> str:
    return (
        f"{values['filters']} filters, kernel {values['kernel_size']}, stride {values['stride']}, "
        f"{values['pooling']} pooling, learning rate {values['learning_rate']}"
    )


def _said(progress: running.Progress) -> str:
    return (
        f"epoch {progress.epoch} of {progress.epochs}, batch {progress.batch} of "
        f"{progress.batches}, loss {progress.loss:.3f}"
    )
