"""Counts and measurements as data frames, to be saved or worked on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from convrnn_lab import checks, files
from convrnn_lab.measure.layer_cost import Cost
from convrnn_lab.measure.layer_kinds import OWN, Setting
from convrnn_lab.measure.layer_rows import LayerTimes
from convrnn_lab.measure.store import Store
from convrnn_lab.measure.timer import Timing
from convrnn_lab.measure.workload import Count, count
from convrnn_lab.shapes.table import sizes_in_words

if TYPE_CHECKING:
    import pandas as pd


def frame(store: Store, counted: Callable[[Setting], Count | None] | None = None) -> pd.DataFrame:
    """Return the measurements of layers in a store, a row each.

    Parameters
    ----------
    store : Store
    counted : function, optional
        Counts a setting; by default `count`.

    Returns
    -------
    pandas.DataFrame
        The fields of `Setting`; ``median_s``, ``low_s`` and ``high_s`` (quartiles), ``steady``,
        ``repeats``, ``operations``, ``peak_bytes``, ``multiply_adds``, ``bytes``, ``date``.
    """
    import pandas as pd

    rows = []
    for setting, found in store.settings():
        counts = (counted or _known)(setting)
        low, high = found.timing.quartiles_s
        row: dict[str, object] = {
            **asdict(setting),
            "median_s": found.timing.median_s,
            "low_s": low,
            "high_s": high,
            "steady": found.timing.steady,
            "repeats": len(found.timing.seconds),
            "operations": found.operations,
            "peak_bytes": found.peak_bytes,
            "multiply_adds": counts and counts.multiply_adds,
            "bytes": counts and counts.bytes,
            "date": found.date,
        }
        rows.append(row)
    table = pd.DataFrame(rows)
    whole = [name for name in ("operations", "peak_bytes", "multiply_adds", "bytes") if rows]
    return table.astype(dict.fromkeys(whole, "Int64"))


def cost_frame(cost: Cost) -> pd.DataFrame:
    """Return what a model costs, a row for each layer.

    Parameters
    ----------
    cost : Cost

    Returns
    -------
    pandas.DataFrame
        ``layer``, ``kind``, ``output_shape``, ``parameters``, ``multiply_adds`` (missing where it
        is not known), ``bytes``, ``unknown``.
    """
    import pandas as pd

    rows = [
        {
            "layer": row.layer,
            "kind": row.kind,
            "output_shape": ""
            if row.output_shape is None
            else " × ".join(map(str, row.output_shape)),
            "parameters": row.parameters,
            "multiply_adds": row.multiply_adds,
            "bytes": row.bytes,
            "unknown": ", ".join(row.unknown),
        }
        for row in cost.rows
    ]
    return pd.DataFrame(rows).astype({"multiply_adds": "Int64"})


def layer_frame(times: LayerTimes) -> pd.DataFrame:
    """Return how long each layer of a model takes, a row for each.

    Parameters
    ----------
    times : LayerTimes

    Returns
    -------
    pandas.DataFrame
        ``layer``, ``kind``, ``calls``, ``output_shape``, ``parameters``, ``multiply_adds``; of
        ``forward`` and ``backward`` ``_s`` (median), ``_low_s`` and ``_high_s`` (quartiles) and
        ``_share``; ``share`` of both, ``multiply_adds_share``; ``steady``, ``repeats``,
        ``kept_bytes``, ``peak_bytes``. What is not known, or not measured, is missing.
    """
    import pandas as pd

    rows = []
    for row in times.rows:
        shares = times.shares(row.layer)
        rows.append(
            {
                "layer": row.layer,
                "kind": row.kind,
                "calls": row.calls,
                "output_shape": sizes_in_words(row.output_shape) if row.output_shape else "",
                "parameters": row.parameters,
                "multiply_adds": row.multiply_adds,
                **_spread("forward", row.forward),
                "forward_share": shares.forward,
                **_spread("backward", row.backward),
                "backward_share": shares.backward,
                "share": shares.both,
                "multiply_adds_share": shares.multiply_adds,
                "steady": row.steady,
                "repeats": 0 if row.forward is None else len(row.forward.seconds),
                "kept_bytes": row.kept_bytes,
                "peak_bytes": row.peak_bytes,
            }
        )
    whole = dict.fromkeys(("multiply_adds", "kept_bytes", "peak_bytes"), "Int64")
    numbers = [name for name in rows[0] if name.endswith(("_s", "share"))]
    return pd.DataFrame(rows).astype({**whole, **dict.fromkeys(numbers, "float64")})


def _spread(name: str, found: Timing | None) -> dict[str, float | None]:
    low, high = (None, None) if found is None else found.quartiles_s
    return {
        f"{name}_s": None if found is None else found.median_s,
        f"{name}_low_s": low,
        f"{name}_high_s": high,
    }


def save(table: pd.DataFrame, path: str | Path) -> Path:
    """Write a table as CSV or Parquet, by the ending of the file's name; whole or not at all.

    Parameters
    ----------
    table : pandas.DataFrame
    path : str or path

    Raises
    ------
    ValueError
        If the name ends in something else, or the file cannot be written.
    """
    path = savable(path)
    writers = {".csv": table.to_csv, ".parquet": table.to_parquet}
    try:
        with files.replacing(path) as unfinished:
            writers[path.suffix.lower()](unfinished, index=False)
    except OSError as error:
        raise ValueError(
            f"output must be a file that can be written; got {checks.shown(str(path), 300)} "
            f"({error.strerror or error})"
        ) from error
    return path


def savable(path: str | Path) -> Path:
    """Return the path of a file that `save` can write.

    Raises
    ------
    ValueError
        If its name ends in neither .csv nor .parquet, or its folder is not there.
    """
    path = Path(path)
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise ValueError(f"output must end in .csv or .parquet; got {checks.shown(str(path))}")
    if not path.parent.is_dir():
        raise ValueError(f"output must be in a folder that is there; got {str(path)!r}")
    return path


def _known(setting: Setting) -> Count | None:
    return None if setting.layer == OWN else count(setting)
