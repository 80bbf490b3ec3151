"""Compare a reader's answers with what PyTorch says."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from convrnn_lab import checks

TOLERANCE = 5e-3
"""By what share an answer that is no whole number may differ: 0.111 is a good answer for 1/9."""

UNANSWERED, UNREADABLE, WRONG, RIGHT = "not answered yet", "not a number", "not yet", "right"


@dataclass(frozen=True)
class Exercise:
    """A question with a number for an answer.

    Attributes
    ----------
    solve : function
        Computes the answer.
    hint : str
        Shown beside an answer that is not right.
    reason : str
        Shown beside one that is.
    """

    solve: Callable[[], float]
    hint: str
    reason: str

    def verdict(self, answer: object) -> str:
        """Return one of `UNANSWERED`, `UNREADABLE`, `WRONG` and `RIGHT`."""
        if answer is None:
            return UNANSWERED
        number = as_number(answer)
        if number is None:
            return UNREADABLE
        right = self.solve()
        share = 1e-9 if float(right).is_integer() else TOLERANCE
        return RIGHT if math.isclose(number, right, rel_tol=share) else WRONG

    def word(self, verdict: str) -> str:
        """Return what helps a reader on whose answer was judged so."""
        return {
            UNANSWERED: "Put your number in place of None.",
            UNREADABLE: "Write a number, such as 13, 0.5 or 1/3.",
            WRONG: self.hint,
            RIGHT: self.reason,
        }[verdict]


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


def check(notebook: str, answers: Mapping[str, object]) -> Checked:
    """Say of each answer to a notebook's exercises whether it is right.

    Parameters
    ----------
    notebook : str
        Its name without the number, such as "convolution".
    answers : dict of str to object
        By the name of the question. A number, or a text that stands for one, such as "13" or
        "1/3"; None where there is no answer yet.

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
    height: not answered yet. Put your number in place of None.
    """
    from convrnn_lab.exercises.solutions import EXERCISES

    checks.choice("notebook", notebook, EXERCISES)
    if not isinstance(answers, Mapping):
        raise ValueError(f"answers must be a dict; got {checks.shown(answers)}")
    verdicts, words = {}, {}
    for name, answer in answers.items():
        checks.choice("answer", name, EXERCISES[notebook])
        exercise = EXERCISES[notebook][name]
        verdicts[name] = exercise.verdict(answer)
        words[name] = exercise.word(verdicts[name])
    return Checked(verdicts, words)


def as_number(answer: object) -> float | None:
    """Return the number that an answer stands for, or None where it stands for none.

    Examples
    --------
    >>> as_number("1,600"), as_number(" 1/4 "), as_number("many")
    (1600.0, 0.25, None)
    """
    if isinstance(answer, bool):
        return None
    try:
        if isinstance(answer, str):
            return float(Fraction(answer.strip().replace(",", "")))
        number = float(answer)  # type: ignore[arg-type]  # a tensor of one value, too
    except (TypeError, ValueError, RuntimeError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None
