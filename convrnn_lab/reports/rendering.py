"""An executed notebook as the texts of its two files."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from convrnn_lab.reports import executing

if TYPE_CHECKING:
    from nbformat import NotebookNode


def texts(executed: NotebookNode, title: str) -> tuple[str, str]:
    """Return an executed notebook and its page as texts; widget state is not kept."""
    html = _import_exporter()
    import nbformat

    executed.metadata.pop("widgets", None)
    return nbformat.writes(executed), html.page(executed, title)


def _import_exporter() -> ModuleType:
    """Return the module that makes pages, imported quickly."""
    with executing.quick_imports():
        from convrnn_lab.reports import html

        return html


def warm() -> None:
    """Load the exporter and its templates while the parent waits for the kernel."""
    html = _import_exporter()
    import nbformat

    html.page(nbformat.v4.new_notebook(), "")
