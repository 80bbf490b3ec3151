"""Explorers of one convolution: on an image, and on a signal."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor

from convrnn_lab import checks, data
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider, Values
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution import figure, trace
from convrnn_lab.topics.convolution.trace import ConvolutionTrace

KERNEL_LIMIT = 11
STRIDE_LIMIT = 4
DILATION_LIMIT = 4

_PAGE_SIZES = (3, 5, 9)
_ONE_DNN = threading.Lock()


def convolution(
    image: Any = "photograph",
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
        Of the output value; the middle one by default.
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
    settings = _settings(kernel_size, stride, padding, dilation, words=("same",))
    traced = _tracer(images, data.kernel, bias, seed)

    def view(image: str, row: int, column: int, **settings: Any) -> Sheet:
        return figure.convolution(traced(image, **settings), row, column)

    def last(axis: int) -> Callable[[Values], int]:
        return lambda before: _places(images(before["image"]).shape[axis], before) - 1

    height, width = images(images.start).shape
    row = (_places(height, settings) - 1) // 2 if row is None else row
    column = (_places(width, settings) - 1) // 2 if column is None else column
    return Explorer(
        view,
        {
            "image": Choice("image", images.names, images.start),
            "kernel": Choice("kernel", data.KERNELS, kernel),
            **_setting_controls(settings, ("same",)),
            "row": Slider("row", 0, last(0), row),
            "column": Slider("column", 0, last(1), column),
        },
        name="Convolution of an image",
        vary={
            "kernel": None,
            "kernel_size": _PAGE_SIZES,
            "stride": (1, 2),
            "padding": (0, "same"),
            "dilation": (1, 2),
            "row": (row // 2, row),
            "column": (column // 2, column),
        },
        scan=("row", "column"),
    )


def convolution1d(
    signal: Any = "ECG",
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
        Of the output value; the middle one by default.
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
    settings = _settings(kernel_size, stride, padding, dilation, words=("same", "causal"))
    traced = _tracer(signals, data.kernel1d, bias, seed)

    def view(signal: str, position: int, **settings: Any) -> Sheet:
        return figure.convolution1d(traced(signal, **settings), position)

    def last(before: Values) -> int:
        return _places(len(signals(before["signal"])), before) - 1

    samples = len(signals(signals.start))
    position = (_places(samples, settings) - 1) // 2 if position is None else position
    return Explorer(
        view,
        {
            "signal": Choice("signal", signals.names, signals.start),
            "kernel": Choice("kernel", data.KERNELS_1D, kernel),
            **_setting_controls(settings, ("same", "causal")),
            "position": Slider("position", 0, last, position),
        },
        name="Convolution of a signal",
        vary={
            "signal": None,
            "kernel": None,
            "kernel_size": _PAGE_SIZES,
            "stride": (1, 2),
            "padding": (0, "same", "causal"),
            "dilation": (1, 2),
            "position": (position // 2, position),
        },
        scan=("position",),
    )


def _settings(
    kernel_size: int, stride: int, padding: int | str, dilation: int, *, words: tuple[str, ...]
) -> dict[str, Any]:
    """Return the settings that both explorers share, refusing what the sliders do not offer."""
    checks.integer("kernel_size", kernel_size, 1, KERNEL_LIMIT)
    checks.integer("stride", stride, 1, STRIDE_LIMIT)
    checks.integer("dilation", dilation, 1, DILATION_LIMIT)
    checks.choice("padding", padding, [*range(kernel_size), *words])
    return {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
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
    def traced(name: str, *, kernel: str, kernel_size: int, **options: Any) -> ConvolutionTrace:
        weight = make_kernel(kernel, kernel_size, seed=seed)[None, None]
        # oneDNN compiles and keeps a program for each new setting, and sliders make thousands;
        # PyTorch's plain kernel is faster for inputs of this size, and keeps nothing. Putting the
        # flag back warns of a setting for Intel's GPUs, once. The flag is that of all threads: two
        # that switch it off would have the second put back what the first had set.
        with _ONE_DNN, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "TF32 acceleration")
            with torch.backends.mkldnn.flags(enabled=False):
                return trace.convolution(inputs(name)[None, None], weight, offset, **options)

    return traced


def _setting_controls(settings: Values, words: tuple[str, ...]) -> dict[str, Slider | Choice]:
    def paddings(before: Values) -> list[int | str]:
        return [*range(before["kernel_size"]), *words]

    return {
        "kernel_size": Slider("kernel size", 1, KERNEL_LIMIT, settings["kernel_size"]),
        "stride": Slider("stride", 1, STRIDE_LIMIT, settings["stride"]),
        "padding": Choice("padding", paddings, settings["padding"], ordered=True),
        "dilation": Slider("dilation", 1, DILATION_LIMIT, settings["dilation"]),
    }


def _places(length: int, settings: Values) -> int:
    """Count the output values on an axis of `length`."""
    size, stride, hole = settings["kernel_size"], settings["stride"], settings["dilation"]
    (pads,) = geometry.pads(settings["padding"], (size,), (stride,), (hole,))
    return geometry.output_length(length, size, stride=stride, padding=pads, dilation=hole)
