"""Panels of a pooled signal: its samples with the window and the winners, and values as bars."""

from __future__ import annotations

import math

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.output_line import Step
from convrnn_lab.drawing.parts import axes, bars, line, marks, outline, value_range
from convrnn_lab.drawing.sheet import Panel
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.pooling.trace import PoolingTrace, PoolingWindow


def output_step(trace: PoolingTrace) -> Step:
    """Return how far apart two values of a 1-D pool lie on the axis of its input."""
    if not trace.adaptive:
        return Step.of_stride(trace.stride[0])
    length, outputs = trace.input.shape[-1], trace.output_size[0]
    return Step(length / outputs, f"{length}/{outputs}")


def samples_range(trace: PoolingTrace) -> list[float]:
    """Return the range of the samples' axis that holds input, padding, windows and output."""
    length, last = trace.input.shape[-1], trace.output_size[0] - 1
    if trace.adaptive:
        return [-1.0, float(length)]
    (stride,), (pad,) = trace.stride, trace.padding
    # In ceil mode the last window may reach past the padding.
    window_end = last * stride - pad + geometry.extent(trace.kernel_size[0], trace.dilation[0]) - 1
    return [-pad - 1.0, max(length - 1 + pad, window_end, last * stride) + 1.0]


def finite(values: np.ndarray) -> np.ndarray:
    """Return the values that an axis or a colour can show; a zero where there is none."""
    finite = values[np.isfinite(values)]
    return finite if finite.size else np.zeros(1, dtype=values.dtype)


def finite_bars(title: str, name: str, values: np.ndarray, colour: str) -> Panel:
    """Draw bars whose axis can show the values even where one is infinite or NaN."""
    panel = bars(title, name, finite(values), colour)
    panel.traces[0]["y"] = np.ascontiguousarray(values)
    panel.xaxis["range"] = [-0.7, len(values) - 0.3]
    return panel


def signal_panel(
    trace: PoolingTrace, signal: np.ndarray, window: PoolingWindow, across: list[float]
) -> Panel:
    """Return the panel of the samples, with what the window reads and which values win."""
    pad, (taps,) = trace.padding[0], window.taps
    length, limits = len(signal), value_range(finite(signal))
    padding = np.array([*range(-pad, 0), *range(length, length + pad)], dtype=np.int32)
    zeros = np.zeros(2 * pad)

    def column(first: int, last: int) -> tuple[float, float, float, float]:
        return (first - 0.5, limits[0], last + 0.5, limits[1])

    winner = [] if window.winner is None else [column(window.winner[0], window.winner[0])]
    return Panel(
        f"Input {length} samples" + ("" if trace.winners is None else ", winners marked"),
        [
            line("input", signal, theme.INPUT),
            marks("padding", padding, zeros, theme.PADDING, symbol="square-open", size=7),
        ],
        **axes("position (samples)", across, limits),
        shapes=[
            outline("window", [column(taps[0], taps[-1])], fill=theme.WINDOW_FILL, width=1.5),
            # As shapes, which move without the line being drawn again.
            outline("taps", [], width=2.5) | {"path": _stems(window)},
            outline("winners", [], color=theme.WINNER, width=1.5)
            | {"path": _diamonds(trace, signal, 0.05 * (limits[1] - limits[0]))},
            outline("winner", winner, color=theme.WINNER, width=1.5),
        ],
        size="wide",
    )


def _stems(window: PoolingWindow) -> str:
    """Return the path of a line from zero to the value under each tap."""
    values = zip(window.taps[0], window.patch.tolist(), strict=True)
    return "".join(f"M{tap},0V{value:.5g}" for tap, value in values if math.isfinite(value))


def _diamonds(trace: PoolingTrace, signal: np.ndarray, up: float) -> str:
    """Return the path of a diamond, of twice the height `up`, around each value that wins."""
    wins = trace.wins
    if wins is None:
        return ""
    won = np.flatnonzero(wins.numpy())
    wide = 0.008 * len(signal)
    return "".join(
        f"M{x - wide:.4g},{y:.4g}L{x},{y + up:.4g}L{x + wide:.4g},{y:.4g}L{x},{y - up:.4g}Z"
        for x, y in zip(won.tolist(), signal[won].tolist(), strict=True)
        if math.isfinite(y)
    )
