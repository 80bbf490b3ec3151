"""The widget of a live notebook's questions; the browser does all of it."""

from __future__ import annotations

import anywidget
import traitlets

from convrnn_lab.explorer import assets


class Fields(anywidget.AnyWidget):
    """Questions with fields under them; see `asking.Questions.packed`."""

    _esm = assets.joined(assets.WEB / "questions_live.js")
    _css = assets.CSS
    packed = traitlets.Unicode().tag(sync=True)
