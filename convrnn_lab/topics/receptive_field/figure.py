"""A stack of layers drawn: what its output reads, layer by layer, and how strongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import axes, heatmap, outline, pixels
from convrnn_lab.drawing.sheet import Panel, Part, Sheet
from convrnn_lab.drawing.words import by
from convrnn_lab.topics.receptive_field.measured import MeasuredField
from convrnn_lab.topics.receptive_field.trace import LayerField, ReceptiveField

_LINES = 1500
"""Lines that are still told apart; beyond, only the outermost of each value are drawn."""
_PIXELS = 85


@dataclass(frozen=True)
class Level:
    """One layer of a 1-D stack, as far as the output reads it.

    Attributes
    ----------
    name : str
        Such as "conv 3, dilation 2"; "input" for the lowest.
    positions : sequence of int
        Those that the output's position 0 reads.
    taps : sequence of int
        Where position 0 of this layer reads the layer below; empty for the input.
    stride : int
        How far its next position reads further.
    """

    name: str
    positions: Sequence[int]
    taps: Sequence[int]
    stride: int


def stack(
    levels: Sequence[Level],
    field: ReceptiveField,
    measured: MeasuredField,
    *,
    weights: str,
    code: str,
) -> Sheet:
    """Draw what one output value of a stack reads.

    Parameters
    ----------
    levels : sequence of Level
        From the input to the output.
    field : ReceptiveField
        Of the stack along one axis, by formula.
    measured : MeasuredField
        Of the same stack in two dimensions, by gradient.
    weights : str
        What the weights are whose gradient is drawn.
    code : str
        The lines that make the stack, and measure its field.

    Returns
    -------
    Sheet
    """
    size, taps = field.size[0], field.taps[0]
    holes = size - len(taps)
    said = f"{holes} of them holes" if holes else "no holes"
    spread = theme.number(measured.spread[0])
    return Sheet(
        [_cone(levels, field), _growth(field.layers), _effective(field, measured, weights)],
        title=f"One output value reads {size} samples, {said}",
        description=(
            f"A stack of {len(levels) - 1} layers whose output value reads {size} input samples "
            f"along each axis, {said}, at a stride of {field.stride[0]}; with {weights} weights "
            f"its influence has a standard deviation of {spread} samples."
        ),
        facts=_facts(levels, field, measured),
        code=code,
    )


def _facts(
    levels: Sequence[Level], field: ReceptiveField, measured: MeasuredField
) -> list[tuple[str, str]]:
    layers = [
        (
            f"{i}. {level.name}",
            f"size {layer.size[0]}, stride {layer.stride[0]}, centre {layer.centre[0]:g}",
        )
        for i, (level, layer) in enumerate(zip(levels[1:], field.layers, strict=True), 1)
    ]
    middle = tuple((size - 1) // 2 for size in measured.effective.shape)
    share = float(measured.effective[middle] / measured.effective.max().clamp(min=1e-30))
    spread = f"standard deviation {theme.number(measured.spread[0])} of {field.size[0]} samples"
    return [
        *layers,
        ("By gradient", f"{by(measured.size)}, centre {measured.centre[0]:g}"),
        ("Effective field", spread),
        ("Middle pixel", f"{theme.number(share)} of the most influential one"),
    ]


def _centres(field: ReceptiveField) -> list[tuple[float, int]]:
    """Return where position 0 of each level lies over the input, and its stride."""
    return [(0.0, 1), *((layer.centre[0], layer.stride[0]) for layer in field.layers)]


def _cone(levels: Sequence[Level], field: ReceptiveField) -> Panel:
    places, size = _centres(field), field.size[0]
    edges = sum(len(level.positions) * len(level.taps) for level in levels)
    few = edges <= _LINES
    drawn = axes("input position (samples)", [-1, size], [-0.4, len(levels) - 0.6])
    across, up = drawn["xaxis"], drawn["yaxis"]
    read = [
        (centre + position * stride, height)
        for height, (level, (centre, stride)) in enumerate(zip(levels, places, strict=True))
        for position in level.positions
    ]
    return Panel(
        f"What the output reads, layer by layer{'' if few else ' (outermost lines only)'}",
        [
            _dots("samples", list(range(size)), [0] * size, theme.PADDING, "circle-open"),
            _links(levels, places, every=few),
            _dots("read", [x for x, _ in read], [y for _, y in read], theme.INPUT, "circle"),
        ],
        xaxis=across,
        yaxis=up | _named_heights(levels),
        size="wide",
    )


def _named_heights(levels: Sequence[Level]) -> Part:
    """Return what an axis needs to have the layers' names at their heights."""
    return {
        "tickvals": list(range(len(levels))),
        "ticktext": [level.name.split(",")[0] for level in levels],
        "nticks": len(levels),
        "zeroline": False,
    }


def _links(levels: Sequence[Level], places: Sequence[tuple[float, int]], *, every: bool) -> Part:
    """Return the lines from each value to those that it reads, or to the outermost of them."""
    across: list[float | None] = []
    up: list[float | None] = []
    for height, level in enumerate(levels[1:], 1):
        (centre, stride), (below, below_stride) = places[height], places[height - 1]
        for position in level.positions:
            for tap in level.taps if every else (level.taps[0], level.taps[-1]):
                source = below + (position * level.stride + tap) * below_stride
                across += [centre + position * stride, source, None]
                up += [height, height - 1, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "reads",
        "x": _numbers(across),
        "y": _numbers(up),
        "line": {"color": theme.WINDOW, "width": 0.7},
        "hoverinfo": "skip",
    }


def _numbers(values: Sequence[float | None]) -> np.ndarray:
    """Return numbers with NaN for the gaps, which travel as bytes and not as text."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float32)


def _dots(name: str, x: Sequence[float], y: Sequence[float], colour: str, symbol: str) -> Part:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": _numbers(x),
        "y": np.array(y, dtype=np.float32),
        "marker": {"color": colour, "size": 5, "symbol": symbol},
        "hovertemplate": "%{x}<extra></extra>",
    }


def _growth(layers: Sequence[LayerField]) -> Panel:
    x = list(range(1, len(layers) + 1))

    def line(name: str, y: list[int], colour: str, symbol: str) -> Part:
        return {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": x,
            "y": y,
            "line": {"color": colour, "width": 1.5},
            "marker": {"size": 8, "symbol": symbol},
            "hovertemplate": f"after layer %{{x}}: {name} %{{y}}<extra></extra>",
        }

    sizes = [layer.size[0] for layer in layers]
    strides = [layer.stride[0] for layer in layers]
    return Panel(
        "Size (circles) and stride (squares) after each layer, in samples",
        [
            line("size", sizes, theme.WINDOW, "circle"),
            line("stride", strides, theme.OUTPUT, "square"),
        ],
        **axes("layer", [0.5, len(layers) + 0.5], [0, 1.1 * max(*sizes, *strides)]),
        size="large",
    )


def _effective(field: ReceptiveField, measured: MeasuredField, weights: str) -> Panel:
    values = measured.effective.numpy()
    size = len(values)
    block = -(-size // _PIXELS)
    shown = _thinned(values, block)
    # The first pixel's centre, where a pixel stands for several samples.
    start = (block - 1) / 2
    largest = float(shown.max()) or 1.0
    heat = heatmap("effective", shown, theme.GREY, 0.0, largest)
    heat |= {"x0": start, "dx": block, "y0": start, "dy": block}
    edge = (-0.5, -0.5, field.size[0] - 0.5, field.size[0] - 0.5)
    room = max(1.0, 0.04 * size)
    return Panel(
        f"Effective field, {weights} weights, in the formula's outline",
        [heat],
        **pixels((-room, size - 1 + room), (-room, size - 1 + room)),
        shapes=[outline("field", [edge])],
        scale=(theme.GREY, 0.0, largest),
        size="large",
    )


def _thinned(values: np.ndarray, block: int) -> np.ndarray:
    """Return the means of square blocks; the last ones may be cut off by the edge."""
    if block == 1:
        return values
    starts = np.arange(0, len(values), block)
    sums = np.add.reduceat(np.add.reduceat(values, starts, 0), starts, 1)
    counts = np.diff([*starts, len(values)])
    means: np.ndarray = sums / np.outer(counts, counts)
    return means
