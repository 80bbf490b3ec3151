"""An executed notebook as one HTML file that works with the network off."""

from __future__ import annotations

import functools
import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbconvert import HTMLExporter
from nbconvert.preprocessors import Preprocessor

from convrnn_lab.drawing.sheet import PlotlySheet
from convrnn_lab.explorer import assets, shown

if TYPE_CHECKING:
    from nbformat import NotebookNode


_LINK = re.compile(r"(\]\([\w-]+)\.ipynb\)")
"""A link in Markdown to a notebook beside this one."""


class _Folds(Preprocessor):
    """Folds the code that the notebook folds, and leads links between notebooks to their pages."""

    def preprocess(self, nb: NotebookNode, resources: object) -> tuple[NotebookNode, object]:
        nb.cells = [each for cell in nb.cells for each in _unfolded(cell)]
        return nb, resources


def _unfolded(cell: NotebookNode) -> list[NotebookNode]:
    """Return the cells of a page that a notebook's cell becomes."""
    if cell.cell_type == "markdown":
        cell.source = _LINK.sub(r"\1.html)", cell.source)
    if cell.cell_type != "code" or not cell.metadata.get("jupyter", {}).get("source_hidden"):
        return [cell]
    what = "Parameters" if "parameters" in cell.metadata.get("tags", []) else "Code"
    # An empty line would end the HTML in Markdown.
    source = html.escape(cell.source).replace("\n", "&#10;")
    folded = nbformat.v4.new_markdown_cell(
        f"<details><summary>{what}</summary><pre>{source}</pre></details>"
    )
    # The exporter leaves out the source of such a cell, and shows its outputs.
    cell.metadata["transient"] = {"remove_source": True}
    return [folded, *([cell] if cell.outputs else [])]


class _Figures(Preprocessor):
    """Replaces plain plotly figures by elements that the page's one plotly.js draws."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: object, _index: int
    ) -> tuple[NotebookNode, object]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            figure = data.get(assets.PLOTLY)
            if figure is None or assets.is_element(data.get("text/html")):
                continue
            sheet = PlotlySheet(figure["data"], figure["layout"])
            output["data"] = {"text/html": shown.element_of(sheet)}
        return cell, resources


def page(notebook: NotebookNode, title: str) -> str:
    """Return an executed notebook as HTML: light or dark as the reader's system is.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    title : str
        Of the browser's window; plain text.
    """
    body, _ = _exporter().from_notebook_node(notebook, {"metadata": {"name": title}})
    return body.replace("</head>", f"{_dark()}</head>", 1).replace(
        "</body>", f"{assets.scripts(body)}</body>", 1
    )


@functools.cache
def _exporter() -> HTMLExporter:
    """Return the exporter; it keeps the templates that it has compiled."""
    # Both addresses would be asked for when the page is opened; neither is needed.
    exporter = HTMLExporter(require_js_url="", mathjax_url="")
    exporter.register_preprocessor(_Folds(), enabled=True)
    exporter.register_preprocessor(_Figures(), enabled=True)
    return exporter


@functools.cache
def _dark() -> str:
    """Return JupyterLab's dark theme for readers who ask for dark, and the note that it is on."""
    folders = _exporter().template_paths
    files = (Path(folder) / "static" / "theme-dark.css" for folder in folders)
    css = next(file for file in files if file.is_file()).read_text("utf-8")
    script = (
        'const dark = matchMedia("(prefers-color-scheme: dark)");'
        "const mark = () => { document.body.dataset.jpThemeLight = !dark.matches; };"
        'dark.addEventListener("change", mark); addEventListener("DOMContentLoaded", mark);'
    )
    return (
        f"<style>@media (prefers-color-scheme: dark) {{ {css} }}</style><script>{script}</script>"
    )
