"""An explorer of the transposed convolution, on few pixels."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from convrnn_lab import checks, data
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider, Values
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution import transposed_figure, transposed_trace
from convrnn_lab.topics.convolution.transposed_trace import TransposedConvolutionTrace

KERNEL_LIMIT = 5
STRIDE_LIMIT = 4
DILATION_LIMIT = 3


def transposed_convolution(
    image: Any = "digit 3",
    *,
    kernel: str = "box",
    kernel_size: int = 3,
    stride: int = 2,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
    row: int | None = None,
    column: int | None = None,
    output_row: int | None = None,
    output_column: int | None = None,
    seed: int = 0,
    image_size: int = 7,
) -> Explorer:
    """Write a kernel into an output for every pixel, and take both sides apart.

    Parameters
    ----------
    image : str, path or array
        The image to start with; one of your own stands beside the shipped ones in the list. See
        `data.image`.
    kernel : str
        One of `data.KERNELS`.
    kernel_size, stride, dilation : int
        1 to 5, 1 to 4, 1 to 3.
    padding : int
        Output samples cut off at each end, 0 to `kernel_size` - 1.
    output_padding : int
        Output samples added at the end, under `stride` or under `dilation`.
    row, column : int, optional
        Of the input value whose copy is shown; the middle one by default.
    output_row, output_column : int, optional
        Of the output value that is taken apart; by default the first one in that copy.
    seed : int
        Of the random kernel.
    image_size : int
        Pixels of the longest side that images are reduced to, at most 16.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is out of range, the image cannot be used, or the setting leaves no output.
    """
    checks.integer("image_size", image_size, 1, 16)
    checks.integer("seed", seed, 0)
    # Before they meet a formula.
    checks.integer("kernel_size", kernel_size, 1, KERNEL_LIMIT)
    checks.integer("stride", stride, 1, STRIDE_LIMIT)
    checks.integer("dilation", dilation, 1, DILATION_LIMIT)
    checks.choice("padding", padding, range(kernel_size))
    checks.choice("output_padding", output_padding, range(max(stride, dilation)))
    images = Inputs(image, data.IMAGES, "your image", partial(data.image, size=image_size))
    settings = {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "output_padding": output_padding,
    }

    @lru_cache(maxsize=4)
    def traced(
        name: str, kernel: str, kernel_size: int, **options: Any
    ) -> TransposedConvolutionTrace:
        weight = data.kernel(kernel, kernel_size, seed=seed)[None, None]
        return transposed_trace.transposed_convolution(images(name)[None], weight, **options)

    def view(
        image: str, row: int, column: int, output_row: int, output_column: int, **settings: Any
    ) -> Sheet:
        steps = traced(image, **settings)
        return transposed_figure.transposed_convolution(
            steps, (row, column), (output_row, output_column)
        )

    def last(axis: int) -> Callable[[Values], int]:
        return lambda before: images(before["image"]).shape[axis] - 1

    def last_output(axis: int) -> Callable[[Values], int]:
        return lambda before: _length(images(before["image"]).shape[axis], before) - 1

    height, width = images(images.start).shape
    row = (height - 1) // 2 if row is None else row
    column = (width - 1) // 2 if column is None else column
    last_row, last_column = _length(height, settings) - 1, _length(width, settings) - 1
    if output_row is None:
        output_row = min(max(row * stride - padding, 0), last_row)
    if output_column is None:
        output_column = min(max(column * stride - padding, 0), last_column)
    return Explorer(
        view,
        {
            "image": Choice("image", images.names, images.start),
            "kernel": Choice("kernel", data.KERNELS, kernel),
            "kernel_size": Slider("kernel size", 1, KERNEL_LIMIT, kernel_size),
            "stride": Slider("stride", 1, STRIDE_LIMIT, stride),
            "padding": Slider("padding", 0, lambda before: before["kernel_size"] - 1, padding),
            "dilation": Slider("dilation", 1, DILATION_LIMIT, dilation),
            "output_padding": Slider(
                "add at end",
                0,
                lambda before: max(before["stride"], before["dilation"]) - 1,
                output_padding,
            ),
            "row": Slider("row", 0, last(0), row),
            "column": Slider("column", 0, last(1), column),
            "output_row": Slider("output row", 0, last_output(0), output_row),
            "output_column": Slider("output column", 0, last_output(1), output_column),
        },
        name="Transposed convolution",
        vary={
            "kernel_size": (2, 3, 4),
            "stride": (1, 2, 3),
            "padding": (0, 1),
            "column": None,
            "output_column": None,
        },
        scan=("row", "column"),
    )


def _length(length: int, settings: Values) -> int:
    """Count the output values on an axis of `length`."""
    return geometry.transposed_length(
        length,
        settings["kernel_size"],
        stride=settings["stride"],
        padding=settings["padding"],
        output_padding=settings["output_padding"],
        dilation=settings["dilation"],
    )
