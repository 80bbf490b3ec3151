"""Random weights of a seed, with a generator of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

_DRAWS = {"uniform_", "normal_", "kaiming_uniform_", "kaiming_normal_"}


class seeded(TorchFunctionMode):  # noqa: N801 - used as a function is
    """Let PyTorch's layers take their first weights from a generator of this seed.

    They have no argument for one, and draw from the global generator. That is shared by all
    threads, and JupyterLab has sliders answered in another thread than cells: seeding it and
    putting it back would mix the two. A context of this kind belongs to its thread.

    Parameters
    ----------
    seed : int

    Examples
    --------
    >>> with seeded(3):
    ...     layer = torch.nn.Linear(1, 1)
    >>> generator = torch.Generator().manual_seed(3)
    >>> layer.weight.item() == torch.empty(1).uniform_(-1, 1, generator=generator).item()
    True
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._generator = torch.Generator(device="cpu").manual_seed(seed)

    def __torch_function__(
        self,
        function: Callable[..., object],
        types: object,
        args: Sequence[object] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        """Hand the generator to what draws."""
        kwargs = dict(kwargs or {})
        drawn = args[0] if args else kwargs.get("tensor")
        # Tensors without values need no numbers, and take no generator of the CPU.
        if getattr(function, "__name__", "") in _DRAWS and not cast("Tensor", drawn).is_meta:
            kwargs["generator"] = self._generator
        return function(*args, **kwargs)
