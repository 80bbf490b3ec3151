"""Where functions between the layers put the axes of a tensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from convrnn_lab.shapes.axes import Axes, Axis, AxisBook
from convrnn_lab.shapes.operands import Function, Named, Operands, tensors

_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19)
"""Sizes by which the axes of a trial tensor are told apart."""

_MOVING = {
    *("permute", "transpose", "swapaxes", "swapdims", "movedim", "moveaxis", "t", "adjoint"),
    *("__get__", "unsqueeze", "mean", "sum", "prod", "amax", "amin", "max", "min", "argmax"),
    *("argmin", "std", "var", "logsumexp", "select", "norm", "any", "all"),
}
"""Functions that move, add or remove axes by their numbers."""

_BY_SIZE = {"view", "reshape", "flatten", "unflatten", "squeeze", "view_as", "reshape_as"}
_PRODUCTS = {"matmul", "bmm", "__matmul__", "mm"}
_TANGLED = {"einsum", "tensordot", "kron", "outer", "stack", "meshgrid", "as_strided", "unfold"}
"""Functions whose outputs' axes are not told by those of their inputs."""


@dataclass(frozen=True)
class Call:
    """One call of a function of PyTorch.

    Attributes
    ----------
    function : function
    args, kwargs
        What it is given.
    """

    function: Function
    args: Operands
    kwargs: Named

    @property
    def name(self) -> str:
        """Name of the function; of one that works in place, without the underscore."""
        name = str(getattr(self.function, "__name__", ""))
        return name if name.startswith("__") else name.rstrip("_")


def follow(book: AxisBook, call: Call, result: object) -> None:
    """Note the axes of what a function has returned, where they are told by what it was given.

    Parameters
    ----------
    book : AxisBook
    call : Call
    result
        What it has returned.
    """
    given = list(tensors((call.args, call.kwargs)))
    known = [each for each in given if book.known(each) is not None]
    outputs = list(tensors(result))
    if not known or not outputs:
        return
    if call.name == "scaled_dot_product_attention":
        note_attention(book, given[:3], outputs[0])
        return
    for output in outputs:
        axes = _axes_of(book, call, known, output)
        if axes is not None:
            book.note(output, axes)


def note_attention(book: AxisBook, given: Sequence[Tensor], output: Tensor) -> None:
    """Name the axes of queries, keys and values, (..., time, feature), and of their attention."""
    for each in given:
        *_, time, feature = book.of(each)
        time.name, feature.name = time.name or "time", feature.name or "feature"
    book.note(output, (*book.of(given[0])[:-1], book.of(given[-1])[-1]))


def _axes_of(book: AxisBook, call: Call, known: Sequence[Tensor], output: Tensor) -> Axes | None:
    first = known[0]
    if call.name in _TANGLED:
        return None
    if call.name in _BY_SIZE:
        return _kept_by_size(book.of(first), tuple(first.shape), tuple(output.shape))
    if call.name in _PRODUCTS:
        return _of_product(book, call.args, output)
    if call.name == "__getitem__" or call.name in _MOVING:
        return _by_trial(call, book.of(first)) if call.args and call.args[0] is first else None
    same = [each for each in known if each.ndim == output.ndim]
    return book.of(same[0]) if same else None


def _of_product(book: AxisBook, args: Operands, output: Tensor) -> Axes | None:
    one, two = args[:2]
    if one.ndim != output.ndim or two.ndim < 2:
        return None
    return (*book.of(one)[:-1], book.of(two)[-1])


def _kept_by_size(axes: Axes, before: tuple[int, ...], after: tuple[int, ...]) -> Axes:
    """Return the axes after a new shape: those in front and at the end keep their sizes."""
    shorter = min(len(before), len(after))
    front = 0
    while front < shorter and before[front] == after[front]:
        front += 1
    back = 0
    while back < shorter - front and before[-1 - back] == after[-1 - back]:
        back += 1
    between = tuple(Axis() for _ in range(len(after) - front - back))
    return (*axes[:front], *between, *axes[len(axes) - back :])


def _by_trial(call: Call, axes: Axes) -> Axes | None:
    """Call the function on a tensor whose axes all have other sizes, and see where they end up."""
    if len(axes) > len(_PRIMES):
        return None
    sizes = _PRIMES[: len(axes)]
    trial = torch.empty(sizes, device="meta")
    rest = list(call.args[1:])
    if call.name == "__getitem__":
        index = _simple_index(rest[0])
        if index is None:
            return None
        rest = [index]
    try:
        found = next(tensors(call.function(trial, *rest, **call.kwargs)))
    except (RuntimeError, IndexError, StopIteration, TypeError):
        return None  # values say where, or it returns no tensor
    by_size = dict(zip(sizes, axes, strict=True))
    return tuple(by_size.get(size) or Axis() for size in found.shape)


def _simple_index(index: object) -> tuple[object, ...] | None:
    """Return an index with the same effect on the axes of a tensor of any size."""
    parts = index if isinstance(index, tuple) else (index,)
    simple: list[object] = []
    for part in parts:
        if isinstance(part, slice):
            simple.append(slice(None))
        elif part is None or part is Ellipsis:
            simple.append(part)
        elif isinstance(part, int) and not isinstance(part, bool):
            simple.append(0)
        else:
            return None
    return tuple(simple)
