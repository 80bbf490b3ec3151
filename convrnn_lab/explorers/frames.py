"""The numbers of a figure as a data frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]


def of_figure(figure: dict[str, Any]) -> pd.DataFrame:
    """Return all that a figure draws: a row for each point, bar or pixel.

    Parameters
    ----------
    figure : dict
        In plotly's JSON schema.

    Returns
    -------
    pandas.DataFrame
        ``panel`` (its title), ``trace``, ``x``, ``y`` and, of pixels, ``z``; missing where a trace
        has none.
    """
    import pandas as pd

    meta = figure["layout"].get("meta") or {}
    titles = {note["axes"][0]: note["title"] for note in meta.get("panels", ())}
    rows = [row for trace in figure["data"] for row in _rows(trace, titles)]
    return pd.DataFrame(rows, columns=["panel", "trace", "x", "y", "z"])


def _rows(trace: dict[str, Any], titles: dict[str, str]) -> Iterator[Row]:
    named = {"panel": titles.get(trace.get("xaxis", "x"), ""), "trace": trace.get("name", "")}
    if trace.get("z") is not None:
        for (row, column), value in np.ndenumerate(np.asarray(trace["z"])):
            yield named | {"x": column, "y": row, "z": value}
        return
    ys = [] if trace.get("y") is None else list(trace["y"])
    xs = [] if trace.get("x") is None else list(trace["x"])
    start, step = trace.get("x0", 0), trace.get("dx", 1)
    for place in range(max(len(xs), len(ys))):
        x = xs[place] if xs else start + place * step
        yield named | {"x": x, "y": ys[place] if ys else None}
