"""Train a classifier of images or a model of sequences, batch by batch or at once, and score it."""

from convrnn_lab.train.fitting import fit, fitting
from convrnn_lab.train.recipes import RECIPES, Recipe, Reproduced, reproduce
from convrnn_lab.train.running import History, Progress
from convrnn_lab.train.scores import Scores, evaluate, probabilities
from convrnn_lab.train.sequences import (
    SequenceHistory,
    SequenceScores,
    evaluate_sequences,
    fit_sequences,
    fitting_sequences,
)

__all__ = [
    "RECIPES",
    "History",
    "Progress",
    "Recipe",
    "Reproduced",
    "Scores",
    "SequenceHistory",
    "SequenceScores",
    "evaluate",
    "evaluate_sequences",
    "fit",
    "fit_sequences",
    "fitting",
    "fitting_sequences",
    "probabilities",
    "reproduce",
]
