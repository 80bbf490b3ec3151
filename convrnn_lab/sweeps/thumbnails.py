"""A plotly figure as a small SVG drawing, made without a browser.

It has the curves, bars and images of the figure's panels, and none of its texts: nothing that a
notebook recorded is copied into the drawing but numbers and colours.
"""

from __future__ import annotations

import base64
import io
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from convrnn_lab.reports import reading
from convrnn_lab.reports.values import PlotlyFigure

WIDTH, HEIGHT = 192, 108
_POINTS = 64
_TRACES = 24
_PIXELS = 40
_PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|rgba?\([0-9., %]+\)|[a-z]{3,20}")
_SCALE: list[tuple[float, tuple[int, ...]]] = [
    (0.0, (68, 1, 84)),
    (0.5, (33, 145, 140)),
    (1.0, (253, 231, 37)),
]

Numbers: TypeAlias = npt.NDArray[np.float64]
Pixels: TypeAlias = npt.NDArray[np.uint8]
Points: TypeAlias = tuple[Numbers, Numbers]
"""Coordinates across and up."""

Span: TypeAlias = tuple[float, float]
"""Where an axis begins and ends."""

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom of a panel."""


def thumbnail(figure: PlotlyFigure) -> str:
    """Return a figure, as `record` stores it, as SVG; empty if there is nothing to draw."""
    content = reading.plain_figure(figure)
    layout = content.get("layout", {})
    panels: dict[tuple[str, str], list[PlotlyFigure]] = {}
    for trace in content.get("data", [])[:_TRACES]:
        if trace.get("visible", True) is True:
            place = trace.get("xaxis", "x"), trace.get("yaxis", "y")
            panels.setdefault(place, []).append(trace)
    drawn = [_panel(layout, *place, traces) for place, traces in panels.items()]
    if not any(drawn):
        return ""
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(drawn)}</svg>'


def _panel(layout: PlotlyFigure, x: str, y: str, traces: list[PlotlyFigure]) -> str:
    axes = [layout.get(f"{name[0]}axis{name[1:]}", {}) for name in (x, y)]
    box = _box(*axes)
    image = next((t for t in traces if t.get("type") == "heatmap"), None)
    if image is not None:
        turned = axes[1].get("autorange") == "reversed" or _falls(axes[1].get("range"))
        fixed = bool({"scaleanchor"} & {*axes[0], *axes[1]})
        return _image(image, box, downwards=turned, square=fixed)
    curves = [_points(trace, *axes) for trace in traces]
    found = [_span(axis, [c[i] for c in curves]) for i, axis in enumerate(axes)]
    spans = [span for span in found if span is not None]
    if len(spans) < len(axes):
        return ""
    frame = f'<path d="M{box[0]:.0f} {box[1]:.0f}V{box[3]:.0f}H{box[2]:.0f}" stroke="#999"'
    marks = "".join(
        _marks(trace, place, _scaled(points, box, spans), box[3])
        for place, (trace, points) in enumerate(zip(traces, curves, strict=True))
    )
    return f'{frame} fill="none"/>{marks}'


def _box(x: PlotlyFigure, y: PlotlyFigure) -> Box:
    """Return where a panel lies: plotly's domains count from the lower left corner."""
    left, right = x.get("domain", (0, 1))
    low, high = y.get("domain", (0, 1))
    return (
        3 + left * (WIDTH - 6),
        3 + (1 - high) * (HEIGHT - 6),
        3 + right * (WIDTH - 6),
        3 + (1 - low) * (HEIGHT - 6),
    )


def _falls(span: Sequence[float | None] | None) -> bool:
    low, high = span or (None, None)
    return low is not None and high is not None and low > high


def _numbers(values: Iterable[object], axis: PlotlyFigure) -> Numbers:
    """Return coordinates as an axis has them: logarithms on a logarithmic one, else as they are."""
    try:
        found = np.asarray(values, dtype=float).ravel()
    except (TypeError, ValueError):  # names or dates: one after another
        known: dict[str, int] = {}
        found = np.array([known.setdefault(str(v), len(known)) for v in values], dtype=float)
    if axis.get("type") == "log":
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.log10(found)
    return np.where(np.isfinite(found), found, np.nan)


def _points(trace: PlotlyFigure, x: PlotlyFigure, y: PlotlyFigure) -> Points:
    """Return the coordinates of a trace, thinned, in its axes' units."""
    xs, ys = trace.get("x"), trace.get("y")
    one = xs if ys is None else ys
    size = 0 if one is None else len(one)
    across = _numbers(range(size) if xs is None else xs, x)
    up = _numbers(range(size) if ys is None else ys, y)
    size = min(len(across), len(up))
    kept = _every(size, _POINTS)
    return across[kept], up[kept]


def _span(axis: PlotlyFigure, values: Sequence[Numbers]) -> Span | None:
    given = axis.get("range")
    if given is not None and all(isinstance(end, (int, float)) for end in given):
        return float(given[0]), float(given[1])
    every = np.concatenate([*values, np.empty(0)])
    every = every[np.isfinite(every)]
    if not len(every):
        return None
    low, high = float(every.min()), float(every.max())
    margin = 0.05 * (high - low) or 0.5
    ends = low - margin, high + margin
    return ends[::-1] if axis.get("autorange") == "reversed" else ends


def _scaled(points: Points, box: Box, spans: Sequence[Span]) -> Iterator[tuple[float, float]]:
    """Yield the places of points in the drawing, those outside of their panel moved to its edge."""
    (left, right), (low, high) = spans
    across = np.clip((points[0] - left) / (right - left), 0, 1) * (box[2] - box[0]) + box[0]
    up = box[3] - np.clip((points[1] - low) / (high - low), 0, 1) * (box[3] - box[1])
    return zip(across.tolist(), up.tolist(), strict=True)


def _marks(
    trace: PlotlyFigure, place: int, points: Iterator[tuple[float, float]], floor: float
) -> str:
    kind = trace.get("type", "scatter")
    found = [point for point in points if not any(map(math.isnan, point))]
    colour = _colour(trace, _PALETTE[place % len(_PALETTE)])
    if kind == "bar":
        bars = "".join(f"M{x:.1f} {floor:.1f}V{y:.1f}" for x, y in found)
        return f'<path d="{bars}" stroke="{colour}" stroke-width="4"/>' if bars else ""
    if kind not in ("scatter", "scattergl"):
        return ""
    mode = trace.get("mode", "lines")
    marks = ""
    if "lines" in mode and found:
        line = "L".join(f"{x:.1f} {y:.1f}" for x, y in found)
        marks += f'<path d="M{line}" fill="none" stroke="{colour}"/>'
    if "markers" in mode and found:
        dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in found)
        marks += f'<path d="{dots}" stroke="{colour}" stroke-width="2.5" stroke-linecap="round"/>'
    return marks


def _colour(trace: PlotlyFigure, default: str) -> str:
    for part in ("line", "marker"):
        colour = trace.get(part, {}).get("color")
        if isinstance(colour, str) and _COLOUR.fullmatch(colour):
            return colour
    return default


def _image(trace: PlotlyFigure, box: Box, *, downwards: bool, square: bool) -> str:
    """Return a heatmap as pixels, of which every so many are kept."""
    try:
        values = np.asarray(trace.get("z"), dtype=float)
        rows, columns = (_every(size, _PIXELS) for size in values.shape)
    except (TypeError, ValueError):
        return ""
    values = values[np.ix_(rows, columns)]
    if not np.isfinite(values).any():
        return ""
    pixels = _pixels(trace, values)
    text = _png(pixels if downwards else pixels[::-1])
    width, height = box[2] - box[0], box[3] - box[1]
    fit = "" if square else 'preserveAspectRatio="none" '
    return (
        f'<image x="{box[0]:.0f}" y="{box[1]:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'{fit}style="image-rendering:pixelated" href="data:image/png;base64,{text}"/>'
    )


def _pixels(trace: PlotlyFigure, values: Numbers) -> Pixels:
    """Return the colours of a heatmap's values, shape (row, column, 3)."""
    finite = values[np.isfinite(values)]
    low, high = (
        float(bound if trace.get(name) is None else trace[name])
        for name, bound in (("zmin", finite.min()), ("zmax", finite.max()))
    )
    share = np.nan_to_num(np.clip((values - low) / ((high - low) or 1), 0, 1))
    stops = _scale(trace.get("colorscale"))
    places = [place for place, _ in stops]
    channels = [np.interp(share, places, [colour[i] for _, colour in stops]) for i in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def _png(pixels: Pixels) -> str:
    """Return a picture of few colours as base64."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).quantize(64).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def _every(size: int, most: int) -> npt.NDArray[np.int64]:
    """Return at most so many indices, the first and the last among them."""
    return np.unique(np.linspace(0, size - 1, min(size, most)).round().astype(int))


def _scale(stops: object) -> list[tuple[float, tuple[int, ...]]]:
    """Return a colour scale that is written out; a named one is drawn in a house scale."""
    if not isinstance(stops, list) or len(stops) < 2:
        return _SCALE
    found = [(float(place), _channels(str(colour))) for place, colour in stops]
    return (
        [(place, colour) for place, colour in found if colour]
        if all(c for _, c in found)
        else _SCALE
    )


def _channels(colour: str) -> tuple[int, ...]:
    if re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return tuple(bytes.fromhex(colour[1:]))
    numbers = re.findall(r"[\d.]+", colour) if colour.startswith("rgb") else []
    return tuple(int(float(each)) for each in itertools.islice(numbers, 3))
