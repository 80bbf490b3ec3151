"""Results in, plotly figure out; nothing is computed here."""

from convrnn_lab.figures.convolution import convolution, convolution1d
from convrnn_lab.figures.panels import Figure, Panel, figure

__all__ = ["Figure", "Panel", "convolution", "convolution1d", "figure"]
