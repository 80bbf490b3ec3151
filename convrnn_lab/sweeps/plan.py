"""What a sweep has to do: the tasks of a grid, what is there already, and how each one ended."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from convrnn_lab import __version__
from convrnn_lab.reports.errors import ReportError
from convrnn_lab.reports.notebooks import Notebook
from convrnn_lab.reports.values import Value
from convrnn_lab.sweeps import naming
from convrnn_lab.sweeps.folder import Folder
from convrnn_lab.sweeps.grid import Grid
from convrnn_lab.sweeps.messages import Record, State, Summary, Task

_FORMAT = 1
_REASONS = 5
_PATH_CHARACTERS = 1_000


@dataclass(frozen=True)
class Point:
    """A point of the grid, and how far its report is.

    Attributes
    ----------
    parameters : dict
    name : str
        Of its files, without an ending.
    key : str
        A hash of what its result depends on.
    state : State
    record : Record or None
        What is known of its report, if that is not stale.
    """

    parameters: dict[str, Value]
    name: str
    key: str
    state: State
    record: Record | None


@dataclass(frozen=True)
class Ended:
    """How a sweep has ended.

    Attributes
    ----------
    states : dict of State to int
        How many reports are done, failed or not run.
    kernels : dict of str to int
        How many had which kernel.
    reasons : list of str
        Of the first that failed.
    """

    states: dict[State, int]
    kernels: dict[str, int]
    reasons: list[str]


class Plan:
    """The work of a sweep.

    Parameters
    ----------
    notebook : Notebook
    grid : Grid
    folder : Folder
    timeout_s : int
    force : bool

    Attributes
    ----------
    found : dict of State to int
        How many points were done, failed, stale and missing at the start.
    waiting : int
        How many are to be run.
    """

    def __init__(
        self, notebook: Notebook, grid: Grid, folder: Folder, *, timeout_s: int, force: bool
    ) -> None:
        self.notebook = notebook
        self.grid = grid
        self.folder = folder
        self.timeout_s = timeout_s
        self.force = force
        self.found = dict.fromkeys(State, 0)
        for point in self.points():
            self.found[point.state] += 1
        self.waiting = grid.count if force else grid.count - self.found[State.DONE]

    def points(self) -> Iterator[Point]:
        """Yield every point of the grid as it stands now."""
        for parameters in self.grid:
            name = naming.file_name(parameters, self.notebook.name)
            key = self._key(parameters)
            yield Point(parameters, name, key, *self.folder.state(name, key))

    @functools.cached_property
    def _text_hash(self) -> str:
        return hashlib.sha256(self.notebook.text.encode()).hexdigest()

    def _key(self, parameters: dict[str, Value]) -> str:
        about = [_FORMAT, __version__, self._text_hash, parameters]
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()

    def tasks(self) -> Iterator[Task]:
        """Yield what is to be run."""
        for point in self.points():
            if self.force or point.state is not State.DONE:
                yield Task(
                    path=str(self.notebook.path),
                    text=self.notebook.text,
                    values={name: _whole(value) for name, value in point.parameters.items()},
                    timeout_s=self.timeout_s,
                    name=point.name,
                    key=point.key,
                    parameters=point.parameters,
                    work=str(self.folder.work),
                )

    @property
    def limit_s(self) -> float:
        """Seconds that a whole report can take, if each cell of the notebook keeps to its limit."""
        cells = json.loads(self.notebook.text)["cells"]
        return (1 + len(cells)) * self.timeout_s

    @property
    def python_path(self) -> str:
        """Where kernels look for modules: here, and beside the notebook."""
        beside = str(self.notebook.path.resolve().parent)
        return os.pathsep.join(
            filter(None, [str(Path.cwd()), beside, os.environ.get("PYTHONPATH")])
        )

    def ended(self) -> Ended:
        """Return how the sweep has ended."""
        states, kernels = Counter[State](), Counter[str]()
        reasons: list[str] = []
        for point in self.points():
            states[point.state] += 1
            if point.record is not None:
                kernels[point.record.kernel] += 1
            if point.record is not None and point.record.reason and len(reasons) < _REASONS:
                reasons.append(point.record.reason)
        return Ended(dict(states), dict(kernels), reasons)

    def note(self, summary: Summary) -> None:
        """Write the files of a report that no worker has written.

        Raises
        ------
        ReportError
            If files cannot be written.
        """
        unwritten = summary.unwritten
        try:
            if summary.outcome is not None:
                self.folder.write(summary.outcome)
        except OSError as error:
            unwritten = error.strerror or str(error)
        if unwritten:
            raise ReportError(
                f"{self.folder.reports} could not be written: {unwritten}; "
                "the same command goes on from there"
            )


def _whole(value: Value) -> Value:
    """Return the path of a file as it is seen from a folder of the report's own."""
    if not isinstance(value, str) or not {"/", "."} & set(value) or len(value) >= _PATH_CHARACTERS:
        return value
    return str(Path(value).resolve()) if Path(value).is_file() else value
