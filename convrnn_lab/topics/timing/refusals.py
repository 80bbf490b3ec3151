"""Why something was not measured, in a line for each reason."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"\d[\d.,]*(e[+-]?\d+)?")


def notes_of(refused: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return a fact for each layer and demand, where several settings were refused alike.

    Parameters
    ----------
    refused : sequence of (layer, reason)
        A reason is "" where nothing was refused.
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for layer, reason in refused:
        demand = _NUMBER.sub("#", reason.partition("; got")[0])
        found = alike.setdefault((layer, demand), [])
        if reason and reason not in found:
            found.append(reason)
    return [("Not measured", _with_more(each)) for each in alike.values() if each]


def _with_more(reasons: Sequence[str]) -> str:
    more = len(reasons) - 1
    # The last one: in a short sequence, the length may be the number of channels by chance.
    return reasons[-1] + (f" (the same at {more} more)" if more else "")
