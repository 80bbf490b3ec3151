"""The outputs of operations on shapes alone, where PyTorch takes long to say them.

It has rules in Python for a few operations, which take most of the time of a run on shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from convrnn_lab.shapes.operands import Named, Operand, Operands

if TYPE_CHECKING:
    from torch._ops import OpOverload


def output_of(func: OpOverload, args: Operands, kwargs: Named) -> Operand:
    """Run one operation on tensors of the meta device.

    Parameters
    ----------
    func : operation
    args, kwargs : sequence and dict
        What PyTorch's own rule refuses is left to that.
    """
    quick = _QUICK.get(func)
    found = quick(*args) if quick and not kwargs else None
    return func(*args, **kwargs) if found is None else found


def _relu(given: Tensor) -> Tensor | None:
    return torch.empty_like(given) if given.is_floating_point() else None


def _addmm(added: Tensor, one: Tensor, other: Tensor) -> Tensor | None:
    """Return the shape of the product of two matrices plus a row."""
    alike = added.dtype == one.dtype == other.dtype and added.is_floating_point()
    if not alike or (added.ndim, one.ndim, other.ndim) != (1, 2, 2):
        return None
    (rows, inner), (depth, columns) = one.shape, other.shape
    fits = inner == depth and len(added) == columns
    return one.new_empty((rows, columns)) if fits else None


_QUICK: dict[object, Callable[..., Tensor | None]] = {
    torch.ops.aten.relu.default: _relu,
    torch.ops.aten.addmm.default: _addmm,
}
