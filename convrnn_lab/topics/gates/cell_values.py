"""The values on the wires of a recurrent cell, for one unit at one step."""

from __future__ import annotations

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.topics.gates.wiring import Wiring
from convrnn_lab.topics.recurrence.looked_step import LookedStep


def values(step: LookedStep, drawn: Wiring, gate: Seen) -> dict[str, Seen]:
    """Return what each wire carries, by the names of `wiring`.

    Parameters
    ----------
    step : LookedStep
    drawn : Wiring
    gate : int or Look
        Which of its gates is chosen: of several features, and of a projected state, the wire has
        what this gate makes of them.

    Returns
    -------
    dict of str to (float or Look)
        Of each gate its value and, under "NAME sum", what it adds up.
    """
    found = {"x": looks.take(step.x, 0), "h before": step.hidden_before, "h": step.hidden}
    shares = [step.gates[name].shares for name in drawn.gates]
    if step.x.shape[0] > 1:
        found["x"] = looks.pick([each[0] for each in shares], gate)
    if step.hidden_before is None:
        found["h before"] = looks.pick([each[2] for each in shares], gate)
    for name in drawn.gates:
        made = step.gates[name]
        found |= {name: made.value, f"{name} sum": looks.take(made.row, 4)}
    if "forget" in step.gates:
        return found | _of_lstm(step, found)
    if "update" in step.gates:
        return found | _of_gru(step, found)
    own = step.gates["sum"].shares
    return found | {"sum from x": looks.add(*own[:2]), "sum from h": looks.add(*own[2:])}


def _of_lstm(step: LookedStep, found: dict[str, Seen]) -> dict[str, Seen]:
    return {
        "c before": step.cell_before,
        "kept": looks.multiply(found["forget"], step.cell_before),
        "new share": looks.multiply(found["input"], found["candidate"]),
        "c": step.cell,
        "tanh c": looks.tanh(step.cell),
    }


def _of_gru(step: LookedStep, found: dict[str, Seen]) -> dict[str, Seen]:
    """Return those of PyTorch's GRU, whose reset gate multiplies after the product with W_hn."""
    shares = step.gates["new"].shares
    from_hidden, closed = looks.add(*shares[2:]), looks.subtract(1, found["update"])
    return {
        "new from x": looks.add(*shares[:2]),
        "new from h": from_hidden,
        "new share of h": looks.multiply(found["reset"], from_hidden),
        "1 − update": closed,
        "new share": looks.multiply(closed, found["new"]),
        "kept": looks.multiply(found["update"], step.hidden_before),
    }
