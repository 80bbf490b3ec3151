"""Named results of a notebook: recorded while it runs, read back without a kernel.

A result travels as an output of the cell that recorded it, in a media type of our own beside the
forms that a front end shows. So it is wherever the executed notebook is.
"""

from __future__ import annotations

import base64
import html
import json
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from convrnn_lab import checks

MIMETYPE = "application/vnd.convrnn-lab.result+json"
_PLOTLY = "application/vnd.plotly.v1+json"

NAME_CHARACTERS = 80
TEXT_CHARACTERS = 2_000
TABLE_CELLS = 10_000
_INTEGERS = 2**63  # what a column of a table file can hold
_PLAIN_ROWS = 20


def record(name: str, value: Any, *, shown: bool = True) -> None:
    """Record a result of this notebook under a name; a name recorded again is replaced.

    Parameters
    ----------
    name : str
        Names a column of a sweep's table, so the same in every run.
    value : number, str, table or plotly figure
        A bool is a number; a numpy or torch value of one element, too. A table is a list of dicts
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


def _bundle(name: str, value: Any, *, shown: bool) -> dict[str, Any]:
    """Return the forms of a result, ours and those that are shown."""
    if hasattr(value, "to_plotly_json"):
        figure = json.loads(value.to_json())
        title = (figure["layout"].get("title") or {}).get("text") or "a figure"
        plain = f"{name}: {title}"
        if shown:  # the figure is stored once, as what is shown
            forms = {MIMETYPE: _result(name, "figure"), _PLOTLY: figure, "text/plain": plain}
            # A figure of ours brings what a report's page draws in its place.
            element = value.page_element() if hasattr(value, "page_element") else ""
            return forms | ({"text/html": element} if element else {})
        return {MIMETYPE: _result(name, "figure", figure), "text/plain": plain}
    rows = value.to_dict("records") if hasattr(value, "to_dict") else value
    if isinstance(rows, list):
        table = _table(name, rows)
        forms = {"text/plain": _plain(name, table), "text/html": _markup(name, table)}
        return {MIMETYPE: _result(name, "table", table), **forms}
    scalar = _scalar(name, value)
    return {MIMETYPE: _result(name, "value", scalar), "text/plain": f"{name} = {value}"}


def _result(name: str, kind: str, value: Any = None) -> dict[str, Any]:
    return {"name": name, "kind": kind, "value": value}


def _scalar(name: str, value: Any) -> Any:
    """Return a number or text as JSON has it; JSON has no NaN and no infinity."""
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
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    raise ValueError(
        f"{name} must be a number, a text, a table or a plotly figure; got {checks.shown(value)}"
    )


def _table(name: str, rows: list[Any]) -> dict[str, Any]:
    """Return the columns in the order in which they turn up, and the rows."""
    for row in rows:
        if not isinstance(row, Mapping):
            raise ValueError(f"{name} must have a dict for each row; got {checks.shown(row)}")
    columns = list(dict.fromkeys(str(key) for row in rows for key in row))
    if len(columns) * len(rows) > TABLE_CELLS:
        raise ValueError(
            f"{name} must have at most {TABLE_CELLS:,} cells; got {len(columns) * len(rows):,}"
        )
    texts = [{str(key): value for key, value in row.items()} for row in rows]
    cells = [[_scalar(f"{name}[{key!r}]", row.get(key)) for key in columns] for row in texts]
    return {"columns": columns, "rows": cells}


def _plain(name: str, table: dict[str, Any]) -> str:
    head, body = [table["columns"]], table["rows"][:_PLAIN_ROWS]
    lines = [[str(read(cell)) for cell in row] for row in head + body]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = ["  ".join(c.rjust(w) for c, w in zip(line, widths, strict=True)) for line in lines]
    more = len(table["rows"]) - len(body)
    return "\n".join([f"{name}:", *texts, *([f"and {more} more rows"] if more else [])])


def _markup(name: str, table: dict[str, Any]) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in table["columns"])
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(str(read(cell)))}</td>' for cell in row)}</tr>"
        for row in table["rows"]
    )
    return (
        f'<table class="dataframe"><caption>{html.escape(name)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _display(bundle: dict[str, Any]) -> None:
    # Only a kernel has IPython loaded; in a plain script the text is what there is to see.
    core = sys.modules.get("IPython.core.interactiveshell")
    if core is None or not core.InteractiveShell.initialized():
        sys.stdout.write(f"{bundle['text/plain']}\n")
        return
    from IPython.display import display

    display(bundle, raw=True)


def results(notebook: Any) -> dict[str, Any]:
    """Return what an executed notebook recorded, by name; needs no kernel.

    Parameters
    ----------
    notebook : str, path, Report or NotebookNode

    Returns
    -------
    dict of str to object
        Numbers and texts as they were; tables as ``pandas.DataFrame``, figures as
        ``plotly.graph_objects.Figure``.

    Raises
    ------
    ValueError
        If it is no notebook, or a result in it is not as `record` writes it.
    """
    found: dict[str, Any] = {}
    for result in raw_results(_cells(notebook)):
        name, kind, value = result["name"], result["kind"], result["value"]
        found.pop(name, None)  # a name recorded again takes its later place
        if kind == "figure":
            import plotly.graph_objects as go

            found[name] = go.Figure(plain_figure(value))
        elif kind == "table":
            import pandas as pd

            rows = [[read(cell) for cell in row] for row in value["rows"]]
            found[name] = pd.DataFrame(rows, columns=value["columns"])
        else:
            found[name] = read(value)
    return found


def raw_results(cells: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the results in a notebook's cells as they are stored, figures with their content.

    Raises
    ------
    ValueError
        If one is not as `record` writes it.
    """
    for output in (output for cell in cells for output in cell.get("outputs", [])):
        data = output.get("data", {})
        result = data.get(MIMETYPE)
        if result is None:
            continue
        if not isinstance(result, Mapping) or result.keys() != {"name", "kind", "value"}:
            raise ValueError(
                f"results must be as `record` writes them; got {checks.shown(dict(result))}"
            )
        value = result["value"]
        if result["kind"] == "figure" and value is None:
            value = data[_PLOTLY]
        yield _result(result["name"], result["kind"], value)


def plain_figure(value: Any) -> Any:
    """Return a stored figure with dicts for a notebook's nodes and its packed arrays unpacked."""
    if isinstance(value, Mapping):
        if value.keys() >= {"bdata", "dtype"}:
            return _unpacked(value)
        return {key: plain_figure(each) for key, each in value.items()}
    return [plain_figure(each) for each in value] if isinstance(value, list) else value


def _unpacked(array: Mapping[str, Any]) -> Any:
    """Return the array that plotly.py packs as base64."""
    import numpy as np

    flat = np.frombuffer(base64.b64decode(array["bdata"]), dtype=f"<{array['dtype']}")
    shape = [int(size) for size in str(array.get("shape", len(flat))).split(",")]
    return flat.reshape(shape)


def read(value: Any) -> Any:
    """Return a number or a text as it was before it became JSON."""
    return float(value["float"]) if isinstance(value, Mapping) else value


def _cells(notebook: Any) -> list[Any]:
    if isinstance(notebook, Mapping):  # a NotebookNode is one
        return list(notebook["cells"])
    path = Path(getattr(notebook, "notebook", notebook))
    try:
        return list(json.loads(path.read_text("utf-8"))["cells"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"notebook must be an executed file in the .ipynb format; got {checks.shown(str(path))}"
        ) from error
