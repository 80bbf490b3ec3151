"""Results in, plotly figure out; nothing is computed here."""

from convrnn_lab.figures.classifier import attributions, errors
from convrnn_lab.figures.convolution import convolution, convolution1d
from convrnn_lab.figures.layers import Region, layer, pictures
from convrnn_lab.figures.panels import Figure, Panel, figure
from convrnn_lab.figures.pooling import pooling, pooling1d
from convrnn_lab.figures.shift import shift
from convrnn_lab.figures.stack import Level, stack
from convrnn_lab.figures.training import Trained, training
from convrnn_lab.figures.transposed import transposed_convolution

__all__ = [
    "Figure",
    "Level",
    "Panel",
    "Region",
    "Trained",
    "attributions",
    "convolution",
    "convolution1d",
    "errors",
    "figure",
    "layer",
    "pictures",
    "pooling",
    "pooling1d",
    "shift",
    "stack",
    "training",
    "transposed_convolution",
]
