"""Groups of rarer controls, each folded behind its name until a reader opens it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ipywidgets

from convrnn_lab.explorer.controls import Control

Folds = Mapping[str, Sequence[str]]
"""The names of controls, by that of their group."""

_COLUMNS = "repeat(auto-fill, minmax(min(100%, 300px), 1fr))"


def of(declared: Mapping[str, Control]) -> dict[str, list[str]]:
    """Return the groups of controls, those first that hold a setting: the settings come first."""
    groups: dict[str, list[str]] = {}
    for name, control in declared.items():
        if control.group:
            groups.setdefault(control.group, []).append(name)
    return dict(sorted(groups.items(), key=lambda group: all(declared[n].look for n in group[1])))


def written(folds: Folds) -> list[list[object]]:
    """Return groups as the browser takes them."""
    return [[title, list(names)] for title, names in folds.items()]


def boxes(
    folds: Folds, settings: Mapping[str, ipywidgets.DOMWidget]
) -> tuple[ipywidgets.GridBox, ...]:
    """Return the live controls of settings: a box of those always seen, and one for each group.

    A group that holds looks only has no box: the browser draws those itself.
    """
    folded = [[settings[name] for name in names if name in settings] for names in folds.values()]
    hidden = {name for names in folds.values() for name in names}
    seen = [widget for name, widget in settings.items() if name not in hidden]
    grids = [_grid(widgets) for widgets in [seen, *filter(None, folded)]]
    for grid in grids[1:]:
        grid.add_class("cl-folded")  # until the browser has its button
    return tuple(grids)


def _grid(widgets: Sequence[ipywidgets.DOMWidget]) -> ipywidgets.GridBox:
    return ipywidgets.GridBox(widgets, layout={"grid_template_columns": _COLUMNS})
