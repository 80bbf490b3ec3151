"""A process that makes reports one after another: tasks come in by lines, summaries go out.

It ends when its standard input does, in the middle of a report if need be: then the sweep that
started it is gone, and its kernel goes with the connection to the fork server.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from dataclasses import replace
from pathlib import Path

from convrnn_lab.kernels import client
from convrnn_lab.reports import executing, rendering
from convrnn_lab.sweeps import single
from convrnn_lab.sweeps.folder import Folder
from convrnn_lab.sweeps.messages import Summary, Task

REPORTS = 100
RESIDENT_BYTES = 600_000_000
"""After so many reports, or when it has grown so large, a worker makes room for a new one."""


def main() -> None:
    """Work until standard input ends."""
    # Kernels that are not forked inherit the streams; what they print is no summary.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    tasks: queue.Queue[Task] = queue.Queue()
    threading.Thread(target=_read, args=[tasks], daemon=True).start()
    executing.import_papermill()
    rendering.warm()
    made = 0
    while True:
        summary = _work(tasks.get())
        made += 1
        last = made >= REPORTS or _resident() > RESIDENT_BYTES
        out.write(f"{json.dumps(replace(summary, last=last).to_json())}\n")
        out.flush()


def _read(tasks: queue.Queue[Task]) -> None:
    """Take tasks in; a process exits when its parent's pipe closes."""
    for line in sys.stdin:
        tasks.put(Task.from_json(json.loads(line)))
    os._exit(0)


def _work(task: Task) -> Summary:
    """Make a report and write its files."""
    if task.fork_server:
        os.environ[client.ADDRESS_VARIABLE] = task.fork_server
    else:
        os.environ.pop(client.ADDRESS_VARIABLE, None)
    outcome = single.report(task)
    summary = replace(outcome.summary, outcome=None)
    try:
        Folder(Path(task.folder)).write(outcome)
    except OSError as error:
        return replace(summary, unwritten=error.strerror or str(error))
    return summary


def _resident() -> int:
    import psutil  # ipykernel brings it

    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    main()
