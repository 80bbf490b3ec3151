"""One report of a sweep, from a task to the texts of its files and the record of how it went."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from convrnn_lab.kernels import client
from convrnn_lab.reports import executing, notebooks, reading, rendering
from convrnn_lab.reports.errors import LostKernelError, ReportError
from convrnn_lab.reports.reading import RecordedFigure, RecordedValue
from convrnn_lab.sweeps import thumbnails
from convrnn_lab.sweeps.messages import Outcome, Record, State, Task

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

ATTEMPTS = 3
"""How often a report is started whose kernel, or the process that runs it, is lost."""

PAGE_BYTES = 100_000_000
_TRACEBACK_LINES = 4


def report(task: Task) -> Outcome:
    """Execute a task; a failure is an outcome like another."""
    began = time.perf_counter()
    try:
        outcome = _attempted(task)
    except ReportError as error:
        outcome = task.failed(str(error), error.lines)
    except Exception as error:  # of papermill, nbclient or nbconvert: the others can be made
        lines = "".join(traceback.format_exception(error)[-_TRACEBACK_LINES:]).splitlines()
        outcome = task.failed(f"{type(error).__name__}: {error}", lines)
    seconds = round(time.perf_counter() - began, 3)
    return replace(outcome, record=replace(outcome.record, kernel=_kernel(), seconds=seconds))


def _attempted(task: Task) -> Outcome:
    """Execute a task, and again where its kernel was lost: the notebook may not be to blame."""
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            return _executed(task)
        except LostKernelError as error:
            reason = str(error)
    raise ReportError(f"{reason}, {ATTEMPTS} times")


def _executed(task: Task) -> Outcome:
    source = notebooks.read(Path(task.path), task.text)
    # Whatever the notebook writes, it writes here, and it is thrown away.
    folder = tempfile.mkdtemp(prefix="report-", dir=task.work)
    try:
        executed = executing.execute(
            source, task.values, task.timeout_s, cwd=folder, config=_quick_kernels()
        )
        notebook, page = rendering.texts(executed, source.title)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if len(page) > PAGE_BYTES:
        raise ReportError(
            f"{source.name} makes a page of {len(page) / 1e6:,.0f} MB; "
            f"at most {PAGE_BYTES / 1e6:,.0f} MB are kept"
        )
    return Outcome(_record(task, source.name, executed), notebook, page)


def _record(task: Task, name: str, executed: NotebookNode) -> Record:
    """Return the record of a report that is done, with what its notebook recorded."""
    try:
        results = list(reading.raw_results(executed.cells))
    except ValueError as error:
        raise ReportError(f"{name} recorded what cannot be read: {error}") from error
    values = {each.name: each.value for each in results if isinstance(each, RecordedValue)}
    figure = next((each for each in results if isinstance(each, RecordedFigure)), None)
    record = Record(task.name, task.key, task.parameters, State.DONE)
    return replace(record, results=values, thumbnail=_drawn(figure))


def _drawn(figure: RecordedFigure | None) -> str:
    try:
        return thumbnails.thumbnail(figure.content) if figure else ""
    except Exception:  # a drawing that nobody can make is no reason to lose a report
        return ""


@functools.cache
def _quick_kernels() -> Config:
    """Set this process up to fork its kernels, and return what nbclient is to be told."""
    executing.import_papermill()
    from traitlets.config import Config

    from convrnn_lab.kernels import provisioner

    provisioner.use()
    settings = {"client_class": f"{provisioner.__name__}.QuickClient"}
    if folder := os.environ.get(client.SOCKETS_VARIABLE):
        # In the file system: two processes that look for a free port may find the same one.
        settings |= {"transport": "ipc", "ip": f"{folder}/{os.getpid()}"}
    return Config({"KernelManager": settings})


def _kernel() -> str:
    from convrnn_lab.kernels import provisioner

    return provisioner.starts[-1] if provisioner.starts else "none was started"
