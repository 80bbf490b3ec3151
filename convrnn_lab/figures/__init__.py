"""Results in, plotly figure out; nothing is computed here."""

from convrnn_lab.figures.classifier import attributions, errors
from convrnn_lab.figures.convolution import convolution, convolution1d
from convrnn_lab.figures.gates import GatesOverTime, gates
from convrnn_lab.figures.gradients import TOWARDS, gradients
from convrnn_lab.figures.kernels import kernels
from convrnn_lab.figures.layers import Region, layer, pictures
from convrnn_lab.figures.panels import Figure, Panel, figure
from convrnn_lab.figures.pooling import pooling, pooling1d
from convrnn_lab.figures.recurrence import recurrence, side_by_side
from convrnn_lab.figures.sequences import (
    Epoch,
    SequenceTrained,
    sequence_training,
    state_over_training,
    writing,
)
from convrnn_lab.figures.shift import shift
from convrnn_lab.figures.stack import Level, stack
from convrnn_lab.figures.switches import Switched, switches
from convrnn_lab.figures.timing import Stamp, amount, duration, timing
from convrnn_lab.figures.training import Trained, training
from convrnn_lab.figures.transposed import transposed_convolution

__all__ = [
    "TOWARDS",
    "Epoch",
    "Figure",
    "GatesOverTime",
    "Level",
    "Panel",
    "Region",
    "SequenceTrained",
    "Stamp",
    "Switched",
    "Trained",
    "amount",
    "attributions",
    "convolution",
    "convolution1d",
    "duration",
    "errors",
    "figure",
    "gates",
    "gradients",
    "kernels",
    "layer",
    "pictures",
    "pooling",
    "pooling1d",
    "recurrence",
    "sequence_training",
    "shift",
    "side_by_side",
    "stack",
    "state_over_training",
    "switches",
    "timing",
    "training",
    "transposed_convolution",
    "writing",
]
