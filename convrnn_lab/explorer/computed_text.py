"""What follows from a line that a reader typed, computed by PyTorch.

``web/computed_text.js`` does the same.
"""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor


def _one_hot(codes: Tensor, count: int) -> Tensor:
    """Return a sequence of characters as vectors with a single 1, shape (character, time)."""
    return F.one_hot(codes.round().long(), count).T.float()


def _last_step(states: Tensor) -> Tensor:
    """Return what the last step of (part, unit, time) leaves, shape (unit,), of the first part."""
    return states[0, :, -1]


TEXT: dict[str, Callable[..., Tensor]] = {"one_hot": _one_hot, "last_step": _last_step}
