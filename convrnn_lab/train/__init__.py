"""Train a classifier of images or a model of sequences, batch by batch or at once, and score it."""

from convrnn_lab.facade import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
