"""The model that a name on the command line means: a shipped one, or one in somebody's code."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import cast

from torch import nn

from convrnn_lab import models
from convrnn_lab.measure.doctor import Layers
from convrnn_lab.shapes import passes

SHIPPED = {"copied": models.copied_network, "cnn": models.cnn}
"""Models of the package, by their names on the command line."""


def named_model(name: str, *, on_shapes: bool = True) -> nn.Module | Layers:
    """Return the model of that name; a class or function is called.

    Parameters
    ----------
    name : str
        ``package.module:name``, ``file.py:name``, or one of `SHIPPED`.
    on_shapes : bool
        Whether it is made on the meta device, without memory for its weights.

    Raises
    ------
    ValueError
        If there is none of that name, or its code does not run.
    """
    found = SHIPPED[name] if name in SHIPPED else _imported(name)
    if callable(found) and not isinstance(found, nn.Module):
        try:
            with _device(on_shapes):
                return cast("nn.Module | Layers", found())
        except TypeError as error:
            raise ValueError(
                f"model must be made without arguments; got {name!r} ({error})"
            ) from error
        except Exception as error:
            raise _not_run(name, error) from error
    return cast("nn.Module | Layers", found)


def named_module(name: str, *, on_shapes: bool) -> nn.Module:
    """Return the model of that name as one module; a list of layers is put into one.

    Parameters
    ----------
    name, on_shapes
        As for `named_model`.

    Raises
    ------
    ValueError
        As `named_model` does, and if one of the layers cannot be made.
    """
    found = named_model(name, on_shapes=on_shapes)
    if isinstance(found, nn.Module):
        return found
    try:
        with _device(on_shapes):
            return nn.Sequential(*(e if isinstance(e, nn.Module) else e() for e in found))
    except TypeError as error:
        raise ValueError(
            f"model must have layers that can be made; got {name!r} ({error}), of which `inspect` "
            "says more"
        ) from error


def _device(on_shapes: bool) -> contextlib.AbstractContextManager[object]:
    return passes.on_shapes() if on_shapes else contextlib.nullcontext()


def _imported(name: str) -> object:
    """Return what ``package.module:name`` or ``file.py:name`` names."""
    home, colon, attribute = name.rpartition(":")
    if not colon or not home or not attribute:
        raise ValueError(
            "model must be package.module:name, file.py:name, or one of "
            f"{', '.join(SHIPPED)}; got {name!r}"
        )
    module = _file(home) if home.endswith(".py") else _module(name, home)
    if not hasattr(module, attribute):
        raise ValueError(f"model must be a name in {home}; got {attribute!r}")
    return getattr(module, attribute)


def _file(path: str) -> ModuleType:
    if not Path(path).is_file():
        raise ValueError(f"model must be in a file that is there; got {path!r}")
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    assert spec is not None  # noqa: S101 - a file's name ends in .py
    assert spec.loader is not None  # noqa: S101 - as above
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise _not_run(path, error) from error
    return module


def _module(name: str, home: str) -> ModuleType:
    sys.path.insert(0, str(Path.cwd()))  # as `python -m` does
    try:
        return importlib.import_module(home)
    except ModuleNotFoundError as error:
        raise ValueError(
            f"model must be in a module that can be imported; got {name!r} ({error})"
        ) from error
    finally:
        sys.path.pop(0)


def _not_run(name: str, error: Exception) -> ValueError:
    line = (str(error).strip().splitlines() or [""])[0]
    return ValueError(
        f"model must be in code that runs; got {name!r} ({type(error).__name__}: {line})"
    )
