"""A text drawn with the state of one unit behind each character."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import axes, heatmap, limit, outline
from convrnn_lab.drawing.sheet import Panel, Part, Sheet


def writing(
    text: str,
    hidden: NDArray[np.float32],
    written: str,
    unit: int,
    *,
    seed: int,
    columns: int,
    code: str = "",
) -> Sheet:
    """Draw a text with each character on the colour of one unit's state after it.

    Parameters
    ----------
    text : str
        What the model has read.
    hidden : array, shape (unit, time)
    written : str
        What it goes on with.
    unit : int
    seed : int
        Of what is written.
    columns : int
        Characters in a row.
    code : str
        The lines that give what is drawn.

    Returns
    -------
    Sheet
    """
    values = hidden[unit]
    average = float(values[: len(text)].mean())
    title = f"Unit {unit}; under the line, what it writes"
    return Sheet(
        [_text_panel(title, text + written, values, read=len(text), columns=columns)],
        title=f"Unit {unit} over {len(text)} characters read and {len(written)} written",
        description=(
            f"Unit {unit} is {theme.number(float(values.min()))} to "
            f"{theme.number(float(values.max()))}; on the average of the text read "
            f"{theme.number(average)}."
        ),
        facts=[
            (f"Average of unit {unit}", theme.number(average)),
            ("Written with seed", f"{seed}"),
            ("It writes", repr(written)),
        ],
        code=code,
    )


def _text_panel(
    title: str, text: str, values: NDArray[np.float32], *, read: int, columns: int
) -> Panel:
    """Return the panel of a text in rows, with a border after the first `read` characters."""
    rows = -(-len(text) // columns)
    edge = limit(values)
    drawn = axes("", [-0.5, columns - 0.5], [rows - 0.5, -0.5])
    for axis in (drawn["xaxis"], drawn["yaxis"]):
        axis |= {"visible": False}
    row, column = divmod(read, columns)
    border = f"M-0.5,{row + 0.5}H{column - 0.5}V{row - 0.5}H{columns - 0.5}"
    return Panel(
        title,
        [_letters(text, values, (rows, columns), edge)],
        **drawn,
        shapes=[outline("border", []) | {"path": border}],
        scale=(theme.TWO_SIDED, -edge, edge),
        size="large",
    )


def _letters(text: str, values: NDArray[np.float32], shape: tuple[int, int], edge: float) -> Part:
    """Return one cell a character; those after the last are empty."""
    rows, columns = shape
    missing = rows * columns - len(text)
    grid = np.append(values, np.full(missing, np.nan, dtype=np.float32)).reshape(shape)
    signs = [_sign(each) for each in text] + [""] * missing
    return heatmap("state", grid, theme.TWO_SIDED, -edge, edge) | {
        "text": [signs[row * columns : (row + 1) * columns] for row in range(rows)],
        "texttemplate": "%{text}",
        "textfont": {"size": 10, "family": "monospace"},
        "hovertemplate": "“%{text}”: %{z:.3f}<extra></extra>",
    }


def _sign(character: str) -> str:
    return {"\n": "↵", " ": "·", "<": "‹", ">": "›", "&": "＆"}.get(character, character)
