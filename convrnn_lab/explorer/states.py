"""Sheets as they travel: what differs from a base.

A state is a list of ``[path, value]``: the leaves of the panels that differ from the base. An array
is sent as bytes; in its place stands ``{"array": index, "dtype": ..., "shape": ...}``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from convrnn_lab.drawing.looks import Look

# Any: nested dicts and lists, whose leaves are numbers, texts and arrays.
Json = Any
"""What a sheet is, or a message to the browser."""

Path = list[str | int]


def difference(base: Json, other: Json) -> list[tuple[Path, Json]]:
    """List the leaves of `other` that differ from `base`, and None for those it lacks."""
    return list(_differing(base, other, []))


def _differing(base: Json, other: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    if base is other:
        return
    if isinstance(base, dict) and isinstance(other, dict):
        for key in sorted(base.keys() | other.keys()):
            if key not in other:
                yield [*path, key], None
            elif key not in base:
                yield [*path, key], other[key]
            else:
                yield from _differing(base[key], other[key], [*path, key])
    elif _nested(base) and _nested(other) and len(base) == len(other):
        for index, (old, new) in enumerate(zip(base, other, strict=True)):
            yield from _differing(old, new, [*path, index])
    elif not _equal(base, other):
        yield path, other


def _nested(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _equal(base: Json, other: Json) -> bool:
    if type(base) is str and type(other) is str:  # most of them
        return base == other
    if isinstance(base, Look) or isinstance(other, Look):
        return isinstance(base, Look) and base.same(other)
    if isinstance(base, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(base) == len(other) and all(map(_equal, base, other))
    if isinstance(base, np.ndarray) and isinstance(other, np.ndarray):
        same_kind = base.dtype == other.dtype and base.shape == other.shape
        return same_kind and base.tobytes() == other.tobytes()
    if isinstance(base, np.ndarray) or isinstance(other, np.ndarray):
        return False
    return bool(base == other) or (_is_nan(base) and _is_nan(other))


def _is_nan(value: Json) -> bool:
    return isinstance(value, float) and math.isnan(value)


_PLAIN = {str, int, float, bool, type(None)}
"""Types that travel as they are: most of what is packed."""


@functools.cache
def _name(dtype: np.dtype[np.generic]) -> str:
    """Return what numpy composes anew at every question."""
    return dtype.name


class Arrays:
    """The bytes of arrays, each distinct one kept once."""

    def __init__(self) -> None:
        self.buffers: list[bytes] = []
        self.widths: list[int] = []  # bytes of one number in each buffer
        self._index: dict[bytes, int] = {}

    def pack(self, value: Json) -> Json:
        """Return `value` with references in place of its arrays."""
        if type(value) in _PLAIN:
            return value
        if isinstance(value, np.ndarray):
            return self._reference(value)
        if isinstance(value, Look):
            return {"look": [value.operation, *self.pack(value.arguments)]}
        if isinstance(value, dict):
            return {key: self.pack(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [each if type(each) in _PLAIN else self.pack(each) for each in value]
        return value.item() if isinstance(value, np.generic) else value

    def _reference(self, array: np.ndarray) -> dict[str, Json]:
        """Return what stands in place of an array, whose bytes are kept."""
        if array.dtype == np.int64:
            # JavaScript's typed arrays of 64 bits are BigInts, which plotly does not draw.
            fits = np.abs(array).max(initial=0) < 2**31
            array = array.astype(np.int32 if fits else np.float64)
        raw = np.ascontiguousarray(array).tobytes()
        if raw not in self._index:
            self._index[raw] = len(self.buffers)
            self.buffers.append(raw)
            self.widths.append(array.itemsize)
        return {"array": self._index[raw], "dtype": _name(array.dtype), "shape": list(array.shape)}

    def grouped(self) -> list[bytes]:
        """Return the buffers with the bytes grouped by their place in a number, for compression."""
        return [
            np.frombuffer(raw, dtype=np.uint8).reshape(-1, width).T.tobytes()
            for raw, width in zip(self.buffers, self.widths, strict=True)
        ]

    def sizes(self) -> list[list[int]]:
        """Return the length of each buffer and the bytes of one of its numbers."""
        pairs = zip(self.buffers, self.widths, strict=True)
        return [[len(raw), width] for raw, width in pairs]
