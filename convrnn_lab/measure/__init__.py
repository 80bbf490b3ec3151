"""What a model costs: counted from shapes, and measured in seconds and bytes."""

from convrnn_lab.facade import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
