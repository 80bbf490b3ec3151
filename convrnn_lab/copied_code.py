"""The lines of code that a figure offers to be copied: calls, written from their own signatures.

What is copied must make what is shown. So a call is written by binding its arguments to the
function's signature: names and order are the function's, and what equals a default is left out.
Tests execute what was written.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Name:
    """A piece of code that stands in a call as it is: a variable, or another call."""

    code: str


def call(function: Callable[..., object], home: str, *arguments: object, **named: object) -> str:
    """Write the call of a function, without the arguments that equal its defaults.

    Parameters
    ----------
    function : function or class
    home : str
        The module as the reader imports it, such as "models" or "torch.nn".
    *arguments, **named
        As for the function. A `Name` is written as it is, everything else as a literal.

    Returns
    -------
    str
        Arguments without a default come first and without their names, as they are mostly written.

    Raises
    ------
    TypeError
        If the function does not take these arguments.

    Examples
    --------
    >>> from convrnn_lab import data
    >>> call(data.series, "data", "noise", length=64, seed=3)
    'data.series("noise", seed=3)'
    """
    name = function.__name__
    signature = _signature(function)
    bound = signature.bind(*arguments, **named)
    written: list[str] = []
    by_name = False
    for key, value in bound.arguments.items():
        parameter = signature.parameters[key]
        if parameter.kind is parameter.VAR_POSITIONAL:
            written += [literal(each) for each in value]
        elif parameter.kind is parameter.VAR_KEYWORD:
            written += [f"{each}={literal(given)}" for each, given in value.items()]
        elif _is_default(value, parameter.default):
            by_name = True
        elif by_name or parameter.kind is parameter.KEYWORD_ONLY or _has_default(parameter):
            written.append(f"{key}={literal(value)}")
            by_name = True
        else:
            written.append(literal(value))
    return f"{home}.{name}({', '.join(written)})"


@lru_cache(maxsize=64)  # a figure's code is written again at every step of a slider
def _signature(function: Callable[..., object]) -> inspect.Signature:
    """Return a signature that names its arguments: PyTorch's recurrent layers hide theirs."""
    signature = inspect.signature(function)
    if all(
        parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        for parameter in signature.parameters.values()
    ):
        from torch import nn

        if isinstance(function, type) and issubclass(function, nn.RNNBase):
            base = inspect.signature(nn.RNNBase)
            kept = [each for name, each in base.parameters.items() if name != "mode"]
            if issubclass(function, nn.RNN):
                # Where `nn.RNN` has it: after num_layers.
                tanh = inspect.Parameter(
                    "nonlinearity", inspect.Parameter.POSITIONAL_OR_KEYWORD, default="tanh"
                )
                kept.insert(3, tanh)
            return base.replace(parameters=kept)
    return signature


def _has_default(parameter: inspect.Parameter) -> bool:
    return parameter.default is not inspect.Parameter.empty


def _is_default(value: object, default: object) -> bool:
    # True equals 1, and 1.0 too, but only one of them is what the reader would write.
    return type(value) is type(default) and value == default


def literal(value: object) -> str:
    """Return a value as code has it; a `Name` as it is."""
    if isinstance(value, Name):
        return value.code
    # Double quotes, as the notebooks have them.
    return json.dumps(value, ensure_ascii=False) if type(value) is str else repr(value)
