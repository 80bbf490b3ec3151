"""Panels of a pooled signal: its samples with the window and the winners."""

from __future__ import annotations

import numpy as np

from convrnn_lab.drawing import given, looks, pool_looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.output_line import Step
from convrnn_lab.drawing.parts import axes, line, marks, outline, value_range
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.pooling.seen_window import SeenWindow
from convrnn_lab.topics.pooling.trace import PoolingTrace


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


def middle(trace: PoolingTrace, axis: int, control: str) -> Part:
    """Return what a click on the input sets: the output value whose window has its middle there."""
    length, outputs = trace.input.shape[axis - trace.axes], trace.output_size[axis]
    if trace.adaptive:
        step = length / outputs
        return {"control": control, "start": (step - 1) / 2, "step": step}
    middle = (geometry.extent(trace.kernel_size[axis], trace.dilation[axis]) - 1) / 2
    start = middle - trace.padding[axis]
    return {"control": control, "start": start, "step": trace.stride[axis]}


def signal_panel(
    trace: PoolingTrace, signal: np.ndarray, window: SeenWindow, across: list[float]
) -> Panel:
    """Return the panel of the samples, with what the window reads and which values win."""
    pad, ((start, count, step),) = trace.padding[0], window.spans
    length, limits = len(signal), value_range(signal)
    padding = np.array([*range(-pad, 0), *range(length, length + pad)], dtype=np.int32)
    zeros = np.zeros(2 * pad)

    def column(first: Seen, last: Seen) -> Seen:
        # Written here, as Python and the browser write some decimals in two ways.
        low, high = (f"{each:.6g}" for each in limits)
        return looks.words(f"M{{}},{low}H{{}}V{high}H{{}}Z", first - 0.5, last + 0.5, first - 0.5)

    winner, all_of_them, marked = "", "", ""
    if trace.winners is not None:
        sizes = (0.008 * length, 0.05 * (limits[1] - limits[0]))
        all_of_them = pool_looks.diamonds(window.all_wins, window.input, *sizes)
        marked = ", winners marked"
        winner = looks.pick(["", column(*window.winner, *window.winner)], window.found)
    here = {"path": column(start, start + (count - 1) * step)}
    name = given.where_given(window.input, "Your signal,", "Input")
    taps = looks.spaced(start, count, step)
    return Panel(
        looks.words(f"{{}} {length} samples{marked}", name),
        [
            line("input", window.input, theme.INPUT),
            marks("padding", padding, zeros, theme.PADDING, symbol="square-open", size=7),
            marks("taps", taps, window.patch, theme.WINDOW, symbol="circle-open", size=10),
        ],
        **axes("position (samples)", across, limits),
        shapes=[
            outline("window", [], fill=theme.WINDOW_FILL, width=1.5) | here,
            # As a shape, which moves without the line being drawn again.
            outline("winners", [], color=theme.WINNER, width=1.5) | {"path": all_of_them},
            outline("winner", [], color=theme.WINNER, width=1.5) | {"path": winner},
        ],
        click={"x": middle(trace, 0, "position")},
        gives={"name": "signal", "by": "pen"},
        size="wide",
    )
