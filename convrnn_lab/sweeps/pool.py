"""Several reports at a time on this machine: each task goes to a free worker.

A thread for each worker waits for its summary. The tasks come from an iterator and are asked for
one at a time, so that a long grid takes no memory.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType

from convrnn_lab.sweeps.messages import Summary, Task
from convrnn_lab.sweeps.plan import Plan
from convrnn_lab.sweeps.workers import Worker, WorkerManager


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
        self.running = 0
        self._folder = str(plan.folder.path)
        self._manager = WorkerManager({"PYTHONPATH": plan.python_path}, plan.limit_s)
        self._summaries: queue.Queue[Summary | BaseException | None] = queue.Queue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._manager.stop()
        for thread in self._threads:
            thread.join()
        self._manager.close()

    def run(self, tasks: Iterator[Task]) -> Iterator[Summary]:
        """Yield the summary of each task as it ends."""
        for _ in range(self.jobs):
            thread = threading.Thread(target=self._serve, args=[tasks], daemon=True)
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

    def _serve(self, tasks: Iterator[Task]) -> None:
        """Give one worker after another the tasks that come."""
        worker: Worker | None = None
        try:
            while (task := self._next(tasks)) is not None:
                summary, worker = self._manager.finish(replace(task, folder=self._folder), worker)
                with self._lock:
                    self.running -= 1
                if not (self._manager.stopping and summary.outcome):
                    self._summaries.put(summary)
        except BaseException as error:  # it is raised where the summaries are read
            self._summaries.put(error)
        finally:
            if worker is not None:
                self._manager.end(worker)
            self._summaries.put(None)

    def _next(self, tasks: Iterator[Task]) -> Task | None:
        with self._lock:
            task = None if self._manager.stopping else next(tasks, None)
            self.running += task is not None
            return task
