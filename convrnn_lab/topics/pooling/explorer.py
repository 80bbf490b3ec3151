"""Explorers of one pool: on an image, and on a signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

from convrnn_lab import checks, data
from convrnn_lab.copied_code import call
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Control, Value, Values
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.convolution.sliding_explorer import Draw, sliding_explorer
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
_STRIDES = (*range(1, STRIDE_LIMIT + 1), "window")
_LIMITS = {"window": WINDOW_LIMIT, "p": POWER_LIMIT, "output_size": OUTPUT_LIMIT}
_OF_KINDS: dict[str, tuple[str, tuple[str, ...], tuple[object, ...]]] = {
    "window": ("window", _WINDOWED, tuple(range(1, WINDOW_LIMIT + 1))),
    "stride": ("stride", _WINDOWED, _STRIDES),
    "dilation": ("dilation", ("max",), tuple(range(1, DILATION_LIMIT + 1))),
    "ceil_mode": ("ceil mode", _WINDOWED, ("no", "yes")),
    "include_padding": ("count padding", ("average",), ("yes", "no")),
    "p": ("power p", ("Lp",), tuple(range(1, POWER_LIMIT + 1))),
    "output_size": (
        "output size",
        ("adaptive max", "adaptive average"),
        tuple(range(1, OUTPUT_LIMIT + 1)),
    ),
}
"""Label, kinds and values of the controls that mean something for some kinds only."""

_UNCHANGING = {"dilation": 1, "ceil_mode": "no"}
"""What changes nothing where it means nothing."""

_VARY = {
    "kind": None,
    "window": (2, 3),
    "stride": (1, "window"),
    "padding": (0, 1),
    "ceil_mode": None,
    "output_size": (4, 7),
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
        return figure.pooling(steps, *place, code=_code("pixels", read, steps))

    return _explorer(images, settings, (row, column), draw, name="Pooling of an image", vary=_VARY)


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
        return figure.pooling1d(steps, *place, code=_code("samples", read, steps))

    vary = {"signal": None, **_VARY, "window": (2, 4, 7), "stride": (1, 2, "window")}
    return _explorer(signals, settings, (position,), draw, name="Pooling of a signal", vary=vary)


def _explorer(
    inputs: Inputs,
    settings: dict[str, Value],
    place: tuple[int | None, ...],
    draw: Draw,
    *,
    name: str,
    vary: Mapping[str, Sequence[object] | None],
) -> Explorer:
    """Return the explorer of a pool; both have the same settings."""
    # What a control does not offer for a kind is checked all the same.
    for number, high in _LIMITS.items():
        checks.integer(number, settings[number], 1, high)
    checks.choice("stride", settings["stride"], _STRIDES)
    for answer in ("ceil_mode", "include_padding"):
        checks.choice(answer, settings[answer], (False, True))
        settings[answer] = "yes" if settings[answer] else "no"
    return sliding_explorer(
        inputs,
        _controls(settings),
        place,
        draw=draw,
        output_length=_output_length,
        name=name,
        vary=vary,
        arguments={"kernel_size": "window"},
    )


def _controls(settings: Values) -> dict[str, Control]:
    """Return the controls that both explorers share, in the settings' order."""
    controls: dict[str, Control] = {
        "kind": Choice("kind", tuple(KINDS), settings["kind"]),
        "padding": Choice("padding", _paddings, settings["padding"], ordered=True),
    }
    for name, (label, kinds, options) in _OF_KINDS.items():
        # For other kinds it has one value: the one that changes nothing, or what it began with,
        # so that it is there again when the kind comes back.
        rest = [_UNCHANGING.get(name, settings[name])]
        offered = partial(_only_for, kinds, options, rest)
        numbers = options[0] not in _WORDS
        controls[name] = Choice(label, offered, settings[name], ordered=numbers, widest=options)
    return {name: controls[name] for name in settings}


def _only_for(
    kinds: tuple[str, ...], options: Sequence[object], rest: Sequence[object], before: Values
) -> Sequence[object]:
    return options if before["kind"] in kinds else rest


def _paddings(before: Values) -> list[int]:
    padded = before["kind"] in {"max", "average"}
    return list(range(before["window"] // 2 + 1)) if padded else [0]


def _options(settings: Values) -> dict[str, Value]:
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
    def traced(name: str, **settings: Value) -> PoolingTrace:
        values = inputs(name)
        return trace.pooling(
            values[None], KINDS[settings["kind"]], **_options(settings), axes=values.ndim
        )

    return traced


def _code(values: str, read: str, steps: PoolingTrace) -> str:
    """Write the lines that compute the output again, around the line that makes the layer."""
    lines = [f"{values} = {read}", f"layer = {steps.code}", f"output = layer({values}[None])[0]"]
    return "\n".join(lines)


def _output_length(length: int, settings: Values) -> int:
    """Count the output values on an axis of `length`."""
    options = _options(settings)
    if "output_size" in options:
        return int(options["output_size"])
    padding = options.get("padding", 0)
    return geometry.output_length(
        length,
        options["kernel_size"],
        stride=options["stride"],
        padding=(padding, padding),
        dilation=options.get("dilation", 1),
        ceil_mode=options["ceil_mode"],
    )
