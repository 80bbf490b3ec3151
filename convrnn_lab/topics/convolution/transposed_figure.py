"""A transposed convolution drawn: what one input value spreads, and one output value gathers."""

from __future__ import annotations

from convrnn_lab.drawing import given, looks, theme, window_looks
from convrnn_lab.drawing.layer_looks import at_least
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
from convrnn_lab.topics.convolution.transposed_looks import (
    SeenGathered,
    SeenSpread,
    SeenTransposed,
)

Place = tuple[Seen, Seen]


def transposed_convolution(
    trace: TransposedConvolutionTrace | SeenTransposed,
    place: Place,
    output_place: Place,
    *,
    code: Seen = None,
) -> Sheet:
    """Draw a 2-D transposed convolution of one channel, seen from both sides.

    Parameters
    ----------
    trace : TransposedConvolutionTrace or SeenTransposed
        With one image, one input and one output channel.
    place : (row, column) of int or Look
        Of the input value whose copy of the kernel is shown.
    output_place : (row, column) of int or Look
        Of the output value that is taken apart.
    code : str or Look, optional
        The lines to be copied; by default the one that makes the layer.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If a place lies outside the input or the output.
    """
    seen = trace if isinstance(trace, SeenTransposed) else SeenTransposed.of(trace)
    spread, gathered = SeenSpread(seen, place), SeenGathered(seen, output_place)
    overlap = given.kept("overlap", window_looks.outer(*seen.reached_by))
    counts = looks.words("{} to {}", looks.least(overlap), looks.most(overlap))
    return Sheet(
        [
            _input_panel(seen, place, gathered),
            _output_panel(seen, output_place, spread),
            *_products(seen, spread, gathered),
            matrix(
                looks.words("Products on each output value: {}", counts),
                "overlap",
                overlap,
                grey=(0, at_least(looks.most(overlap), 1.0)),
                shape=(seen.outputs[0], seen.outputs[1]),
            ),
        ],
        title=looks.words("{} in, {} out", by(seen.values.shape), by(seen.outputs)),
        description=looks.words(
            "Each of {} values writes a {} kernel into an output of {}; {} products land on one "
            "output value, and the one at row {}, column {} has {}.",
            *(by(seen.values.shape), by(seen.kernel_size), by(seen.outputs), counts),
            *(*output_place, gathered.sum),
        ),
        facts=_facts(seen, gathered, overlap),
        code=seen.layer if code is None else code,
    )


def _products(seen: SeenTransposed, spread: SeenSpread, gathered: SeenGathered) -> list[Panel]:
    """Return the panels of what one value writes, and of what another one gathers."""
    written = looks.words("{} × kernel", looks.number(spread.value))
    title = looks.words("Gathered: {}", gathered.sum)
    down, across = seen.kernel_size
    rows, columns = gathered.shape
    return [
        matrix(written, "spread", spread.products, shape=(down, across)),
        matrix(title, "gathered", gathered.products, shape=(rows, columns)),
    ]


def _facts(seen: SeenTransposed, gathered: SeenGathered, overlap: Seen) -> list[tuple[str, Seen]]:
    height, width = (
        looks.words("({} − 1)·{} − 2·{} + {}·({} − 1) + {} + 1 = {}", *axis)
        for axis in zip(
            seen.values.shape,
            seen.stride,
            seen.padding,
            seen.dilation,
            seen.kernel_size,
            seen.output_padding,
            seen.outputs,
            strict=True,
        )
    )
    taps = seen.kernel_size[0] * seen.kernel_size[1]
    multiply_adds = window_looks.grouped(taps * seen.values.size)
    products = (*seen.values.shape, taps, multiply_adds)
    return [
        ("Output height", height),
        ("Output width", width),
        ("Reads rows", gathered.rows),
        ("Reads columns", gathered.columns),
        ("Products per value", window_looks.distinct(overlap)),
        ("Multiply-adds", looks.words("{} · {} inputs · {} = {}", *products)),
    ]


def _input_panel(seen: SeenTransposed, place: Place, gathered: SeenGathered) -> Panel:
    image, (row, column) = seen.values, place
    height, width = image.shape
    low, high = grey_range(image)
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


def _output_panel(seen: SeenTransposed, place: Place, spread: SeenSpread) -> Panel:
    edge, (row, column) = limit(seen.output), place
    there = looks.built(seen.output, row * seen.outputs[1] + column + 1)
    guides = picked(seen.outputs, *place)
    guides[-1]["line"]["color"] = theme.GATHERED
    taps, copy = window_outlines(spread.spans)
    rows, columns = _reach(seen)
    return Panel(
        looks.words("Output {}", by(seen.outputs)),
        [heatmap("output", there, theme.TWO_SIDED, -edge, edge)],
        **pixels(rows, columns),
        shapes=[taps, copy | {"name": "copy"}, *guides],
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "output_column", "y": "output_row"},
        size="large",
    )


def _reach(seen: SeenTransposed) -> list[tuple[Seen, Seen]]:
    """Return the first and the last index of the output and all copies, on each axis.

    What the padding cuts off is outlined too, past the border.
    """
    reach = []
    for (inputs, size, stride, padding, dilation), outputs in zip(
        seen.axes, seen.outputs, strict=True
    ):
        copies = (inputs - 1) * stride - padding + geometry.extent(size, dilation)
        reach.append((-padding, at_least(copies, outputs) - 1))
    return reach
