"""Checks of arguments, so that every refusal reads ``NAME must be WHAT; got VALUE``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

MEMORY_LIMIT_BYTES = 2 * 1024**3
"""What one result may take: a Binder session has 2 GB in all."""


def integer(name: str, value: object, low: int, high: int | None = None) -> int:
    """Return `value` as an int of at least `low` and, where given, at most `high`.

    Raises
    ------
    ValueError
        If `value` is no integer (a bool is none) or out of range.

    Examples
    --------
    >>> integer("stride", 2, 1)
    2
    """
    allowed = (
        f"an integer of at least {low}" if high is None else f"an integer from {low} to {high}"
    )
    # numpy's integers and one-element tensors say what they are by __index__; so does a bool.
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ValueError(f"{name} must be {allowed}; got {shown(value)}")
    number = value.__index__()
    if number < low or (high is not None and number > high):
        raise ValueError(f"{name} must be {allowed}; got {number}")
    return int(number)


def positive(**values: object) -> None:
    """Refuse all but integers of at least 1, each by its name.

    Raises
    ------
    ValueError
        If one is none.

    Examples
    --------
    >>> positive(hidden_size=8, layers=2)
    """
    for name, value in values.items():
        integer(name, value, 1)


def number(name: str, value: object) -> float:
    """Return `value` as a finite float.

    Raises
    ------
    ValueError
        If `value` is no number, or is infinite or NaN.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number; got {shown(value)}")
    return float(value)


def text(name: str, value: str) -> str:
    """Return `value` if it can be written to a file, whatever its script.

    Raises
    ------
    ValueError
        If it has half a character: a surrogate without its pair.
    """
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{name} must be a text of whole characters; got {shown(value)}"
        ) from error
    return value


def choice(name: str, value: object, options: Iterable[object]) -> object:
    """Return `value` if it is one of `options`.

    Raises
    ------
    ValueError
        If it is none of them; the message lists them all.
    """
    options = list(options)
    # By type too: True == 1 and 1.0 == 1, but neither is what a stride of 1 means.
    if not any(type(value) is type(option) and value == option for option in options):
        listed = ", ".join(str(option) for option in options)
        raise ValueError(f"{name} must be one of {listed}; got {shown(value)}")
    return value


class UnknownKeyError(ValueError, KeyError):
    """A key that a mapping of ours lacks: refused in words, and missing to ``get`` and ``in``."""

    __str__ = Exception.__str__  # a KeyError would put its message in quotes


def key(name: str, value: object, keys: Iterable[object]) -> None:
    """Refuse what is none of a mapping's `keys`.

    Raises
    ------
    UnknownKeyError
        As `choice` does, and known as a missing key, too.
    """
    try:
        choice(name, value, keys)
    except ValueError as error:
        raise UnknownKeyError(str(error)) from None


def tensor(name: str, value: object, *axes: str) -> None:
    """Refuse all but a tensor with the axes of one of `axes`.

    Parameters
    ----------
    axes : str
        Names of the axes, separated by blanks; one string for each form that is allowed.

    Raises
    ------
    ValueError
        If `value` is no tensor or its rank is none of those.
    """
    import torch

    forms = " or ".join("(" + ", ".join(form.split()) + ")" for form in axes)
    if not isinstance(value, torch.Tensor):
        kind = f"{type(value).__name__} of " if hasattr(value, "shape") else ""
        raise ValueError(f"{name} must be a tensor with the axes {forms}; got {kind}{shown(value)}")
    if value.ndim not in {len(form.split()) for form in axes}:
        raise ValueError(f"{name} must have the axes {forms}; got shape {tuple(value.shape)}")


def finite(name: str, values: Tensor) -> None:
    """Refuse NaN and infinity, saying where the first one stands.

    Raises
    ------
    ValueError
        If one value is not finite.
    """
    import torch

    wrong = (~torch.isfinite(values)).nonzero()
    if len(wrong):
        place = tuple(wrong[0].tolist())
        raise ValueError(f"{name} must be finite; got {values[place].item()} at index {place}")


def position(position: Sequence[int], shape: Sequence[int]) -> list[int]:
    """Return `position` as one index for each axis of `shape`.

    Raises
    ------
    ValueError
        If there are more or fewer, or one lies outside.
    """
    if len(position) != len(shape):
        raise ValueError(
            f"position must have one index for each of {len(shape)} axes; got {tuple(position)}"
        )
    return [
        integer("position", each, 0, size - 1) for each, size in zip(position, shape, strict=True)
    ]


def memory(name: str, shape: Sequence[int], bytes_per_value: int) -> None:
    """Refuse a result that would take more than `MEMORY_LIMIT_BYTES`, before it is made.

    Raises
    ------
    ValueError
        With the estimate, if a result of `shape` is too large.
    """
    needed = math.prod(shape) * bytes_per_value
    if needed > MEMORY_LIMIT_BYTES:
        raise ValueError(
            f"{name} must take at most {MEMORY_LIMIT_BYTES / 1024**3:.1f} GiB; got shape "
            f"{tuple(shape)}, which takes {needed / 1024**3:.1f} GiB"
        )


def all_memory(what: str, needed: int) -> None:
    """Refuse work that would take more than `MEMORY_LIMIT_BYTES` in all, before it is begun.

    Parameters
    ----------
    what : str
        The setting that takes it.
    needed : int
        Bytes, as estimated.

    Raises
    ------
    ValueError
        With the estimate.
    """
    if needed > MEMORY_LIMIT_BYTES:
        raise ValueError(
            f"memory must be at most {MEMORY_LIMIT_BYTES / 1024**3:.1f} GiB; got {what}, "
            f"which takes about {needed / 1024**3:.1f} GiB"
        )


def shown(value: object, limit: int = 60) -> str:
    """Write `value` as a message shows it: on one line, cut where it is long."""
    text = f"shape {tuple(value.shape)}" if hasattr(value, "shape") else repr(value)
    text = " ".join(line.strip() for line in text.splitlines())
    return text if len(text) <= limit else text[: limit - 1] + "…"
