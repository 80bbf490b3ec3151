"""The cells of a sweep: checked before anything starts, and never all in memory at once."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from convrnn_lab import checks
from convrnn_lab.reports.notebooks import Notebook, Parameter

MANY = 1_000_000
"""Cells from which on a sweep is only started by somebody who has seen the estimate."""

_NAMED = 50
_REPORT_S = 0.5  # measured on two cores, for short notebooks
_REPORT_BYTES = 2_300_000  # the page has plotly.js in it


@dataclass(frozen=True)
class Grid:
    """Every combination of the values of `axes` with each of `rows`.

    Attributes
    ----------
    axes : dict of str to list
    rows : list of dict
        Cells that were listed one by one; a single empty one if none were.
    chosen : list of int, optional
        The cells that a random choice has left.
    dropped : int
        How many cells were there before, and are left out.
    """

    axes: dict[str, list[Any]]
    rows: list[dict[str, Any]]
    chosen: list[int] | None = None
    dropped: int = 0

    @property
    def count(self) -> int:
        """How many cells there are; ``len`` could not say it of a very large grid."""
        if self.chosen is not None:
            return len(self.chosen)
        return len(self.rows) * math.prod(map(len, self.axes.values()))

    @property
    def names(self) -> list[str]:
        """The parameters that are given values."""
        return list(dict.fromkeys([*(key for row in self.rows for key in row), *self.axes]))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        places = range(self.count) if self.chosen is None else self.chosen
        return map(self._cell, places)

    def _cell(self, place: int) -> dict[str, Any]:
        values = {}
        for name, axis in reversed(self.axes.items()):  # the last axis changes fastest
            place, index = divmod(place, len(axis))
            values[name] = axis[index]
        return self.rows[place] | dict(reversed(values.items()))

    def sample(self, count: int, seed: int) -> Grid:
        """Return a grid of `count` different cells of this one, chosen by `seed`, in its order.

        Raises
        ------
        ValueError
            If `count` is no positive integer, or `seed` no integer.
        """
        checks.integer("random", count, 1)
        checks.integer("seed", seed, 0)
        if count >= self.count:
            return self
        generator, chosen = random.Random(seed), set[int]()  # noqa: S311 - no secret
        if 2 * count > self.count:
            chosen.update(generator.sample(range(self.count), count))
        while len(chosen) < count:  # `sample` cannot count beyond a machine word
            chosen.add(generator.randrange(self.count))
        return replace(self, chosen=sorted(chosen))

    def estimate(self, jobs: int) -> str:
        """Say how long the whole would take, and how large it would be, at the least."""
        seconds, size = self.count * _REPORT_S / jobs, self.count * _REPORT_BYTES
        return f"at least {seconds / 86400:,.1f} days and {size / 1e12:,.1f} TB"


def grid(
    notebook: Notebook,
    axes: Mapping[str, Any] | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> Grid:
    """Return the grid of a notebook, each value checked and as the notebook gets it.

    Parameters
    ----------
    notebook : Notebook
    axes : dict
        A list of values for each name, or a single value.
    rows : sequence of dict, optional
        Cells that are listed one by one; `axes` is combined with each.

    Raises
    ------
    ValueError
        If a parameter is unknown, given twice or given no value, or if values are of a wrong type:
        each is named.
    """
    faults: list[str] = []
    listed = {name: _values(value) for name, value in (axes or {}).items()}
    if (listed or rows) and not notebook.parameters:
        notebook.checked(dict.fromkeys(listed) or dict((rows or [{}])[0]))
    checked_axes = {
        name: _checked(notebook, name, values, faults) for name, values in listed.items()
    }
    checked_rows = []
    for row in rows if rows is not None else [{}]:
        twice = [name for name in row if name in listed]
        faults += [f"{name} must be given once; got it in a list of cells, too" for name in twice]
        cells = {name: _checked(notebook, name, [value], faults) for name, value in row.items()}
        checked_rows.append({name: values[0] for name, values in cells.items() if values})
    if not checked_rows:
        faults.append("grid must have at least one cell; got an empty list")
    if faults:
        raise ValueError(_together(faults))
    whole = Grid(checked_axes, checked_rows).count
    unique = Grid(
        {name: _unique(values) for name, values in checked_axes.items()}, _unique(checked_rows)
    )
    return replace(unique, dropped=whole - unique.count)


def _values(value: Any) -> list[Any]:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return [value]
    return [each.item() if hasattr(each, "item") else each for each in value]


def _checked(notebook: Notebook, name: str, values: list[Any], faults: list[str]) -> list[Any]:
    """Return the values as the notebook gets them, and add what is wrong to `faults`."""
    found = []
    if not values:
        faults.append(f"{name} must have at least one value; got none")
    for value in values:
        try:
            checks.choice("parameter", name, notebook.parameters)
            found.append(_as_given(notebook.parameters[name], value))
        except ValueError as error:
            if str(error) not in faults:
                faults.append(str(error))
    return found


def _as_given(parameter: Parameter, value: Any) -> Any:
    """Return a value as the notebook gets it; a `Text` from a command line is read first."""
    return parameter.check(parameter.parse(str(value)) if isinstance(value, Text) else value)


class Text(str):
    """A value as it stands in a command line or a CSV file: what it is, the parameter says."""

    __slots__ = ()


def _together(faults: list[str]) -> str:
    more = len(faults) - _NAMED
    return "; and ".join(faults[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _unique(values: list[Any]) -> list[Any]:
    """Return the values without repetitions; 1 and True are two."""
    return list({_identity(value): value for value in values}.values())


def _identity(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(sorted((key, _identity(each)) for key, each in value.items()))
    return type(value).__name__, repr(value)
