"""Run one operation and keep every value that led to its output."""

from convrnn_lab.trace import geometry
from convrnn_lab.trace.attribution import grad_cam, occlusion, saliency
from convrnn_lab.trace.convolution import ConvolutionTrace, Window, convolution
from convrnn_lab.trace.fields import LayerField, ReceptiveField, receptive_field
from convrnn_lab.trace.gradients import MeasuredField, measured_receptive_field
from convrnn_lab.trace.layers import Layer, LayersTrace, layers
from convrnn_lab.trace.pooling import PoolingTrace, PoolingWindow, pooling
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

__all__ = [
    "SHIFT_POOLS",
    "ConvolutionTrace",
    "Gathered",
    "Layer",
    "LayerField",
    "LayersTrace",
    "MeasuredField",
    "PoolingTrace",
    "PoolingWindow",
    "ReceptiveField",
    "ShiftTrace",
    "Spread",
    "TransposedConvolutionTrace",
    "Window",
    "convolution",
    "geometry",
    "grad_cam",
    "layers",
    "measured_receptive_field",
    "occlusion",
    "pooling",
    "receptive_field",
    "saliency",
    "shift_consistency",
    "shift_pool",
    "shifted",
    "transposed_convolution",
]
