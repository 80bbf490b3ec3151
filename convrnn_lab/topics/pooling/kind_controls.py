"""The controls of a pool: which kinds a setting has, and what it means for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from convrnn_lab import checks
from convrnn_lab.explorer.controls import Choice, Control, Value, Values
from convrnn_lab.shapes import geometry

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

_RARE = {"dilation", "ceil_mode", "include_padding"}

_UNCHANGING = {"dilation": 1, "ceil_mode": "no"}
"""What changes nothing where it means nothing."""


def checked(settings: Mapping[str, Value]) -> dict[str, Value]:
    """Return the start values as the controls have them, refusing those that none may have.

    What a control does not offer for a kind is checked all the same.

    Raises
    ------
    ValueError
        If a value is out of range, or of another type.
    """
    for number, high in _LIMITS.items():
        checks.integer(number, settings[number], 1, high)
    checks.choice("stride", settings["stride"], _STRIDES)
    answers: dict[str, Value] = {}
    for answer in ("ceil_mode", "include_padding"):
        checks.choice(answer, settings[answer], (False, True))
        answers[answer] = "yes" if settings[answer] else "no"
    return {**settings, **answers}


def controls(settings: Values) -> dict[str, Control]:
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
        group = "More settings" if name in _RARE else ""
        numbers = options[0] not in _WORDS
        controls[name] = Choice(
            label, offered, settings[name], ordered=numbers, widest=options, group=group
        )
    return {name: controls[name] for name in settings}


def _only_for(
    kinds: tuple[str, ...], options: Sequence[object], rest: Sequence[object], before: Values
) -> Sequence[object]:
    return options if before["kind"] in kinds else rest


def _paddings(before: Values) -> list[int]:
    padded = before["kind"] in {"max", "average"}
    return list(range(before["window"] // 2 + 1)) if padded else [0]


def arguments(settings: Values) -> dict[str, Value]:
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


def output_length(length: int, settings: Values) -> int:
    """Count the output values on an axis of `length`."""
    options = arguments(settings)
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
