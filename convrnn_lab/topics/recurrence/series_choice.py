"""The series that explorers of recurrent layers read: made, measured, text, and one's own."""

from __future__ import annotations

from fractions import Fraction

from torch import Tensor

from convrnn_lab import checks, data
from convrnn_lab.copied_code import Name, call
from convrnn_lab.data.series import LONGEST, MADE
from convrnn_lab.data.signals import samples
from convrnn_lab.explorer.controls import Choice, Control, Slider, Values
from convrnn_lab.explorer.inputs import Inputs

FREQUENCIES = ("1/64", "1/48", "1/32", "1/24", "1/16", "1/12", "1/8", "1/6", "1/4", "1/3")
"""Of sine and square, in periods a step."""

SEEDS = 99
TEXT = "text"

_NAMES = (*data.SERIES, TEXT)
_WAVES = ("sine", "square")
_USUAL = Fraction(1, 16)
"""The frequency of `data.series` where none is given."""


class Series:
    """The series by name, with the controls that choose one.

    Parameters
    ----------
    own : str, path or array
        The one to start with: one of `data.SERIES`, "text", or one of the user's.
    seed : int
        Of the noise, at first.

    Attributes
    ----------
    names : tuple of str
    start : str
        The name of `own`.

    Raises
    ------
    ValueError
        If it cannot be used.
    """

    def __init__(self, own: object, seed: int) -> None:
        checks.integer("seed", seed, 0, SEEDS)
        self._characters = data.text("heapq")[:LONGEST]
        self._inputs = Inputs(own, _NAMES, "your series", _whole)
        self.names, self.start = self._inputs.names, self._inputs.start

    def __call__(self, name: str, frequency: str, length: int, seed: int) -> Tensor:
        """Return the first `length` steps, shape (time, feature)."""
        if name == TEXT:
            return data.one_hot(data.encode(self.text(name, length)))
        if name in MADE:
            parts = float(Fraction(frequency))
            return data.series(name, length=length, frequency=parts, seed=seed)[:, None]
        return self._inputs(name)[:length, None]

    def longest(self, name: str) -> int:
        """Return how many steps there are of a series, at most `LONGEST`."""
        return LONGEST if name in (TEXT, *MADE) else len(self._inputs(name))

    def text(self, name: str, length: int) -> str:
        """Return the characters that the steps stand for; none where it is no text."""
        return self._characters[:length] if name == TEXT else ""

    def code(self, name: str, frequency: str, length: int, seed: int) -> str:
        """Return the line of code that makes `steps`; a series of one's own is called "series"."""
        if name == TEXT:
            return f'steps = data.one_hot(data.encode(data.text("heapq")[:{length}]))'
        options: dict[str, object] = {"length": length}
        source: object = name
        if name not in _NAMES:
            source, options["allow_nan"] = Name("series"), True
        if name == "noise":
            options["seed"] = seed
        if name in _WAVES and Fraction(frequency) != _USUAL:
            options["frequency"] = Name(frequency)
        return f"steps = {call(data.series, 'data', source, **options)}[:, None]"

    def controls(self, frequency: str, length: int) -> dict[str, Control]:
        """Return the controls of series, frequency and length, which stand in front."""
        checks.choice("frequency", frequency, FREQUENCIES)

        def frequencies(before: Values) -> list[str]:
            return list(FREQUENCIES) if before["series"] in _WAVES else [frequency]

        def longest(before: Values) -> int:
            return self.longest(before["series"])

        return {
            "series": Choice("series", self.names, self.start),
            "frequency": Choice(
                "frequency", frequencies, frequency, ordered=True, widest=FREQUENCIES
            ),
            "length": Slider("length", 1, longest, length),
        }


def _whole(source: object) -> Tensor:
    """Return up to `LONGEST` samples of a measured series."""
    data.series(source, length=1, allow_nan=True)  # for its words, where it is refused
    known = isinstance(source, str) and source == "power demand"
    count = LONGEST if known else len(samples(source))
    return data.series(source, length=min(count, LONGEST), allow_nan=True)
