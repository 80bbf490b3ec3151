"""What a file with explorers needs beside their states; imports neither torch nor widgets."""

from __future__ import annotations

import base64
import functools
import gzip
import json
import re
import struct
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

WEB = Path(__file__).parent / "web"
_IMPORT = re.compile(r'^import [^;]* from "(\.{1,2}/[\w./]+)";\n', re.MULTILINE)
_COMMENT = re.compile(r"^ *(?://[^\n]*|/\*(?:(?!\*/).)*\*/)\n", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)

CSS = WEB / "front_end.css"
"""How explorers look, live and in a page."""

PLOTLY = "application/vnd.plotly.v1+json"
"""Media type of a plotly figure in a notebook."""

PAGES_VARIABLE = "CONVRNN_LAB_PAGES"
"""Environment variable that makes explorers show themselves as pages; reports set it."""


@functools.cache
def plotly_script() -> bytes:
    """Return the installed plotly.js, compressed."""
    script = resources.files("plotly") / "package_data" / "plotly.min.js"
    return gzip.compress(script.read_bytes(), compresslevel=6, mtime=0)


def joined(entry: Path) -> str:
    """Return a JavaScript module and those that it imports as one, with no file beside it.

    A widget and a page each take one text. The modules stand in the order in which they need each
    other, without their comments, their lines ``import`` and the words ``export``; so a name may
    be used at the top of one module only, and every import is
    ``import { name } from "./module.js";``.

    Parameters
    ----------
    entry : path
        What the entry exports as its default stays exported.
    """
    order: dict[Path, str] = {}

    def add(path: Path) -> None:
        if path in order:
            return
        text = path.read_text("utf-8")
        for imported in _IMPORT.findall(text):
            add((path.parent / imported).resolve())
        order[path] = _EXPORT.sub("", _IMPORT.sub("", _COMMENT.sub("", text)))

    add(entry.resolve())
    return "\n".join(order.values())


@functools.cache
def front_end() -> str:
    """Return the browser's side of explorers as one JavaScript module."""
    return joined(WEB / "front_end.js")


def scripts(body: str) -> str:
    """Return what a file with explorers needs once, at its end.

    Parameters
    ----------
    body : str
        The file's HTML. plotly.js, which is large, goes with it only if an element needs it.
    """
    plotly = _plotly_element() if _NEEDING.search(body) else ""
    return (
        f'<style id="convrnn-lab-page">{CSS.read_text("utf-8")}</style>{plotly}'
        f'<script type="module">{front_end()}</script>'
    )


@functools.cache
def _plotly_element() -> str:
    script = base64.b64encode(plotly_script()).decode()
    return f'<script type="application/gzip" id="convrnn-lab-plotly">{script}</script>'


def pack(header: Mapping[str, object], buffers: Iterable[bytes] = ()) -> bytes:
    """Return what the front end's `unpack` takes apart: one compressed block of bytes."""
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    block = struct.pack("<I", len(text)) + text + b"".join(buffers)
    # Level 9 takes seven times as long for one percent less.
    return gzip.compress(block, compresslevel=6, mtime=0)


_ELEMENT = '<div class="convrnn-lab" data-page'
_NEEDING = re.compile(f"{_ELEMENT}[^>]* data-plotly")  # an exporter may write attributes anew


def element(packed: bytes, *, plotly: bool) -> str:
    """Return the element that the script turns into controls and figure.

    Parameters
    ----------
    packed : bytes
        See `pack`.
    plotly : bool
        Whether plotly must draw some of it; see `own_panels.needs_plotly`.
    """
    text = base64.b64encode(packed).decode()
    return (
        f"{_ELEMENT}{' data-plotly' if plotly else ''}><p>This figure needs JavaScript.</p>"
        f'<script type="application/gzip">{text}</script></div>'
    )


def is_element(html: object) -> bool:
    """Tell whether an output's HTML is an element made here."""
    text = "".join(html) if isinstance(html, list) else html
    return isinstance(text, str) and text.startswith(_ELEMENT)
