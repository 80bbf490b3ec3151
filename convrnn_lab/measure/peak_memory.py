"""Bytes that a call takes at its peak, and the operations that it starts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from convrnn_lab import checks
from convrnn_lab.measure.timer import failed
from convrnn_lab.shapes.operands import Named, Operand, Operands

if TYPE_CHECKING:
    from torch._ops import OpOverload


@dataclass(frozen=True)
class Memory:
    """What a call allocates through PyTorch.

    Attributes
    ----------
    peak_bytes : int
        The most that it held at once, beyond what was there before.
    kept_bytes : int
        What is still held when it has returned, such as its output.
    allocations : int or None
        How often it asked for memory; None on a GPU, where that is not told.
    """

    peak_bytes: int
    kept_bytes: int
    allocations: int | None


def memory(call: Callable[[], object], *, device: str = "cpu") -> Memory:
    """Measure what a call allocates, with PyTorch's profiler on a CPU.

    What operations take inside, such as a convolution's reordered copy, counts as well. Following
    them takes time: some 0.1 ms for each of the call's operations.

    Parameters
    ----------
    call : function
        Without arguments.
    device : str

    Raises
    ------
    ValueError
        If the device is not there, or the call fails.
    """
    chosen = device_of(device)
    try:
        return _on_gpu(call, chosen) if chosen.type == "cuda" else _on_cpu(call)
    except Exception as error:
        raise failed(error) from error


def device_of(name: str) -> torch.device:
    """Return the device of that name.

    Raises
    ------
    ValueError
        If PyTorch knows none, or it is not there.
    """
    there = ["cpu", *(f"cuda:{each}" for each in range(torch.cuda.device_count()))]
    there += ["cuda"] if torch.cuda.is_available() else []
    checks.choice("device", name, there)
    return torch.device(name)


def _on_cpu(call: Callable[[], object]) -> Memory:
    # Its log writes two lines for each use, straight to the terminal.
    before = os.environ.get("KINETO_LOG_LEVEL")
    os.environ["KINETO_LOG_LEVEL"] = before or "99"
    try:
        with torch.autograd.profiler.profile(use_kineto=True, profile_memory=True) as profiler:
            kept = call()
    finally:
        if before is None:
            del os.environ["KINETO_LOG_LEVEL"]
    changes = sorted(_changes(profiler.kineto_results.experimental_event_tree()))
    del kept  # until here, so that it counts as kept
    held = peak = 0
    for _, change in changes:
        held += change
        peak = max(peak, held)
    return Memory(peak, max(held, 0), sum(change > 0 for _, change in changes))


# Any: the profiler's events have no types.
def _changes(events: Iterable[Any]) -> list[tuple[int, int]]:
    """Return when memory was taken (> 0) or given back, and how many bytes."""
    found, rest = [], list(events)
    while rest:
        event = rest.pop()
        rest += event.children
        if event.tag.name == "Allocation":
            found.append((event.start_time_ns, event.extra_fields.alloc_size))
    return found


def _on_gpu(call: Callable[[], object], device: torch.device) -> Memory:
    torch.cuda.synchronize(device)
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    kept = call()
    torch.cuda.synchronize(device)
    peak = torch.cuda.max_memory_allocated(device) - before
    held = torch.cuda.memory_allocated(device) - before
    del kept
    return Memory(peak, held, None)


class _Operations(TorchDispatchMode):  # type: ignore[no-untyped-call] # PyTorch's base class
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # as above
        self.counts: Counter[str] = Counter()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Keep PyTorch from importing its compiler."""
        return False

    def __torch_dispatch__(
        self, func: OpOverload, types: object, args: Operands = (), kwargs: Named | None = None
    ) -> Operand:
        del types
        if not func.is_view:
            self.counts[str(func._schema.name).split("::")[-1].strip("_")] += 1
        return func(*args, **(kwargs or {}))


def operations(call: Callable[[], object]) -> dict[str, int]:
    """Run a call once and count the operations that PyTorch starts, the most frequent first.

    Each costs a microsecond or more before it computes anything. A fused kernel is one operation,
    however long the sequence; a layer without one starts several for each step. Views are left
    out.

    Parameters
    ----------
    call : function
        Without arguments.

    Raises
    ------
    ValueError
        If the call fails.

    Examples
    --------
    >>> gru, x = torch.nn.GRU(2, 3), torch.zeros(5, 1, 2)
    >>> operations(lambda: gru(x))["sigmoid"]  # two gates at each of 5 steps
    10
    """
    try:
        with _Operations() as counting:
            call()
    except Exception as error:
        raise failed(error) from error
    return dict(counting.counts.most_common())
