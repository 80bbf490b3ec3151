"""Refusals in the words of those who read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from convrnn_lab.drawing.looks import operation


@contextmanager
def said_with(names: Mapping[str, str], *, equals: str = "=") -> Iterator[None]:
    """Say refusals of the block with other names.

    Parameters
    ----------
    names : mapping of str to str
        What stands for each argument: another argument, or what a control is called.
    equals : str
        What stands between a name and its value; a blank where no argument is meant.

    Raises
    ------
    ValueError
        As the block does, with those names.

    Examples
    --------
    >>> with said_with({"kernel_size": "kernel size"}, equals=" "):
    ...     raise ValueError("kernel_size must fit; got kernel_size=9")
    Traceback (most recent call last):
    ValueError: kernel size must fit; got kernel size 9
    """
    try:
        yield
    except ValueError as error:
        if not names:
            raise
        raise ValueError(said(str(error), names, equals)) from error


@operation
def said(text: str, names: Mapping[str, str], equals: str) -> str:
    """Return a refusal with other names; see `said_with`."""

    def other(found: re.Match[str]) -> str:
        return names[found[1]] + (equals if found[2] else "")

    return re.sub(rf"\b({'|'.join(names)})\b(=?)", other, text)
