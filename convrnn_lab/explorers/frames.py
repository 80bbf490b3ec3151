"""The numbers of a figure as a data frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

Row = dict[str, Any]


def of_figure(figure: go.Figure) -> pd.DataFrame:
    """Return all that a figure draws: a row for each point, bar or pixel.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure

    Returns
    -------
    pandas.DataFrame
        ``panel`` (its title), ``trace``, ``x``, ``y`` and, of pixels, ``z``; missing where a trace
        has none.
    """
    import pandas as pd

    notes = (figure.layout.meta or {}).get("panels", ())
    titles = {note["axes"][0]: note["title"] for note in notes}
    rows = [row for trace in figure.data for row in _rows(trace, titles)]
    return pd.DataFrame(rows, columns=["panel", "trace", "x", "y", "z"])


def _rows(trace: Any, titles: dict[str, str]) -> Iterator[Row]:
    named = {"panel": titles.get(_of(trace, "xaxis", "x"), ""), "trace": trace.name or ""}
    pixels = _of(trace, "z")
    if pixels is not None:
        for (row, column), value in np.ndenumerate(np.asarray(pixels)):
            yield named | {"x": column, "y": row, "z": value}
        return
    xs, ys = (list(_of(trace, name, ())) for name in ("x", "y"))
    start, step = _of(trace, "x0", 0), _of(trace, "dx", 1)
    for place in range(max(len(xs), len(ys))):
        x = xs[place] if xs else start + place * step
        yield named | {"x": x, "y": ys[place] if ys else None}


def _of(trace: Any, name: str, otherwise: Any = None) -> Any:
    """Return an attribute of a trace, where its kind has it and it is set."""
    found = getattr(trace, name, None)
    return otherwise if found is None else found
