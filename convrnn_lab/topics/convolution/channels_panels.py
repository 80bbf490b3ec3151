"""Panels of a convolution of a colour picture, and what one of its values was made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from convrnn_lab.data.colours import CHANNELS
from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.layer_looks import item
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import (
    grey_range,
    heatmap,
    limit,
    matrix,
    picked,
    pixels,
    ring,
    window_outlines,
)
from convrnn_lab.drawing.sheet import Panel, Part, folded, quarter
from convrnn_lab.topics.convolution.seen_channels import SeenChannels
from convrnn_lab.topics.convolution.window_panels import output_panel, tap

_PALE = 4.0
"""A picture that is not read has a grey scale as many times as long, so that it is pale."""

_FONT_SIZES = [12] * 4 + [10, 9]
"""Of the numbers in a matrix, by its side."""


class SeenValue:
    """One value of one map, wherever one looks.

    Attributes
    ----------
    place : (filter, row, column)
    spans : list of (start, count, step)
        Pixels under the taps, on each axis.
    patches, weights, products : list of array or Look, one for each channel
    sums : list of float or Look
        Sum of the products, of each channel.
    bias : float or Look
    value : float or Look
        All sums and the bias.
    reads : list of int or Look
        1 for each channel that is read, 0 for others.
    """

    def __init__(self, seen: SeenChannels, place: Sequence[Seen]) -> None:
        self.place = place
        chosen, *position = place
        sliding = seen.sliding
        self.spans = [
            (at * stride - padding[0], size, 1)
            for at, stride, padding, size in zip(
                position, sliding.stride, sliding.padding, sliding.kernel_size, strict=True
            )
        ]
        each = range(len(CHANNELS))
        self.reads = [seen.reads(chosen, channel) for channel in each]
        self.patches = [looks.window(picture, self.spans) for picture in seen.pictures]
        self.weights = [looks.take(seen.weight, chosen, channel) for channel in each]
        self.products = list(map(looks.multiply, self.patches, self.weights))
        self.sums = list(map(looks.total, self.products))
        self.bias = looks.take(seen.bias, chosen)
        total = self.bias
        for one in self.sums:
            total = looks.add(total, one)
        self.value = looks.single(total)

    @property
    def sum(self) -> Seen:
        """How the value comes about, in words."""
        return looks.words(
            "{} + {} + {} + bias {} = {}",
            *map(looks.number, (*self.sums, self.bias, self.value)),
        )


def panels(seen: SeenChannels, value: SeenValue) -> list[Panel]:
    """Return the channels and the map, what makes one value, and folded what lies between."""
    chosen, row, column = value.place
    output = looks.take(seen.output, chosen)
    made = output_panel(output, seen.sliding.outputs, row, column)
    title = looks.words("Filter {}: {}", chosen, seen.named(chosen))
    each = range(len(CHANNELS))
    return [
        *(_picture(seen, value, channel) for channel in each),
        quarter(replace(made, title=title, scale=None)),
        *(_products(seen, value, channel) for channel in each),
        _added(value),
        *folded("Pixels and weights", [*_taken(seen, value)]),
        *folded("What each channel adds", [_part(seen, value, channel) for channel in each]),
    ]


def _titled(value: SeenValue, channel: int, title: Seen) -> Seen:
    """Return a title, or that the channel is not read."""
    name = CHANNELS[channel].capitalize()
    return looks.pick([f"{name}: not read", looks.words("{}{}", name, title)], value.reads[channel])


def _picture(seen: SeenChannels, value: SeenValue, channel: int) -> Panel:
    """Return one channel with the window; pale, and without it, where it is not read."""
    sliding, picture, is_read = seen.sliding, seen.pictures[channel], value.reads[channel]
    height, width = picture.shape
    (above, below), (before, after) = sliding.padding
    low, high = grey_range(seen.pictures)
    return Panel(
        _titled(value, channel, ""),
        [
            heatmap(
                CHANNELS[channel],
                picture,
                theme.GREY,
                looks.pick([high - _PALE * (high - low), low], is_read),
                high,
            ),
            ring(picture.shape, sliding.padding),
        ],
        **pixels((-above, height - 1 + below), (-before, width - 1 + after)),
        shapes=[_seen_only(shape, is_read) for shape in window_outlines(value.spans)],
        click={"x": tap(sliding, 1, "column"), "y": tap(sliding, 0, "row")},
        size="quarter",
    )


def _seen_only(shape: Part, is_read: Seen) -> Part:
    """Return an outline that is clear where a channel is not read."""
    line = shape["line"] | {"width": looks.pick([0, shape["line"]["width"]], is_read)}
    fill = looks.pick([theme.CLEAR, shape["fillcolor"]], is_read)
    return shape | {"line": line, "fillcolor": fill}


def _products(seen: SeenChannels, value: SeenValue, channel: int) -> Panel:
    """Return the products of one channel, whose numbers are small enough for a quarter."""
    title = looks.words(": products, sum {}", looks.number(value.sums[channel]))
    name, shape = f"product {CHANNELS[channel]}", seen.sliding.kernel_size
    panel = matrix(_titled(value, channel, title), name, value.products[channel], shape=shape)
    (heat,) = panel.traces
    smaller = heat | {"textfont": {"size": looks.pick(_FONT_SIZES, seen.size)}}
    return quarter(replace(panel, traces=[smaller]))


def _added(value: SeenValue) -> Panel:
    """Return the sums of all channels, the bias, and the value that they make."""
    names, lengths = [*CHANNELS, "bias", "value"], [*value.sums, value.bias, value.value]
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": "sums",
        "x": lengths,
        "y": names,
        "marker": {"color": theme.PRODUCT},
        "texttemplate": "%{x:.2~g}",
        "textposition": "outside",
        "textfont": {"size": 10},
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.4g}<extra></extra>",
    }
    limits = looks.extent(lengths, 0.4)  # the numbers stand outside the bars
    fixed: Part = {"fixedrange": True, "showgrid": False, "tickfont": {"size": 10}}
    return Panel(
        looks.words("Sums + bias = {}", looks.number(value.value)),
        [bars],
        xaxis=fixed | {"range": [item(limits, 0), item(limits, 1)], "showticklabels": False},
        # From the top down.
        yaxis=fixed | {"type": "category", "range": [len(names) - 0.4, -0.6]},
        size="quarter",
    )


def _taken(seen: SeenChannels, value: SeenValue) -> list[Panel]:
    """Return pixels and weights of each channel."""
    grey, shape = grey_range(seen.pictures), seen.sliding.kernel_size
    pixels_of, weights_of = ": under the window", ": × kernel"
    return [
        *(
            matrix(_titled(value, each, pixels_of), f"patch {name}", patch, grey=grey, shape=shape)
            for each, (name, patch) in enumerate(zip(CHANNELS, value.patches, strict=True))
        ),
        *(
            matrix(_titled(value, each, weights_of), f"weight {name}", weight, shape=shape)
            for each, (name, weight) in enumerate(zip(CHANNELS, value.weights, strict=True))
        ),
    ]


def _part(seen: SeenChannels, value: SeenValue, channel: int) -> Panel:
    """Return the map that one channel alone would make, without the bias."""
    chosen, row, column = value.place
    height, width = seen.sliding.outputs
    part = looks.take(seen.parts, channel * seen.filters + chosen)
    edge = limit(part)
    return Panel(
        _titled(value, channel, ": part of the map"),
        [heatmap(f"part {CHANNELS[channel]}", part, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=picked((height, width), row, column),
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "column", "y": "row"},
    )
