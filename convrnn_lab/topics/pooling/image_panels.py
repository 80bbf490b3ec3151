"""Panels of a pool of an image: input with its window and winners, and output."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convrnn_lab.drawing import given, looks, pool_looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import (
    grey_range,
    heatmap,
    outline,
    picked,
    pixels,
    ring,
    window_outlines,
)
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.drawing.words import by
from convrnn_lab.topics.pooling.seen_window import SeenWindow
from convrnn_lab.topics.pooling.signal_panels import middle
from convrnn_lab.topics.pooling.trace import PoolingTrace


def input_panel(trace: PoolingTrace, image: np.ndarray, window: SeenWindow) -> Panel:
    """Return the panel of the input, with the window, and for a maximum all winners."""
    height, width = image.shape
    low, high = grey_range(image)
    marked = "" if trace.winners is None else ", winners marked"
    name = given.where_given(window.input, "Your picture", "Input")
    pads = [(pad, pad) for pad in trace.padding]
    # In ceil mode the last window may reach past the padding.
    square = pixels(
        *(
            (-pad, length - 1 + max(pad, past))
            for pad, length, (_, past) in zip(
                trace.padding, (height, width), window.outside, strict=True
            )
        )
    )
    return Panel(
        looks.words(f"{{}} {by(image.shape)}{marked}", name),
        [
            heatmap("input", window.input, theme.GREY, low, high),
            ring(image.shape, pads),
        ],
        **square,
        shapes=_marks(window),
        scale=(theme.GREY, low, high),
        click={"x": middle(trace, 1, "column"), "y": middle(trace, 0, "row")},
        gives={"name": "image", "by": "picture", "low": low, "high": high},
        size="large",
    )


def output_panel(output: Seen, row: Seen, column: Seen) -> Panel:
    """Return the panel of the output, with one value picked."""
    height, width = output.shape
    low, high = grey_range(output)
    seen = looks.built(output, row * width + column + 1)
    return Panel(
        f"Output {by(output.shape)}",
        [heatmap("output", seen, theme.GREY, low, high)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=picked(output.shape, row, column),
        scale=(theme.GREY, low, high),
        click={"x": "column", "y": "row"},
        size="large",
    )


def _marks(window: SeenWindow) -> list[Part]:
    winner, all_of_them = "", ""
    if window.trace.winners is not None:
        all_of_them = pool_looks.runs(window.all_wins)
        row, column = window.winner
        winner = looks.pick(["", _outline([(row, 1, 1), (column, 1, 1)])], window.found)
    return [
        # As shapes all winners move without the image being drawn again.
        outline("winners", [], fill=theme.WINNER_FILL, width=0) | {"path": all_of_them},
        *_window(window),
        outline("winner", [], color=theme.WINNER, width=3) | {"path": winner},
    ]


def _window(window: SeenWindow) -> list[Part]:
    if not window.trace.adaptive:
        return window_outlines(window.spans)
    whole = {"path": _outline(window.spans)}
    return [
        outline("taps", [], fill=theme.WINDOW_FILL, width=0.5) | whole,
        outline("window", []) | whole,
    ]


def _outline(spans: Sequence[tuple[Seen, Seen, int]]) -> Seen:
    """Return the path around pixels that touch, whose count depends on a look."""
    (top, rows, _), (left, columns, _) = [
        (start - 0.5, count, step) for start, count, step in spans
    ]
    return looks.words("M{},{}H{}V{}H{}Z", left, top, left + columns, top + rows, left)
