"""A convolution drawn: input with its window, output, and the arithmetic of one value."""

from __future__ import annotations

from dataclasses import replace

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.output_line import Step, output_line
from convrnn_lab.drawing.parts import (
    bars,
    grey_range,
    matrix,
)
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.drawing.words import by, length_formula, unread
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution.trace import ConvolutionTrace
from convrnn_lab.topics.convolution.window_panels import (
    WEIGHT,
    Code,
    Window,
    input_panel,
    output_panel,
    signal_panel,
)


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
    window = Window(trace, "image", (row, column))
    image, output = trace.input.reshape(trace.input.shape[-2:]).numpy(), window.output
    panels = [
        input_panel(trace, image, window),
        output_panel(output, row, column),
        matrix("Under the window", "patch", window.patch, grey=grey_range(image)),
        replace(matrix("× kernel", "weight", window.weight), gives=WEIGHT),
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
    window = Window(trace, "signal", (position,))
    signal, count = trace.input.reshape(-1).numpy(), trace.output.shape[-1]
    (before, after), stride = trace.padding[0], trace.stride[0]
    last = max(len(signal) - 1 + after, (count - 1) * stride)
    across = [-before - 1.0, last + 1.0]
    panels = [
        signal_panel(trace, signal, window, across),
        output_line(window.output, position, across=across, step=Step.of_stride(stride)),
        bars("Under the window", "patch", window.patch, theme.INPUT),
        replace(bars("× kernel", "weight", window.weight, theme.WEIGHT), gives=WEIGHT),
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
