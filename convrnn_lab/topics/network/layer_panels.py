"""Panels of one layer: all that it gives, and one channel of it."""

from __future__ import annotations

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.layer_looks import item, strongest, texts
from convrnn_lab.drawing.look_sums import rows as rows_at
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.moving_outlines import box
from convrnn_lab.drawing.parts import (
    axes,
    drawn,
    heatmap,
    limit,
    line,
    marks,
    outline,
    pixels,
    value_range,
)
from convrnn_lab.drawing.picture_grid import picture_grid
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.topics.network.values import Values

SHOWN = 64
"""Pictures or lines that one panel shows at most, where there may be thousands."""


def outputs(label: str, values: Values, channel: Seen) -> Panel:
    """Draw all channels: pictures on a sheet, sequences as rows, a vector as bars.

    Parameters
    ----------
    label : str
        Of the layer.
    values : Values
        What it gives.
    channel : int or Look
        The chosen one.
    """
    maps = values.maps
    if maps.is_vector:
        return _units(f"{label}: {maps.counted()}", values, channel)
    if maps.is_sequence:
        return _over_time(label, values, channel)
    count, height, width = maps.values.shape
    edge = limit(values.array)
    scale = (theme.TWO_SIDED, -edge, edge)
    arrangement = picture_grid(values.array, SHOWN)
    rows, columns = arrangement.shape
    more = "" if count <= SHOWN else f", the first {SHOWN}"
    heat = heatmap("maps", arrangement.pixels, *scale)
    return Panel(
        f"{label}: {maps.counted()} of {height} × {width}{more}",
        [heat | {"hovertemplate": "%{z:.4g}<extra></extra>"}],
        **pixels((0, rows - 1), (0, columns - 1), ticks=False),
        shapes=[arrangement.outline("channel", channel)],
        scale=scale,
        click=arrangement.click("channel"),
        size="large",
    )


def _over_time(label: str, values: Values, channel: Seen) -> Panel:
    """Draw a sequence: time to the right, channels or features down."""
    maps = values.maps
    count, _, width = maps.values.shape
    edge = limit(values.array)
    scale = (theme.TWO_SIDED, -edge, edge)
    heat = heatmap("maps", values.array, *scale)
    hover = f"{maps.channel} %{{y}}, {maps.column} %{{x}}: %{{z:.4g}}<extra></extra>"
    fixed = {"fixedrange": True, "tickfont": {"size": 10}}
    row = (-0.5, -0.5, width - 0.5, 0.5)
    return Panel(
        f"{label}: {maps.counted()} over {maps.column} {width}",
        [heat | {"hovertemplate": hover}],
        xaxis=fixed | {"range": [-0.5, width - 0.5], "nticks": 8, "title": _small(maps.column)},
        yaxis=fixed | {"range": [count - 0.5, -0.5], "nticks": 6, "title": _small(maps.channel)},
        shapes=[outline("channel", [row], moved=(0, channel))],
        scale=scale,
        click={"x": "column", "y": "channel"},
        size="large",
    )


def _small(text: str) -> Part:
    return {"text": text, "font": {"size": 11}}


def _units(title: str, values: Values, channel: Seen) -> Panel:
    limits = value_range(values.array)
    ends = item(limits, 0), item(limits, 1)
    bars = {
        "type": "bar",
        "name": "units",
        "x0": 0,
        "dx": 1,
        "y": drawn(values.array),
        "marker": {"color": theme.OUTPUT},
        "hovertemplate": f"{values.maps.channel} %{{x}}: %{{y:.4g}}<extra></extra>",
    }
    return Panel(
        title,
        [bars],
        **axes(values.maps.channel, [-1, len(values.maps.values)], limits),
        shapes=[box("channel", (channel - 0.5, channel + 0.5), ends, width=1.5)],
        click={"x": "channel"},
        size="large",
    )


def one_channel(values: Values, channel: Seen, place: tuple[Seen, Seen]) -> Panel:
    """Draw one channel with the chosen value; of a vector, its strongest values.

    Parameters
    ----------
    values : Values
        What the layer gives.
    channel : int or Look
        The chosen one.
    place : (row, column)
    """
    maps = values.maps
    if maps.is_vector:
        return _strongest(values)
    row, column = place
    picture = values.channel(channel)
    written = looks.number(values.value(channel, row, column))
    where = maps.place(row, column)
    title = looks.words("{} {}{}: {}", maps.channel.capitalize(), channel, where, written)
    if maps.is_sequence:
        return _one_sequence(title, values, channel, column)
    _, height, width = maps.values.shape
    edge = limit(picture)
    return Panel(
        title,
        [heatmap("map", picture, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=[outline("value", [(-0.5, -0.5, 0.5, 0.5)], moved=(column, row))],
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "column", "y": "row"},
    )


def _strongest(values: Values) -> Panel:
    count = min(10, len(values.maps.values))
    order = strongest(values.array, count)
    bars = {
        "type": "bar",
        "name": "strongest",
        "x": texts(order),
        "y": rows_at(values.array, order),
        "marker": {"color": theme.OUTPUT},
        "hovertemplate": f"{values.maps.channel} %{{x}}: %{{y:.4g}}<extra></extra>",
    }
    around = axes(values.maps.channel, [], value_range(values.array))
    around["xaxis"] = around["xaxis"] | {
        "type": "category",
        "range": [-0.6, count - 0.4],
        "nticks": 10,
    }
    return Panel(f"The {count} strongest {values.maps.channel}s", [bars], **around)


def _one_sequence(title: Seen, values: Values, channel: Seen, column: Seen) -> Panel:
    row = values.channel(channel)
    value = [values.value(channel, 0, column)]
    return Panel(
        title,
        [
            line("map", row, theme.OUTPUT),
            marks("value", [column], value, theme.WINDOW, symbol="circle-open", size=12),
        ],
        **axes(values.maps.column, [-1, values.maps.values.shape[2]], value_range(row)),
        click={"x": "column"},
    )
