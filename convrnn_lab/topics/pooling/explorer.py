"""Explorers of one pool: on an image, and on a signal."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from convrnn_lab import checks, data
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Control, Slider, Values
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.pooling import figure, trace
from convrnn_lab.topics.pooling.trace import PoolingTrace

KINDS = {
    "max": "max",
    "average": "average",
    "Lp": "lp",
    "adaptive max": "adaptive_max",
    "adaptive average": "adaptive_average",
    "global max": "adaptive_max",
    "global average": "adaptive_average",
}
"""What the list offers, and the kind of `trace.pooling` that it is."""

WINDOW_LIMIT = 8
STRIDE_LIMIT = 4
DILATION_LIMIT = 3
POWER_LIMIT = 4
OUTPUT_LIMIT = 8

_WINDOWED = ("max", "average", "Lp")
_WORDS = {"no": False, "yes": True}


def pooling(
    image: Any = "photograph",
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

    A setting that means nothing for the kind stays at its neutral value.

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
        Of the output value; the middle one by default.
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
    settings = _settings(
        kind=kind,
        window=window,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        include_padding=include_padding,
        p=p,
        output_size=output_size,
    )
    traced = _tracer(images)

    def view(image: str, row: int, column: int, **settings: Any) -> Sheet:
        return figure.pooling(traced(image, **settings), row, column)

    def last(axis: int) -> Callable[[Values], int]:
        return lambda before: _places(images(before["image"]).shape[axis], before) - 1

    height, width = images(images.start).shape
    row = (_places(height, settings) - 1) // 2 if row is None else row
    column = (_places(width, settings) - 1) // 2 if column is None else column
    return Explorer(
        view,
        {
            "image": Choice("image", images.names, images.start),
            **_setting_controls(settings),
            "row": Slider("row", 0, last(0), row),
            "column": Slider("column", 0, last(1), column),
        },
        name="Pooling of an image",
        vary={
            "kind": None,
            "window": (2, 3),
            "stride": (1, "window"),
            "padding": (0, 1),
            "ceil_mode": None,
            "output_size": (4, 7),
            "row": (row // 2, row),
            "column": (column // 2, column),
        },
        scan=("row", "column"),
    )


def pooling1d(
    signal: Any = "ECG",
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
        Of the output value; the middle one by default.
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
    settings = _settings(
        kind=kind,
        window=window,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        include_padding=include_padding,
        p=p,
        output_size=output_size,
    )
    traced = _tracer(signals)

    def view(signal: str, position: int, **settings: Any) -> Sheet:
        return figure.pooling1d(traced(signal, **settings), position)

    def last(before: Values) -> int:
        return _places(len(signals(before["signal"])), before) - 1

    samples = len(signals(signals.start))
    position = (_places(samples, settings) - 1) // 2 if position is None else position
    return Explorer(
        view,
        {
            "signal": Choice("signal", signals.names, signals.start),
            **_setting_controls(settings),
            "position": Slider("position", 0, last, position),
        },
        name="Pooling of a signal",
        vary={
            "signal": None,
            "kind": None,
            "window": (2, 4, 7),
            "stride": (1, 2, "window"),
            "padding": (0, 1),
            "ceil_mode": None,
            "output_size": (4, 7),
            "position": (position // 2, position),
        },
        scan=("position",),
    )


def _settings(
    *,
    kind: str,
    window: int,
    stride: int | str,
    padding: int,
    dilation: int,
    ceil_mode: bool,
    include_padding: bool,
    p: int,
    output_size: int,
) -> dict[str, Any]:
    """Return the settings that both explorers share, refusing what the controls never offer."""
    checks.choice("kind", kind, KINDS)
    checks.integer("window", window, 1, WINDOW_LIMIT)
    checks.choice("stride", stride, [*range(1, STRIDE_LIMIT + 1), "window"])
    checks.choice("ceil_mode", ceil_mode, (False, True))
    checks.choice("include_padding", include_padding, (False, True))
    checks.integer("p", p, 1, POWER_LIMIT)
    checks.integer("output_size", output_size, 1, OUTPUT_LIMIT)
    return {
        "kind": kind,
        "window": window,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "ceil_mode": "yes" if ceil_mode else "no",
        "include_padding": "yes" if include_padding else "no",
        "p": p,
        "output_size": output_size,
    }


def _setting_controls(settings: Values) -> dict[str, Control]:
    """Return the controls both explorers share.

    One that means nothing for a kind offers only its neutral value, and a size what it started
    with, so that it is there again when the kind comes back.
    """

    def only_for(
        kinds: tuple[str, ...], options: Callable[[Values], list[Any]], neutral: Any
    ) -> Callable[[Values], list[Any]]:
        return lambda before: options(before) if before["kind"] in kinds else [neutral]

    def list_for(
        label: str, kinds: tuple[str, ...], options: list[Any], name: str, neutral: Any
    ) -> Choice:
        offered = only_for(kinds, lambda _: options, neutral)
        return Choice(label, offered, settings[name], ordered=True, widest=options)

    def paddings(before: Values) -> list[int]:
        return list(range(before["window"] // 2 + 1))

    adaptive = ("adaptive max", "adaptive average")
    sizes, steps = list(range(1, WINDOW_LIMIT + 1)), [*range(1, STRIDE_LIMIT + 1), "window"]
    holes, powers = list(range(1, DILATION_LIMIT + 1)), list(range(1, POWER_LIMIT + 1))
    outputs = list(range(1, OUTPUT_LIMIT + 1))
    return {
        "kind": Choice("kind", tuple(KINDS), settings["kind"]),
        "window": list_for("window", _WINDOWED, sizes, "window", settings["window"]),
        "stride": list_for("stride", _WINDOWED, steps, "stride", settings["stride"]),
        "padding": Choice(
            "padding", only_for(("max", "average"), paddings, 0), settings["padding"], ordered=True
        ),
        "dilation": list_for("dilation", ("max",), holes, "dilation", 1),
        "ceil_mode": Choice(
            "ceil mode",
            only_for(_WINDOWED, lambda _: ["no", "yes"], "no"),
            settings["ceil_mode"],
            widest=("no", "yes"),
        ),
        "include_padding": Choice(
            "count padding",
            only_for(("average",), lambda _: ["yes", "no"], "yes"),
            settings["include_padding"],
            widest=("yes", "no"),
        ),
        "p": list_for("power p", ("Lp",), powers, "p", settings["p"]),
        "output_size": list_for(
            "output size", adaptive, outputs, "output_size", settings["output_size"]
        ),
    }


def _options(settings: Values) -> dict[str, Any]:
    """Return the arguments of `trace.pooling` that a setting means."""
    kind = settings["kind"]
    if kind not in _WINDOWED:
        return {"output_size": 1 if "global" in kind else settings["output_size"]}
    window, stride = settings["window"], settings["stride"]
    options = {
        "kernel_size": window,
        "stride": window if stride == "window" else stride,
        "ceil_mode": _WORDS[settings["ceil_mode"]],
    }
    if kind == "Lp":
        return options | {"p": settings["p"]}
    options["padding"] = settings["padding"]
    if kind == "max":
        return options | {"dilation": settings["dilation"]}
    return options | {"count_include_pad": _WORDS[settings["include_padding"]]}


def _tracer(inputs: Inputs) -> Callable[..., PoolingTrace]:
    """Return the function from settings to pool; it remembers the last few.

    Stepping through the output moves the window only, and the pool is the same.
    """

    @lru_cache(maxsize=4)
    def traced(name: str, **settings: Any) -> PoolingTrace:
        values = inputs(name)
        return trace.pooling(
            values[None], KINDS[settings["kind"]], **_options(settings), axes=values.ndim
        )

    return traced


def _places(length: int, settings: Values) -> int:
    """Count the output values on an axis of `length`."""
    options = _options(settings)
    if "output_size" in options:
        return int(options["output_size"])
    pad = options.get("padding", 0)
    return geometry.output_length(
        length,
        options["kernel_size"],
        stride=options["stride"],
        padding=(pad, pad),
        dilation=options.get("dilation", 1),
        ceil_mode=options["ceil_mode"],
    )
