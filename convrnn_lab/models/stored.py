"""Files of weights: safetensors, float16, with what they are in their header."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from convrnn_lab import checks, files

FOLDER = Path(__file__).parent / "files"
"""Where the weights lie that ship."""


# Any: safetensors gives its open file no type.
@contextlib.contextmanager
def opened(source: Path) -> Iterator[Any]:
    """Open a file of safetensors for reading.

    Raises
    ------
    ValueError
        If it is missing or damaged.
    """
    from safetensors import SafetensorError, safe_open

    got = f"path must be a file of safetensors; got {checks.shown(str(source))}"
    if not source.is_file():
        raise ValueError(f"{got}, which is not there")
    try:
        with safe_open(source, framework="pt") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{got}, which cannot be read ({error})") from error


def read_weights(
    source: Path, wanted: Mapping[str, Tensor], what: str, prefix: str = ""
) -> dict[str, Tensor]:
    """Return the tensors of a file whose names begin with `prefix`, as float32.

    Parameters
    ----------
    source : Path
    wanted : dict of str to Tensor
        The weights of the model, whose names and shapes the file must have.
    what : str
        The model, in words for the message.
    prefix : str
        Comes before each name in the file.

    Raises
    ------
    ValueError
        If the file is missing, damaged, or holds other weights.
    """
    shapes = {name: tuple(value.shape) for name, value in wanted.items()}
    with opened(source) as file:
        # A name with a stroke is of a copy that was kept on the way; those have a prefix.
        found = {
            name.removeprefix(prefix): tuple(file.get_slice(name).get_shape())
            for name in file.keys()  # noqa: SIM118
            if (name.startswith(prefix) if prefix else "/" not in name)
        }
        if found != shapes:
            name = min(set(found.items()) ^ set(shapes.items()))[0]
            raise ValueError(
                f"path must be a file with the weights of {what}; got "
                f"{checks.shown(str(source))}, where the shape of {name} is "
                f"{found.get(name)}, not {shapes.get(name)}"
            )
        return {name: file.get_tensor(prefix + name).float() for name in shapes}


def about(source: Path) -> dict[str, str]:
    """Return what a file of weights says of itself, by name in their order.

    Raises
    ------
    ValueError
        If it is missing or damaged.
    """
    with opened(source) as file:
        return dict(sorted((file.metadata() or {}).items()))  # the file has them in any order


def write_weights(
    weights: Mapping[str, Tensor], path: str | Path, about: Mapping[str, str]
) -> None:
    """Write tensors as float16, with `about` in the header; whole or not at all.

    Parameters
    ----------
    weights : dict of str to Tensor
    path : str or path
        Ends in ``.safetensors`` by custom; a file that is there is replaced.
    about : dict of str to str
        What the function `about` returns.
    """
    from safetensors.torch import save

    halved = {name: value.detach().cpu().half().contiguous() for name, value in weights.items()}
    with files.replacing(Path(path)) as unfinished:
        unfinished.write_bytes(save(halved, dict(about)))
