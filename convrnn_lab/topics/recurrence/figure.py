"""A recurrent layer over time drawn: input, states, their path, and one unit's step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.topics.recurrence.arithmetic import RecurrentStep
from convrnn_lab.topics.recurrence.lens import equations, lens, written
from convrnn_lab.topics.recurrence.state_panels import input_panel, path_panel, states_panel
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace
from convrnn_lab.topics.recurrence.units import Units


def recurrence(
    run: RecurrenceTrace,
    seen: Units,
    unit: int,
    time: int,
    *,
    sort: str = "index",
    text: str = "",
    facts: Sequence[tuple[str, str]] = (),
    less: str = "",
    code: str = "",
) -> Sheet:
    """Draw one layer and direction of a recurrent module, and one unit's arithmetic at one step.

    Parameters
    ----------
    run : RecurrenceTrace
    seen : Units
        Of that run: the layer, direction and sequence that are drawn.
    unit, time : int
        What is taken apart.
    sort : str
        One of `trace.units.ORDERS`.
    text : str
        The characters that the input stands for, where it is text.
    facts : sequence of (what, value)
        Written in front of the others.
    less : str
        What was taken away from the states that are drawn, as in " less that over zeros".
    code : str

    Returns
    -------
    Sheet
    """
    step = run.step(seen.layer, seen.direction, time, seen.batch, unit)
    order = seen.order(sort)
    if run.module.proj_size > 0:  # what is projected has no units to mark
        plain = tuple(range(seen.hidden.shape[1]))
        hidden = states_panel(f"Hidden state{less}", "hidden", seen, plain, unit=None, time=time)
    else:
        hidden = states_panel(f"Hidden state{less}", "hidden", seen, order, unit=unit, time=time)
    panels = [input_panel(seen, time, text), hidden]
    if seen.cell is not None:
        panels.append(states_panel(f"Cell state{less}", "cell", seen, order, unit=unit, time=time))
    steps, units = len(seen.hidden), seen.hidden.shape[1]
    where = _where(run, seen)
    kept = "" if step.cell is None else f", cell {written(step.cell)}"
    return Sheet(
        [*panels, path_panel(seen, time), lens(step, unit)],
        title=f"{_name(run)}{where}: {units} units over {steps} step{'' if steps == 1 else 's'}",
        description=(
            f"The hidden state of {units} units over {steps} steps{less}{_spread(seen.hidden)}; "
            f"at step {time} unit {unit} has the hidden state {written(step.hidden)}{kept}."
        ),
        facts=[
            *facts,
            *_broken(run, seen),
            ("Unit and step", f"unit {unit}, step {time}{where}"),
            *_step_facts(run, step, time, time + 1 if seen.direction else time - 1),
            *_unit_facts(seen, unit),
            ("Parameters", f"{sum(each.numel() for each in run.module.parameters()):,}"),
        ],
        code=code,
    )


def side_by_side(
    runs: Mapping[str, RecurrenceTrace],
    seen: Mapping[str, Units],
    time: int,
    *,
    text: str = "",
    code: str = "",
) -> Sheet:
    """Draw the hidden states of several modules on one input, one under the other.

    Parameters
    ----------
    runs : dict of str to RecurrenceTrace
    seen : dict of str to Units
        By the same names.
    time : int
        The step that is marked in all of them.
    text : str
        The characters that the input stands for, where it is text.
    code : str

    Returns
    -------
    Sheet
    """
    first = next(iter(seen.values()))
    panels = [input_panel(first, time, text)]
    facts = []
    for name, each in seen.items():
        plain = tuple(range(each.hidden.shape[1]))
        panels.append(states_panel(name, name, each, plain, unit=None, time=time))
        size = written(np.linalg.norm(each.hidden[time].double().numpy()))
        middle = forgets(each.memory.nanquantile(0.5, interpolation="lower"))
        weights = sum(weight.numel() for weight in runs[name].module.parameters())
        facts.append((name, f"|h({time})| = {size}, {middle}, {weights:,} parameters"))
        facts += [(f"{name}, {what}", value) for what, value in _broken(runs[name], each)]
    steps, units = first.hidden.shape
    sizes = "; ".join(f"{name}: {value.split(',')[0]}" for name, value in facts if name in seen)
    return Sheet(
        panels,
        title=f"{len(runs)} cells of {units} units on the same {steps} steps",
        description=f"Hidden states over {steps} steps; lengths at step {time}: {sizes}.",
        facts=facts,
        code=code,
    )


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


def _spread(states: Tensor) -> str:
    values = states.float().numpy()
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


def _step_facts(
    run: RecurrenceTrace, step: RecurrentStep, time: int, earlier: int
) -> list[tuple[str, str]]:
    """Return what one step was given, and its equations with their numbers."""
    facts = [(f"x({time})", _vector(step.x))]
    if step.hidden_before is not None:
        facts.append((f"h({earlier})", written(step.hidden_before)))
    return [*facts, *equations(run, step, time, earlier)]


def _unit_facts(seen: Units, unit: int) -> list[tuple[str, str]]:
    return [
        (f"Memory of unit {unit}", f"{forgets(seen.memory[unit])} what was read first"),
        ("Autocorrelation length", _or_none(seen.autocorrelation_lengths[unit], " steps")),
        ("Correlation with input", _or_none(seen.correlations[unit])),
    ]


def _vector(values: Tensor) -> str:
    if len(values) == 1:
        return written(values[0])
    if len(values) <= 4:
        return ", ".join(written(each) for each in values)
    return f"{len(values)} features, of length {written(values.double().norm())}"


def _or_none(value: Tensor, words: str = "") -> str:
    return "none" if value.isnan() else f"{written(value)}{words}"
