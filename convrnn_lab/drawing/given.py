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
    """A value that is computed anew where something that it is made of has been given, or moved.

    Attributes
    ----------
    rule : Look
        The operation of ``web/computed.js``, and its arguments.
    """

    def __init__(self, name: str, array: np.ndarray | None, rule: Look) -> None:
        super().__init__("given", name, array)
        self.rule = rule


def recomputed(name: str, array: np.ndarray | None, operation: str, *arguments: Seen) -> Seen:
    """Return an array that follows what a reader gives, and the settings that a page computes.

    Parameters
    ----------
    name : str
        By which the array is known; one name has one array in a figure.
    array : array or None
        As PyTorch computed it; None where a computed setting is among the arguments: then it is
        computed for every one of its values.
    operation : str
        One of ``web/computed.js``, and of `computed.OPERATIONS` in Python.
    *arguments
        Its arguments; `array` itself is returned where none of them may be given.
    """
    if not any(map(looks.has_look, arguments)):
        return array
    return Rule(name, array, Look(operation, *arguments))


def kept(name: str, value: Seen) -> Seen:
    """Return a value that stands in many places of a figure, so that it is done and sent once.

    Parameters
    ----------
    name : str
        As for `recomputed`.
    value : number, text, array or Look
        Of computed settings and of what may be given; where it is no look, it is returned itself.
    """
    return Rule(name, None, Look("itself", value)) if looks.has_look(value) else value


def array(name: str, values: Seen, place: Seen) -> Seen:
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

    Raises
    ------
    ValueError
        If one name stands for two values.

    Returns
    -------
    dict
        ``given``: arrays by name. ``computed``: a list of (name, `Look`), each after those that it
        is made of. Empty where nothing follows.
    """
    arrays: dict[str, Look] = {}
    rules: dict[str, Look] = {}
    for each in _given(content):
        _follow(each, arrays, rules)
    left = {name: each for name, each in arrays.items() if name not in rules}
    return {"given": left, "computed": list(rules.items())} if rules else {}


def _follow(each: Look, arrays: dict[str, Look], rules: dict[str, Look]) -> None:
    """Note a rule after what it is made of."""
    name = each.arguments[0]
    if not isinstance(each, Rule):
        original = each.arguments[1]
        for argument in _given([original]):
            _follow(argument, arrays, rules)
        # What a reader may replace stands here as it is, for it is asked for before all else.
        there = original.rule if isinstance(original, Rule) else original
        arrays.setdefault(name, Look("given", name, there))
    elif name not in rules:
        for argument in _given(each.rule.arguments):
            _follow(argument, arrays, rules)
        rules[name] = each.rule
    elif not looks.same(rules[name], each.rule):
        raise ValueError(f"name must be that of one value; got {name!r} for two")


_PARTS = (Look, dict, list, tuple)


def _given(value: Seen) -> Iterator[Look]:
    """Yield what may be given, or follows from it, anywhere in a value of `_PARTS`."""
    if isinstance(value, Look):
        if value.operation == "given":
            # Whether the figure is being built is given, too, but by no reader.
            if isinstance(value, Rule) or isinstance(value.arguments[1], (np.ndarray, Look)):
                yield value
            return
        parts: Iterable[Seen] = value.arguments
    else:
        parts = value.values() if isinstance(value, dict) else value
    for each in parts:
        if isinstance(each, _PARTS):
            yield from _given(each)
