"""The small tables of the notebooks, as data frames."""

from convrnn_lab.facade import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
