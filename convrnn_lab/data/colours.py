"""Colour pictures as channels, and filters that read them."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.data import images
from convrnn_lab.data.kernels import SIZE_LIMIT, kernel

CHANNELS = ("red", "green", "blue")
"""Of a colour picture, in their order."""

COLOUR_IMAGES = ("china", "flower")
"""Names of the colour pictures that are at hand: photographs that scikit-learn carries."""

FILTERS = ("all channels", "depthwise", "pointwise")
"""Kinds of filters.

Those of "all channels" and the "pointwise" ones read every channel, the latter with 1 × 1 weights;
of the "depthwise" ones each reads one channel.
"""

_RED, _BLUE, _BRIGHT = (1.0, -0.5, -0.5), (-0.5, -0.5, 1.0), (0.299, 0.587, 0.114)
_MIXED = (
    ("red against the rest", _RED, "Gaussian"),
    ("blue against the rest", _BLUE, "Gaussian"),
    ("vertical edges", _BRIGHT, "Sobel x"),
)
_DEPTHWISE = (
    ("vertical edges in red", "Sobel x"),
    ("horizontal edges in green", "Sobel y"),
    ("blurred blue", "Gaussian"),
)
_BIASES = (0.25, -0.25, 0.5, -0.5)


def colour_image(source: str | Path | object, *, size: int | None = 64) -> Tensor:
    """Return a colour picture, reduced so that neither side is longer than `size`.

    Parameters
    ----------
    source : str, path or array
        One of `COLOUR_IMAGES`, an image file, or an array or tensor of shape (height, width, 3).
        Values of a file and of an array of bytes are divided by 255; other arrays keep theirs.
    size : int or None
        Longest side in pixels. Reduced by the mean over the pixels covered; never enlarged.

    Returns
    -------
    Tensor, shape (3, height, width), float32
        Red, green and blue.

    Raises
    ------
    ValueError
        If the file is missing or no image, or the array is empty, not finite, of another shape, or
        has too many pixels.

    Examples
    --------
    >>> colour_image("china", size=32).shape
    torch.Size([3, 21, 32])
    """
    if size is not None:
        checks.integer("size", size, 1)
    if isinstance(source, (str, Path)):
        name = str(source)
        path = images.photograph(name) if name in COLOUR_IMAGES else Path(source)
        channels = images.opened(path, COLOUR_IMAGES, _split)
    else:
        channels = _from_array(source)
    reduced = [np.array(images.reduced(each, size), dtype=np.float32) for each in channels]
    return torch.from_numpy(np.stack(reduced))


def _split(picture: Image.Image) -> list[Image.Image]:
    """Return red, green and blue as floats from 0 to 1."""
    values = np.asarray(picture.convert("RGB"), dtype=np.float32) / np.float32(255)
    return _planes(values)


def _from_array(source: object) -> list[Image.Image]:
    wanted = "image must be a name, a path, or an array of numbers of shape (height, width, 3)"
    if isinstance(source, Tensor):
        source = source.detach().cpu().numpy()
    if not isinstance(source, np.ndarray):
        raise ValueError(f"{wanted}; got {checks.shown(source)}")
    if (
        source.dtype.kind not in "uif"
        or source.ndim != 3
        or source.shape[2] != 3
        or not source.size
    ):
        raise ValueError(f"{wanted}; got {source.dtype} of shape {source.shape}")
    images.check_pixels(source.shape[1], source.shape[0])
    values = source.astype(np.float32) / np.float32(255 if source.dtype == np.uint8 else 1)
    checks.finite("image", torch.from_numpy(values))
    return _planes(values)


def _planes(values: NDArray[np.float32]) -> list[Image.Image]:
    return [Image.fromarray(np.ascontiguousarray(values[..., each])) for each in range(3)]


def colour_filters(kind: str, size: int) -> tuple[Tensor, Tensor]:
    """Return filters that read a colour picture: four, or a depthwise one for each channel.

    Parameters
    ----------
    kind : str
        One of `FILTERS`.
    size : int
        Weights along each side; 1 for "pointwise".

    Returns
    -------
    weight : Tensor, shape (filter, channel / groups, kernel height, kernel width), float32
        As `torch.nn.Conv2d` has them, where "depthwise" has 3 groups and the others 1.
    bias : Tensor, shape (filter,), float32

    Raises
    ------
    ValueError
        If the kind is unknown, or the size is none for it.

    Examples
    --------
    >>> weight, bias = colour_filters("depthwise", 5)
    >>> weight.shape, bias.shape
    (torch.Size([3, 1, 5, 5]), torch.Size([3]))
    """
    checks.choice("kind", kind, FILTERS)
    checks.integer("size", size, 1, SIZE_LIMIT)
    if kind == "pointwise" and size > 1:
        raise ValueError(f"size must be 1 for pointwise filters; got {size}")
    if kind == "depthwise":
        weight = torch.stack([_plane(name, size)[None] for _, name in _DEPTHWISE])
    else:
        chance = torch.stack([kernel("random", size, seed=seed) for seed in range(3)])
        mixed = [torch.tensor(mix)[:, None, None] * _plane(name, size) for _, mix, name in _MIXED]
        weight = torch.stack([*mixed, chance])
    return weight, torch.tensor(_BIASES[: len(weight)])


@functools.cache
def _plane(name: str, size: int) -> Tensor:
    """Return a kernel; of a single weight, which sees no neighbours, a 1."""
    return kernel(name if size > 1 else "identity", size)


def filter_names(kind: str, size: int) -> list[str]:
    """Say in words what each of `colour_filters` answers to."""
    if kind == "depthwise":
        return (
            [name for name, _ in _DEPTHWISE] if size > 1 else [f"{each} alone" for each in CHANNELS]
        )
    names = [name for name, _, _ in _MIXED]
    return [*names[:2], names[2] if size > 1 else "brightness", "random weights"]
