"""Run one operation and keep every value that led to its output."""

from convrnn_lab.trace import geometry
from convrnn_lab.trace.convolution import ConvolutionTrace, Window, convolution

__all__ = ["ConvolutionTrace", "Window", "convolution", "geometry"]
