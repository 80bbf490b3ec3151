"""What PyTorch's operations and functions take and return, as modes and hooks see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

# Any: tensors, numbers, flags and tuples of them; PyTorch's own types say no more.
Operand = Any
"""One argument of an operation, or what it returns."""

Operands = Sequence[Operand]
"""Arguments by position."""

Named = dict[str, Operand]
"""Arguments by name."""

Function = Callable[..., Operand]
"""A function of PyTorch."""
