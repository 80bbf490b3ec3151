"""The kernels that every image-processing course shows, at any size.

At 3 samples they are the textbook's; larger ones follow the same construction. Derivatives are
scaled so that their absolute weights sum to the textbook kernel's, which keeps outputs of
different sizes comparable.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from convrnn_lab import checks

SIZE_LIMIT = 31


def _offsets(size: int) -> Tensor:
    """Return distances from the centre; that of an even size is the one PyTorch's "same" takes."""
    return torch.arange(size, dtype=torch.float64) - (size - 1) // 2


def _identity(size: int) -> Tensor:
    return (_offsets(size) == 0).double()


def _binomial(size: int) -> Tensor:
    return torch.tensor([math.comb(size - 1, k) for k in range(size)], dtype=torch.float64)


def _difference(size: int, order: int) -> Tensor:
    """Return a binomial smoothing of `size` - `order` taps, differenced `order` times."""
    taps = _binomial(size - order)
    for _ in range(order):
        taps = torch.nn.functional.pad(taps, (1, 0)) - torch.nn.functional.pad(taps, (0, 1))
    return taps


def _scaled(weights: Tensor, absolute_sum: float) -> Tensor:
    return weights * (absolute_sum / weights.abs().sum())


def _gaussian_1d(size: int) -> Tensor:
    centred = torch.arange(size, dtype=torch.float64) - (size - 1) / 2
    weights = torch.exp(-0.5 * (centred / (size / 5)) ** 2)
    return weights / weights.sum()


def _box(size: int) -> Tensor:
    return torch.full((size, size), 1 / size**2, dtype=torch.float64)


def _gaussian(size: int) -> Tensor:
    return torch.outer(_gaussian_1d(size), _gaussian_1d(size))


def _sharpen(size: int) -> Tensor:
    return 2 * torch.outer(_identity(size), _identity(size)) - _box(size)


def _sobel_x(size: int) -> Tensor:
    return _scaled(torch.outer(_binomial(size), _difference(size, 1)), 8)


def _sobel_y(size: int) -> Tensor:
    return _sobel_x(size).T


def _laplacian(size: int) -> Tensor:
    across = torch.outer(_identity(size), _difference(size, 2))
    return _scaled(across + across.T, 8)


def _emboss(size: int) -> Tensor:
    offsets = torch.arange(size, dtype=torch.float64) - (size - 1) / 2
    slope = (offsets[:, None] + offsets[None, :]) * (2 / (size - 1))
    return _scaled(slope + torch.outer(_identity(size), _identity(size)), 9)


def _gabor(size: int) -> Tensor:
    """Return a wave of two thirds of the size, along the diagonal, under a Gaussian."""
    offsets = torch.arange(size, dtype=torch.float64) - (size - 1) / 2
    along = (offsets[:, None] + offsets[None, :]) / math.sqrt(2)
    window = _gaussian(size) / _gaussian(size).max()
    wave = window * torch.cos(2 * math.pi * along / (size * 2 / 3))
    # Without the mean, a flat region would answer too.
    return _scaled(wave - window * (wave.sum() / window.sum()), 4)


_MAKERS: dict[str, tuple[int, Callable[[int], Tensor]]] = {
    "identity": (1, lambda size: torch.outer(_identity(size), _identity(size))),
    "box": (1, _box),
    "Gaussian": (1, _gaussian),
    "sharpen": (1, _sharpen),
    "Sobel x": (2, _sobel_x),
    "Sobel y": (2, _sobel_y),
    "Laplacian": (3, _laplacian),
    "emboss": (2, _emboss),
    "Gabor": (3, _gabor),
}

_MAKERS_1D: dict[str, tuple[int, Callable[[int], Tensor]]] = {
    "identity": (1, _identity),
    "box": (1, lambda size: torch.full((size,), 1 / size, dtype=torch.float64)),
    "Gaussian": (1, _gaussian_1d),
    "difference": (2, lambda size: _scaled(_difference(size, 1), 2)),
    "second difference": (3, lambda size: _scaled(_difference(size, 2), 4)),
    "sharpen": (1, lambda size: 2 * _identity(size) - 1 / size),
}

KERNELS = (*_MAKERS, "random")
"""Names of the two-dimensional kernels."""

KERNELS_1D = (*_MAKERS_1D, "random")
"""Names of the one-dimensional kernels."""


def kernel(name: str, size: int, *, seed: int = 0) -> Tensor:
    """Return a square kernel for a grey image.

    Parameters
    ----------
    name : str
        One of `KERNELS`.
    size : int
        Samples along each side. Derivatives need at least as many as they have differences.
    seed : int
        Of "random", which is normal with a standard deviation of 1 / `size`.

    Returns
    -------
    Tensor, shape (kernel height, kernel width), float32

    Raises
    ------
    ValueError
        If the name is unknown or the size too small for it.

    Examples
    --------
    >>> kernel("Sobel x", 3)
    tensor([[-1.,  0.,  1.],
            [-2.,  0.,  2.],
            [-1.,  0.,  1.]])
    """
    return _make(_MAKERS, KERNELS, name, size, seed=seed, axes=2)


def kernel1d(name: str, size: int, *, seed: int = 0) -> Tensor:
    """Return a kernel for a signal.

    Parameters
    ----------
    name : str
        One of `KERNELS_1D`.
    size : int
        Samples. Differences need at least one more than their order.
    seed : int
        Of "random", which is normal with a variance of 1 / `size`.

    Returns
    -------
    Tensor, shape (kernel,), float32

    Raises
    ------
    ValueError
        If the name is unknown or the size too small for it.

    Examples
    --------
    >>> kernel1d("difference", 2)
    tensor([-1.,  1.])
    """
    return _make(_MAKERS_1D, KERNELS_1D, name, size, seed=seed, axes=1)


def _make(
    makers: dict[str, tuple[int, Callable[[int], Tensor]]],
    names: tuple[str, ...],
    name: str,
    size: int,
    *,
    seed: int,
    axes: int,
) -> Tensor:
    checks.choice("kernel", name, names)
    checks.integer("kernel_size", size, 1, SIZE_LIMIT)
    if name == "random":
        generator = torch.Generator().manual_seed(checks.integer("seed", seed, 0))
        weights = torch.randn((size,) * axes, generator=generator)
        return weights / math.sqrt(size**axes)
    smallest, make = makers[name]
    if size < smallest:
        raise ValueError(f"kernel_size must be at least {smallest} for {name}; got {size}")
    # Adding zero turns the -0.0 of a difference into 0.0, which is how people write it.
    return (make(size) + 0.0).float()
