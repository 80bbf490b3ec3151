"""Panels of a pool of an image: input with its window and winners, and output."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import (
    Box,
    around,
    boxes,
    grey_range,
    heatmap,
    outline,
    picked,
    pixels,
    ring,
)
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.drawing.words import by
from convrnn_lab.topics.pooling.signal_panels import finite
from convrnn_lab.topics.pooling.trace import PoolingTrace, PoolingWindow


def input_panel(trace: PoolingTrace, image: np.ndarray, window: PoolingWindow) -> Panel:
    """Return the panel of the input, with the window, and for a maximum all winners."""
    height, width = image.shape
    low, high = grey_range(finite(image))
    wins = trace.wins
    pads = [(pad, pad) for pad in trace.padding]
    rows, columns = window.taps
    square = pixels(
        (-pads[0][0], max(height + pads[0][1] - 1, rows[-1])),
        (-pads[1][0], max(width + pads[1][1] - 1, columns[-1])),
    )
    return Panel(
        f"Input {by(image.shape)}" + ("" if wins is None else ", winners marked"),
        [
            heatmap("input", image, theme.GREY, low, high),
            ring(image.shape, pads),
        ],
        **square,
        shapes=_marks(wins, window),
        scale=(theme.GREY, low, high),
        size="large",
    )


def output_panel(output: np.ndarray, row: int, column: int) -> Panel:
    """Return the panel of the output, with one value picked."""
    height, width = output.shape
    low, high = grey_range(finite(output))
    return Panel(
        f"Output {by(output.shape)}",
        [heatmap("output", output, theme.GREY, low, high)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=picked(output.shape, row, column),
        scale=(theme.GREY, low, high),
        click={"x": "column", "y": "row"},
        size="large",
    )


def _marks(wins: Tensor | None, window: PoolingWindow) -> list[Part]:
    winner = [] if window.winner is None else [_pixel(*window.winner)]
    return [
        # As shapes all winners move without the image being drawn again.
        outline("winners", _runs(wins), fill=theme.WINNER_FILL, width=0),
        outline("taps", boxes(window.taps), fill=theme.WINDOW_FILL, width=0.5),
        outline("window", [around(window.taps)]),
        outline("winner", winner, color=theme.WINNER, width=3),
    ]


def _runs(wins: Tensor | None) -> list[Box]:
    """Return the pixels that win a window, those that touch in a row as one box."""
    if wins is None:
        return []
    won = wins.reshape(wins.shape[-2:]).numpy() > 0
    edges = np.diff(np.pad(won, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    (rows, starts), (_, ends) = np.nonzero(edges == 1), np.nonzero(edges == -1)
    return [
        (start - 0.5, row - 0.5, end - 0.5, row + 0.5)
        for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)
    ]


def _pixel(row: int, column: int) -> tuple[float, float, float, float]:
    return (column - 0.5, row - 0.5, column + 0.5, row + 0.5)
