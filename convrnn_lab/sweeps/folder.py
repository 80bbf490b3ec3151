"""The folder of a sweep: whose it is, who works in it, and what stands in it.

``reports/NAME.json`` is the record of a report, written last and whole: where it is, the files
beside it are whole, too. It carries a hash of all that the result depends on, so an interrupted
sweep knows what is missing and a changed notebook what is stale.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

from convrnn_lab import checks, files
from convrnn_lab.reports import notebooks
from convrnn_lab.sweeps.messages import Outcome, Record, State


class Folder:
    """A sweep's folder; `opened` returns it locked against other sweeps."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reports = path / "reports"
        self.private = path / ".sweep"
        self.work = self.private / "work"

    def record(self, name: str) -> Record | None:
        """Return the record of a report, or None if there is none that can be read."""
        try:
            return Record.from_json(json.loads((self.reports / f"{name}.json").read_text("utf-8")))
        except (OSError, ValueError):
            return None

    def state(self, name: str, key: str) -> tuple[State, Record | None]:
        """Return how far a report is, and its record unless that is of something else."""
        found = self.record(name)
        if found is None:
            return State.MISSING, None
        if found.key != key:
            return State.STALE, None
        whole = all((self.reports / f"{name}{end}").is_file() for end in (".ipynb", ".html"))
        if found.status is State.DONE and not whole:
            return State.MISSING, None
        return found.status, found

    def write(self, outcome: Outcome) -> None:
        """Write the files of a report, the record last.

        Raises
        ------
        OSError
            If one cannot be written; the record is not there then.
        """
        record, notebook, page = self._paths(outcome.record.name)
        record.unlink(missing_ok=True)
        if outcome.notebook is not None and outcome.page is not None:
            files.write_whole({notebook: outcome.notebook, page: outcome.page})
        else:  # what an earlier run has left is not what this record is about
            notebook.unlink(missing_ok=True)
            page.unlink(missing_ok=True)
        files.write_whole({record: json.dumps(outcome.record.to_json())})

    def read(self, name: str) -> Outcome:
        """Return what `write` has written: the outcome of a report.

        Raises
        ------
        OSError, ValueError
            If its record is not there, or is none.
        """
        record, *others = self._paths(name)
        texts = [path.read_text("utf-8") if path.is_file() else None for path in others]
        return Outcome(Record.from_json(json.loads(record.read_text("utf-8"))), *texts)

    def _paths(self, name: str) -> list[Path]:
        """Return where the record, the notebook and the page of a report are."""
        return [self.reports / f"{name}{end}" for end in (".json", ".ipynb", ".html")]

    def replacing(self, name: str) -> contextlib.AbstractContextManager[Path]:
        """Yield a path to write to; when that went well, it becomes the file `name`."""
        return files.replacing(self.path / name, self.private)

    def tidy(self) -> None:
        """Remove what killed processes have left."""
        shutil.rmtree(self.work, ignore_errors=True)
        for half in self.reports.glob(".*"):
            half.unlink(missing_ok=True)


@contextlib.contextmanager
def opened(path: Path, notebook: str, names: Sequence[str]) -> Iterator[Folder]:
    """Return the folder of the sweep of a notebook over these parameters, and keep others out.

    Raises
    ------
    ValueError
        If it cannot be written, belongs to something else, or somebody works in it.
    """
    folder = Folder(files.writable("folder", path))
    _check_owner(folder, notebook, names)
    folder.private.mkdir(exist_ok=True)
    worker = folder.private / "worker.json"
    with _locked(folder, worker):
        try:
            _sign(folder, worker, notebook, names)
            folder.reports.mkdir(exist_ok=True)
            folder.tidy()
            folder.work.mkdir()
            yield folder
        finally:
            folder.tidy()
            worker.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(folder: Folder, worker: Path) -> Iterator[None]:
    """Keep others out; the system lets go of the lock when its process ends, however it ends."""
    import filelock

    lock = filelock.FileLock(folder.private / "lock", timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise ValueError(
            f"folder must be free; got {checks.shown(str(folder.path))}, in which "
            f"{_described(worker)} is running a sweep"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _sign(folder: Folder, worker: Path, notebook: str, names: Sequence[str]) -> None:
    """Write down whose folder it is, and who works in it now."""
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    who = {"pid": os.getpid(), "host": socket.gethostname(), "since": now}
    about = {"notebook": notebook, "names": sorted(names)}
    whose = json.dumps(about, ensure_ascii=False, indent=1)
    files.write_whole({worker: json.dumps(who), folder.path / "sweep.json": whose})


def _check_owner(folder: Folder, notebook: str, names: Sequence[str]) -> None:
    owner = _owner(folder)
    wanted = _over(notebook, names)
    # What 0.1.0 has made of a notebook that has another name by now is stale, but the same sweep's.
    if owner is None:
        same = not _others(folder)
    else:
        same = wanted in (_over(*owner), _over(notebooks.OLD_NAMES.get(owner[0], ""), owner[1]))
    if same:
        return
    whose = f"which belongs to that of {_over(*owner)}" if owner else "which holds other files"
    raise ValueError(
        f"folder must be empty or of a sweep of {wanted}; got {checks.shown(str(folder.path))}, "
        f"{whose}"
    )


def _owner(folder: Folder) -> tuple[str, list[str]] | None:
    """Return the notebook and the parameters of the sweep in a folder; None if it has none."""
    try:
        found = json.loads((folder.path / "sweep.json").read_text("utf-8"))
        return str(found["notebook"]), sorted(map(str, found["names"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _over(notebook: str, names: Sequence[str]) -> str:
    return f"{notebook} over {', '.join(sorted(names)) or 'nothing'}"


def _others(folder: Folder) -> bool:
    return any(each != folder.private for each in folder.path.iterdir())


def _described(worker: Path) -> str:
    try:
        who = json.loads(worker.read_text("utf-8"))
        return f"process {who['pid']} on {who['host']} (since {who['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
