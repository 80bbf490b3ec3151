"""Where something is to be seen in an image or a signal: a figure begins there."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

_SHARE = 0.75


def place_of_contrast(values: Tensor) -> tuple[int, ...]:
    """Return a place with much contrast around it, as near to the middle as there is one.

    Contrast is the difference between the largest and the smallest of the place and its
    neighbours. Three quarters of the greatest one in the image are much.

    Parameters
    ----------
    values : Tensor, shape (time,) or (height, width)

    Returns
    -------
    tuple of int
        One index for each axis; the middle where all values are equal.

    Examples
    --------
    >>> import torch
    >>> place_of_contrast(torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]))
    (5,)
    """
    pool = F.max_pool1d if values.ndim == 1 else F.max_pool2d
    batch = values[None, None]
    highest, lowest = pool(batch, 3, 1, 1), -pool(-batch, 3, 1, 1)
    contrast = (highest - lowest)[0, 0]
    places = (contrast >= _SHARE * contrast.max()).nonzero()
    # Twice the distances, which are whole numbers.
    from_middle = 2 * places - places.new_tensor([size - 1 for size in values.shape])
    nearest = places[from_middle.square().sum(1).argmin()]
    return tuple(int(index) for index in nearest)
