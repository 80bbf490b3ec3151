"""Controls, a computation and its figure: live, as a page, or as a plain figure."""

from convrnn_lab.facade import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
