"""Figures as they travel: cut into panels, and written as what differs from a base.

A state is a list of ``[path, value]``: the leaves of the panels that differ from the base. An array
is sent as bytes; in its place stands ``{"array": index, "dtype": ..., "shape": ...}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Json = Any
Path = list[str | int]


def split(figure: dict[str, Any]) -> dict[str, Json]:
    """Cut a figure into one small figure for each panel that its ``layout.meta`` names.

    A figure without such a note is one panel.

    Parameters
    ----------
    figure : dict
        In plotly's JSON schema.

    Returns
    -------
    dict
        ``panels`` (each with ``data``, ``layout``, ``title``, ...), and beside them what
        ``layout.meta`` says of the whole: ``title``, ``description``, ``facts``, ``code``.
    """
    layout = figure["layout"]
    meta = layout.get("meta") or {}
    if not isinstance(meta, dict) or "panels" not in meta:
        text = ((layout.get("title") or {}).get("text")) or ""
        rest = {key: value for key, value in layout.items() if key != "title"}
        whole = {"title": "", "data": list(figure["data"]), "layout": rest, "size": "whole"}
        return {"title": text, "description": text, "facts": [], "code": "", "panels": [whole]}
    panels = []
    for note in meta["panels"]:
        x, y = note["axes"]
        data = [
            {key: value for key, value in trace.items() if key not in ("xaxis", "yaxis")}
            for trace in figure["data"]
            if (trace.get("xaxis", "x"), trace.get("yaxis", "y")) == (x, y)
        ]
        small: dict[str, Any] = {"showlegend": layout.get("showlegend", True)}
        small["xaxis"] = _axis(layout, "xaxis", x)
        small["yaxis"] = _axis(layout, "yaxis", y)
        small["shapes"] = [
            shape | {"xref": "x", "yref": "y"}
            for shape in layout.get("shapes", [])
            if (shape["xref"], shape["yref"]) == (x, y)
        ]
        rest = {key: value for key, value in note.items() if key != "axes"}
        panels.append(rest | {"data": data, "layout": small})
    return {key: value for key, value in meta.items() if key != "panels"} | {"panels": panels}


def _axis(layout: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    axis = {
        key: value
        for key, value in layout[kind + name[1:]].items()
        if key not in ("domain", "anchor")
    }
    if "scaleanchor" in axis:
        axis["scaleanchor"] = axis["scaleanchor"][0]
    return axis


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
    if isinstance(base, np.ndarray) and isinstance(other, np.ndarray):
        same_kind = base.dtype == other.dtype and base.shape == other.shape
        return same_kind and base.tobytes() == other.tobytes()
    if isinstance(base, np.ndarray) or isinstance(other, np.ndarray):
        return False
    return bool(base == other)


class Arrays:
    """The bytes of arrays, each distinct one kept once."""

    def __init__(self) -> None:
        self.buffers: list[bytes] = []
        self.widths: list[int] = []  # bytes of one number in each buffer
        self._index: dict[bytes, int] = {}

    def pack(self, value: Json) -> Json:
        """Return `value` with references in place of its arrays."""
        if isinstance(value, np.ndarray):
            if value.dtype == np.int64:
                # JavaScript's typed arrays of 64 bits are BigInts, which plotly does not draw.
                fits = np.abs(value).max(initial=0) < 2**31
                value = value.astype(np.int32 if fits else np.float64)
            raw = np.ascontiguousarray(value).tobytes()
            if raw not in self._index:
                self._index[raw] = len(self.buffers)
                self.buffers.append(raw)
                self.widths.append(value.itemsize)
            return {
                "array": self._index[raw],
                "dtype": value.dtype.name,
                "shape": list(value.shape),
            }
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, dict):
            return {key: self.pack(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.pack(each) for each in value]
        return value
