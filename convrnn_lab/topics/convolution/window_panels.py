"""Panels of a convolution, and what one of its values was made of, whatever a reader gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from convrnn_lab import checks
from convrnn_lab.drawing import given, looks, theme
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
from convrnn_lab.topics.convolution.trace import ConvolutionTrace

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

    def __init__(self, trace: ConvolutionTrace, name: str, position: Sequence[Seen]) -> None:
        axes = len(position)
        output = trace.output.reshape(trace.output.shape[-axes:]).numpy()
        if not looks.has_look(position):
            checks.position(position, output.shape)
        self._trace = trace
        values = trace.input.reshape(trace.input.shape[-axes:]).numpy()
        self.input = given.array(name, values, position)
        self.weight = given.array("weight", trace.weight[0, 0].numpy(), position)
        self.output = self._output(output)
        self.ends = [looks.number(end(self.output)) for end in (looks.least, looks.most)]
        self.spans = [
            (place * stride - padding[0], size, dilation)
            for place, stride, padding, size, dilation in zip(
                *(position, trace.stride, trace.padding, trace.kernel_size, trace.dilation),
                strict=True,
            )
        ]
        self.patch = looks.window(self.input, self.spans)
        self.products = looks.multiply(self.patch, self.weight)
        self.sum = self._sum(looks.total(self.products))

    def _output(self, output: np.ndarray) -> Seen:
        trace = self._trace
        settings = {
            "stride": list(trace.stride),
            "padding": [list(pair) for pair in trace.padding],
            "dilation": list(trace.dilation),
        }
        operands = (self.input, self.weight, self._bias, settings)
        return given.recomputed("output", output, "convolution", *operands)

    @property
    def _bias(self) -> float:
        return 0.0 if self._trace.bias is None else float(self._trace.bias[0])

    def _sum(self, total: Seen) -> Seen:
        return looks.words(
            f"sum {{}} + bias {theme.number(self._bias)} = {{}}",
            looks.number(looks.single(total)),
            looks.number(looks.single(looks.add(total, self._bias))),
        )

    def code(self, code: Code | None) -> Seen:
        """Return the lines to be copied."""
        if code is None:
            return self._trace.code
        return code if isinstance(code, str) else code(self.input, self.weight)


def input_panel(trace: ConvolutionTrace, image: np.ndarray, window: Window) -> Panel:
    """Return the panel of an image, in whose place one may be given, with its window."""
    height, width = image.shape
    (above, below), (before, after) = trace.padding
    low, high = grey_range(image)
    square = pixels((-above, height + below - 1), (-before, width + after - 1))
    padded = f", padded to {_padded(trace)}" if _pads(trace) else ""
    name = given.where_given(window.input, "Your picture", "Input")
    return Panel(
        looks.words(f"{{}} {by(image.shape)}{padded}", name),
        [
            heatmap("input", window.input, theme.GREY, low, high),
            ring(image.shape, trace.padding),
        ],
        **square,
        shapes=window_outlines(window.spans),
        click={"x": _tap(trace, 1, "column"), "y": _tap(trace, 0, "row")},
        scale=(theme.GREY, low, high),
        gives={"name": "image", "by": "picture", "low": low, "high": high},
        size="large",
    )


def _pads(trace: ConvolutionTrace) -> bool:
    return any(map(any, trace.padding))


def _padded(trace: ConvolutionTrace) -> str:
    lengths = trace.input.shape[-len(trace.padding) :]
    return by(tuple(n + sum(pad) for n, pad in zip(lengths, trace.padding, strict=True)))


def _tap(trace: ConvolutionTrace, axis: int, control: str) -> Part:
    """Return what a click on the input sets: the output value whose window has its middle there."""
    middle = (geometry.extent(trace.kernel_size[axis], trace.dilation[axis]) - 1) / 2
    start = middle - trace.padding[axis][0]
    return {"control": control, "start": start, "step": trace.stride[axis]}


def output_panel(output: Seen, row: Seen, column: Seen) -> Panel:
    """Return the panel of the output of an image, with one value marked."""
    height, width = output.shape
    edge = limit(output)
    seen = looks.built(output, row * width + column + 1)
    return Panel(
        f"Output {by(output.shape)}",
        [heatmap("output", seen, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=picked(output.shape, row, column),
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "column", "y": "row"},
        size="large",
    )


def signal_panel(
    trace: ConvolutionTrace, signal: np.ndarray, window: Window, across: list[float]
) -> Panel:
    """Return the panel of a signal with its padding and the taps, over which one may be drawn."""
    (before, after), ((start, count, step),) = trace.padding[0], window.spans
    last = len(signal) - 1
    zeros = [*range(-before, 0), *range(last + 1, last + 1 + after)]
    limits = value_range(signal)
    edge = (-0.5, limits[0], (count - 1) * step + 0.5, limits[1])
    padded = f", padded to {_padded(trace)}" if _pads(trace) else ""
    name = given.where_given(window.input, "Your signal,", "Input")
    return Panel(
        looks.words(f"{{}} {len(signal)} samples{padded}", name),
        [
            line("input", window.input, theme.INPUT),
            marks("padding", zeros, [0] * len(zeros), theme.PADDING, symbol="square-open", size=7),
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
        shapes=[outline("window", [edge], moved=(start, 0), fill=theme.WINDOW_FILL, width=1.5)],
        click={"x": _tap(trace, 0, "position")},
        gives={"name": "signal", "by": "pen"},
        size="wide",
    )
