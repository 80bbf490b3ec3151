"""The inputs that an explorer offers: shipped ones, and one of the user's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from convrnn_lab.copied_code import Name

# Any: what it may be is checked where it is loaded.
Own = Any
"""A name, a path, or an array of the user's."""


class Inputs:
    """The shipped inputs and, in front of them, one of the user's; each loaded once.

    Parameters
    ----------
    own : str, path or array
        The input to start with; a name of `shipped` is that one.
    shipped : sequence of str
    label : str
        Name of an array in the list.
    load : function
        From a name, path or array to a tensor.

    Attributes
    ----------
    names : tuple of str
    start : str
        The name of `own`.
    """

    def __init__(
        self, own: object, shipped: Sequence[str], label: str, load: Callable[[Own], Tensor]
    ) -> None:
        self._load = load
        self._own = own
        self._loaded: dict[str, Tensor] = {}
        if isinstance(own, str) and own in shipped:
            self.names, self.start = tuple(shipped), own
            return
        name = Path(own).name if isinstance(own, (str, Path)) else label
        self.start = label if name in shipped else name
        self.names = (self.start, *shipped)
        self._loaded[self.start] = load(own)

    def __call__(self, name: str) -> Tensor:
        """Return the input of that name."""
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def written(self, name: str, variable: str) -> str | Name:
        """Return the input of that name as code has it; an array of the user's by `variable`."""
        own = self._own if name == self.start else name
        return str(own) if isinstance(own, (str, Path)) else Name(variable)
