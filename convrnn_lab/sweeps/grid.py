"""The grid of a sweep: checked before anything starts, and never all in memory at once.

A point of the grid is one combination of values: the parameters of one report.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from convrnn_lab import checks
from convrnn_lab.reports.notebooks import Notebook, Parameter
from convrnn_lab.reports.values import Value

MANY = 1_000_000
"""Above this many points, ask first."""

_NAMED = 50
_REPORT_S = 0.5  # measured on two cores, for short notebooks
_REPORT_BYTES = 510_000  # a page of text; a figure that plotly draws brings two megabytes more

T = TypeVar("T")

Point: TypeAlias = dict[str, Value]
"""One combination of values, by parameter."""


@dataclass(frozen=True)
class Grid:
    """Every combination of the values of `axes` with each of `rows`.

    Attributes
    ----------
    axes : dict of str to list
    rows : list of dict
        Points that were listed one by one; a single empty one if none were.
    chosen : list of int, optional
        The points that a random choice has left.
    dropped : int
        How many points were repeated, and are left out.
    """

    axes: dict[str, list[Value]]
    rows: list[Point]
    chosen: list[int] | None = None
    dropped: int = 0

    @property
    def count(self) -> int:
        """How many points there are; ``len`` could not say it of a very large grid."""
        if self.chosen is not None:
            return len(self.chosen)
        return len(self.rows) * math.prod(map(len, self.axes.values()))

    @property
    def names(self) -> list[str]:
        """The parameters that are given values."""
        return list(dict.fromkeys([*(key for row in self.rows for key in row), *self.axes]))

    @property
    def large(self) -> bool:
        """Whether somebody should be asked first."""
        return self.count >= MANY

    def __iter__(self) -> Iterator[Point]:
        places = range(self.count) if self.chosen is None else self.chosen
        return map(self._point, places)

    def _point(self, place: int) -> Point:
        values: Point = {}
        for name, axis in reversed(self.axes.items()):  # the last axis changes fastest
            place, index = divmod(place, len(axis))
            values[name] = axis[index]
        return self.rows[place] | dict(reversed(values.items()))

    def sample(self, count: int, seed: int) -> Grid:
        """Return a grid of `count` different points of this one, chosen by `seed`, in its order.

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


def checked_grid(
    notebook: Notebook,
    axes: Mapping[str, object] | None = None,
    rows: Sequence[Mapping[str, object]] | None = None,
) -> Grid:
    """Return the grid of a notebook, each value checked and as the notebook gets it.

    Parameters
    ----------
    notebook : Notebook
    axes : dict
        A list of values for each name, or a single value.
    rows : sequence of dict, optional
        Points that are listed one by one; `axes` is combined with each.

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
    checked_rows = [
        _checked_row(notebook, row, listed, faults) for row in (rows if rows is not None else [{}])
    ]
    if not checked_rows:
        faults.append("grid must have at least one point; got an empty list")
    if faults:
        raise ValueError(_together(faults))
    whole = Grid(checked_axes, checked_rows).count
    unique = Grid(
        {name: _unique(values) for name, values in checked_axes.items()}, _unique(checked_rows)
    )
    return replace(unique, dropped=whole - unique.count)


def _checked_row(
    notebook: Notebook, row: Mapping[str, object], listed: Collection[str], faults: list[str]
) -> Point:
    """Return one point as the notebook gets it, and add what is wrong to `faults`."""
    twice = [name for name in row if name in listed]
    faults += [f"{name} must be given once; got it in a list of points, too" for name in twice]
    found = {name: _checked(notebook, name, [value], faults) for name, value in row.items()}
    return {name: values[0] for name, values in found.items() if values}


def _values(value: object) -> list[object]:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return [value]
    return [each.item() if hasattr(each, "item") else each for each in value]


def _checked(notebook: Notebook, name: str, values: list[object], faults: list[str]) -> list[Value]:
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


def _as_given(parameter: Parameter, value: object) -> Value:
    """Return a value as the notebook gets it; a `Text` from a command line is read first."""
    return parameter.check(parameter.parse(str(value)) if isinstance(value, Text) else value)


class Text(str):
    """A value as it stands in a command line or a CSV file: what it is, the parameter says."""

    __slots__ = ()


def _together(faults: list[str]) -> str:
    more = len(faults) - _NAMED
    return "; and ".join(faults[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _unique(values: list[T]) -> list[T]:
    """Return the values without repetitions; 1 and True are two."""
    return list({_identity(value): value for value in values}.values())


def _identity(value: object) -> Hashable:
    if isinstance(value, Mapping):
        return tuple(sorted((key, _identity(each)) for key, each in value.items()))
    return type(value).__name__, repr(value)
