"""Panels of what goes into a model and what comes out of it."""

from __future__ import annotations

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.layer_looks import at_least, fixed, item, largest, mean
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.moving_outlines import box
from convrnn_lab.drawing.parts import axes, empty, grey_range, heatmap, line, pixels, value_range
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.topics.network.fields import Region, inside_of
from convrnn_lab.topics.network.layer_panels import SHOWN
from convrnn_lab.topics.network.values import Values


def input_panel(source: Values, region: Region | None, click: Part | None = None) -> Panel:
    """Return the panel of a model's input: a picture, a sequence or a vector.

    Parameters
    ----------
    source : Values
    region : Region, optional
        Outlined; what of it lies inside the input.
    click : dict, optional
        As of a `Panel`.
    """
    maps = source.maps
    if maps.row:
        return _input_picture(source, region, click or {})
    over, count, what, rows = maps.channel, len(maps.values), maps.counted(), [source.array]
    if maps.is_sequence:
        rows = [source.channel(row) for row in range(min(count, SHOWN))]
        over, count = maps.column, maps.values.shape[2]
        what = f"{what} over {over} {count}"
    limits = value_range(source.array)
    shapes = []
    if region is not None:
        across, ends = _around(*region[-1]), (item(limits, 0), item(limits, 1))
        shapes = [box("field", across, ends, fill=theme.WINDOW_FILL, width=1.5)]
    return Panel(
        f"Input: {what}",
        [line(f"input {index}", row, theme.INPUT) for index, row in enumerate(rows)],
        **axes(over, [-1, count], limits),
        shapes=shapes,
        click=click or {},
        size="large",
    )


def _input_picture(source: Values, region: Region | None, click: Part) -> Panel:
    channels, height, width = source.maps.values.shape
    image = mean(source.array)
    across = "" if channels == 1 else f", mean of {channels} {source.maps.channel}s"
    scale = grey_range(image)
    return Panel(
        f"Input {height} × {width}{across}",
        [heatmap("input", image, theme.GREY, *scale)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=[_field(region)] if region else [],
        scale=(theme.GREY, *scale),
        click=click,
        size="large",
    )


def _field(region: Region) -> Part:
    down, across = region
    return box("field", _around(*across), _around(*down), fill=theme.WINDOW_FILL, width=2.5)


def _around(first: Seen, last: Seen) -> tuple[Seen, Seen]:
    """Return the outer edges of pixels or samples."""
    return first - 0.5, last + 0.5


def seen_panel(source: Values, region: Region | str) -> Panel:
    """Draw the part of the input that the chosen value depends on.

    Parameters
    ----------
    source : Values
        Of the input.
    region : Region or str
        What it depends on, or why that is not known.
    """
    if isinstance(region, str):
        return empty("What it has seen is not known")
    inside, beyond = inside_of(region, source.lengths(len(region)))
    sizes = [last - first + 1 for first, last in region]
    template = "What it has seen: " + " × ".join("{}" for _ in sizes) + "{}"
    title = looks.words(template, *sizes, looks.pick(["", ", the rest lies outside"], beyond))
    # All of it may lie outside.
    spans = [(first, at_least(last - first + 1, 0), 1) for first, last in inside]
    if len(inside) == 1:
        return _seen_samples(title, source, spans[0])
    (top, bottom), (left, right) = [
        (first, first + at_least(count, 1) - 1) for first, count, _ in spans
    ]
    scale = grey_range(source.array)
    heat = heatmap("seen", looks.window(mean(source.array), spans), theme.GREY, *scale)
    return Panel(title, [heat | {"y0": top, "x0": left}], **pixels((top, bottom), (left, right)))


def _seen_samples(title: Seen, source: Values, span: tuple[Seen, Seen, int]) -> Panel:
    first, count, _ = span
    channels = len(source.maps.values)
    rows = [looks.window(source.channel(each), [span]) for each in range(channels)]
    limits = value_range(looks.window(source.array, [(0, channels, 1), span]))
    lines = [line(f"seen {index}", row, theme.INPUT, first) for index, row in enumerate(rows)]
    return Panel(title, lines, **axes(source.maps.column, [first - 1, first + count], limits))


def probabilities(shares: Seen, names: tuple[str, ...], true: str | None = None) -> Panel:
    """Return the panel of class probabilities.

    Parameters
    ----------
    shares : array or Look, shape (class,)
    names : tuple of str
        Of the classes.
    true : str, optional
        The right class, which is named in the title.
    """
    best = largest(shares)
    share = fixed(100 * looks.take(shares, best), 1)
    wanted = "" if true is None else f", it is “{true}”"
    return Panel(
        looks.words("The model says “{}” with {} %{}", looks.pick(names, best), share, wanted),
        [
            {
                "type": "bar",
                "name": "probability",
                "x": list(names),
                "y": shares,
                "marker": {"color": [theme.OUTPUT] * len(names)},
                "texttemplate": "%{y:.0%}" if len(names) <= 12 else "",
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": "%{x}: %{y:.2%}<extra></extra>",
            }
        ],
        xaxis={"type": "category", "fixedrange": True, "tickfont": {"size": 11}},
        yaxis={"range": [0, 1.15], "fixedrange": True, "tickformat": ".0%", "nticks": 4},
    )
