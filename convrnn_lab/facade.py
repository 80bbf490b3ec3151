"""Façades: public names, each loaded when it is first asked for.

The stub beside a façade (``trace.pyi`` beside ``trace.py``) is its one list of names: type checkers
and editors read it, and so does `attach`.
"""

import ast
import importlib
from collections.abc import Callable
from pathlib import Path


def attach(
    facade: str, file: str
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return what makes a module a façade: its ``__getattr__``, ``__dir__`` and ``__all__``.

    Parameters
    ----------
    facade, file : str
        ``__name__`` and ``__file__`` of the module. Its names are those that the stub beside it
        imports.

    Raises
    ------
    AttributeError
        From ``__getattr__``, for a name that is not public.
    """
    stub = ast.parse(Path(file).with_suffix(".pyi").read_text("utf-8"))
    homes = {
        alias.name: node.module or ""
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    def get(name: str) -> object:
        if name not in homes:
            message = f"module {facade!r} has no attribute {name!r}"
            raise AttributeError(message)
        home = importlib.import_module(homes[name])
        if hasattr(home, name):
            return getattr(home, name)
        return importlib.import_module(f"{homes[name]}.{name}")

    return get, lambda: sorted(homes), sorted(homes)
