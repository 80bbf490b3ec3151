"""The numbers of a sheet as a data frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from convrnn_lab.drawing.sheet import Part, PlotlySheet, Sheet

if TYPE_CHECKING:
    import pandas as pd


def of_sheet(sheet: Sheet | PlotlySheet) -> pd.DataFrame:
    """Return all that a sheet draws: a row for each point, bar or pixel.

    Parameters
    ----------
    sheet : Sheet or PlotlySheet

    Returns
    -------
    pandas.DataFrame
        ``panel`` (its title), ``trace``, ``x``, ``y`` and, of pixels, ``z``; missing where a trace
        has none.
    """
    import pandas as pd

    rows = [row for title, trace in sheet.numbers() for row in _rows(title, trace)]
    return pd.DataFrame(rows, columns=["panel", "trace", "x", "y", "z"])


def _rows(title: str, trace: Part) -> Iterator[Part]:
    named = {"panel": title, "trace": trace.get("name") or ""}
    pixels = trace.get("z")
    if pixels is not None:
        for (row, column), value in np.ndenumerate(np.asarray(pixels)):
            yield named | {"x": column, "y": row, "z": value}
        return
    xs, ys = (trace.get(axis) for axis in ("x", "y"))
    start, step = trace.get("x0", 0), trace.get("dx", 1)
    for place in range(max(len(each) for each in (xs, ys) if each is not None)):
        x = start + place * step if xs is None else xs[place]
        yield named | {"x": x, "y": None if ys is None else ys[place]}
