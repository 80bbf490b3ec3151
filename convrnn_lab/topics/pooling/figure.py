"""A pool drawn: input with its window and winners, output, and the arithmetic of one value."""

from __future__ import annotations

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.output_line import output_line
from convrnn_lab.drawing.parts import grey_range, matrix
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.drawing.words import by, last_ones, length_formula, unread
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.pooling.image_panels import input_panel, output_panel
from convrnn_lab.topics.pooling.signal_panels import (
    finite,
    finite_bars,
    output_step,
    samples_range,
    signal_panel,
)
from convrnn_lab.topics.pooling.trace import PoolingTrace, PoolingWindow


def pooling(trace: PoolingTrace, row: int, column: int, *, code: str | None = None) -> Sheet:
    """Draw a 2-D pool of one channel, and how the value at (`row`, `column`) came about.

    Parameters
    ----------
    trace : PoolingTrace
        Of one image with one channel.
    row, column : int
        Position of the value in the output.
    code : str, optional
        The lines to be copied; by default the one that makes the layer.

    Returns
    -------
    Sheet
    """
    image = trace.input.reshape(trace.input.shape[-2:]).numpy()
    output = trace.output.reshape(trace.output.shape[-2:]).numpy()
    window = trace.window(*[0] * (trace.output.ndim - 2), row, column)
    grey = grey_range(finite(image))
    second, values = _second(trace, window)
    panels = [
        input_panel(trace, image, window),
        output_panel(output, row, column),
        matrix("Under the window", "patch", window.patch.numpy(), grey=grey),
        matrix(second, "counted", values, grey=grey_range(finite(values))),
        matrix(
            f"= {_sum(trace, window)}",
            "result",
            _one(window).reshape(1, 1),
            grey=grey_range(finite(output)),
        ),
    ]
    return Sheet(
        panels,
        title=f"{by(image.shape)} in, {by(output.shape)} out",
        description=(
            f"{_name(trace)} takes a {by(image.shape)} image to {by(output.shape)} values from "
            f"{_ends(output)}; the value at row {row}, column {column} is {_sum(trace, window)}."
        ),
        facts=_facts(trace, window, (row, column)),
        code=trace.code if code is None else code,
    )


def pooling1d(trace: PoolingTrace, position: int, *, code: str | None = None) -> Sheet:
    """Draw a 1-D pool of one channel, and how the value at `position` came about.

    Parameters
    ----------
    trace : PoolingTrace
        Of one signal with one channel.
    position : int
        Index of the value in the output.
    code : str, optional
        The lines to be copied; by default the one that makes the layer.

    Returns
    -------
    Sheet
    """
    signal = trace.input.reshape(-1).numpy()
    output = trace.output.reshape(-1).numpy()
    window = trace.window(*[0] * (trace.output.ndim - 1), position)
    second, values = _second(trace, window)
    across = samples_range(trace)
    panels = [
        signal_panel(trace, signal, window, across),
        output_line(output, position, across=across, step=output_step(trace)),
        finite_bars("Under the window", "patch", window.patch.numpy(), theme.INPUT),
        finite_bars(second, "counted", values, theme.PRODUCT),
        finite_bars(f"= {_sum(trace, window)}", "result", _one(window), theme.OUTPUT),
    ]
    return Sheet(
        panels,
        title=f"{len(signal)} samples in, {len(output)} out",
        description=(
            f"{_name(trace)} takes a signal of {len(signal)} samples to {len(output)} values from "
            f"{_ends(output)}; the value at position {position} is {_sum(trace, window)}."
        ),
        facts=_facts(trace, window, (position,)),
        code=trace.code if code is None else code,
    )


def _one(window: PoolingWindow) -> np.ndarray:
    return window.value.reshape(1).numpy()


def _ends(output: np.ndarray) -> str:
    """Write the least and the largest value; NaN where there is one."""
    return f"{theme.number(float(output.min()))} to {theme.number(float(output.max()))}"


def _name(trace: PoolingTrace) -> str:
    kind = trace.kind.replace("_", " ").replace("lp", f"L{theme.number(trace.p)}").capitalize()
    windows = "adaptive windows" if trace.adaptive else f"a window of {by(trace.kernel_size)}"
    return f"{kind} pooling with {windows}"


def _second(trace: PoolingTrace, window: PoolingWindow) -> tuple[str, np.ndarray]:
    """Return title and values of the panel that says what each tap contributes."""
    if trace.winners is not None:
        wins = np.zeros(tuple(window.patch.shape), dtype=np.float32)
        if window.winner is not None:
            place = zip(window.taps, window.winner, strict=True)
            wins[tuple(taps.index(index) for taps, index in place)] = 1
        return "1 where the largest is", wins
    if trace.kind == "lp":
        assert window.terms is not None  # noqa: S101 - only a maximum has none
        return f"To the power {theme.number(trace.p)}", window.terms.numpy()
    return "1 where the divisor counts", window.counted.numpy().astype(np.float32)


def _sum(trace: PoolingTrace, window: PoolingWindow) -> str:
    """Write the arithmetic of one value."""
    value = theme.number(float(window.value))
    if window.total is None:
        return f"the largest, {value}" if window.winner else "the largest of nothing, −∞"
    total = theme.number(float(window.total))
    if trace.kind != "lp":
        return f"sum {total} / {window.divisor} = {value}"
    scaled = "" if window.divisor == window.patch.numel() else _scaled(window)
    root = "" if trace.p == 1 else f"^(1/{theme.number(trace.p)})"
    return f"(sum {total}{scaled}){root} = {value}"


def _scaled(window: PoolingWindow) -> str:
    return f" · {window.patch.numel()}/{window.divisor}"


def _facts(
    trace: PoolingTrace, window: PoolingWindow, places: tuple[int, ...]
) -> list[tuple[str, str]]:
    """Say what stands beside both figures, for the output value at `places`."""
    lengths: tuple[str, ...] = ("Output height", "Output width")
    lines: tuple[str, ...] = ("row", "column")
    if trace.axes == 1:
        lengths, lines = ("Output length",), ("sample",)
    return [
        *zip(lengths, (_length(trace, axis) for axis in range(trace.axes)), strict=True),
        ("Window", _spans(trace, window, places)),
        ("Taps here", _taps(window)),
        *_winners(trace),
        ("Ceil mode adds", last_ones(trace.added, lines)),
        ("Never read", unread(trace.unread, trace.input.shape[-trace.axes :], lines)),
        ("Parameters", "none: nothing is learnt"),
    ]


def _winners(trace: PoolingTrace) -> list[tuple[str, str]]:
    wins = trace.wins
    if wins is None:
        return []
    count, most = int((wins > 0).sum()), int(wins.max())
    windows = f"{most} window{'' if most == 1 else 's'}"
    return [("Winners", f"{count:,} of {wins.numel():,} values, of at most {windows} each")]


def _length(trace: PoolingTrace, axis: int) -> str:
    """Write the formula of `geometry.output_length` with this setting's numbers."""
    result = trace.output_size[axis]
    if trace.adaptive:
        return f"{result}, as asked for"
    length, kernel_size = trace.input.shape[axis - trace.axes], trace.kernel_size[axis]
    pad, dilation, stride = trace.padding[axis], trace.dilation[axis], trace.stride[axis]
    formula = length_formula(
        length,
        kernel_size,
        stride=stride,
        padding=(pad, pad),
        dilation=dilation,
        ceil_mode=trace.ceil_mode,
    )
    room = length + 2 * pad - geometry.extent(kernel_size, dilation)
    if trace.ceil_mode and -(-room // stride) + 1 > result:
        return f"{formula} = {result + 1}, less 1 that would start in the padding = {result}"
    return f"{formula} = {result}"


def _spans(trace: PoolingTrace, window: PoolingWindow, places: tuple[int, ...]) -> str:
    if trace.adaptive:
        ends = [
            f"⌊{place}·{length}/{size}⌋ = {taps[0]} to under ⌈{place + 1}·{length}/{size}⌉ = "
            f"{taps[-1] + 1}"
            for place, length, size, taps in zip(
                places,
                trace.input.shape[-trace.axes :],
                trace.output_size,
                window.taps,
                strict=True,
            )
        ]
        return f"{by(tuple(window.patch.shape))} here: {'; '.join(ends)}"
    spans = tuple(map(geometry.extent, trace.kernel_size, trace.dilation))
    if spans == trace.kernel_size:
        return f"{by(spans)}, no holes"
    return f"{by(trace.kernel_size)} taps over {by(spans)} samples"


def _taps(window: PoolingWindow) -> str:
    """Say where the window's taps lie, and which of them count."""
    taps, inside = window.patch.numel(), int(window.inside.sum())
    where = f"{inside} of {taps} on the input"
    if window.divisor is None:
        return where
    padding = window.divisor - inside
    rest = f", {padding} on the padding" if padding else ""
    return f"{where}{rest}: the divisor is {window.divisor}"
