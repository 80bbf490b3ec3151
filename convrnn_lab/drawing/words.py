"""Sizes and formulas in words, as titles and facts write them."""

from __future__ import annotations

from collections.abc import Sequence


def by(sizes: Sequence[int]) -> str:
    """Write sizes as in "28 × 28"."""
    return " × ".join(str(size) for size in sizes)


def length_formula(
    length: int,
    kernel_size: int,
    *,
    stride: int,
    padding: tuple[int, int],
    dilation: int,
    ceil_mode: bool = False,
) -> str:
    """Write the formula of `trace.geometry.output_length` with its numbers."""
    before, after = padding
    zeros = f"2·{before}" if before == after else f"{before} + {after}"
    opened, closed = "⌈⌉" if ceil_mode else "⌊⌋"
    span = f"{dilation}·({kernel_size} − 1)"
    return f"{opened}({length} + {zeros} − {span} − 1) / {stride}{closed} + 1"


def last_ones(counts: Sequence[int], names: Sequence[str]) -> str:
    """Write as in "the last row and the last 2 columns"."""
    parts = [
        f"the last {'' if count == 1 else f'{count} '}{name}{'' if count == 1 else 's'}"
        for name, count in zip(names, counts, strict=True)
        if count
    ]
    return " and ".join(parts) if parts else "nothing"


def unread(samples: Sequence[Sequence[int]], lengths: Sequence[int], names: Sequence[str]) -> str:
    """Write what is never read, as in "the last row and 16 of 64 columns"."""
    parts = []
    for missing, length, name in zip(samples, lengths, names, strict=True):
        if missing and list(missing) == list(range(length - len(missing), length)):
            parts.append(last_ones([len(missing)], [name]))
        elif missing:
            parts.append(f"{len(missing)} of {length} {name}s")
    return " and ".join(parts) if parts else "nothing"
