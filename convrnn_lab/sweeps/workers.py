"""Worker processes and the fork server that makes their kernels, on one machine."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from convrnn_lab.kernels import client
from convrnn_lab.reports import executing
from convrnn_lab.sweeps import single
from convrnn_lab.sweeps.messages import Summary, Task

_GRACE_S = 60  # for starting a kernel and writing the files
_LOG_LINES = 12
_PATH_CHARACTERS = 80  # of about a hundred that a socket's path may have


def _short_folder() -> str:
    """Make a folder of this user's only, with a path that is short enough for sockets."""
    folder = tempfile.mkdtemp(prefix="convrnn-lab-")
    if len(folder) > _PATH_CHARACTERS and Path("/tmp").is_dir():  # noqa: S108 - made by mkdtemp
        shutil.rmtree(folder)
        folder = tempfile.mkdtemp(prefix="convrnn-lab-", dir="/tmp")
    return folder


class Worker:
    """A process that runs `worker_process.main`.

    Parameters
    ----------
    log : path
        For what it prints.
    environment : dict
    """

    def __init__(self, log: Path, environment: Mapping[str, str]) -> None:
        self.log = log
        self.late = False
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "convrnn_lab.sweeps.worker_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                env=os.environ | environment,
                start_new_session=True,  # Ctrl-C is for the one who started the sweep
            )

    def ask(self, task: Task, limit_s: float) -> Summary | None:
        """Return the summary of a task, or None if the worker is lost before it has one."""
        assert self.process.stdin is not None  # noqa: S101 - it was started with both
        assert self.process.stdout is not None  # noqa: S101 - as above
        timer = threading.Timer(limit_s, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            self.process.stdin.write(json.dumps(task.to_json()).encode() + b"\n")
            self.process.stdin.flush()
            summary = Summary.from_json(json.loads(self.process.stdout.readline()))
        except (OSError, ValueError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(2)  # so that how it ended is known before it is killed
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

    def lost(self, task: Task) -> Summary:
        """Return the summary of a task whose worker, this one, was lost."""
        code = self.process.wait()
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        reason = "it took too long as a whole" if self.late else f"its process was {how}"
        lines = self.log.read_text("utf-8", errors="replace").splitlines()[-_LOG_LINES:]
        return task.failed(reason, lines).summary


class WorkerManager:
    """Starts, replaces and ends workers; usable from several threads.

    Parameters
    ----------
    environment : dict
        Variables of workers and kernels, in addition to those of this process.
    limit_s : float
        Seconds that a report may take as a whole.
    """

    def __init__(self, environment: Mapping[str, str], limit_s: float) -> None:
        self.stopping = False
        self._limit_s = limit_s + _GRACE_S
        self._folder = _short_folder()
        self._environment = executing.KERNEL_ENVIRONMENT | dict(environment)
        self._environment |= {client.SOCKETS_VARIABLE: self._folder}
        self._fork_server = client.ForkServer(self._folder, self._environment)
        self._workers: set[Worker] = set()
        self._started = 0
        self._lock = threading.Lock()
        if client.unforkable() is None:
            self._fork_server.start()  # while the workers import what they need

    def stop(self) -> None:
        """End all workers; what they were at is lost."""
        self.stopping = True
        with self._lock:
            for worker in self._workers:
                worker.kill()

    def close(self) -> None:
        """End what is left, and leave nothing behind."""
        self.stop()
        self._fork_server.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def finish(self, task: Task, worker: Worker | None) -> tuple[Summary, Worker | None]:
        """See a task to its end, in the worker given or in new ones.

        Returns
        -------
        Summary
            With the whole outcome if it is not written yet.
        Worker or None
            The one that can take the next task.
        """
        losses = 0
        while True:
            worker = worker or self._open()
            summary = worker.ask(replace(task, fork_server=self._address()), self._limit_s)
            if summary is not None and not summary.last:
                return summary, worker
            self.end(worker)
            if summary is not None:
                return summary, None
            losses += 1
            if worker.late or self.stopping or losses == single.ATTEMPTS:
                return worker.lost(task), None
            worker = None

    def _open(self) -> Worker:
        with self._lock:
            self._started += 1
            log = Path(self._folder) / f"worker-{self._started}.log"
            worker = Worker(log, self._environment)
            self._workers.add(worker)
            if self.stopping:
                worker.kill()
            return worker

    def end(self, worker: Worker) -> None:
        """End a worker."""
        worker.close()
        with self._lock:
            self._workers.discard(worker)

    def _address(self) -> str | None:
        """Return the fork server's address, of a new one if the old one is gone."""
        if client.unforkable() is not None:
            return None
        with self._lock:
            if not self._fork_server.alive and not self.stopping:
                self._fork_server.start()
        return self._fork_server.address if self._fork_server.ready() else None
