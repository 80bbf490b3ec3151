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
from convrnn_lab.shapes.attention import kind_of
from convrnn_lab.topics.network.layer import Layer
from convrnn_lab.topics.network.pictures import Pictures, arranged
from convrnn_lab.topics.network.pictures import sizes as named_sizes
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
    code: str = "",
) -> Sheet:
    """Draw one layer of a run, one channel of it, and what one of its values has seen.

    Parameters
    ----------
    run : LayersTrace
        The first example of its batch is drawn.
    label : str
        Of the layer.
    channel : int
        Channel or feature.
    place : (row, column)
        Of the value in the channel; (0, time) in a sequence, (0, 0) in a vector.
    region : Region or str
        The receptive field of that value in the input, or why there is none.
    scores : Tensor, shape (class,), optional
        Probabilities of the model's output.
    classes : tuple of str
        Their names.
    code : str
        The lines that give the value.

    Returns
    -------
    Sheet
    """
    shown = run[label]
    maps = arranged(shown.output, shown.axes)
    source = arranged(run.input, run.input_axes)
    value = float(maps.values[(channel, *place)])
    inside = None if isinstance(region, str) else _clipped(region, source)
    panels = [
        input_panel(source, inside),
        _outputs(shown.label, maps, channel),
        _one_channel(maps, channel, place),
        _seen(source, inside, region),
        _weights(shown.module, channel, maps),
        *([] if scores is None else [probabilities(scores, classes)]),
    ]
    sizes = named_sizes(shown.output.shape, shown.axes)
    where = maps.place(*place)
    return Sheet(
        panels,
        title=f"{label}: {shown.kind} gives {sizes}"
        + (", later the model fails" * bool(run.failure)),
        description=(
            f"Layer {label} ({shown.kind}) gives {sizes}, values {_ends(maps.values)}; "
            f"{maps.channel} {channel}{where} has {theme.number(value)}."
        ),
        facts=_facts(run, shown, value, region, source),
        code=code,
    )


# Any: a numpy array, whose type says nothing of its shape.
def _ends(values: Any) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "none of them finite"
    return f"from {theme.number(float(finite.min()))} to {theme.number(float(finite.max()))}"


def input_panel(source: Pictures, region: Region | None) -> Panel:
    """Return the panel of a model's input: a picture, a sequence or a vector.

    Parameters
    ----------
    source : Pictures
    region : Region, optional
        Outlined.
    """
    if source.row:
        return _input_picture(source, region)
    rows = source.values[:, 0, :] if source.is_sequence else source.values[:, 0, 0][None]
    count = rows.shape[1]
    limits = value_range(rows)
    over = source.column if source.is_sequence else source.channel
    edges = [] if region is None else [(region[-1][0] - 0.5, region[-1][1] + 0.5)]
    what = (
        f"{source.counted()} over {source.column} {count}"
        if source.is_sequence
        else source.counted()
    )
    return Panel(
        f"Input: {what}",
        [line(f"input {index}", row, theme.INPUT) for index, row in enumerate(rows[:_SHOWN])],
        **axes(over, [-1, count], limits),
        shapes=[
            outline("field", [(left, limits[0], right, limits[1])], fill=theme.WINDOW_FILL)
            for left, right in edges
        ],
        size="large",
    )


def _input_picture(source: Pictures, region: Region | None) -> Panel:
    channels, height, width = source.values.shape
    image = source.values.mean(axis=0)
    mean = "" if channels == 1 else f", mean of {channels} {source.channel}s"
    scale = grey_range(image)
    return Panel(
        f"Input {height} × {width}{mean}",
        [heatmap("input", image, theme.GREY, *scale)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=[outline("field", [_box(region)], fill=theme.WINDOW_FILL)] if region else [],
        scale=(theme.GREY, *scale),
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


def _clipped(region: Region, source: Pictures) -> Region:
    """Return the part of a region that lies inside the input."""
    lengths = source.values.shape[-len(region) :]
    return tuple(
        (max(first, 0), min(last, length - 1))
        for (first, last), length in zip(region, lengths, strict=True)
    )


def _box(region: Region) -> tuple[float, float, float, float]:
    (top, bottom), (left, right) = region
    return (left - 0.5, top - 0.5, right + 0.5, bottom + 0.5)


def _outputs(label: str, maps: Pictures, channel: int) -> Panel:
    """Draw all channels: pictures on a sheet, sequences as rows, a vector as bars."""
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


# Any: plotly's title.
def _small(text: str) -> dict[str, Any]:
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


def _one_channel(maps: Pictures, channel: int, place: tuple[int, int]) -> Panel:
    """Draw one channel with the chosen value; of a vector, its strongest values."""
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


# Any: a numpy array, whose type says nothing of its shape.
def _one_sequence(title: str, maps: Pictures, values: Any, column: int) -> Panel:
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


def _seen(source: Pictures, inside: Region | None, region: Region | str) -> Panel:
    """Draw the part of the input that the chosen value depends on."""
    if isinstance(region, str) or inside is None:
        return empty("What it has seen is not known")
    whole = by([last - first + 1 for first, last in region])
    cut = "" if inside == region else ", the rest lies outside"
    title = f"What it has seen: {whole}{cut}"
    if len(inside) == 1:
        first, last = inside[0]
        part = source.values[:, 0, first : last + 1]
        lines = [line(f"seen {index}", row, theme.INPUT, first) for index, row in enumerate(part)]
        return Panel(title, lines, **axes(source.column, [first - 1, last + 1], value_range(part)))
    (top, bottom), (left, right) = inside
    part = source.values[:, top : bottom + 1, left : right + 1].mean(axis=0)
    heat = heatmap("seen", part, theme.GREY, *grey_range(source.values)) | {"y0": top, "x0": left}
    return Panel(title, [heat], **pixels((top, bottom), (left, right)))


def _weights(module: nn.Module, channel: int, maps: Pictures) -> Panel:
    """Draw the weights of a channel: kernels on a sheet, or a row of numbers as bars."""
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


# Any: a numpy array, whose type says nothing of its shape.
def _kernels(channel: int, kernels: Any) -> Panel:
    arrangement = picture_grid(kernels[:_SHOWN])
    rows, columns = arrangement.pixels.shape
    edge = limit(kernels)
    return Panel(
        f"Kernels of channel {channel}, one for each of {len(kernels)} inputs",
        [heatmap("weight", arrangement.pixels, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, rows - 1), (0, columns - 1), ticks=False),
        scale=(theme.TWO_SIDED, -edge, edge),
    )


def _facts(
    run: LayersTrace, shown: Layer, value: float, region: Region | str, source: Pictures
) -> list[tuple[str, str]]:
    given = [named_sizes(each.shape, shown.input_axes) for each in shown.inputs[:1]]
    given += [by(each.shape) for each in shown.inputs[1:]]
    parameters = sum(each.numel() for each in shown.module.parameters())
    return [
        ("Layer", str(shown.module)),
        ("In", ", ".join(given)),
        ("Out", named_sizes(shown.output.shape, shown.axes)),
        ("Parameters", f"{parameters:,}"),
        *_counted_values(shown),
        ("Chosen value", theme.number(value)),
        ("It depends on", region if isinstance(region, str) else _written(region, source)),
        *([("Not seen", "; ".join(dict.fromkeys(run.unseen)))] if run.unseen else []),
        *([("Failed", run.failure)] if run.failure else []),
    ]


def _counted_values(shown: Layer) -> list[tuple[str, str]]:
    """Count the zeros of the first example, and what is no number."""
    values = _first_example(shown.output, shown.axes)
    zeros = int((values == 0).sum())
    share = f"{100 * zeros / max(values.numel(), 1):.0f} %"
    facts = [("Zero", f"{zeros:,} of {values.numel():,} ({share})")]
    missing = int((~torch.isfinite(values)).sum()) if values.is_floating_point() else 0
    if missing:
        facts.append(("NaN or infinite", f"{missing:,} of {values.numel():,}"))
    return facts


def _first_example(output: Tensor, names: tuple[str, ...]) -> Tensor:
    values = output.detach()
    return values.select(names.index("batch"), 0) if "batch" in names else values


def _written(region: Region, source: Pictures) -> str:
    axis_names = ("samples",) if len(region) == 1 else ("rows", "columns")
    written = ", ".join(
        f"{name} {first} to {last}".replace("-", "−")
        for name, (first, last) in zip(axis_names, region, strict=True)
    )
    return written if _clipped(region, source) == region else f"{written} (padding)"
