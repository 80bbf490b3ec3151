"""An explorer as a page: all its states in one file, with controls that need no kernel.

The states are one block of bytes, compressed: the length of a JSON header, the header, and the
arrays. Each distinct array is kept once; the bytes of its numbers are grouped by their place in the
number, which compresses better.
"""

from __future__ import annotations

import contextlib
import gc
import html
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from convrnn_lab import checks, files
from convrnn_lab.explorer import assets, folds, guide, own_panels, states
from convrnn_lab.explorer.controls import Choice, Control, Slider, Value, Values, nearest

if TYPE_CHECKING:
    from convrnn_lab.explorer.base import Explorer

_SAMPLE = 40
"""States that are computed to see how large one is."""

_FEW = 6
"""Values of a control that moves by itself only, while all others stay as they are."""

Lists = dict[str, list[Value]]
Vary = Mapping[str, Sequence[object] | None] | Sequence[str] | None


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
        f"<style>{style}</style></head>\n<body>{body}\n{assets.scripts(body)}</body></html>\n"
    )
    files.write_whole({path: text})
    return path


def fragment(explorer: Explorer, vary: Vary = None, budget: int | None = None) -> str:
    """Return the element that `assets.scripts` turns into controls and figure."""
    from convrnn_lab.explorer.base import PAGE_BYTES

    lists = _lists(explorer, explorer.vary if vary is None else vary)
    also = [_lists(explorer, each) for each in explorer.also] if vary is None else []
    also += [_exactly(explorer, step) for step in explorer.guide]
    if vary is None:
        also += _rest(explorer, [lists, *also])
    known: dict[str, states.Json] = {}
    with _uncollected():
        packed = _fit(explorer, lists, PAGE_BYTES if budget is None else budget, known, also)
    return assets.element(packed, plotly=any(state.get("plotly") for state in known.values()))


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector out: it would walk all of torch for every thousand states."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _lists(explorer: Explorer, vary: Vary) -> Lists:
    """Return the values that each control is to have, the present ones among them."""
    now = explorer.values
    if isinstance(vary, str) or not isinstance(vary, (Mapping, Sequence, type(None))):
        raise ValueError(
            f"vary must be names of controls, or values by name; got {checks.shown(vary)}"
        )
    named: Mapping[str, Sequence[object] | None] = (
        vary if isinstance(vary, Mapping) else dict.fromkeys(vary or ())
    )
    for name in named:
        checks.choice("vary", name, explorer.declared)
    for name, control in explorer.view.computed.items():  # held whole, whatever is wanted
        if named.get(name) is not None:
            _check_wanted(f"vary[{name!r}]", control, named[name], control.offered(now) or ())
    lists: Lists = {}
    for name, control in explorer.view.settings.items():
        # What depends on other controls is taken as they stand, and cut to size setting by setting.
        offered = list(control.offered(now) or [now[name]]) if name in named else [now[name]]
        wanted = named.get(name)
        lists[name] = offered
        if wanted is not None:
            _check_wanted(f"vary[{name!r}]", control, wanted, offered)
            lists[name] = _in_order(wanted, now[name])
    return lists


def _exactly(explorer: Explorer, step: guide.Step) -> Lists:
    """Return the set of the one setting of a step."""
    values = guide.setting(explorer.view, step)
    return {name: [values[name]] for name in explorer.view.settings}


def _rest(explorer: Explorer, sets: Sequence[Lists]) -> list[Lists]:
    """Return a small set for each control that no set moves, so that none is fixed in a page."""
    moved = {name for lists in sets for name, values in lists.items() if len(values) > 1}
    now = explorer.values
    return [
        _lists(explorer, {name: _spread(control.offered(now) or ())})
        for name, control in explorer.view.settings.items()
        if name not in moved
    ]


def _spread(offered: Sequence[Value]) -> list[Value]:
    """Return a few of the values offered, the first and the last among them."""
    last = len(offered) - 1
    places = {round(last * place / (_FEW - 1)) for place in range(_FEW)} if last > 0 else {0}
    return [offered[place] for place in sorted(places)] if offered else []


def _check_wanted(what: str, control: Control, wanted: object, offered: Sequence[Value]) -> None:
    """Refuse values that a control never offers; of what depends on others, only the type."""
    if isinstance(wanted, str) or not isinstance(wanted, Sequence):
        raise ValueError(f"{what} must be a list of values; got {checks.shown(wanted)}")
    for value in wanted:
        if isinstance(control, Slider):
            high = None if callable(control.high) else control.high
            checks.integer(what, value, control.low, high)
        elif not callable(control.options):
            checks.choice(what, value, offered)


def _in_order(wanted: Sequence[Value], now: Value) -> list[Value]:
    """Return the values and the present one, numbers first and by size."""
    order = list(wanted) if now in wanted else [*wanted, now]
    numbers = sorted(value for value in order if isinstance(value, int))
    return numbers + [value for value in order if not isinstance(value, int)]


def _thinner(lists: Lists, now: Values) -> Lists | None:
    """Halve the longest list, keeping its ends and the value it has now; None at the end."""
    if not lists:  # one only looks
        return None
    name = max(lists, key=lambda each: len(lists[each]))
    values = lists[name]
    if len(values) < 2:
        return None
    last = len(values) - 1
    kept = [v for i, v in enumerate(values) if i in (0, last) or i % 2 == 0 or v == now[name]]
    return lists | {name: kept if len(kept) < len(values) else [now[name]]}


def _fit(
    explorer: Explorer,
    lists: Lists,
    budget: int,
    known: dict[str, states.Json] | None = None,
    also: Sequence[Lists] = (),
) -> bytes:
    """Return the compressed states of the largest set, thinned as often as it takes, that fits.

    The sets are part of each other, so no state is computed twice. A small one tells what a state
    takes; from there it goes to the largest that may fit. `known` is filled with them by setting;
    the small sets `also` are held whatever is thinned.
    """
    now = explorer.values
    chain = [lists]
    while (thinner := _thinner(chain[-1], now)) is not None:
        chain.append(thinner)
    sizes = [len(_settings(explorer, [each, *also])) for each in chain]
    known = {} if known is None else known
    sample = next((i for i, size in enumerate(sizes) if size <= _SAMPLE), len(chain) - 1)
    packed = _pack(explorer, [chain[sample], *also], known)
    # States share arrays, the more the more there are: the estimate errs to the large side.
    likely = (i for i, n in enumerate(sizes) if len(packed) * n / sizes[sample] <= 3 * budget)
    first = min(next(likely, sample), sample)
    for each in chain[first:]:
        packed = _pack(explorer, [each, *also], known)
        if len(packed) <= budget:
            break
    return packed


def _pack(explorer: Explorer, sets: Sequence[Lists], known: dict[str, states.Json]) -> bytes:
    """Return the states of all products, compressed; `known` keeps them by setting."""
    from convrnn_lab.drawing import theme

    arrays = states.Arrays()
    paths: dict[tuple[str | int, ...], int] = {}
    entries = []
    for state in _states(explorer, sets, known).values():
        entry = {key: value for key, value in state.items() if key != "plotly"}
        if "patch" in entry:
            entry["patch"] = [
                [paths.setdefault(tuple(path), len(paths)), arrays.pack(value)]
                for path, value in entry["patch"]
            ]
        entries.append(entry)
    base = arrays.pack(explorer.view.base)
    header = {
        "controls": [_declared(explorer, name) for name in explorer.view.settings],
        "start": explorer.view.tokens(explorer.values),
        "places": explorer.view.places(explorer.values),
        "scan": [
            name for name in explorer.scan if any(len(each.get(name, "all")) > 1 for each in sets)
        ],
        "themes": theme.THEMES,
        "base": base,
        "states": entries,
        "paths": [list(path) for path in paths],
        "buffers": arrays.sizes(),
        "guide": guide.written(explorer.view, explorer.guide),
        "folds": folds.written(explorer.folds),
        "holds": _holds(explorer, sets, len(entries)),
    }
    return assets.pack(header, arrays.grouped())


def _states(
    explorer: Explorer, sets: Sequence[Lists], known: dict[str, states.Json]
) -> dict[str, states.Json]:
    """Return the states of all products, each once; those not `known` are computed."""
    chosen: dict[str, states.Json] = {}
    for key, values in _settings(explorer, sets).items():
        if key not in known:
            known[key] = _state(explorer, values)
        chosen[key] = known[key]
    return chosen


def _settings(explorer: Explorer, sets: Sequence[Lists]) -> dict[str, dict[str, Value]]:
    """Return the settings of all products, as `resolve` settles them, each once, by its key."""
    products = itertools.chain.from_iterable(_product(explorer, lists) for lists in sets)
    return {explorer.view.key(values): values for values in products}


def _product(explorer: Explorer, lists: Lists) -> list[dict[str, Value]]:
    """Return the settings of the product of `lists`."""
    settled: list[dict[str, Value]] = [{}]
    for name, control in explorer.view.settings.items():
        settled = [
            before | {name: value}
            for before in settled
            for value in _settled(control, before, lists[name])
        ]
    return settled


def _settled(control: Control, before: Values, wanted: Sequence[Value]) -> Iterable[Value]:
    offered = control.offered(before)
    values = wanted if offered is None else [nearest(value, offered) for value in wanted]
    return {control.token(value): value for value in values}.values()


def _state(explorer: Explorer, values: Values) -> dict[str, states.Json]:
    state = explorer.view.state(values)
    key = explorer.view.tokens(state.values)
    if state.content is None:
        return {"key": key, "refusal": state.refusal}
    return {
        "key": key,
        "patch": states.difference(explorer.view.base, state.content),
        "plotly": own_panels.needs_plotly(state.content),
    }


def _declared(explorer: Explorer, name: str) -> dict[str, states.Json]:
    control = explorer.declared[name]
    declared: dict[str, states.Json] = {"name": name, "label": control.label, "slider": True}
    if isinstance(control, Choice):
        declared["slider"] = control.ordered
        declared["order"] = explorer.view.ever_offered(name)
    return declared


def _holds(explorer: Explorer, sets: Sequence[Lists], count: int) -> str:
    """Say which values a page has."""
    labels = {name: control.label for name, control in explorer.view.settings.items()}
    varied = [
        "; ".join(
            f"{labels[name]} {', '.join(map(str, values))}"
            for name, values in lists.items()
            if len(values) > 1
        )
        for lists in sets
    ]
    fixed = [labels[name] for name in labels if all(len(each[name]) == 1 for each in sets)]
    held = f"holds {count:,} setting{'' if count == 1 else 's'}"
    if any(varied):
        held += ", the combinations of: " + ", and of: ".join(filter(None, varied))
    if fixed:
        held += f". Fixed here: {', '.join(fixed)}"
    computed = ", ".join(control.label for control in explorer.view.computed.values())
    if not computed:
        return f"This page {held}."
    return f"This page computes its settings: all of {computed}. It {held}."
