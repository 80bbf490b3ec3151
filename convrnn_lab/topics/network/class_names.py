"""Names of a classifier's outputs."""

from __future__ import annotations

from collections.abc import Sequence


def class_names(classes: Sequence[str], count: int) -> tuple[str, ...]:
    """Return the names of `count` classes; their numbers where none are given.

    Raises
    ------
    ValueError
        If there are more or fewer names.
    """
    names = tuple(classes) or tuple(map(str, range(count)))
    if len(names) != count:
        raise ValueError(f"classes must have {count} names; got {len(names)}")
    return names
