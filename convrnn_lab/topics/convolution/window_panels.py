"""Panels of a convolution, and what one of its values was made of, whatever a reader gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from convrnn_lab import checks
from convrnn_lab.drawing import given, looks, theme, window_looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import (
    axes,
    grey_range,
    heatmap,
    limit,
    line,
    marks,
    outline,
    picked,
    pixels,
    ring,
    value_range,
    window_outlines,
)
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.drawing.words import by
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution.seen_convolution import SeenConvolution

Code = str | Callable[[Seen, Seen], Seen]
"""Lines to be copied, or what makes them of an input and a kernel."""


WEIGHT = {"name": "weight", "by": "numbers"}
"""What a reader gives in the panel of the kernel."""


class Window:
    """What one output value was made of, wherever one looks, and whatever a reader gives.

    Attributes
    ----------
    input, weight, output : array or Look
    spans : list of (start, count, step), one for each axis
        Input indices under the taps.
    patch, products : array or Look, of the kernel's shape
    ends : list of str or Look
        The smallest and the largest output value.
    sum : str or Look
        How the value comes about, in words.
    """

    def __init__(self, seen: SeenConvolution, name: str, position: Sequence[Seen]) -> None:
        if not looks.has_look(position):
            checks.position(position, seen.outputs)
        self._seen = seen
        self.input = given.array(name, seen.values, position)
        self.weight = given.array("weight", seen.weight, position)
        self.output = self._output()
        self.ends = [looks.number(end(self.output)) for end in (looks.least, looks.most)]
        self.spans = [
            (place * stride - padding[0], size, dilation)
            for place, stride, padding, size, dilation in zip(
                *(position, seen.stride, seen.padding, seen.kernel_size, seen.dilation),
                strict=True,
            )
        ]
        self.patch = looks.window(self.input, self.spans)
        self.products = looks.multiply(self.patch, self.weight)
        self.sum = self._sum(looks.total(self.products))

    def _output(self) -> Seen:
        seen = self._seen
        settings = {
            "stride": list(seen.stride),
            "padding": [list(pair) for pair in seen.padding],
            "dilation": list(seen.dilation),
        }
        operands = (self.input, self.weight, self._bias, settings)
        return given.recomputed("output", seen.output, "convolution", *operands)

    @property
    def _bias(self) -> float:
        return 0.0 if self._seen.bias is None else self._seen.bias

    def _sum(self, total: Seen) -> Seen:
        return looks.words(
            f"sum {{}} + bias {theme.number(self._bias)} = {{}}",
            looks.number(looks.single(total)),
            looks.number(looks.single(looks.add(total, self._bias))),
        )

    def code(self, code: Code | None) -> Seen:
        """Return the lines to be copied."""
        if code is None:
            return self._seen.layer
        return code if isinstance(code, str) else code(self.input, self.weight)


def input_panel(seen: SeenConvolution, window: Window) -> Panel:
    """Return the panel of an image, in whose place one may be given, with its window."""
    height, width = seen.values.shape
    (above, below), (before, after) = seen.padding
    low, high = grey_range(seen.values)
    square = pixels((-above, height - 1 + below), (-before, width - 1 + after))
    name = given.where_given(window.input, "Your picture", "Input")
    return Panel(
        looks.words("{} {}{}", name, by(seen.values.shape), _padded(seen)),
        [
            heatmap("input", window.input, theme.GREY, low, high),
            ring(seen.values.shape, seen.padding),
        ],
        **square,
        shapes=window_outlines(window.spans),
        click={"x": tap(seen, 1, "column"), "y": tap(seen, 0, "row")},
        scale=(theme.GREY, low, high),
        gives={"name": "image", "by": "picture", "low": low, "high": high},
        size="large",
    )


def _padded(seen: SeenConvolution) -> Seen:
    lengths = zip(seen.values.shape, seen.padding, strict=True)
    written = by([length + before + after for length, (before, after) in lengths])
    return looks.pick(["", looks.words(", padded to {}", written)], seen.pads)


def tap(seen: SeenConvolution, axis: int, control: str) -> Part:
    """Return what a click on the input sets: the output value whose window has its middle there."""
    middle = (geometry.extent(seen.kernel_size[axis], seen.dilation[axis]) - 1) * 0.5
    start = middle - seen.padding[axis][0]
    return {"control": control, "start": start, "step": seen.stride[axis]}


def output_panel(output: Seen, shape: Sequence[Seen], row: Seen, column: Seen) -> Panel:
    """Return the panel of the output of an image, with one value marked."""
    height, width = shape
    edge = limit(output)
    there = looks.built(output, row * width + column + 1)
    return Panel(
        looks.words("Output {}", by(shape)),
        [heatmap("output", there, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=picked(shape, row, column),
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "column", "y": "row"},
        size="large",
    )


def signal_panel(seen: SeenConvolution, window: Window, across: list[Seen]) -> Panel:
    """Return the panel of a signal with its padding and the taps, over which one may be drawn."""
    (before, after), ((start, count, step),) = seen.padding[0], window.spans
    zeros = window_looks.beside(len(seen.values), before, after)
    flat = looks.multiply(zeros, 0.0)
    limits = value_range(seen.values)
    edge = window_looks.boxes([(-0.5, limits[0], (count - 1) * step + 0.5, limits[1])])
    name = given.where_given(window.input, "Your signal,", "Input")
    return Panel(
        looks.words("{} {} samples{}", name, len(seen.values), _padded(seen)),
        [
            line("input", window.input, theme.INPUT),
            marks("padding", zeros, flat, theme.PADDING, symbol="square-open", size=7),
            marks(
                "taps",
                looks.spaced(start, count, step),
                window.patch,
                theme.WINDOW,
                symbol="circle-open",
                size=10,
            ),
        ],
        **axes("position (samples)", across, limits),
        shapes=[outline("window", edge, moved=(start, 0), fill=theme.WINDOW_FILL, width=1.5)],
        click={"x": tap(seen, 0, "position")},
        gives={"name": "signal", "by": "pen"},
        size="wide",
    )
