"""The arithmetic of one value of a layer, in four panels: what came in, what was done, the sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.network_looks import exponentials, part_sums, pool_window
from convrnn_lab.drawing.parts import axes, empty, limit, line, marks, matrix, value_range
from convrnn_lab.drawing.sheet import Panel, quarter
from convrnn_lab.topics.network.followed import called
from convrnn_lab.topics.network.layer import Layer
from convrnn_lab.topics.network.part_panels import (
    few,
    numbers_of,
    one_map,
    one_of_values,
    pixel_shapes,
    row_of,
    size_of,
    small,
    window_shapes,
)
from convrnn_lab.topics.network.values import Values

PANELS = 4
"""Of each layer, as many as there are quarters in a row."""

_BENT = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.GELU, nn.SiLU, nn.ELU),
    *(nn.Softplus, nn.Hardtanh),
)
"""Layers that change each value by itself, along one curve."""


def steps(
    layer: Layer, source: Values, values: Values, channel: Seen, place: tuple[Seen, Seen]
) -> list[Panel]:
    """Draw how one value of a layer is made.

    Parameters
    ----------
    layer : Layer
    source, values : Values
        What it is given, and what it gives.
    channel : int or Look
    place : (row, column)
        Of the value in the channel.
    """
    return filled(_kind(layer)(layer, source, values, channel, place))


def filled(found: Sequence[Panel]) -> list[Panel]:
    """Return as many panels as there are quarters in a row, the last ones empty.

    Parameters
    ----------
    found : sequence of Panel
    """
    return [quarter(panel) for panel in [*found, *[empty("")] * (PANELS - len(found))]]


def _kind(layer: Layer) -> Callable[..., list[Panel]]:
    known = called(layer) is not None
    module = layer.module
    if known and isinstance(module, (nn.Conv1d, nn.Conv2d)):
        return _convolved
    if known and isinstance(module, (nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d)):
        return _pooled
    if isinstance(module, nn.Linear) and layer.output.ndim == 2:
        return _weighted
    if isinstance(module, nn.Softmax) and layer.output.ndim == 2:
        return _shared
    return _bent if isinstance(module, _BENT) else _changed


def _convolved(
    layer: Layer, source: Values, values: Values, channel: Seen, place: tuple[Seen, Seen]
) -> list[Panel]:
    module: Any = layer.module  # Any: a convolution over one or two axes
    weight = numbers_of(module.weight)
    outputs, inputs = weight.shape[0] // module.groups, weight.shape[1]
    first = channel // outputs * inputs if module.groups > 1 else 0
    spans = [(first, inputs, 1), *_spans(layer, place)]
    window, kernels = looks.window(source.array, spans), looks.take(weight, channel)
    products = looks.multiply(window, kernels)
    return [
        small("Window of the input", window, inputs, "window"),
        small(looks.words("Kernel {}", channel), kernels, inputs, "kernel"),
        small("Products", products, inputs, "products"),
        _summed(part_sums(products), inputs, _bias(module, channel), values.value(channel, *place)),
    ]


def _spans(layer: Layer, place: tuple[Seen, Seen]) -> list[tuple[Seen, int, int]]:
    """Return the taps of the window on each axis: start, count and step."""
    call = called(layer)
    assert call is not None  # noqa: S101 - by `_kind`
    settings = call[1][-1]
    module: Any = layer.module  # Any: a window of one or two axes
    strides = settings["stride"]
    sizes = module.kernel_size if hasattr(module, "weight") else call[1][0]
    dilations = settings.get("dilation", [1] * len(strides))
    at = place[-len(strides) :]
    return [
        (where * stride - _before(pad), size, dilation)
        for where, stride, pad, size, dilation in zip(
            at, strides, settings["padding"], sizes, dilations, strict=True
        )
    ]


def _zeros(layer: Layer) -> list[list[int]]:
    """Return the zeros around each axis that a pool counts; a max pool counts none."""
    call = called(layer)
    assert call is not None  # noqa: S101 - by `_kind`
    settings = call[1][-1]
    counted = settings.get("countIncludePad", False)
    return [[pad * counted, pad * counted] for pad in settings["padding"]]


def _before(pad: int | Sequence[int]) -> int:
    return pad if isinstance(pad, int) else pad[0]


def _bias(module: Any, channel: Seen) -> Seen:  # Any: a layer with a bias, or None for it
    return 0.0 if module.bias is None else looks.take(numbers_of(module.bias), channel)


def _summed(sums: Seen, count: int, bias: Seen, value: Seen) -> Panel:
    """Draw the sum of each map, or of all, beside the bias and what they give."""
    title = looks.words("Sum {} + bias {}", *map(looks.number, (looks.total(sums), bias)))
    if count == 1:
        return few(title, ("sum", "bias", "value"), (looks.total(sums), bias, value))
    return replace(row_of(title, "sums", sums, count, what="input map"), still=False)


def _pooled(
    layer: Layer, source: Values, values: Values, channel: Seen, place: tuple[Seen, Seen]
) -> list[Panel]:
    spans = _spans(layer, place)
    largest = isinstance(layer.module, (nn.MaxPool1d, nn.MaxPool2d))
    window = pool_window(source.channel(channel), spans, _zeros(layer), largest)
    if len(spans) == 1:
        window = looks.in_rows([window], spans[0][1])
    value = looks.number(values.value(channel, *place))
    word = "largest" if largest else "mean"
    return [
        one_map("Before", source, channel, window_shapes(spans)),
        matrix("Window", "window", window, shape=size_of(spans)),
        one_map("After", values, channel, pixel_shapes(place)),
        few(looks.words(f"The {word} is {{}}", value), (word,), (values.value(channel, *place),)),
    ]


def _bent(
    layer: Layer, source: Values, values: Values, channel: Seen, place: tuple[Seen, Seen]
) -> list[Panel]:
    before, after = source.value(channel, *place), values.value(channel, *place)
    numbers = [looks.number(before), looks.number(after)]
    return [
        *_changed(layer, source, values, channel, place),
        _curve(layer, source, (before, after)),
        few(looks.words("{} becomes {}", *numbers), ("before", "after"), (before, after)),
    ]


def _curve(layer: Layer, source: Values, point: tuple[Seen, Seen]) -> Panel:
    """Draw what the layer makes of each number, and the one that is chosen."""
    edge = float(1.2 * limit(source.maps.values))
    across = torch.linspace(-edge, edge, 121)
    with torch.no_grad():
        bent = layer.module(across.clone()).numpy()
    step = 2 * edge / 120
    before, after = point
    return Panel(
        f"{layer.kind}: before, and after",
        [
            line("curve", bent, theme.WEIGHT) | {"x0": -edge, "dx": step, "mode": "lines"},
            marks("value", [before], [after], theme.OUTPUT, symbol="circle", size=10),
        ],
        **axes("before", [-edge, edge], value_range(bent)),
    )


def _changed(
    layer: Layer, source: Values, values: Values, channel: Seen, place: tuple[Seen, Seen]
) -> list[Panel]:
    """Draw what was before and what is after, of a layer whose arithmetic has no picture."""
    after = one_of_values("After", values, channel, place)
    shape, given = values.maps.values.shape, source.maps.values.shape
    if shape == given:
        return [one_of_values("Before", source, channel, place), after]
    if isinstance(layer.module, nn.Flatten) and shape[0] == values.maps.values.size:
        _, height, width = given
        size = height * width
        inside = channel % size
        where = (inside // width, inside % width)
        return [one_of_values("Before", source, channel // size, where), after]
    return [after]


def _weighted(
    layer: Layer, source: Values, values: Values, channel: Seen, place: tuple[Seen, Seen]
) -> list[Panel]:
    module: Any = layer.module  # Any: nn.Linear
    count = module.in_features
    own = looks.take(numbers_of(module.weight), channel)
    products = looks.multiply(source.array, own)
    total, bias = looks.total(products), _bias(module, channel)
    value = values.value(channel, *place)
    title = looks.words("Sum {} + bias {}", *map(looks.number, (total, bias)))
    return [
        row_of(f"{count:,} inputs", "inputs", source.array, count, what="input", role=theme.INPUT),
        row_of(
            looks.words("Weights of {}", channel),
            "weights",
            own,
            count,
            what="input",
            role=theme.WEIGHT,
        ),
        row_of("Products", "products", products, count, what="input"),
        few(title, ("sum", "bias", "value"), (total, bias, value)),
    ]


def _unwritten(panel: Panel) -> Panel:
    """Return bars without numbers, most of which are so small that they would not fit."""
    return replace(panel, traces=[each | {"texttemplate": ""} for each in panel.traces])


def _shared(
    _: Layer, source: Values, values: Values, channel: Seen, place: tuple[Seen, Seen]
) -> list[Panel]:
    count = len(values.maps.values)
    powers = exponentials(source.array)
    own = looks.take(powers, channel)
    numbers = [
        looks.number(each) for each in (own, looks.total(powers), values.value(channel, 0, 0))
    ]
    return [
        one_of_values("Before", source, channel, place),
        _unwritten(row_of("exp(logit − largest)", "exponentials", powers, count, what="class")),
        _unwritten(one_of_values("After", values, channel, place)),
        few(
            looks.words("{} of {} is {}", *numbers),
            ("exp", "sum", "share"),
            (own, looks.total(powers), values.value(channel, 0, 0)),
        ),
    ]
