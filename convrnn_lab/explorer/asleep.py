"""What stands in place of a live explorer in a saved notebook that is opened again."""

from __future__ import annotations

import html
import sys

SENTENCE = "Is the figure missing here? It needs a running kernel: choose “Run All Cells” in “Run”."


def note() -> None:
    """Put a line into the output of the cell that runs, which a live explorer hides.

    A saved notebook keeps the line, and Jupyter's own "model not found" says nothing of a remedy.
    Outside of a kernel there is no output, and so no line.
    """
    if "ipykernel" not in sys.modules:
        return
    from IPython import get_ipython
    from IPython.display import publish_display_data

    if get_ipython() is not None:
        line = f'<p class="convrnn-lab-asleep">{html.escape(SENTENCE)}</p>'
        publish_display_data({"text/html": line, "text/plain": SENTENCE})
