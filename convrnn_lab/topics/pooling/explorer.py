"""Explorers of one pool: on an image, and on a signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

from convrnn_lab import checks, data
from convrnn_lab.copied_code import call
from convrnn_lab.drawing import given, looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Value, Values
from convrnn_lab.explorer.guide import Step
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.topics.convolution.sliding_explorer import Draw, sliding_explorer
from convrnn_lab.topics.pooling import figure, guides, trace
from convrnn_lab.topics.pooling.kind_controls import (
    KINDS,
    arguments,
    checked,
    controls,
    output_length,
)
from convrnn_lab.topics.pooling.trace import PoolingTrace

_VARY = {
    "kind": None,
    "window": (2, 3),
    "stride": (1, "window"),
    "padding": (0, 1),
    "dilation": (1, 2),
    "ceil_mode": ("no", "yes"),
    "include_padding": ("yes", "no"),
    "p": (1, 2, 3, 4),
    "output_size": (2, 4, 5, 7),
}
"""The values that a page holds."""


def pooling(
    image: object = "photograph",
    *,
    kind: str = "max",
    window: int = 2,
    stride: int | str = "window",
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
    include_padding: bool = True,
    p: int = 2,
    output_size: int = 4,
    row: int | None = None,
    column: int | None = None,
    image_size: int = 64,
) -> Explorer:
    """Pool an image, and take one output value apart.

    A setting that means nothing for the kind has one value only, which changes nothing.

    Parameters
    ----------
    image : str, path or array
        The image to start with; one of your own stands beside the shipped ones in the list. See
        `data.image`.
    kind : str
        One of `KINDS`.
    window : int
        1 to 8.
    stride : int or "window"
        1 to 4, or as long as the window.
    padding : int
        0 to half of `window`; for a maximum and an average.
    dilation : int
        1 to 3; for a maximum.
    ceil_mode : bool
        Whether the output size is rounded up.
    include_padding : bool
        Whether an average counts the padding.
    p : int
        Exponent of "Lp", 1 to 4.
    output_size : int
        Of the adaptive kinds, 1 to 8.
    row, column : int, optional
        Of the output value; by default one over much contrast, near the middle.
    image_size : int
        Pixels of the longest side that larger images are reduced to, at most 256.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is out of range, the image cannot be used, or the setting makes no pool.
    """
    checks.integer("image_size", image_size, 1, 256)
    images = Inputs(image, data.IMAGES, "your image", partial(data.image, size=image_size))
    settings = {
        "kind": kind,
        "window": window,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "ceil_mode": ceil_mode,
        "include_padding": include_padding,
        "p": p,
        "output_size": output_size,
    }
    traced = _tracer(images)

    def draw(name: str, place: Sequence[int], settings: Values) -> Sheet:
        steps = traced(name, **settings)
        read = call(data.image, "data", images.written(name, "image"), size=image_size)
        own = call(data.image, "data", "picture.png", size=image_size)
        return figure.pooling(steps, *place, code=partial(_code, "pixels", (read, own), steps))

    steps = guides.IMAGE if image_size == 64 else ()  # its answers are of 64 × 64 pixels
    name = "Pooling of an image"
    return _explorer(images, settings, (row, column), draw, name=name, vary=_VARY, guide=steps)


def pooling1d(
    signal: object = "ECG",
    *,
    kind: str = "max",
    window: int = 4,
    stride: int | str = "window",
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
    include_padding: bool = True,
    p: int = 2,
    output_size: int = 4,
    position: int | None = None,
    length: int = 96,
) -> Explorer:
    """Pool a signal, and take one output value apart.

    Parameters
    ----------
    signal : str, path or array
        The signal to start with; one of your own stands beside the shipped ones in the list. See
        `data.signal`.
    kind, window, stride, padding, dilation, ceil_mode, include_padding, p, output_size
        As for `pooling`.
    position : int, optional
        Of the output value; by default one over much contrast, near the middle.
    length : int
        Samples of the signal that are taken, at most 512.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is out of range, the signal cannot be used, or the setting makes no pool.
    """
    checks.integer("length", length, 1, 512)
    signals = Inputs(signal, data.SIGNALS, "your signal", partial(data.signal, length=length))
    settings = {
        "kind": kind,
        "window": window,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "ceil_mode": ceil_mode,
        "include_padding": include_padding,
        "p": p,
        "output_size": output_size,
    }
    traced = _tracer(signals)

    def draw(name: str, place: Sequence[int], settings: Values) -> Sheet:
        steps = traced(name, **settings)
        read = call(data.signal, "data", signals.written(name, "signal"), length=length)
        return figure.pooling1d(steps, *place, code=partial(_code, "samples", (read, None), steps))

    vary = {"signal": None, **_VARY, "window": (2, 4, 7), "dilation": (1,), "p": (1, 2, 3)}
    steps = guides.SIGNAL if length == 96 else ()  # its answers are of 96 samples
    name = "Pooling of a signal"
    return _explorer(signals, settings, (position,), draw, name=name, vary=vary, guide=steps)


def _explorer(
    inputs: Inputs,
    settings: dict[str, Value],
    place: tuple[int | None, ...],
    draw: Draw,
    *,
    name: str,
    vary: Mapping[str, Sequence[object] | None],
    guide: Sequence[Step],
) -> Explorer:
    """Return the explorer of a pool; both have the same settings."""
    return sliding_explorer(
        inputs,
        controls(checked(settings)),
        place,
        draw=draw,
        output_length=output_length,
        name=name,
        vary=vary,
        arguments={"kernel_size": "window"},
        guide=guide,
    )


def _tracer(inputs: Inputs) -> Callable[..., PoolingTrace]:
    """Return the function from settings to pool; it remembers the last few."""

    @lru_cache(maxsize=4)
    def traced(name: str, **settings: Value) -> PoolingTrace:
        values = inputs(name)
        kind, options = KINDS[settings["kind"]], arguments(settings)
        return trace.pooling(values[None], kind, **options, axes=values.ndim)

    return traced


def _code(values: str, read: tuple[str, str | None], steps: PoolingTrace, shown: Seen) -> Seen:
    """Write the lines that compute the output again, around the line that makes the layer.

    Parameters
    ----------
    values : str
        What the input is called.
    read : (str, str or None)
        What reads it, and what reads one of the reader's; None where its numbers are written.
    steps : PoolingTrace
    shown : array or Look
        The input, in whose place a reader may give another.
    """
    there, own = read
    own = own or looks.words("torch.tensor({})", looks.listed(shown))
    lines = [f"{values} = {{}}", f"layer = {steps.code}", f"output = layer({values}[None])[0]"]
    return looks.words("\n".join(lines), given.where_given(shown, own, there))
