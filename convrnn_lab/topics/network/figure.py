"""A layer of a model drawn: the input, what all its channels made of it, and one of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import (
    axes,
    by,
    empty,
    grey_range,
    heatmap,
    limit,
    line,
    marks,
    matrix,
    outline,
    picture_grid,
    pixels,
    value_range,
)
from convrnn_lab.drawing.sheet import Panel, Sheet
from convrnn_lab.topics.network.layer import Layer
from convrnn_lab.topics.network.trace import LayersTrace

Region = tuple[tuple[int, int], ...]
"""First and last input sample on each axis; may lie outside the input."""

_SHOWN = 64
"""Units or pictures that one panel shows at most, where there may be thousands."""


def layer(
    run: LayersTrace,
    label: str,
    channel: int,
    place: tuple[int, int],
    *,
    region: Region | str,
    scores: Tensor | None = None,
    classes: tuple[str, ...] = (),
) -> Sheet:
    """Draw one layer of a run, one channel of it, and what one of its values has seen.

    Parameters
    ----------
    run : LayersTrace
        The first example of its batch is drawn.
    label : str
        Of the layer.
    channel : int
    place : (row, column)
        Of the value in the channel; (0, time) in a signal, (0, 0) in a vector.
    region : Region or str
        The receptive field of that value in the input, or why there is none.
    scores : Tensor, shape (class,), optional
        Probabilities of the model's output.
    classes : tuple of str
        Their names.

    Returns
    -------
    Sheet
    """
    shown = run[label]
    maps = pictures(shown.output)
    value = float(maps[(channel, *place)])
    source = run.input[0].float().numpy()
    inside = None if isinstance(region, str) else _clipped(region, source.shape[-len(region) :])
    panels = [
        input_panel(source, inside),
        _outputs(shown, maps, channel),
        _one_channel(maps, channel, place),
        _seen(source, inside, region),
        _weights(shown.module, channel, maps.shape[0]),
        *([] if scores is None else [probabilities(scores, classes)]),
    ]
    where = "" if maps[channel].size == 1 else f" at row {place[0]}, column {place[1]}"
    if maps.shape[1] == 1 and maps.shape[2] > 1:
        where = f" at time {place[1]}"
    sizes = " × ".join(map(str, shown.output.shape[1:]))
    finite = maps[np.isfinite(maps)]
    ends = "none of them finite"
    if finite.size:
        ends = f"from {theme.number(float(finite.min()))} to {theme.number(float(finite.max()))}"
    failed = run.failure is not None
    return Sheet(
        panels,
        title=f"{label}: {shown.kind} gives {sizes} values" + (", later the model fails" * failed),
        description=(
            f"Layer {label} ({shown.kind}) gives {sizes} values, {ends}; channel {channel}{where} "
            f"has {theme.number(value)}."
        ),
        facts=_facts(run, shown, value, region, source.shape),
    )


def pictures(output: Tensor) -> Any:
    """Return a layer's output for the first example, shape (channel, height, width).

    A signal has a height of 1, a vector one value a channel; of a volume the middle slice is
    taken, and of a single number there is one channel.
    """
    values = output[0].detach().float().cpu()
    if values.ndim > 3:
        middle = values.shape[1] // 2
        return pictures(output[:, :, middle])
    while values.ndim < 3:
        values = values.unsqueeze(-1 if values.ndim < 2 else 1)
    return values.numpy()


def input_panel(source: Any, region: Region | None) -> Panel:
    """Return the panel of a model's input: a picture, a signal or a vector.

    Parameters
    ----------
    source : array, shape (channel, height, width), (channel, time) or (feature,)
        Of a volume the middle slice is drawn.
    region : Region, optional
        Outlined.
    """
    while source.ndim > 3:
        source = source[:, source.shape[1] // 2]
    if source.ndim == 3:
        height, width = source.shape[1:]
        image = source.mean(axis=0)
        mean = "" if len(source) == 1 else f", mean of {len(source)} channels"
        scale = grey_range(image)
        return Panel(
            f"Input {height} × {width}{mean}",
            [heatmap("input", image, theme.GREY, *scale)],
            **pixels((0, height - 1), (0, width - 1)),
            shapes=[outline("field", [_box(region)], fill=theme.WINDOW_FILL)] if region else [],
            scale=(theme.GREY, *scale),
            size="large",
        )
    flat = source.reshape(-1, source.shape[-1])
    limits = value_range(flat)
    edges = [] if region is None else [(region[-1][0] - 0.5, region[-1][1] + 0.5)]
    return Panel(
        f"Input {by(source.shape)}",
        [line(f"input {index}", row, theme.INPUT) for index, row in enumerate(flat[:_SHOWN])],
        **axes("position (samples)", [-1, source.shape[-1]], limits),
        shapes=[
            outline("field", [(left, limits[0], right, limits[1])], fill=theme.WINDOW_FILL)
            for left, right in edges
        ],
        size="large",
    )


def probabilities(scores: Tensor, classes: tuple[str, ...], true: int | None = None) -> Panel:
    """Return the panel of class probabilities; `true` is named in its title."""
    values = scores.numpy()
    best = int(values.argmax())
    names = classes or tuple(map(str, range(len(values))))
    answer = f"“{names[best]}” with {100 * float(values[best]):.1f} %"
    wanted = "" if true is None else f", it is “{names[true]}”"
    return Panel(
        f"The model says {answer}{wanted}",
        [
            {
                "type": "bar",
                "name": "probability",
                "x": list(names),
                "y": values,
                "marker": {"color": [theme.OUTPUT] * len(values)},
                "texttemplate": "%{y:.0%}" if len(values) <= 12 else "",
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": "%{x}: %{y:.2%}<extra></extra>",
            }
        ],
        xaxis={"type": "category", "fixedrange": True, "tickfont": {"size": 11}},
        yaxis={"range": [0, 1.15], "fixedrange": True, "tickformat": ".0%", "nticks": 4},
    )


def _clipped(region: Region, lengths: tuple[int, ...]) -> Region:
    return tuple(
        (max(first, 0), min(last, length - 1))
        for (first, last), length in zip(region, lengths, strict=True)
    )


def _box(region: Region) -> tuple[float, float, float, float]:
    (top, bottom), (left, right) = region
    return (left - 0.5, top - 0.5, right + 0.5, bottom + 0.5)


def _outputs(shown: Layer, maps: Any, channel: int) -> Panel:
    """Draw all channels: pictures on a sheet, signals as rows, a vector as bars."""
    count, height, width = maps.shape
    edge = limit(maps)
    scale = (theme.TWO_SIDED, -edge, edge)
    if height == width == 1:
        return _units(f"{shown.label}: {count} units", maps[:, 0, 0], channel)
    if height == 1:
        return Panel(
            f"{shown.label}: {count} channel{'' if count == 1 else 's'} × {width} steps",
            [heatmap("maps", maps[:, 0], *scale)],
            xaxis={"range": [-0.5, width - 0.5], "fixedrange": True, "nticks": 8},
            yaxis={"range": [count - 0.5, -0.5], "fixedrange": True, "nticks": 6},
            shapes=[outline("channel", [(-0.5, channel - 0.5, width - 0.5, channel + 0.5)])],
            scale=scale,
            click={"x": "column", "y": "channel"},
            size="large",
        )
    arranged = picture_grid(maps[:_SHOWN])
    rows, columns = arranged.pixels.shape
    more = "" if count <= _SHOWN else f", the first {_SHOWN}"
    heat = heatmap("maps", arranged.pixels, *scale)
    return Panel(
        f"{shown.label}: {count} map{'' if count == 1 else 's'} of {height} × {width}{more}",
        [heat | {"hovertemplate": "%{z:.4g}<extra></extra>"}],
        **pixels((0, rows - 1), (0, columns - 1), ticks=False),
        shapes=[outline("channel", [arranged.box(channel)])] if channel < _SHOWN else [],
        scale=scale,
        click=arranged.click("channel"),
        size="large",
    )


def _units(title: str, values: Any, channel: int) -> Panel:
    limits = value_range(values)
    bars = {
        "type": "bar",
        "name": "units",
        "x0": 0,
        "dx": 1,
        "y": np.ascontiguousarray(values),
        "marker": {"color": theme.OUTPUT},
        "hovertemplate": "unit %{x}: %{y:.4g}<extra></extra>",
    }
    box = (channel - 0.5, limits[0], channel + 0.5, limits[1])
    return Panel(
        title,
        [bars],
        **axes("unit", [-1, len(values)], limits),
        shapes=[outline("channel", [box], width=1.5)],
        click={"x": "channel"},
        size="large",
    )


def _one_channel(maps: Any, channel: int, place: tuple[int, int]) -> Panel:
    """Draw one channel with the chosen value; of a vector, its strongest units."""
    _, height, width = maps.shape
    row, column = place
    if height == width == 1:
        values = maps[:, 0, 0]
        order = np.argsort(-np.abs(np.nan_to_num(values)), kind="stable")[:10]
        strongest = {
            "type": "bar",
            "name": "strongest",
            "x": [str(index) for index in order],
            "y": values[order],
            "marker": {"color": theme.OUTPUT},
            "hovertemplate": "unit %{x}: %{y:.4g}<extra></extra>",
        }
        drawn = axes("unit", [], value_range(values))
        drawn["xaxis"] = drawn["xaxis"] | {"type": "category", "range": [-0.6, len(order) - 0.4]}
        return Panel(f"The {len(order)} strongest units", [strongest], **drawn)
    written = theme.number(float(maps[channel, row, column]))
    if height == 1:
        values = maps[channel, 0]
        value = [float(values[column])]
        return Panel(
            f"Channel {channel}, at {column}: {written}",
            [
                line("map", values, theme.OUTPUT),
                marks("value", [column], value, theme.WINDOW, symbol="circle-open", size=12),
            ],
            **axes("position", [-1, width], value_range(values)),
            click={"x": "column"},
        )
    edge = limit(maps[channel])
    return Panel(
        f"Channel {channel}, at ({row}, {column}): {written}",
        [heatmap("map", maps[channel], theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=[outline("value", [(column - 0.5, row - 0.5, column + 0.5, row + 0.5)])],
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "column", "y": "row"},
    )


def _seen(source: Any, inside: Region | None, region: Region | str) -> Panel:
    """Draw the part of the input that the chosen value depends on."""
    if isinstance(region, str) or inside is None:
        return empty("What it has seen is not known")
    whole = by([last - first + 1 for first, last in region])
    cut = "" if inside == region else ", the rest lies outside"
    title = f"What it has seen: {whole}{cut}"
    if len(inside) == 1:
        first, last = inside[0]
        part = source.reshape(-1, source.shape[-1])[:, first : last + 1]
        lines = [line(f"seen {index}", row, theme.INPUT, first) for index, row in enumerate(part)]
        return Panel(title, lines, **axes("position", [first - 1, last + 1], value_range(part)))
    (top, bottom), (left, right) = inside
    part = source[:, top : bottom + 1, left : right + 1].mean(axis=0)
    heat = heatmap("seen", part, theme.GREY, *grey_range(source)) | {"y0": top, "x0": left}
    return Panel(title, [heat], **pixels((top, bottom), (left, right)))


def _weights(module: nn.Module, channel: int, count: int) -> Panel:
    """Draw the weights of a channel: kernels on a sheet, or a row of numbers as bars."""
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor) or weight.ndim < 2 or len(weight) != count:
        kind = type(module).__name__
        return empty(f"{kind} has no kernels")
    kernels = weight.detach().float().cpu()[channel].numpy()
    if kernels.ndim == 3 and len(kernels) == 1:
        return matrix(f"Kernel {channel}", "weight", kernels[0])
    if kernels.ndim == 3:
        arranged = picture_grid(kernels[:_SHOWN])
        rows, columns = arranged.pixels.shape
        edge = limit(kernels)
        return Panel(
            f"Kernels of channel {channel}, one for each of {len(kernels)} inputs",
            [heatmap("weight", arranged.pixels, theme.TWO_SIDED, -edge, edge)],
            **pixels((0, rows - 1), (0, columns - 1), ticks=False),
            scale=(theme.TWO_SIDED, -edge, edge),
        )
    flat = kernels.reshape(-1, kernels.shape[-1])
    return Panel(
        f"{flat.size} weights of channel {channel}",
        [line(f"weight {index}", row, theme.WEIGHT) for index, row in enumerate(flat[:_SHOWN])],
        **axes("input", [-1, flat.shape[1]], value_range(flat)),
    )


def _facts(
    run: LayersTrace,
    shown: Layer,
    value: float,
    region: Region | str,
    shape: tuple[int, ...],
) -> list[tuple[str, str]]:
    values = shown.output[0].detach()
    zeros = int((values == 0).sum())
    missing = int((~torch.isfinite(values)).sum()) if values.is_floating_point() else 0
    parameters = sum(each.numel() for each in shown.module.parameters())
    facts = [
        ("Layer", str(shown.module)),
        ("In", ", ".join(by(each.shape[1:]) for each in shown.inputs)),
        ("Out", by(shown.output.shape[1:])),
        ("Parameters", f"{parameters:,}"),
        ("Zero", f"{zeros:,} of {values.numel():,} ({100 * zeros / values.numel():.0f} %)"),
        ("Chosen value", theme.number(value)),
    ]
    if missing:
        facts.append(("NaN or infinite", f"{missing:,} of {values.numel():,}"))
    facts.append(("It depends on", region if isinstance(region, str) else _written(region, shape)))
    if run.unseen:
        facts.append(("Not seen", "; ".join(run.unseen)))
    if run.failure:
        facts.append(("Failed", run.failure))
    return facts


def _written(region: Region, shape: tuple[int, ...]) -> str:
    axis_names = ("samples",) if len(region) == 1 else ("rows", "columns")
    written = ", ".join(
        f"{name} {first} to {last}".replace("-", "−")
        for name, (first, last) in zip(axis_names, region, strict=True)
    )
    return written if _clipped(region, shape[-len(region) :]) == region else f"{written} (padding)"
