"""Run one operation and keep every value that led to its output."""

from convrnn_lab.facade import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
