"""Panels of what goes into a model and what comes out of it."""

from __future__ import annotations

from torch import Tensor

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import (
    axes,
    empty,
    grey_range,
    heatmap,
    line,
    outline,
    pixels,
    value_range,
)
from convrnn_lab.drawing.sheet import Panel
from convrnn_lab.drawing.words import by
from convrnn_lab.topics.network.fields import Region
from convrnn_lab.topics.network.pictures import Pictures

_SHOWN = 64
"""Lines that one panel shows at most, where there may be thousands."""


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


def seen_panel(source: Pictures, inside: Region | None, region: Region | str) -> Panel:
    """Draw the part of the input that the chosen value depends on.

    Parameters
    ----------
    source : Pictures
        Of the input.
    inside : Region or None
        What of the region lies inside the input.
    region : Region or str
        Or why there is none.
    """
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


def clipped(region: Region, source: Pictures) -> Region:
    """Return the part of a region that lies inside the input."""
    lengths = source.values.shape[-len(region) :]
    return tuple(
        (max(first, 0), min(last, length - 1))
        for (first, last), length in zip(region, lengths, strict=True)
    )


def _box(region: Region) -> tuple[float, float, float, float]:
    (top, bottom), (left, right) = region
    return (left - 0.5, top - 0.5, right + 0.5, bottom + 0.5)
