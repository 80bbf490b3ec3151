"""The results of a sweep as a table: ``results.csv`` and ``results.parquet``.

Both are written row by row from the records of the reports, whatever the length of the grid.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from convrnn_lab.reports.values import Value
from convrnn_lab.sweeps.messages import Record, State
from convrnn_lab.sweeps.plan import Plan, Point

if TYPE_CHECKING:
    import pandas as pd

OWN = ("status", "seconds", "reason", "kernel", "report")
_BATCH = 1_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes
    ----------
    name : str
    source : str
        ``"parameter"``, ``"result"`` or ``"report"``.
    key : str
        Its name there; another one where two sources have the same.
    kind : str
        ``"int"``, ``"float"``, ``"bool"`` or ``"str"``.
    """

    name: str
    source: str
    key: str
    kind: str


def columns(plan: Plan) -> list[Column]:
    """Return the columns: the parameters, what was recorded, and how each report went."""
    kinds: dict[tuple[str, str], set[str]] = {("parameter", n): set() for n in plan.grid.names}
    for point in plan.points():
        for place, value in _values(point):
            kinds.setdefault(place, set()).update(_kind(value))
    own = {("report", key): {"float" if key == "seconds" else "str"} for key in OWN}
    taken: set[str] = set()
    found = []
    for (source, key), seen in (kinds | own).items():
        name = f"{key} ({source})" if key in taken else key
        taken.add(name)
        found.append(Column(name, source, key, _common(seen)))
    return found


def _values(point: Point) -> Iterator[tuple[tuple[str, str], Value]]:
    for key, value in point.parameters.items():
        yield ("parameter", key), value
    for key, value in (point.record.results if point.record else {}).items():
        yield ("result", key), value


def _kind(value: Value) -> set[str]:
    if value is None:
        return set()
    return {type(value).__name__ if type(value) in (bool, int, float) else "str"}


def _common(kinds: set[str]) -> str:
    """Return the one kind of column that holds them all."""
    if kinds == {"int", "float"}:
        return "float"
    return kinds.pop() if len(kinds) == 1 else "str"


def rows(plan: Plan, wanted: list[Column]) -> Iterator[list[Value]]:
    """Yield the values of each point of the grid, one for each column."""
    for point in plan.points():
        values = dict(_values(point))
        values |= {("report", key): value for key, value in _own(point, point.record).items()}
        yield [_as(column.kind, values.get((column.source, column.key))) for column in wanted]


def _own(point: Point, record: Record | None) -> dict[str, Value]:
    """Return how a report went, by `OWN`."""
    page = f"reports/{point.name}.html" if point.state is State.DONE else ""
    about = (record.seconds, record.reason, record.kernel) if record else (None, None, None)
    return dict(zip(OWN, (point.state.value, *about, page), strict=True))


def _as(kind: str, value: Value) -> Value:
    if value is None or (kind == "str" and isinstance(value, str)):
        return value
    if kind == "float" and isinstance(value, (int, float)):
        return float(value)
    return value if kind != "str" else json.dumps(value, ensure_ascii=False)


def write(plan: Plan) -> None:
    """Write both files, whole.

    Raises
    ------
    OSError
        If one cannot be written.
    """
    wanted = columns(plan)
    with plan.folder.replacing("results.csv") as path:
        _write_csv(path, plan, wanted)
    with plan.folder.replacing("results.parquet") as path:
        _write_parquet(path, plan, wanted)


def _write_csv(path: Path, plan: Plan, wanted: list[Column]) -> None:
    """Write the table as text; what a spreadsheet would take for a formula is made a text."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([_harmless(column.name) for column in wanted])
        for row in rows(plan, wanted):
            writer.writerow([_harmless(value) for value in row])


def _harmless(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_parquet(path: Path, plan: Plan, wanted: list[Column]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "str": pa.string()}
    schema = pa.schema([(column.name, types[column.kind]) for column in wanted])
    every = rows(plan, wanted)
    with pq.ParquetWriter(path, schema) as writer:
        while batch := list(itertools.islice(every, _BATCH)):
            columns_of = [list(values) for values in zip(*batch, strict=True)]
            writer.write_table(pa.table(columns_of, schema=schema))


def read(folder: Path) -> pd.DataFrame:
    """Return the table in a sweep's folder as a ``pandas.DataFrame``."""
    import pandas as pd

    return pd.read_parquet(folder / "results.parquet")
