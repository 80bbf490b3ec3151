"""The same on a Dask cluster: the workers need the package, and no file system in common.

Each Dask worker has a `WorkerManager`, so reports are isolated there as they are here; the texts of
a report come back, and are written here. A report whose Dask worker is lost is given to another
by the scheduler.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from convrnn_lab import __version__
from convrnn_lab.reports.errors import ReportError
from convrnn_lab.sweeps.folder import Folder
from convrnn_lab.sweeps.messages import Json, Outcome, Summary, Task
from convrnn_lab.sweeps.plan import Plan
from convrnn_lab.sweeps.workers import Worker, WorkerManager

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT_S = 15


class Cluster:
    """Runs tasks on a Dask cluster; a context manager that lets go of it.

    Parameters
    ----------
    address : str
        Of the scheduler.
    plan : Plan

    Attributes
    ----------
    running : int
        Reports that the cluster's workers have, at most.
    """

    _client: Client

    def __init__(self, address: str, plan: Plan) -> None:
        self.address = address
        self.running = 0
        self._limit_s = plan.limit_s

    def __enter__(self) -> Cluster:
        try:
            from distributed import Client
        except ImportError as error:
            raise ReportError(
                "a scheduler needs dask.distributed, which is not installed; "
                'pip install "convrnn-lab[cluster]" brings it'
            ) from error
        try:
            self._client = Client(self.address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ReportError(f"no Dask scheduler answers at {self.address}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            self._client.close(timeout=5)

    def run(self, tasks: Iterator[Task]) -> Iterator[Summary]:
        """Yield the summary of each task as it ends, its outcome in it.

        Raises
        ------
        ReportError
            If the scheduler goes away.
        """
        try:
            yield from self._summaries(tasks)
        except (OSError, CancelledError) as error:
            raise ReportError(
                f"the Dask scheduler at {self.address} has gone away; "
                "the same command goes on from there"
            ) from error

    def _summaries(self, tasks: Iterator[Task]) -> Iterator[Summary]:
        from distributed import as_completed

        sent: dict[Future[Json], Task] = {}
        ended = as_completed(loop=self._client.loop)

        def send() -> None:
            task = next(tasks, None)
            if task is not None:
                # What the local folder is called means nothing where it runs.
                message = replace(task, work=None).to_json()
                about = (__version__, self._limit_s)
                future = self._client.submit(report, message, *about, pure=False)
                sent[future] = task
                ended.add(future)

        for _ in range(self._wanted()):
            send()
        for future in ended:
            while len(sent) <= self._wanted():  # workers may have joined
                before = len(sent)
                send()
                if len(sent) == before:
                    break
            self.running = min(len(sent) - 1, self._threads())
            yield _outcome(future, sent.pop(future)).summary

    def _threads(self) -> int:
        return sum(self._client.nthreads().values())

    def _wanted(self) -> int:
        """Return how many tasks the scheduler is to have: some wait, so that no worker does."""
        return 2 * max(self._threads(), 1)


def _outcome(future: Future[Json], task: Task) -> Outcome:
    from distributed import KilledWorker

    if future.status == "cancelled":
        raise CancelledError
    error = future.exception()
    if error is None:
        return Outcome.from_json(future.result())
    if isinstance(error, KilledWorker):
        return task.failed("the Dask workers that had it were lost")
    return task.failed(f"its Dask worker says {type(error).__name__}: {error}")


def report(message: Json, version: str, limit_s: float) -> Json:
    """Make a report in a Dask worker.

    Parameters
    ----------
    message : dict
        A `Task`; as plain JSON, so that a worker of another version can say that it is one.
    version : str
        Of the package, where the sweep runs.
    limit_s : float
        Seconds that the report may take as a whole.

    Returns
    -------
    dict
        Its `Outcome`.
    """
    return _made_here(Task.from_json(message), version, limit_s).to_json()


def _made_here(task: Task, version: str, limit_s: float) -> Outcome:
    if version != __version__:
        reason = f"its Dask worker has version {__version__} of the package"
        return task.failed(f"{reason}, not {version}")
    with tempfile.TemporaryDirectory() as path, _shared(limit_s).borrowed() as worker:
        folder = Folder(Path(path))
        folder.reports.mkdir()
        summary = worker.finish(replace(task, folder=path))
        if summary.unwritten:
            return task.failed(f"its Dask worker could not write it: {summary.unwritten}")
        return summary.outcome or folder.read(task.name)


class _Borrowed:
    """A worker process for as long as a task needs it."""

    def __init__(self, manager: WorkerManager, worker: Worker | None) -> None:
        self.manager = manager
        self.worker = worker

    def finish(self, task: Task) -> Summary:
        summary, self.worker = self.manager.finish(task, self.worker)
        return summary


class _Shared:
    """The worker processes of a Dask worker, which may have several threads."""

    def __init__(self, limit_s: float) -> None:
        self.manager = WorkerManager({}, limit_s)
        self.idle: list[Worker] = []
        atexit.register(self.manager.close)

    @contextlib.contextmanager
    def borrowed(self) -> Iterator[_Borrowed]:
        try:
            worker = self.idle.pop()
        except IndexError:
            worker = None
        borrowed = _Borrowed(self.manager, worker)
        yield borrowed
        if borrowed.worker is not None:
            self.idle.append(borrowed.worker)


_MAKING = threading.Lock()


def _shared(limit_s: float) -> _Shared:
    with _MAKING:
        return _made(limit_s)


@functools.cache
def _made(limit_s: float) -> _Shared:
    return _Shared(limit_s)
