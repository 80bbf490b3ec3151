"""What a model costs: counted from shapes, and measured in seconds and bytes."""

from convrnn_lab.measure.comparing import Ratio, crossings, exponent, ratio, rounded
from convrnn_lab.measure.cost import Cost, Row, cost
from convrnn_lab.measure.curves import Comparison, Curve, compare, in_words
from convrnn_lab.measure.doctor import Failure, Inspection, inspect
from convrnn_lab.measure.frames import cost_frame, frame, savable, save
from convrnn_lab.measure.layers import (
    DTYPES,
    IMAGE,
    LAYERS,
    LINE,
    OWN,
    STEPS,
    VARIANTS,
    WORKS,
    Layer,
    Setting,
    settled,
)
from convrnn_lab.measure.machine import Machine, Peak, machine, peak, peak_calls
from convrnn_lab.measure.memory import Memory, memory, operations
from convrnn_lab.measure.preparing import Count, Work, count, prepare
from convrnn_lab.measure.store import Measured, Store
from convrnn_lab.measure.sweep import Step, key, sweep
from convrnn_lab.measure.switches import SWITCHES, Switch
from convrnn_lab.measure.timing import Timing, timing
from convrnn_lab.measure.whole import time_model

__all__ = [
    "DTYPES",
    "IMAGE",
    "LAYERS",
    "LINE",
    "OWN",
    "STEPS",
    "SWITCHES",
    "VARIANTS",
    "WORKS",
    "Comparison",
    "Cost",
    "Count",
    "Curve",
    "Failure",
    "Inspection",
    "Layer",
    "Machine",
    "Measured",
    "Memory",
    "Peak",
    "Ratio",
    "Row",
    "Setting",
    "Step",
    "Store",
    "Switch",
    "Timing",
    "Work",
    "compare",
    "cost",
    "cost_frame",
    "count",
    "crossings",
    "exponent",
    "frame",
    "in_words",
    "inspect",
    "key",
    "machine",
    "memory",
    "operations",
    "peak",
    "peak_calls",
    "prepare",
    "ratio",
    "rounded",
    "savable",
    "save",
    "settled",
    "sweep",
    "time_model",
    "timing",
]
