"""What a file with explorers needs beside their states; imports neither torch nor widgets."""

from __future__ import annotations

import base64
import functools
import gzip
import json
import os
import struct
import tempfile
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


PAGES_VARIABLE = "CONVRNN_LAB_PAGES"
"""Environment variable that makes explorers show themselves as pages; reports set it."""


@functools.cache
def plotly_script() -> bytes:
    """Return the installed plotly.js, compressed."""
    script = resources.files("plotly") / "package_data" / "plotly.min.js"
    return gzip.compress(script.read_bytes(), compresslevel=6, mtime=0)


@functools.cache
def scripts() -> str:
    """Return what a file with explorers needs once, at its end."""
    css = (_HERE / "front_end.css").read_text("utf-8")
    module = (_HERE / "front_end.js").read_text("utf-8")
    plotly = base64.b64encode(plotly_script()).decode()
    return (
        f"<style>{css}</style>"
        f'<script type="application/gzip" id="convrnn-lab-plotly">{plotly}</script>'
        f'<script type="module">{module}</script>'
    )


def pack(header: dict[str, Any], buffers: Iterable[bytes] = ()) -> bytes:
    """Return what the front end's `unpack` takes apart: one compressed block of bytes."""
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    return gzip.compress(struct.pack("<I", len(text)) + text + b"".join(buffers), mtime=0)


def element(packed: bytes) -> str:
    """Return the element that the script turns into controls and figure."""
    text = base64.b64encode(packed).decode()
    return (
        '<div class="convrnn-lab" data-page><p>This figure needs JavaScript.</p>'
        f'<script type="application/gzip">{text}</script></div>'
    )


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
