"""Pools of one channel, computed by PyTorch as `computed` does; ``web/computed_pools.js`` has them.

The settings of a pool are ``kernel``, ``stride``, ``padding``, ``dilation``: one for each axis;
``ceil`` and ``counted`` (whether an average counts the padding): 0 or 1; the exponent ``p``; of an
adaptive pool ``sizes``, the output's, which are empty for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

# Any: a pool's settings, by name.
Settings = Mapping[str, Any]


def _pooling(values: Tensor, kind: str, settings: Settings) -> Tensor:
    """Pool an image or a signal; `kind` is one of `trace.pooling`."""
    one = values[None]
    if "max" in kind:
        return _largest(one, settings)[0][0]
    # Any: the stubs of one axis and two are not the same.
    pools: dict[str, Any] = {
        "average": (F.avg_pool1d, F.avg_pool2d),
        "adaptive_average": (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d),
        "lp": (F.lp_pool1d, F.lp_pool2d),
    }
    pool, sizes = pools[kind][values.ndim - 1], settings["sizes"]
    if sizes:
        return pool(one, sizes)[0]  # type: ignore[no-any-return]
    kernel, stride, ceil = settings["kernel"], settings["stride"], bool(settings["ceil"])
    if kind == "lp":
        line = values.ndim == 1
        ends = (kernel[0], stride[0]) if line else (kernel, stride)
        return pool(one, settings["p"], *ends, ceil)[0]  # type: ignore[no-any-return]
    return pool(one, kernel, stride, settings["padding"], ceil, bool(settings["counted"]))[0]  # type: ignore[no-any-return]


def _largest(one: Tensor, settings: Settings) -> tuple[Tensor, Tensor]:
    """Return the maxima, and the flat index of each."""
    line, sizes = one.ndim == 2, settings["sizes"]
    # Any: as above.
    pool: Any
    if sizes:
        pool = F.adaptive_max_pool1d if line else F.adaptive_max_pool2d
        return pool(one, sizes, return_indices=True)  # type: ignore[no-any-return]
    pool = F.max_pool1d if line else F.max_pool2d
    names = ("kernel", "stride", "padding", "dilation")
    options = [settings[name] for name in names]
    return pool(one, *options, bool(settings["ceil"]), return_indices=True)  # type: ignore[no-any-return]


def _winners(values: Tensor, output: Tensor, settings: Settings) -> Tensor:
    """Return the flat index of each maximum; 0 where no tap lies on the input."""
    index = _largest(values[None], settings)[1][0]
    return torch.where(output == -torch.inf, 0, index).int()


def _wins(values: Tensor, output: Tensor, winners: Tensor) -> Tensor:
    """Return of how many windows each value is the maximum."""
    counts = torch.zeros(values.numel(), dtype=torch.int32)
    counted = (output != -torch.inf).int().flatten()
    return counts.scatter_add(0, winners.flatten().long(), counted).reshape(values.shape)


POOLS: dict[str, Callable[..., Tensor]] = {
    "pooling": _pooling,
    "winners": _winners,
    "wins": _wins,
}
"""By the names of ``web/computed_pools.js``."""
