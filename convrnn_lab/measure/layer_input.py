"""What a model is to read: tensors, or sizes from which random numbers are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.measure.model_time import random_input
from convrnn_lab.shapes import passes

Input = Tensor | Sequence[Tensor] | passes.Shapes
"""Tensors with the batch first, or sizes without it."""


@dataclass(frozen=True)
class Given:
    """What a model is to read.

    Attributes
    ----------
    shapes : tuple of tuple of int
        Without the batch.
    batch : int
    tensors : tuple of Tensor
        Empty where they are to be made.
    """

    shapes: tuple[tuple[int, ...], ...]
    batch: int
    tensors: tuple[Tensor, ...] = ()

    def tensors_for(self, model: nn.Module, dtype: torch.dtype) -> list[Tensor]:
        """Return the tensors, of the type that is asked for where they hold real numbers."""
        made = self.tensors or [
            random_input(model, (self.batch, *shape), dtype) for shape in self.shapes
        ]
        return [
            each.detach().to(dtype) if each.is_floating_point() else each.detach() for each in made
        ]


def given_as(input: Input, batch: int) -> Given:  # noqa: A002 - as above
    """Return what is to be read, with its batch told apart.

    Raises
    ------
    ValueError
        If it is none, or a batch is asked for that the tensors do not have.
    """
    checks.integer("batch", batch, 1)
    several = list(input) if isinstance(input, (tuple, list)) else [input]
    tensors = tuple(each for each in several if isinstance(each, Tensor))
    if not tensors:
        shapes = several if all(isinstance(each, (tuple, list)) for each in several) else [input]
        return Given(tuple(shapes), batch)  # type: ignore[arg-type] # checked by `passes`
    if len(tensors) < len(several) or not all(each.ndim for each in tensors):
        raise ValueError(
            f"input must be tensors with the batch first, or sizes; got {checks.shown(input)}"
        )
    if batch != 1:
        raise ValueError(f"batch must be 1 for tensors, which have their own; got {batch}")
    return Given(tuple(tuple(each.shape[1:]) for each in tensors), len(tensors[0]), tensors)
