"""The Python call that makes an explorer with the values that its controls have now."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from convrnn_lab import copied_code
from convrnn_lab.data import decode
from convrnn_lab.drawing import looks
from convrnn_lab.explorer.controls import Token, Value, Values

if TYPE_CHECKING:
    from convrnn_lab.explorer.base import Explorer
    from convrnn_lab.explorer.view import View

Array = NDArray[np.float32]

_ANSWERS = {"yes": True, "no": False}
_NOT_IN_A_CALL = {
    "numbers": "The weights that were edited are",
    "pen": "The signal that was drawn is",
    "picture": "The picture that was drawn or opened is",
    "digit": "The digit that was drawn or opened is",
    "line": "The line that was typed is",
}


@dataclass(frozen=True)
class Made:
    """How an explorer was made.

    Attributes
    ----------
    function : function
        A public one of `explorers`.
    arguments : dict
        What it was called with, by name.
    """

    function: Callable[..., object]
    arguments: dict[str, object]


@dataclass(frozen=True)
class Given:
    """What a reader gave in the browser.

    Attributes
    ----------
    name : str
        By which the figure knows it; the argument of the same name takes it, where there is one.
    by : {"numbers", "pen", "picture", "digit", "line"}
        How it was given.
    array : Array, float32
        Empty of a picture, which is too large for a line of code.
    """

    name: str
    by: str
    array: Array


@functools.cache
def noted(public: object) -> object:
    """Return a function of `explorers` that tells its explorer how it was made; else `public`."""
    if not inspect.isfunction(public):
        return public
    signature = inspect.signature(public)

    @functools.wraps(public)
    def made(*arguments: object, **named: object) -> Explorer:
        explorer: Explorer = public(*arguments, **named)
        bound = signature.bind(*arguments, **named).arguments
        explorer.made = Made(public, dict(bound))
        return explorer

    return made


def written(explorer: Explorer, values: Values, given: Sequence[Given] = ()) -> str:
    """Write the call that makes an explorer with other values; see `Explorer.call`.

    Parameters
    ----------
    explorer : Explorer
    values : dict
        Of all controls.
    given : sequence of Given
        A drawn signal or a typed line stands in the call. Of what a call cannot take, a comment
        says so.

    Raises
    ------
    ValueError
        If no function of `explorers` made it.
    """
    made = explorer.made
    if made is None:
        raise ValueError(f"call must be of an explorer that `explorers` made; got {explorer!r}")
    takes = inspect.signature(made.function).parameters
    arguments = dict(made.arguments)
    rest = {}
    for name, value in values.items():
        if name not in takes or not _takes(takes[name], _argument(value, takes[name].default)):
            rest[name] = value
        elif name not in made.arguments or value != explorer.start[name]:
            # What was given stays as it was written: a path stands in the list by its name alone.
            arguments[name] = _argument(value, takes[name].default)
    code = {name: _readable(name, value) for name, value in arguments.items()}
    code |= {each.name: _value(each) for each in given if _has_place(each, takes)}
    comments = [line for each in given for line in _comments(each, takes)]
    call = copied_code.call(made.function, "explorers", **code)
    moved = {name: value for name, value in rest.items() if value != explorer.start[name]}
    if not moved:
        return "\n".join([*comments, call])
    sets = [
        f"explorer.controls[{copied_code.literal(name)}].value = {copied_code.literal(value)}"
        for name, value in moved.items()
    ]
    return "\n".join([*comments, f"explorer = {call}", *sets, "explorer"])


def looked_at(view: View, settings: Values, looked: Mapping[str, Token]) -> dict[str, Value]:
    """Return settings with what is looked at, which the browser knows by its text."""
    values = dict(settings)
    for name, control in view.looks.items():
        offered = control.offered(values) or [control.start]
        found = (value for value in offered if control.token(value) == looked[name])
        values[name] = next(found, control.start)
    return values


def _has_place(given: Given, takes: Mapping[str, inspect.Parameter]) -> bool:
    """Tell whether an argument takes what was given; none takes weights."""
    return given.by in ("pen", "line") and given.name in takes


def _value(given: Given) -> object:
    """Return a signal or a line as code has it."""
    if given.by == "line":
        return decode(torch.tensor(given.array).long())
    return copied_code.Name(f"torch.tensor({looks.listed(given.array)})")


def _comments(given: Given, takes: Mapping[str, inspect.Parameter]) -> list[str]:
    """Return what a reader should know of a call: what is not in it, or is in it otherwise."""
    if not _has_place(given, takes):
        return [f"# {_NOT_IN_A_CALL[given.by]} not part of this call."]
    if given.by == "line":
        return []
    largest = float(np.abs(given.array).max())
    if largest in (0.0, 1.0):
        return []
    return [f"# The explorer divides a signal by its largest absolute value, here {largest:.3g}."]


def _takes(parameter: inspect.Parameter, value: object) -> bool:
    """Tell whether a parameter is for such values: for a layer's name, say, and not its place."""
    kinds = set(re.findall(r"\w+", str(parameter.annotation)))
    whole = isinstance(value, int) and "float" in kinds
    return whole or bool(kinds & {"object", type(value).__name__})


def _argument(value: Value, default: object) -> object:
    """Return what a function takes for a value: a list of yes and no stands for a truth value."""
    return _ANSWERS.get(value, value) if isinstance(default, bool) else value


def _readable(name: str, value: object) -> object:
    """Return a value as a call shows it; an array or a model by the name of its argument."""
    if isinstance(value, Path):
        return str(value)
    parts = value if isinstance(value, (list, tuple)) else [value]
    plain = all(isinstance(part, (str, int, float, bool, type(None))) for part in parts)
    return value if plain else copied_code.Name(name)
