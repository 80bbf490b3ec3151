"""Train a classifier of images, batch by batch or at once, and score it."""

from convrnn_lab.train.fitting import History, Progress, fit, fitting
from convrnn_lab.train.scores import Scores, evaluate, probabilities

__all__ = ["History", "Progress", "Scores", "evaluate", "fit", "fitting", "probabilities"]
