"""Controls as they are declared: what they are called and which values they offer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets

from convrnn_lab import checks
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Look

# Any: a control may offer numbers, words and the user's own objects.
Value = Any
"""What a control is set to."""

Values = Mapping[str, Value]
"""A setting: the values of controls, by name."""

Token = int | str | bool
"""How a value travels to the browser: a number, or the text that the control shows for it."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII)

_STYLE = {"description_width": "8em"}
_LAYOUT = {"width": "auto", "margin": "2px 8px 2px 0"}


@dataclass(frozen=True)
class Slider:
    """Whole numbers from `low` to `high`.

    Attributes
    ----------
    label : str
    low, high : int
        `high` may be a function of the values of the controls declared before; where it raises
        ``ValueError`` (they do not go together), the slider stays as it is.
    start : int
    relative : bool
        Whether a new range keeps the place in it, as of a row from a large picture to a small one.
    look : bool
        Whether it only chooses where one looks: the browser draws that by itself. The view gets a
        `Look` then, unless it draws for Python, and so does `high`.
    computed : bool
        Whether it is a setting all the same, one whose arrays the browser computes: see
        `given.recomputed`. It is declared with `look=True`.
    group : str
        The name behind which it is folded with others that are rarely moved; none by "".
    """

    label: str
    low: int
    high: int | Callable[[Values], int]
    start: int
    relative: bool = False
    look: bool = False
    computed: bool = False
    group: str = ""

    def __post_init__(self) -> None:
        """Refuse limits that are no whole numbers, or the wrong way round."""
        _check_computed(self.look, self.computed)
        checks.integer("low", self.low, -(2**31))
        if not callable(self.high):
            checks.integer("high", self.high, self.low)

    def offered(self, before: Values) -> Sequence[int] | None:
        """Return all values, given those of the controls `before`; None where there is no say."""
        if not callable(self.high):
            return range(self.low, self.high + 1)
        try:
            return range(self.low, self.high(before) + 1)
        except ValueError:
            return None

    def declared_look(self, before: Values) -> dict[str, object]:
        """Return what the browser needs to offer a look; limits may depend on looks before it."""
        high = self.high(before) if callable(self.high) else self.high
        declared: dict[str, object] = {"low": self.low, "high": high, "relative": self.relative}
        return declared | ({"computed": True} if self.computed else {})

    def looked(self, name: str, _before: Values) -> Look:
        """Return what a view gets for a look."""
        return looks.at(name)

    def place(self, value: int, _before: Values) -> int:
        """Return a value as a look counts it."""
        return value

    def check(self, name: str, value: object, before: Values | None = None) -> object:
        """Return `value` if the slider reaches it, given the values of the controls `before`.

        Where those do not go together, there is no telling, and every value is returned.

        Raises
        ------
        ValueError
            As ``NAME must be WHAT; got VALUE``.
        """
        offered = self.offered(before or {})
        if offered is None:
            return value
        return checks.integer(name, value, self.low, offered[-1] if offered else None)

    def widget(self, offered: Sequence[int] | None) -> ipywidgets.IntSlider:
        """Return the live control."""
        last = offered[-1] if offered else max(self.low, self.start)
        return ipywidgets.IntSlider(
            value=self.start,
            min=self.low,
            max=max(last, self.start),
            description=self.label,
            style=_STYLE,
            layout=_LAYOUT,
        )

    @staticmethod
    def offer(widget: ipywidgets.IntSlider, offered: Sequence[int], value: int) -> None:
        """Give the live control other limits, and a value inside them."""
        if widget.max != offered[-1]:
            with widget.hold_trait_notifications():
                widget.max = offered[-1]
                widget.value = value

    @staticmethod
    def token(value: int) -> Token:
        """Return `value` as the browser knows it."""
        return value


@dataclass(frozen=True)
class Choice:
    """One of several values, picked by name from a list or, with `ordered`, by a slider.

    Attributes
    ----------
    label : str
    options : sequence, or function of the values before that returns one
    start : object
    ordered : bool
        Whether the options have an order that a slider can follow.
    widest : sequence, optional
        All options there can be, where there are either those or a single one of them: the live
        control then keeps them all, and is switched off while it has no choice.
    look : bool
        As of a `Slider`; the view gets the place of the option in the list.
    computed : bool
        As of a `Slider`. Where `options` is a function, it gets looks and returns `looks.pick` of
        all lists there can be; the view then gets the option itself.
    group : str
        As of a `Slider`.
    """

    label: str
    options: Sequence[Value] | Callable[[Values], Sequence[Value]]
    start: Value
    ordered: bool = False
    widest: Sequence[Value] = ()
    look: bool = False
    computed: bool = False
    group: str = ""

    def __post_init__(self) -> None:
        """Refuse a setting that the browser computes without moving it."""
        _check_computed(self.look, self.computed)

    def offered(self, before: Values) -> Sequence[Value] | None:
        """Return all values, given those of the controls `before`."""
        return self.options(before) if callable(self.options) else self.options

    def declared_look(self, before: Values) -> dict[str, object]:
        """Return what the browser needs to offer a look."""
        offered = self.offered(before)
        options = self._tokens(() if offered is None else offered)
        declared: dict[str, object] = {"options": options, "ordered": self.ordered}
        return declared | ({"computed": True} if self.computed else {})

    def _tokens(self, offered: Sequence[Value]) -> Sequence[Token] | Look:
        """Return options as the browser knows them, whichever list of several they are."""
        if not isinstance(offered, Look):
            return [self.token(option) for option in offered]
        lists, place = offered.arguments
        return Look("pick", [self._tokens(each) for each in lists], place)

    def looked(self, name: str, before: Values) -> Look:
        """Return what a view gets for a look."""
        place = looks.at(name)
        if not (self.computed and callable(self.options)):
            return place
        offered = self.options(before)
        return Look("pick", offered if isinstance(offered, Look) else list(offered), place)

    def place(self, value: object, before: Values) -> int:
        """Return a value as a look counts it."""
        return list(self.offered(before) or ()).index(value)

    def check(self, name: str, value: object, before: Values | None = None) -> object:
        """Return `value` if the list has it, given the values of the controls `before`.

        Raises
        ------
        ValueError
            As ``NAME must be WHAT; got VALUE``; the message lists all options.
        """
        offered = self.offered(before or {})
        return value if offered is None else checks.choice(name, value, offered)

    def widget(self, offered: Sequence[Value] | None) -> ipywidgets.DOMWidget:
        """Return the live control."""
        kind = ipywidgets.SelectionSlider if self.ordered else ipywidgets.Dropdown
        return kind(
            options=[(str(option), option) for option in self.widest or offered or ()],
            value=self.start,
            disabled=bool(self.widest) and len(offered or ()) == 1,
            description=self.label,
            style=_STYLE,
            layout=_LAYOUT,
        )

    def offer(self, widget: ipywidgets.DOMWidget, offered: Sequence[Value], value: object) -> None:
        """Give the live control other options, and one of them."""
        if self.widest:
            widget.value = value
            widget.disabled = len(offered) == 1
        elif [option for _, option in widget.options] != list(offered):
            grows = len(offered) > len(widget.options)
            with widget.hold_sync():
                widget.options = [(str(option), option) for option in offered]
                if grows:
                    # Ahead of the place: the browser moves the handle before it stretches the
                    # slider, and would cut a place beyond the old end.
                    widget.send_state("_options_labels")
                widget.value = value

    @staticmethod
    def token(value: object) -> Token:
        """Return `value` as the browser knows it."""
        return str(value)


def _check_computed(look: bool, computed: bool) -> None:
    """Refuse what the browser is to compute, but not to move."""
    if computed and not look:
        raise ValueError("look must be True where computed is; got False")


Control = Slider | Choice


def nearest(value: Value, offered: Sequence[Value]) -> Value:
    """Return what is offered nearest to `value`.

    That is `value` itself; else the nearest number, the smaller of two that are as near; for a word
    the first number; without numbers the first of all. The browser does the same; it knows values
    by their text, so a text of digits counts as a number. The cases of both stand in
    ``tests/web/number_cases.json``.
    """
    if value in offered:
        return value
    numbers = [option for option in offered if _NUMBER.fullmatch(str(option))]
    if not numbers:
        return offered[0]
    if not _NUMBER.fullmatch(str(value)):
        return numbers[0]
    wanted = float(value)
    return min(numbers, key=lambda number: (abs(float(number) - wanted), float(number)))


def resolve(controls: Mapping[str, Control], values: Values) -> dict[str, Value]:
    """Return `values` with those that the others rule out replaced by the nearest they allow."""
    resolved: dict[str, Value] = {}
    for name, control in controls.items():
        offered = control.offered(resolved)
        resolved[name] = values[name] if offered is None else nearest(values[name], offered)
    return resolved


def carried(controls: Mapping[str, Control], before: Values, after: Values) -> dict[str, Value]:
    """Return `after` with each relative slider where it was in its range: in the middle, say.

    Parameters
    ----------
    controls : dict of str to Slider or Choice
    before : dict
        The values before some were set.
    after : dict
        The values then; a slider that was set itself stays as it was set.
    """
    moved = dict(after)
    settled: dict[str, Value] = {}
    for name, control in controls.items():
        new = control.offered(settled)
        if isinstance(control, Slider) and control.relative and after[name] == before[name]:
            old = control.offered(before)
            if old and new and len(old) != len(new):
                share = (before[name] - old[0] + 0.5) / len(old)
                moved[name] = new[min(int(share * len(new)), len(new) - 1)]
        settled[name] = moved[name] if new is None else nearest(moved[name], new)
    return moved


def check(controls: Mapping[str, Control], values: Values) -> None:
    """Refuse values that no control offers.

    Raises
    ------
    ValueError
        Naming the first control whose value is not among the offered ones.
    """
    before: dict[str, Value] = {}
    for name, control in controls.items():
        control.check(name, values[name], before)
        before[name] = values[name]
