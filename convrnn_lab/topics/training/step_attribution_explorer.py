"""The explorer of which characters made a prediction."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from torch import nn

from convrnn_lab import checks, models
from convrnn_lab.copied_code import Name, call, literal
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import place_of
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.topics.training import guides, step_attribution_figure
from convrnn_lab.topics.training.step_attributions import step_attributions as attributed
from convrnn_lab.topics.training.text_attribution import (
    METHODS,
    TextAttributions,
    shares_by_distance,
    taken,
    text_attributions,
)

SHIPPED = {"RNN": "characters_rnn", "LSTM": "characters", "GRU": "characters_gru"}
"""The models that are compared if none are given."""

TEXTS = {
    "if and else": (
        "    if value is None:\n        return None\n    else:\n        return value\n"
    ),
    "brackets": "values = [(first, second), (third, fourth)]\nprint(values[0])\n",
    "quotes": "message = 'the value must be positive'\nraise ValueError('the value')\n",
    "a name again": "for element in queue:\n    total += element\n    print(element)\n",
    "two methods": (
        "class Heap:\n    def push(self, item):\n        self.items.append(item)\n\n"
        "    def pop(self):\n"
    ),
}
"""Short texts, each with something to remember."""

YOURS = "your text"
LONGEST = 120
MODELS_LIMIT = 3


def step_attributions(
    compared: Mapping[str, nn.Module] | None = None,
    *,
    text: str | None = None,
    example: str | None = None,
    method: str = "occlusion",
    position: int = 1,
) -> Explorer:
    """Show which characters of a text made what models of characters predict.

    Parameters
    ----------
    compared : dict of str to torch.nn.Module, optional
        One to three models by name; by default the shipped RNN, LSTM and GRU. Each gives logits
        of the characters of `data.ALPHABET` at every step, from one-hot vectors or, with an
        `torch.nn.Embedding`, from tokens. It reads from left to right.
    text : str, optional
        2 to 120 characters, in place of the texts that ship.
    example : str, optional
        One of `TEXTS`; the first by default.
    method : str
        "gradient", "gradient × input" or "occlusion"; see `trace.step_attribution`.
    position : int
        Of the character that is predicted, from 1.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is not offered, or a model does not answer at every step from what it has read.
    """
    asked = _Asked(_named(compared), _texts(text), own=compared is not None)
    begin = next(iter(asked.texts)) if example is None else example
    checks.choice("example", begin, asked.texts)
    return Explorer(
        asked.view,
        {
            "example": Choice("text", tuple(asked.texts), begin),
            "method": Choice("method", tuple(METHODS), method, look=True),
            "position": Slider("position", 1, asked.last, position, look=True),
        },
        name="Which characters made a prediction",
        scan=("position",),
        guide=guides.STEP_ATTRIBUTIONS if compared is None and text is None else (),
    )


def _named(compared: Mapping[str, nn.Module] | None) -> dict[str, nn.Module]:
    """Return the models that are compared."""
    if compared is None:
        return {name: models.trained_sequence(each)[0] for name, each in SHIPPED.items()}
    if not isinstance(compared, Mapping) or not 1 <= len(compared) <= MODELS_LIMIT:
        raise ValueError(
            f"compared must be a dict of 1 to {MODELS_LIMIT} models; got {checks.shown(compared)}"
        )
    return dict(compared)


def _texts(text: str | None) -> dict[str, str]:
    """Return the texts that are offered."""
    if text is None:
        return TEXTS
    if not isinstance(text, str) or not 2 <= len(text) <= LONGEST:
        raise ValueError(f"text must be 2 to {LONGEST} characters; got {checks.shown(text)}")
    return {YOURS: text}


class _Asked:
    """Models that are asked for the reasons of their predictions."""

    def __init__(self, compared: dict[str, nn.Module], texts: dict[str, str], *, own: bool) -> None:
        self.texts = texts
        self._compared, self._own = compared, own
        self._read = lru_cache(maxsize=None)(self._read_one)

    def last(self, values: Mapping[str, str]) -> int:
        """Return the last position of a text."""
        return len(self.texts[values["example"]]) - 1

    def view(self, example: str, method: Seen, position: Seen) -> Sheet:
        """Draw what made the prediction at one position."""
        return step_attribution_figure.step_attributions(
            self._read(example),
            self._shares,
            place_of(method, METHODS),
            position,
            texts=len(self.texts),
            code=self._code(self.texts[example], place_of(method, METHODS), position),
        )

    def _read_one(self, example: str) -> TextAttributions:
        return text_attributions(self._compared, self.texts[example])

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        return shares_by_distance([self._read(each) for each in self.texts])

    def _code(self, text: str, method: Seen, position: Seen) -> Seen:
        """Write the lines that give what is drawn."""
        lines = [f"text = {literal(text)}"]
        if not self._own:
            lines.append(f"compared = {{{_SHIPPED_CODE}}}")
        first = next(iter(self._compared.values()))
        tokens = not taken(first, text).is_floating_point()
        inputs = "data.encode(text)[None]" if tokens else "data.one_hot(data.encode(text))[None]"
        found = call(attributed, "trace", Name("model"), Name("inputs"))
        lines += [
            f"inputs = {inputs}",
            f"found = {{name: {found} for name, model in compared.items()}}",
            "values = {name: each.",
        ]
        # Braces stand in what is filled in: a template of looks has its own.
        named = looks.pick([*METHODS.values()], method)
        end = " for name, each in found.items()}"
        return looks.words("{}{}[{}]{}", "\n".join(lines), named, position - 1, end)


_SHIPPED_CODE = ", ".join(
    f'"{name}": {call(models.trained_sequence, "models", file)}[0]'
    for name, file in SHIPPED.items()
)
