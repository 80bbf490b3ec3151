"""The panel of a whole network: every map of every layer, and what the chosen one is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.layer_looks import fixed, tiled
from convrnn_lab.drawing.look_sums import reaches
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.network_looks import rays
from convrnn_lab.drawing.parts import UNHOVERED, grey_range, heatmap, limit, outline
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.topics.network.column_panels import HEIGHT, WIDTH, Column, named
from convrnn_lab.topics.network.layer import Layer

_ABOVE = 26
"""Units for the words above the columns."""


def whole(
    made: Sequence[Column],
    layers: Sequence[Layer],
    chosen: tuple[Seen, Seen],
    *,
    whole_below: Seen = 0,
    classes: Sequence[str] = (),
) -> Panel:
    """Draw a network from left to right, with the links to the chosen map.

    Parameters
    ----------
    made : sequence of Column
        Of the input and of each layer.
    layers : sequence of Layer
    chosen : (layer, channel)
        Place of the layer and of the map, or looks.
    whole_below : 0, 1 or Look
        Whether no map is marked, as what stands below tells of the whole network.
    classes : sequence of str
        Names of the last layer's values.
    """
    place, channel = chosen
    links = [_links(made[at], made[at + 1], layer, channel) for at, layer in enumerate(layers)]
    boxes = [_box(column, channel) for column in made[1:]]
    around = {"visible": False, "fixedrange": True}
    return Panel(
        "Every map of every layer: click one for its arithmetic, again to come back",
        [_words(made), *[_maps(column) for column in made], *_answers(made[-1], classes)],
        xaxis=around | {"range": [0, WIDTH], "constrain": "domain"},
        yaxis=around | {"range": [HEIGHT + 2, -_ABOVE], "scaleanchor": "x"},
        shapes=[
            outline("links", [], color=theme.PADDING, width=0.8)
            | {"path": looks.pick([looks.pick(links, place), ""], whole_below)},
            outline("chosen", [], width=2)
            | {"path": looks.pick([looks.pick(boxes, place), ""], whole_below)},
        ],
        click={
            "maps": {
                "controls": ["layer", "channel"],
                "again": "below",
                "boxes": [column.click(at) for at, column in enumerate(made[1:])],
            }
        },
        size="tall",
    )


def _words(made: Sequence[Column]) -> Part:
    """Write the name of each layer, and under it how many maps there are."""
    shown = named(made)
    middles = [column.middle for column in shown]
    return {
        "type": "scatter",
        "mode": "text",
        "name": "names",
        "x": [*middles, *middles],
        "y": [-20.0] * len(shown) + [-8.0] * len(shown),
        "text": [column.label for column in shown] + [column.counted() for column in shown],
        "textposition": "middle center",
        "textfont": {"size": 10},
        "cliponaxis": False,
    } | UNHOVERED


def _maps(column: Column) -> Part:
    """Draw the maps of a layer into its column."""
    values = column.values
    width, height = column.cell
    grey = column.label == "input"
    ends = grey_range(values.array) if grey else (-limit(values.array), limit(values.array))
    if values.maps.is_vector:
        z, across, down = looks.in_rows([_first(column)], column.across), width, height
    elif values.maps.is_sequence:
        z = _first(column)
        across, down = width / values.maps.values.shape[2], height
    else:
        z = tiled(values.array, column.across, column.shown)
        _, rows, columns = values.maps.values.shape
        across, down = width / (columns + 1), height / (rows + 1)
    heat = heatmap(f"maps of {column.label}", z, theme.GREY if grey else theme.TWO_SIDED, *ends)
    where = {"x0": column.left + across / 2, "dx": across, "y0": column.top + down / 2, "dy": down}
    return heat | where | {"hovertemplate": f"{column.label}: %{{z:.4g}}<extra></extra>"}


def _first(column: Column) -> Seen:
    """Return the values that are drawn of a vector or a sequence."""
    array, count = column.values.array, column.shown
    if len(column.values.maps.values) == count:
        return array
    lengths = column.values.maps.values.shape
    return looks.window(array, [(0, each, 1) for each in (count, lengths[2])][: 2 - _flat(column)])


def _flat(column: Column) -> int:
    return int(column.values.maps.is_vector)


def _box(column: Column, channel: Seen) -> Seen:
    """Return the outline of a map; none of one that is folded away."""
    (left, top), (width, height) = column.corner(channel), column.cell
    down = top + height - 1
    path = looks.words(
        "M{},{}h{}V{}h{}Z".replace("h", "H"), left, top, left + width - 1, down, left
    )
    return looks.pick([path, ""], reaches(channel, column.shown))


def _links(source: Column, column: Column, layer: Layer, channel: Seen) -> Seen:
    """Return the lines to a map from all those that it is made of."""
    left, top = column.corner(channel)
    middle = top + column.cell[1] / 2
    lines = rays(_sources(source, layer, channel), left, middle)
    return looks.pick([lines, ""], reaches(channel, column.shown))


def _sources(source: Column, layer: Layer, channel: Seen) -> Seen:
    ends = source.ends()
    module: Any = layer.module  # Any: attributes by the kind of layer
    if isinstance(module, (nn.Conv1d, nn.Conv2d)) and module.groups > 1:
        count = module.in_channels // module.groups
        first = channel // (module.out_channels // module.groups) * count
        inside = max(0, min(count, source.shown))
        return looks.window(ends, [(first, inside, 1), (0, 2, 1)])
    if len(layer.inputs[0][0]) == len(layer.output[0]) and not _mixes(module):
        return looks.take(ends, looks.pick([channel, 0], reaches(channel, source.shown)))
    if isinstance(module, nn.Flatten) and layer.inputs[0].ndim > 2:
        size = layer.output[0].numel() // len(layer.inputs[0][0])
        return looks.take(ends, _at_most(channel // size, source.shown - 1))
    return ends


def _at_most(value: Seen, bound: int) -> Seen:
    return looks.pick([value, bound], reaches(value, bound))


def _mixes(module: nn.Module) -> bool:
    """Tell whether a layer makes each map of all that it is given."""
    kinds = (nn.Conv1d, nn.Conv2d, nn.Linear, nn.Softmax, nn.LayerNorm, nn.GroupNorm)
    apart = (nn.BatchNorm1d, nn.BatchNorm2d, nn.PReLU)
    learnt = bool(list(module.parameters())) and not isinstance(module, apart)
    return isinstance(module, kinds) or learnt


def _answers(last: Column, classes: Sequence[str]) -> list[Part]:
    """Write the share of each class beside the last layer."""
    if not classes or last.across > 1 or last.shown != len(classes):
        return []
    shares = [fixed(100 * looks.take(last.values.array, each), 1) for each in range(last.shown)]
    written = zip(classes, shares, strict=True)
    _, height = last.cell
    return [
        {
            "type": "scatter",
            "mode": "text",
            "name": "answers",
            "x": [float(last.left + last.width + 4)] * last.shown,
            "y": [last.top + (each + 0.5) * height for each in range(last.shown)],
            "text": [looks.words("{}  {} %", name, share) for name, share in written],
            "textposition": "middle right",
            "textfont": {"size": 10},
            "cliponaxis": False,
        }
        | UNHOVERED
    ]
