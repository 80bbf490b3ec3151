"""Record named results of a notebook while it runs; `reading` reads them back.

A result travels as an output of the cell that recorded it, in a media type of our own beside the
forms that a front end shows. So it is wherever the executed notebook is.
"""

from __future__ import annotations

import html
import json
import math
import sys
from collections.abc import Mapping

from convrnn_lab import checks
from convrnn_lab.reports.reading import MIMETYPE, PLOTLY, RecordedTable
from convrnn_lab.reports.values import Bundle, Scalar

NAME_CHARACTERS = 80
TEXT_CHARACTERS = 2_000
TABLE_CELLS = 10_000
_INTEGERS = 2**63  # what a column of a table file can hold
_PLAIN_ROWS = 20
_WHOLE, _EXPONENT = 1e4, 1e15  # between them a float is written without its decimals


def record(name: str, value: object, *, shown: bool = True) -> None:
    """Record a result of this notebook under a name; a name recorded again is replaced.

    Parameters
    ----------
    name : str
        Names a column of a sweep's table, so the same in every run.
    value : number, str, table or plotly figure
        Stored exactly, shown with four digits. A bool is a number; a numpy or torch value of one
        element, too. A table is a list of dicts
        or a DataFrame, whose index is not kept. Of several figures, the first one recorded
        is a sweep's thumbnail.
    shown : bool
        Whether a figure is shown here; False where an explorer shows it already.

    Raises
    ------
    ValueError
        If the name is no short text on one line, or the value none of these.
    """
    if not isinstance(name, str) or not name.isprintable() or not name.strip():
        raise ValueError(f"name must be a text on one line; got {checks.shown(name)}")
    if len(name) > NAME_CHARACTERS:
        raise ValueError(
            f"name must have at most {NAME_CHARACTERS} characters; got {checks.shown(name)}"
        )
    _display(_bundle(name, value, shown=shown))


def _bundle(name: str, value: object, *, shown: bool) -> Bundle:
    """Return the forms of a result, ours and those that are shown."""
    if hasattr(value, "to_plotly_json") and hasattr(value, "to_json"):
        figure = json.loads(value.to_json())
        title = (figure["layout"].get("title") or {}).get("text") or "a figure"
        plain = f"{name}: {title}"
        if shown:  # the figure is stored once, as what is shown
            forms = {MIMETYPE: _result(name, "figure"), PLOTLY: figure, "text/plain": plain}
            # A figure of ours brings what a report's page draws in its place.
            element = value.page_element() if hasattr(value, "page_element") else ""
            return forms | ({"text/html": element} if element else {})
        return {MIMETYPE: _result(name, "figure", figure), "text/plain": plain}
    rows = value.to_dict("records") if hasattr(value, "to_dict") else value
    if isinstance(rows, list):
        table = _table(name, rows)
        forms = {"text/plain": _plain(table), "text/html": _markup(table)}
        stored = {
            "columns": table.columns,
            "rows": [[_stored(each) for each in row] for row in table.rows],
        }
        return {MIMETYPE: _result(name, "table", stored), **forms}
    checked = _scalar(name, value)
    plain = f"{name}: not known yet" if checked is None else f"{name} = {_short(checked)}"
    return {MIMETYPE: _result(name, "value", _stored(checked)), "text/plain": plain}


def _result(name: str, kind: str, value: object = None) -> dict[str, object]:
    return {"name": name, "kind": kind, "value": value}


def _scalar(name: str, value: object) -> Scalar:
    """Return a number or a text that can be stored."""
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()  # of numpy or torch
    if isinstance(value, str) and len(value) > TEXT_CHARACTERS:
        raise ValueError(
            f"{name} must have at most {TEXT_CHARACTERS:,} characters; got {len(value):,}"
        )
    if isinstance(value, str):
        checks.text(name, value)
    if isinstance(value, int) and not -_INTEGERS <= value < _INTEGERS:
        raise ValueError(f"{name} must be an integer of 64 bits; got {checks.shown(value)}")
    if value is None or type(value) in (bool, int, str):
        return value  # type: ignore[return-value]  # it is one of these exactly
    if isinstance(value, float):
        return float(value)
    raise ValueError(
        f"{name} must be a number, a text, a table or a plotly figure; got {checks.shown(value)}"
    )


def _stored(value: Scalar) -> Scalar | dict[str, str]:
    """Return a value as JSON has it, which has no NaN and no infinity."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def _short(value: Scalar) -> str:
    """Write a value to be read: a float has four significant digits, or all before the point."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if _WHOLE <= abs(value) < _EXPONENT else f"{value:.4g}"


def _table(name: str, rows: list[object]) -> RecordedTable:
    """Return the columns in the order in which they turn up, and the rows."""
    found: list[dict[str, object]] = []
    for row in rows:
        if not isinstance(row, Mapping):
            raise ValueError(f"{name} must have a dict for each row; got {checks.shown(row)}")
        found.append({str(key): value for key, value in row.items()})
    columns = list(dict.fromkeys(key for row in found for key in row))
    if len(columns) * len(rows) > TABLE_CELLS:
        raise ValueError(
            f"{name} must have at most {TABLE_CELLS:,} cells; got {len(columns) * len(rows):,}"
        )
    cells = [[_scalar(f"{name}[{key!r}]", row.get(key)) for key in columns] for row in found]
    return RecordedTable(name, columns, cells)


def _plain(table: RecordedTable) -> str:
    body = [[_short(cell) for cell in row] for row in table.rows[:_PLAIN_ROWS]]
    lines = [table.columns, *body]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = ["  ".join(c.rjust(w) for c, w in zip(line, widths, strict=True)) for line in lines]
    more = len(table.rows) - len(body)
    return "\n".join([f"{table.name}:", *texts, *([f"and {more} more rows"] if more else [])])


def _markup(table: RecordedTable) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(_short(cell))}</td>' for cell in row)}</tr>"
        for row in table.rows
    )
    return (
        f'<table class="dataframe"><caption>{html.escape(table.name)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _display(bundle: Bundle) -> None:
    # Only a kernel has IPython loaded; in a plain script the text is what there is to see.
    core = sys.modules.get("IPython.core.interactiveshell")
    if core is None or not core.InteractiveShell.initialized():
        sys.stdout.write(f"{bundle['text/plain']}\n")
        return
    from IPython.display import display

    display(bundle, raw=True)
