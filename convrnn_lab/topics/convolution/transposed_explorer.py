"""An explorer of the transposed convolution, on few pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial

from convrnn_lab import checks, data
from convrnn_lab.copied_code import call
from convrnn_lab.drawing import looks, window_looks
from convrnn_lab.drawing.layer_looks import at_least
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.computed import plain_kernels
from convrnn_lab.explorer.controls import Choice, Control, Slider, Value, Values, check
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.explorer.wording import said, said_with
from convrnn_lab.topics.convolution import guides, transposed_figure, transposed_trace
from convrnn_lab.topics.convolution.kernel_tables import kernel_code, kernel_tables
from convrnn_lab.topics.convolution.transposed_forms import TransposedConvolutionTrace
from convrnn_lab.topics.convolution.transposed_looks import SeenTransposed

KERNEL_LIMIT = 5
STRIDE_LIMIT = 4
DILATION_LIMIT = 3

Place = tuple[int | None, int | None]
"""Row and column; None for the usual one."""

_LABELS = {"kernel_size": "kernel size", "output_padding": "add at end"}
_OPTIONS = ("stride", "padding", "output_padding", "dilation")
"""In the order of `window_looks.transposed_length`, behind the kernel size."""

_PLACES = ("row", "column", "output_row", "output_column")


def transposed_convolution(
    image: object = "digit 3",
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
    images = Inputs(image, data.IMAGES, "your image", partial(data.image, size=image_size))
    controls: dict[str, Control] = {
        "image": Choice("image", images.names, images.start),
        "kernel": Choice("kernel", data.KERNELS, kernel, look=True, computed=True),
        **_setting_controls(kernel_size, stride, padding, dilation, output_padding),
    }
    settled = _Settings(images, seed)

    def view(image: str, **settings: Value) -> Sheet:
        row, column, output_row, output_column = (settings.pop(name) for name in _PLACES)
        with said_with(_LABELS, equals=" "):
            seen, weight, refusal = settled(image, settings)
        read = call(data.image, "data", images.written(image, "image"), size=image_size)
        places = (row, column), (output_row, output_column)
        sheet = transposed_figure.transposed_convolution(
            seen, *places, code=_code(read, seen, weight)
        )
        return replace(sheet, refusal=said(refusal, _LABELS, " "))

    start = _check_start(controls, images, settled)
    controls |= _place_sliders(images, start, (row, column), (output_row, output_column))
    name, scan = "Transposed convolution", ("output_row", "output_column")
    steps = guides.TRANSPOSED if image_size == 7 else ()  # its answers are of 7 × 7 pixels
    return Explorer(view, controls, name=name, vary={"image": None}, scan=scan, guide=steps)


def _setting_controls(
    kernel_size: int, stride: int, padding: int, dilation: int, output_padding: int
) -> dict[str, Control]:
    def last_padding(before: Values) -> Seen:
        return before["kernel_size"] - 1

    def last_added(before: Values) -> Seen:
        return at_least(before["stride"], before["dilation"]) - 1

    slider = partial(Slider, look=True, computed=True)
    rare = partial(slider, group="More settings")
    return {
        "kernel_size": slider("kernel size", 1, KERNEL_LIMIT, kernel_size),
        "stride": slider("stride", 1, STRIDE_LIMIT, stride),
        "padding": slider("padding", 0, last_padding, padding),
        "dilation": rare("dilation", 1, DILATION_LIMIT, dilation),
        "output_padding": rare("add at end", 0, last_added, output_padding),
    }


class _Settings:
    """From settings to what the figure needs, the kernel's code, and a refusal.

    Parameters
    ----------
    images : Inputs
    seed : int
        Of the random kernel.
    """

    def __init__(self, images: Inputs, seed: int) -> None:
        self._images = images
        self._seed = seed
        self._remembered = lru_cache(maxsize=4)(self._traced)

    def __call__(self, name: str, settings: Values) -> tuple[SeenTransposed, Seen, Seen]:
        """Return all three; where settings are looks, so that the browser computes them."""
        if looks.has_look(settings):
            return self._looked(name, **settings)
        kernel, size = settings["kernel"], settings["kernel_size"]
        weight = kernel_code(data.kernel, kernel, size, self._seed)
        return SeenTransposed.of(self._remembered(name, **settings)), weight, ""

    def _traced(
        self, name: str, *, kernel: str, kernel_size: int, **options: int
    ) -> TransposedConvolutionTrace:
        weight = data.kernel(kernel, kernel_size, seed=self._seed)[None, None]
        values = self._images(name)[None]  # (channel, height, width)
        with plain_kernels():
            return transposed_trace.transposed_convolution(values, weight, None, **options)

    def _looked(
        self, name: str, *, kernel: Seen, kernel_size: Seen, **options: Seen
    ) -> tuple[SeenTransposed, Seen, Seen]:
        named = (data.kernel, data.KERNELS, KERNEL_LIMIT, self._seed)
        tables = kernel_tables(*named, (kernel, kernel_size))
        values = self._images(name).numpy()
        settings = [kernel_size, *(options[each] for each in _OPTIONS)]
        refusals = [tables.refusal, window_looks.nothing_left(list(values.shape), *settings)]
        seen = SeenTransposed.of_looks(values, tables.weight, settings)
        return seen, tables.code, window_looks.first_text(refusals)


def _check_start(
    controls: Mapping[str, Control],
    images: Inputs,
    settled: Callable[[str, Values], object],
) -> Values:
    """Return the start values, or refuse them in the words of the arguments."""
    start: dict[str, Value] = {name: control.start for name, control in controls.items()}
    check(controls, start)  # before they meet a formula
    for length in images(start["image"]).shape:
        _output_length(length, start)
    settled(start["image"], {name: start[name] for name in start if name != "image"})
    return start


def _place_sliders(
    images: Inputs, start: Values, place: Place, output_place: Place
) -> dict[str, Slider]:
    """Return the sliders of both places, which begin in the middle and in its copy."""
    lengths = images(start["image"]).shape
    ends = [_output_length(length, start) - 1 for length in lengths]
    inputs = [
        (length - 1) // 2 if given is None else given
        for given, length in zip(place, lengths, strict=True)
    ]
    outputs = [
        min(max(index * start["stride"] - start["padding"], 0), end) if given is None else given
        for given, index, end in zip(output_place, inputs, ends, strict=True)
    ]

    def last(axis: int, before: Values) -> int:
        return images(before["image"]).shape[axis] - 1

    def last_output(axis: int, before: Values) -> Seen:
        return _output_length(images(before["image"]).shape[axis], before) - 1

    return {
        "row": Slider("row", 0, partial(last, 0), inputs[0], look=True, group="Input position"),
        "column": Slider(
            "column", 0, partial(last, 1), inputs[1], look=True, group="Input position"
        ),
        "output_row": Slider("output row", 0, partial(last_output, 0), outputs[0], look=True),
        "output_column": Slider("output column", 0, partial(last_output, 1), outputs[1], look=True),
    }


def _code(read: str, seen: SeenTransposed, weight: Seen) -> Seen:
    """Write the lines that compute the output again, around the line that makes the layer."""
    lines = [
        "pixels = {}",
        "layer = {}",
        "layer.weight.data[:] = {}",
        "output = layer(pixels[None, None])[0, 0]",
    ]
    return looks.words("\n".join(lines), read, seen.layer, weight)


def _output_length(length: int, settings: Values) -> Seen:
    """Count the output values on an axis of `length`."""
    options = (settings[name] for name in _OPTIONS)
    return window_looks.transposed_length(length, settings["kernel_size"], *options)
