"""Execute a notebook by papermill, and refuse what papermill lets pass.

Cells without an end, kernels that are lost, and output without an end; and every failure is told in
one sentence.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from convrnn_lab.explorer import assets
from convrnn_lab.reports import notebooks
from convrnn_lab.reports.errors import LostKernelError, ReportError
from convrnn_lab.reports.values import Value

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from papermill.exceptions import PapermillExecutionError

KERNEL_ENVIRONMENT = {
    assets.PAGES_VARIABLE: "1",  # explorers show themselves as pages
    "OMP_NUM_THREADS": "1",  # two threads on shared cores are slower than one for small models
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # silences a warning of the debugger, as papermill does
}

_LAST_LINES = 12
_IMPORTING = threading.Lock()


@contextlib.contextmanager
def quick_imports() -> Iterator[None]:
    """Keep jsonschema from loading a grammar that takes a second and that no notebook needs.

    It checks internationalised addresses ("iri"), a format that Jupyter's schemas do not use, and
    does without where the package is not to be had (jupyter-server issue 1559).
    """
    name = "rfc3987_syntax"
    with _IMPORTING:
        missing = name not in sys.modules
        if missing:
            sys.modules[name] = None  # type: ignore[assignment]
        try:
            yield
        finally:
            if missing:
                sys.modules.pop(name, None)


def import_papermill() -> ModuleType:
    """Return papermill, imported quickly."""
    with quick_imports():
        return importlib.import_module("papermill")


@contextlib.contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the kernel, which inherits them, and put the old ones back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


# Any: each option of papermill's and nbclient's has a type of its own.
def execute(
    source: notebooks.Notebook,
    values: Mapping[str, Value],
    timeout_s: int,
    *,
    progress: bool = False,
    **options: Any,
) -> NotebookNode:
    """Return the executed notebook.

    Parameters
    ----------
    source : Notebook
    values : dict
        As `Notebook.checked` returns them.
    timeout_s : int
        Seconds that each cell may take.
    progress : bool
    **options
        Further options of papermill's and nbclient's.

    Raises
    ------
    ReportError
        If a cell failed or took too long, or the kernel died or is not installed.
    """
    papermill = import_papermill()
    # It warns of parameters with annotations it cannot read; they have been checked already.
    logging.getLogger("papermill.execute").setLevel(logging.ERROR)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    with _failures_in_words(source.name, timeout_s), environment(KERNEL_ENVIRONMENT):
        executed: NotebookNode = papermill.execute_notebook(
            _with_kernel(source),
            None,
            dict(values),
            progress_bar=progress,
            execution_timeout=timeout_s,
            store_widget_state=False,
            shutdown_kernel="immediate",
            extra_arguments=[
                "--IPKernelApp.log_level=ERROR",
                "--IPKernelApp.extra_extensions=convrnn_lab.reports.limits",
            ],
            **options,
        )
    return executed


def _with_kernel(source: notebooks.Notebook) -> NotebookNode:
    """Return the notebook; one made by a program may not say which kernel it is for."""
    import nbformat

    book: NotebookNode = nbformat.reads(source.text, as_version=4)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book.metadata.setdefault("kernelspec", kernel).setdefault("language", "python")
    return book


@contextlib.contextmanager
def _failures_in_words(name: str, timeout_s: int) -> Iterator[None]:
    """Raise a `ReportError` for each failure of papermill's, nbclient's and Jupyter's."""
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    try:
        yield
    except PapermillExecutionError as error:
        message = f"{name} stopped at {_cell(error)}: {error.ename}: {error.evalue}"
        raise ReportError(message, _last_lines(error.traceback)) from error
    except CellTimeoutError as error:
        raise ReportError(f"{name} has a cell that took over {timeout_s} s") from error
    except NoSuchKernel as error:
        raise ReportError(f"{name} is for a kernel that is not installed: {error.name}") from error
    except DeadKernelError as error:
        raise LostKernelError(f"{name} lost its kernel in the middle of a cell") from error
    except RuntimeError as error:  # jupyter_client has no class of its own for it
        raise LostKernelError(f"{name} got no kernel: {error}") from error


def _cell(error: PapermillExecutionError) -> str:
    return f"{error.source.strip().splitlines()[0]!r} (cell {error.exec_count})"


def _last_lines(traceback: list[str]) -> list[str]:
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(traceback))
    return text.splitlines()[-_LAST_LINES:]
