"""The gates of a recurrent layer drawn over time: all units at once, and one of them."""

from __future__ import annotations

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.topics.gates.look_panels import (
    input_panel,
    maps,
    marked,
    unit_gates,
    unit_states,
)
from convrnn_lab.topics.gates.over_time_panels import GatesOverTime, named
from convrnn_lab.topics.gates.trace import KEEPING, TANH
from convrnn_lab.topics.recurrence.arithmetic import RecurrentStep


def gates(run: GatesOverTime, time: int, unit: int, *, code: str = "") -> Sheet:
    """Draw all gates of a layer over time, and one unit with its gates, state and memory.

    Parameters
    ----------
    run : GatesOverTime
    time, unit : int
        The step and the unit that are looked at.
    code : str
        The lines that do the same.

    Returns
    -------
    Sheet
    """
    step = run.trace.step(run.layer, run.direction, time, run.batch, unit)
    keep = KEEPING[run.trace.kind]
    kept, life = step.gates[keep].value, steps(run.half_lives[unit])
    open_, closed = (f"{run.share(keep, what):.0f} %" for what in ("open", "closed"))
    said = f"unit {unit} keeps half of what it holds for {life}"
    shares, lives = run.still
    return Sheet(
        [
            *maps(run, time, unit),
            unit_gates(run, time, unit),
            unit_states(run, time, unit),
            shares,
            marked(lives, unit),
            input_panel(run, time),
        ],
        title=f"{run.trace.kind}: {said}; its {keep} gate is {theme.number(kept)} at step {time}",
        description=(
            f"Gates of {len(run.half_lives)} units over {run.length} steps; {said}, and the median "
            f"of all units is {steps(np.median(run.half_lives))}. Over all units the {keep} gate "
            f"is open at {open_} of the steps and closed at {closed}."
        ),
        facts=[*_step_facts(step), *_unit_facts(run, unit)],
        code=code,
    )


def steps(value: float) -> str:
    """Write a number of steps.

    Examples
    --------
    >>> steps(1.0), steps(2.5), steps(float("inf"))
    ('1 step', '2.5 steps', 'longer than the series')
    """
    if np.isinf(value):
        return "longer than the series"
    if np.isnan(value):
        return "an unknown time"
    return f"{theme.number(float(value))} step{'' if value == 1 else 's'}"


def _step_facts(step: RecurrentStep) -> list[tuple[str, str]]:
    n = theme.number
    facts = [
        (named(name), f"{'tanh' if name in TANH else 'σ'}({n(gate.sum)}) = {n(gate.value)}")
        for name, gate in step.gates.items()
        if name != "new"
    ]
    return [*facts, *_cell_facts(step), *_new_state_facts(step)]


def _cell_facts(step: RecurrentStep) -> list[tuple[str, str]]:
    """Return the two equations of an LSTM with their numbers; none of a GRU."""
    if step.cell is None or step.cell_before is None:
        return []
    n = theme.number
    value = {name: n(gate.value) for name, gate in step.gates.items()}
    sums = f"{value['forget']} · {n(step.cell_before)} + {value['input']} · "
    return [
        ("c = f · c before + i · g", f"{sums}{value['candidate']} = {n(step.cell)}"),
        ("h = o · tanh c", f"{value['output']} · tanh({n(step.cell)}) = {n(step.hidden)}"),
    ]


def _new_state_facts(step: RecurrentStep) -> list[tuple[str, str]]:
    """Return the equations of a GRU, with the reset at either place; none of an LSTM."""
    other, new = step.reset_first, step.gates.get("new")
    if new is None or other is None or step.hidden_before is None:
        return []
    n = theme.number
    value = {name: n(gate.value) for name, gate in step.gates.items()}
    from_input, from_hidden = new.from_input + new.input_bias, new.from_hidden + new.hidden_bias
    return [
        (
            "New state, PyTorch: reset after W h",
            f"tanh({n(from_input)} + {value['reset']} · {n(from_hidden)}) = {value['new']}",
        ),
        (
            "Cho et al. 2014: reset before W h",
            f"tanh({n(from_input)} + {n(other.from_hidden + new.hidden_bias)}) = {n(other.new)}",
        ),
        (
            "h = (1 − z) · n + z · h before",
            f"{n(1 - step.gates['update'].value)} · {value['new']} + {value['update']} · "
            f"{n(step.hidden_before)} = {n(step.hidden)}; with the other place {n(other.hidden)}",
        ),
    ]


def _unit_facts(run: GatesOverTime, unit: int) -> list[tuple[str, str]]:
    facts = [(f"Half-life of unit {unit}", steps(run.half_lives[unit]))]
    for name in run.gates:
        kinds = ("saturated",) if name in TANH else ("open", "closed", "saturated")
        shares = ", ".join(f"{what} {run.share(name, what, unit):.0f}\xa0%" for what in kinds)
        facts.append((f"{named(name)}, unit {unit}", shares))
        if run.dead.get(name):
            facts.append((f"{named(name)}, dead", f"{run.dead[name]} of all units"))
    if run.trouble is not None:
        facts.append(("Not finite", f"the state, from step {run.trouble} on"))
    return facts
