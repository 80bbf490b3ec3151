"""Notebooks in, executed notebooks and offline HTML out."""

from convrnn_lab.facade import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
