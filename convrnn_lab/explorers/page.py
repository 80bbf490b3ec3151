"""An explorer as a page: all its states in one file, with controls that need no kernel.

The states are one block of bytes, compressed: the length of a JSON header, the header, and the
arrays. Each distinct array is kept once; the bytes of its numbers are grouped by their place in the
number, which compresses about a third better.
"""

from __future__ import annotations

import html
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from convrnn_lab import checks
from convrnn_lab.explorers import assets, states
from convrnn_lab.explorers.controls import Choice, Slider, resolve

if TYPE_CHECKING:
    from convrnn_lab.explorers.base import Explorer, State

Lists = dict[str, list[Any]]
Vary = Mapping[str, Sequence[Any] | None] | Sequence[str] | None


def write(explorer: Explorer, path: Path, vary: Vary, budget: int) -> Path:
    """Write the page; see `Explorer.page`."""
    title = html.escape(explorer.name)
    body = f"<main><h1>{title}</h1>{fragment(explorer, vary, budget)}</main>"
    style = (
        "body{margin:0 auto;max-width:1200px;padding:12px;color-scheme:light dark;"
        "font-family:system-ui,sans-serif}h1{font-size:20px}"
        "@media(prefers-color-scheme:dark){body{background:#1c2128;color:#e6edf3}}"
    )
    text = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style}</style></head>\n<body>{body}\n{assets.scripts()}</body></html>\n"
    )
    assets.write_whole({path: text})
    return path


def fragment(explorer: Explorer, vary: Vary = None, budget: int | None = None) -> str:
    """Return the element that `assets.scripts` turns into controls and figure."""
    from convrnn_lab.explorers.base import PAGE_BYTES

    lists = _lists(explorer, explorer.vary if vary is None else vary)
    packed = _fit(explorer, lists, PAGE_BYTES if budget is None else budget)
    return assets.element(packed)


def _lists(explorer: Explorer, vary: Vary) -> Lists:
    """Return the values that each control is to have, the present ones among them."""
    now = explorer.values
    named: Mapping[str, Sequence[Any] | None] = (
        vary if isinstance(vary, Mapping) else dict.fromkeys(vary or ())
    )
    for name in named:
        checks.choice("vary", name, explorer.declared)
    lists: Lists = {}
    for name, control in explorer.declared.items():
        if name not in named:
            lists[name] = [now[name]]
            continue
        # What depends on other controls is taken as they stand, and cut to size setting by setting.
        offered = list(control.offered(now) or [now[name]])
        wanted = named[name]
        if wanted is None:
            lists[name] = offered
            continue
        for value in wanted:
            if isinstance(control, Slider):
                high = None if callable(control.high) else control.high
                checks.integer(f"vary[{name!r}]", value, control.low, high)
            elif not callable(control.options):
                checks.choice(f"vary[{name!r}]", value, offered)
        order = list(wanted) if now[name] in wanted else [*wanted, now[name]]
        numbers = sorted(value for value in order if isinstance(value, int))
        lists[name] = numbers + [value for value in order if not isinstance(value, int)]
    return lists


def _thinner(lists: Lists, now: Mapping[str, Any]) -> Lists | None:
    """Halve the longest list, keeping its ends and the value it has now; None at the end."""
    name = max(lists, key=lambda each: len(lists[each]))
    values = lists[name]
    if len(values) < 2:
        return None
    last = len(values) - 1
    kept = [v for i, v in enumerate(values) if i in (0, last) or i % 2 == 0 or v == now[name]]
    return lists | {name: kept if len(kept) < len(values) else [now[name]]}


def _fit(explorer: Explorer, lists: Lists, budget: int) -> bytes:
    """Return the compressed states of the largest set, thinned as often as it takes, that fits.

    From the smallest set upwards, since each is part of the next: no state is computed twice.
    """
    now = explorer.values
    chain = [lists]
    while (thinner := _thinner(chain[-1], now)) is not None:
        chain.append(thinner)
    known: dict[str, State] = {}
    best, best_count = b"", 1
    for each in reversed(chain):
        count = math.prod(map(len, each.values()))
        # States of one set are alike in size; the margin is for arrays that they share.
        if best and len(best) * count / best_count > 4 * budget:
            break
        packed = _pack(explorer, each, known)
        if best and len(packed) > budget:
            break
        best, best_count = packed, count
    return best


def _pack(explorer: Explorer, lists: Lists, known: dict[str, State]) -> bytes:
    """Return the states of the product of `lists`, compressed."""
    from convrnn_lab.figures import theme

    chosen: dict[str, State] = {}
    for combination in itertools.product(*lists.values()):
        values = dict(zip(lists, combination, strict=True))
        key = explorer.key(resolve(explorer.declared, values))
        if key not in known:
            known[key] = explorer.state(values)
        chosen[key] = known[key]
    arrays = states.Arrays()
    paths: dict[str, int] = {}
    entries = []
    for state in chosen.values():
        entry: dict[str, Any] = {"key": explorer.tokens(state.values)}
        if state.content is None:
            entry["refusal"] = state.refusal
        else:
            entry["patch"] = [
                [paths.setdefault(json.dumps(path), len(paths)), arrays.pack(value)]
                for path, value in states.difference(explorer.base, state.content)
            ]
        entries.append(entry)
    base = arrays.pack(explorer.base)
    grouped = [_grouped(raw, arrays.widths[index]) for index, raw in enumerate(arrays.buffers)]
    header = {
        "controls": [_declared(explorer, name) for name in explorer.declared],
        "start": explorer.tokens(explorer.values),
        "scan": [name for name in explorer.scan if len(lists[name]) > 1],
        "templates": theme.TEMPLATES,
        "base": base,
        "states": entries,
        "paths": [json.loads(path) for path in paths],
        "buffers": [[len(raw), width] for raw, width in zip(grouped, arrays.widths, strict=True)],
        "holds": _holds(explorer, lists, len(entries)),
    }
    return assets.pack(header, grouped)


def _grouped(raw: bytes, width: int) -> bytes:
    return np.frombuffer(raw, dtype=np.uint8).reshape(-1, width).T.tobytes()


def _declared(explorer: Explorer, name: str) -> dict[str, Any]:
    control = explorer.declared[name]
    declared: dict[str, Any] = {"name": name, "label": control.label, "slider": True}
    if isinstance(control, Choice):
        declared["slider"] = control.ordered
        declared["order"] = explorer.ever_offered(name)
    return declared


def _holds(explorer: Explorer, lists: Lists, count: int) -> str:
    """Say which values a page has."""
    varied = [
        f"{explorer.declared[name].label} {', '.join(map(str, values))}"
        for name, values in lists.items()
        if len(values) > 1
    ]
    fixed = [explorer.declared[name].label for name, values in lists.items() if len(values) == 1]
    text = f"This page holds {count:,} settings"
    if varied:
        text += f", wherever they go together: {'; '.join(varied)}"
    if fixed:
        text += f". Fixed here: {', '.join(fixed)}"
    return f"{text}. The live notebook has all."
