"""Read what a reader has written: a number in one of its many forms, or a word.

The browser reads answers by the same rules (`explorer/web/answers.js`); both are held to the cases
in `tests/web/answer_cases.json`.
"""

from __future__ import annotations

import math
import re

LONGEST = 60
"""Characters of an answer that is read; a longer one is none."""

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]{1,3})?"
_UNIT = r"(%?)(?: ?[^0-9\s.,/+-][^0-9]*)?\.?"
_ANSWER = re.compile(rf"({_NUMBER})(?: ?/ ?({_NUMBER}))? ?{_UNIT}")
_THOUSANDS = re.compile(r"^([-+]?[1-9][0-9]{0,2}(?:[, ][0-9]{3})+)(?![0-9,])")


def as_number(answer: object) -> float | None:
    """Return the number that an answer stands for, or None where it stands for none.

    Examples
    --------
    >>> as_number("1,600"), as_number(" 1/4 "), as_number("13 pixels"), as_number("many")
    (1600.0, 0.25, 13.0, None)
    """
    if isinstance(answer, bool):
        return None
    if isinstance(answer, str):
        return _written(answer)
    try:
        number = float(answer)  # type: ignore[arg-type]  # a tensor of one value, too
    except (TypeError, ValueError, RuntimeError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None


def _written(answer: str) -> float | None:
    text = " ".join(answer.lower().replace("\N{MINUS SIGN}", "-").split())
    text = _THOUSANDS.sub(lambda found: re.sub("[, ]", "", found[1]), text)
    # A comma that parts no thousands is a decimal point, as much of the world writes it.
    found = _ANSWER.fullmatch(re.sub("(?<=[0-9]),(?=[0-9])", ".", text))
    if found is None or len(answer) > LONGEST:
        return None
    below = float(found[2] or 1)
    number = float(found[1]) / below if below else math.inf
    number = number / 100 if found[3] else number
    return number if math.isfinite(number) else None


def as_word(answer: object) -> str:
    """Return the letters and digits of an answer: case, blanks and signs make no difference.

    Examples
    --------
    >>> as_word(" Conv 2. "), as_word("the blur-pool")
    ('conv2', 'theblurpool')
    """
    text = answer if isinstance(answer, str) and len(answer) <= LONGEST else ""
    return "".join(letter for letter in text.lower() if letter.isalnum())
