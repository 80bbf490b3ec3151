"""A pool drawn: input with its window and winners, output, and the arithmetic of one value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convrnn_lab.drawing import looks, pool_looks, theme
from convrnn_lab.drawing.look_sums import reaches
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.output_line import output_line
from convrnn_lab.drawing.parts import bars, grey_range, matrix
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.drawing.words import by, last_ones, length_formula, unread
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.pooling.image_panels import input_panel, output_panel
from convrnn_lab.topics.pooling.seen_window import SeenWindow
from convrnn_lab.topics.pooling.signal_panels import output_step, samples_range, signal_panel
from convrnn_lab.topics.pooling.trace import PoolingTrace

Code = str | Callable[[Seen], Seen]
"""Lines to be copied, or what makes them of the input, in whose place a reader may give another."""


def pooling(trace: PoolingTrace, row: Seen, column: Seen, *, code: Code | None = None) -> Sheet:
    """Draw a 2-D pool of one channel, and how the value at (`row`, `column`) came about.

    Parameters
    ----------
    trace : PoolingTrace
        Of one image with one channel.
    row, column : int or Look
        Position of the value in the output.
    code : str or function, optional
        The lines to be copied; by default the one that makes the layer. A function makes them of
        the input, in whose place a reader may give another.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If the position lies outside the output.
    """
    image = trace.input.reshape(trace.input.shape[-2:]).numpy()
    window = SeenWindow(trace, (row, column))
    output = window.output
    second, values = _second(window)
    room, arithmetic = (window.shape[0], window.shape[1]), _sum(window)
    grey = grey_range(image)
    # Of all values' powers, the ends are those of the ends.
    powers = grey_range(pool_looks.power(grey, trace.p) if trace.kind == "lp" else ())
    panels = [
        input_panel(trace, image, window),
        output_panel(output, row, column),
        matrix("Under the window", "patch", window.patch, grey=grey, shape=room),
        matrix(second, "counted", values, grey=powers, shape=room),
        matrix(looks.words("= {}", arithmetic), "result", window.result, grey=grey_range(output)),
    ]
    return Sheet(
        panels,
        title=f"{by(image.shape)} in, {by(output.shape)} out",
        description=looks.words(
            f"{_name(trace)} takes a {by(image.shape)} image to {by(output.shape)} values from "
            "{} to {}; the value at row {}, column {} is {}.",
            *(*_ends(output), row, column, arithmetic),
        ),
        facts=_facts(window),
        code=_code(window, code),
    )


def pooling1d(trace: PoolingTrace, position: Seen, *, code: Code | None = None) -> Sheet:
    """Draw a 1-D pool of one channel, and how the value at `position` came about.

    Parameters
    ----------
    trace : PoolingTrace
        Of one signal with one channel.
    position : int or Look
        Index of the value in the output.
    code : str or function, optional
        The lines to be copied; by default the one that makes the layer. A function makes them of
        the input, in whose place a reader may give another.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If the position lies outside the output.
    """
    signal = trace.input.reshape(-1).numpy()
    window, across = SeenWindow(trace, (position,)), samples_range(trace)
    output, (count,) = window.output, trace.output_size
    second, values = _second(window)
    room, arithmetic = (window.shape[0],), _sum(window)
    panels = [
        signal_panel(trace, signal, window, across),
        output_line(output, position, across=across, step=output_step(trace)),
        bars("Under the window", "patch", window.patch, theme.INPUT, shape=room),
        bars(second, "counted", values, theme.PRODUCT, shape=room),
        bars(looks.words("= {}", arithmetic), "result", window.result, theme.OUTPUT),
    ]
    return Sheet(
        panels,
        title=f"{len(signal)} samples in, {count} out",
        description=looks.words(
            f"{_name(trace)} takes a signal of {len(signal)} samples to {count} values from "
            "{} to {}; the value at position {} is {}.",
            *(*_ends(output), position, arithmetic),
        ),
        facts=_facts(window),
        code=_code(window, code),
    )


def _code(window: SeenWindow, code: Code | None) -> Seen:
    """Return the lines to be copied."""
    if code is None:
        return window.trace.code
    return code if isinstance(code, str) else code(window.input)


def _ends(output: Seen) -> list[Seen]:
    """Write the least and the largest value; NaN where there is one."""
    return [looks.number(end(output)) for end in (looks.least, looks.most)]


def _name(trace: PoolingTrace) -> str:
    kind = trace.kind.replace("_", " ").replace("lp", f"L{theme.number(trace.p)}").capitalize()
    windows = "adaptive windows" if trace.adaptive else f"a window of {by(trace.kernel_size)}"
    return f"{kind} pooling with {windows}"


def _second(window: SeenWindow) -> tuple[str, Seen]:
    """Return title and values of the panel that says what each tap contributes."""
    if window.trace.winners is not None:
        return "1 where the largest is", window.wins
    if window.trace.kind == "lp":
        return f"To the power {theme.number(window.trace.p)}", window.terms
    return "1 where the divisor counts", window.counted


def _sum(window: SeenWindow) -> Seen:
    """Write the arithmetic of one value."""
    trace, value = window.trace, looks.number(window.value)
    if trace.winners is not None:
        largest = looks.words("the largest, {}", value)
        return looks.pick(["the largest of nothing, −∞", largest], window.found)
    total, divisor = looks.number(looks.total(window.terms)), window.there(window.divisors)
    if trace.kind != "lp":
        return looks.words("sum {} / {} = {}", total, divisor, value)
    root = "" if trace.p == 1 else f"^(1/{theme.number(trace.p)})"
    return looks.words(f"(sum {{}}{{}}){root} = {{}}", total, _scaled(window, divisor), value)


def _scaled(window: SeenWindow, divisor: Seen) -> Seen:
    """Write what PyTorch scales the sum of a cut window up by."""
    taps = int(np.prod(window.shape))
    cut = window.there((window.divisors < taps).astype(np.int32))
    return looks.pick(["", looks.words(f" · {taps}/{{}}", divisor)], cut)


def _facts(window: SeenWindow) -> list[tuple[str, Seen]]:
    """Say what stands beside both figures."""
    trace = window.trace
    lengths: tuple[str, ...] = ("Output height", "Output width")
    lines: tuple[str, ...] = ("row", "column")
    if trace.axes == 1:
        lengths, lines = ("Output length",), ("sample",)
    return [
        *zip(lengths, (_length(trace, axis) for axis in range(trace.axes)), strict=True),
        ("Window", _spans(window)),
        ("Taps here", _taps(window)),
        *_winners(window),
        ("Ceil mode adds", last_ones(trace.added, lines)),
        ("Never read", unread(trace.unread, trace.input.shape[-trace.axes :], lines)),
        ("Parameters", "none: nothing is learnt"),
    ]


def _winners(window: SeenWindow) -> list[tuple[str, Seen]]:
    if window.trace.winners is None:
        return []
    wins = window.all_wins
    count, most = looks.number(pool_looks.positive(wins)), looks.most(wins)
    windows = looks.pick(["window", "windows"], reaches(most, 2))
    said = f"{{}} of {window.trace.input.numel():,} values, of at most {{}} {{}} each"
    return [("Winners", looks.words(said, count, most, windows))]


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


def _spans(window: SeenWindow) -> Seen:
    trace = window.trace
    if trace.adaptive:
        return _adaptive_spans(window)
    spans = tuple(map(geometry.extent, trace.kernel_size, trace.dilation))
    if spans == trace.kernel_size:
        return f"{by(spans)}, no holes"
    return f"{by(trace.kernel_size)} taps over {by(spans)} samples"


def _adaptive_spans(window: SeenWindow) -> Seen:
    """Write the formula of `geometry.adaptive_window` with this window's numbers."""
    trace = window.trace
    counts = looks.words(" × ".join(["{}"] * trace.axes), *(count for _, count, _ in window.spans))
    ends = [
        looks.words(
            f"⌊{{}}·{length}/{size}⌋ = {{}} to under ⌈{{}}·{length}/{size}⌉ = {{}}",
            *(place, start, place + 1, start + count),
        )
        for place, (start, count, _), length, size in zip(
            *(window.place, window.spans, trace.input.shape[-trace.axes :], trace.output_size),
            strict=True,
        )
    ]
    return looks.words(f"{{}} here: {'; '.join(['{}'] * trace.axes)}", counts, *ends)


def _taps(window: SeenWindow) -> Seen:
    """Say where the window's taps lie, and which of them count."""
    where = looks.words("{} of {} on the input", window.inside, window.taps)
    if window.trace.winners is not None:
        return where
    divisor = window.there(window.divisors)
    padding = looks.subtract(divisor, window.inside)
    rest = looks.pick(["", looks.words(", {} on the padding", padding)], window.on_padding)
    return looks.words("{}{}: the divisor is {}", where, rest, divisor)
