"""A shift drawn: what a layer with a stride makes of an image, and of the same image moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import SYMBOLS, axes, grey_range, heatmap, limit, outline, pixels
from convrnn_lab.drawing.sheet import Panel, Part, Sheet, folded
from convrnn_lab.drawing.words import by
from convrnn_lab.topics.pooling.shift_trace import ShiftTrace


def shift(
    trace: ShiftTrace | Sequence[ShiftTrace],
    kind: str,
    amount: Seen,
    consistency: Mapping[str, Tensor],
    *,
    code: Seen = "",
) -> Sheet:
    """Draw a shift: both inputs, both outputs, what is not just moved, and how consistent it is.

    Parameters
    ----------
    trace : ShiftTrace, or sequence of ShiftTrace
        Of this shift; or one for each shift from 0 on, which all are drawn on the same scales.
    kind : str
        Which of `consistency` the trace is of.
    amount : int or Look
        Pixels that the image is moved by.
    consistency : mapping of str to Tensor of shape (shift,)
        By kind, for shifts from 0 on; at most four.
    code : str or Look, optional
        The lines to be copied.

    Returns
    -------
    Sheet
    """
    moves = (
        _Moves([trace], [amount], 0) if isinstance(trace, ShiftTrace) else _Moves.of(trace, amount)
    )
    image, output, stride = moves.first.image, moves.first.output, moves.first.stride
    found = looks.number(moves.of_each([each.consistency for each in moves.traces]))
    largest = looks.number(moves.of_each([each.difference.abs().max() for each in moves.traces]))
    return Sheet(
        [*_pictures(moves, amount), *folded("By shift", [_chart(consistency, amount)])],
        title=looks.words(
            f"{kind}, stride {stride}, moved by {{}}: consistency {{}}", amount, found
        ),
        description=looks.words(
            f"An image of {by(image.shape)} is moved right by {{}} pixels, and {kind} with "
            f"stride {stride} makes {by(output.shape)} values of each; beside the output "
            f"moved along, they differ by up to {{}}, a shift-consistency of {{}}.",
            *(amount, largest, found),
        ),
        facts=_facts(moves, amount, largest, consistency),
        code=code,
    )


class _Moves:
    """One shift, or all of them, of which one is seen.

    Attributes
    ----------
    traces : sequence of ShiftTrace
    amounts : sequence of int
        Pixels that the image is moved by in each.
    at : int or Look
        Which one is seen.
    """

    def __init__(self, traces: Sequence[ShiftTrace], amounts: Sequence[int], at: Seen) -> None:
        self.traces, self.amounts, self.at = traces, amounts, at

    @classmethod
    def of(cls, traces: Sequence[ShiftTrace], amount: Seen) -> _Moves:
        """Return those of all shifts from 0 on."""
        return cls(traces, range(len(traces)), amount)

    @property
    def first(self) -> ShiftTrace:
        """Any of them: all have the same image, and the same output of it at rest."""
        return self.traces[0]

    def of_each(self, values: Sequence[float | Tensor]) -> Seen:
        """Return the number that is seen of one for each shift."""
        return looks.take(np.array(values, dtype=np.float64), self.at)


def _pictures(moves: _Moves, amount: Seen) -> list[Panel]:
    """Return the panels of both inputs, both outputs and their difference."""
    image, output = moves.first.image.numpy(), moves.first.output.numpy()
    outputs = np.stack([each.moved_output.numpy() for each in moves.traces])
    differences = np.stack([each.difference.numpy() for each in moves.traces])
    both = np.append(outputs, output)
    answers, edge = grey_range(both), max(limit(differences), float(np.ptp(both)))
    moved, inputs = looks.words("Moved right by {}", amount), grey_range(image)
    seen = looks.take(differences.astype(np.float32), moves.at)
    return [
        _grey("Input", "input", image, inputs, "large"),
        _grey(moved, "moved input", _rolled(image, amount), inputs, "large"),
        _grey(f"Output {by(output.shape)}", "output", output, answers),
        _grey("Output of the moved image", "moved output", looks.take(outputs, moves.at), answers),
        _difference(seen, edge),
    ]


def _rolled(image: np.ndarray, amount: Seen) -> Seen:
    """Return the image moved to the right, what leaves it coming back on the left."""
    height, width = image.shape
    twice = np.concatenate([image, image], axis=1)
    return looks.window(twice, [(0, height, 1), (width - amount % width, width, 1)])


def _facts(
    moves: _Moves, amount: Seen, largest: Seen, consistency: Mapping[str, Tensor]
) -> list[tuple[str, Seen]]:
    stride = moves.first.stride
    return [
        (
            "The output should move",
            looks.pick([_should_move(each, stride) for each in moves.amounts], moves.at),
        ),
        ("Largest difference", largest),
        *(
            (f"Consistency, {name}", looks.number(looks.take(shares.numpy(), amount)))
            for name, shares in consistency.items()
        ),
    ]


def _should_move(amount: int, stride: int) -> str:
    whole = "a whole number" if amount % stride == 0 else "no whole number"
    return f"{amount} / {stride} = {theme.number(amount / stride)} values, {whole}"


def _grey(
    title: Seen, name: str, values: Seen, ends: tuple[float, float], size: str = "small"
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


def _difference(values: Seen, edge: float) -> Panel:
    height, width = values.shape
    return Panel(
        "What did not just move along",
        [heatmap("difference", values, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        scale=(theme.TWO_SIDED, -edge, edge),
    )


def _chart(consistency: Mapping[str, Tensor], amount: Seen) -> Panel:
    lines, names = [], []
    for (name, values), colour, (symbol, sign) in zip(
        consistency.items(), theme.SERIES, SYMBOLS, strict=True
    ):
        lines.append(_by_shift(name, values, colour, symbol))
        names.append(f"{sign} {name}")
    low = min(float(values.min()) for values in consistency.values())
    last = len(next(iter(consistency.values()))) - 1
    limits = [low - 0.08 * (1.02 - low), 1 + 0.08 * (1.02 - low)]
    band = (-0.2, limits[0], 0.2, limits[1])
    return Panel(
        f"Consistency: {', '.join(names)}",
        lines,
        **axes("shift (pixels)", [-0.5, last + 0.5], limits),
        shapes=[outline("shift", [band], moved=(amount, 0), fill=theme.WINDOW_FILL, width=1)],
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
