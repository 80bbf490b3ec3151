"""Run one operation and keep every value that led to its output."""

from convrnn_lab.trace import geometry
from convrnn_lab.trace.arithmetic import GateStep, RecurrentStep
from convrnn_lab.trace.attribution import grad_cam, occlusion, saliency
from convrnn_lab.trace.convolution import ConvolutionTrace, Window, convolution
from convrnn_lab.trace.fields import LayerField, ReceptiveField, receptive_field
from convrnn_lab.trace.gates import GateStatistics, gate_statistics, memory_half_life
from convrnn_lab.trace.gradient_through_time import GradientTrace, gradient_through_time
from convrnn_lab.trace.gradients import MeasuredField, measured_receptive_field
from convrnn_lab.trace.layers import Layer, LayersTrace, layers
from convrnn_lab.trace.pooling import PoolingTrace, PoolingWindow, pooling
from convrnn_lab.trace.recurrence import RecurrenceTrace, recurrence
from convrnn_lab.trace.shift import (
    SHIFT_POOLS,
    ShiftTrace,
    shift_consistency,
    shift_pool,
    shifted,
)
from convrnn_lab.trace.transposed import (
    Gathered,
    Spread,
    TransposedConvolutionTrace,
    transposed_convolution,
)
from convrnn_lab.trace.units import Units, units

__all__ = [
    "SHIFT_POOLS",
    "ConvolutionTrace",
    "GateStatistics",
    "GateStep",
    "Gathered",
    "GradientTrace",
    "Layer",
    "LayerField",
    "LayersTrace",
    "MeasuredField",
    "PoolingTrace",
    "PoolingWindow",
    "ReceptiveField",
    "RecurrenceTrace",
    "RecurrentStep",
    "ShiftTrace",
    "Spread",
    "TransposedConvolutionTrace",
    "Units",
    "Window",
    "convolution",
    "gate_statistics",
    "geometry",
    "grad_cam",
    "gradient_through_time",
    "layers",
    "measured_receptive_field",
    "memory_half_life",
    "occlusion",
    "pooling",
    "receptive_field",
    "recurrence",
    "saliency",
    "shift_consistency",
    "shift_pool",
    "shifted",
    "transposed_convolution",
    "units",
]
