"""Why a layer fails on its input, in words, and the smallest changes that mend it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from torch import nn

from convrnn_lab.measure.swapped_axes import Swap, Swapped, swap_of
from convrnn_lab.shapes import passes

Shape = tuple[int, ...]

# Any: what a layer of some class has, and takes, is of many types.
Layer = Any
Argument = Any

_WINDOW = ("kernel_size", "stride", "padding")
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_MAX_POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
_AVERAGE_POOLS = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
_NORMS = (
    *(nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d),
    *(nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d),
)
_RECURRENT = ("hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional")
_ARGUMENTS: dict[type[nn.Module], tuple[str, ...]] = {
    **dict.fromkeys(_CONVOLUTIONS, ("in_channels", "out_channels", *_WINDOW, "dilation", "groups")),
    **dict.fromkeys(_MAX_POOLS, (*_WINDOW, "dilation", "ceil_mode")),
    **dict.fromkeys(_AVERAGE_POOLS, (*_WINDOW, "ceil_mode")),
    nn.Linear: ("in_features", "out_features"),
    **dict.fromkeys(_NORMS, ("num_features", "affine", "track_running_stats")),
    nn.GroupNorm: ("num_groups", "num_channels"),
    nn.LayerNorm: ("normalized_shape",),
    nn.RNN: ("input_size", "nonlinearity", *_RECURRENT),
    nn.LSTM: ("input_size", "proj_size", *_RECURRENT),
    nn.GRU: ("input_size", *_RECURRENT),
}
_FROM_INPUT = {
    "in_channels": 1,
    "num_features": 1,
    "num_channels": 1,
    "in_features": -1,
    "input_size": -1,
}
"""Arguments that follow from the input: the dimension that they are the size of."""

Change = tuple[str, Callable[[], nn.Module]]


def reason(model: nn.Module, done: passes.Pass) -> str:
    """Say why a run fails at its last step, with both sizes where we know them."""
    given = done.failure or ""
    failing = _failing(model, done)
    if failing is None:
        return given
    layer, shape = failing
    swap = _swap(layer, shape)
    # Behind another layer, a length can be the number of channels by chance.
    if swap is not None and len(done.steps) == 1:
        needs = _needed(layer, shape)[0]
        return f"{type(layer).__name__} reads {swap.wanted} with {needs}; it gets {swap.given}"
    return _sizes(layer, shape) or given


def remedy(model: nn.Module, done: passes.Pass) -> str | None:
    """Return the smallest changes that let the last step run on its input, each tried.

    Returns
    -------
    str or None
        Such as "kernel_size=112 or padding=56"; None where none of those that we know helps.
    """
    failing = _failing(model, done)
    if failing is None:
        return None
    layer, shape = failing
    changed = _working(_changes(layer, shape), shape)
    swap = _swap(layer, shape)
    if swap is None or _working([("swapped", lambda: Swapped(layer, swap))], shape) is None:
        return changed
    if len(done.steps) == 1 or changed is None:
        return f"{swap.code} before it, {swap.words}"
    return f"{changed}, or {swap.code} before it if the axes are swapped"


def _failing(model: nn.Module, done: passes.Pass) -> tuple[nn.Module, Shape] | None:
    """Return the layer that fails and what it is given; None where the model itself does."""
    step = done.steps[-1]
    layer = model.get_submodule(step.layer)
    is_layer = step.input_shapes and step.kind == type(layer).__name__
    return (layer, step.input_shapes[0]) if is_layer and _kind(layer) is not None else None


def _needed(layer: nn.Module, shape: Shape) -> tuple[str, str]:
    """Return the channels or features that a layer needs and gets; "" where they agree."""
    for argument, dim in _FROM_INPUT.items():
        needs = getattr(layer, argument, None)
        if needs is not None and len(shape) > 1 and needs != shape[dim]:
            what = "feature" if dim < 0 else "channel"
            return f"{needs} {what}{'' if needs == 1 else 's'}", str(shape[dim])
    return "", ""


def _sizes(layer: nn.Module, shape: Shape) -> str:
    """Say which size of the input does not fit; "" where none that we know does not."""
    name = type(layer).__name__
    needs, gets = _needed(layer, shape)
    if needs:
        return f"{name} needs {needs}; it gets {gets}"
    if "kernel_size" not in _ARGUMENTS[_kind(layer)]:
        return ""
    lengths, extents, pads = _windows(layer, shape)
    if len(shape) != len(lengths) + 2 or not _too_long(lengths, extents, pads):
        return ""
    needed = [extent - 2 * pad for extent, pad in zip(extents, pads, strict=True)]
    padded = f", padding={_plain(pads)}" if any(pads) else ""
    return (
        f"{name}({_plain(layer.kernel_size)}{padded}) needs an input of at least "
        f"{by(needed)}; it gets {by(lengths)}"
    )


def _swap(layer: nn.Module, shape: Shape) -> Swap | None:
    found = (
        swap_of(layer, shape, getattr(layer, argument), dim)
        for argument, dim in _FROM_INPUT.items()
        if hasattr(layer, argument)
    )
    return next(filter(None, found), None)


def complete(
    make: Callable[..., nn.Module], error: TypeError, shape: Shape, before: Sequence[nn.Module]
) -> str | None:
    """Return the missing arguments with values that make a layer which runs on `shape`.

    Parameters
    ----------
    make : function
        That has raised `error`.
    shape : tuple of int
        Of the layer's input, with the batch.
    before : sequence of nn.Module
        The layers before; the nearest of the same class lends its values.
    """
    target = getattr(make, "func", None)
    given: dict[str, object] = {}
    for name in missing(error):
        like = [each for each in before if type(each) is target and hasattr(each, name)]
        if name in _FROM_INPUT:
            given[name] = shape[_FROM_INPUT[name]]
        elif like:
            given[name] = _plain(getattr(like[-1], name))
        elif name == "kernel_size":
            given[name] = 1
        else:
            return None
    return _working([(_text(given), lambda: make(**given))], shape) if given else None


def missing(error: TypeError) -> list[str]:
    """Return the arguments that a ``TypeError`` says are missing.

    Examples
    --------
    >>> missing(TypeError("f() missing 1 required positional argument: 'kernel_size'"))
    ['kernel_size']
    """
    text = str(error)
    return re.findall(r"'(\w+)'", text.partition(": ")[2]) if " missing " in text else []


def by(sizes: Sequence[int]) -> str:
    """Write sizes with multiplication signs between them."""
    return " × ".join(map(str, sizes))


def _working(changes: Iterable[Change], shape: Shape) -> str | None:
    """Try each change on the meta device, and name those that help."""
    found = []
    for text, make in changes:
        try:
            with passes.on_shapes():
                changed = make()
            helps = passes.run_on_shapes(changed, shape[1:]).failure is None
        except Exception:  # noqa: S112 - a change that does not help is not named
            continue
        if helps:
            found.append(text)
    return " or ".join(found) or None


def _changes(layer: nn.Module, shape: Shape) -> Iterator[Change]:
    """Yield what may help: what fits the input's sizes first, then smaller windows."""
    kind = _kind(layer)
    arguments = {name: getattr(layer, name) for name in _ARGUMENTS[kind]}

    def changed(new: dict[str, object]) -> Change:
        return _text(new), lambda: kind(**(arguments | new))

    if isinstance(layer, nn.Linear) and math.prod(shape[1:]) == layer.in_features:
        yield "nn.Flatten() before it", lambda: nn.Sequential(nn.Flatten(), kind(**arguments))
    yield from map(changed, _fitting(arguments, shape))
    if isinstance(layer, nn.LayerNorm):
        yield changed({"normalized_shape": list(shape[-len(layer.normalized_shape) :])})
    if "kernel_size" in arguments:
        yield from map(changed, _windowed(layer, shape))


def _fitting(arguments: dict[str, Argument], shape: Shape) -> Iterator[dict[str, object]]:
    """Yield the sizes that the input has where a layer's own are others."""
    for name, dim in _FROM_INPUT.items():
        if name in arguments and len(shape) > 1 and arguments[name] != shape[dim]:
            if arguments.get("groups") == arguments[name]:
                yield {name: shape[dim], "groups": shape[dim]}
            elif arguments.get("groups", 1) > 1:
                yield {name: shape[dim], "groups": 1}
            yield {name: shape[dim]}


def _windowed(layer: nn.Module, shape: Shape) -> Iterator[dict[str, object]]:
    """Yield a window that fits the input, and a padding that makes the window fit."""
    lengths, extents, pads = _windows(layer, shape)
    if _too_long(lengths, extents, pads):
        yield {"kernel_size": _plain(_largest(layer, lengths, pads))}
        wanted = [
            max(pad, math.ceil((extent - length) / 2))
            for length, extent, pad in zip(lengths, extents, pads, strict=True)
        ]
        yield {"padding": _plain(wanted)}


def _kind(layer: nn.Module) -> Layer:
    return next((kind for kind in type(layer).__mro__ if kind in _ARGUMENTS), None)


def _text(values: dict[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _windows(layer: Layer, shape: Shape) -> tuple[list[int], list[int], list[int]]:
    """Return the input's lengths, and the kernel's extents and paddings, along each axis."""
    axes = int(_kind(layer).__name__[-2])
    kernel, dilation = _each(layer.kernel_size, axes), _each(getattr(layer, "dilation", 1), axes)
    extents = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    padding = 0 if layer.padding == "valid" else layer.padding
    # "same" adds as much as the kernel needs.
    pads = extents if padding == "same" else _each(padding, axes)
    return list(shape[-axes:]), extents, pads


def _too_long(lengths: list[int], extents: list[int], pads: list[int]) -> bool:
    return any(e > n + 2 * p for n, e, p in zip(lengths, extents, pads, strict=True))


def _largest(layer: Layer, lengths: list[int], pads: list[int]) -> list[int]:
    kernel = _each(layer.kernel_size, len(lengths))
    dilation = _each(getattr(layer, "dilation", 1), len(lengths))
    return [
        min(k, (n + 2 * p - 1) // d + 1)
        for k, n, p, d in zip(kernel, lengths, pads, dilation, strict=True)
    ]


def _each(value: Argument, axes: int) -> list[int]:
    return [value] * axes if isinstance(value, int) else list(value)


def _plain(values: Argument) -> Argument:
    """Return the one number that stands for all axes, if there is one."""
    if isinstance(values, (list, tuple)):
        return values[0] if len(set(values)) == 1 else tuple(values)
    return values
