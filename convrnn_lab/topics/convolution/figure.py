"""A convolution drawn: input with its window, output, and the arithmetic of one value."""

from __future__ import annotations

from dataclasses import replace

from convrnn_lab.drawing import looks, theme, window_looks
from convrnn_lab.drawing.layer_looks import at_least
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.output_line import Step, output_line
from convrnn_lab.drawing.parts import (
    bars,
    grey_range,
    matrix,
)
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.drawing.words import by, length_formula
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution.seen_convolution import SeenConvolution
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
    trace: ConvolutionTrace | SeenConvolution, row: Seen, column: Seen, *, code: Code | None = None
) -> Sheet:
    """Draw a 2-D convolution of one channel, and how the value at (`row`, `column`) came about.

    Parameters
    ----------
    trace : ConvolutionTrace or SeenConvolution
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
    seen = _seen(trace)
    window = Window(seen, "image", (row, column))
    shape, taps = seen.values.shape, seen.kernel_size
    grey = grey_range(seen.values)
    patch = matrix("Under the window", "patch", window.patch, grey=grey, shape=taps)
    panels = [
        input_panel(seen, window),
        output_panel(window.output, seen.outputs, row, column),
        patch,
        replace(matrix("× kernel", "weight", window.weight, shape=taps), gives=WEIGHT),
        matrix(looks.words("= products, {}", window.sum), "product", window.products, shape=taps),
    ]
    return Sheet(
        panels,
        title=looks.words("{} in, {} out", by(shape), by(seen.outputs)),
        description=looks.words(
            "A {} kernel slides over a {} image and gives {} values from {} to {}; the value at "
            "row {}, column {} is the sum of {} products, {}.",
            *(by(taps), by(shape), by(seen.outputs), *window.ends),
            *(row, column, seen.taps, window.sum),
        ),
        facts=_facts(seen, ("Output height", "Output width"), ("row", "column")),
        code=window.code(code),
    )


def convolution1d(
    trace: ConvolutionTrace | SeenConvolution, position: Seen, *, code: Code | None = None
) -> Sheet:
    """Draw a 1-D convolution of one channel, and how the value at `position` came about.

    Parameters
    ----------
    trace : ConvolutionTrace or SeenConvolution
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
    seen = _seen(trace)
    window = Window(seen, "signal", (position,))
    (count,), (stride,), taps = seen.outputs, seen.stride, seen.kernel_size
    across, step = _across(seen), Step.of_stride(stride)
    panels = [
        signal_panel(seen, window, across),
        output_line(window.output, position, across=across, step=step, count=count),
        bars("Under the window", "patch", window.patch, theme.INPUT, shape=taps),
        replace(bars("× kernel", "weight", window.weight, theme.WEIGHT, shape=taps), gives=WEIGHT),
        bars(
            looks.words("= products, {}", window.sum),
            "product",
            window.products,
            theme.PRODUCT,
            shape=taps,
        ),
    ]
    return Sheet(
        panels,
        title=looks.words("{} samples in, {} out", len(seen.values), count),
        description=looks.words(
            "A kernel of {} slides over a signal of {} samples and gives {} values from {} to {}; "
            "the value at position {} is the sum of {} products, {}.",
            *(*taps, len(seen.values), count, *window.ends, position, *taps, window.sum),
        ),
        facts=_facts(seen, ("Output length",), ("sample",)),
        code=window.code(code),
    )


def _seen(trace: ConvolutionTrace | SeenConvolution) -> SeenConvolution:
    return trace if isinstance(trace, SeenConvolution) else SeenConvolution.of(trace)


def _across(seen: SeenConvolution) -> list[Seen]:
    """Return the limits of the axis that a signal and its output share."""
    ((before, after),), (count,), (stride,) = seen.padding, seen.outputs, seen.stride
    last = at_least(len(seen.values) - 1 + after, (count - 1) * stride)
    return [-before - 1.0, last + 1.0]


def _facts(
    seen: SeenConvolution, lengths: tuple[str, ...], lines: tuple[str, ...]
) -> list[tuple[str, Seen]]:
    """Say what stands beside both figures; `lengths` and `lines` name the axes and their parts."""
    outputs = " · ".join(["{}"] * len(lengths))
    products = (*seen.outputs, seen.taps, window_looks.grouped(seen.multiply_adds))
    return [
        *_length_facts(seen, lengths),
        ("Window", _spans(seen)),
        ("Parameters", _parameters(seen)),
        ("Multiply-adds", looks.words(f"{outputs} outputs · {{}} = {{}}", *products)),
        ("Never read", window_looks.never_read(_windows(seen), lines)),
    ]


def _windows(seen: SeenConvolution) -> list[tuple[Seen, ...]]:
    """Return how a window slides along each axis, as `window_looks.never_read` takes it."""
    before = [first for first, _ in seen.padding]
    sliding = (seen.kernel_size, seen.stride, before, seen.dilation)
    return list(zip(seen.values.shape, seen.outputs, *sliding, strict=True))


def _spans(seen: SeenConvolution) -> Seen:
    spans = list(map(geometry.extent, seen.kernel_size, seen.dilation))
    whole = looks.words("{}, no holes", by(spans))
    holes = looks.words("{} taps over {} samples", by(seen.kernel_size), by(spans))
    return looks.pick([holes, whole], looks.equal(by(spans), by(seen.kernel_size)))


def _parameters(seen: SeenConvolution) -> Seen:
    biases = "0 biases" if seen.bias is None else "1 bias"
    total = seen.taps + int(seen.bias is not None)
    return looks.words(f"{{}} weights + {biases} = {{}}", seen.taps, total)


def _length_facts(seen: SeenConvolution, names: tuple[str, ...]) -> list[tuple[str, Seen]]:
    """Write the formula of `geometry.output_length` with this setting's numbers."""
    facts = []
    for name, length, size, stride, padding, dilation, outputs in zip(
        names,
        seen.values.shape,
        seen.kernel_size,
        seen.stride,
        seen.padding,
        seen.dilation,
        seen.outputs,
        strict=True,
    ):
        formula = length_formula(length, size, stride=stride, padding=padding, dilation=dilation)
        facts.append((name, looks.words("{} = {}", formula, outputs)))
    return facts
