"""What PyTorch's operations and functions take and return, as modes and hooks see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from torch import Tensor

if TYPE_CHECKING:
    from torch._ops import OpOverload

# Any: tensors, numbers, flags and tuples of them; PyTorch's own types say no more.
Operand = Any
"""One argument of an operation, or what it returns."""

Operands = Sequence[Operand]
"""Arguments by position."""

Named = dict[str, Operand]
"""Arguments by name."""

Function = Callable[..., Operand]
"""A function of PyTorch."""

PRODUCTS = {"mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "dot"}
"""Products of matrices and vectors."""

ELEMENTWISE = {"hardswish", "hardsigmoid", "prelu_kernel", "native_dropout", "glu", "copysign"}
"""Element-wise operations that PyTorch does not mark as such."""


def name_of(func: OpOverload) -> str:
    """Return the name of an operation, without the underscores at its ends."""
    return str(func._schema.name).split("::")[-1].strip("_")


def factors(name: str, args: Operands) -> tuple[Tensor, Tensor]:
    """Return the two matrices or vectors that one of `PRODUCTS` multiplies."""
    first = 1 if name in {"addmm", "baddbmm", "addmv"} else 0
    return args[first], args[first + 1]


def tensors(values: object) -> Iterator[Tensor]:
    """Yield the tensors in nested arguments or outputs."""
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, _NESTED):
        for value in values.values() if isinstance(values, dict) else values:
            if isinstance(value, Tensor):  # most are numbers
                yield value
            elif isinstance(value, _NESTED):
                yield from tensors(value)


_NESTED = (tuple, list, dict)
