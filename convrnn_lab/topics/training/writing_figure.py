"""A text drawn with the state of one unit behind each character."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convrnn_lab.drawing import given, looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import axes, heatmap, limit, outline
from convrnn_lab.drawing.sheet import Panel, Part, Sheet
from convrnn_lab.drawing.typed_looks import average, cut, length, named
from convrnn_lab.topics.training import line_panels
from convrnn_lab.topics.training.line_panels import Reading, sign


def writing(
    text: str,
    hidden: NDArray[np.float32],
    written: str,
    unit: Seen,
    *,
    seed: int,
    columns: int,
    code: Seen = "",
    reading: Reading | None = None,
    temperature: float = 1.0,
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
    reading : Reading, optional
        How the text is read; then what the model expects next is drawn too, and a reader may type
        a line in place of the text.
    temperature : float
        Of what the model expects next.

    Returns
    -------
    Sheet
    """
    # Apart, since what is read is the same whatever is written.
    first, going_on = (np.ascontiguousarray(p) for p in np.split(hidden, [len(text)], axis=1))
    read = looks.take(first, unit) if reading is None else looks.take(reading.states, 0, unit)
    cells = _Cells(text, written, read, looks.take(going_on, unit), columns, reading)
    mean = looks.number(average(read))
    panels = [_text_panel(unit, cells)]
    facts = [
        (looks.words("Average of unit {}", unit), mean),
        ("Written with seed", f"{seed}"),
        ("It writes", repr(written)),
    ]
    shown: Seen = [list(fact) for fact in facts]
    if reading is not None:
        panels.append(line_panels.next_panel(reading.logits, temperature))
        follows = line_panels.surest(*line_panels.likeliest(reading.logits, temperature))
        shown = cells.typed_or([list(facts[0]), ["Then follows", follows]], shown)
    ends = [hidden.min(axis=1), hidden.max(axis=1)]
    return Sheet(
        panels,
        title=cells.typed_or(
            looks.words("Unit {} over {} characters that you typed", unit, length(read)),
            looks.words(
                f"Unit {{}} over {len(text)} characters read and {len(written)} written", unit
            ),
        ),
        description=looks.words(
            "Unit {} is {} to {}; on the average of the text read {}.",
            unit,
            cells.typed_or(
                looks.number(looks.least(read)), looks.number(looks.take(ends[0], unit))
            ),
            cells.typed_or(looks.number(looks.most(read)), looks.number(looks.take(ends[1], unit))),
            mean,
        ),
        facts=shown,
        code=code,
    )


@dataclass(frozen=True)
class _Cells:
    """A text in rows: what was read and what is written, or the line that a reader typed."""

    text: str
    written: str
    read: Seen
    rest: Seen
    columns: int
    reading: Reading | None

    def typed_or(self, typed: Seen, otherwise: Seen) -> Seen:
        """Return `typed` where a reader has typed a line, else `otherwise`."""
        return (
            otherwise
            if self.reading is None
            else given.where_given(self.reading.line, typed, otherwise)
        )

    @property
    def rows(self) -> int:
        return -(-len(self.text + self.written) // self.columns)

    def values(self) -> Seen:
        """Return the states in rows."""
        return looks.in_rows(self.typed_or([self.read], [self.read, self.rest]), self.columns)

    def signs(self) -> Seen:
        """Return what is written into the cells, in rows; those after the last are empty."""
        whole = cut([*map(sign, self.text + self.written)], self.columns)
        if self.reading is None:
            return whole
        return self.typed_or(cut(named(self.reading.line, line_panels.SIGNS), self.columns), whole)

    def border(self) -> Seen:
        """Return the line after what was read."""
        row, column = divmod(len(self.text), self.columns)
        path = f"M-0.5,{row + 0.5}H{column - 0.5}V{row - 0.5}H{self.columns - 0.5}"
        return self.typed_or("", path)


def _text_panel(unit: Seen, cells: _Cells) -> Panel:
    """Return the panel of a text in rows, with a border after what was read."""
    values = cells.values()
    edge = limit(values)
    drawn = axes("", [-0.5, cells.columns - 0.5], [cells.rows - 0.5, -0.5])
    for axis in (drawn["xaxis"], drawn["yaxis"]):
        axis |= {"visible": False}
    title = cells.typed_or("the line that you typed", "under the line, what it writes")
    return Panel(
        looks.words("Unit {}; {}", unit, title),
        [_letters(cells.signs(), values, edge)],
        **drawn,
        shapes=[outline("border", []) | {"path": cells.border()}],
        scale=(theme.TWO_SIDED, -edge, edge),
        size="large",
        gives={} if cells.reading is None else line_panels.gives(cells.rows * cells.columns),
    )


def _letters(signs: Seen, values: Seen, edge: Seen) -> Part:
    """Return one cell a character."""
    return heatmap("state", values, theme.TWO_SIDED, -edge, edge) | {
        "text": signs,
        "texttemplate": "%{text}",
        "textfont": {"size": 10, "family": "monospace"},
        "hovertemplate": "“%{text}”: %{z:.3f}<extra></extra>",
    }
