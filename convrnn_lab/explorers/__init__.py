"""Controls, a computation and its figure: live, as a page, or as a plain figure."""

from convrnn_lab.explorers.base import Explorer, State
from convrnn_lab.explorers.controls import Choice, Slider
from convrnn_lab.explorers.convolution import convolution, convolution1d

__all__ = ["Choice", "Explorer", "Slider", "State", "convolution", "convolution1d"]
