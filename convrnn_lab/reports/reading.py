"""Read the named results of an executed notebook back; needs no kernel."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convrnn_lab import checks
from convrnn_lab.reports.values import Node, PlotlyFigure, Scalar

if TYPE_CHECKING:
    import numpy.typing as npt
    from nbformat import NotebookNode

    from convrnn_lab.reports.report import Report

MIMETYPE = "application/vnd.convrnn-lab.result+json"
PLOTLY = "application/vnd.plotly.v1+json"


@dataclass(frozen=True)
class RecordedValue:
    """A number or a text that a notebook recorded."""

    name: str
    value: Scalar


@dataclass(frozen=True)
class RecordedTable:
    """A table that a notebook recorded."""

    name: str
    columns: list[str]
    rows: list[list[Scalar]]


@dataclass(frozen=True)
class RecordedFigure:
    """A figure that a notebook recorded, as it is stored."""

    name: str
    content: PlotlyFigure


Result = RecordedValue | RecordedTable | RecordedFigure


# Any: each result has a type of its own.
def results(notebook: str | Path | Report | NotebookNode) -> dict[str, Any]:
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
    found: dict[str, object] = {}
    for result in raw_results(_cells(notebook)):
        found.pop(result.name, None)  # a name recorded again takes its later place
        found[result.name] = _opened(result)
    return found


def _opened(result: Result) -> object:
    if isinstance(result, RecordedFigure):
        import plotly.graph_objects as go

        return go.Figure(plain_figure(result.content))
    if isinstance(result, RecordedTable):
        import pandas as pd

        return pd.DataFrame(result.rows, columns=result.columns)
    return result.value


def raw_results(cells: Iterable[Node]) -> Iterator[Result]:
    """Yield the results in a notebook's cells as they are stored, figures with their content.

    Raises
    ------
    ValueError
        If one is not as `record` writes it.
    """
    for output in (output for cell in cells for output in cell.get("outputs", [])):
        data = output.get("data", {})
        if MIMETYPE in data:
            yield _result(data[MIMETYPE], data.get(PLOTLY))


def _result(stored: Node, figure: PlotlyFigure | None) -> Result:
    """Return a stored result; a figure that is shown is stored once, beside it."""
    if not isinstance(stored, Mapping) or stored.keys() != {"name", "kind", "value"}:
        raise ValueError(
            f"results must be as `record` writes them; got {checks.shown(dict(stored))}"
        )
    name, value = stored["name"], stored["value"]
    if stored["kind"] == "table":
        rows = [[scalar(each) for each in row] for row in value["rows"]]
        return RecordedTable(name, list(value["columns"]), rows)
    if stored["kind"] == "figure":
        return RecordedFigure(name, figure or {} if value is None else value)
    return RecordedValue(name, scalar(value))


def scalar(stored: Scalar | Mapping[str, str]) -> Scalar:
    """Return a number or a text as it was before it became JSON."""
    return float(stored["float"]) if isinstance(stored, Mapping) else stored


# Any: the parts of a figure are dicts, lists, numbers and texts.
def plain_figure(value: Any) -> Any:
    """Return a stored figure with dicts for a notebook's nodes and its packed arrays unpacked."""
    if isinstance(value, Mapping):
        if value.keys() >= {"bdata", "dtype"}:
            return _unpacked(value)
        return {key: plain_figure(each) for key, each in value.items()}
    return [plain_figure(each) for each in value] if isinstance(value, list) else value


# Any: an array's element type is known when it is read.
def _unpacked(array: PlotlyFigure) -> npt.NDArray[Any]:
    """Return the array that plotly.py packs as base64."""
    import numpy as np

    flat = np.frombuffer(base64.b64decode(array["bdata"]), dtype=f"<{array['dtype']}")
    shape = [int(size) for size in str(array.get("shape", len(flat))).split(",")]
    return flat.reshape(shape)


def _cells(notebook: str | Path | Report | NotebookNode) -> list[Node]:
    if isinstance(notebook, Mapping):  # a NotebookNode is one
        return list(notebook["cells"])
    path = notebook.notebook if hasattr(notebook, "notebook") else Path(notebook)
    try:
        return list(json.loads(path.read_text("utf-8"))["cells"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"notebook must be an executed file in the .ipynb format; got {checks.shown(str(path))}"
        ) from error
