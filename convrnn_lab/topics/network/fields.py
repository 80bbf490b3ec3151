"""What a value of a layer has seen of the input, by the formula of the receptive field."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from torch import nn

from convrnn_lab.drawing.layer_looks import at_least, at_most
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.shapes import passes
from convrnn_lab.shapes.step import Step
from convrnn_lab.shapes.taps import NoRuleError
from convrnn_lab.topics.receptive_field.trace import LayerField, measured_by

Region = tuple[tuple[Seen, Seen], ...]
"""First and last input sample on each axis; may lie outside the input."""


def fields_of(
    model: nn.Module, shape: Sequence[int], axes: Sequence[str]
) -> Mapping[str, LayerField | str]:
    """Return the receptive field of every layer's values by its label, or why there is none.

    Parameters
    ----------
    model : nn.Module
    shape : sequence of int
        Of the input, with a batch axis of one.
    axes : sequence of str
        What the axes of the input are.
    """
    try:
        steps = passes.run_on_shapes(model, shape[1:]).steps
    except ValueError as error:
        reason = str(error)
        return defaultdict(lambda: reason)
    calls: Counter[str] = Counter()
    found: dict[str, LayerField | str] = defaultdict(lambda: "not known")
    for step in steps:
        name = step.layer or "model"
        calls[name] += 1
        label = name if calls[name] == 1 else f"{name} ({calls[name]})"
        found[label] = _field_of(step, axes)
    return found


def region_of(field: LayerField | str, place: tuple[Seen, Seen]) -> Region | str:
    """Return the input samples between the first and the last that a value reads.

    Parameters
    ----------
    field : LayerField or str
        Of the value at the first place, or why there is none; which is returned as it is.
    place : (row, column)
    """
    if isinstance(field, str):
        return field
    moved = place[len(place) - len(field.size) :]
    return tuple(
        (taps[0] + step * position, taps[-1] + step * position)
        for taps, step, position in zip(field.taps, field.stride, moved, strict=True)
    )


def inside_of(region: Region, lengths: Sequence[int]) -> tuple[Region, Seen]:
    """Return the part of a region that lies inside the input, and whether there is more: 0 or 1.

    Parameters
    ----------
    region : Region
    lengths : sequence of int
        Of the axes of the input.
    """
    inside = tuple(
        (at_least(first, 0), at_most(last, length - 1))
        for (first, last), length in zip(region, lengths, strict=True)
    )
    beyond: Seen = 0
    for (first, last), (begin, end) in zip(region, inside, strict=True):
        beyond = beyond + (begin - first) + (last - end)
    return inside, at_most(beyond, 1)


def _field_of(step: Step, axes: Sequence[str]) -> LayerField | str:
    if isinstance(step.field, NoRuleError):
        return str(step.field)
    if any(len(dim) > 1 for dim in step.field.dims):
        return "each value of the row has its own place"
    # By formula the axes are those after batch and channel.
    if len(step.field.axes) not in (1, 2) or tuple(axes[:2]) != ("batch", "channel"):
        return "shown for signals and images only"
    return measured_by(step, step.field)
