"""The gates of a recurrent layer drawn over time: all units at once, and one of them."""

from __future__ import annotations

import numpy as np

from convrnn_lab import checks
from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.look_sums import reaches
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet, folded, quarter
from convrnn_lab.topics.gates.drawn_gates import DrawnGates
from convrnn_lab.topics.gates.look_panels import (
    input_panel,
    maps,
    marked,
    unit_gates,
    unit_states,
)
from convrnn_lab.topics.gates.over_time import GatesOverTime
from convrnn_lab.topics.gates.over_time_panels import half_lives_panel, named, shares_panel
from convrnn_lab.topics.gates.trace import KEEPING, TANH
from convrnn_lab.topics.recurrence.lens import weights_panel
from convrnn_lab.topics.recurrence.looked_step import LookedStep, looked_step


def gates(
    run: GatesOverTime, time: Seen, unit: Seen, *, editable: bool = False, code: Seen = ""
) -> Sheet:
    """Draw all gates of a layer over time, and one unit with its gates, state and memory.

    Parameters
    ----------
    run : GatesOverTime
    time, unit : int or Look
        The step and the unit that are looked at.
    editable : bool
        Whether a reader may give other weights, of a run of one layer and direction.
    code : str or Look
        The lines that do the same.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If `time` or `unit` is out of range.
    """
    if not looks.has_look((time, unit)):
        checks.integer("time", time, 0, run.length - 1)
        checks.integer("unit", unit, 0, len(run.half_lives) - 1)
    shown = DrawnGates(run, (time, unit) if editable else None)
    step, keep = looked_step(run.trace, shown.drawn, time, unit), KEEPING[run.trace.kind]
    life = _life(shown, unit)
    said = looks.words("unit {} keeps half of what it holds for {}", unit, life)
    kept = looks.number(step.gates[keep].value)
    drawn = [quarter(each) for each in maps(shown, time, unit)]
    return Sheet(
        [
            unit_gates(shown, time, unit),
            unit_states(shown, time, unit),
            *folded("Gates of all units", drawn[: len(shown.gates)]),
            *folded("States of all units", drawn[len(shown.gates) :]),
            *folded(
                "How long units keep", [shares_panel(shown), marked(half_lives_panel(shown), unit)]
            ),
            *folded("Weights", [weights_panel(shown.drawn, unit)] if editable else []),
            *folded("Input", [input_panel(shown, time)]),
        ],
        title=looks.words(
            f"{run.trace.kind}: {{}}; its {keep} gate is {{}} at step {{}}", said, kept, time
        ),
        description=looks.words(
            f"Gates of {len(run.half_lives)} units over {run.length} steps; {{}}, {{}}",
            said,
            _over_all(shown),
        ),
        facts=_facts(shown, step, life, unit),
        code=code,
    )


def _life(shown: DrawnGates, unit: Seen) -> Seen:
    """Write the half-life of a unit."""
    now = looks.take(shown.half_lives, unit)
    many = looks.pick(["s", ""], reaches(1, now))
    finite = looks.words("{} step{}", looks.number(now), many)
    then = looks.pick([finite, "longer than the series"], reaches(now, np.finfo(np.float64).max))
    return shown.edited(then, looks.pick(list(map(steps, shown.run.half_lives)), unit))


def _over_all(shown: DrawnGates) -> Seen:
    """Say what is true of all units together."""
    run, keep = shown.run, KEEPING[shown.run.trace.kind]
    kinds = ("open", "closed")
    then = [looks.number(looks.rounded(shown.share(keep, what))) for what in kinds]
    open_, closed = (f"{run.share(keep, what):.0f} %" for what in kinds)
    gate = f"ver all units the {keep} gate is open at"
    return shown.edited(
        looks.words(f"and o{gate} {{}} % of the steps and closed at {{}} %.", *then),
        f"and the median of all units is {steps(np.median(run.half_lives))}. "
        f"O{gate} {open_} of the steps and closed at {closed}.",
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


def _facts(shown: DrawnGates, step: LookedStep, life: Seen, unit: Seen) -> Seen:
    """Return what stands beside the figure; which there is depends on the weights."""
    run, each = shown.run, _step_facts(step, shown)
    lives = (looks.words("Half-life of unit {}", unit), life)
    then = [*each, lives, *_share_facts(shown, unit), ("Not finite", shown.lost)]
    otherwise = [*each, lives, *_share_facts(shown, unit, dead=True)]
    if run.trouble is not None:
        otherwise.append(("Not finite", f"the state, from step {run.trouble} on"))
    return shown.edited(then, otherwise)


def _step_facts(step: LookedStep, shown: DrawnGates) -> list[tuple[str, Seen]]:
    n = looks.number
    facts = [
        (
            named(name),
            looks.words(
                f"{'tanh' if name in TANH else 'σ'}({{}}) = {{}}",
                *(n(looks.take(gate.row, 4)), n(gate.value)),
            ),
        )
        for name, gate in step.gates.items()
        if name != "new"
    ]
    more = _new_state_facts(step) if "new" in shown.gates else _cell_facts(step)
    return [*facts, *more]


def _cell_facts(step: LookedStep) -> list[tuple[str, Seen]]:
    """Return the two equations of an LSTM with their numbers."""
    value = {name: looks.number(each.value) for name, each in step.gates.items()}
    before, cell = looks.number(step.cell_before), looks.number(step.cell)
    added = [value["forget"], before, value["input"], value["candidate"]]
    hidden = looks.number(step.hidden)
    return [
        ("c = f · c before + i · g", looks.words("{} · {} + {} · {} = {}", *added, cell)),
        ("h = o · tanh c", looks.words("{} · tanh({}) = {}", value["output"], cell, hidden)),
    ]


def _new_state_facts(step: LookedStep) -> list[tuple[str, Seen]]:
    """Return the equations of a GRU, with the reset at either place."""
    n, words = looks.number, looks.words
    value = {name: n(each.value) for name, each in step.gates.items()}
    shares, update = step.gates["new"].shares, step.gates["update"].value
    given, hidden = looks.add(*shares[:2]), looks.add(*shares[2:])
    if step.reset_first is None:
        raise AssertionError("a GRU has the other place of the reset gate")
    row, new, other_hidden = step.reset_first
    held = looks.add(looks.take(row, 2), looks.take(row, 3))
    return [
        (
            "New state, PyTorch: reset after W h",
            words("tanh({} + {} · {}) = {}", n(given), value["reset"], n(hidden), value["new"]),
        ),
        (
            "Cho et al. 2014: reset before W h",
            words("tanh({} + {}) = {}", n(given), n(held), n(new)),
        ),
        (
            "h = (1 − z) · n + z · h before",
            words(
                "{} · {} + {} · {} = {}; with the other place {}",
                *(n(looks.subtract(1, update)), value["new"], value["update"]),
                *(n(step.hidden_before), n(step.hidden), n(other_hidden)),
            ),
        ),
    ]


def _share_facts(shown: DrawnGates, unit: Seen, *, dead: bool = False) -> list[tuple[Seen, Seen]]:
    facts: list[tuple[Seen, Seen]] = []
    for name in shown.gates:
        shares = shown.shares(name)
        template = ", ".join(f"{what} {{}}\xa0%" for what in shares)
        percent = [looks.number(looks.rounded(looks.take(each, unit))) for each in shares.values()]
        facts.append(
            (looks.words(f"{named(name)}, unit {{}}", unit), looks.words(template, *percent))
        )
        if dead and shown.run.dead.get(name):
            facts.append((f"{named(name)}, dead", f"{shown.run.dead[name]} of all units"))
    return facts
