"""Worker processes and the zygote that they have their kernels forked by, on one machine."""

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
from pathlib import Path
from typing import Any

from convrnn_lab.kernels import client
from convrnn_lab.reports import executing
from convrnn_lab.sweeps import single

_GRACE_S = 60  # for starting a kernel and writing the files
_LOG_LINES = 12
_PATH_CHARACTERS = 80  # of about a hundred that a socket's path may have


def _short_folder() -> str:
    """Make a folder that nobody else may enter, with a path that is short enough for sockets."""
    folder = tempfile.mkdtemp(prefix="convrnn-lab-")
    if len(folder) > _PATH_CHARACTERS and Path("/tmp").is_dir():  # noqa: S108 - made by mkdtemp
        shutil.rmtree(folder)
        folder = tempfile.mkdtemp(prefix="convrnn-lab-", dir="/tmp")
    return folder


class Worker:
    """A process that runs `worker.main`.

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
                [sys.executable, "-m", "convrnn_lab.sweeps.worker"],
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

    def lost(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return the summary of a report that this worker has not brought to its end."""
        code = self.process.wait()
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        reason = "it took too long as a whole" if self.late else f"its process was {how}"
        lines = self.log.read_text("utf-8", errors="replace").splitlines()[-_LOG_LINES:]
        outcome = single.failed(record, reason, lines)
        about = {key: outcome["record"][key] for key in ("name", "status", "reason", "kernel")}
        return about | {"outcome": outcome}


class Station:
    """Where workers are started, replaced and ended; usable from several threads.

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
        self._zygote = client.Zygote(self._folder, self._environment)
        self._workers: set[Worker] = set()
        self._started = 0
        self._lock = threading.Lock()
        if client.unforkable() is None:
            self._zygote.start()  # while the workers import what they need

    def stop(self) -> None:
        """End all workers; what they were at is lost."""
        self.stopping = True
        with self._lock:
            for worker in self._workers:
                worker.kill()

    def close(self) -> None:
        """End what is left, and leave nothing behind."""
        self.stop()
        self._zygote.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def finish(
        self, task: dict[str, Any], worker: Worker | None
    ) -> tuple[dict[str, Any], Worker | None]:
        """See a task to its end, in the worker given or in new ones.

        Returns
        -------
        dict
            The summary, with the whole outcome if it is not written yet.
        Worker or None
            The one that can take the next task.
        """
        summary: dict[str, Any] = {}
        for _ in range(single.ATTEMPTS):
            worker = worker or self._open()
            answer = worker.ask(task | {"zygote": self._address()}, self._limit_s)
            if answer is not None:
                if answer["last"]:
                    self.end(worker)
                return answer, None if answer["last"] else worker
            self.end(worker)
            summary = worker.lost(task["record"])
            if worker.late or self.stopping:
                break
            worker = None
        return summary, None

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
        """Return the zygote's address, of a new one if the old one is gone."""
        if client.unforkable() is not None:
            return None
        with self._lock:
            if not self._zygote.alive and not self.stopping:
                self._zygote.start()
        return self._zygote.address if self._zygote.ready() else None
