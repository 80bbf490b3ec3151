"""Where and when the measurements of a figure were made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from convrnn_lab.measure.store import Store

Fact = tuple[str, str]


@dataclass(frozen=True)
class Stamp:
    """Where and when measurements were made.

    Attributes
    ----------
    machine : str
    when : str
        From the first to the last.
    others : int
        Measurements in the store that are another machine's, or another version's.
    versions : tuple of str
        The other versions of this package among them.
    set_aside : str
        The file that an unreadable store was moved to, if one was.
    reference : bool
        Whether they are those of the reference machine, and the reader has none yet.
    """

    machine: str
    when: str = ""
    others: int = 0
    versions: tuple[str, ...] = ()
    set_aside: str = ""
    reference: bool = False

    @property
    def facts(self) -> list[Fact]:
        """As they stand beside a figure."""
        facts = self._reference() if self.reference else self._here()
        if self.others:
            which = f" ({', '.join(self.versions)})" if self.versions else ""
            apart = f"{self.others} measurements of another machine or version{which}"
            facts.append(("Kept apart", apart))
        if self.set_aside:
            facts.append(("Store", f"could not be read whole; the old file is {self.set_aside}"))
        return facts

    def _here(self) -> list[Fact]:
        return [("Machine", self.machine), ("Measured", self.when or "not yet")]

    def _reference(self) -> list[Fact]:
        parts = (self.machine, self.when, "time of the processor")
        where = ", ".join(filter(None, parts))
        return [
            ("Measured on a reference machine", where),
            ("Your machine", "not measured yet; press Measure in a notebook"),
        ]

    @property
    def mark(self) -> str:
        """Stands behind a title of what was measured; empty for the reader's own machine."""
        return " (reference machine)" if self.reference else ""

    @property
    def short(self) -> str:
        """Stands in the title of a panel."""
        return " (reference)" if self.reference else ""


def stamp_of(store: Store, mine: Store, dates: Iterable[str], threads: Iterable[int] = ()) -> Stamp:
    """Return where what is drawn was measured, and between which dates.

    Parameters
    ----------
    store : Store
        Whose measurements are drawn: `mine`, or those of the reference machine.
    mine : Store
        The reader's.
    dates : iterable of str
        Of the measurements.
    threads : iterable of int
        Of the measurements; told of the reference machine.
    """
    known = sorted(each[:16].replace("T", " ") for each in dates)
    when = " to ".join(dict.fromkeys((known[0], known[-1]))) + " UTC" if known else ""
    aside = "" if mine.set_aside is None else mine.set_aside.name
    if store is mine:
        return Stamp(str(mine.here), when, mine.others, mine.other_versions, aside)
    counts = sorted(set(threads))
    words = f"{' or '.join(map(str, counts))} thread{'' if counts == [1] else 's'}"
    machine = f"{store.here}, {words}" if counts else str(store.here)
    return Stamp(
        machine, known[-1][:10] if known else "", mine.others, mine.other_versions, aside, True
    )
