"""Rows of words and numbers as a table that fits a screen: as text, and as HTML for a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Columns with their heads, and sentences under them.

    Attributes
    ----------
    heads : tuple of str
    rows : tuple of tuple of str
    first_number : int
        The column from which on numbers stand, which are aligned to the right.
    notes : tuple of str
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first_number: int
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Write the table in columns of one width, and the notes under them.

        Examples
        --------
        >>> print(Table(("layer", "values"), (("conv", "8"),), 1, ("One layer.",)).text())
        layer  values
        conv        8
        One layer.
        """
        lines = [self.heads, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        written = [
            "  ".join(
                cell.rjust(width) if place >= self.first_number else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([*written, *self.notes])

    def markup(self) -> str:
        """Write the same as HTML."""
        body = "".join(f"<tr>{self._line('td', row)}</tr>" for row in self.rows)
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        head = f"<thead><tr>{self._line('th', self.heads)}</tr></thead>"
        return f"<table>{head}<tbody>{body}</tbody></table>{notes}"

    def _line(self, tag: str, cells: Sequence[str]) -> str:
        return "".join(
            f'<{tag} style="text-align: {"right" if place >= self.first_number else "left"}">'
            f"{html.escape(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        )


def sizes_in_words(sizes: Sequence[int] | None) -> str:
    """Write a shape as a cell of a table; "-" where there is none.

    Examples
    --------
    >>> sizes_in_words((3, 28, 28)), sizes_in_words(()), sizes_in_words(None)
    ('3×28×28', '1', '-')
    """
    if sizes is None:
        return "-"
    return "×".join(map(str, sizes)) or "1"
