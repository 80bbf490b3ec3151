"""Handwritten digits with their labels, and any drawing made like one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import resources

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.data.images import image

SIDE = 28
"""Pixels along each side of a digit of MNIST."""

_FILES = resources.files("convrnn_lab.data") / "files"
_ROWS, _COLUMNS = 50, 100  # of images in mnist.png, 500 of each class in a row
_BOX = 20  # the longer side of the ink in MNIST
_CENTRE = 14.5  # of its mass: the middle of pixel 14, which the mean over MNIST shows
_FAINT = 0.1  # ink under this share of the darkest is noise of a scan, not a stroke


@dataclass(frozen=True, eq=False)
class Digits:
    """Images of digits for training, and others for the test.

    Both parts have the classes in turn (0 to 9, again 0 to 9), so that their first images, too,
    are as many of each class.

    Attributes
    ----------
    train_images, test_images : Tensor, shape (batch, channel, height, width), float32
        One channel of 0 (ground) to 1 (ink).
    train_labels, test_labels : Tensor, shape (batch,), int64
        The digits, 0 to 9.
    """

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor

    def examples(self, each: int = 1) -> dict[str, Tensor]:
        """Return the first test images of each class by name, each with a batch axis of one.

        Examples
        --------
        >>> list(digits().examples(2))[:3]
        ['digit 0', 'digit 0, no. 2', 'digit 1']
        """
        found = {}
        for digit in sorted(set(self.test_labels.tolist())):
            members = (self.test_labels == digit).nonzero()[:each, 0].tolist()
            for number, index in enumerate(members, start=1):
                name = f"digit {digit}" + (f", no. {number}" if number > 1 else "")
                found[name] = self.test_images[index : index + 1]
        return found


def digits(*, test: int = 1000, seed: int = 0) -> Digits:
    """Return 5,000 digits of MNIST, 28 × 28 pixels, 500 of each class.

    Parameters
    ----------
    test : int
        Images of the test, the same share of each class; the others are for training.
    seed : int
        Of the choice of the test's images and of the order of both parts.

    Returns
    -------
    Digits

    Raises
    ------
    ValueError
        If `test` leaves one of the two parts without an image.

    Examples
    --------
    >>> digits().train_images.shape
    torch.Size([4000, 1, 28, 28])
    """
    with (_FILES / "mnist.png").open("rb") as stream, Image.open(stream) as picture:
        pixels = torch.from_numpy(np.array(picture))
    images = pixels.reshape(_ROWS, SIDE, _COLUMNS, SIDE).transpose(1, 2).reshape(-1, 1, SIDE, SIDE)
    labels = torch.arange(10).repeat_interleave(len(images) // 10)
    return _split(images.float() / 255, labels, test, seed)


def small_digits(*, test: int = 360, seed: int = 0) -> Digits:
    """Return scikit-learn's 1,797 digits, 8 × 8 pixels, about 180 of each class.

    Parameters
    ----------
    test, seed : int
        As for `digits`.

    Returns
    -------
    Digits

    Raises
    ------
    ValueError
        If `test` leaves one of the two parts without an image.
    """
    from sklearn.datasets import load_digits

    found = load_digits()
    images = torch.from_numpy(found.images).float()[:, None] / 16
    return _split(images, torch.from_numpy(found.target).long(), test, seed)


def _split(images: Tensor, labels: Tensor, test: int, seed: int) -> Digits:
    """Take `test` images out, from each class its share."""
    checks.integer("test", test, 1, len(images) - 1)
    checks.integer("seed", seed, 0)
    shuffled = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    members = [shuffled[labels[shuffled] == digit] for digit in range(10)]
    # Where each image stands in its class, 0 to 1: sorted by that, the classes take turns.
    share = torch.cat([(torch.arange(len(each)) + 0.5) / len(each) for each in members])
    order = torch.cat(members)[share.argsort(stable=True)]
    first, rest = order[:test], order[test:]
    return Digits(images[rest], labels[rest], images[first], labels[first])


def as_digit(source: object) -> Tensor:
    """Return a drawn or photographed digit as one of MNIST: centred, 28 × 28, light on dark.

    MNIST's digits were scaled into 20 × 20 pixels with their aspect kept, and set into 28 × 28
    with the centre of mass in the middle (LeCun et al. 1998, Gradient-based learning applied to
    document recognition, section III.A).

    Parameters
    ----------
    source : str, path or array
        As for `image`, of any size, with dark ink on a light ground or the reverse; the ground is
        what most of the border shows.

    Returns
    -------
    Tensor, shape (height, width), float32
        0 (ground) to 1 (ink). A drawing without ink is all zeros.

    Raises
    ------
    ValueError
        If `image` refuses the source.
    """
    values = image(source, size=None)
    border = torch.cat([values[0], values[-1], values[:, 0], values[:, -1]])
    ground = border.median()
    low, high = values.aminmax()
    ink = (ground - values if ground > (low + high) / 2 else values - ground).clamp(min=0)
    canvas = torch.zeros(SIDE, SIDE)
    if not ink.any():
        return canvas
    ink = ink / ink.max()
    rows, columns = ((ink > _FAINT).any(axis).nonzero() for axis in (1, 0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = _BOX / max(cut.shape)
    height, width = (max(1, round(side * scale)) for side in cut.shape)
    scaled = Image.fromarray(cut.numpy()).resize((width, height), Image.Resampling.BILINEAR)
    box = torch.from_numpy(np.array(scaled))
    top, left = _start(box.sum(1)), _start(box.sum(0))
    canvas[top : top + height, left : left + width] = box
    return canvas


def _start(mass: Tensor) -> int:
    """Return where on the canvas an axis begins whose centre of mass comes to the middle."""
    centre = (mass * (torch.arange(len(mass)) + 0.5)).sum() / mass.sum()
    return min(max(math.floor(_CENTRE - centre.item() + 0.5), 0), SIDE - len(mass))
