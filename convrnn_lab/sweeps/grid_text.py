"""Grids as they are written: ``hidden=32,64``, ranges ``8:64:8``, YAML and CSV files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from convrnn_lab import checks
from convrnn_lab.reports.notebooks import Notebook, Parameter
from convrnn_lab.reports.values import Value
from convrnn_lab.sweeps.grid import Grid, Text, checked_grid

Axes: TypeAlias = dict[str, object]
"""Values to combine, by parameter, before they are checked."""

Rows: TypeAlias = list[dict[str, object]]
"""Points that are listed one by one, before they are checked."""

_RANGE_VALUES = 1_000_000
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER}):({_NUMBER})(?::({_NUMBER}))?")


def parse(
    notebook: Notebook, texts: Iterable[str], fixed: Mapping[str, object] | None = None
) -> Grid:
    """Return the grid that a command line asks for.

    Parameters
    ----------
    notebook : Notebook
    texts : iterable of str
        ``NAME=VALUES`` or the path of a YAML or CSV file.
    fixed : dict, optional
        Values that all points have.

    Raises
    ------
    ValueError
        If one cannot be read, or `checked_grid` refuses what it says.
    """
    axes: Axes = dict(fixed or {})
    rows: Rows | None = None
    for text in texts:
        name, equals, values = text.partition("=")
        if equals:
            more: Axes | Rows = {
                name.strip(): _listed(notebook.parameters.get(name.strip()), values)
            }
        else:
            more = _file(Path(text), notebook)
        if isinstance(more, list):
            if rows is not None:
                raise ValueError(f"grid must have one list of points; got a second one, {text!r}")
            rows = more
            continue
        for key, each in more.items():
            if key in axes:
                raise ValueError(f"{key} must be given once; got it again in {text!r}")
            axes[key] = each
    return checked_grid(notebook, axes, rows)


def pairs(notebook: Notebook, texts: Iterable[str]) -> dict[str, Value]:
    """Return the parameters that a command line gives as ``KEY=VALUE``.

    Raises
    ------
    ValueError
        If one cannot be read, or stands for no value of its parameter.
    """
    values = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise ValueError(f"parameter must be KEY=VALUE; got {text!r}")
        checks.choice("parameter", key, notebook.parameters)
        values[key] = notebook.parameters[key].parse(value)
    return values


def _listed(parameter: Parameter | None, text: str) -> list[object]:
    """Return the values of ``a,b,"c,d"``, or of a range where the parameter takes numbers."""
    (parts,) = csv.reader([text], skipinitialspace=True) if text else [[""]]
    found: list[object] = []
    for part in parts:
        span = _RANGE.fullmatch(part.strip())
        if span and parameter is not None and {int, float} & set(parameter.types):
            found += _range(part.strip(), *span.groups())
        else:
            found.append(Text(part.strip()))
    return found


def _range(text: str, first: str, last: str, step: str | None) -> list[Text]:
    """Return ``first``, ``first + step`` ... up to and with ``last``; exact in decimals."""
    low, high, by = Decimal(first), Decimal(last), Decimal(step or "1")
    count = int((high - low) / by) + 1 if by else 0
    if count < 1:
        raise ValueError(f"a range must be FIRST:LAST:STEP with a value in it; got {text!r}")
    if count > _RANGE_VALUES:
        raise ValueError(f"a range must have at most {_RANGE_VALUES:,} values; got {text!r}")
    return [Text(format(low + index * by, "f")) for index in range(count)]


def _file(path: Path, notebook: Notebook) -> Axes | Rows:
    """Return the axes or the rows in a YAML or CSV file."""
    readers = {".csv": _csv, ".yaml": _yaml, ".yml": _yaml}
    reader = readers.get(path.suffix.lower())
    if reader is None or not path.is_file():
        raise ValueError(
            f"grid must be NAME=VALUES or the path of a YAML or CSV file; got {str(path)!r}"
        )
    return reader(path, notebook)


def _csv(path: Path, _notebook: Notebook) -> Rows:
    """Read one point a line under a line of names; an empty field is not given."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, skipinitialspace=True)
        rows: Rows = []
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(
                    f"{path.name} must have a field for each name in line {reader.line_num}; "
                    f"got {checks.shown([each for each in row.values() if isinstance(each, str)])}"
                )
            rows.append({key.strip(): Text(text) for key, text in row.items() if text != ""})
    return rows


def _yaml(path: Path, notebook: Notebook) -> Axes | Rows:
    """Read a dict of lists of values, or a list of dicts, each a point."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"{path.name} must be YAML; got {checks.shown(first)}") from error
    if isinstance(content, list) and all(isinstance(each, dict) for each in content):
        return [{str(key): value for key, value in each.items()} for each in content]
    if not isinstance(content, dict):
        raise ValueError(
            f"{path.name} must have names with lists of values, or a list of points; "
            f"got {checks.shown(content)}"
        )
    return {
        str(key): _ranges(notebook.parameters.get(str(key)), value)
        for key, value in content.items()
    }


def _ranges(parameter: Parameter | None, value: object) -> list[object]:
    """Return a YAML value as a list of values, with ranges written out."""
    found: list[object] = []
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) and _RANGE.fullmatch(each):
            found += _listed(parameter, each)
        else:
            found.append(each)
    return found
