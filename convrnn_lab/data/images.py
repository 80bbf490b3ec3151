"""Grey images: the ones that ship with the package, a file, or an array."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from convrnn_lab import checks

Made = TypeVar("Made")

PIXEL_LIMIT = 50_000_000
"""Pixels of the largest image that is read; at this size, 50 MB as grey values."""

_SCIKIT_LEARN = ("china", "flower")  # photographs that scikit-learn carries

_DIGITS = tuple(f"digit {digit}" for digit in range(10))

IMAGES = ("photograph", *_DIGITS, *_SCIKIT_LEARN, "stripes", "checkerboard")
"""Names of the images that are at hand.

"stripes" get narrower from left to right, until dark and light ones alternate pixel by pixel;
"checkerboard" has squares of one pixel. Both are 64 × 64, and show aliasing.
"""

_FILES = resources.files("convrnn_lab.data") / "files"
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, the weights that Pillow uses as well


def image(source: str | Path | object, *, size: int | None = 64) -> Tensor:
    """Return an image as grey values, reduced so that neither side is longer than `size`.

    Parameters
    ----------
    source : str, path or array
        One of `IMAGES`, an image file, or an array or tensor of shape (height, width),
        (height, width, 3) or (height, width, 4). Values of a file and of an array of bytes are
        divided by 255; other arrays keep theirs. The fourth channel, transparency, is left out.
    size : int or None
        Longest side in pixels. Reduced by the mean over the pixels covered; never enlarged.

    Returns
    -------
    Tensor, shape (height, width), float32

    Raises
    ------
    ValueError
        If the file is missing or no image, or the array is empty, not finite, of another
        shape, or larger than `PIXEL_LIMIT`.

    Examples
    --------
    >>> image("digit 3").shape
    torch.Size([28, 28])
    """
    if size is not None:
        checks.integer("size", size, 1)
    if isinstance(source, (str, Path)):
        name = str(source)
        grey = _shipped(name) if name in IMAGES else opened(Path(source), IMAGES, _grey)
    else:
        grey = _from_array(source)
    return torch.from_numpy(np.array(reduced(grey, size), dtype=np.float32))


def reduced(picture: Image.Image, size: int | None) -> Image.Image:
    """Return a picture whose longest side is at most `size`, by the mean over what is covered."""
    if size is None or max(picture.size) <= size:
        return picture
    scale = size / max(picture.size)
    sides = [max(1, round(side * scale)) for side in picture.size]
    return picture.resize((sides[0], sides[1]), Image.Resampling.BOX)


def _grey(picture: Image.Image) -> Image.Image:
    """Return `picture` as one channel of floats from 0 to 1."""
    values = np.asarray(picture.convert("L"), dtype=np.float32) / np.float32(255)
    return Image.fromarray(values)


def _shipped(name: str) -> Image.Image:
    if name in _SCIKIT_LEARN:
        with Image.open(photograph(name)) as picture:
            return _grey(picture)
    if name in _DRAWN:
        return Image.fromarray(_DRAWN[name]())
    kind, *digit = name.split()
    file = "photograph.png" if kind == "photograph" else "digits.png"
    with (_FILES / file).open("rb") as stream, Image.open(stream) as picture:
        if not digit:
            return _grey(picture)
        left = 28 * int(digit[0])
        return _grey(picture.crop((left, 0, left + 28, 28)))


def photograph(name: str) -> Path:
    """Return the file of scikit-learn's, whose import would take seconds and 150 MB."""
    found = importlib.util.find_spec("sklearn")
    assert found is not None  # noqa: S101 - the package needs it
    assert found.origin is not None  # noqa: S101 - and it has files
    return Path(found.origin).parent / "datasets" / "images" / f"{name}.jpg"


def _stripes() -> NDArray[np.float32]:
    place = (np.arange(64) + 0.5) / 64
    # Cycles per pixel rise evenly from 1/16 to 1/2; the phase is their integral.
    phase = 64 * (place / 16 + place**2 * (1 / 2 - 1 / 16) / 2)
    # Counted from the right end, so that the finest stripes are wholly dark and light.
    row = np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * (phase - phase[-1])), dtype=np.float32)
    return np.tile(row, (64, 1))


def _checkerboard() -> NDArray[np.float32]:
    return np.asarray(np.indices((64, 64)).sum(0) % 2, dtype=np.float32)


_DRAWN = {"stripes": _stripes, "checkerboard": _checkerboard}


def opened(path: Path, names: Sequence[str], made: Callable[[Image.Image], Made]) -> Made:
    """Return what is `made` of the picture in a file; `names` are those that are no files.

    Raises
    ------
    ValueError
        If the file is missing or no image, or has more pixels than `PIXEL_LIMIT`.
    """
    wanted = f"image must be one of {', '.join(names)}, or an image file"
    if not path.is_file():
        raise ValueError(f"{wanted}; got {checks.shown(str(path))}, which is not there")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large images from 89 megapixels on; ours are refused before that.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                check_pixels(*picture.size)
                return made(picture)
    except UnidentifiedImageError:
        problem = "which is no image"
    except Image.DecompressionBombError:
        problem = f"which has over {PIXEL_LIMIT:,} pixels"
    except (OSError, SyntaxError) as error:  # a cut or damaged file; PNG's decoder raises both
        problem = f"which cannot be read ({error})"
    raise ValueError(f"{wanted}; got {checks.shown(str(path))}, {problem}")


def _from_array(source: object) -> Image.Image:
    wanted = "image must be a name, a path, or an array of (height, width) or (height, width, 3)"
    if isinstance(source, torch.Tensor):
        source = source.detach().cpu().numpy()
    try:
        values = np.asarray(source)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{wanted}; got {checks.shown(source)}") from error
    if values.dtype.kind not in "buif":
        raise ValueError(f"{wanted}; got {checks.shown(source)}")
    colour = values.ndim == 3 and values.shape[2] in (3, 4)
    if not (values.ndim == 2 or colour) or values.size == 0:
        raise ValueError(f"{wanted}; got shape {values.shape}")
    check_pixels(values.shape[1], values.shape[0])
    scale = np.float32(255 if values.dtype == np.uint8 else 1)
    values = values.astype(np.float32) / scale
    if colour:
        values = values[:, :, :3] @ np.array(_LUMA, dtype=np.float32)
    checks.finite("image", torch.from_numpy(values))
    return Image.fromarray(values)


def check_pixels(width: int, height: int) -> None:
    """Refuse more pixels than `PIXEL_LIMIT`.

    Raises
    ------
    ValueError
        If there are more.
    """
    if width * height > PIXEL_LIMIT:
        raise ValueError(
            f"image must have at most {PIXEL_LIMIT:,} pixels; got {width:,} × {height:,}, "
            f"which is {width * height:,}"
        )
