"""A convolution drawn: input with its window, output, and the arithmetic of one value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from convrnn_lab import checks
from convrnn_lab.drawing import given, looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.output_line import Step, output_line
from convrnn_lab.drawing.parts import (
    axes,
    bars,
    grey_range,
    heatmap,
    limit,
    line,
    marks,
    matrix,
    outline,
    picked,
    pixels,
    ring,
    value_range,
    window_outlines,
)
from convrnn_lab.drawing.sheet import Panel, Part, Sheet
from convrnn_lab.drawing.words import by, length_formula, unread
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution.trace import ConvolutionTrace

Code = str | Callable[[Seen, Seen], Seen]
"""Lines to be copied, or what makes them of an input and a kernel."""


def convolution(
    trace: ConvolutionTrace, row: Seen, column: Seen, *, code: Code | None = None
) -> Sheet:
    """Draw a 2-D convolution of one channel, and how the value at (`row`, `column`) came about.

    Parameters
    ----------
    trace : ConvolutionTrace
        With one image, one input and one output channel.
    row, column : int or Look
        Position of the value in the output.
    code : str or function, optional
        The lines to be copied; by default the one that makes the layer. A function makes them of
        the input and the kernel, in whose place a reader may give others.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If the position lies outside the output.
    """
    window = _Window(trace, "image", (row, column))
    image, output = trace.input.reshape(trace.input.shape[-2:]).numpy(), window.output
    panels = [
        _input_panel(trace, image, window),
        _output_panel(output, row, column),
        matrix("Under the window", "patch", window.patch, grey=grey_range(image)),
        replace(matrix("× kernel", "weight", window.weight), gives=_WEIGHT),
        matrix(looks.words("= products, {}", window.sum), "product", window.products),
    ]
    return Sheet(
        panels,
        title=f"{by(image.shape)} in, {by(output.shape)} out",
        description=looks.words(
            f"A {by(trace.kernel_size)} kernel slides over a {by(image.shape)} image and gives "
            f"{by(output.shape)} values from {{}} to {{}}; the value at row {{}}, column {{}} is "
            f"the sum of {trace.weight[0].numel()} products, {{}}.",
            *window.ends,
            row,
            column,
            window.sum,
        ),
        facts=_facts(trace, ("Output height", "Output width"), ("row", "column")),
        code=window.code(code),
    )


def convolution1d(trace: ConvolutionTrace, position: Seen, *, code: Code | None = None) -> Sheet:
    """Draw a 1-D convolution of one channel, and how the value at `position` came about.

    Parameters
    ----------
    trace : ConvolutionTrace
        With one signal, one input and one output channel.
    position : int or Look
        Index of the value in the output.
    code : str or function, optional
        The lines to be copied; by default the one that makes the layer. A function makes them of
        the input and the kernel, in whose place a reader may give others.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If the position lies outside the output.
    """
    window = _Window(trace, "signal", (position,))
    signal, count = trace.input.reshape(-1).numpy(), trace.output.shape[-1]
    (before, after), stride = trace.padding[0], trace.stride[0]
    last = max(len(signal) - 1 + after, (count - 1) * stride)
    across = [-before - 1.0, last + 1.0]
    panels = [
        _signal_panel(trace, signal, window, across),
        output_line(window.output, position, across=across, step=Step.of_stride(stride)),
        bars("Under the window", "patch", window.patch, theme.INPUT),
        replace(bars("× kernel", "weight", window.weight, theme.WEIGHT), gives=_WEIGHT),
        bars(looks.words("= products, {}", window.sum), "product", window.products, theme.PRODUCT),
    ]
    return Sheet(
        panels,
        title=f"{len(signal)} samples in, {count} out",
        description=looks.words(
            f"A kernel of {trace.kernel_size[0]} slides over a signal of {len(signal)} samples and "
            f"gives {count} values from {{}} to {{}}; the value at position {{}} is the sum of "
            f"{trace.kernel_size[0]} products, {{}}.",
            *window.ends,
            position,
            window.sum,
        ),
        facts=_facts(trace, ("Output length",), ("sample",)),
        code=window.code(code),
    )


_WEIGHT = {"name": "weight", "by": "numbers"}


class _Window:
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


def _facts(
    trace: ConvolutionTrace, lengths: tuple[str, ...], lines: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Say what stands beside both figures; `lengths` and `lines` name the axes and their parts."""
    outputs = " · ".join(map(str, trace.output.shape[-len(lengths) :]))
    taps = trace.weight[0].numel()
    return [
        *_length_facts(trace, lengths),
        ("Window", _spans(trace)),
        ("Parameters", _parameters(trace)),
        ("Multiply-adds", f"{outputs} outputs · {taps} = {trace.multiply_adds:,}"),
        ("Never read", unread(trace.unread, trace.input.shape[-len(lines) :], lines)),
    ]


def _spans(trace: ConvolutionTrace) -> str:
    spans = tuple(map(geometry.extent, trace.kernel_size, trace.dilation))
    if spans == trace.kernel_size:
        return f"{by(spans)}, no holes"
    return f"{by(trace.kernel_size)} taps over {by(spans)} samples"


def _parameters(trace: ConvolutionTrace) -> str:
    weights = trace.weight.numel()
    biases = trace.parameters - weights
    return f"{weights} weights + {biases} bias{'' if biases == 1 else 'es'} = {trace.parameters}"


def _length_facts(trace: ConvolutionTrace, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Write the formula of `geometry.output_length` with this setting's numbers."""
    axes = len(names)
    formulas = [
        length_formula(length, size, stride=stride, padding=padding, dilation=dilation)
        for length, size, stride, padding, dilation in zip(
            trace.input.shape[-axes:],
            trace.kernel_size,
            trace.stride,
            trace.padding,
            trace.dilation,
            strict=True,
        )
    ]
    lengths = trace.output.shape[-axes:]
    return [
        (name, f"{formula} = {length}")
        for name, formula, length in zip(names, formulas, lengths, strict=True)
    ]


def _input_panel(trace: ConvolutionTrace, image: np.ndarray, window: _Window) -> Panel:
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


def _output_panel(output: Seen, row: Seen, column: Seen) -> Panel:
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


def _signal_panel(
    trace: ConvolutionTrace, signal: np.ndarray, window: _Window, across: list[float]
) -> Panel:
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
