"""The arithmetic of one recurrent unit at one step, as a small table and as equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import SupportsFloat, cast

import numpy as np

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import limit, matrix
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.topics.recurrence.arithmetic import GateStep, RecurrentStep
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
_LARGEST = 1000.0  # numbers from here on do not fit into a cell of plotly's table


def lens(step: RecurrentStep, unit: int) -> Panel:
    """Return the table of a step: a row for each gate, with what it adds up and its value.

    Parameters
    ----------
    step : RecurrentStep
    unit : int

    Notes
    -----
    In the row of a GRU's "new" state, what the state adds is already times the reset gate.
    """
    rows = [_row(gate) for gate in step.gates.values()]
    if "new" in step.gates:
        new, reset = step.gates["new"], step.gates["reset"].value
        rows[-1][2:4] = [reset * new.from_hidden, reset * new.hidden_bias]
    values = np.array(rows, dtype=np.float32)
    panel = matrix(f"Unit {unit}: what is added up, and the value", "lens", values)
    panel.traces[0] |= {"texttemplate": "%{z:.3~f}", "textfont": {"size": 12}}
    if limit(values) >= _LARGEST:
        del panel.traces[0]["texttemplate"]
    across = panel.xaxis | _named(_COLUMNS) | {"side": "top"}
    down = panel.yaxis | _named([LETTERS[name] for name in step.gates])
    return replace(panel, xaxis=across, yaxis=down, size="large", digits=3)


def equations(
    run: RecurrenceTrace, step: RecurrentStep, time: int, earlier: int
) -> list[tuple[str, str]]:
    """Return the equations of a step with their numbers, to stand beside the figure.

    Parameters
    ----------
    run : RecurrenceTrace
    step : RecurrentStep
    time, earlier : int
        The step, and the one that it was given the state of: the next in a backward direction.
    """
    if run.kind == "GRU":
        return _gru(step, time, earlier)
    bend = "ReLU" if run.module.mode == "RNN_RELU" else "tanh"
    if run.kind == "RNN":
        gate = step.gates["sum"]
        return [(f"h({time})", f"{bend}({_terms(gate)}) = {written(gate.value)}")]
    value = {LETTERS[name]: written(gate.value) for name, gate in step.gates.items()}
    before, cell = (written(cast("float", each)) for each in (step.cell_before, step.cell))
    squashed = written(np.tanh(float(step.cell or 0.0)))
    return [
        *_gates(step, time),
        (
            f"c({time})",
            f"f c({earlier}) + i g = "
            f"{value['f']} · {_factor(before)} + {value['i']} · {_factor(value['g'])} = {cell}",
        ),
        (
            f"h({time})",
            f"o tanh c({time}) = "
            f"{value['o']} · tanh({cell}) = {value['o']} · {_factor(squashed)} = "
            f"{written(step.hidden)}",
        ),
    ]


def _gru(step: RecurrentStep, time: int, earlier: int) -> list[tuple[str, str]]:
    gates = step.gates
    update, new = gates["update"], gates["new"]
    share = written(1 - update.value)
    facts = _gates(step, time)
    if step.hidden_before is not None:
        facts.append(
            (
                f"h({time})",
                f"(1 − z) n + z h({earlier}) = "
                f"{share} · {_factor(written(new.value))} + {written(update.value)} · "
                f"{_factor(written(step.hidden_before))} = {written(step.hidden)}",
            )
        )
    other = step.reset_first
    if other is not None:
        terms = [new.from_input, new.input_bias, other.from_hidden, new.hidden_bias]
        facts.append(
            (
                "Cho et al. 2014",
                f"r before W h: n = tanh({added(terms)}) = {written(other.new)}, "
                f"h = {written(other.hidden)}",
            )
        )
    return facts


def _gates(step: RecurrentStep, time: int) -> list[tuple[str, str]]:
    facts = []
    for name, gate in step.gates.items():
        inner, bend = _terms(gate), "σ"
        if name in ("candidate", "new"):
            bend = "tanh"
        if name == "new":
            reset = step.gates["reset"].value
            hidden = added([gate.from_hidden, gate.hidden_bias])
            inner = f"{added([gate.from_input, gate.input_bias])} + {written(reset)} · ({hidden})"
        title = f"{name.capitalize()} {LETTERS[name]}({time})"
        facts.append((title, f"{bend}({inner}) = {written(gate.value)}"))
    return facts


def _named(words: Sequence[str]) -> Part:
    """Return what writes words on an axis of a matrix."""
    ticks = {"tickvals": list(range(len(words))), "ticktext": list(words)}
    return ticks | {"showticklabels": True, "tickfont": {"size": 10}}


def _row(gate: GateStep) -> list[float]:
    shares = [gate.from_input, gate.input_bias, gate.from_hidden, gate.hidden_bias]
    return [*shares, gate.sum, gate.value]


def _terms(gate: GateStep) -> str:
    return added([gate.from_input, gate.input_bias, gate.from_hidden, gate.hidden_bias])


def added(terms: list[float]) -> str:
    """Write a sum, as in "0.31 + 0.1 − 0.52".

    Examples
    --------
    >>> added([0.31, -0.52, 0.0])
    '0.31 − 0.52 + 0'
    """
    first, *rest = terms
    text = written(first)
    for term in rest:
        number = written(term)
        text += f" − {number[1:]}" if number.startswith("−") else f" + {number}"
    return text


def _factor(number: str) -> str:
    return f"({number})" if number.startswith("−") else number


def written(value: SupportsFloat) -> str:
    """Write a number as `theme.number` does; a very large one with its power of ten."""
    number = float(value)
    if np.isfinite(number) and abs(number) >= 1e6:
        return f"{number:.2e}".replace("-", "−").replace("e+", "e")
    return theme.number(number)
