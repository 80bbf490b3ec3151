"""Run a notebook headlessly: the one way for the command line, tests and sweeps.

papermill and nbclient execute; what they let pass is refused: unknown and ill-typed parameters, a
cell without an end, half-written files, errors that were printed and not raised.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from convrnn_lab import checks, files
from convrnn_lab.reports import executing, notebooks, rendering
from convrnn_lab.reports.errors import ReportError
from convrnn_lab.reports.values import Value


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
    parameters: dict[str, Value]
    seconds: float


def run(
    notebook: str | Path,
    parameters: Mapping[str, object] | None = None,
    output: str | Path = "out",
    *,
    timeout_s: int = 600,
    progress: bool = False,
) -> Report:
    """Execute a notebook with other parameters, and write it and its offline page.

    Parameters
    ----------
    notebook : str or path
        The name of a shipped notebook, such as ``"01_convolution"`` or ``"convolution"``, or a
        path.
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
    folder = files.writable("output", Path(output))
    executing.import_papermill()
    warm = threading.Thread(target=rendering.warm, daemon=True)
    warm.start()
    executed = executing.execute(source, values, timeout_s, progress=progress)
    warm.join()
    paths = folder / f"{source.name}.ipynb", folder / f"{source.name}.html"
    texts = rendering.texts(executed, source.title)
    try:
        files.write_whole(dict(zip(paths, texts, strict=True)))
    except OSError as error:
        raise ReportError(f"{paths[0]} could not be written: {error.strerror}") from error
    return Report(*paths, values, time.perf_counter() - began)
