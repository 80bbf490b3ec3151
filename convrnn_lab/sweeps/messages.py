"""What the parts of a sweep tell each other, across processes and machines as plain JSON.

A `Task` goes to a worker, which makes an `Outcome` of it: the files of a report, one of which is
its `Record`. The worker writes them, and a `Summary` comes back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, cast

from convrnn_lab.reports.values import Scalar, Value

REASON_CHARACTERS = 2_000

Json: TypeAlias = dict[str, object]
"""A message as it travels."""


class State(StrEnum):
    """How far a report is."""

    DONE = "done"
    FAILED = "failed"
    STALE = "stale"
    MISSING = "not run"


@dataclass(frozen=True)
class Record:
    """How a report went; the file ``reports/NAME.json``.

    Attributes
    ----------
    name : str
        Of its files, without an ending.
    key : str
        A hash of what its result depends on.
    parameters : dict
    status : State
        Done or failed.
    reason : str
        Of a failure, in one sentence.
    lines : tuple of str
        What a failing cell, or a lost process, said last.
    results : dict
        The numbers and texts that the notebook recorded.
    thumbnail : str
        SVG of the first figure that it recorded; empty if there is none.
    kernel : str
        ``"forked"``, or why it was not; empty where nobody knows.
    seconds : float, optional
        Wall time; None where nobody knows.
    """

    name: str
    key: str
    parameters: dict[str, Value]
    status: State
    reason: str = ""
    lines: tuple[str, ...] = ()
    results: dict[str, Scalar] = field(default_factory=dict)
    thumbnail: str = ""
    kernel: str = ""
    seconds: float | None = None

    def to_json(self) -> Json:
        """Return it as its file has it, since version 0.1.0."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, found: object) -> Record:
        """Return the record that `to_json` has written, in this version or an earlier one.

        Raises
        ------
        ValueError
            If it is none.
        """
        if not isinstance(found, dict) or not _fits(found):
            raise ValueError("record must be as `to_json` writes it; got something else")
        known = {name: found[name] for name in _KINDS}
        return cls(**known | {"status": State(found["status"]), "lines": tuple(found["lines"])})


_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("name", "key", "status", "reason", "thumbnail", "kernel"), (str,)),
    **dict.fromkeys(("parameters", "results"), (dict,)),
    "lines": (list,),
    "seconds": (int, float, type(None)),
}


def _fits(found: dict[str, object]) -> bool:
    """Tell whether a record's fields are there, each of its type."""
    typed = all(name in found and isinstance(found[name], kinds) for name, kinds in _KINDS.items())
    return typed and found["status"] in (State.DONE, State.FAILED)


@dataclass(frozen=True)
class Outcome:
    """A report that has ended: its record, and its two other files if it came to its end.

    Attributes
    ----------
    record : Record
    notebook, page : str, optional
        Their texts.
    """

    record: Record
    notebook: str | None = None
    page: str | None = None

    @property
    def summary(self) -> Summary:
        """What is said of it where its files are not written yet."""
        return Summary(self.record.name, self.record.status, outcome=self)

    def to_json(self) -> Json:
        """Return it as it travels."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, object]) -> Outcome:
        """Return what `to_json` was given, which has gone through JSON or not.

        Raises
        ------
        ValueError
            If its record is none.
        """
        record = dict(cast("Json", found["record"]))
        record["lines"] = list(cast("Sequence[str]", record["lines"]))
        texts = (cast("str | None", found[name]) for name in ("notebook", "page"))
        return cls(Record.from_json(record), *texts)


@dataclass(frozen=True)
class Summary:
    """What a worker tells the sweep of a report that has ended.

    Attributes
    ----------
    name : str
    status : State
    last : bool
        Whether the worker process ends after it, to make room for a new one.
    unwritten : str
        Why its files could not be written; empty if they are there.
    outcome : Outcome, optional
        The whole of it, where it is still to be written.
    """

    name: str
    status: State
    last: bool = False
    unwritten: str = ""
    outcome: Outcome | None = None

    def to_json(self) -> Json:
        """Return it as a worker sends it, which has written its outcome."""
        return {
            "name": self.name,
            "status": self.status.value,
            "last": self.last,
            "unwritten": self.unwritten,
        }

    @classmethod
    def from_json(cls, found: Mapping[str, object]) -> Summary:
        """Return what `to_json` was given.

        Raises
        ------
        ValueError
            If it is none.
        """
        name, status, last, unwritten = (
            found.get(k) for k in ("name", "status", "last", "unwritten")
        )
        return cls(str(name), State(str(status)), bool(last), str(unwritten))


@dataclass(frozen=True)
class Task:
    """A report to make.

    Attributes
    ----------
    path, text : str
        Of the notebook.
    values : dict
        Its parameters as it gets them: paths of files are whole.
    timeout_s : int
        Seconds that each cell may take.
    name, key : str
    parameters : dict
        As for `Record`.
    work : str, optional
        The folder to make the report's own folder in; that of temporary files by default.
    folder : str
        The sweep's folder, where the worker writes.
    fork_server : str, optional
        The address to have the kernel forked at.
    """

    path: str
    text: str
    values: dict[str, Value]
    timeout_s: int
    name: str
    key: str
    parameters: dict[str, Value]
    work: str | None = None
    folder: str = ""
    fork_server: str | None = None

    def to_json(self) -> Json:
        """Return it as it travels."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, found: Json) -> Task:
        """Return what `to_json` was given."""
        return cls(**found)  # type: ignore[arg-type]  # written by `to_json` of this version

    def failed(self, reason: str, lines: Sequence[str] = ()) -> Outcome:
        """Return the outcome of a failure, such as that of a lost worker."""
        about = (self.name, self.key, self.parameters, State.FAILED)
        return Outcome(Record(*about, reason[:REASON_CHARACTERS], tuple(lines)))
