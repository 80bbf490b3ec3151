"""The same on a Dask cluster: the workers need the package, and no file system in common.

Each Dask worker has a station of its own, so reports are isolated there as they are here; the texts
of a report come back, and are written here. A report whose Dask worker is lost is given to another
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
from pathlib import Path
from types import TracebackType
from typing import Any

from convrnn_lab import __version__
from convrnn_lab.reports.errors import ReportError
from convrnn_lab.sweeps import folders, single
from convrnn_lab.sweeps.planning import Plan
from convrnn_lab.sweeps.workers import Station, Worker

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

    def __init__(self, address: str, plan: Plan) -> None:
        self.address = address
        self.running = 0
        self._limit_s = plan.limit_s
        self._client: Any = None

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

    def run(self, tasks: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
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

    def _summaries(self, tasks: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        from distributed import as_completed

        records: dict[Any, dict[str, Any]] = {}
        ended = as_completed(loop=self._client.loop)

        def send() -> None:
            task = next(tasks, None)
            if task is not None:
                # What the local folder is called means nothing where it runs.
                task = task | {"work": None, "version": __version__, "limit_s": self._limit_s}
                future = self._client.submit(report, task, pure=False)
                records[future] = task["record"]
                ended.add(future)

        for _ in range(self._wanted()):
            send()
        for future in ended:
            while len(records) <= self._wanted():  # workers may have joined
                before = len(records)
                send()
                if len(records) == before:
                    break
            self.running = min(len(records) - 1, self._threads())
            yield self._summary(future, records.pop(future))

    def _threads(self) -> int:
        return sum(self._client.nthreads().values())

    def _wanted(self) -> int:
        """Return how many tasks the scheduler is to have: some wait, so that no worker does."""
        return 2 * max(self._threads(), 1)

    def _summary(self, future: Any, record: dict[str, Any]) -> dict[str, Any]:
        from distributed import KilledWorker

        if future.status == "cancelled":
            raise CancelledError
        error = future.exception()
        if error is None:
            outcome = future.result()
        elif isinstance(error, KilledWorker):
            outcome = single.failed(record, "the Dask workers that had it were lost")
        else:
            outcome = single.failed(record, f"its Dask worker says {type(error).__name__}: {error}")
        about = {key: outcome["record"][key] for key in ("name", "status", "reason", "kernel")}
        return about | {"outcome": outcome}


def report(task: dict[str, Any]) -> dict[str, Any]:
    """Make a report in a Dask worker, and return its outcome."""
    if task["version"] != __version__:
        reason = f"its Dask worker has version {__version__} of the package"
        return single.failed(task["record"], f"{reason}, not {task['version']}")
    with tempfile.TemporaryDirectory() as folder, _station(task["limit_s"]).borrowed() as worker:
        home = folders.Folder(Path(folder))
        home.reports.mkdir()
        summary = worker.finish(task | {"folder": folder})
        if "outcome" in summary:
            return dict(summary["outcome"])
        if "unwritten" in summary:
            reason = f"its Dask worker could not write it: {summary['unwritten']}"
            return single.failed(task["record"], reason)
        return home.read(task["record"]["name"])


class _Borrowed:
    """A worker process for as long as a task needs it."""

    def __init__(self, station: Station, worker: Worker | None) -> None:
        self.station = station
        self.worker = worker

    def finish(self, task: dict[str, Any]) -> dict[str, Any]:
        summary, self.worker = self.station.finish(task, self.worker)
        return summary


class _Shared:
    """The station of a Dask worker, which may have several threads."""

    def __init__(self, limit_s: float) -> None:
        self.station = Station({}, limit_s)
        self.idle: list[Worker] = []
        atexit.register(self.station.close)

    @contextlib.contextmanager
    def borrowed(self) -> Iterator[_Borrowed]:
        try:
            worker = self.idle.pop()
        except IndexError:
            worker = None
        borrowed = _Borrowed(self.station, worker)
        yield borrowed
        if borrowed.worker is not None:
            self.idle.append(borrowed.worker)


_MAKING = threading.Lock()


def _station(limit_s: float) -> _Shared:
    with _MAKING:
        return _made(limit_s)


@functools.cache
def _made(limit_s: float) -> _Shared:
    return _Shared(limit_s)
