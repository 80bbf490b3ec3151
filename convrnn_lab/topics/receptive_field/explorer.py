"""Explorer of a stack of layers: what its output reads of the input."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import nn

from convrnn_lab import checks
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider, Value
from convrnn_lab.topics.receptive_field import figure, guides
from convrnn_lab.topics.receptive_field.figure import Level
from convrnn_lab.topics.receptive_field.measured import MeasuredField, measured_receptive_field
from convrnn_lab.topics.receptive_field.trace import ReceptiveField, receptive_field

LAYER_LIMIT = 8
KERNEL_LIMIT = 7
STRIDE_LIMIT = 2
FIELD_LIMIT = 255
"""Samples of a field that is still drawn."""

DILATIONS = ("1", "2", "doubling", "growing")
POOLINGS = ("none", "once in the middle", "after every second", "after each")
WEIGHTS = ("uniform", "random")

_VARY = {
    "layers": tuple(range(1, 7)),
    "kernel_size": (2, 3, 5),
    "stride": (1, 2),
    "dilations": None,
    "pooling": None,
}
"""The values that a page holds."""

Built = tuple[tuple[str, int, int, int], ...]
"""Kind, kernel size, stride and dilation of every layer, pools included."""


def stack(
    *,
    layers: int = 4,
    kernel_size: int = 3,
    stride: int = 1,
    dilations: str | Sequence[int] = "1",
    pooling: str = "none",
    weights: str = "uniform",
    seed: int = 0,
) -> Explorer:
    """Stack convolutions and pools, and see what one output value reads of the input.

    Without padding, so that an input of the field's size gives exactly one output value.

    Parameters
    ----------
    layers : int
        Convolutions, 1 to 8.
    kernel_size, stride : int
        Of every convolution, 1 to 7 and 1 to 2.
    dilations : str or sequence of int
        One of `DILATIONS` ("doubling" is 1, 2, 4, ..., "growing" 1, 2, 3, ...), or the dilation of
        each layer, such as (1, 2, 5), which begins again where there are more layers.
    pooling : str
        One of `POOLINGS`: where average pools of 2 stand.
    weights : str
        "uniform" or "random": with which the effective field is measured.
    seed : int
        Of the random weights.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is out of range, or the stack reads more than `FIELD_LIMIT` samples.
    """
    checks.integer("seed", seed, 0)
    patterns, pattern = _patterns(dilations)

    def view(*, layers: int, dilations: str, weights: str, **settings: Value) -> Sheet:
        built = _layers(_dilations(patterns[dilations], layers), **settings)
        field, measured = _measured(built, weights, seed)
        code = _code(built, field.size[0], weights, seed)
        return figure.stack(_levels(built), field, measured, weights=weights, code=code)

    return Explorer(
        view,
        {
            "layers": Slider("layers", 1, LAYER_LIMIT, layers),
            "kernel_size": Slider("kernel size", 1, KERNEL_LIMIT, kernel_size),
            "stride": Slider("stride", 1, STRIDE_LIMIT, stride),
            "dilations": Choice("dilations", tuple(patterns), pattern),
            "pooling": Choice("pooling", POOLINGS, pooling),
            "weights": Choice("weights", WEIGHTS, weights),
        },
        name="Receptive field of a stack",
        vary=_VARY,
        scan=("layers",),
        guide=guides.STACK,
    )


def _patterns(dilations: str | Sequence[int]) -> tuple[dict[str, str | tuple[int, ...]], str]:
    """Return the patterns that the list offers, own ones first, and the name of the start."""
    patterns: dict[str, str | tuple[int, ...]] = {name: name for name in DILATIONS}
    if isinstance(dilations, str):
        return patterns, dilations
    own = tuple(checks.integer("dilations", each, 1) for each in dilations)
    if not own:
        raise ValueError("dilations must be one integer or more; got none")
    name = ", ".join(map(str, own))
    return {name: own, **patterns}, name


def _dilations(pattern: str | tuple[int, ...], layers: int) -> list[int]:
    """Return the dilation of every layer."""
    if isinstance(pattern, tuple):
        return [pattern[i % len(pattern)] for i in range(layers)]
    known = {"doubling": [2**i for i in range(layers)], "growing": list(range(1, layers + 1))}
    return known[pattern] if pattern in known else [int(pattern)] * layers


def _layers(dilations: list[int], *, kernel_size: int, stride: int, pooling: str) -> Built:
    """Return the layers, with the pools where they stand."""
    count = len(dilations)
    after = {
        "none": set(),
        "after each": set(range(1, count + 1)),
        "after every second": set(range(2, count + 1, 2)),
        "once in the middle": {(count + 1) // 2},
    }[pooling]
    built = []
    for i, dilation in enumerate(dilations, 1):
        built.append(("conv", kernel_size, stride, dilation))
        if i in after:
            built.append(("pool", 2, 2, 1))
    return tuple(built)


def _network(built: Built, axes: int) -> nn.Sequential:
    conv, pool = ((nn.Conv1d, nn.AvgPool1d), (nn.Conv2d, nn.AvgPool2d))[axes - 1]
    # Made on the meta device, where weights cost nothing and the global generator stays still.
    return nn.Sequential(
        *(
            conv(1, 1, size, stride, dilation=dilation, bias=False, device="meta")
            if kind == "conv"
            else pool(size, stride)
            for kind, size, stride, dilation in built
        )
    )


@lru_cache(maxsize=256)
def _measured(built: Built, weights: str, seed: int) -> tuple[ReceptiveField, MeasuredField]:
    """Return the field along one axis by formula, and in two dimensions by gradient."""
    reads, apart = 1, 1
    for _, size, stride, dilation in built:
        reads, apart = reads + (size - 1) * dilation * apart, apart * stride
    if reads > FIELD_LIMIT:
        raise ValueError(
            f"layers must read at most {FIELD_LIMIT} samples together; got {reads:,} for a stack "
            f"of {len(built)}"
        )
    field = receptive_field(_network(built, 1), (1, reads))
    network = _network(built, 2).to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            if weights == "uniform":
                weight.fill_(1 / weight.numel())
            else:
                weight.normal_(generator=generator)
    # Convolutions and means alone: the gradient is the same for every input.
    return field, measured_receptive_field(network, (1, reads, reads), samples=1)


def _levels(built: Built) -> list[Level]:
    """Follow what the output reads down to the input."""
    positions = [0]
    levels = []
    for kind, size, stride, dilation in reversed(built):
        taps = [dilation * tap for tap in range(size)]
        name = f"{kind} {size}" + (f", dilation {dilation}" if dilation > 1 else "")
        levels.append(Level(name, positions, taps, stride))
        positions = sorted({place * stride + tap for place in positions for tap in taps})
    return [Level("input", positions, [], 1), *reversed(levels)]


def _code(built: Built, size: int, weights: str, seed: int) -> str:
    """Write the lines that make the stack and measure its field both ways."""
    layers = [
        call(nn.AvgPool2d, "torch.nn", size)
        if kind == "pool"
        else call(nn.Conv2d, "torch.nn", 1, 1, size, stride=stride, dilation=dilation, bias=False)
        for kind, size, stride, dilation in built
    ]
    given = (Name("stack"), (1, size, size))
    return "\n".join(
        [
            "stack = torch.nn.Sequential(",
            *(f"    {layer}," for layer in layers),
            ")",
            *_weight_code(weights, seed),
            f"field = {call(receptive_field, 'trace', *given)}",
            f"measured = {call(measured_receptive_field, 'trace', *given, samples=1)}",
        ]
    )


def _weight_code(weights: str, seed: int) -> list[str]:
    loop = "for weight in stack.parameters():"
    if weights == "uniform":
        return [loop, "    torch.nn.init.constant_(weight, 1 / weight.numel())"]
    return [
        f"generator = torch.Generator().manual_seed({seed})",
        loop,
        "    torch.nn.init.normal_(weight, generator=generator)",
    ]
