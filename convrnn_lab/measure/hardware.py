"""The machine that measures: what it is, and the most that it reaches."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import torch

from convrnn_lab.measure.peak_memory import device_of
from convrnn_lab.measure.timer import Timing, timing

_MATRIX = 512
_COPIED_BYTES = 64_000_000  # more than a cache holds


@dataclass(frozen=True)
class Machine:
    """What measurements depend on, and are never mixed over.

    Attributes
    ----------
    processor : str
        Or the name of the GPU.
    cores : int
        That this process may use.
    system : str
    python, torch : str
        Versions.
    accelerators : str
        The GPUs that are there.
    """

    processor: str
    cores: int
    system: str
    python: str
    torch: str
    accelerators: str = ""

    @property
    def dict(self) -> dict[str, object]:
        """As plain values."""
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.cores} core{'' if self.cores == 1 else 's'}, {self.system}, "
            f"Python {self.python}, torch {self.torch}"
        )


@dataclass(frozen=True)
class Peak:
    """The most that a machine reached, measured; both lines of a roofline (Williams et al. 2009).

    Attributes
    ----------
    multiply_adds_per_s : float
        Of a product of two 512 × 512 matrices.
    bytes_per_s : float
        Read and written, of a copy that is larger than the caches.
    threads : int
    dtype : str
    """

    multiply_adds_per_s: float
    bytes_per_s: float
    threads: int
    dtype: str

    @classmethod
    def of(cls, product: Timing, copy: Timing, dtype: str = "float32") -> Peak:
        """Return the peak that measurements of `peak_calls` tell.

        By their fastest repeats: what the machine can do, and not what it did while others worked.
        """
        rates = _MATRIX**3 / min(product.seconds), 2 * _COPIED_BYTES / min(copy.seconds)
        return cls(*rates, product.threads, dtype)

    def bound(self, intensity: float) -> float:
        """Return the most multiply-adds a second at so many multiply-adds for each byte."""
        return min(self.multiply_adds_per_s, self.bytes_per_s * intensity)


def machine(device: str = "cpu") -> Machine:
    """Say what machine this is.

    Parameters
    ----------
    device : str

    Raises
    ------
    ValueError
        If the device is not there.
    """
    chosen = device_of(device)
    name = torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else _processor()
    return Machine(name, _cores(), platform.system(), platform.python_version(), torch.__version__)


@cache
def _processor() -> str:
    """Return the processor's name, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text("utf-8", "replace").splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return (names or [platform.processor() or platform.machine()])[0]


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def peak_calls(dtype: str = "float32", device: str = "cpu") -> dict[str, Callable[[], object]]:
    """Return the two calls that a peak is measured by: "product" and "copy".

    Parameters
    ----------
    dtype : str
        Of the matrices.
    device : str

    Raises
    ------
    ValueError
        If the device is not there.
    """
    chosen = device_of(device)
    one = torch.ones(_MATRIX, _MATRIX, dtype=getattr(torch, dtype), device=chosen)
    source = torch.ones(_COPIED_BYTES // 4, device=chosen)
    target = torch.empty_like(source)
    return {"product": lambda: one @ one, "copy": lambda: target.copy_(source)}


def peak(
    *, threads: int = 1, dtype: str = "float32", device: str = "cpu", budget_s: float = 0.2
) -> Peak:
    """Measure what this machine reaches at best, with PyTorch: products, and bytes copied.

    Parameters
    ----------
    threads : int
    dtype : str
        Of the matrices.
    device : str
    budget_s : float
        Seconds for each of the two.

    Raises
    ------
    ValueError
        If the device is not there, or a number is out of range.
    """
    calls = peak_calls(dtype, device)
    found = {name: timing(call, threads=threads, budget_s=budget_s) for name, call in calls.items()}
    return Peak.of(found["product"], found["copy"], dtype)
