"""How each operation changes what a tensor's positions read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from convrnn_lab.shapes.operands import (
    ELEMENTWISE,
    PRODUCTS,
    Named,
    Operand,
    Operands,
    factors,
    name_of,
    tensors,
)
from convrnn_lab.shapes.reach import CHANNELS, Reach, broadcast, union
from convrnn_lab.shapes.taps import NoRuleError
from convrnn_lab.shapes.window_rules import adaptive_pool, convolution, pad, pool

if TYPE_CHECKING:
    from torch._ops import OpOverload

Rule = Callable[[Reach, tuple[int, ...], Named, tuple[int, ...]], Reach]


def _reduce(reach: Reach, shape: tuple[int, ...], given: Named, _: object) -> Reach:
    dim = given.get("dim")
    dims = [dim] if isinstance(dim, int) else list(dim or range(len(shape)))
    dims = [each % len(shape) for each in dims]
    return reach.whole(dims, keep=False) if given.get("keepdim") else reach.without(dims)


def _softmax(reach: Reach, _: object, given: Named, __: object) -> Reach:
    return reach.whole([given["dim"]], keep=True)


def _batch_norm(reach: Reach, shape: tuple[int, ...], given: Named, _: object) -> Reach:
    # Instance norm comes as a batch norm that takes its statistics from the image.
    own = given.get("training") or given.get("running_mean") is None
    return reach.whole(range(2, len(shape)), keep=True) if own else reach


def _group_norm(reach: Reach, shape: tuple[int, ...], _: object, __: object) -> Reach:
    return reach.whole(range(2, len(shape)), keep=True)


def _layer_norm(reach: Reach, shape: tuple[int, ...], given: Named, _: object) -> Reach:
    first = len(shape) - len(given["normalized_shape"])
    return reach.whole(range(first, len(shape)), keep=True)


def _slice(reach: Reach, shape: tuple[int, ...], given: Named, _: object) -> Reach:
    dim = given["dim"]
    start, _, step = slice(given["start"], given["end"], given["step"]).indices(shape[dim])
    number = reach.along(dim)
    if number is None:
        return reach
    return reach.put(number, reach.axes[number].window(start, 1, 1, step))


def _select(reach: Reach, shape: tuple[int, ...], given: Named, _: object) -> Reach:
    return _at(reach, shape, given["dim"], given["index"])


def _at(reach: Reach, shape: tuple[int, ...], dim: int, index: int) -> Reach:
    number = reach.along(dim)
    if number is not None:
        axis = reach.axes[number].window(index % shape[dim], 1, 1, 1)
        reach = reach.put(number, replace(axis, count=1))
    return reach.without([dim])


def _permute(reach: Reach, _: object, given: Named, __: object) -> Reach:
    return replace(reach, dims=tuple(reach.dims[dim] for dim in given["dims"]))


def _transpose(reach: Reach, _: object, given: Named, __: object) -> Reach:
    dims = list(reach.dims)
    a, b = given.get("dim0", 0), given.get("dim1", -1)
    dims[a], dims[b] = dims[b], dims[a]
    return replace(reach, dims=tuple(dims))


def _unsqueeze(reach: Reach, shape: tuple[int, ...], given: Named, _: object) -> Reach:
    dims = list(reach.dims)
    dims.insert(given["dim"] % (len(shape) + 1), ())
    return replace(reach, dims=tuple(dims))


def _squeeze(reach: Reach, shape: tuple[int, ...], given: Named, _: object) -> Reach:
    dim = given.get("dim", range(len(shape)))
    dims = [dim] if isinstance(dim, int) else dim
    return reach.without([each for each in dims if shape[each] == 1])


def _expand(reach: Reach, shape: tuple[int, ...], _: object, out: tuple[int, ...]) -> Reach:
    return broadcast(reach, shape, out)


def _view(reach: Reach, shape: tuple[int, ...], _: object, out: tuple[int, ...]) -> Reach:
    """Follow dimensions through a new shape: kept, or merged with their neighbours."""
    if shape == out:
        return reach
    reach = reach.whole([dim for dim, n in enumerate(shape) if n == 1], keep=False)
    dims: list[tuple[int, ...]] = [()] * len(out)
    old = [dim for dim, n in enumerate(shape) if n != 1]
    new = [dim for dim, n in enumerate(out) if n != 1]
    while old and new:
        ins, outs = [old.pop(0)], [new.pop(0)]
        while math.prod(shape[i] for i in ins) != math.prod(out[i] for i in outs):
            short = math.prod(shape[i] for i in ins) < math.prod(out[i] for i in outs)
            (ins if short else outs).append((old if short else new).pop(0))
        names = [reach.dims[i] for i in ins]
        if len(ins) == 1 == len(outs):
            dims[outs[0]] = names[0]
        elif any(names):
            if len(outs) > 1:
                raise NoRuleError("a new shape takes the positions of an axis apart")
            dims[outs[0]] = tuple(axis for name in names for axis in name or (CHANNELS,))
    return replace(reach, dims=tuple(dims))


def _glu(reach: Reach, _: object, given: Named, __: object) -> Reach:
    if reach.along(given["dim"]) is not None:
        raise NoRuleError("the halves of an axis are multiplied")
    return reach


def _embedding(reach: Reach, _: object, __: object, ___: object) -> Reach:
    return replace(reach, dims=(*reach.dims, ()))


def _same(reach: Reach, _: object, __: object, ___: object) -> Reach:
    return reach


RULES: dict[str, Rule] = {
    "convolution": convolution,
    **{f"{kind}_pool{n}d": pool for kind in ("max", "avg") for n in (1, 2, 3)},
    **{f"max_pool{n}d_with_indices": pool for n in (2, 3)},
    **{f"adaptive_{kind}_pool{n}d": adaptive_pool for kind in ("max", "avg") for n in (1, 2, 3)},
    "constant_pad_nd": pad,
    **{f"{kind}_pad{n}d": pad for kind in ("reflection", "replication") for n in (1, 2, 3)},
    **dict.fromkeys(
        ("mean", "sum", "prod", "amax", "amin", "max", "min", "std", "var", "logsumexp"), _reduce
    ),
    **dict.fromkeys(("linalg_vector_norm", "norm", "any", "all"), _reduce),
    **dict.fromkeys(("softmax", "log_softmax", "safe_softmax"), _softmax),
    **dict.fromkeys(
        (
            "native_batch_norm",
            "native_batch_norm_legit",
            "native_batch_norm_legit_no_training",
            "cudnn_batch_norm",
        ),
        _batch_norm,
    ),
    "native_group_norm": _group_norm,
    "native_layer_norm": _layer_norm,
    "slice": _slice,
    "select": _select,
    "permute": _permute,
    "transpose": _transpose,
    "t": _transpose,
    "unsqueeze": _unsqueeze,
    "squeeze": _squeeze,
    "expand": _expand,
    **dict.fromkeys(("view", "reshape", "unsafe_view", "reshape_alias"), _view),
    "glu": _glu,
    "embedding": _embedding,
    **dict.fromkeys(("alias", "detach", "to_copy", "clone", "lift_fresh", "contiguous"), _same),
}
"""By operation, without the underscores at its ends."""


def _pieces(
    reach: Reach, shape: tuple[int, ...], given: Named, out: Sequence[Tensor], *, keep: bool
) -> list[Reach]:
    """Return the reach of each piece that a tensor is split into along a dimension."""
    dim = given.get("dim", 0)
    if not keep:
        return [_at(reach, shape, dim, i) for i in range(len(out))]
    found, start = [], 0
    for piece in out:
        found.append(_slice(reach, shape, {"dim": dim, "start": start, "end": None, "step": 1}, ()))
        start += piece.shape[dim]
    return found


def _product(one: Reach | None, two: Reach | None, sizes: tuple[int, int]) -> Reach:
    """Return the reach of a product of matrices (batches of them) whose ranks are `sizes`."""
    if one is not None and two is not None:
        raise NoRuleError("two activations are multiplied as matrices")
    if one is not None:
        read = one.whole([-1], keep=False)
        columns: tuple[tuple[int, ...], ...] = ((),) if sizes[1] > 1 else ()
        return replace(read, dims=read.dims[:-1] + columns)
    assert two is not None  # noqa: S101 - one of the two comes from the input
    read = two.whole([-2 if sizes[1] > 1 else -1], keep=False)
    if sizes[1] == 1:
        return replace(read, dims=((),) if sizes[0] > 1 else ())
    return replace(read, dims=(*read.dims[:-2], *(((),) if sizes[0] > 1 else ()), read.dims[-1]))


def _joined(
    parts: Sequence[tuple[Reach, tuple[int, ...]]],
    given: Named,
    out: tuple[int, ...],
    name: str,
) -> Reach:
    """Return the reach of tensors laid side by side ("cat") or on each other ("stack")."""
    dim = given.get("dim", 0)
    if name == "stack":
        if len({reach for reach, _ in parts}) > 1:
            raise NoRuleError("a dimension is stacked whose positions read differently")
        return _unsqueeze(parts[0][0], parts[0][1], {"dim": dim}, ())
    if any(reach.dims[dim] for reach, _ in parts):
        raise NoRuleError("tensors are joined end to end along an axis")
    shape = [list(own) for _, own in parts]
    for own in shape:
        own[dim] = out[dim]
    return union([(r, tuple(s)) for (r, _), s in zip(parts, shape, strict=True)], out)


def reach_of(
    func: OpOverload,
    args: Operands,
    kwargs: Named,
    read: Mapping[int, Reach],
    outputs: Sequence[Tensor],
) -> list[Reach]:
    """Return what each output of an operation reads.

    Parameters
    ----------
    func : torch.OpOverload
    args, kwargs
        What it is given.
    read : dict of int to Reach
        What those of its tensors read that come from the model's input, by their ids.
    outputs : sequence of Tensor

    Raises
    ------
    NoRuleError
        If that cannot be told.
    """
    name = name_of(func)
    given = {
        argument.name: args[i] if i < len(args) else kwargs.get(argument.name, _default(argument))
        for i, argument in enumerate(func._schema.arguments)
    }
    parts = [(read[id(t)], tuple(t.shape)) for t in tensors((args, kwargs)) if id(t) in read]
    shape = tuple(outputs[0].shape) if outputs else ()
    reach, own = parts[0]
    if name in PRODUCTS:
        one, two = factors(name, args)
        found = _product(read.get(id(one)), read.get(id(two)), (one.ndim, two.ndim))
    elif name in {"cat", "stack"}:
        found = _joined(parts, given, shape, name)
    elif name in {"split", "split_with_sizes", "unsafe_split", "unbind"}:
        several = _pieces(reach, own, given, outputs, keep=name != "unbind")
        return [r.counted(t.shape) for r, t in zip(several, outputs, strict=True)]
    elif name in RULES:
        if len(parts) > 1:
            raise NoRuleError(f"{name} of several activations has no rule")
        found = RULES[name](reach, own, given, shape)
    elif torch.Tag.pointwise in func.tags or name in ELEMENTWISE:
        found = union(parts, shape)
    else:
        raise NoRuleError(f"{name} has no rule")
    counted = found.counted(shape)
    return [counted] * len(outputs)


def _default(argument: torch.Argument) -> Operand:
    return argument.default_value if argument.has_default_value() else None
