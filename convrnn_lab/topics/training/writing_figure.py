"""A text drawn with the state of one unit behind each character."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import axes, heatmap, limit, outline
from convrnn_lab.drawing.sheet import Panel, Part, Sheet


def writing(
    text: str,
    hidden: NDArray[np.float32],
    written: str,
    unit: Seen,
    *,
    seed: int,
    columns: int,
    code: Seen = "",
) -> Sheet:
    """Draw a text with each character on the colour of one unit's state after it.

    Parameters
    ----------
    text : str
        What the model has read.
    hidden : array, shape (unit, time)
    written : str
        What it goes on with.
    unit : int or Look
    seed : int
        Of what is written.
    columns : int
        Characters in a row.
    code : str or Look
        The lines that give what is drawn.

    Returns
    -------
    Sheet
    """
    # Apart, since what is read is the same whatever is written.
    reading, going_on = (np.ascontiguousarray(p) for p in np.split(hidden, [len(text)], axis=1))
    read, rest = (looks.take(part, unit) for part in (reading, going_on))
    cells = looks.in_rows([read, rest], columns)
    average = looks.number(looks.multiply(looks.total(read), 1 / len(text)))
    return Sheet(
        [_text_panel(unit, text, written, cells, columns=columns)],
        title=looks.words(
            f"Unit {{}} over {len(text)} characters read and {len(written)} written", unit
        ),
        description=looks.words(
            "Unit {} is {} to {}; on the average of the text read {}.",
            unit,
            looks.number(looks.take(hidden.min(axis=1), unit)),
            looks.number(looks.take(hidden.max(axis=1), unit)),
            average,
        ),
        facts=[
            (looks.words("Average of unit {}", unit), average),
            ("Written with seed", f"{seed}"),
            ("It writes", repr(written)),
        ],
        code=code,
    )


def _text_panel(unit: Seen, text: str, written: str, cells: Seen, *, columns: int) -> Panel:
    """Return the panel of a text in rows, with a border after what was read."""
    signs = [_sign(each) for each in text + written]
    rows = -(-len(signs) // columns)
    edge = limit(cells)
    drawn = axes("", [-0.5, columns - 0.5], [rows - 0.5, -0.5])
    for axis in (drawn["xaxis"], drawn["yaxis"]):
        axis |= {"visible": False}
    row, column = divmod(len(text), columns)
    border = f"M-0.5,{row + 0.5}H{column - 0.5}V{row - 0.5}H{columns - 0.5}"
    return Panel(
        looks.words("Unit {}; under the line, what it writes", unit),
        [_letters(signs, cells, (rows, columns), edge)],
        **drawn,
        shapes=[outline("border", []) | {"path": border}],
        scale=(theme.TWO_SIDED, -edge, edge),
        size="large",
    )


def _letters(signs: list[str], cells: Seen, shape: tuple[int, int], edge: Seen) -> Part:
    """Return one cell a character; those after the last are empty."""
    rows, columns = shape
    signs = signs + [""] * (rows * columns - len(signs))
    return heatmap("state", cells, theme.TWO_SIDED, -edge, edge) | {
        "text": [signs[row * columns : (row + 1) * columns] for row in range(rows)],
        "texttemplate": "%{text}",
        "textfont": {"size": 10, "family": "monospace"},
        "hovertemplate": "“%{text}”: %{z:.3f}<extra></extra>",
    }


def _sign(character: str) -> str:
    return {"\n": "↵", " ": "·", "<": "‹", ">": "›", "&": "＆"}.get(character, character)
