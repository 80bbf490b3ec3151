"""What each layer of a model holds in memory, and takes at its peak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from torch import Tensor, nn

from convrnn_lab.measure.peak_memory import Memory, memory
from convrnn_lab.shapes.operands import Named, Operand, Operands, tensors

Shapes = tuple[tuple[int, ...], ...]

_Key = tuple[int, Shapes]
"""The place of a layer, and the shapes that it is given."""


def layer_memory(
    model: nn.Module, layers: Sequence[nn.Module], inputs: Sequence[Tensor], *, device: str
) -> list[Memory | None]:
    """Return what all calls of each layer keep, and what the largest takes; None without a call.

    Each layer is called again alone, once for all calls with the same shapes.
    """
    calls = _Calls(layers)
    with calls.kept():
        model(*inputs)
    found: list[Memory | None] = [None] * len(layers)
    for key, count in calls.counts.items():
        place, _ = key
        args, kwargs = calls.given[key]
        one = memory(partial(layers[place], *args, **kwargs), device=device)
        found[place] = _together(found[place], one, count)
    return found


def _together(so_far: Memory | None, one: Memory, count: int) -> Memory:
    """Add some calls: what each keeps adds up, and the largest peak is theirs."""
    before = so_far or Memory(0, 0, 0)
    kept = before.kept_bytes + count * one.kept_bytes
    return Memory(max(before.peak_bytes, one.peak_bytes), kept, None)


class _Calls:
    """How often each layer is called, and one example of what it is given."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        self._layers = layers
        self.counts: Counter[_Key] = Counter()
        self.given: dict[_Key, tuple[Operands, Named]] = {}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Note the calls while the context lasts."""
        handles = [
            layer.register_forward_pre_hook(partial(self._note, place), with_kwargs=True)
            for place, layer in enumerate(self._layers)
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _note(self, place: int, _layer: nn.Module, args: Operands, kwargs: Named) -> Operand:
        key = (place, tuple(tuple(each.shape) for each in tensors((args, kwargs))))
        self.counts[key] += 1
        self.given.setdefault(key, (args, kwargs))
