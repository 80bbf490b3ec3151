"""What a reader gives in place of what was there, and what follows from it.

An edited weight, a drawn digit or a picture of one's own is in no table of states. The browser
computes what follows with kernels of its own: a figure says by `recomputed` how. As long as nothing
is given, PyTorch's own numbers stand there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Look, Seen


class Rule(Look):
    """An array that is computed anew where something that it is made of has been given.

    Attributes
    ----------
    rule : Look
        The operation of ``web/computed.js``, and its arguments.
    """

    def __init__(self, name: str, array: np.ndarray, rule: Look) -> None:
        super().__init__("given", name, array)
        self.rule = rule


def recomputed(name: str, array: np.ndarray, operation: str, *arguments: Seen) -> Seen:
    """Return an array that follows what a reader gives.

    Parameters
    ----------
    name : str
        By which the array is known; one name has one array in a figure.
    array : array
        As PyTorch computed it.
    operation : str
        One of ``web/computed.js``, and of `computed.OPERATIONS` in Python.
    *arguments
        Its arguments; `array` itself is returned where none of them may be given.
    """
    if not any(map(looks.has_look, arguments)):
        return array
    return Rule(name, array, Look(operation, *arguments))


def array(name: str, values: np.ndarray, place: Seen) -> Seen:
    """Return an array that a reader may replace, where a look (such as `place`) can be done."""
    return looks.given(name, values) if looks.has_look(place) else values


def where_given(values: Seen, then: Seen, otherwise: Seen) -> Seen:
    """Return `then` where a reader has given an array in place of this one, else `otherwise`."""
    if not (isinstance(values, Look) and values.operation == "given"):
        return otherwise
    return Look("where_given", values.arguments[0], then, otherwise)


def declared(content: Seen) -> dict[str, Seen]:
    """Return what the browser needs beside a figure: what may be given, and what follows.

    Parameters
    ----------
    content : dict
        As `Sheet.content` gives it.

    Returns
    -------
    dict
        ``given``: arrays by name. ``computed``: a list of (name, `Look`), each after those that it
        is made of. Empty where nothing follows.
    """
    arrays: dict[str, Look] = {}
    rules: dict[str, Look] = {}
    for each in _given(content):
        if not isinstance(each, Rule):
            arrays.setdefault(each.arguments[0], each)
        elif each.arguments[0] not in rules:
            _follow(each, arrays, rules)
    left = {name: each for name, each in arrays.items() if name not in rules}
    return {"given": left, "computed": list(rules.items())} if rules else {}


def _follow(each: Look, arrays: dict[str, Look], rules: dict[str, Look]) -> None:
    """Note a rule after what it is made of."""
    name = each.arguments[0]
    if not isinstance(each, Rule):
        arrays.setdefault(name, each)
    elif name not in rules:
        for argument in _given(each.rule.arguments):
            _follow(argument, arrays, rules)
        rules[name] = each.rule


_PARTS = (Look, dict, list, tuple)


def _given(value: Seen) -> Iterator[Look]:
    """Yield what may be given, or follows from it, anywhere in a value of `_PARTS`."""
    if isinstance(value, Look):
        if value.operation == "given":
            # Whether the figure is being built is given, too, but by no reader.
            if isinstance(value.arguments[1], np.ndarray):
                yield value
            return
        parts: Iterable[Seen] = value.arguments
    else:
        parts = value.values() if isinstance(value, dict) else value
    for each in parts:
        if isinstance(each, _PARTS):
            yield from _given(each)
