"""A transposed convolution drawn: what one input value spreads, and one output value gathers."""

from __future__ import annotations

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import (
    Box,
    around,
    boxes,
    grey_range,
    heatmap,
    limit,
    matrix,
    outline,
    picked,
    pixels,
)
from convrnn_lab.drawing.sheet import Panel, Sheet
from convrnn_lab.drawing.words import by
from convrnn_lab.topics.convolution.transposed_forms import (
    Gathered,
    Spread,
    TransposedConvolutionTrace,
)

Place = tuple[int, int]


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
    place : (row, column)
        Of the input value whose copy of the kernel is shown.
    output_place : (row, column)
        Of the output value that is taken apart.
    code : str, optional
        The lines to be copied; by default the one that makes the layer.

    Returns
    -------
    Sheet
    """
    image = trace.input.reshape(trace.input.shape[-2:]).numpy()
    output = trace.output.reshape(trace.output.shape[-2:]).numpy()
    front = [0] * (trace.input.ndim - 2)
    spread, gathered = trace.spread(*front, *place), trace.gathered(*front, *output_place)
    overlap = trace.overlap.numpy().astype(np.int32)
    counts = f"{overlap.min()} to {overlap.max()}"
    return Sheet(
        [
            _input_panel(image, place, gathered),
            _output_panel(output, output_place, spread),
            *_products(spread, gathered),
            matrix(
                f"Products on each output value: {counts}",
                "overlap",
                overlap,
                grey=(0, max(float(overlap.max()), 1.0)),
            ),
        ],
        title=f"{by(image.shape)} in, {by(output.shape)} out",
        description=(
            f"Each of {by(image.shape)} values writes a {by(trace.kernel_size)} kernel into an "
            f"output of {by(output.shape)}; {counts} products land on one output value, and the "
            f"one at row {output_place[0]}, column {output_place[1]} has {_sum(gathered)}."
        ),
        facts=_facts(trace, gathered, overlap),
        code=trace.code if code is None else code,
    )


def _products(spread: Spread, gathered: Gathered) -> list[Panel]:
    """Return the panels of what one value writes, and of what another one gathers."""
    value = theme.number(float(spread.value))
    products = gathered.products[0].numpy()
    shown = products if products.size else np.zeros((1, 1), dtype=products.dtype)
    return [
        matrix(f"{value} × kernel", "spread", spread.products[0].numpy()),
        matrix(f"Gathered: {_sum(gathered)}", "gathered", shown),
    ]


def _sum(gathered: Gathered) -> str:
    count = gathered.products.numel()
    total = theme.number(float(gathered.sum))
    return f"{count} product{'' if count == 1 else 's'}, sum {total}"


def _facts(
    trace: TransposedConvolutionTrace, gathered: Gathered, overlap: np.ndarray
) -> list[tuple[str, str]]:
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
        ("Reads rows", _listed(gathered.inputs[0])),
        ("Reads columns", _listed(gathered.inputs[1])),
        ("Products per value", ", ".join(map(str, counts))),
        ("Multiply-adds", f"{inputs} inputs · {taps} = {trace.multiply_adds:,}"),
    ]


def _listed(indices: tuple[int, ...]) -> str:
    return ", ".join(map(str, indices)) if indices else "none: no kernel reaches here"


def _input_panel(image: np.ndarray, place: Place, gathered: Gathered) -> Panel:
    height, width = image.shape
    low, high = grey_range(image)
    row, column = place
    read: list[Box] = boxes(gathered.inputs) if all(gathered.inputs) else []
    return Panel(
        f"Input {by(image.shape)}",
        [heatmap("input", image, theme.GREY, low, high)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=[
            outline("read", read, color=theme.GATHERED, width=2, dash="dot"),
            outline("value", [(column - 0.5, row - 0.5, column + 0.5, row + 0.5)], width=3),
        ],
        scale=(theme.GREY, low, high),
        click={"x": "column", "y": "row"},
        size="large",
    )


def _output_panel(output: np.ndarray, place: Place, spread: Spread) -> Panel:
    height, width = output.shape
    edge = limit(output)
    rows, columns = spread.places
    # What the padding cuts off is outlined too, past the border.
    square = pixels(
        (min(rows[0], 0), max(rows[-1], height - 1)),
        (min(columns[0], 0), max(columns[-1], width - 1)),
    )
    guides = picked(output.shape, *place)
    guides[-1]["line"]["color"] = theme.GATHERED
    return Panel(
        f"Output {by(output.shape)}",
        [heatmap("output", output, theme.TWO_SIDED, -edge, edge)],
        **square,
        shapes=[
            outline("taps", boxes(spread.places), fill=theme.WINDOW_FILL, width=0.5),
            outline("copy", [around(spread.places)]),
            *guides,
        ],
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "output_column", "y": "output_row"},
        size="large",
    )
