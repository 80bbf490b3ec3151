"""The gates of a recurrent layer drawn over time: all units at once, and one of them."""

from __future__ import annotations

import numpy as np

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.topics.gates.look_panels import (
    input_panel,
    maps,
    marked,
    unit_gates,
    unit_states,
)
from convrnn_lab.topics.gates.over_time import GatesOverTime
from convrnn_lab.topics.gates.over_time_panels import half_lives_panel, named, shares_panel
from convrnn_lab.topics.gates.seen_step import SeenStep
from convrnn_lab.topics.gates.trace import KEEPING, TANH


def gates(run: GatesOverTime, time: Seen, unit: Seen, *, code: str = "") -> Sheet:
    """Draw all gates of a layer over time, and one unit with its gates, state and memory.

    Parameters
    ----------
    run : GatesOverTime
    time, unit : int or Look
        The step and the unit that are looked at.
    code : str
        The lines that do the same.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If `time` or `unit` is out of range.
    """
    step, keep = SeenStep(run, time, unit), KEEPING[run.trace.kind]
    life = looks.pick(list(map(steps, run.half_lives)), unit)
    said = looks.words("unit {} keeps half of what it holds for {}", unit, life)
    kept = looks.number(step.values[keep])
    return Sheet(
        [
            *maps(run, time, unit),
            unit_gates(run, time, unit),
            unit_states(run, time, unit),
            shares_panel(run),
            marked(half_lives_panel(run), unit),
            input_panel(run, time),
        ],
        title=looks.words(
            f"{run.trace.kind}: {{}}; its {keep} gate is {{}} at step {{}}", said, kept, time
        ),
        description=looks.words(
            f"Gates of {len(run.half_lives)} units over {run.length} steps; {{}}, {_over_all(run)}",
            said,
        ),
        facts=[*_step_facts(step, run), *_unit_facts(run, life, unit)],
        code=code,
    )


def _over_all(run: GatesOverTime) -> str:
    """Say what is true of all units together."""
    keep = KEEPING[run.trace.kind]
    open_, closed = (f"{run.share(keep, what):.0f} %" for what in ("open", "closed"))
    return (
        f"and the median of all units is {steps(np.median(run.half_lives))}. Over all units the "
        f"{keep} gate is open at {open_} of the steps and closed at {closed}."
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


def _step_facts(step: SeenStep, run: GatesOverTime) -> list[tuple[str, Seen]]:
    n = looks.number
    facts = [
        (
            named(name),
            looks.words(
                f"{'tanh' if name in TANH else 'σ'}({{}}) = {{}}", n(step.total(name)), n(value)
            ),
        )
        for name, value in step.values.items()
        if name != "new"
    ]
    more = _new_state_facts(step) if "new" in run.gates else _cell_facts(step)
    return [*facts, *more]


def _cell_facts(step: SeenStep) -> list[tuple[str, Seen]]:
    """Return the two equations of an LSTM with their numbers."""
    value = {name: looks.number(each) for name, each in step.values.items()}
    before, cell = (looks.number(at("cell state")) for at in (step.before, step.after))
    added = [value["forget"], before, value["input"], value["candidate"]]
    hidden = looks.number(step.after("hidden state"))
    return [
        ("c = f · c before + i · g", looks.words("{} · {} + {} · {} = {}", *added, cell)),
        ("h = o · tanh c", looks.words("{} · tanh({}) = {}", value["output"], cell, hidden)),
    ]


def _new_state_facts(step: SeenStep) -> list[tuple[str, Seen]]:
    """Return the equations of a GRU, with the reset at either place."""
    n, words = looks.number, looks.words
    value = {name: n(each) for name, each in step.values.items()}
    given, update, before = (
        step.from_input("new"),
        step.values["update"],
        step.before("hidden state"),
    )
    held = step.from_hidden("new", reset_first=True)
    open_, other = looks.subtract(1, update), looks.tanh(given + held)
    other_hidden = looks.add(looks.multiply(open_, other), looks.multiply(update, before))
    return [
        (
            "New state, PyTorch: reset after W h",
            words(
                "tanh({} + {} · {}) = {}",
                *(n(given), value["reset"], n(step.from_hidden("new")), value["new"]),
            ),
        ),
        (
            "Cho et al. 2014: reset before W h",
            words("tanh({} + {}) = {}", n(given), n(held), n(other)),
        ),
        (
            "h = (1 − z) · n + z · h before",
            words(
                "{} · {} + {} · {} = {}; with the other place {}",
                *(n(open_), value["new"], value["update"], n(before)),
                *(n(step.after("hidden state")), n(other_hidden)),
            ),
        ),
    ]


def _unit_facts(run: GatesOverTime, life: Seen, unit: Seen) -> list[tuple[Seen, Seen]]:
    facts = [(looks.words("Half-life of unit {}", unit), life)]
    for name, shares in run.shares.items():
        template = ", ".join(f"{what} {{}}\xa0%" for what in shares)
        percent = [looks.number(looks.rounded(looks.take(each, unit))) for each in shares.values()]
        facts.append(
            (looks.words(f"{named(name)}, unit {{}}", unit), looks.words(template, *percent))
        )
        if run.dead.get(name):
            facts.append((f"{named(name)}, dead", f"{run.dead[name]} of all units"))
    if run.trouble is not None:
        facts.append(("Not finite", f"the state, from step {run.trouble} on"))
    return facts
