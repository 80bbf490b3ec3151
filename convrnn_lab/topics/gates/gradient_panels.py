"""The panels of the gradient through time: norms by lag, and singular values."""

from __future__ import annotations

from collections.abc import Sequence

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.moving_outlines import upright
from convrnn_lab.drawing.parts import SYMBOLS, Numbers, curve, empty, outline
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.topics.gates.gradient_compared import (
    Compared,
    log_axes,
    log_limits,
    positive,
    span,
)
from convrnn_lab.topics.gates.gradient_trace import GradientTrace

_BOTTOM, _TOP = _ENDS = 1e-15, 1e15
"""Beyond the ends of every axis."""


def norms(compared: Compared, lag: Seen, fields: Sequence[int], layers: Seen) -> Panel:
    """Return the panel of all gradients by lag.

    Parameters
    ----------
    compared : Compared
    lag : int or Look
    fields : sequence of int
        Receptive fields of a convolution of 1, 2, 3, ... layers.
    layers : int or Look
        Which of them is shaded; none for 0.
    """
    shapes = [upright("lag", lag, _ENDS)]
    if looks.has_look(layers) or layers:
        shapes.append(_field(fields, layers, len(compared.first.by_lag)))
    return Panel(
        _title(compared),
        _norm_lines(compared),
        **compared.limits,
        shapes=shapes,
        click={"x": "lag"},
        size="large",
    )


def _title(compared: Compared) -> Seen:
    """Say what is drawn, and which line is whose."""
    said = [f"{sign} {name}" for name, (_, sign) in zip(compared.runs, SYMBOLS, strict=False)]
    said += ["dashed: predicted"] if compared.predicted else []
    dotted = looks.pick([f", dotted: {name}, clipped" for name in compared.runs], compared.chosen)
    return looks.words(
        f"|d h_T / d {{}}_t| by lag: {', '.join(said)}{{}}",
        looks.pick(["x", "state"], compared.towards),
        looks.pick(["" if clip is None else dotted for clip in compared.clips], compared.clip),
    )


def _norm_lines(compared: Compared) -> list[Part]:
    drawn = [
        curve(name, looks.pick(values, compared.towards), colour, symbol)
        for (name, values), colour, (symbol, _) in zip(
            compared.drawn.items(), theme.SERIES, SYMBOLS, strict=False
        )
    ]
    if compared.predicted:
        values = looks.pick(compared.predicted, compared.towards)
        drawn.append(_dashed("predicted", values, "dash"))
    return [*drawn, _dashed("clipped", compared.clipped, "dot")]


def _field(fields: Sequence[int], layers: Seen, count: int) -> Part:
    """Return the shade over what a convolution sees, as far as there are lags."""
    boxes = [[(-0.5, _TOP, min(size, count) - 0.5, _BOTTOM)] for size in fields]
    shades = [outline("field", box, fill=theme.PADDING_FILL, width=0) for box in boxes]
    return shades[0] | {"path": looks.pick([each["path"] for each in shades], layers - 1)}


def singular(run: GradientTrace, name: str, lag: Seen) -> Panel:
    """Return the panel of the largest and the smallest singular value by lag.

    Parameters
    ----------
    run : GradientTrace
    name : str
        Of the cell.
    lag : int or Look
    """
    values = run.singular_values
    if values is None:
        return empty(f"{name} has no singular values", size="large")
    ordered = values[1:].flip(0)
    largest, smallest = (positive(ordered[:, which].numpy()) for which in (0, -1))
    low, high, tick = log_limits([span(largest), span(smallest)])
    return Panel(
        f"{name}, singular values: ● largest, ■ smallest",
        [
            curve("largest", largest, theme.INPUT, "circle"),
            curve("smallest", smallest, theme.OUTPUT, "square"),
        ],
        **log_axes(len(ordered), [low, high], tick),
        shapes=[upright("lag", lag, _ENDS)],
        click={"x": "lag"},
        size="large",
    )


def _dashed(name: str, values: Numbers, dash: str) -> Part:
    drawn = curve(name, values, theme.PADDING, "circle")
    return drawn | {"mode": "lines", "line": {"color": theme.PADDING, "width": 2.5, "dash": dash}}
