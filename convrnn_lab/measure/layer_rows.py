"""The time and the memory of a model's layers, as rows that say their shares of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from convrnn_lab import checks
from convrnn_lab.measure.timer import Timing
from convrnn_lab.shapes.table import Table, sizes_in_words

OUTSIDE = "outside layers"
"""The row of what the model computes itself, and of what PyTorch does between layers."""

HEADS = (
    *("layer", "kind", "calls", "output", "parameters", "multiply-adds"),
    *("forward ms", "backward ms", "share", "of multiply-adds", "kept KiB"),
)


@dataclass(frozen=True)
class LayerTime:
    """What one layer takes in one run of its model: all its calls together.

    Attributes
    ----------
    layer : str
        As in ``named_modules``; "(model)" where the model is itself a layer, or `OUTSIDE`.
    kind : str
        Its class.
    calls : int
        0 of a layer that is never called.
    output_shape : tuple of int or None
        Of the last call, without the batch.
    parameters : int
        Those that no row before has counted.
    multiply_adds : int or None
        Forward, for the whole batch; None where not all are known. A gradient takes twice as many.
    forward, backward : Timing or None
        Seconds of all calls in one run; None where there is nothing to measure.
    kept_bytes : int or None
        What is still held when its calls have returned: its outputs, and what its gradient needs.
    peak_bytes : int or None
        The most that one of its calls held at once, beyond what was there before.
    """

    layer: str
    kind: str
    calls: int = 0
    output_shape: tuple[int, ...] | None = None
    parameters: int = 0
    multiply_adds: int | None = None
    forward: Timing | None = None
    backward: Timing | None = None
    kept_bytes: int | None = None
    peak_bytes: int | None = None

    @property
    def forward_s(self) -> float:
        """Median of the forward pass, in seconds; 0 where there is nothing to measure."""
        return 0.0 if self.forward is None else self.forward.median_s

    @property
    def backward_s(self) -> float:
        """Median of the gradient, in seconds; 0 where there is nothing to measure."""
        return 0.0 if self.backward is None else self.backward.median_s

    @property
    def both_s(self) -> float:
        """Forward and backward, in seconds."""
        return self.forward_s + self.backward_s

    @property
    def steady(self) -> bool:
        """Whether all that was measured of it is."""
        return all(each.steady for each in (self.forward, self.backward) if each is not None)


@dataclass(frozen=True)
class Shares:
    """Parts of the whole, each from 0 to 1; None where there is no whole.

    Attributes
    ----------
    forward, backward, both, multiply_adds : float or None
    """

    forward: float | None
    backward: float | None
    both: float | None
    multiply_adds: float | None


@dataclass(frozen=True, repr=False)
class LayerTimes(Mapping[str, LayerTime]):
    """How long each layer of a model takes: rows by the name of the layer; prints as a table.

    Attributes
    ----------
    rows : tuple of LayerTime
        In the order of the first calls; then layers that are never called, and what is outside
        all layers.
    whole_forward, whole_backward : Timing or None
        Of the model without any clock inside, measured in turns with the rows.
    batch, threads : int
    dtype, device : str
    reasons : tuple of str
        Why something is missing, such as a gradient.
    """

    rows: tuple[LayerTime, ...]
    whole_forward: Timing
    whole_backward: Timing | None = None
    batch: int = 1
    threads: int = 1
    dtype: str = "float32"
    device: str = "cpu"
    reasons: tuple[str, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, LayerTime]:
        return {row.layer: row for row in self.rows}

    def __getitem__(self, layer: str) -> LayerTime:
        checks.key("layer", layer, self._by_name)
        return self._by_name[layer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        """Count of rows."""
        return len(self.rows)

    def shares(self, layer: str) -> Shares:
        """Return what parts of all seconds and of all known multiply-adds a layer takes.

        The shares of all rows add up to 1, what is outside layers among them.

        Raises
        ------
        ValueError
            If there is no such row.
        """
        row = self[layer]
        return shares_of(self.rows, row)

    @property
    def overhead(self) -> float:
        """By which part all rows together take longer than the model without a clock inside.

        The median over the turns, each of which has measured both.
        """
        whole = _added([self.whole_forward, self.whole_backward])
        inside = _added([each for row in self.rows for each in (row.forward, row.backward)])
        parts = [one / two - 1 for one, two in zip(inside, whole, strict=True) if two]
        return median(parts) if parts else 0.0

    @property
    def notes(self) -> list[str]:
        """What is said under the table."""
        unused = [row.layer for row in self.rows if row.layer != OUTSIDE and not row.calls]
        unknown = [row.layer for row in self.rows if row.multiply_adds is None]
        added = f"{100 * self.overhead:+.1f} %".replace("-", "−")
        clocks = f"Clocks between the layers change the whole by {added}, noise included."
        return [
            *([f"Never called: {', '.join(unused)}."] if unused else []),
            *([f"Multiply-adds not known: {', '.join(unknown)}."] if unknown else []),
            *(f"{reason}." for reason in self.reasons),
            clocks,
        ]

    def table(self) -> Table:
        """Return the rows in words."""
        rows = tuple(tuple(_cells(row, self.shares(row.layer))) for row in self.rows)
        return Table(HEADS, rows, 2, tuple(self.notes))

    def __repr__(self) -> str:
        return self.table().text()

    def __str__(self) -> str:
        return self.table().text()

    def _repr_html_(self) -> str:
        return self.table().markup()


def shares_of(rows: Sequence[LayerTime], row: LayerTime) -> Shares:
    """Return what parts of the whole one of some rows takes."""
    return Shares(
        _part(row.forward_s, sum(each.forward_s for each in rows)),
        _part(row.backward_s, sum(each.backward_s for each in rows)),
        _part(row.both_s, sum(each.both_s for each in rows)),
        _part(row.multiply_adds, sum(each.multiply_adds or 0 for each in rows)),
    )


def _added(timings: Sequence[Timing | None]) -> list[float]:
    """Add up what was measured in each turn."""
    known = [each.seconds for each in timings if each is not None]
    return [sum(turn) for turn in zip(*known, strict=True)]


def _part(one: float | None, whole: float) -> float | None:
    return None if one is None or not whole else one / whole


def _cells(row: LayerTime, shares: Shares) -> list[str]:
    return [
        row.layer,
        row.kind,
        str(row.calls) if row.layer != OUTSIDE else "-",
        sizes_in_words(row.output_shape),
        f"{row.parameters:,}",
        "not known" if row.multiply_adds is None else f"{row.multiply_adds:,}",
        _milliseconds(row.forward),
        _milliseconds(row.backward),
        _percent(shares.both),
        _percent(shares.multiply_adds),
        "-" if row.kept_bytes is None else f"{row.kept_bytes / 1024:,.1f}",
    ]


def _milliseconds(found: Timing | None) -> str:
    return "-" if found is None else f"{1000 * found.median_s:.3g}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
