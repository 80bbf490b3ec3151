"""The receptive field by formula: which input samples an output value reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from convrnn_lab.shapes import passes
from convrnn_lab.shapes.reach import Reach
from convrnn_lab.shapes.step import Step
from convrnn_lab.shapes.taps import NoRuleError


@dataclass(frozen=True)
class LayerField:
    """The receptive field after one layer; see `ReceptiveField`.

    Attributes
    ----------
    layer, kind : str
        Name as in ``named_modules``, and class.
    size, stride : tuple of int
    centre : tuple of float
    taps : tuple of tuple of int
    """

    layer: str
    kind: str
    size: tuple[int, ...]
    stride: tuple[int, ...]
    centre: tuple[float, ...]
    taps: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class ReceptiveField:
    """What an output value reads of the input, one entry per axis, in input samples.

    Attributes
    ----------
    size : tuple of int
        From the first to the last sample that is read, holes included.
    stride : tuple of int
        Between the fields of neighbouring outputs; 0 where all outputs read the same.
    centre : tuple of float
        Middle of the field of output position 0; negative where most of it is padding.
    taps : tuple of tuple of int
        The samples that position 0 reads; those outside the input lie on the padding.
    layers : tuple of LayerField
        The field after every layer.
    """

    size: tuple[int, ...]
    stride: tuple[int, ...]
    centre: tuple[float, ...]
    taps: tuple[tuple[int, ...], ...]
    layers: tuple[LayerField, ...]


def receptive_field(model: nn.Module, input_shape: Sequence[int]) -> ReceptiveField:
    r"""Compute the receptive field of a model's outputs by formula, without running it on values.

    A field is the set of samples that are read along each axis; a window of a convolution or a
    pool adds its taps to it, and strides multiply (Araujo, Norris and Sim 2019, "Computing
    Receptive Fields of Convolutional Neural Networks", Distill). All channels of a layer count as
    one. Paddings do not shorten a field.

    Parameters
    ----------
    model : nn.Module
        With one input and, at its end, one output.
    input_shape : sequence of int
        (channel, \*axes) without the batch; one, two or three axes.

    Returns
    -------
    ReceptiveField

    Raises
    ------
    ValueError
        If the model fails on this shape, or does what the formula does not cover: branches that
        do not lie over each other, transposed convolutions with a stride, unknown operations.

    Examples
    --------
    >>> stack = nn.Sequential(nn.Conv1d(1, 1, 3), nn.Conv1d(1, 1, 3, dilation=2))
    >>> found = receptive_field(stack, (1, 32))
    >>> found.size, found.stride, found.centre
    ((7,), (1,), (3.0,))
    """
    done = passes.run_on_shapes(model, input_shape)
    if len(input_shape) < 2:
        raise ValueError(
            f"input_shape must be a channel and one to three axes; got {tuple(input_shape)}"
        )
    last = done.steps[-1] if done.steps else None
    if done.failure is not None:
        assert last is not None  # noqa: S101 - a failure is noted on a step
        raise ValueError(
            f"model must run on an input of {tuple(input_shape)}; got a failure in "
            f"{named(last)}: {done.failure}"
        )
    if last is None:
        raise ValueError("model must compute something; got one without operations")
    if isinstance(last.field, NoRuleError):
        raise ValueError(f"model must have a receptive field by formula; got {last.field}")
    end = measured_by(last, last.field)
    layers = [measured_by(s, s.field) for s in done.steps if isinstance(s.field, Reach)]
    return ReceptiveField(end.size, end.stride, end.centre, end.taps, tuple(layers))


def named(step: Step) -> str:
    """Say which layer a step belongs to.

    Examples
    --------
    >>> named(Step("features.0", "Conv2d"))
    "layer 'features.0' (Conv2d)"
    """
    return f"layer {step.layer!r} ({step.kind})" if step.layer else f"the model ({step.kind})"


def measured_by(step: Step, reach: Reach) -> LayerField:
    """Return a step's field in numbers."""
    taps = [axis.taps for axis in reach.axes]
    return LayerField(
        step.layer,
        step.kind,
        tuple(each.span for each in taps),
        tuple(axis.stride for axis in reach.axes),
        tuple(each.centre for each in taps),
        tuple(each.offsets for each in taps),
    )
