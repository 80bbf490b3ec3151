"""One step of a model's run on shapes: what it is given, makes, costs and reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from convrnn_lab.shapes.attention import AttentionSizes
from convrnn_lab.shapes.reach import Reach
from convrnn_lab.shapes.taps import NoRuleError

Shape = tuple[int, ...]


@dataclass
class Step:
    """One call of a layer, or what a container computes itself between the calls of its layers.

    Attributes
    ----------
    layer : str
        As in ``named_modules``; "" for the model itself.
    kind : str
        The layer's class, or the operations that are called without a layer.
    input_shapes : list of tuple of int
        Of the tensors it is given, with the batch.
    output_shape : tuple of int or None
        None where it failed.
    parameters, parameter_bytes : int
        Of those that no step before has counted.
    multiply_adds : int or None
        None where an operation is not known.
    output_bytes : int
    unknown : list of str
        Operations whose cost is not known.
    field : Reach or NoRuleError
        What its output reads of the input, or why that cannot be told.
    attention : AttentionSizes or None
        What it compares, where it is an attention or computes one.
    """

    layer: str
    kind: str
    input_shapes: list[Shape] = field(default_factory=list)
    output_shape: Shape | None = None
    parameters: int = 0
    parameter_bytes: int = 0
    multiply_adds: int | None = 0
    output_bytes: int = 0
    unknown: list[str] = field(default_factory=list)
    field: Reach | NoRuleError = field(
        default_factory=lambda: NoRuleError("nothing has been read yet")
    )
    attention: AttentionSizes | None = None
