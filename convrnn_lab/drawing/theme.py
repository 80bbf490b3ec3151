"""Colours and layout by role: a colour written in another module means that a role is missing.

The colours are those of Okabe and Ito (2008), which readers with the common kinds of colour
blindness tell apart; the two-sided scale runs from orange over white to purple for the same reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np

INPUT = "#0072B2"
OUTPUT = "#D55E00"
WEIGHT = "#009E73"
PRODUCT = "#CC79A7"
WINDOW = WEIGHT  # where the kernel lies
WINDOW_FILL = "rgba(0, 158, 115, 0.35)"
PADDING = "#56B4E9"
PADDING_FILL = "rgba(86, 180, 233, 0.15)"
READ_FILL = "rgba(0, 114, 178, 0.12)"  # the steps read so far
GATHERED = OUTPUT  # input values that one output value is the sum of
WINNER = OUTPUT  # the input value that a max pool hands on
EDGE = "#808080"  # of what is drawn in a colour that may be as light or as dark as the page
CLEAR = "rgba(0,0,0,0)"  # what lies under it is seen
WINNER_FILL = "rgba(213, 94, 0, 0.55)"  # over the pixels of an image that win a window

SERIES = (INPUT, OUTPUT, WEIGHT, PRODUCT)  # lines beside each other, told apart by symbols too

GREY: list[list[float | str]] = [[0.0, "#000000"], [1.0, "#ffffff"]]
"""From the darkest to the lightest input value."""

SHARE: list[list[float | str]] = [[0.0, "#f7f7f7"], [1.0, INPUT]]
"""From probability 0 to 1."""

TWO_SIDED: list[list[float | str]] = [
    [0.0, "#b35806"],
    [0.25, "#f1a340"],
    [0.5, "#f7f7f7"],
    [0.75, "#998ec3"],
    [1.0, "#542788"],
]
"""From the most negative value over zero to the most positive one."""


def shades(scale: Sequence[Sequence[float | str]], count: int) -> list[str]:
    """Return `count` colours of a scale, evenly apart.

    Examples
    --------
    >>> shades(GREY, 3)
    ['#000000', '#808080', '#ffffff']
    """
    stops, colours = zip(*scale, strict=True)
    parts = np.array([[int(str(each)[at : at + 2], 16) for at in (1, 3, 5)] for each in colours])
    places = np.linspace(0, 1, count)
    mixed = [np.interp(places, np.array(stops, dtype=float), channel) for channel in parts.T]
    return [
        "#" + "".join(f"{round(part):02x}" for part in each) for each in zip(*mixed, strict=True)
    ]


def _theme(text: str, line: str) -> dict[str, object]:
    axis = {"gridcolor": line, "zerolinecolor": line}
    return {
        "font": {"color": text, "family": "system-ui, sans-serif", "size": 12},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "xaxis": axis,
        "yaxis": axis,
    }


THEMES = {"light": _theme("#1f2328", "#d0d7de"), "dark": _theme("#e6edf3", "#444c56")}
"""What differs between the two themes; the front end picks one, a plain figure has the light."""


def number(value: float, significant: int = 3) -> str:
    """Write a value with some significant digits and a real minus sign.

    Halves go away from zero, and from 1000 on a number is whole, with commas. The browser does the
    same; the cases of both stand in ``tests/web/number_cases.json``.

    Examples
    --------
    >>> number(-0.43217)
    '−0.432'
    >>> number(1234.5)
    '1,235'
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    exact = Decimal(float(value))
    rounded = float(Context(prec=significant, rounding=ROUND_HALF_UP).create_decimal(exact))
    if rounded == 0:
        return "0"
    if abs(rounded) >= 1000:
        text = f"{exact.to_integral_value(ROUND_HALF_UP):,}"
    else:
        text = f"{rounded:.{max(significant, 3)}g}"
    return text.replace("-", "−")
