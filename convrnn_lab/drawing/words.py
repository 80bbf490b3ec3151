"""Sizes and formulas in words, as titles and facts write them."""

from __future__ import annotations

from collections.abc import Sequence

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen


def by(sizes: Sequence[Seen]) -> Seen:
    """Write sizes as in "28 × 28"."""
    return looks.words(" × ".join(["{}"] * len(sizes)), *sizes)


def plural(name: str, count: Seen) -> Seen:
    """Write a noun, with an s unless there is one of them."""
    return looks.pick([f"{name}s", name], looks.equal(count, 1))


def argument(name: str, value: Seen, default: int) -> Seen:
    """Write a further argument of a call; nothing where it has its default."""
    written = looks.words(f", {name}={{}}", value)
    return looks.pick([written, ""], looks.equal(value, default))


def length_formula(
    length: int,
    kernel_size: Seen,
    *,
    stride: Seen,
    padding: Sequence[Seen],
    dilation: Seen,
    ceil_mode: Seen = False,
) -> Seen:
    """Write the formula of `trace.geometry.output_length` with its numbers."""
    before, after = padding
    alike, two = looks.words("2·{}", before), looks.words("{} + {}", before, after)
    zeros = looks.pick([two, alike], looks.equal(before, after))
    opened, closed = (looks.pick(list(ends), looks.multiply(ceil_mode, 1)) for ends in ("⌊⌈", "⌋⌉"))
    return looks.words(
        "{}({} + {} − {}·({} − 1) − 1) / {}{} + 1",
        *(opened, length, zeros, dilation, kernel_size, stride, closed),
    )


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
