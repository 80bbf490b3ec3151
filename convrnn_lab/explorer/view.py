"""The View: one pure function of settings that computes and draws, and what it may be asked."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from convrnn_lab import checks
from convrnn_lab.drawing import given, looks
from convrnn_lab.drawing.sheet import Part, PlotlySheet, Sheet
from convrnn_lab.explorer import controls as control_rules
from convrnn_lab.explorer.controls import Choice, Control, Slider, Token, Value, Values


@dataclass(frozen=True, eq=False)
class State:
    """What an explorer shows for one setting.

    Attributes
    ----------
    values : dict
        The setting, with values that the others rule out replaced.
    content : dict or None
        What the browser draws, as `Sheet.content` gives it; None where the setting is refused.
    refusal : str or None
        Why there is no figure.
    """

    values: dict[str, Value]
    content: Part | None
    refusal: str | None = None


class View:
    """One pure function of settings and looks, with the controls that it is declared with.

    It knows nothing of a live notebook. A setting changes what is computed; a look only chooses
    where one looks, which the browser draws by itself. A computed setting changes arrays that the
    browser computes by itself, so it is moved, and held in one state, as a look is.

    Parameters
    ----------
    function : function
        Takes the controls' values by name; returns a `Sheet`, a plotly figure or a dict in its
        schema. Raises ``ValueError`` for a setting that the operation refuses.
    controls : dict of str to Slider or Choice
        One for each argument of `function`; looks after the settings.

    Attributes
    ----------
    declared : dict of str to Slider or Choice
    settings, looks : dict of str to Slider or Choice
        The parts of `declared`; the settings that the browser computes are among the looks.
    computed : dict of str to Slider or Choice
        Those.
    start : dict
        The values that the controls start with.
    base : dict
        What the browser draws for them.

    Raises
    ------
    ValueError
        If a start value is not offered, or `function` refuses the start setting.
    """

    # Any: a sheet, a plotly figure or a dict, which `_as_sheet` tells apart.
    def __init__(self, function: Callable[..., Any], controls: Mapping[str, Control]) -> None:
        _check_declaration(function, controls)
        self._function = function
        self.declared = dict(controls)
        self.looks = {name: each for name, each in controls.items() if each.look}
        self.settings = {name: each for name, each in controls.items() if not each.look}
        self.computed = {name: each for name, each in controls.items() if each.computed}
        self.start = {name: control.start for name, control in self.declared.items()}
        control_rules.check(self.declared, self.start)
        self._offered: dict[str, dict[Token, Value]] = {name: {} for name in self.declared}
        # Drawn here and not when it is shown, so that a failure stops the notebook.
        first = self.state(self.start)
        if first.content is None:
            raise ValueError(first.refusal)
        self(**self.start)
        self.base = first.content

    def __call__(self, **values: Value) -> Sheet | PlotlySheet:
        """Return what is seen for values that the controls offer."""
        return _as_sheet(self._function(**values))

    def state(self, values: Values) -> State:
        """Compute what is shown for settings, wherever one looks; see `control_rules.resolve`."""
        settled = control_rules.resolve(self.settings, values)
        for name, control in self.settings.items():
            self.note(name, control.offered(settled))
        places: dict[str, Value] = {}
        for name, control in self.looks.items():
            places[name] = control.looked(name, settled | places)
        try:
            content = self(**settled, **places).content()
            declared = [
                {"name": name, "label": control.label, **control.declared_look(settled | places)}
                for name, control in self.looks.items()
            ]
        except ValueError as error:
            return State(settled, None, str(error))
        shown = content | {"looks": declared} if declared else content
        follows = given.declared(shown)
        _check_names(self.looks, follows)
        return State(settled, shown | follows)

    def refusal(self, values: Values) -> str | None:
        """Return why there is no figure for values; see `control_rules.resolve`."""
        state = self.state(values)
        if state.content is None or "refusal" not in state.content:
            return state.refusal
        settled = control_rules.resolve(self.declared, values)
        return looks.seen(state.content["refusal"], self.places(settled)) or None

    def places(self, values: Values) -> dict[str, int]:
        """Return where one looks, by name, as `looks.seen` and the browser count it."""
        return {name: control.place(values[name], values) for name, control in self.looks.items()}

    def computed_places(self, values: Values) -> dict[str, int]:
        """Return those of computed settings, on which arrays depend."""
        return {name: each.place(values[name], values) for name, each in self.computed.items()}

    def combinations(self, vary: Mapping[str, Sequence[object]] | None = None) -> Iterator[Values]:
        """Yield every setting that can be reached, or those with the given values by control."""
        chosen = vary or {}

        def extend(before: dict[str, Value], rest: list[str]) -> Iterator[Values]:
            if not rest:
                yield before
                return
            name, *others = rest
            offered = self.declared[name].offered(before)
            if offered is None:
                offered = [self.start[name]]
            wanted = chosen.get(name)
            for value in offered if wanted is None else [v for v in offered if v in wanted]:
                yield from extend(before | {name: value}, others)

        return extend({}, list(self.declared))

    def tokens(self, values: Values) -> list[Token]:
        """Return the settings among `values` in their order, as the browser knows them."""
        return [control.token(values[name]) for name, control in self.settings.items()]

    def key(self, values: Values) -> str:
        """Return the text by which kernel and browser know a setting."""
        return json.dumps(self.tokens(values), separators=(",", ":"), ensure_ascii=False)

    def from_tokens(self, tokens: Sequence[Token]) -> dict[str, Value]:
        """Return the settings that `tokens` stand for; the inverse of `tokens`."""
        values: dict[str, Value] = {}
        for (name, control), token in zip(self.settings.items(), tokens, strict=True):
            self.note(name, control.offered(values))
            if isinstance(control, Slider):
                values[name] = checks.integer(name, token, control.low)
            else:
                # The browser may still have a value that another control has just ruled out.
                checks.choice(name, token, self._offered[name])
                values[name] = self._offered[name][token]
        return values

    def ever_offered(self, name: str) -> list[Token]:
        """Return what a list has offered so far, numbers first, as the browser knows it."""
        values = self._offered[name].values()
        numbers = sorted(value for value in values if isinstance(value, int))
        words = [value for value in values if not isinstance(value, int)]
        return [self.declared[name].token(value) for value in [*numbers, *words]]

    def note(self, name: str, offered: Sequence[Value] | None) -> None:
        """Remember the values that a list has ever offered, by what the browser calls them."""
        control = self.declared[name]
        if isinstance(control, Choice) and offered is not None:
            self._offered[name].update((control.token(value), value) for value in offered)


def _check_names(looks: Mapping[str, Control], follows: Part) -> None:
    """Refuse a look and an array of one name: a fault of the view, which no setting mends."""
    names = [*follows.get("given", ()), *(name for name, _ in follows.get("computed", ()))]
    for name in names:
        if name in looks:
            raise TypeError(f"arrays must have other names than the looks; got {name!r} for both")


def _as_sheet(seen: object) -> Sheet | PlotlySheet:
    """Return what a view gave as a sheet; a plotly figure, or a dict in its schema, is one."""
    if isinstance(seen, (Sheet, PlotlySheet)):
        return seen
    if hasattr(seen, "to_plotly_json"):
        seen = seen.to_plotly_json()
    if isinstance(seen, dict) and {"data", "layout"} <= seen.keys():
        return PlotlySheet(list(seen["data"]), seen["layout"])
    # A fault of the view, which no setting mends.
    raise TypeError(f"view must return a sheet or a plotly figure; got {checks.shown(seen)}")


def _check_declaration(view: Callable[..., object], controls: Mapping[str, Control]) -> None:
    for name, control in controls.items():
        if not isinstance(control, (Slider, Choice)):
            raise ValueError(
                f"controls[{name!r}] must be a Slider or a Choice; got {checks.shown(control)}"
            )
    if not callable(view):
        raise ValueError(f"view must be a function of the controls; got {checks.shown(view)}")
    try:
        inspect.signature(view).bind(**controls)
    except TypeError as error:
        raise ValueError(
            f"view must take the controls {', '.join(controls)} by name; got a function with the "
            f"arguments {inspect.signature(view)}"
        ) from error
