"""Which settings a pool has, by kind, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.shapes import geometry

KINDS = ("max", "average", "lp", "adaptive_max", "adaptive_average")
"""The pools that can be traced."""

SETTINGS_OF_KIND = {
    "max": ("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    "average": ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"),
    "lp": ("kernel_size", "stride", "ceil_mode", "p"),
    "adaptive_max": ("output_size",),
    "adaptive_average": ("output_size",),
}
"""The settings that mean something for each kind."""

_NEUTRAL: dict[str, object] = {
    "kernel_size": None,
    "stride": None,
    "padding": 0,
    "dilation": 1,
    "ceil_mode": False,
    "count_include_pad": True,
    "p": 2,
    "output_size": None,
}

Sizes = int | tuple[int, ...] | None


@dataclass(frozen=True)
class PoolingSettings:
    """A pool's settings, checked, with one entry for each axis.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    kernel_size, stride, padding, dilation : tuple of int
        The first two are empty for adaptive pools.
    output_size : tuple of int
        Empty for all other pools.
    ceil_mode, count_include_pad : bool
    p : float
    """

    kind: str
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    output_size: tuple[int, ...]
    ceil_mode: bool
    count_include_pad: bool
    p: float

    def output_shape(self, lengths: Sequence[int]) -> tuple[int, ...]:
        """Return the output's size along each axis for an input of `lengths`."""
        if self.output_size:
            return self.output_size
        return tuple(
            geometry.output_length(
                length,
                size,
                stride=stride,
                padding=(padding, padding),
                dilation=dilation,
                ceil_mode=self.ceil_mode,
            )
            for length, size, stride, padding, dilation in zip(
                lengths, self.kernel_size, self.stride, self.padding, self.dilation, strict=True
            )
        )


def checked(kind: str, axes: int, given: Mapping[str, object]) -> PoolingSettings:
    """Return the settings of a pool, or refuse what means nothing or cannot be.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    axes : 1 or 2
    given : mapping of str to object
        As given to `trace.pooling`, by name.

    Raises
    ------
    ValueError
        If a setting means nothing for `kind` and would change something if it did, or is none.
    """
    _check_meaning(kind, axes, given)
    values = {
        name: value if name in SETTINGS_OF_KIND[kind] else _NEUTRAL[name]
        for name, value in given.items()
    }

    def per_axis(name: str, low: int) -> tuple[int, ...]:
        return geometry.per_axis(name, cast("int", values[name]), axes, low)

    windowed = "output_size" not in SETTINGS_OF_KIND[kind]
    kernel_size = per_axis("kernel_size", 1) if windowed else ()
    settings = PoolingSettings(
        kind,
        kernel_size,
        stride=kernel_size if values["stride"] is None else per_axis("stride", 1),
        padding=per_axis("padding", 0),
        dilation=per_axis("dilation", 1),
        output_size=() if windowed else per_axis("output_size", 1),
        ceil_mode=bool(values["ceil_mode"]),
        count_include_pad=bool(values["count_include_pad"]),
        p=cast("float", values["p"]),
    )
    _check_padding(settings)
    return settings


def _check_padding(settings: PoolingSettings) -> None:
    # An adaptive pool has no kernel size, and no padding.
    for size, padding in zip(settings.kernel_size, settings.padding, strict=False):
        if padding > size // 2:
            raise ValueError(
                f"padding must be at most half of the kernel size; got {padding} for "
                f"kernel_size={size}"
            )


def _check_meaning(kind: str, axes: int, given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if name not in SETTINGS_OF_KIND[kind] and not _changes_nothing(name, value, axes):
            raise ValueError(
                f"{name} must be left out of {kind} pooling; got {checks.shown(value)}"
            )
    for name in ("ceil_mode", "count_include_pad"):
        checks.choice(name, given[name], (False, True))
    if checks.number("p", given["p"]) <= 0:
        raise ValueError(f"p must be over 0; got {given['p']}")


def _changes_nothing(name: str, value: object, axes: int) -> bool:
    """Say whether a setting that means nothing for a kind may be given all the same."""
    if name == "count_include_pad":
        return True  # without a divisor, or without padding, both answers are the same
    if isinstance(value, (list, tuple)):
        return list(value) == [_NEUTRAL[name]] * axes
    return value == _NEUTRAL[name]


def axes_of(input: Tensor, axes: int | None, sizes: Sequence[object]) -> int:  # noqa: A002
    """Return how many axes the windows slide along, and refuse an input that does not have them.

    Parameters
    ----------
    input : Tensor
    axes : 1 or 2, optional
    sizes : sequence
        Those that may be pairs, and so say that there are two.

    Raises
    ------
    ValueError
        If the input has other axes, an empty one, or no floating-point numbers.
    """
    one = ("channel time", "batch channel time")
    two = ("channel height width", "batch channel height width")
    checks.tensor("input", input, *one, *two[1:])
    if axes is None:
        pairs = any(isinstance(size, (list, tuple)) and len(size) == 2 for size in sizes)
        axes = 2 if input.ndim == 4 or (pairs and input.ndim == 3) else 1
    checks.integer("axes", axes, 1, 2)
    checks.tensor("input", input, *(one if axes == 1 else two))
    for length in input.shape[-axes:]:
        checks.integer("input length", length, 1)
    checks.integer("input channels", input.shape[-axes - 1], 1)
    if not input.is_floating_point():
        raise ValueError(f"input must be floating-point numbers; got {input.dtype}")
    return axes
