"""Files that appear whole or not at all: the one place that writes them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from convrnn_lab import checks


@contextlib.contextmanager
def replacing(path: Path, beside: Path | None = None) -> Iterator[Path]:
    """Yield a path to write to; when that went well, it becomes `path`.

    Parameters
    ----------
    path : Path
    beside : Path, optional
        The folder of the unfinished file, on the same disk; that of `path` by default.
    """
    folder = path.parent if beside is None else beside
    unfinished = folder / f".{path.name}.part"
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        # A folder that takes no file has none to give back.
        with contextlib.suppress(OSError):
            unfinished.unlink()


def write_whole(texts: dict[Path, str]) -> None:
    """Write files so that they appear whole, all of them, or not at all.

    Raises
    ------
    OSError
        If one cannot be written; what stood there before stays.
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        for path, text in texts.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            waiting.append((Path(name), path))
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
        # mkstemp makes files that nobody else may read; a report is for others.
        mask = os.umask(0)
        os.umask(mask)
        for temporary, path in waiting:
            temporary.chmod(0o666 & ~mask)
            temporary.replace(path)
    finally:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)


def writable(name: str, folder: Path) -> Path:
    """Return `folder`, made if it is not there.

    Raises
    ------
    ValueError
        If it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise ValueError(
            f"{name} must be a folder that can be written; got {checks.shown(str(folder))} "
            f"({error.strerror})"
        ) from error
