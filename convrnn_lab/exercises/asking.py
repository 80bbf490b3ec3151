"""A notebook's questions with a field under each, which answers in a page without a kernel, too.

The browser judges by itself (`explorer/web/answers.js`). The answers go to it computed, and packed
so that they are not read by chance.
"""

from __future__ import annotations

import base64
import html
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convrnn_lab.exercises.checking import Exercise, exercises_of, share
from convrnn_lab.explorer import asleep, assets

if TYPE_CHECKING:
    import ipywidgets

_ELEMENT = '<div class="convrnn-lab" data-exercises>'


@dataclass(frozen=True)
class Questions:
    """What `ask` returns; a notebook shows it as questions with fields.

    Attributes
    ----------
    notebook : str
        Its name without the number.
    exercises : dict of str to Exercise
        By the names that `check` knows them by.
    packed : str
        The questions, their answers, hints and reasons, for the browser.
    """

    notebook: str
    exercises: Mapping[str, Exercise]
    packed: str

    def __str__(self) -> str:
        lines = [f"{name}: {each.question}" for name, each in self.exercises.items()]
        names = ", ".join(f'"{name}": None' for name in self.exercises)
        call = f'exercises.check("{self.notebook}", {{{names}}})'
        return "\n".join([*lines, f"Answer in Python: {call}"])

    __repr__ = __str__

    def element(self) -> str:
        """Return the HTML that the script of a page turns into fields; without it, a list."""
        asked = "".join(f"<li>{html.escape(each.question)}</li>" for each in self._each())
        return (
            f"{_ELEMENT}<ol>{asked}</ol><p>To answer here, the page needs JavaScript.</p>"
            f'<script type="text/plain">{self.packed}</script></div>'
        )

    def _each(self) -> list[Exercise]:
        return list(self.exercises.values())

    def live(self) -> ipywidgets.DOMWidget:
        """Return the widget of the fields."""
        import ipywidgets

        from convrnn_lab.exercises.fields import Fields

        return ipywidgets.VBox([Fields(packed=self.packed)])

    def _repr_mimebundle_(self, **_: object) -> object:
        if os.environ.get(assets.PAGES_VARIABLE):
            return {"text/html": self.element(), "text/plain": repr(self)}, {}
        bundle = self.live()._repr_mimebundle_()
        asleep.Note()  # a line for the saved notebook; the fields hide it
        return {**bundle, "text/plain": repr(self)}


def ask(notebook: str) -> Questions:
    """Ask a notebook's questions, with a field under each.

    Parameters
    ----------
    notebook : str
        Its name without the number, such as "pooling".

    Returns
    -------
    Questions

    Raises
    ------
    ValueError
        If there is no such notebook.
    """
    exercises = exercises_of(notebook)
    asked = [_asked(name, each) for name, each in exercises.items()]
    text = json.dumps({"notebook": notebook, "questions": asked}, ensure_ascii=False)
    return Questions(notebook, exercises, base64.b64encode(text.encode()).decode())


def _asked(name: str, exercise: Exercise) -> dict[str, object]:
    right = exercise.solve()
    word = isinstance(right, str)
    return {
        "name": name,
        "question": exercise.question,
        "choices": exercise.choices,
        "right": right,
        "share": 0 if isinstance(right, str) else share(right),
        "form": exercise.form,
        "hint": exercise.hint,
        "reason": exercise.reason,
        "label": "Your word" if word else "Your number",
    }
