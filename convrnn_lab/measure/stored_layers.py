"""The times of a model's layers in a store: put there, and put together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from convrnn_lab.measure.layer_rows import OUTSIDE, LayerTime, LayerTimes
from convrnn_lab.measure.store import Measured, Store
from convrnn_lab.measure.timer import Timing

_WHOLE = "(whole)"
_WAYS = ("forward", "backward")


@dataclass(frozen=True)
class ModelKey:
    """By what the times of a model's layers are found in a store.

    Attributes
    ----------
    model : str
        Its name in the store.
    batch : int
    """

    model: str
    batch: int

    def key(self, part: str, way: str) -> dict[str, object]:
        """Return the key of a layer's seconds, forward or backward."""
        return {"model": self.model, "batch": self.batch, "part": part, "way": way}


def keep(store: Store, what: ModelKey, found: LayerTimes, session: str) -> None:
    """Put the times of all layers into a store, in place of those of another session.

    Raises
    ------
    ValueError
        If the store's file cannot be written; they are in the store all the same.
    """
    whole = LayerTime(_WHOLE, "", forward=found.whole_forward, backward=found.whole_backward)
    for row in (*found.rows, whole):
        for way, timing in zip(_WAYS, (row.forward, row.backward), strict=True):
            if timing is not None:
                measured = Measured(
                    timing,
                    peak_bytes=row.peak_bytes,
                    session=session,
                    kept_bytes=row.kept_bytes,
                )
                store.add(what.key(row.layer, way), measured)


def kept(store: Store, what: ModelKey, rows: Sequence[LayerTime]) -> LayerTimes | None:
    """Return the rows with their times, if the store has those of all layers that are called."""
    whole = _found(store, what, _WHOLE)
    by_layer = [(row, _found(store, what, row.layer)) for row in rows]
    needed = [found for row, found in by_layer if row.calls or row.layer == OUTSIDE]
    if whole[0] is None or any(forward is None for forward, _ in needed):
        return None
    timed = [_with_times(row, *found) for row, found in by_layer]
    return LayerTimes(tuple(timed), whole[0].timing, _timing(whole[1]), what.batch)


def dates(store: Store, what: ModelKey) -> list[str]:
    """Return when it was measured: nothing, or one date and time."""
    found, _ = _found(store, what, _WHOLE)
    return [] if found is None else [found.date]


def _found(store: Store, what: ModelKey, part: str) -> tuple[Measured | None, Measured | None]:
    forward, backward = (store.get(what.key(part, way)) for way in _WAYS)
    return forward, backward


def _with_times(row: LayerTime, forward: Measured | None, backward: Measured | None) -> LayerTime:
    if forward is None:
        return row
    return replace(
        row,
        forward=forward.timing,
        backward=_timing(backward),
        kept_bytes=forward.kept_bytes,
        peak_bytes=forward.peak_bytes,
    )


def _timing(measured: Measured | None) -> Timing | None:
    return None if measured is None else measured.timing
