"""A text as a model of characters reads it: one that was there, or a line that a reader types."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from convrnn_lab import data, models
from convrnn_lab.drawing import given, theme
from convrnn_lab.drawing.layer_looks import fixed, item, softmax, strongest
from convrnn_lab.drawing.look_sums import rows
from convrnn_lab.drawing.looks import Seen, multiply, take, words
from convrnn_lab.drawing.parts import axes
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.drawing.typed_looks import named

LONGEST_LINE = 128
"""Characters of a typed line: the browser reads it again at every key."""
_SHOWN = 8
_WRITTEN_AS = {"\n": "↵", " ": "·", "<": "‹", ">": "›", "&": "＆"}


@dataclass(frozen=True)
class Reading:
    """What is read, and what follows from it.

    Attributes
    ----------
    line : array or Look, shape (time,)
        The characters, by their places in `data.ALPHABET`.
    states : array or Look, shape (1, unit, time)
        Hidden states after each of them.
    logits : array or Look, shape (character,)
        What the model says of the next character.
    """

    line: Seen
    states: Seen
    logits: Seen


def reading(
    model: models.SequenceModel, text: str, hidden: NDArray[np.float32], unit: Seen
) -> Reading:
    """Return how a model with one layer of LSTM units reads a text, or a line in its place.

    Parameters
    ----------
    model : SequenceModel
        Of characters.
    text : str
    hidden : array, shape (unit, time)
        As PyTorch computed it for `text`.
    unit : int or Look
        Where one looks; in a figure of Python nobody types.
    """
    weights = [each.detach().numpy() for each in model.recurrent.parameters()]
    head = [each.detach().numpy() for each in model.head.parameters()]
    codes = data.encode(text)
    line = given.array("text", codes.numpy().astype(np.float32), unit)
    ones = np.ascontiguousarray(data.one_hot(codes).T)
    read = given.recomputed("read", ones, "one_hot", line, len(data.ALPHABET))
    rest = np.zeros((2, model.recurrent.hidden_size), dtype=np.float32)
    states = given.recomputed(
        "states", hidden[None], "recurrence", "LSTM", read, rest, weights, ["hidden"]
    )
    end = np.ascontiguousarray(hidden[:, -1])
    last = given.recomputed("last", end, "last_step", states)
    with torch.no_grad():
        logits = model.head(torch.tensor(end)).numpy()
    return Reading(line, states, given.recomputed("logits", logits, "linear", last, *head))


def gives(cells: int) -> Part:
    """Return what a panel of so many cells declares that lets a reader type a line."""
    known = data.ALPHABET[:-1]  # the last stands for all others
    return {"name": "text", "by": "line", "alphabet": known, "most": min(cells, LONGEST_LINE)}


def sign(character: str) -> str:
    """Return what is written into a cell for a character."""
    return _WRITTEN_AS.get(character, character)


SIGNS = [*map(sign, data.ALPHABET)]


def likeliest(logits: Seen, temperature: float) -> tuple[Seen, Seen]:
    """Return the signs of the likeliest next characters, and their probabilities."""
    chances = softmax(multiply(logits, 1 / temperature))
    order = strongest(chances, _SHOWN)
    return named(order, SIGNS), rows(chances, order)


def next_panel(logits: Seen, temperature: float) -> Panel:
    """Draw how likely the likeliest next characters are."""
    names, chances = likeliest(logits, temperature)
    bars = {
        "type": "bar",
        "name": "next",
        "x": names,
        "y": chances,
        "marker": {"color": theme.OUTPUT},
        "texttemplate": "%{y:.0%}",
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "“%{x}”: %{y:.1%}<extra></extra>",
    }
    around = axes("next character", [-0.6, _SHOWN - 0.4], [0, 1.12])
    around["xaxis"] |= {"type": "category", "tickfont": {"size": 12}}
    around["yaxis"] |= {"tickformat": ".0%"}
    return Panel(
        words("Next after what was read: {}", surest(names, chances)),
        [bars],
        **around,
        size="large",
    )


def surest(names: Seen, chances: Seen) -> Seen:
    """Write the likeliest character and its probability, as in "“e” with 83 %"."""
    return words("“{}” with {} %", item(names, 0), fixed(multiply(take(chances, 0), 100), 0))
