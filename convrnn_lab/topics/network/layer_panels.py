"""Panels of one layer: all that it gives, one channel of it, and its weights."""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import (
    Numbers,
    axes,
    empty,
    heatmap,
    limit,
    line,
    marks,
    matrix,
    outline,
    pixels,
    value_range,
)
from convrnn_lab.drawing.picture_grid import picture_grid
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.shapes.attention import kind_of
from convrnn_lab.topics.network.pictures import Pictures

_SHOWN = 64
"""Pictures or lines that one panel shows at most, where there may be thousands."""


def outputs(label: str, maps: Pictures, channel: int) -> Panel:
    """Draw all channels: pictures on a sheet, sequences as rows, a vector as bars.

    Parameters
    ----------
    label : str
        Of the layer.
    maps : Pictures
        Of the layer's output.
    channel : int
        The chosen one.
    """
    if maps.is_vector:
        return _units(f"{label}: {maps.counted()}", maps, channel)
    if maps.is_sequence:
        return _over_time(label, maps, channel)
    count, height, width = maps.values.shape
    edge = limit(maps.values)
    scale = (theme.TWO_SIDED, -edge, edge)
    arrangement = picture_grid(maps.values[:_SHOWN])
    rows, columns = arrangement.pixels.shape
    more = "" if count <= _SHOWN else f", the first {_SHOWN}"
    heat = heatmap("maps", arrangement.pixels, *scale)
    return Panel(
        f"{label}: {maps.counted()} of {height} × {width}{more}",
        [heat | {"hovertemplate": "%{z:.4g}<extra></extra>"}],
        **pixels((0, rows - 1), (0, columns - 1), ticks=False),
        shapes=[outline("channel", [arrangement.box(channel)])] if channel < _SHOWN else [],
        scale=scale,
        click=arrangement.click("channel"),
        size="large",
    )


def _over_time(label: str, maps: Pictures, channel: int) -> Panel:
    """Draw a sequence: time to the right, channels or features down."""
    count, _, width = maps.values.shape
    edge = limit(maps.values)
    scale = (theme.TWO_SIDED, -edge, edge)
    heat = heatmap("maps", maps.values[:, 0], *scale)
    hover = f"{maps.channel} %{{y}}, {maps.column} %{{x}}: %{{z:.4g}}<extra></extra>"
    fixed = {"fixedrange": True, "tickfont": {"size": 10}}
    return Panel(
        f"{label}: {maps.counted()} over {maps.column} {width}",
        [heat | {"hovertemplate": hover}],
        xaxis=fixed | {"range": [-0.5, width - 0.5], "nticks": 8, "title": _small(maps.column)},
        yaxis=fixed | {"range": [count - 0.5, -0.5], "nticks": 6, "title": _small(maps.channel)},
        shapes=[outline("channel", [(-0.5, channel - 0.5, width - 0.5, channel + 0.5)])],
        scale=scale,
        click={"x": "column", "y": "channel"},
        size="large",
    )


def _small(text: str) -> Part:
    return {"text": text, "font": {"size": 11}}


def _units(title: str, maps: Pictures, channel: int) -> Panel:
    values = maps.values[:, 0, 0]
    limits = value_range(values)
    bars = {
        "type": "bar",
        "name": "units",
        "x0": 0,
        "dx": 1,
        "y": np.ascontiguousarray(values),
        "marker": {"color": theme.OUTPUT},
        "hovertemplate": f"{maps.channel} %{{x}}: %{{y:.4g}}<extra></extra>",
    }
    box = (channel - 0.5, limits[0], channel + 0.5, limits[1])
    return Panel(
        title,
        [bars],
        **axes(maps.channel, [-1, len(values)], limits),
        shapes=[outline("channel", [box], width=1.5)],
        click={"x": "channel"},
        size="large",
    )


def one_channel(maps: Pictures, channel: int, place: tuple[int, int]) -> Panel:
    """Draw one channel with the chosen value; of a vector, its strongest values.

    Parameters
    ----------
    maps : Pictures
        Of the layer's output.
    channel : int
        The chosen one.
    place : (row, column)
    """
    if maps.is_vector:
        return _strongest(maps)
    row, column = place
    values = maps.values[channel]
    written = theme.number(float(values[row, column]))
    title = f"{maps.channel.capitalize()} {channel}{maps.place(row, column)}: {written}"
    if maps.is_sequence:
        return _one_sequence(title, maps, values[0], column)
    height, width = values.shape
    edge = limit(values)
    return Panel(
        title,
        [heatmap("map", values, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=[outline("value", [(column - 0.5, row - 0.5, column + 0.5, row + 0.5)])],
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "column", "y": "row"},
    )


def _strongest(maps: Pictures) -> Panel:
    values = maps.values[:, 0, 0]
    order = np.argsort(-np.abs(np.nan_to_num(values)), kind="stable")[:10]
    bars = {
        "type": "bar",
        "name": "strongest",
        "x": [str(index) for index in order],
        "y": values[order],
        "marker": {"color": theme.OUTPUT},
        "hovertemplate": f"{maps.channel} %{{x}}: %{{y:.4g}}<extra></extra>",
    }
    drawn = axes(maps.channel, [], value_range(values))
    drawn["xaxis"] = drawn["xaxis"] | {"type": "category", "range": [-0.6, len(order) - 0.4]}
    return Panel(f"The {len(order)} strongest {maps.channel}s", [bars], **drawn)


def _one_sequence(title: str, maps: Pictures, values: Numbers, column: int) -> Panel:
    value = [float(values[column])]
    return Panel(
        title,
        [
            line("map", values, theme.OUTPUT),
            marks("value", [column], value, theme.WINDOW, symbol="circle-open", size=12),
        ],
        **axes(maps.column, [-1, len(values)], value_range(values)),
        click={"x": "column"},
    )


def weights(module: nn.Module, channel: int, maps: Pictures) -> Panel:
    """Draw the weights of a channel: kernels on a sheet, or a row of numbers as bars.

    Parameters
    ----------
    module : nn.Module
    channel : int
        The chosen one.
    maps : Pictures
        Of its output.
    """
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor) or weight.ndim < 2 or len(weight) != len(maps.values):
        return empty(f"{kind_of(module)} has no kernels")
    kernels = weight.detach().float().cpu()[channel].numpy()
    if kernels.ndim == 3 and len(kernels) == 1:
        return matrix(f"Kernel {channel}", "weight", kernels[0])
    if kernels.ndim == 3:
        return _kernels(channel, kernels)
    flat = kernels.reshape(-1, kernels.shape[-1])
    return Panel(
        f"{flat.size} weights of {maps.channel} {channel}",
        [line(f"weight {index}", row, theme.WEIGHT) for index, row in enumerate(flat[:_SHOWN])],
        **axes("input", [-1, flat.shape[1]], value_range(flat)),
    )


def _kernels(channel: int, kernels: Numbers) -> Panel:
    arrangement = picture_grid(kernels[:_SHOWN])
    rows, columns = arrangement.pixels.shape
    edge = limit(kernels)
    return Panel(
        f"Kernels of channel {channel}, one for each of {len(kernels)} inputs",
        [heatmap("weight", arrangement.pixels, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, rows - 1), (0, columns - 1), ticks=False),
        scale=(theme.TWO_SIDED, -edge, edge),
    )
