"""Looks: where one looks in numbers that are there, as a row, a unit or a time step.

A look computes nothing new, so the browser draws it by itself. A figure is written once, with the
operations of this module in the places that depend on a look. Given numbers, they compute. Given a
`Look`, they return a `Look`: what is to be done, which `seen` does later in Python and
``web/looks.js`` in the browser. Both give the same; a test compares them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from convrnn_lab.drawing import theme

# Any: a place in a sheet takes a number, a text, an array or a look at one of them.
Seen = Any
"""A value, or a `Look` that becomes one."""


class Look:
    """What is to be done with numbers once it is known where one looks.

    Attributes
    ----------
    operation : str
        ``"look"`` for the place itself; else one of `OPERATIONS`.
    arguments : tuple
        Numbers, texts, arrays, lists of them, and looks.
    """

    def __init__(self, operation: str, *arguments: Seen) -> None:
        self.operation = operation
        self.arguments = arguments

    def __add__(self, other: Seen) -> Look:
        """Add, value by value."""
        return Look("add", self, other)

    def __radd__(self, other: Seen) -> Look:
        """Add, value by value."""
        return Look("add", other, self)

    def __sub__(self, other: Seen) -> Look:
        """Subtract, value by value."""
        return Look("subtract", self, other)

    def __rsub__(self, other: Seen) -> Look:
        """Subtract, value by value."""
        return Look("subtract", other, self)

    def __mul__(self, other: Seen) -> Look:
        """Multiply, value by value."""
        return Look("multiply", self, other)

    def __rmul__(self, other: Seen) -> Look:
        """Multiply, value by value."""
        return Look("multiply", other, self)

    def __floordiv__(self, other: Seen) -> Look:
        """Divide and round down, value by value."""
        return Look("floor_divide", self, other)

    def __mod__(self, other: Seen) -> Look:
        """Return the remainder, value by value; it has the sign of the divisor."""
        return Look("remainder", self, other)

    def __neg__(self) -> Look:
        """Return the negative, value by value."""
        return Look("multiply", self, -1)

    # numpy would take it for an element of an array.
    __array_ufunc__ = None

    def __bool__(self) -> bool:
        """Refuse: which branch is taken is not known yet."""
        raise TypeError("a look is not known yet: use looks.pick in place of a branch")

    def __format__(self, _: str) -> str:
        """Refuse: what is written is not known yet."""
        raise TypeError("a look is not known yet: use looks.words in place of an f-string")

    __str__ = __index__ = __int__ = __float__ = __iter__ = __len__ = __format__  # type: ignore

    def __repr__(self) -> str:
        return f"Look({self.operation!r}, {', '.join(map(repr, self.arguments))})"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it becomes.

        Raises
        ------
        AttributeError
            If it becomes none.
        """
        values = self.arguments
        if self.operation == "window":
            return tuple(count for _, count, _ in values[1])
        if self.operation == "spaced":
            return (values[1],)
        if self.operation == "column":
            return tuple(values[0].shape[:1])
        if self.operation == "take":
            return tuple(values[0].shape[len(values) - 1 :])
        within = values[0] if self.operation == "pick" else values
        for each in within:
            if hasattr(each, "shape"):
                return tuple(each.shape)
        raise AttributeError(f"a look that is no array has no shape: {self.operation}")

    def same(self, other: object) -> bool:
        """Tell whether another look does the same with the same numbers."""
        return isinstance(other, Look) and same(
            (self.operation, self.arguments), (other.operation, other.arguments)
        )


def same(one: Seen, other: Seen) -> bool:
    """Tell whether two values, of any kind and with any looks in them, are the same."""
    if one is other:
        return True
    if isinstance(one, Look):
        return one.same(other)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return (
            isinstance(one, np.ndarray)
            and isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


OPERATIONS: dict[str, Callable[..., Seen]] = {}
"""What can be done with a look, by name; ``web/looks.js`` has the same."""


def _operation(function: Callable[..., Seen]) -> Callable[..., Seen]:
    """Make a function of numbers one of looks as well."""
    name = function.__name__.strip("_")

    def done(*arguments: Seen) -> Seen:
        with np.errstate(all="ignore"):  # what is looked at may be infinite or NaN
            return function(*arguments)

    OPERATIONS[name] = done

    @functools.wraps(function)
    def wrapped(*arguments: Seen) -> Seen:
        return Look(name, *arguments) if any(map(has_look, arguments)) else done(*arguments)

    return wrapped


operation = _operation
"""For operations of other modules, which the browser knows by their names too."""


def has_look(value: Seen) -> bool:
    """Tell whether a value depends on a look."""
    if isinstance(value, (list, tuple)):
        return any(map(has_look, value))
    if isinstance(value, Mapping):
        return any(map(has_look, value.values()))
    return isinstance(value, Look)


def at(name: str) -> Look:
    """Return the place of a look: a number, counted from 0 in what the control offers."""
    return Look("look", name)


def given(name: str, array: Seen) -> Look:
    """Return an array that a reader may replace in the browser by one of the same shape."""
    return Look("given", name, array)


def seen(value: Seen, places: Mapping[str, Seen]) -> Seen:
    """Return a value with all looks done, at the places given by name; and with given arrays."""
    if isinstance(value, Look):
        return _done(value, places)
    if isinstance(value, (list, tuple)):
        return type(value)(seen(each, places) for each in value) if has_look(value) else value
    if isinstance(value, Mapping):
        return {key: seen(each, places) for key, each in value.items()}
    return value


def _done(look: Look, places: Mapping[str, Seen]) -> Seen:
    """Do what a look says."""
    if look.operation == "look":
        return places[look.arguments[0]]
    if look.operation == "given":
        name, array = look.arguments
        return places[name] if name in places else seen(array, places)
    if look.operation == "where_given":
        name, then, otherwise = look.arguments
        return seen(then if name in places else otherwise, places)
    if look.operation == "pick":  # what is not picked is not done either
        options, place = look.arguments
        if isinstance(options, Look):  # which there are depends on a look, too
            options = seen(options, places)
        return seen(options[seen(place, places)], places)
    return OPERATIONS[look.operation](*seen(look.arguments, places))


def _exact(value: Seen) -> Seen:
    """Return numbers as the browser counts with them: whole ones as they are, others in float64."""
    array = np.asarray(value)
    return value if array.dtype.kind in "iub" else array.astype(np.float64)[()]


@_operation
def _add(one: Seen, other: Seen) -> Seen:
    return _exact(one) + _exact(other)


@_operation
def _subtract(one: Seen, other: Seen) -> Seen:
    return _exact(one) - _exact(other)


@_operation
def _multiply(one: Seen, other: Seen) -> Seen:
    return _exact(one) * _exact(other)


@_operation
def _floor_divide(one: Seen, other: Seen) -> Seen:
    return _exact(one) // _exact(other)


@_operation
def _remainder(one: Seen, other: Seen) -> Seen:
    return _exact(one) % _exact(other)


add, subtract, multiply = _add, _subtract, _multiply


@_operation
def equal(one: Seen, other: Seen) -> int:
    """Return 1 where two numbers or texts are the same, else 0: the place of one of two options."""
    return int(one == other)


@_operation
def itself(value: Seen) -> Seen:
    """Return the value: what `given.kept` keeps under a name."""
    return value


@_operation
def tanh(values: Seen) -> Seen:
    """Return the hyperbolic tangent, value by value."""
    return np.tanh(_exact(values))


@_operation
def rounded(values: Seen) -> Seen:
    """Return the nearest whole numbers, value by value; of two as near, the even one."""
    return np.rint(_exact(values))


@_operation
def take(array: Seen, *places: Seen) -> Seen:
    """Return the part of an array at places on its first axes."""
    part = np.asarray(array)[places]
    return part if part.ndim else part.item()


@_operation
def window(array: Seen, spans: Sequence[Seen], outside: float = 0.0) -> Seen:
    """Return evenly spaced values of an array.

    Parameters
    ----------
    array : array
    spans : sequence of (start, count, step), one for each axis
    outside : float
        Stands where the array has no value.
    """
    values = np.asarray(array, dtype=np.float64)
    for axis, (start, count, step) in enumerate(spans):
        places = start + step * np.arange(count)
        inside = (places >= 0) & (places < values.shape[axis])
        values = np.take(values, places.clip(0, values.shape[axis] - 1), axis)
        shape = [-1 if each == axis else 1 for each in range(values.ndim)]
        values = np.where(inside.reshape(shape), values, outside)
    return values


@_operation
def spaced(start: Seen, count: int, step: Seen = 1) -> Seen:
    """Return `count` numbers from `start` on."""
    return start + step * np.arange(count)


@_operation
def total(values: Seen) -> float:
    """Return the sum, counted in float64 from the first value to the last."""
    return float(sum(np.asarray(values, dtype=np.float64).ravel().tolist()))


@_operation
def least(values: Seen) -> float:
    """Return the smallest value."""
    return float(np.min(values))


@_operation
def most(values: Seen) -> float:
    """Return the largest value."""
    return float(np.max(values))


@_operation
def limit(values: Seen) -> float:
    """Return the end of a scale around zero; that of zeros is 1, so that zero stays white."""
    return float(np.abs(finite(values)).max(initial=0.0)) or 1.0


@_operation
def extent(values: Seen, margin: float = 0.08) -> list[float]:
    """Return limits that hold all values and zero, with room at both ends.

    Parameters
    ----------
    values : array, or list of arrays
    margin : float
        The room at each end, as a part of what the values take.
    """
    each = [finite(one) for one in (values if isinstance(values, list) else [values])]
    low = float(min(one.min(initial=0.0) for one in each))
    high = float(max(one.max(initial=0.0) for one in each))
    room = margin * (high - low or 1.0)
    return [low - room, high + room]


def finite(values: Seen) -> np.ndarray:
    """Return the finite numbers, one after another."""
    flat = np.asarray(values, dtype=np.float64)
    return flat[np.isfinite(flat)]


def pick(options: Sequence[Seen] | Mapping[Seen, Seen], place: Seen) -> Seen:
    """Return one of several values, of any kind: by its place, or by its name in a mapping.

    A control that is a list of names looks at a place in it.
    """
    if not has_look(place):
        return options[place]
    return Look("pick", list(options.values() if isinstance(options, Mapping) else options), place)


OPERATIONS["pick"] = pick


@_operation
def number(value: Seen, significant: int = 3) -> str:
    """Write a number; see `theme.number`."""
    return theme.number(float(value), significant)


@_operation
def words(template: str, *values: Seen) -> str:
    """Write whole numbers and texts into the places ``{}`` of a template."""
    return template.format(*map(_plain, values))


def _plain(value: Seen) -> Seen:
    """Return a whole number as one: JavaScript knows no other kind; small ones without exponent."""
    if isinstance(value, float) and 1e-6 <= abs(value) < 1e-4:
        return np.format_float_positional(value, trim="-")
    if isinstance(value, float) and 0 < abs(value) < 1e-6:
        return repr(float(value)).replace("e-0", "e-")
    return int(value) if isinstance(value, (float, np.floating)) and value == int(value) else value


@_operation
def path(boxes: Seen, right: Seen = 0, down: Seen = 0) -> str:
    """Return the outline of boxes as SVG's path, moved to the right and down.

    Parameters
    ----------
    boxes : array, shape (box, 4)
        Left, top, right and bottom of each.
    right, down : number
    """
    by = np.array([right, down, right, down])
    moved = np.asarray(boxes, dtype=np.float64).reshape(-1, 4) + by
    flat = moved.ravel().tolist()
    # Many boxes share a few numbers.
    text = {each: str(_plain(each)) for each in set(flat)}
    return "".join(
        f"M{text[left]},{text[top]}H{text[right]}V{text[bottom]}H{text[left]}Z"
        for left, top, right, bottom in zip(*(flat[side::4] for side in range(4)), strict=True)
    )


@_operation
def until(values: Seen, count: Seen) -> Seen:
    """Return the first `count` values in reading order, NaN in the place of the others."""
    array = np.array(values, dtype=np.float64)
    array.reshape(-1)[max(int(count), 0) :] = np.nan
    return array


@_operation
def in_rows(parts: Sequence[Seen], columns: int) -> Seen:
    """Return arrays one after another, in rows of `columns`; NaN fills the last row."""
    values = np.concatenate([np.asarray(part, dtype=np.float64).ravel() for part in parts])
    missing = np.full(-len(values) % columns, np.nan)
    return np.append(values, missing).reshape(-1, columns)


def built(values: Seen, count: Seen) -> Seen:
    """Return values; while the browser plays, only the first `count` of them are there.

    In a figure of Python, and wherever one looks by hand, all are there.
    """
    if not has_look(count):
        return values
    return pick([values, until(values, count)], Look("given", "building", 0))


@_operation
def single(value: Seen) -> float:
    """Return a number as single precision holds it: one that is too large is infinite."""
    with np.errstate(over="ignore"):
        return float(np.float32(value))


@_operation
def listed(values: Seen) -> str:
    """Write an array as Python's lists, each number with as few digits as tell it from others."""
    return str(np.asarray(values, dtype=np.float32).astype(str).astype(np.float64).tolist())
