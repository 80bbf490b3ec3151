"""Explorers of one convolution: on an image, and on a signal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
import torch
from torch import Tensor

from convrnn_lab import checks, data
from convrnn_lab.copied_code import call
from convrnn_lab.drawing import given, looks, window_looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.computed import plain_kernels
from convrnn_lab.explorer.controls import Choice, Control, Slider, Values
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.topics.convolution import figure, guides, trace
from convrnn_lab.topics.convolution.kernel_tables import kernel_code, kernel_tables
from convrnn_lab.topics.convolution.seen_convolution import SeenConvolution
from convrnn_lab.topics.convolution.sliding_explorer import sliding_explorer
from convrnn_lab.topics.convolution.trace import ConvolutionTrace

KERNEL_LIMIT = 11
STRIDE_LIMIT = 4
DILATION_LIMIT = 4


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
    seen = _Settings(images, data.kernel, data.KERNELS, bias, seed)

    def draw(name: str, place: Sequence[Seen], settings: Values) -> Sheet:
        steps, weight, refusal = seen(name, settings)
        read = call(data.image, "data", images.written(name, "image"), size=image_size)
        own = call(data.image, "data", "picture.png", size=image_size)
        code = _Code("pixels", (read, own), steps, weight, bias)
        return replace(figure.convolution(steps, *place, code=code), refusal=refusal)

    return sliding_explorer(
        images,
        {
            "kernel": Choice("kernel", data.KERNELS, kernel, look=True, computed=True),
            **_controls(kernel_size, stride, padding, dilation, words=("same",)),
        },
        (row, column),
        draw=draw,
        output_length=_output_length,
        name="Convolution of an image",
        vary={"image": None},
        guide=guides.IMAGE if image_size == 64 else (),  # its answers are of 64 × 64 pixels
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
    seen = _Settings(signals, data.kernel1d, data.KERNELS_1D, bias, seed)

    def draw(name: str, place: Sequence[Seen], settings: Values) -> Sheet:
        steps, weight, refusal = seen(name, settings)
        read = call(data.signal, "data", signals.written(name, "signal"), length=length)
        code = _Code("samples", (read, None), steps, weight, bias)
        return replace(figure.convolution1d(steps, *place, code=code), refusal=refusal)

    return sliding_explorer(
        signals,
        {
            "kernel": Choice("kernel", data.KERNELS_1D, kernel, look=True, computed=True),
            **_controls(kernel_size, stride, padding, dilation, words=("same", "causal")),
        },
        (position,),
        draw=draw,
        output_length=_output_length,
        name="Convolution of a signal",
        vary={"signal": None},
        guide=guides.SIGNAL if length == 96 else (),  # its answers are of 96 samples
    )


def _controls(
    kernel_size: int, stride: int, padding: int | str, dilation: int, *, words: tuple[str, ...]
) -> dict[str, Control]:
    """Return the settings that both explorers share; `words` are paddings beside the numbers."""
    lists = [[*range(size), *words] for size in range(1, KERNEL_LIMIT + 1)]

    def paddings(before: Values) -> Seen:
        return looks.pick(lists, before["kernel_size"] - 1)

    return {
        "kernel_size": Slider(
            "kernel size", 1, KERNEL_LIMIT, kernel_size, look=True, computed=True
        ),
        "stride": Slider("stride", 1, STRIDE_LIMIT, stride, look=True, computed=True),
        "padding": Choice("padding", paddings, padding, ordered=True, look=True, computed=True),
        "dilation": Slider("dilation", 1, DILATION_LIMIT, dilation, look=True, computed=True),
    }


class _Settings:
    """From settings to what the figure needs of a convolution, the kernel's code, and a refusal.

    Parameters
    ----------
    inputs : Inputs
    make : function
        `data.kernel` or `data.kernel1d`.
    kernels : sequence of str
        The names that it knows.
    bias : float
    seed : int
        Of the random kernel.
    """

    def __init__(
        self,
        inputs: Inputs,
        make: Callable[..., Tensor],
        kernels: Sequence[str],
        bias: float,
        seed: int,
    ) -> None:
        self._inputs = inputs
        self._make = make
        self._kernels = kernels
        self._bias = checks.number("bias", bias)
        self._seed = checks.integer("seed", seed, 0)
        # Stepping through the output moves the window only, and the convolution is the same.
        self._remembered = lru_cache(maxsize=4)(self._traced)

    def __call__(self, name: str, settings: Values) -> tuple[SeenConvolution, Seen, Seen]:
        """Return all three; where settings are looks, so that the browser computes them."""
        if looks.has_look(settings):
            return self._looked(name, **settings)
        weight = kernel_code(self._make, settings["kernel"], settings["kernel_size"], self._seed)
        return SeenConvolution.of(self._remembered(name, **settings)), weight, ""

    def _traced(
        self, name: str, *, kernel: str, kernel_size: int, **options: int | str
    ) -> ConvolutionTrace:
        weight = self._make(kernel, kernel_size, seed=self._seed)[None, None]
        offset = torch.tensor([self._bias], dtype=torch.float32)
        with plain_kernels():
            return trace.convolution(self._inputs(name)[None, None], weight, offset, **options)  # type: ignore[arg-type]

    def _looked(
        self, name: str, *, kernel: Seen, kernel_size: Seen, **options: Seen
    ) -> tuple[SeenConvolution, Seen, Seen]:
        values, bias = self._inputs(name).numpy(), float(np.float32(self._bias))
        named = (self._make, self._kernels, KERNEL_LIMIT, self._seed)
        tables = kernel_tables(*named, (kernel, kernel_size))
        sliding = (kernel_size, options["stride"], options["padding"], options["dilation"])
        refusals = [tables.refusal, window_looks.no_window(list(values.shape), *sliding)]
        seen = SeenConvolution.of_looks(values, tables.weight, bias, *sliding)
        return seen, tables.code, window_looks.first_text(refusals)


@dataclass(frozen=True)
class _Code:
    """The lines that compute the output again, around the line that makes the layer.

    Attributes
    ----------
    values : str
        What the input is called.
    read : (str, str or None)
        What reads it, and what reads one of the reader's; None where its numbers are written.
    steps : SeenConvolution
    weight : str or Look
        What makes the kernel.
    bias : float
    """

    values: str
    read: tuple[str, str | None]
    steps: SeenConvolution
    weight: Seen
    bias: float

    def __call__(self, given_input: Seen, given_weight: Seen) -> Seen:
        """Return the lines, with the numbers of the input and the kernel that a reader gave."""
        # Where one end has more padding than the other, the layer stands behind its zeros.
        layer = looks.pick(["layer", "layer[1]"], self.steps.apart)
        read, own = self.read
        lines = [
            "{} = {}",
            "layer = {}",
            "{}.weight.data[:] = {}",
            f"{{}}.bias.data[:] = {self.bias}",
            f"output = layer({self.values}[None, None])[0, 0]",
        ]
        return looks.words(
            "\n".join(lines),
            self.values,
            given.where_given(given_input, own or _listed(given_input), read),
            self.steps.layer,
            layer,
            given.where_given(given_weight, _listed(given_weight), self.weight),
            layer,
        )


def _listed(values: Seen) -> Seen:
    return looks.words("torch.tensor({})", looks.listed(values))


def _output_length(length: int, settings: Values) -> Seen:
    """Count the output values on an axis of `length`."""
    size, stride, dilation = (settings[name] for name in ("kernel_size", "stride", "dilation"))
    pair = window_looks.pads(settings["padding"], size, stride, dilation)
    return window_looks.output_length(length, size, stride, pair, dilation)
