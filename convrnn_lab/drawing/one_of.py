"""One of several sheets, chosen by a look: what they have in common is kept and sent once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Look, Seen
from convrnn_lab.drawing.sheet import Panel, Part, Sheet

SENT_BYTES = 1_500_000
"""Numbers that go to the browser at once at most, so that a look can choose among them."""

_ALWAYS_SENT = {"title", "traces", "xaxis", "yaxis", "size"}
"""What the browser is told of each panel; of the rest only where there is something to tell."""


@dataclass(frozen=True)
class _Either(Panel):
    """One of several panels that have little in common."""

    chosen: Seen = None

    def content(self) -> Part:
        """Return what the browser draws, or a look at it."""
        content: Part = self.chosen
        return content


def one_of(draw: Callable[[int], Sheet], count: int, place: Seen) -> Sheet:
    """Return one of several sheets with the same number of panels.

    Parameters
    ----------
    draw : function
        From a place to the sheet there. All are drawn if `place` is a look.
    count : int
    place : int or Look
        0 to `count` - 1.
    """
    if not looks.has_look(place):
        return draw(place)
    sheets = [draw(each) for each in range(count)]
    panels = [
        one_panel(list(each), place)
        for each in zip(*(sheet.panels for sheet in sheets), strict=True)
    ]
    facts = one_value([list(sheet.facts) for sheet in sheets], place)
    title, description, code = (
        one_value([getattr(sheet, name) for sheet in sheets], place)
        for name in ("title", "description", "code")
    )
    return Sheet(panels, title, description, facts, code)


def place_of(chosen: Seen, options: Iterable[Seen]) -> Seen:
    """Return the place of what is chosen among its options; a look is one already.

    Parameters
    ----------
    chosen : Seen
        One of `options`, or the look of a control that offers them.
    options : iterable

    Raises
    ------
    ValueError
        If it is none of them.
    """
    return chosen if looks.has_look(chosen) else list(options).index(chosen)


def one_panel(panels: Sequence[Panel], place: Seen) -> Panel:
    """Return one of several panels of the same size.

    Parameters
    ----------
    panels : sequence of Panel
    place : int or Look
    """
    chosen = {
        each.name: one_value([getattr(panel, each.name) for panel in panels], place)
        for each in fields(Panel)
    }
    if any(isinstance(chosen[name], Look) for name in chosen.keys() - _ALWAYS_SENT):
        whole = one_value([panel.content() for panel in panels], place)
        return _Either(chosen["title"], [], chosen=whole)
    return Panel(**chosen)


def one_value(options: Sequence[Seen], place: Seen) -> Seen:
    """Return one of several values; where all have one form, one of each of their parts.

    Parameters
    ----------
    options : sequence
    place : int or Look
    """
    if not looks.has_look(place):
        return options[place]
    first, *others = options
    if all(looks.same(first, other) for other in others):
        return first
    if all(isinstance(each, Mapping) and each.keys() == first.keys() for each in options):
        return {key: one_value([each[key] for each in options], place) for key in first}
    if all(isinstance(each, Look) and _alike(each, first) for each in options):
        return _one_look(options, place)
    if all(_in_parts(each) and len(each) == len(first) for each in options):
        return type(first)(one_value(each, place) for each in zip(*options, strict=True))
    return looks.pick(options, place)


def _alike(one: Look, other: Look) -> bool:
    """Tell whether two looks do the same, be it with other numbers."""
    one_count, count = len(one.arguments), len(other.arguments)
    if one.operation == "pick" == other.operation:
        one_count, count = len(one.arguments[0]), len(other.arguments[0])
    return one.operation == other.operation not in ("look", "given") and one_count == count


def _one_look(options: Sequence[Look], place: Seen) -> Look:
    """Return the look that does what all do, with one of their numbers."""
    operation = options[0].operation
    arguments = [list(each) for each in zip(*(each.arguments for each in options), strict=True)]
    if operation == "pick":  # whose options stay a list
        picked, places = arguments
        parts = [one_value(list(each), place) for each in zip(*picked, strict=True)]
        return Look(operation, parts, one_value(places, place))
    return Look(operation, *(one_value(each, place) for each in arguments))


def _in_parts(value: Seen) -> bool:
    """Tell a tuple, and a list of parts, from one of plain numbers or words, which is one value."""
    parts = (list, tuple, dict, Look)
    return isinstance(value, tuple) or (
        isinstance(value, list) and any(isinstance(each, parts) for each in value)
    )
