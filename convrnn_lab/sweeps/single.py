"""One report of a sweep, from a task to the texts of its files and the record of how it went.

What it takes and returns is plain JSON: it travels between processes and machines.
"""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from convrnn_lab.kernels import client
from convrnn_lab.reports import executing, notebooks, recording, rendering
from convrnn_lab.reports.errors import LostKernelError, ReportError
from convrnn_lab.sweeps import thumbnails

ATTEMPTS = 3
"""How often a report is started whose kernel, or the process that runs it, is lost."""

PAGE_BYTES = 100_000_000
_REASON_CHARACTERS = 2_000
_TRACEBACK_LINES = 4


def report(task: dict[str, Any]) -> dict[str, Any]:
    """Execute a task; a failure is an outcome like another.

    Parameters
    ----------
    task : dict
        ``path`` and ``text`` of the notebook, its parameters' ``values``, ``timeout_s``, the folder
        ``work`` to make the report's own folder in, and the first part of its ``record``.

    Returns
    -------
    dict
        ``record``; and, where the notebook came to its end, the texts ``notebook`` and ``page``.
    """
    began = time.perf_counter()
    outcome: dict[str, Any] = {}
    failure: ReportError | None = None
    for attempt in range(1, ATTEMPTS + 1):
        try:
            outcome = _executed(task)
        except LostKernelError as error:
            failure = ReportError(f"{error}, {attempt} times" if attempt > 1 else str(error))
            continue
        except ReportError as error:
            failure = error
        except Exception as error:  # of papermill, nbclient or nbconvert: the others can be made
            failure = _unexpected(error)
        else:
            failure = None
        break
    record = task["record"] | {"status": "done" if failure is None else "failed"}
    record |= {"reason": "", "lines": [], "results": {}, "thumbnail": ""} | outcome.pop(
        "record", {}
    )
    if failure is not None:
        record |= {"reason": str(failure)[:_REASON_CHARACTERS], "lines": list(failure.lines)}
    record |= {"kernel": _kernel(), "seconds": round(time.perf_counter() - began, 3)}
    return outcome | {"record": record}


def _unexpected(error: Exception) -> ReportError:
    lines = traceback.format_exception(error)[-_TRACEBACK_LINES:]
    return ReportError(f"{type(error).__name__}: {error}", "".join(lines).splitlines())


def failed(record: dict[str, Any], reason: str, lines: Sequence[str] = ()) -> dict[str, Any]:
    """Return the outcome of a report that nobody is left to tell of."""
    nothing: dict[str, Any] = {"results": {}, "thumbnail": "", "kernel": "", "seconds": None}
    about = {"status": "failed", "reason": reason[:_REASON_CHARACTERS], "lines": list(lines)}
    return {"record": record | nothing | about}


def _executed(task: dict[str, Any]) -> dict[str, Any]:
    source = notebooks.read(Path(task["path"]), task["text"])
    # Whatever the notebook writes, it writes here, and it is thrown away.
    folder = tempfile.mkdtemp(prefix="report-", dir=task.get("work"))
    try:
        executed = executing.execute(
            source, task["values"], task["timeout_s"], cwd=folder, **_quick_kernels()
        )
        notebook, page = rendering.texts(executed, source.title)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if len(page) > PAGE_BYTES:
        raise ReportError(
            f"{source.name} makes a page of {len(page) / 1e6:,.0f} MB; "
            f"at most {PAGE_BYTES / 1e6:,.0f} MB are kept"
        )
    return {"notebook": notebook, "page": page, "record": _found(source.name, executed)}


def _found(name: str, executed: Any) -> dict[str, Any]:
    """Return the numbers, the texts and the first figure that a notebook recorded."""
    values: dict[str, Any] = {}
    figure = None
    try:
        for result in recording.raw_results(executed.cells):
            if result["kind"] == "value":
                values[result["name"]] = recording.read(result["value"])
            elif result["kind"] == "figure" and figure is None:
                figure = result["value"]
    except ValueError as error:
        raise ReportError(f"{name} recorded what cannot be read: {error}") from error
    return {"results": values, "thumbnail": _drawn(figure)}


def _drawn(figure: Any) -> str:
    try:
        return thumbnails.thumbnail(figure) if figure else ""
    except Exception:  # a drawing that nobody can make is no reason to lose a report
        return ""


@functools.cache
def _quick_kernels() -> dict[str, Any]:
    """Set this process up to fork its kernels, and return what nbclient is to be told."""
    executing.import_papermill()
    from traitlets.config import Config

    from convrnn_lab.kernels import provisioner

    provisioner.use()
    settings = {"client_class": f"{provisioner.__name__}.QuickClient"}
    if folder := os.environ.get(client.SOCKETS_VARIABLE):
        # In the file system: two processes that look for a free port may find the same one.
        settings |= {"transport": "ipc", "ip": f"{folder}/{os.getpid()}"}
    return {"config": Config({"KernelManager": settings})}


def _kernel() -> str:
    from convrnn_lab.kernels import provisioner

    return provisioner.starts[-1] if provisioner.starts else "none was started"
