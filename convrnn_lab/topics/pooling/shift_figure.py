"""A shift drawn: what a layer with a stride makes of an image, and of the same image moved."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import SYMBOLS, axes, grey_range, heatmap, limit, outline, pixels
from convrnn_lab.drawing.sheet import Panel, Part, Sheet
from convrnn_lab.drawing.words import by
from convrnn_lab.topics.pooling.shift_trace import ShiftTrace


def shift(
    trace: ShiftTrace,
    kind: str,
    amount: int,
    consistency: Mapping[str, Tensor],
    *,
    code: str = "",
) -> Sheet:
    """Draw a shift: both inputs, both outputs, what is not just moved, and how consistent it is.

    Parameters
    ----------
    trace : ShiftTrace
    kind : str
        Which of `consistency` the trace is of.
    amount : int
        Pixels that the image is moved by.
    consistency : mapping of str to Tensor of shape (shift,)
        By kind, for shifts from 0 on; at most four.
    code : str, optional
        The lines to be copied.

    Returns
    -------
    Sheet
    """
    found = theme.number(trace.consistency)
    largest = theme.number(float(trace.difference.abs().max()))
    image, output = trace.image, trace.output
    return Sheet(
        [*_pictures(trace, amount), _chart(consistency, amount)],
        title=f"{kind}, stride {trace.stride}, moved by {amount}: consistency {found}",
        description=(
            f"An image of {by(image.shape)} is moved right by {amount} pixels, and {kind} with "
            f"stride {trace.stride} makes {by(output.shape)} values of each; beside the output "
            f"moved along, they differ by up to {largest}, a shift-consistency of {found}."
        ),
        facts=_facts(trace, amount, largest, consistency),
        code=code,
    )


def _pictures(trace: ShiftTrace, amount: int) -> list[Panel]:
    """Return the panels of both inputs, both outputs and their difference."""
    image, moved = trace.image.numpy(), trace.moved_image.numpy()
    output, moved_output = trace.output.numpy(), trace.moved_output.numpy()
    difference = trace.difference.numpy()
    outputs = np.stack([output, moved_output])
    edge = max(limit(difference), float(np.ptp(outputs)))
    inputs, answers = grey_range(image), grey_range(outputs)
    return [
        _grey("Input", "input", image, inputs, "large"),
        _grey(f"Moved right by {amount}", "moved input", moved, inputs, "large"),
        _grey(f"Output {by(output.shape)}", "output", output, answers),
        _grey("Output of the moved image", "moved output", moved_output, answers),
        _difference(difference, edge),
    ]


def _facts(
    trace: ShiftTrace, amount: int, largest: str, consistency: Mapping[str, Tensor]
) -> list[tuple[str, str]]:
    values = f"{amount} / {trace.stride} = {theme.number(amount / trace.stride)} values"
    whole = "a whole number" if amount % trace.stride == 0 else "no whole number"
    return [
        ("The output should move", f"{values}, {whole}"),
        ("Largest difference", largest),
        *(
            (f"Consistency, {name}", theme.number(float(shares[amount])))
            for name, shares in consistency.items()
        ),
    ]


def _grey(
    title: str, name: str, values: np.ndarray, ends: tuple[float, float], size: str = "small"
) -> Panel:
    height, width = values.shape
    low, high = ends
    return Panel(
        title,
        [heatmap(name, values, theme.GREY, low, high)],
        **pixels((0, height - 1), (0, width - 1)),
        scale=(theme.GREY, low, high),
        size=size,
    )


def _difference(values: np.ndarray, edge: float) -> Panel:
    height, width = values.shape
    return Panel(
        "What did not just move along",
        [heatmap("difference", values.astype(np.float32), theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        scale=(theme.TWO_SIDED, -edge, edge),
    )


def _chart(consistency: Mapping[str, Tensor], amount: int) -> Panel:
    lines, names = [], []
    for (name, values), colour, (symbol, sign) in zip(
        consistency.items(), theme.SERIES, SYMBOLS, strict=True
    ):
        lines.append(_by_shift(name, values, colour, symbol))
        names.append(f"{sign} {name}")
    low = min(float(values.min()) for values in consistency.values())
    last = len(next(iter(consistency.values()))) - 1
    limits = [low - 0.08 * (1.02 - low), 1 + 0.08 * (1.02 - low)]
    band = (amount - 0.2, limits[0], amount + 0.2, limits[1])
    return Panel(
        f"Consistency: {', '.join(names)}",
        lines,
        **axes("shift (pixels)", [-0.5, last + 0.5], limits),
        shapes=[outline("shift", [band], fill=theme.WINDOW_FILL, width=1)],
        click={"x": "shift"},
        size="wide",
    )


def _by_shift(name: str, values: Tensor, colour: str, symbol: str) -> Part:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x0": 0,
        "dx": 1,
        "y": values.numpy().astype(np.float32),
        "line": {"color": colour, "width": 1.5},
        "marker": {"symbol": symbol, "size": 8},
        "hovertemplate": f"{name}, shift %{{x}}: %{{y:.4g}}<extra></extra>",
    }
