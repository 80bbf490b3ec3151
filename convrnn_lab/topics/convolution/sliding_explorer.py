"""What the explorers of a sliding window share: an input, settings, and one output value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from torch import Tensor

from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Control, Slider, Value, Values, check
from convrnn_lab.explorer.guide import Step
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.explorer.wording import said, said_with
from convrnn_lab.topics.convolution.contrast import place_of_contrast

Draw = Callable[[str, Sequence[Seen], Values], Sheet]
"""From the name of an input, the place of an output value, and the settings."""


def sliding_explorer(
    inputs: Inputs,
    settings: Mapping[str, Control],
    place: Sequence[int | None],
    *,
    draw: Draw,
    output_length: Callable[[int, Values], Seen],
    name: str,
    vary: Mapping[str, Sequence[object] | None],
    arguments: Mapping[str, str] | None = None,
    guide: Sequence[Step] = (),
) -> Explorer:
    """Return an explorer of what a window makes of an image or a signal.

    Parameters
    ----------
    inputs : Inputs
        Images of (height, width), or signals of (time,).
    settings : mapping of str to Control
        Of the window.
    place : sequence of int or None
        Of the output value to begin with, one for each axis; None where something is to be seen.
    draw : function
        See `Draw`.
    output_length : function
        From the length of an axis and the settings to the count of the output values on it.
    name : str
    vary : mapping of str to sequence or None
        The values of the settings that a page holds.
    arguments : mapping of str to str, optional
        The explorer's name for an argument that the computation calls otherwise.
    guide : sequence of Step
        See `Explorer`.

    Raises
    ------
    ValueError
        If a start value is not offered, or the setting makes no output.
    """
    first, arguments = inputs(inputs.start), arguments or {}
    kind, axes = ("image", ("row", "column")) if first.ndim == 2 else ("signal", ("position",))
    controls: dict[str, Control] = {kind: Choice(kind, inputs.names, inputs.start), **settings}
    start = {each: control.start for each, control in controls.items()}
    check(controls, start)  # before they meet a formula

    def last(axis: int, before: Values) -> Seen:
        return output_length(inputs(before[kind]).shape[axis], before) - 1

    def drawn(setting: Values) -> Sheet:
        rest = {each: setting[each] for each in settings}
        return draw(setting[kind], [setting[axis] for axis in axes], rest)

    with said_with(arguments):
        lengths = [output_length(length, start) for length in first.shape]
        start |= dict(zip(axes, _first_place(first, lengths, place), strict=True))
        for i, axis in enumerate(axes):
            controls[axis] = Slider(axis, 0, partial(last, i), start[axis], look=True)
        check(controls, start)
        drawn(start)
    view = _worded(drawn, controls, arguments)
    return Explorer(view, controls, name=name, vary=vary, scan=axes, guide=guide)


def _worded(
    drawn: Callable[[Values], Sheet],
    controls: Mapping[str, Control],
    arguments: Mapping[str, str],
) -> Callable[..., Sheet]:
    """Return the view, whose refusals are in the words of the controls."""
    labels = {name: control.label for name, control in controls.items()}
    words = {"length": "length", **labels, **arguments}

    def view(**setting: Value) -> Sheet:
        with said_with(words, equals=" "):
            sheet = drawn(setting)
        return replace(sheet, refusal=said(sheet.refusal, words, " "))

    return view


def _first_place(values: Tensor, lengths: Sequence[int], place: Sequence[int | None]) -> list[int]:
    """Return the place of an output value, over the contrast of the input where none is given."""
    seen = place_of_contrast(values)
    # The windows spread evenly over the input.
    near = [
        round(index * (length - 1) / max(size - 1, 1))
        for index, length, size in zip(seen, lengths, values.shape, strict=True)
    ]
    return [index if given is None else given for given, index in zip(place, near, strict=True)]
