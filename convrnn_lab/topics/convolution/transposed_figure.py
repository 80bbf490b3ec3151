"""A transposed convolution drawn: what one input value spreads, and one output value gathers."""

from __future__ import annotations

import numpy as np

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import (
    grey_range,
    heatmap,
    limit,
    matrix,
    outline,
    picked,
    pixels,
    window_outlines,
)
from convrnn_lab.drawing.sheet import Panel, Sheet
from convrnn_lab.drawing.words import by
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution.transposed_forms import TransposedConvolutionTrace
from convrnn_lab.topics.convolution.transposed_looks import SeenGathered, SeenSpread

Place = tuple[Seen, Seen]


def transposed_convolution(
    trace: TransposedConvolutionTrace,
    place: Place,
    output_place: Place,
    *,
    code: str | None = None,
) -> Sheet:
    """Draw a 2-D transposed convolution of one channel, seen from both sides.

    Parameters
    ----------
    trace : TransposedConvolutionTrace
        With one image, one input and one output channel.
    place : (row, column) of int or Look
        Of the input value whose copy of the kernel is shown.
    output_place : (row, column) of int or Look
        Of the output value that is taken apart.
    code : str, optional
        The lines to be copied; by default the one that makes the layer.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If a place lies outside the input or the output.
    """
    image = trace.input.reshape(trace.input.shape[-2:]).numpy()
    output = trace.output.reshape(trace.output.shape[-2:]).numpy()
    spread, gathered = SeenSpread(trace, place), SeenGathered(trace, output_place)
    overlap = trace.overlap.numpy().astype(np.int32)
    counts = f"{overlap.min()} to {overlap.max()}"
    return Sheet(
        [
            _input_panel(image, place, gathered),
            _output_panel(trace, output, output_place, spread),
            *_products(spread, gathered),
            matrix(
                f"Products on each output value: {counts}",
                "overlap",
                overlap,
                grey=(0, max(float(overlap.max()), 1.0)),
            ),
        ],
        title=f"{by(image.shape)} in, {by(output.shape)} out",
        description=looks.words(
            f"Each of {by(image.shape)} values writes a {by(trace.kernel_size)} kernel into an "
            f"output of {by(output.shape)}; {counts} products land on one output value, and the "
            "one at row {}, column {} has {}.",
            *(*output_place, gathered.sum),
        ),
        facts=_facts(trace, gathered, overlap),
        code=trace.code if code is None else code,
    )


def _products(spread: SeenSpread, gathered: SeenGathered) -> list[Panel]:
    """Return the panels of what one value writes, and of what another one gathers."""
    written = looks.words("{} × kernel", looks.number(spread.value))
    title = looks.words("Gathered: {}", gathered.sum)
    return [
        matrix(written, "spread", spread.products),
        matrix(title, "gathered", gathered.products, shape=gathered.shape),
    ]


def _facts(
    trace: TransposedConvolutionTrace, gathered: SeenGathered, overlap: np.ndarray
) -> list[tuple[str, Seen]]:
    lengths = [
        f"({length} − 1)·{stride} − 2·{padding} + {dilation}·({size} − 1) + {more} + 1 = {result}"
        for length, stride, padding, dilation, size, more, result in zip(
            trace.input.shape[-2:],
            trace.stride,
            trace.padding,
            trace.dilation,
            trace.kernel_size,
            trace.output_padding,
            trace.output.shape[-2:],
            strict=True,
        )
    ]
    counts = np.unique(overlap)
    taps = trace.weight[0].numel()
    inputs = " · ".join(map(str, trace.input.shape[-2:]))
    return [
        ("Output height", lengths[0]),
        ("Output width", lengths[1]),
        ("Reads rows", gathered.rows),
        ("Reads columns", gathered.columns),
        ("Products per value", ", ".join(map(str, counts))),
        ("Multiply-adds", f"{inputs} inputs · {taps} = {trace.multiply_adds:,}"),
    ]


def _input_panel(image: np.ndarray, place: Place, gathered: SeenGathered) -> Panel:
    height, width = image.shape
    low, high = grey_range(image)
    row, column = place
    return Panel(
        f"Input {by(image.shape)}",
        [heatmap("input", image, theme.GREY, low, high)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=[
            outline("read", [], color=theme.GATHERED, width=2, dash="dot")
            | {"path": gathered.read},
            outline("value", [(-0.5, -0.5, 0.5, 0.5)], moved=(column, row), width=3),
        ],
        scale=(theme.GREY, low, high),
        click={"x": "column", "y": "row"},
        size="large",
    )


def _output_panel(
    trace: TransposedConvolutionTrace, output: np.ndarray, place: Place, spread: SeenSpread
) -> Panel:
    edge, (row, column) = limit(output), place
    seen = looks.built(output, row * output.shape[1] + column + 1)
    guides = picked(output.shape, *place)
    guides[-1]["line"]["color"] = theme.GATHERED
    taps, copy = window_outlines(spread.spans)
    return Panel(
        f"Output {by(output.shape)}",
        [heatmap("output", seen, theme.TWO_SIDED, -edge, edge)],
        **pixels(*_reach(trace)),
        shapes=[taps, copy | {"name": "copy"}, *guides],
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "output_column", "y": "output_row"},
        size="large",
    )


def _reach(trace: TransposedConvolutionTrace) -> list[tuple[int, int]]:
    """Return the first and the last index of the output and all copies, on each axis.

    What the padding cuts off is outlined too, past the border.
    """
    axes = zip(
        *(trace.input.shape[-2:], trace.output.shape[-2:], trace.kernel_size, trace.dilation),
        *(trace.stride, trace.padding),
        strict=True,
    )
    return [
        (
            -padding,
            max((inputs - 1) * stride - padding + geometry.extent(size, dilation), outputs) - 1,
        )
        for inputs, outputs, size, dilation, stride, padding in axes
    ]
