"""What a model costs as a table that fits a screen, with its totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from convrnn_lab.shapes.table import Table, sizes_in_words

if TYPE_CHECKING:
    from convrnn_lab.measure.layer_cost import Cost, Row

COLUMNS = (
    *("layer", "kind", "input", "output"),
    *("parameters", "multiply-adds", "memory", "field", "stride"),
)
_FIRST_NUMBER = 4

_UNREACHED = 3
"""Layers after the failing one that a table still shows."""

UNMADE = ("cannot be made",)
"""Stands in `Row.unknown` for a layer whose parameters are not known either."""


def table_of(cost: Cost) -> Table:
    """Return a model's layers as a table, with the notes under it."""
    rows = tuple(tuple(_cells(label, row)) for label, row in shown(cost).items())
    return Table(COLUMNS, rows, _FIRST_NUMBER, tuple(cost.notes))


def shown(cost: Cost) -> Mapping[str, Row]:
    """Return the rows of the table; of many layers that are not reached, the first few."""
    reached = sum(row.state != "not reached" for row in cost.rows)
    return dict(list(cost.items())[: reached + _UNREACHED])


def notes(cost: Cost) -> list[str]:
    """Return what is said under the table: the totals, and what has no receptive field."""
    hidden = cost.rows[len(shown(cost)) :]
    parameters = sum(row.parameters for row in hidden)
    rest = f"… and {len(hidden)} more layers that are not reached, {parameters:,} parameters."
    reasons = [row.no_field for row in cost.rows if row.no_field and row.state == "done"]
    # An input of one size has no axes, and nobody misses a field.
    named = dict.fromkeys(reasons) if len(cost.input_shape) > 1 else ()
    fields = [f"Receptive field: {reason}." for reason in named]
    return [*([rest] if hidden else []), f"{cost.summary}.", *fields]


def summary(cost: Cost, *, whole: bool = True) -> str:
    """Write the totals in one line; "at least" where they are not of the whole model."""
    least = "" if whole and not cost.unknown else "at least "
    unmade = "at least " if any(row.unknown == UNMADE for row in cost.rows) else ""
    unknown = f"; not known: {', '.join(cost.unknown)}" if cost.unknown else ""
    return (
        f"{unmade}{cost.parameters:,} parameters, {least}{cost.multiply_adds:,} multiply-adds, "
        f"{least}{_amount(cost.bytes)}, for one input of {_inputs(cost.input_shape)}{unknown}"
    )


def _inputs(shape: Sequence[int] | Sequence[Sequence[int]]) -> str:
    several = [each for each in shape if isinstance(each, Sequence)]
    if several:
        return " and ".join(sizes_in_words(each) for each in several)
    return sizes_in_words([each for each in shape if isinstance(each, int)])


def _cells(label: str, row: Row) -> list[str]:
    output = {"fails": "fails", "not reached": "not reached"}.get(row.state)
    whole = row.field_stride is not None and not any(row.field_stride)
    products = "-" if row.multiply_adds is None else f"{row.multiply_adds:,}"
    return [
        label,
        row.kind,
        sizes_in_words(row.input_shape),
        output or sizes_in_words(row.output_shape),
        "not known" if row.unknown == UNMADE else f"{row.parameters:,}",
        "not known" if row.unknown and row.state == "done" else products,
        _amount(row.bytes),
        sizes_in_words(row.field_size),
        "whole" if whole else sizes_in_words(row.field_stride),
    ]


def _amount(count: int) -> str:
    """Write a count of bytes with a unit.

    Examples
    --------
    >>> _amount(2048)
    '2.0 KiB'
    """
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} GiB"
