"""What a model costs: counted from shapes, and measured in seconds and bytes."""

from convrnn_lab.measure.comparing import Ratio, crossings, exponent, ratio
from convrnn_lab.measure.cost import Cost, Row, cost
from convrnn_lab.measure.doctor import Failure, Inspection, inspect
from convrnn_lab.measure.layers import LAYERS, VARIANTS, WORKS, Layer, Setting
from convrnn_lab.measure.machine import Machine, Peak, machine, peak
from convrnn_lab.measure.memory import Memory, memory, operations
from convrnn_lab.measure.preparing import Count, Work, count, prepare
from convrnn_lab.measure.store import Measured, Store
from convrnn_lab.measure.sweep import Step, sweep
from convrnn_lab.measure.switches import SWITCHES, Switch
from convrnn_lab.measure.timing import Timing, timing

__all__ = [
    "LAYERS",
    "SWITCHES",
    "VARIANTS",
    "WORKS",
    "Cost",
    "Count",
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
    "cost",
    "count",
    "crossings",
    "exponent",
    "inspect",
    "machine",
    "memory",
    "operations",
    "peak",
    "prepare",
    "ratio",
    "sweep",
    "timing",
]
