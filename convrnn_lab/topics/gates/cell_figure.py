"""A recurrent cell drawn: its wires with the numbers of one unit at one step."""

from __future__ import annotations

from convrnn_lab import checks
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet, folded
from convrnn_lab.topics.gates.cell_panels import diagram, strip, sum_panel, told
from convrnn_lab.topics.gates.cell_values import values
from convrnn_lab.topics.gates.wiring import Wiring, wiring
from convrnn_lab.topics.recurrence.drawn_run import DrawnRun
from convrnn_lab.topics.recurrence.lens import equations, weights_panel
from convrnn_lab.topics.recurrence.looked_step import looked_step
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace

Place = tuple[int, int, int]
"""A layer, a direction and a sequence of a batch."""


def cell(
    run: RecurrenceTrace,
    place: Place,
    gate: Seen,
    time: Seen,
    unit: Seen,
    *,
    editable: bool = False,
    code: Seen = "",
) -> Sheet:
    """Draw the cell of a layer with the numbers of one unit at one step.

    Parameters
    ----------
    run : RecurrenceTrace
    place : (layer, direction, batch)
    gate : int or Look
        Which of the gates, from left to right, is taken apart.
    time, unit : int or Look
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
        If `gate`, `time` or `unit` is out of range.
    """
    module, (_, direction, batch) = run.module, place
    features = run.layer_input(place[0]).shape[-1]
    drawn_as = wiring(module.mode, features=features, projected=module.proj_size > 0)
    for name, value, last in (
        ("gate", gate, len(drawn_as.gates) - 1),
        ("time", time, run.lengths[batch] - 1),
        ("unit", unit, module.hidden_size - 1),
    ):
        if not looks.has_look(value):
            checks.integer(name, value, 0, last)
    parts = ["hidden"] if run.cell is None else ["cell", "hidden"]
    drawn = DrawnRun(run, place, parts, (time, unit) if editable else None)
    step = looked_step(run, drawn, time, unit)
    carried = values(step, drawn_as, gate)
    shown = "o · tanh c" if module.proj_size else "h"
    return Sheet(
        [
            diagram(drawn_as, carried, gate, unit),
            *folded("Gate and series", [sum_panel(drawn_as, step, gate), strip(drawn, unit, time)]),
            *folded("Weights", [weights_panel(drawn, unit)] if editable else []),
        ],
        title=looks.words(
            f"{run.kind}, unit {{}} at step {{}}: {shown} = {{}}",
            *(unit, time, looks.number(step.hidden)),
        ),
        description=_described(run, drawn_as, carried),
        facts=[_chosen(drawn_as, gate), *equations(run, step, time, time + 2 * direction - 1)],
        code=code,
    )


def _described(run: RecurrenceTrace, drawn_as: Wiring, carried: dict[str, Seen]) -> Seen:
    """Say each number that a wire carries, under the name that stands beside it."""
    names: dict[str, str] = {}
    for wire in drawn_as.wires:
        names.setdefault(wire.value, wire.name.strip() or wire.value)
    said = ", ".join(f"{name} {{}}" for name in names.values())
    numbers = [looks.number(carried[value]) for value in names]
    return looks.words(f"The wires of the {run.kind} cell carry {said}.", *numbers)


def _chosen(drawn_as: Wiring, gate: Seen) -> tuple[Seen, Seen]:
    """Return what the chosen gate computes, in letters."""
    names = [told(name, drawn_as).partition(": ") for name in drawn_as.gates]
    heads = [head.capitalize() for head, _, _ in names]
    formulas = [formula for *_, formula in names]
    return looks.words("▶ {}", looks.pick(heads, gate)), looks.pick(formulas, gate)
