"""What a file with explorers needs beside their states; imports neither torch nor widgets."""

from __future__ import annotations

import base64
import functools
import gzip
import json
import struct
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent

PLOTLY = "application/vnd.plotly.v1+json"
"""Media type of a plotly figure in a notebook."""

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
    css = (_HERE / "web" / "front_end.css").read_text("utf-8")
    module = (_HERE / "web" / "front_end.js").read_text("utf-8")
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


def is_element(html: object) -> bool:
    """Tell whether an output's HTML is an element made here."""
    text = "".join(html) if isinstance(html, list) else html
    return isinstance(text, str) and text.startswith('<div class="convrnn-lab" data-page>')
