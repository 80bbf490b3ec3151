"""The explorer of a text, what one unit makes of it, and how the model goes on with it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from convrnn_lab import checks, data, models
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing import given, looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.drawing.typed_looks import named, quoted
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.topics.gates.explorer import SEED_LIMIT
from convrnn_lab.topics.recurrence.trace import recurrence
from convrnn_lab.topics.training import guides, line_panels, writing_figure

TEMPERATURES = (0.2, 0.5, 0.7, 1.0)
_COLUMNS = 32


def writing(
    text: str | None = None,
    *,
    unit: int = 0,
    temperature: float = 0.7,
    seed: int = 0,
    length: int = 128,
) -> Explorer:
    """Colour a text by one unit of the shipped model of characters, and let it go on writing.

    Parameters
    ----------
    text : str, optional
        1 to 1,000 characters; the beginning of a module of Python's library by default.
    unit : int
    temperature : float
        One of 0.2, 0.5, 0.7, 1.0; see `models.write`.
    seed : int
        0 to 9, of what is written.
    length : int
        Characters to write, 1 to 500.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is not offered.
    """
    read = data.text("heapq")[:256] if text is None else text
    if not isinstance(read, str) or not 1 <= len(read) <= 1000:
        raise ValueError(f"text must be 1 to 1000 characters; got {checks.shown(read)}")
    checks.integer("length", length, 1, 500)
    shown = _Writer(read, length, own=text is not None)
    return Explorer(
        shown.view,
        {
            "temperature": Choice("temperature", TEMPERATURES, temperature, ordered=True),
            "seed": Slider("seed", 0, SEED_LIMIT, seed),
            "unit": Slider("unit", 0, shown.units - 1, unit, look=True),
        },
        name="What a model of characters writes",
        vary={"temperature": None, "seed": (0, 1)},
        scan=("unit",),
        guide=guides.WRITING if text is None and length == 128 else (),
    )


class _Writer:
    """The shipped model of characters, which has read a text and goes on with it."""

    def __init__(self, text: str, length: int, *, own: bool) -> None:
        self._text, self._length, self._own = text, length, own
        self._model, _ = models.trained_sequence("characters")
        self.units = self._model.recurrent.hidden_size
        self._runs = lru_cache(maxsize=40)(self._run)

    def view(self, temperature: float, seed: int, unit: Seen) -> Sheet:
        """Draw the text, what is written behind it, and the state of one unit."""
        written, hidden = self._runs(temperature, seed)
        read = np.ascontiguousarray(hidden[:, : len(self._text)])
        reading = line_panels.reading(self._model, self._text, read, unit)
        code = given.where_given(
            reading.line,
            looks.words(
                _code_typed(temperature), quoted(named(reading.line, list(data.ALPHABET))), unit
            ),
            looks.words(self._code(temperature, seed), unit),
        )
        return writing_figure.writing(
            self._text,
            hidden,
            written,
            unit,
            seed=seed,
            columns=_COLUMNS,
            code=code,
            reading=reading,
            temperature=temperature,
        )

    def _run(self, temperature: float, seed: int) -> tuple[str, NDArray[np.float32]]:
        """Return what is written, and the states over the whole, shape (unit, time)."""
        whole = models.write(
            self._model, self._text, length=self._length, temperature=temperature, seed=seed
        )
        states = recurrence(self._model.recurrent, data.one_hot(data.encode(whole)))
        return whole[len(self._text) :], np.ascontiguousarray(states.hidden[-1, 0, :, 0].T)

    def _code(self, temperature: float, seed: int) -> str:
        """Write what goes on with the text, and gives the states that are drawn; {} is the unit."""
        made = [] if self._own else [f"text = {call(data.text, 'data', 'heapq')}[:256]"]
        options = {"length": self._length, "temperature": temperature, "seed": seed}
        whole = call(models.write, "models", Name("model"), Name("text"), **options)
        return "\n".join(
            [
                *made,
                _MODEL,
                f"whole = {whole}",
                "written = whole[len(text):]",
                *_code_states("whole"),
                f"chances = (model.head(states[len(text) - 1]) / {temperature}).softmax(0)  # next",
            ]
        )


_MODEL = f"model, about = {call(models.trained_sequence, 'models', 'characters')}"


def _code_typed(temperature: float) -> str:
    """Write what reads a line; the first {} is the line, the second the unit."""
    chances = f"chances = (model.head(states[-1]) / {temperature}).softmax(0)  # next"
    return "\n".join(["text = {}", _MODEL, *_code_states("text"), chances])


def _code_states(name: str) -> list[str]:
    """Write what gives the states over a text of that name; {} is the unit."""
    inputs = Name(f"data.one_hot(data.encode({name}))")
    states = call(recurrence, "trace", Name("model.recurrent"), inputs)
    return [f"states = {states}.hidden[-1, 0, :, 0]  # (time, unit)", "state = states[:, {}]"]
