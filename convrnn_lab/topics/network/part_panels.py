"""Parts of the panels of one value's arithmetic: small pictures, rows of numbers, one map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import (
    axes,
    bars,
    grey_range,
    heatmap,
    limit,
    line,
    matrix,
    outline,
    pixels,
    value_range,
    window_outlines,
)
from convrnn_lab.drawing.picture_grid import picture_grid
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.topics.network.values import Values

_BARS = 64
"""Values that are drawn as bars; more of them are a line."""


def small(title: Seen, parts: Seen, count: int, name: str) -> Panel:
    """Draw a small picture of each input map: with its numbers where there is only one.

    Parameters
    ----------
    title : str or Look
    parts : array or Look, shape (map, height, width) or (map, time)
    count : int
        Of the maps.
    name : str
        Of what is drawn.
    """
    if len(parts.shape) == 2:
        return matrix(title, name, parts)
    if count == 1:
        return matrix(title, name, looks.take(parts, 0))
    grid = picture_grid(parts, _BARS)
    rows, columns = grid.shape
    edge = limit(parts)
    heat = heatmap(name, grid.pixels, theme.TWO_SIDED, -edge, edge)
    return Panel(
        looks.words("{}, {} maps", title, str(count) if count <= _BARS else f"{_BARS} of {count}"),
        [heat | {"hovertemplate": "%{z:.4g}<extra></extra>"}],
        **pixels((0, rows - 1), (0, columns - 1), ticks=False),
    )


def few(title: Seen, names: Sequence[str], numbers: Sequence[Seen]) -> Panel:
    """Draw a few numbers as bars with their names."""
    bar: Part = {
        "type": "bar",
        "name": "numbers",
        "x": list(names),
        "y": list(numbers),
        "marker": {"color": theme.OUTPUT},
        "texttemplate": "%{y:.3~g}",
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x}: %{y:.4g}<extra></extra>",
    }
    around = axes("", [], looks.extent(list(numbers), 0.22))
    around["xaxis"] = {"type": "category", "fixedrange": True, "range": [-0.6, len(names) - 0.4]}
    return Panel(title, [bar], **around)


def row_of(title: Seen, name: str, values: Seen, count: int, *, what: str, role: str = "") -> Panel:
    """Draw a row of numbers: few as bars, many as a line."""
    colour = role or theme.PRODUCT
    if count > _BARS:
        drawn = [line(name, values, colour)]
        return Panel(title, drawn, **axes(what, [-1, count], value_range(values)))
    panel = bars(title, name, values, colour, shape=(count,))
    panel.traces[0]["hovertemplate"] = f"{what} %{{x}}: %{{y:.4g}}<extra></extra>"
    panel.xaxis["title"] = {"text": what, "font": {"size": 11}}
    return replace(panel, still=False)


def one_map(word: str, values: Values, channel: Seen, shapes: list[Part]) -> Panel:
    """Draw one map, or a row of a sequence as one."""
    picture = values.channel(channel)
    _, height, width = values.maps.values.shape
    if values.maps.is_sequence:
        picture = looks.in_rows([picture], width)
    edge = limit(picture)
    grey = word == "Input"
    colours = (theme.GREY, *grey_range(picture)) if grey else (theme.TWO_SIDED, -edge, edge)
    return Panel(
        looks.words("{}: {} {}", word, values.maps.channel, channel),
        [heatmap(word.lower(), picture, *colours)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=shapes,
        click={"x": "column", "y": "row"} if word == "After" else {},
    )


def window_shapes(spans: Sequence[tuple[Seen, int, int]]) -> list[Part]:
    """Return the outlines of a window in a map, or in a row."""
    return window_outlines(spans) if len(spans) == 2 else window_outlines([(0, 1, 1), *spans])


def size_of(spans: Sequence[tuple[Seen, int, int]]) -> tuple[int, int]:
    """Return height and width of a window, or of a row."""
    counts = [count for _, count, _ in spans]
    return (1, counts[0]) if len(counts) == 1 else (counts[0], counts[1])


def pixel_shapes(place: tuple[Seen, Seen]) -> list[Part]:
    """Return the outline of one value of a map."""
    row, column = place
    return [outline("value", [(-0.5, -0.5, 0.5, 0.5)], moved=(column, row))]


def one_of_values(
    word: str, values: Values, channel: Seen, place: tuple[Seen, Seen], *, marked: bool = True
) -> Panel:
    """Draw one map with its chosen value, or all values of a vector.

    Parameters
    ----------
    word : str
        What it is.
    values : Values
    channel : int or Look
    place : (row, column)
    marked : bool
        Whether the value is marked and said.
    """
    if not values.maps.is_vector:
        return one_map(word, values, channel, pixel_shapes(place) if marked else [])
    count = len(values.maps.values)
    title = looks.words(
        f"{word}: {values.maps.channel} {{}} is {{}}", channel, _said(values, channel)
    )
    panel = row_of(
        title if marked else f"{word}: {count} values",
        *(word.lower(), values.array, count),
        what=values.maps.channel,
        role=theme.OUTPUT,
    )
    line_at = looks.words("M{},-100000V100000", channel)
    drawn = outline("value", [], width=1) | {"path": line_at}
    return replace(panel, shapes=[drawn] if marked else [])


def _said(values: Values, channel: Seen) -> Seen:
    return looks.number(values.value(channel, 0, 0))


def numbers_of(parameter: Tensor) -> np.ndarray:
    """Return a parameter as an array."""
    numbers: np.ndarray = parameter.detach().float().cpu().numpy()
    return numbers
