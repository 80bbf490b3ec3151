"""The arithmetic of one recurrent unit at one step, as a small table and as equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.look_texts import added, bent, factor, written
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import matrix
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.topics.recurrence.drawn_run import DrawnRun
from convrnn_lab.topics.recurrence.looked_step import LookedGate, LookedStep
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace

LETTERS = {
    "input": "i",
    "forget": "f",
    "candidate": "g",
    "output": "o",
    "reset": "r",
    "update": "z",
    "new": "n",
    "sum": "h",
}
"""What the equations call each gate."""

_COLUMNS = ("W x", "b", "W h", "b", "sum", "value")


_CELLS = 40
"""Numbers of a row that can be typed into side by side."""


def lens(step: LookedStep, unit: Seen) -> Panel:
    """Return the table of a step: a row for each gate, with what it adds up and its value.

    Parameters
    ----------
    step : LookedStep
    unit : int or Look

    Notes
    -----
    In the row of a GRU's "new" state, what the state adds is already times the reset gate. All
    steps and units have one scale of colours.
    """
    values = looks.in_rows([gate.row for gate in step.gates.values()], len(_COLUMNS))
    title = looks.words("Unit {}: what is added up, and the value", unit)
    panel = matrix(title, "lens", values, shape=(len(step.gates), len(_COLUMNS)))
    # Numbers of any size fit into a cell of plotly's; the browser writes `digits` places.
    text = {"texttemplate": "%{z:.3~g}", "textfont": {"size": 12}}
    panel.traces[0] |= text | {"zmin": -step.edge, "zmax": step.edge}
    across = panel.xaxis | _named(_COLUMNS) | {"side": "top"}
    down = panel.yaxis | _named([LETTERS[name] for name in step.gates])
    return replace(panel, xaxis=across, yaxis=down, size="large", digits=3)


def weights_panel(drawn: DrawnRun, unit: Seen) -> Panel:
    """Return the panel of one unit's weights, which a reader may change.

    Parameters
    ----------
    drawn : DrawnRun
        Of a layer with biases.
    unit : int or Look
    """
    order = ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
    shapes = {name: drawn.weights[name].shape for name in order}
    counts = {name: shape[1] if len(shape) == 2 else 1 for name, shape in shapes.items()}
    rows = [drawn.row(name, gate, unit) for gate in drawn.gates for name in order]
    letters = [LETTERS[gate] for gate in drawn.gates]
    columns = _columns(counts["weight_ih"], counts["weight_hh"])
    values, title = looks.in_rows(rows, len(columns)), looks.words("Weights of unit {}", unit)
    panel = matrix(title, "weights", values, shape=(len(letters), len(columns)))
    first = [drawn.place(gate, unit) for gate in drawn.gates]
    parts = [
        {"name": name, "count": count, "starts": [row * count for row in first]}
        for name, count in counts.items()
    ]
    heads = {"rows": letters, "columns": columns}
    gives = {"name": "weight_hh", "by": "numbers", "parts": parts, "heads": heads}
    few = len(columns) <= _CELLS
    return replace(
        panel,
        # Names of many columns would lie over each other.
        xaxis=panel.xaxis | (_named(columns) | {"side": "top"} if few else {}),
        yaxis=panel.yaxis | _named(letters),
        gives=gives if few else {},
        digits=2 if few else None,
        size="wide",
    )


def _columns(read: int, held: int) -> list[str]:
    inputs = ["x"] if read == 1 else [f"x{at}" for at in range(read)]
    return [*inputs, "b", *(f"h{at}" for at in range(held)), "b"]


def equations(
    run: RecurrenceTrace, step: LookedStep, time: Seen, earlier: Seen
) -> list[tuple[Seen, Seen]]:
    """Return the equations of a step with their numbers, to stand beside the figure.

    Parameters
    ----------
    run : RecurrenceTrace
    step : LookedStep
    time, earlier : int or Look
        The step, and the one that it was given the state of: the next in a backward direction.
    """
    if run.kind == "GRU":
        return _gru(step, time, earlier)
    if run.kind == "LSTM":
        return [*_gates(step, time), *_lstm(step, time, earlier)]
    bend = "ReLU" if run.module.mode == "RNN_RELU" else "tanh"
    return [(looks.words("h({})", time), bent(bend, step.gates["sum"].row))]


def _lstm(step: LookedStep, time: Seen, earlier: Seen) -> list[tuple[Seen, Seen]]:
    value = {LETTERS[name]: gate.value for name, gate in step.gates.items()}
    cell = written(step.cell)
    kept = looks.words(
        "f c({}) + i g = {} · {} + {} · {} = {}",
        earlier,
        *(written(value["f"]), factor(step.cell_before)),
        *(written(value["i"]), factor(value["g"]), cell),
    )
    shown = looks.words(
        "o tanh c({}) = {} · tanh({}) = {} · {} = {}",
        time,
        *(written(value["o"]), cell),
        *(written(value["o"]), factor(looks.tanh(step.cell)), written(step.hidden)),
    )
    return [(looks.words("c({})", time), kept), (looks.words("h({})", time), shown)]


def _gru(step: LookedStep, time: Seen, earlier: Seen) -> list[tuple[Seen, Seen]]:
    update, new = step.gates["update"], step.gates["new"]
    mixed = looks.words(
        "(1 − z) n + z h({}) = {} · {} + {} · {} = {}",
        earlier,
        *(written(1 - update.value), factor(new.value)),
        *(written(update.value), factor(step.hidden_before), written(step.hidden)),
    )
    facts = [*_gates(step, time), (looks.words("h({})", time), mixed)]
    if step.reset_first is not None:
        row, _, hidden = step.reset_first
        told = looks.words("r before W h: n = {}, h = {}", bent("tanh", row), written(hidden))
        facts.append(("Cho et al. 2014", told))
    return facts


def _gates(step: LookedStep, time: Seen) -> list[tuple[Seen, Seen]]:
    facts = []
    for name, gate in step.gates.items():
        right = bent("tanh" if name == "candidate" else "σ", gate.row)
        if name == "new":
            right = _new(gate, step.gates["reset"].value)
        facts.append((looks.words(f"{name.capitalize()} {LETTERS[name]}({{}})", time), right))
    return facts


def _new(gate: LookedGate, reset: Seen) -> Seen:
    """Write the new state of a GRU, with the reset gate as a factor."""
    return looks.words(
        "tanh({} + {} · ({})) = {}",
        added(gate.shares[:2]),
        written(reset),
        added(gate.shares[2:]),
        written(gate.value),
    )


def _named(words: Sequence[str]) -> Part:
    """Return what writes words on an axis of a matrix."""
    ticks = {"tickvals": list(range(len(words))), "ticktext": list(words)}
    return ticks | {"showticklabels": True, "tickfont": {"size": 10}}
