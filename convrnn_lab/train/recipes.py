"""How the shipped models of sequences were trained, so that a command makes them again."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from convrnn_lab import checks, data, models
from convrnn_lab.train.sequence_scores import SequenceScores, evaluate_sequences
from convrnn_lab.train.sequences import SequenceHistory, fit_sequences


@dataclass(frozen=True)
class Recipe:
    """What a shipped model is trained and tested on, and with which settings.

    Attributes
    ----------
    source : str
        What both tasks are, in words.
    train, test : callable
        Make the tasks.
    epochs, batch_size : int
    learning_rate : float
    validation : float
        Share of the training's sequences that picks the best epoch; 0 keeps the last.
    snapshots : tuple of int
        Epochs whose weights are kept too.
    """

    source: str
    train: Callable[[], data.SequenceTask]
    test: Callable[[], data.SequenceTask]
    epochs: int
    batch_size: int
    learning_rate: float
    validation: float = 0.1
    snapshots: tuple[int, ...] = ()


_LIBRARY = "the source of modules of Python's library, {}, and of others for the test"

_CHARACTERS = Recipe(
    _LIBRARY.format("data.characters()"),
    lambda: data.characters("train"),
    lambda: data.characters("test"),
    epochs=14,
    batch_size=32,
    learning_rate=4e-3,
)

RECIPES = {
    "labels": Recipe(
        _LIBRARY.format("data.source_code()"),
        lambda: data.source_code("train"),
        lambda: data.source_code("test"),
        epochs=8,
        batch_size=32,
        learning_rate=2e-3,
    ),
    "characters": _CHARACTERS,
    "characters_gru": _CHARACTERS,
    "characters_rnn": _CHARACTERS,
    "sunspots": Recipe(
        "data.sunspots(), 1700 to 1929, and 1930 to 2008 for the test",
        lambda: data.sunspots("train"),
        lambda: data.sunspots("test"),
        epochs=150,
        batch_size=32,
        learning_rate=3e-3,
        validation=0,  # windows overlap: one that is held out would still be known
        snapshots=(0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 150),
    ),
    "adding": Recipe(
        "data.adding(50, 8000, seed=1), and data.adding(50, 1000, seed=2) for the test",
        lambda: data.adding(50, 8000, seed=1),
        lambda: data.adding(50, 1000, seed=2),
        epochs=16,
        batch_size=64,
        learning_rate=5e-3,
        snapshots=(*range(11), 12, 14, 16),
    ),
    "copying": Recipe(
        "data.copy_memory(5, 20000, seed=1), and data.copy_memory(5, 1000, seed=2) for the test",
        lambda: data.copy_memory(5, 20_000, seed=1),
        lambda: data.copy_memory(5, 1000, seed=2),
        epochs=25,
        batch_size=64,
        learning_rate=1e-2,
    ),
}
"""By the names of `models.sequence_model`; each takes under two minutes on one thread."""


@dataclass(frozen=True, eq=False)
class Reproduced:
    """A model trained after its recipe.

    Attributes
    ----------
    model : SequenceModel
        Its weights are rounded to float16, as the file has them; the scores are of these.
    about : dict of str to str
        What its file is to say of itself.
    history : SequenceHistory
    scores : SequenceScores
        On the test.
    """

    model: models.SequenceModel
    about: dict[str, str]
    history: SequenceHistory
    scores: SequenceScores


def reproduce(
    name: str, *, epochs: int | None = None, seed: int = 0, progress: bool = True
) -> Reproduced:
    """Train a shipped model of sequences again.

    Parameters
    ----------
    name : str
        One of `RECIPES`.
    epochs : int, optional
        By default the recipe's.
    seed : int
        Of the initial weights, the share for validation and the order.
    progress : bool
        Whether to show a progress bar on standard error.

    Returns
    -------
    Reproduced

    Raises
    ------
    ValueError
        If there is no such model or a setting is out of range.
    """
    checks.choice("name", name, RECIPES)
    recipe = RECIPES[name]
    epochs = recipe.epochs if epochs is None else checks.integer("epochs", epochs, 1)
    model = models.sequence_model(name, seed=seed)
    history = fit_sequences(
        model,
        recipe.train(),
        validation=recipe.validation,
        epochs=epochs,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        snapshots=[each for each in recipe.snapshots if each <= epochs],
        seed=seed,
        progress=progress,
    )
    _round(model)
    scores = evaluate_sequences(model, recipe.test())
    about = _about(name, recipe, history, scores, epochs=epochs, seed=seed)
    return Reproduced(model, about, history, scores)


def _about(
    name: str,
    recipe: Recipe,
    history: SequenceHistory,
    scores: SequenceScores,
    *,
    epochs: int,
    seed: int,
) -> dict[str, str]:
    """Return what a file of weights says of itself."""
    about = {
        "command": f"convrnn-lab train {name} --epochs {epochs} --seed {seed}",
        "data": recipe.source,
        "epochs": f"{history.best_epoch}, the best of {len(history.loss)}"
        if recipe.validation
        else f"{len(history.loss)}",
        "python": platform.python_version(),
        "seed": str(seed),
    }
    loss = "mean squared error" if scores.accuracy is None else "cross-entropy"
    about[f"test {loss}"] = f"{scores.loss:.5f}"
    if scores.accuracy is not None:
        about["test accuracy"] = f"{scores.accuracy:.4f}"
    for each in scores.baselines:
        about[f"test {each.metric}, {each.rule}"] = f"{each.value:.5f}"
    return about


@torch.no_grad()
def _round(model: nn.Module) -> None:
    for weight in model.parameters():
        weight.copy_(weight.half())
