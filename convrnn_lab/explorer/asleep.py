"""What stands in place of a live explorer in a saved notebook that is opened again."""

from __future__ import annotations

import base64
import html
import sys
import uuid

SENTENCE = "Is the figure missing here? It needs a running kernel: choose “Run All Cells” in “Run”."

UNDER_PICTURE = "A picture of the last figure. To move it, choose “Run All Cells” in “Run”."

PICTURE_BYTES = 150_000
"""A larger picture is not kept: the notebook's file would grow too much."""


class Note:
    """A line in the output of the cell that runs, which a live explorer hides.

    A saved notebook keeps it, and Jupyter's own "model not found" says nothing of a remedy. Once
    the browser has drawn the figure, a small picture of it stands over the line. Outside of a
    kernel there is no output, and so no line.
    """

    def __init__(self) -> None:
        self._name = uuid.uuid4().hex
        line = f'<p class="convrnn-lab-asleep">{html.escape(SENTENCE)}</p>'
        self._publish(line, SENTENCE, update=False)

    def show(self, picture: bytes) -> None:
        """Put a picture, in the format WebP, in the place of the one before."""
        if len(picture) > PICTURE_BYTES:
            return
        source = f"data:image/webp;base64,{base64.b64encode(picture).decode()}"
        line = html.escape(UNDER_PICTURE)
        kept = f'<div class="convrnn-lab-asleep"><img alt="" src="{source}"><p>{line}</p></div>'
        self._publish(kept, UNDER_PICTURE, update=True)

    def _publish(self, markup: str, plain: str, *, update: bool) -> None:
        if "ipykernel" not in sys.modules:
            return
        from IPython import get_ipython
        from IPython.display import publish_display_data

        if get_ipython() is not None:
            shown = {"text/html": markup, "text/plain": plain}
            publish_display_data(shown, transient={"display_id": self._name}, update=update)
