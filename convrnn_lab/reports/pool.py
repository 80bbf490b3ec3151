"""Worker processes of this machine: each task goes to a free one, and a lost one is replaced.

A thread for each worker waits for its summary. The tasks come from an iterator and are asked for
one at a time, so that a long grid takes no memory.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from convrnn_lab.reports import executing, forking, single
from convrnn_lab.reports.planning import Plan

_GRACE_S = 60  # for starting a kernel and writing the files
_LOG_LINES = 12


class Pool:
    """Runs tasks in worker processes; a context manager that leaves no process behind.

    Parameters
    ----------
    jobs : int
        Reports at a time.
    plan : Plan
        Whose tasks they are.

    Attributes
    ----------
    running : int
        Reports that are being made now.
    """

    def __init__(self, jobs: int, plan: Plan) -> None:
        self.jobs = jobs
        self.folder = plan.folder
        self.environment = executing.KERNEL_ENVIRONMENT | {"PYTHONPATH": plan.python_path}
        self.limit_s = plan.limit_s + _GRACE_S
        self.running = 0
        self._summaries: queue.Queue[dict[str, Any] | BaseException | None] = queue.Queue()
        self._lock = threading.Lock()
        self._stopping = False
        self._workers: set[_Worker] = set()
        self._threads: list[threading.Thread] = []
        self._sockets = tempfile.mkdtemp(prefix="convrnn-lab-")  # nobody else may enter it
        self.environment |= {forking.SOCKETS_VARIABLE: self._sockets}
        self._zygote = forking.Zygote(self._sockets, self.environment)

    def __enter__(self) -> Pool:
        if forking.unforkable() is None:
            self._zygote.start()  # while the workers import what they need
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping = True
        with self._lock:
            for worker in self._workers:
                worker.kill()
        for thread in self._threads:
            thread.join()
        self._zygote.close()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def run(self, tasks: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the summary of each task as it ends."""
        for number in range(self.jobs):
            thread = threading.Thread(target=self._serve, args=[tasks, number], daemon=True)
            self._threads.append(thread)
            thread.start()
        ended = 0
        while ended < self.jobs:
            summary = self._summaries.get()
            if isinstance(summary, BaseException):
                raise summary
            if summary is None:
                ended += 1
            else:
                yield summary

    def _serve(self, tasks: Iterator[dict[str, Any]], number: int) -> None:
        """Give one worker after another the tasks that come."""
        worker: _Worker | None = None
        try:
            while (task := self._next(tasks)) is not None:
                worker = self._finish(task, number, worker)
        except BaseException as error:  # it is raised where the summaries are read
            self._summaries.put(error)
        finally:
            if worker is not None:
                self._close(worker)
            self._summaries.put(None)

    def _next(self, tasks: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
        with self._lock:
            task = None if self._stopping else next(tasks, None)
            self.running += task is not None
            return task

    def _finish(self, task: dict[str, Any], number: int, worker: _Worker | None) -> _Worker | None:
        """See a task to its end, in the worker given or in new ones; return the one that lives."""
        summary: dict[str, Any] = {}
        for _ in range(single.ATTEMPTS):
            if worker is None:
                worker = self._open(number)
            message = task | {"folder": str(self.folder.path), "zygote": self._address()}
            answer = worker.ask(message, self.limit_s)
            if answer is not None and not answer["last"]:
                summary = answer
                break
            self._close(worker)
            summary = answer or worker.lost(task["record"])
            worker = None
            if answer is not None or summary["late"] or self._stopping:
                break
        with self._lock:
            self.running -= 1
        if not (self._stopping and "outcome" in summary):
            self._summaries.put(summary)
        return worker

    def _open(self, number: int) -> _Worker:
        with self._lock:
            worker = _Worker(self.folder.private / f"worker-{number}.log", self.environment)
            self._workers.add(worker)
            if self._stopping:
                worker.kill()
            return worker

    def _close(self, worker: _Worker) -> None:
        worker.close()
        with self._lock:
            self._workers.discard(worker)

    def _address(self) -> str | None:
        """Return the zygote's address, of a new one if the old one is gone."""
        if forking.unforkable() is not None:
            return None
        with self._lock:
            if not self._zygote.alive and not self._stopping:
                self._zygote.start()
        return self._zygote.address if self._zygote.ready() else None


class _Worker:
    """A worker process."""

    def __init__(self, log: Path, environment: Mapping[str, str]) -> None:
        self.log = log
        self.late = False
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "convrnn_lab.reports.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                env=os.environ | environment,
                start_new_session=True,  # Ctrl-C is for the one who started the sweep
            )

    def ask(self, task: dict[str, Any], limit_s: float) -> dict[str, Any] | None:
        """Return the summary of a task, or None if the worker is lost before it has one."""
        assert self.process.stdin is not None  # noqa: S101 - it was started with both
        assert self.process.stdout is not None  # noqa: S101 - as above
        timer = threading.Timer(limit_s, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            self.process.stdin.write(json.dumps(task).encode() + b"\n")
            self.process.stdin.flush()
            summary: dict[str, Any] = json.loads(self.process.stdout.readline())
        except (OSError, ValueError):
            return None
        else:
            return summary
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self.late = True
        self.kill()

    def kill(self) -> None:
        """End the process, and wait for it."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End the process, and let go of its streams."""
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was not sent has nobody to read it
                    stream.close()

    def lost(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return the summary of a report that this worker has not brought to its end."""
        code = self.process.wait()
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        reason = "it took too long as a whole" if self.late else f"its process was {how}"
        lines = self.log.read_text("utf-8", errors="replace").splitlines()[-_LOG_LINES:]
        outcome = single.failed(record, reason, lines)
        about = {key: outcome["record"][key] for key in ("name", "status", "reason", "kernel")}
        return about | {"outcome": outcome, "late": self.late}
