"""A recurrent layer over time drawn: input, states, their path, and one unit's step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.look_sums import column, dot, lost, reaches, root
from convrnn_lab.drawing.look_texts import written
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import one_panel, one_value
from convrnn_lab.drawing.parts import Numbers
from convrnn_lab.drawing.sheet import Panel, Sheet, folded, quarter
from convrnn_lab.topics.recurrence.drawn_run import DrawnRun, numbers
from convrnn_lab.topics.recurrence.lens import equations, lens, weights_panel
from convrnn_lab.topics.recurrence.looked_step import LookedStep, looked_step
from convrnn_lab.topics.recurrence.state_panels import (
    Order,
    StatesDrawn,
    input_panel,
    path_panel,
    states_panel,
)
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace
from convrnn_lab.topics.recurrence.units import Units

_WRITTEN = 4
"""Features of a vector whose numbers are written."""


def recurrence(
    run: RecurrenceTrace,
    seen: Units,
    unit: Seen,
    time: Seen,
    *,
    sort: Seen = "index",
    text: str = "",
    facts: Sequence[tuple[str, str]] = (),
    less: str = "",
    still: RecurrenceTrace | None = None,
    taken: Seen = True,
    editable: bool = False,
    code: Seen = "",
) -> Sheet:
    """Draw one layer and direction of a recurrent module, and one unit's arithmetic at one step.

    Parameters
    ----------
    run : RecurrenceTrace
    seen : Units
        Of that run: the layer, direction and sequence that are drawn.
    unit, time : int or Look
        What is taken apart.
    sort : str or Look
        One of `trace.units.ORDERS`.
    text : str
        The characters that the input stands for, where it is text.
    facts : sequence of (what, value)
        Written in front of the others.
    less : str
        What was taken away from the states that are drawn, as in " less that over zeros".
    still : RecurrenceTrace, optional
        Another run of as many steps, whose states are taken away from those that are drawn.
    taken : bool or Look
        Whether they are.
    editable : bool
        Whether a reader may give other weights, of a run of one layer and direction.
    code : str or Look

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If the unit, the step or the order is none of this run's.
    """
    if not looks.has_look((unit, time)):
        run.step(seen.layer, seen.direction, time, seen.batch, unit)  # which refuses others
    drawn = drawn_states(run, seen, (time, unit) if editable else None, still)
    step = looked_step(run, drawn, time, unit)
    both = [(False, ""), (True, less)] if still is not None else [(False, less)]
    chosen = taken if still is not None else 0
    states = [_states(drawn, seen, each, (time, unit, sort)) for each in both]
    hidden, *cell = (one_panel(list(each), chosen) for each in zip(*states, strict=True))
    steps, units = len(seen.hidden), seen.hidden.shape[1]
    where = _where(run, seen)
    beside = [
        ("Unit and step", looks.words("unit {}, step {}{}", unit, time, where)),
        *_step_facts(run, step, time, time + 1 if seen.direction else time - 1),
        ("Parameters", f"{sum(each.numel() for each in run.module.parameters()):,}"),
    ]
    return Sheet(
        [
            input_panel(seen, time, text),
            hidden,
            *folded("One unit, one step", [lens(step, unit)]),
            *folded("Cell state", cell),
            *folded("Path of the state", [_path(drawn, path_panel(seen, time))]),
            *folded("Weights", [weights_panel(drawn, unit)] if editable else []),
        ],
        title=f"{_name(run)}{where}: {units} units over {steps} step{'' if steps == 1 else 's'}",
        description=looks.words(
            "The hidden state of {} at step {} unit {} has the hidden state {}{}.",
            one_value([_range(drawn, seen, each) for each in both], chosen),
            *(time, unit, written(step.hidden)),
            "" if step.cell is None else looks.words(", cell {}", written(step.cell)),
        ),
        # Which there are depends on the weights.
        facts=drawn.edited(
            [*facts, *_lost(drawn), *beside],
            [*facts, *_broken(run, seen), *beside, *_unit_facts(seen, unit)],
        ),
        code=code,
    )


def drawn_states(
    run: RecurrenceTrace, seen: Units, at: Seen = None, still: RecurrenceTrace | None = None
) -> DrawnRun:
    """Return the states of a run as `recurrence` draws them.

    Parameters
    ----------
    run, seen, still
        As for `recurrence`.
    at : Look, optional
        Where one looks, if a reader may give other weights.
    """
    parts = ["hidden"] if run.cell is None else ["hidden", "cell"]
    return DrawnRun(run, (seen.layer, seen.direction, seen.batch), parts, at, still)


def _states(
    drawn: DrawnRun, seen: Units, less: tuple[bool, str], at: tuple[Seen, Seen, Seen]
) -> list[Panel]:
    """Return the panels of the hidden state and, where there is one, of the cell state."""
    time, unit, sort = at
    order, panels = Order(seen, sort), []
    for name, values in drawn.states.items():
        shown = StatesDrawn(
            name,
            values,
            drawn.still[name] if less[0] else None,
            f"{name.capitalize()} state{less[1]}",
            drawn.edited,
        )
        # What is projected has no units to mark.
        projected = name == "hidden" and values.shape[0] < len(seen.memory)
        panels.append(states_panel(shown, time, *(() if projected else (unit, order))))
    return panels


def _range(drawn: DrawnRun, seen: Units, less: tuple[bool, str]) -> Seen:
    """Say how many states are drawn, and from where to where they go."""
    (steps, units), states = seen.hidden.shape, drawn.states["hidden"]
    if less[0]:
        states = looks.subtract(states, drawn.still["hidden"])
    ends = [written(end(states)) for end in (looks.least, looks.most)]
    goes = drawn.edited(looks.words(" goes from {} to {}", *ends), _spread(looks.seen(states, {})))
    return looks.words(f"{units} units over {steps} steps{less[1]}{{}};", goes)


def side_by_side(
    runs: Mapping[str, RecurrenceTrace],
    seen: Mapping[str, Units],
    time: Seen,
    *,
    text: str = "",
    code: str = "",
) -> Sheet:
    """Draw the hidden states of several modules on one input, side by side.

    Parameters
    ----------
    runs : dict of str to RecurrenceTrace
    seen : dict of str to Units
        By the same names.
    time : int or Look
        The step that is marked in all of them.
    text : str
        The characters that the input stands for, where it is text.
    code : str

    Returns
    -------
    Sheet
    """
    first = next(iter(seen.values()))
    steps, units = first.hidden.shape
    panels, facts, sizes = [input_panel(first, time, text)], [], []
    for name, each in seen.items():
        states = numbers(each.hidden.T)
        panels.append(quarter(states_panel(StatesDrawn(name, states, sized=False), time)))
        now = column(states, time)
        size = looks.words("|h({})| = {}", time, written(root(dot(now, now))))
        sizes.append(looks.words("{}: {}", name, size))
        facts.append((name, looks.words("{}, {}", size, _kept(runs[name], each))))
        facts += [(f"{name}, {what}", value) for what, value in _broken(runs[name], each)]
    said = looks.words("; ".join("{}" for _ in sizes), *sizes)
    lengths = f"Hidden states over {steps} steps; lengths at step {{}}: {{}}."
    return Sheet(
        panels,
        title=f"{len(runs)} cells of {units} units on the same {steps} steps",
        description=looks.words(lengths, time, said),
        facts=facts,
        code=code,
    )


def _kept(run: RecurrenceTrace, seen: Units) -> str:
    """Say how long the units of a run remember, and how many parameters that takes."""
    middle = forgets(seen.memory.nanquantile(0.5, interpolation="lower"))
    weights = sum(weight.numel() for weight in run.module.parameters())
    return f"{middle}, {weights:,} parameters"


def forgets(steps: Tensor | float) -> str:
    """Say in words how long a unit remembers.

    Parameters
    ----------
    steps : float
        As `trace.forgetting` counts them.

    Examples
    --------
    >>> forgets(5.0), forgets(1.0), forgets(0.0)
    ('forgets in 5 steps', 'forgets in 1 step', 'forgets at once')
    >>> forgets(math.inf), forgets(math.nan)
    ('does not forget', 'never learns')
    """
    steps = float(steps)
    if math.isnan(steps):
        return "never learns"
    if math.isinf(steps):
        return "does not forget"
    return "forgets at once" if steps == 0 else f"forgets in {steps:.0f} step{'s' * (steps != 1)}"


def _name(run: RecurrenceTrace) -> str:
    return "RNN (ReLU)" if run.module.mode == "RNN_RELU" else run.kind


def _where(run: RecurrenceTrace, seen: Units) -> str:
    layer = f", layer {seen.layer}" if run.hidden.shape[0] > 1 else ""
    return layer + (("", ", backward")[seen.direction] if run.hidden.shape[1] > 1 else "")


def _spread(values: Numbers) -> str:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return ", none of it finite"
    return f" goes from {written(finite.min())} to {written(finite.max())}"


def _broken(run: RecurrenceTrace, seen: Units) -> list[tuple[str, str]]:
    """Say from which step on the input, and the states, are not finite."""
    facts = []
    wrong = (~seen.input.isfinite().all(dim=1)).nonzero()
    if len(wrong):
        facts.append(("Input not finite", f"first at step {int(wrong[0])}"))
    states = [seen.hidden] if seen.cell is None else [seen.hidden, seen.cell]
    lost = (~torch.cat(states, dim=1).isfinite()).any(dim=1).nonzero()
    if len(lost):
        step, way = (int(lost[-1]), "back") if seen.direction else (int(lost[0]), "on")
        what = "infinite" if any(each[step].isinf().any() for each in states) else "NaN"
        facts.append(("State not finite", f"from step {step} {way}, where it is {what}"))
    elif (elsewhere := run.finite_until[seen.batch]) is not None:
        where = f"from step {elsewhere} on, in another layer or direction"
        facts.append(("State not finite", where))
    return facts


def _path(drawn: DrawnRun, panel: Panel) -> Panel:
    """Return the panel of the path, which stays that of the weights that were there."""
    return replace(panel, title=drawn.edited("Path of the state before the edit", panel.title))


def _lost(drawn: DrawnRun) -> list[tuple[str, Seen]]:
    """Say from which step on states are not finite, whatever the weights."""
    states = [*drawn.states.values()]
    steps = states[0].shape[1]
    first = lost(looks.in_rows(states, steps))
    said = looks.pick([looks.words("from step {} on", first), "at no step"], reaches(first, steps))
    return [("State not finite", said)]


def _step_facts(
    run: RecurrenceTrace, step: LookedStep, time: Seen, earlier: Seen
) -> list[tuple[Seen, Seen]]:
    """Return what one step was given, and its equations with their numbers."""
    facts: list[tuple[Seen, Seen]] = [(looks.words("x({})", time), _vector(step.x))]
    if step.hidden_before is not None:
        facts.append((looks.words("h({})", earlier), written(step.hidden_before)))
    return [*facts, *equations(run, step, time, earlier)]


def _unit_facts(seen: Units, unit: Seen) -> list[tuple[Seen, Seen]]:
    memory = [f"{forgets(each)} what was read first" for each in seen.memory]
    lengths = [_or_none(each, " steps") for each in seen.autocorrelation_lengths]
    return [
        (looks.words("Memory of unit {}", unit), looks.pick(memory, unit)),
        ("Autocorrelation length", looks.pick(lengths, unit)),
        ("Correlation with input", looks.pick([*map(_or_none, seen.correlations)], unit)),
    ]


def _vector(values: Seen) -> Seen:
    (count,) = values.shape
    if count <= _WRITTEN:
        each = [written(looks.take(values, at)) for at in range(count)]
        return looks.words(", ".join("{}" for _ in each), *each)
    length = written(root(dot(values, values)))
    return looks.words(f"{count} features, of length {{}}", length)


def _or_none(value: Tensor, words: str = "") -> str:
    return "none" if value.isnan() else f"{written(value)}{words}"
