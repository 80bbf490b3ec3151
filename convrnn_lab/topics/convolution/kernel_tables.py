"""All kernels that an explorer offers: the browser takes one of them by name and size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from convrnn_lab.copied_code import call
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Look, Seen


@dataclass(frozen=True)
class KernelTables:
    """What depends on a kernel's name and size, for all of them.

    Attributes
    ----------
    weight : Look
        An array of one value for each tap.
    code : Look
        What makes it.
    refusal : Look
        Why there is none of that name and size; empty where there is one.
    """

    weight: Look
    code: Look
    refusal: Look


def kernel_tables(
    make: Callable[..., Tensor],
    names: Sequence[str],
    limit: int,
    seed: int,
    chosen: tuple[Look, Look],
) -> KernelTables:
    """Return the tables of kernels up to a size.

    Parameters
    ----------
    make : function
        `data.kernel` or `data.kernel1d`.
    names : sequence of str
        In the order of the control.
    limit : int
        The largest size.
    seed : int
        Of the random kernel.
    chosen : (name, size)
        The place of the name in `names`, and the size.
    """
    name, size = chosen
    sizes = range(1, limit + 1)
    made = [[_made(make, each, taps, seed) for taps in sizes] for each in names]

    def table(part: int) -> Seen:
        rows = [looks.pick([each[part] for each in row], size - 1) for row in made]
        return looks.pick(rows, name)

    return KernelTables(*map(table, range(3)))


def _made(make: Callable[..., Tensor], name: str, size: int, seed: int) -> tuple[Seen, str, str]:
    """Return a kernel's weights, its code, and why it is refused."""
    code = kernel_code(make, name, size, seed)
    try:
        return make(name, size, seed=seed).numpy(), code, ""
    except ValueError as error:
        return None, code, str(error)


def kernel_code(make: Callable[..., Tensor], name: str, size: int, seed: int) -> str:
    """Write the call that makes a kernel."""
    return call(make, "data", name, size, seed=seed if name == "random" else 0)
