"""Give the browser plotly.js early: it needs a second to load, just as torch does in the kernel."""

from __future__ import annotations

import os
import sys

from convrnn_lab.explorer import assets

_preloads: list[object] = []


def start() -> None:
    """Send plotly.js to the page once, if this is a kernel that somebody's notebook is open on."""
    # Jupyter's server sets the variable; a headless run has no page that could use the script.
    open_notebook = "ipykernel" in sys.modules and "JPY_SESSION_NAME" in os.environ
    if _preloads or not open_notebook or os.environ.get(assets.PAGES_VARIABLE):
        return
    import anywidget
    import traitlets

    class Preload(anywidget.AnyWidget):
        """Carries the script to the page, which empties it on arrival, so that it is not saved."""

        _esm = assets.front_end()
        script = traitlets.Bytes().tag(sync=True)

    _preloads.append(Preload(script=assets.plotly_script()))
