"""Compare a reader's answers with what PyTorch says."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from convrnn_lab import checks
from convrnn_lab.exercises.reading import as_number, as_word

TOLERANCE = 5e-3
"""By what share an answer that is no whole number may differ: 0.111 is a good answer for 1/9."""

UNANSWERED, UNREADABLE, WRONG, RIGHT = "not answered yet", "not readable", "not yet", "right"


@dataclass(frozen=True)
class Exercise:
    """A question with a number or a word for an answer.

    Attributes
    ----------
    solve : function
        Computes the answer; a text is a word, or one of `choices`.
    hint : str
        Shown beside an answer that is not right.
    reason : str
        Shown beside one that is.
    question : str
        One or two sentences of plain text.
    choices : tuple of str
        What a reader chooses from; none where he writes.
    """

    solve: Callable[[], float | str]
    hint: str
    reason: str
    question: str = ""
    choices: tuple[str, ...] = ()

    def verdict(self, answer: object) -> str:
        """Return one of `UNANSWERED`, `UNREADABLE`, `WRONG` and `RIGHT`."""
        if answer is None or (isinstance(answer, str) and not answer.strip()):
            return UNANSWERED
        right = self.solve()
        if isinstance(right, str):
            return self._verdict_on_word(as_word(answer), right)
        number = as_number(answer)
        if number is None:
            return UNREADABLE
        return RIGHT if math.isclose(number, right, rel_tol=share(right)) else WRONG

    def _verdict_on_word(self, word: str, right: str) -> str:
        if not word or (self.choices and word not in map(as_word, self.choices)):
            return UNREADABLE
        return RIGHT if word == as_word(right) else WRONG

    @property
    def form(self) -> str:
        """What an answer looks like, as a sentence."""
        if self.choices:
            return f"Choose one of: {'; '.join(self.choices)}."
        if isinstance(self.solve(), str):
            return "Write one word, in letters."
        return "Write a number, such as 13, 0.5 or 1/3."

    def word(self, verdict: str) -> str:
        """Return what helps a reader on whose answer was judged so."""
        if verdict == UNREADABLE:
            return self.form
        return {
            UNANSWERED: "Put your answer in place of None.",
            WRONG: self.hint,
            RIGHT: self.reason,
        }[verdict]


def share(right: float) -> float:
    """Return by what share an answer may differ from `right`: whole numbers are exact."""
    return 1e-9 if float(right).is_integer() else TOLERANCE


@dataclass(frozen=True)
class Checked:
    """What `check` has found; a notebook shows it as a table.

    Attributes
    ----------
    verdicts, words : dict of str to str
        By the name of the answer: how it was judged, and a hint or a reason.
    """

    verdicts: dict[str, str]
    words: dict[str, str]

    def __str__(self) -> str:
        return "\n".join(f"{name}: {each}. {self.words[name]}" for name, each in self.lines())

    __repr__ = __str__

    def lines(self) -> list[tuple[str, str]]:
        """Return the names with their verdicts."""
        return list(self.verdicts.items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr>{''.join(_cell(text) for text in (name, each, self.words[name]))}</tr>"
            for name, each in self.lines()
        )
        return f"<table><tbody>{rows}</tbody></table>"


def _cell(text: str) -> str:
    return f'<td style="text-align: left">{html.escape(text)}</td>'


def exercises_of(notebook: str) -> dict[str, Exercise]:
    """Return a notebook's exercises by their names; raise ValueError where there are none."""
    from convrnn_lab.exercises.solutions import EXERCISES

    checks.choice("notebook", notebook, EXERCISES)
    return EXERCISES[notebook]


def check(notebook: str, answers: Mapping[str, object]) -> Checked:
    """Say of each answer to a notebook's exercises whether it is right.

    Parameters
    ----------
    notebook : str
        Its name without the number, such as "convolution".
    answers : dict of str to object
        By the name of the question. A number, or a text that stands for one, such as "13" or
        "1/3"; a word, or one of the choices; None where there is no answer yet.

    Returns
    -------
    Checked

    Raises
    ------
    ValueError
        If there is no such notebook or question.

    Examples
    --------
    >>> check("convolution", {"extent": "13", "height": None})
    extent: right. From the first tap to the last there are 4 steps of 3: 4 · 3 + 1 = 13.
    height: not answered yet. Put your answer in place of None.
    """
    exercises = exercises_of(notebook)
    if not isinstance(answers, Mapping):
        raise ValueError(f"answers must be a dict; got {checks.shown(answers)}")
    verdicts, words = {}, {}
    for name, answer in answers.items():
        checks.choice("answer", name, exercises)
        verdicts[name] = exercises[name].verdict(answer)
        words[name] = exercises[name].word(verdicts[name])
    return Checked(verdicts, words)
