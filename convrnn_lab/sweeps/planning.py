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
from typing import Any

from convrnn_lab import __version__
from convrnn_lab.reports.errors import ReportError
from convrnn_lab.reports.notebooks import Notebook
from convrnn_lab.sweeps import folders, naming
from convrnn_lab.sweeps.grids import Grid

_FORMAT = 1
_REASONS = 5


@dataclass(frozen=True)
class Cell:
    """One cell of the grid, and where it stands.

    Attributes
    ----------
    parameters : dict
    name : str
        Of its files, without an ending.
    key : str
        A hash of what its result depends on.
    state : str
        `folders.DONE`, `FAILED`, `STALE` or `MISSING`.
    record : dict or None
        What is known of its report, if that is not stale.
    """

    parameters: dict[str, Any]
    name: str
    key: str
    state: str
    record: dict[str, Any] | None


@dataclass(frozen=True)
class Ended:
    """How a sweep has ended.

    Attributes
    ----------
    states, kernels : dict of str to int
        How many reports are done, failed or not run; and how many had which kernel.
    reasons : list of str
        Of the first that failed.
    """

    states: dict[str, int]
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
    found : dict of str to int
        How many cells were done, failed, stale and missing at the start.
    waiting : int
        How many are to be run.
    """

    def __init__(
        self, notebook: Notebook, grid: Grid, folder: folders.Folder, *, timeout_s: int, force: bool
    ) -> None:
        self.notebook = notebook
        self.grid = grid
        self.folder = folder
        self.timeout_s = timeout_s
        self.force = force
        states = (folders.DONE, folders.FAILED, folders.STALE, folders.MISSING)
        self.found = dict.fromkeys(states, 0)
        for cell in self.cells():
            self.found[cell.state] += 1
        self.waiting = grid.count if force else grid.count - self.found[folders.DONE]

    def cells(self) -> Iterator[Cell]:
        """Yield every cell as it stands now."""
        for parameters in self.grid:
            name = naming.file_name(parameters, self.notebook.name)
            key = self._key(parameters)
            yield Cell(parameters, name, key, *self.folder.state(name, key))

    @functools.cached_property
    def _text_hash(self) -> str:
        return hashlib.sha256(self.notebook.text.encode()).hexdigest()

    def _key(self, parameters: dict[str, Any]) -> str:
        about = [_FORMAT, __version__, self._text_hash, parameters]
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()

    def tasks(self) -> Iterator[dict[str, Any]]:
        """Yield what is to be run."""
        for cell in self.cells():
            if self.force or cell.state != folders.DONE:
                yield {
                    "path": str(self.notebook.path),
                    "text": self.notebook.text,
                    "values": {key: _whole(value) for key, value in cell.parameters.items()},
                    "timeout_s": self.timeout_s,
                    "work": str(self.folder.work),
                    "record": {"name": cell.name, "key": cell.key, "parameters": cell.parameters},
                }

    @property
    def limit_s(self) -> float:
        """Seconds that a whole report can take at most, if each cell keeps to its limit."""
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
        states, kernels = Counter[str](), Counter[str]()
        reasons: list[str] = []
        for cell in self.cells():
            states[cell.state] += 1
            if cell.record is not None:
                kernels[cell.record["kernel"]] += 1
            if cell.record is not None and cell.state == folders.FAILED and len(reasons) < _REASONS:
                reasons.append(cell.record["reason"])
        return Ended(dict(states), dict(kernels), reasons)

    def note(self, summary: dict[str, Any]) -> None:
        """Write down a report that nobody else could write down.

        Raises
        ------
        ReportError
            If files cannot be written.
        """
        try:
            if "outcome" in summary:
                self.folder.write(summary["outcome"])
        except OSError as error:
            summary = {"unwritten": error.strerror or str(error)}
        if "unwritten" in summary:
            raise ReportError(
                f"{self.folder.reports} could not be written: {summary['unwritten']}; "
                "the same command goes on from there"
            )


def _whole(value: Any) -> Any:
    """Return the path of a file as it is seen from a folder of the report's own."""
    looks = isinstance(value, str) and ("/" in value or "." in value) and len(value) < 1000
    return str(Path(value).resolve()) if looks and Path(value).is_file() else value
