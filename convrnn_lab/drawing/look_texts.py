"""Texts of numbers that may be looked at; ``web/looks_texts.js`` writes the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.looks import Seen, operation

_POWERS_FROM = 1e6
"""Larger numbers are written with a power of ten."""

_SIGN = "−"


@operation
def written(value: Seen) -> str:
    """Write a number as `theme.number` does; a very large one with its power of ten.

    Examples
    --------
    >>> written(-0.25), written(1234567.0)
    ('−0.25', '1.23e06')
    """
    number = float(value)
    if not math.isfinite(number) or abs(number) < _POWERS_FROM:
        return theme.number(number)
    rounded = Context(prec=3, rounding=ROUND_HALF_UP).create_decimal(Decimal(number))
    return f"{float(rounded):.2e}".replace("-", _SIGN).replace("e+", "e")


@operation
def added(terms: Sequence[Seen]) -> str:
    """Write a sum, as in "0.31 + 0.1 − 0.52".

    Examples
    --------
    >>> added([0.31, -0.52, 0.0])
    '0.31 − 0.52 + 0'
    """
    first, *rest = map(str, map(written, terms))
    return first + "".join(
        f" {_SIGN} {term[1:]}" if term.startswith(_SIGN) else f" + {term}" for term in rest
    )


@operation
def bent(name: str, row: Seen) -> str:
    """Write what `look_sums.summed` returns as an equation, as in "σ(0.3 + 0.1) = 0.6"."""
    *terms, _, value = np.asarray(row).tolist()
    return f"{name}({added(terms)}) = {written(value)}"


@operation
def factor(value: Seen) -> str:
    """Write a number as a factor: a negative one in brackets."""
    text: str = written(value)
    return f"({text})" if text.startswith(_SIGN) else text


@operation
def letters(text: str, start: Seen, stop: Seen) -> str:
    """Return the letters of a text from `start` to before `stop`; in front of it there are none."""
    return text[max(start, 0) : max(stop, 0)]


@operation
def changes(name: str, values: Seen, before: Seen) -> str:
    r"""Write a line that sets each number of an array `name` that is not as it was before.

    Examples
    --------
    >>> changes("weight", np.float32([[1, 0.1]]), np.float32([[1, 2]]))
    'weight[0, 1] = 0.1\n'
    """
    array = np.asarray(values, dtype=np.float32)
    places = np.argwhere(array != before).tolist()
    return "".join(f"{name}{place} = {float(str(array[tuple(place)]))}\n" for place in places)
