"""The receptive field by gradient: what an output value really reads, and how much."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.shapes import passes
from convrnn_lab.topics.receptive_field.path_preserving import Monotone, positive_copy


@dataclass(frozen=True, eq=False)
class MeasuredField:
    r"""What one output value reads of an input, measured by gradient; see `ReceptiveField`.

    Attributes
    ----------
    position : tuple of int
        Of the output value, one index per axis; empty where the output has no positions.
    support : Tensor of bool, shape (\*axes)
        Input samples that are read at all, whatever the weights.
    size : tuple of int
        From the first to the last of them, on each axis.
    centre : tuple of float
        The middle of those, on each axis.
    stride : tuple of float or None
        Between the centres of this field and its neighbours'; None where these are clipped.
    clipped : tuple of bool
        Whether the support reaches the input's border, past which the field may go on. A field
        with holes may go on past a border that it does not touch.
    effective : Tensor, shape (\*axes)
        Mean absolute gradient with the model's own weights over random inputs.
    spread : tuple of float
        Standard deviation of `effective` along each axis, in samples.
    """

    position: tuple[int, ...]
    support: Tensor
    size: tuple[int, ...]
    centre: tuple[float, ...]
    stride: tuple[float | None, ...]
    clipped: tuple[bool, ...]
    effective: Tensor
    spread: tuple[float, ...]


def measured_receptive_field(
    model: nn.Module,
    input_shape: Sequence[int],
    *,
    position: Sequence[int] | None = None,
    samples: int = 16,
    seed: int = 0,
) -> MeasuredField:
    r"""Measure a model's receptive field by the gradient of an output value.

    What is read at all is measured on a copy in which nothing can cancel: all weights positive,
    no bias, maxima replaced by means of the same windows. How much is read (the effective field of
    Luo et al. 2016, arXiv 1701.04128) is measured with the model's own weights, in eval mode, on
    inputs from a normal distribution. The model stays as it is.

    Parameters
    ----------
    model : nn.Module
        With one input and one output.
    input_shape : sequence of int
        (channel, \*axes) without the batch; large enough that the field is not clipped.
    position : sequence of int, optional
        Of the output value, one index per axis; the middle one by default.
    samples : int
        Random inputs for the effective field.
    seed : int
        Of those inputs.

    Returns
    -------
    MeasuredField

    Raises
    ------
    ValueError
        If the model fails on this shape, has no single output over the input's axes, or
        `position` lies outside of it.
    """
    checks.integer("samples", samples, 1)
    checks.integer("seed", seed, 0)
    shape = tuple(input_shape)
    output = _output_axes(model, shape)
    place = _place(position, output)
    generator = torch.Generator().manual_seed(seed)
    with sharing.borrowed_generator(), torch.enable_grad():
        positive = positive_copy(model, generator)
        support = _support(positive, shape, place)
        own = copy.deepcopy(model).eval().requires_grad_(False)
        effective = _effective(own, shape, place, samples, generator)
        ends = _ends(support)
        centre_at = partial(_centre, positive, shape)
        stride = tuple(
            _stride(centre_at, here, place, output, axis)
            for axis, here in enumerate(map(_middle, ends, support.shape))
        )
    return MeasuredField(
        place,
        support,
        tuple(high - low + 1 for low, high in ends),
        tuple((low + high) / 2 for low, high in ends),
        stride,
        tuple(map(_clipped, ends, support.shape)),
        effective,
        _spread(effective),
    )


def _place(position: Sequence[int] | None, output: tuple[int, ...]) -> tuple[int, ...]:
    """Return the output position to measure, the middle one where none is given."""
    if position is None:
        return tuple((size - 1) // 2 for size in output)
    if len(position) != len(output):
        raise ValueError(
            f"position must have one index for each of {len(output)} axes; got {position}"
        )
    return tuple(
        checks.integer("position", each, 0, size - 1)
        for each, size in zip(position, output, strict=True)
    )


def _output_axes(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the lengths of the output's axes; none where they have been read as a whole."""
    done = passes.run_on_shapes(model, shape)
    if len(shape) < 2:
        raise ValueError(f"input_shape must be a channel and one to three axes; got {shape}")
    output = done.steps[-1].output_shape if done.steps else None
    if done.failure is not None or output is None:
        raise ValueError(f"model must run on an input of {shape}; got {done.failure}")
    if len(output) not in {2, len(shape) + 1}:
        raise ValueError(
            f"model must have an output of (batch, channel) or of the input's axes; got {output}"
        )
    return output[2:]


def _gradient(model: nn.Module, given: Tensor, place: tuple[int, ...]) -> Tensor:
    """Return the gradient of all channels at one position to the input, without the batch."""
    given = given.detach().requires_grad_()
    chosen = model(given)[(slice(None), slice(None), *place)].sum()
    if not chosen.requires_grad:
        return torch.zeros_like(given[0])
    (found,) = torch.autograd.grad(chosen, given, allow_unused=True)
    return torch.zeros_like(given[0]) if found is None else found[0]


def _support(positive: nn.Module, shape: tuple[int, ...], place: tuple[int, ...]) -> Tensor:
    with Monotone():
        found = _gradient(positive, torch.ones((1, *shape), dtype=torch.float64), place)
    return found.sum(0) > 0


def _centre(
    positive: nn.Module, shape: tuple[int, ...], place: tuple[int, ...], axis: int
) -> float | None:
    """Return the middle of the field of one output position; None where the border clips it."""
    return _middle(_ends(_support(positive, shape, place))[axis], shape[axis + 1])


def _middle(ends: tuple[int, int], length: int) -> float | None:
    return None if _clipped(ends, length) else sum(ends) / 2


def _stride(
    centre_at: Callable[[tuple[int, ...], int], float | None],
    here: float | None,
    place: tuple[int, ...],
    output: tuple[int, ...],
    axis: int,
) -> float | None:
    """Return how far the fields of the next and the last position lie from this one."""
    if here is None or axis >= len(output):
        return None
    steps = set()
    for step in (1, -1):
        moved = tuple(each + step * (i == axis) for i, each in enumerate(place))
        there = centre_at(moved, axis) if 0 <= moved[axis] < output[axis] else None
        if there is not None:
            steps.add(step * (there - here))
    # A field with holes may be cut off without touching the border; then the two differ.
    return steps.pop() if len(steps) == 1 else None


def _clipped(ends: tuple[int, int], length: int) -> bool:
    return ends[0] == 0 or ends[1] == length - 1


def _ends(support: Tensor) -> list[tuple[int, int]]:
    """Return the first and the last sample that is read, on each axis."""
    read = support.nonzero()
    if not len(read):
        raise ValueError("model must read its input; got an output value without a gradient")
    return [(int(axis.min()), int(axis.max())) for axis in read.T]


def _effective(
    model: nn.Module,
    shape: tuple[int, ...],
    place: tuple[int, ...],
    samples: int,
    generator: torch.Generator,
) -> Tensor:
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    total = torch.zeros(shape[1:], dtype=dtype)
    for _ in range(samples):
        given = torch.randn((1, *shape), generator=generator).to(dtype)
        total += _gradient(model, given, place).abs().sum(0)
    return total / samples


def _spread(effective: Tensor) -> tuple[float, ...]:
    weights = effective.double()
    spreads = []
    for axis in range(weights.ndim):
        others = [each for each in range(weights.ndim) if each != axis]
        share = weights.sum(others) if others else weights
        share = share / share.sum()
        samples = torch.arange(len(share), dtype=torch.float64)
        mean = (share * samples).sum()
        spreads.append(math.sqrt((share * (samples - mean) ** 2).sum()))
    return tuple(spreads)
