"""Run a notebook headlessly: the one way for the command line, tests and sweeps.

papermill and nbclient execute; what they let pass is refused here: unknown and ill-typed
parameters, a cell without an end, half-written files, errors that were printed and not raised.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convrnn_lab import checks
from convrnn_lab.explorers import assets
from convrnn_lab.reports import notebooks
from convrnn_lab.reports.errors import ReportError

_KERNEL_ENVIRONMENT = {
    assets.PAGES_VARIABLE: "1",  # explorers show themselves as pages
    "OMP_NUM_THREADS": "1",  # two threads on shared cores are slower than one for small models
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # silences a warning of the debugger, as papermill does
}


@dataclass(frozen=True)
class Report:
    """Where a run left its files.

    Attributes
    ----------
    notebook, page : Path
        The executed notebook, and the HTML file that works offline.
    parameters : dict
        As given to the notebook; those it has by default are not among them.
    seconds : float
        Wall time of the whole run.
    """

    notebook: Path
    page: Path
    parameters: dict[str, Any]
    seconds: float


def run(
    notebook: str | Path,
    parameters: Mapping[str, Any] | None = None,
    output: str | Path = "out",
    *,
    timeout_s: int = 600,
    progress: bool = False,
) -> Report:
    """Execute a notebook with other parameters, and write it and its offline page.

    Parameters
    ----------
    notebook : str or path
        The name of a shipped notebook, such as ``"01_convolution"``, or a path.
    parameters : dict, optional
        Values for names of its parameters cell.
    output : str or path
        Folder for ``NAME.ipynb`` and ``NAME.html``; made if it is not there.
    timeout_s : int
        Seconds that each cell may take.
    progress : bool
        Whether to show a progress bar on standard error.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        If the notebook, a parameter or the folder cannot be used; nothing was started.
    ReportError
        If a cell failed or took too long, the kernel died, or the files could not be written;
        no file was changed.
    """
    began = time.perf_counter()
    if not isinstance(parameters, (Mapping, type(None))):
        raise ValueError(f"parameters must be a dict; got {checks.shown(parameters)}")
    source = notebooks.find(notebook)
    values = source.checked(parameters or {})
    checks.integer("timeout_s", timeout_s, 1)
    folder = _writable(Path(output))
    warm = threading.Thread(target=_warm_exporter, daemon=True)
    executed = _execute(source, values, timeout_s, progress=progress, meanwhile=warm)
    warm.join()
    html = _import_exporter()
    executed.metadata.pop("widgets", None)
    files = folder / f"{source.name}.ipynb", folder / f"{source.name}.html"
    import nbformat

    texts = nbformat.writes(executed), html.page(executed, source.title)
    try:
        assets.write_whole(dict(zip(files, texts, strict=True)))
    except OSError as error:
        raise ReportError(f"{files[0]} could not be written: {error.strerror}") from error
    return Report(*files, values, time.perf_counter() - began)


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise ValueError(
            f"output must be a folder that can be written; got {checks.shown(str(folder))} "
            f"({error.strerror})"
        ) from error


@contextlib.contextmanager
def _quick_imports() -> Iterator[None]:
    """Keep jsonschema from loading a grammar that takes a second and that no notebook needs.

    It checks internationalised addresses ("iri"), a format that Jupyter's schemas do not use, and
    does without where the package is not to be had (jupyter-server issue 1559).
    """
    name = "rfc3987_syntax"
    missing = name not in sys.modules
    if missing:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if missing:
            sys.modules.pop(name, None)


_IMPORTING = threading.Lock()


def _import_papermill() -> Any:
    with _IMPORTING, _quick_imports():
        import papermill

        return papermill


def _import_exporter() -> Any:
    with _IMPORTING, _quick_imports():
        from convrnn_lab.reports import html

        return html


def _warm_exporter() -> None:
    """Load the exporter and its templates while the parent waits for the kernel."""
    html = _import_exporter()
    import nbformat

    html.page(nbformat.v4.new_notebook(), "")


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
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


def _execute(
    source: notebooks.Notebook,
    values: dict[str, Any],
    timeout_s: int,
    *,
    progress: bool,
    meanwhile: threading.Thread,
) -> Any:
    papermill = _import_papermill()
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    # It warns of parameters with annotations it cannot read; they have been checked already.
    logging.getLogger("papermill.execute").setLevel(logging.ERROR)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    book = nbformat.reads(source.text, as_version=4)
    # A notebook made by a program may not say which kernel it is for.
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book.metadata.setdefault("kernelspec", kernel)
    meanwhile.start()
    try:
        with _environment(_KERNEL_ENVIRONMENT):
            return papermill.execute_notebook(
                book,
                None,
                values,
                progress_bar=progress,
                execution_timeout=timeout_s,
                store_widget_state=False,
                shutdown_kernel="immediate",
                extra_arguments=["--IPKernelApp.log_level=ERROR"],
            )
    except PapermillExecutionError as error:
        detail = f"{error.ename}: {error.evalue}"
        raise ReportError(f"{source.name} stopped at {_cell(error)}: {detail}") from error
    except CellTimeoutError as error:
        raise ReportError(f"{source.name} has a cell that took over {timeout_s} s") from error
    except NoSuchKernel as error:
        raise ReportError(
            f"{source.name} is for a kernel that is not installed: {error.name}"
        ) from error
    except DeadKernelError as error:
        raise ReportError(f"{source.name} lost its kernel in the middle of a cell") from error


def _cell(error: Any) -> str:
    return f"{error.source.strip().splitlines()[0]!r} (cell {error.exec_count})"
