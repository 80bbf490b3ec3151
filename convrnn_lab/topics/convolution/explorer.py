"""Explorers of one convolution: on an image, and on a signal."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import torch
from torch import Tensor

from convrnn_lab import checks, data
from convrnn_lab.copied_code import call
from convrnn_lab.drawing import given, looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Control, Slider, Values
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution import figure, trace
from convrnn_lab.topics.convolution.sliding_explorer import sliding_explorer
from convrnn_lab.topics.convolution.trace import ConvolutionTrace

KERNEL_LIMIT = 11
STRIDE_LIMIT = 4
DILATION_LIMIT = 4

_VARY = {
    "kernel": None,
    "kernel_size": (3, 5, 9),
    "stride": (1, 2),
    "padding": (0,),
    "dilation": (1, 2),
}
_ONE_DNN = threading.Lock()


def convolution(
    image: object = "photograph",
    *,
    kernel: str = "Sobel x",
    kernel_size: int = 3,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
    bias: float = 0.0,
    row: int | None = None,
    column: int | None = None,
    seed: int = 0,
    image_size: int = 64,
) -> Explorer:
    """Slide a kernel over an image, and take one output value apart.

    Parameters
    ----------
    image : str, path or array
        The image to start with; one of your own stands beside the shipped ones in the list. See
        `data.image`.
    kernel : str
        One of `data.KERNELS`.
    kernel_size, stride, dilation : int
        1 to 11, 1 to 4, 1 to 4.
    padding : int or "same"
        0 to `kernel_size` - 1.
    bias : float
        Added to every output value.
    row, column : int, optional
        Of the output value; by default one over much contrast, near the middle.
    seed : int
        Of the random kernel.
    image_size : int
        Pixels of the longest side that larger images are reduced to, at most 256.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is out of range, the image cannot be used, or the setting makes no convolution.
    """
    checks.integer("image_size", image_size, 1, 256)
    images = Inputs(image, data.IMAGES, "your image", partial(data.image, size=image_size))
    traced = _tracer(images, data.kernel, bias, seed)

    def draw(name: str, place: Sequence[int], settings: Values) -> Sheet:
        steps = traced(name, **settings)
        read = call(data.image, "data", images.written(name, "image"), size=image_size)
        weight = _kernel_code(data.kernel, settings, seed)
        own = call(data.image, "data", "picture.png", size=image_size)
        code = _Code("pixels", (read, own), steps, weight, bias)
        return figure.convolution(steps, *place, code=code)

    return sliding_explorer(
        images,
        {
            "kernel": Choice("kernel", data.KERNELS, kernel),
            **_controls(kernel_size, stride, padding, dilation, words=("same",)),
        },
        (row, column),
        draw=draw,
        output_length=_output_length,
        name="Convolution of an image",
        vary=_VARY | {"padding": (0, "same")},
    )


def convolution1d(
    signal: object = "ECG",
    *,
    kernel: str = "Gaussian",
    kernel_size: int = 5,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
    bias: float = 0.0,
    position: int | None = None,
    seed: int = 0,
    length: int = 96,
) -> Explorer:
    """Slide a kernel over a signal, and take one output value apart.

    Parameters
    ----------
    signal : str, path or array
        The signal to start with; one of your own stands beside the shipped ones in the list. See
        `data.signal`.
    kernel : str
        One of `data.KERNELS_1D`.
    kernel_size, stride, dilation : int
        1 to 11, 1 to 4, 1 to 4.
    padding : int, "same" or "causal"
        0 to `kernel_size` - 1.
    bias : float
        Added to every output value.
    position : int, optional
        Of the output value; by default one over much contrast, near the middle.
    seed : int
        Of the random kernel.
    length : int
        Samples of the signal that are taken, at most 512.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is out of range, the signal cannot be used, or the setting makes no convolution.
    """
    checks.integer("length", length, 1, 512)
    signals = Inputs(signal, data.SIGNALS, "your signal", partial(data.signal, length=length))
    traced = _tracer(signals, data.kernel1d, bias, seed)

    def draw(name: str, place: Sequence[int], settings: Values) -> Sheet:
        steps = traced(name, **settings)
        read = call(data.signal, "data", signals.written(name, "signal"), length=length)
        weight = _kernel_code(data.kernel1d, settings, seed)
        code = _Code("samples", (read, None), steps, weight, bias)
        return figure.convolution1d(steps, *place, code=code)

    return sliding_explorer(
        signals,
        {
            "kernel": Choice("kernel", data.KERNELS_1D, kernel),
            **_controls(kernel_size, stride, padding, dilation, words=("same", "causal")),
        },
        (position,),
        draw=draw,
        output_length=_output_length,
        name="Convolution of a signal",
        vary={"signal": None, **_VARY, "padding": (0, "same", "causal")},
    )


def _controls(
    kernel_size: int, stride: int, padding: int | str, dilation: int, *, words: tuple[str, ...]
) -> dict[str, Control]:
    """Return the settings that both explorers share; `words` are paddings beside the numbers."""

    def paddings(before: Values) -> list[int | str]:
        return [*range(before["kernel_size"]), *words]

    return {
        "kernel_size": Slider("kernel size", 1, KERNEL_LIMIT, kernel_size),
        "stride": Slider("stride", 1, STRIDE_LIMIT, stride),
        "padding": Choice("padding", paddings, padding, ordered=True),
        "dilation": Slider("dilation", 1, DILATION_LIMIT, dilation),
    }


def _tracer(
    inputs: Inputs, make_kernel: Callable[..., Tensor], bias: float, seed: int
) -> Callable[..., ConvolutionTrace]:
    """Return the function from settings to convolution; it remembers the last few.

    Stepping through the output moves the window only, and the convolution is the same.
    """
    offset = torch.tensor([checks.number("bias", bias)], dtype=torch.float32)
    checks.integer("seed", seed, 0)

    @lru_cache(maxsize=4)
    def traced(
        name: str, *, kernel: str, kernel_size: int, **options: int | str
    ) -> ConvolutionTrace:
        weight = make_kernel(kernel, kernel_size, seed=seed)[None, None]
        # oneDNN compiles and keeps a program for each new setting, and sliders make thousands;
        # PyTorch's plain kernel is faster for inputs of this size, and keeps nothing. Putting the
        # flag back warns of a setting for Intel's GPUs, once. The flag is that of all threads: two
        # that switch it off would have the second put back what the first had set.
        with _ONE_DNN, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "TF32 acceleration")
            with torch.backends.mkldnn.flags(enabled=False):
                return trace.convolution(inputs(name)[None, None], weight, offset, **options)  # type: ignore[arg-type]

    return traced


def _kernel_code(make_kernel: Callable[..., Tensor], settings: Values, seed: int) -> str:
    name, size = settings["kernel"], settings["kernel_size"]
    return call(make_kernel, "data", name, size, seed=seed if name == "random" else 0)


@dataclass(frozen=True)
class _Code:
    """The lines that compute the output again, around the line that makes the layer.

    Attributes
    ----------
    values : str
        What the input is called.
    read : (str, str or None)
        What reads it, and what reads one of the reader's; None where its numbers are written.
    steps : ConvolutionTrace
    weight : str
        What makes the kernel.
    bias : float
    """

    values: str
    read: tuple[str, str | None]
    steps: ConvolutionTrace
    weight: str
    bias: float

    def __call__(self, given_input: Seen, given_weight: Seen) -> Seen:
        """Return the lines, with the numbers of the input and the kernel that a reader gave."""
        made = self.steps.code
        # Where one end has more padding than the other, the layer stands behind its zeros.
        layer = "layer[1]" if made.startswith("torch.nn.Sequential") else "layer"
        read, own = self.read
        lines = [
            "{} = {}",
            f"layer = {made}",
            f"{layer}.weight.data[:] = {{}}",
            f"{layer}.bias.data[:] = {self.bias}",
            f"output = layer({self.values}[None, None])[0, 0]",
        ]
        return looks.words(
            "\n".join(lines),
            self.values,
            given.where_given(given_input, own or _listed(given_input), read),
            given.where_given(given_weight, _listed(given_weight), self.weight),
        )


def _listed(values: Seen) -> Seen:
    return looks.words("torch.tensor({})", looks.listed(values))


def _output_length(length: int, settings: Values) -> int:
    """Count the output values on an axis of `length`."""
    size, stride, dilation = (settings[name] for name in ("kernel_size", "stride", "dilation"))
    (padding,) = geometry.pads(settings["padding"], (size,), (stride,), (dilation,))
    return geometry.output_length(length, size, stride=stride, padding=padding, dilation=dilation)
