"""The gates of a recurrent layer drawn over time: all units at once, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from torch import Tensor

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import (
    SYMBOLS,
    axes,
    distinct_lines,
    guide,
    heatmap,
    limit,
    line,
    outline,
    value_range,
)
from convrnn_lab.drawing.sheet import Panel, Sheet
from convrnn_lab.topics.gates.trace import KEEPING, TANH, GateStatistics
from convrnn_lab.topics.recurrence.arithmetic import RecurrentStep
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace

_FEATURES = 8


@dataclass(frozen=True, eq=False)
class GatesOverTime:
    """One layer, direction and sequence of a trace, with what was counted of its gates.

    Attributes
    ----------
    trace : RecurrenceTrace
        Of an LSTM or a GRU.
    statistics : dict of str to GateStatistics
    half_life : Tensor, shape (layer, direction, batch, unit)
        Both of `trace`.
    layer, direction, batch : int
        Which part is drawn.
    """

    trace: RecurrenceTrace
    statistics: dict[str, GateStatistics]
    half_life: Tensor
    layer: int = 0
    direction: int = 0
    batch: int = 0

    @cached_property
    def length(self) -> int:
        """Steps of the sequence."""
        return self.trace.lengths[self.batch]

    @cached_property
    def gates(self) -> dict[str, Any]:
        """Values by gate, shape (unit, time)."""
        return {name: self._over_time(values) for name, values in self.trace.gates.items()}

    @cached_property
    def states(self) -> dict[str, Any]:
        """Cell state, if there is one, and hidden state, shape (unit, time)."""
        found = {"hidden state": self._over_time(self.trace.hidden)}
        if self.trace.cell is None:
            return found
        return {"cell state": self._over_time(self.trace.cell), **found}

    @cached_property
    def half_lives(self) -> Any:
        """In steps, shape (unit,)."""
        return self.half_life[self.layer, self.direction, self.batch].numpy()

    @cached_property
    def source(self) -> Any:
        """What the layer was given, shape (feature, time)."""
        steps = self.trace.layer_input(self.layer)[: self.length, self.batch]
        return np.ascontiguousarray(steps.float().T)

    def share(self, gate: str, what: str, unit: int | None = None) -> float:
        """Return a percentage of one unit, or the mean of all."""
        values = self._shares[gate][what]
        return float(values.mean() if unit is None else values[unit])

    @cached_property
    def dead(self) -> dict[str, int]:
        """Units whose gate was closed at every step, by gate; a tanh is left out."""
        shares = {name: each["closed"] for name, each in self._shares.items() if "closed" in each}
        return {name: int((each == 100).sum()) for name, each in shares.items()}

    @cached_property
    def trouble(self) -> int | None:
        """First step with a state that is not finite."""
        return self.trace.finite_until[self.batch]

    @cached_property
    def _shares(self) -> dict[str, dict[str, Any]]:
        """Percentages by gate and kind, shape (unit,)."""
        place = (self.layer, self.direction, self.batch)
        return {
            name: {
                what: values[place].numpy()
                for what in ("open", "closed", "saturated")
                if (values := getattr(found, what)) is not None
            }
            for name, found in self.statistics.items()
        }

    def _over_time(self, values: Tensor) -> Any:
        steps = values[self.layer, self.direction, : self.length, self.batch]
        return np.ascontiguousarray(steps.float().T)

    @cached_property
    def heatmaps(self) -> list[tuple[str, dict[str, Any], Any]]:
        """Title, trace and scale of each panel of units over time."""
        made = []
        for name, values in {**self.gates, **self.states}.items():
            low, high = -limit(values), limit(values)
            if name in self.gates:
                low, high = (-1.0, 1.0) if name in TANH else (0.0, 1.0)
            drawn = heatmap(name, values, theme.TWO_SIDED, low, high)
            hover = {"hovertemplate": "unit %{y}, step %{x}: %{z:.4g}<extra></extra>"}
            made.append((_named(name), drawn | hover, (theme.TWO_SIDED, low, high)))
        return made

    @cached_property
    def still(self) -> tuple[Panel, Panel]:
        """The panels that neither step nor unit change: percentages, and half-lives."""
        return _shares(self), _half_lives(self)


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
            *_maps(run, time, unit),
            _unit_gates(run, time, unit),
            _unit_states(run, time, unit),
            shares,
            _marked(lives, unit),
            _input(run, time),
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


def _named(gate: str) -> str:
    words = {"candidate": "Candidate (tanh)", "new": "New state (tanh)"}
    return words.get(gate, gate.capitalize() if "state" in gate else f"{gate.capitalize()} gate")


def _input(run: GatesOverTime, time: int) -> Panel:
    limits = value_range(run.source)
    count = len(run.source)
    what = "Input" if run.layer == 0 else f"Input of layer {run.layer}"
    more = "" if count <= _FEATURES else f", the first {_FEATURES} of {count} features"
    drawn = [
        line(f"input {index}", row, theme.INPUT) for index, row in enumerate(run.source[:_FEATURES])
    ]
    if 1 < count <= len(SYMBOLS):
        drawn, words = distinct_lines(
            {f"input {index}": row for index, row in enumerate(run.source)}
        )
        more = f": {words}"
    return Panel(
        f"{what} over {run.length} steps{more}",
        drawn,
        **axes("step", [-1, run.length], limits),
        shapes=[_now(time, limits)],
        click={"x": "time"},
        size="wide",
    )


def _now(time: int, limits: Sequence[float]) -> dict[str, Any]:
    shape: dict[str, Any] = outline("now", [], width=1.5)
    return shape | {"path": f"M{time},{limits[0]}V{limits[1]}"}


def _maps(run: GatesOverTime, time: int, unit: int) -> list[Panel]:
    panels = []
    for title, drawn, scale in run.heatmaps:
        rows = len(drawn["z"])
        shapes = [guide("now", f"M{time},-0.5V{rows - 0.5}")]
        # With a projection there are fewer hidden states than units.
        if rows == len(run.half_lives):
            shapes.append(outline("unit", [(-0.5, unit - 0.5, run.length - 0.5, unit + 0.5)]))
        drawn_axes = axes("step", [-0.5, run.length - 0.5], [rows - 0.5, -0.5])
        drawn_axes["yaxis"] |= {"zeroline": False, "showgrid": False}
        panels.append(
            Panel(
                title,
                [drawn],
                **drawn_axes,
                shapes=shapes,
                scale=scale,
                click={"x": "time", "y": "unit"},
                size="large",
            )
        )
    return panels


def _unit_gates(run: GatesOverTime, time: int, unit: int) -> Panel:
    low = -1.05 if any(name in TANH for name in run.gates) else -0.05
    return _unit_lines(f"Gates of unit {unit}", run.gates, unit, time, [low, 1.05])


def _unit_states(run: GatesOverTime, time: int, unit: int) -> Panel:
    rows = {name: each for name, each in run.states.items() if len(each) == len(run.half_lives)}
    limits = value_range(*(each[unit] for each in rows.values())) if rows else [-1.0, 1.0]
    return _unit_lines(f"State of unit {unit}", rows, unit, time, limits)


def _unit_lines(
    title: str, rows: dict[str, Any], unit: int, time: int, limits: list[float]
) -> Panel:
    drawn, words = distinct_lines({name: values[unit] for name, values in rows.items()}, "unit ")
    length = max((len(each[0]) for each in rows.values()), default=1)
    return Panel(
        f"{title}: {words}",
        drawn,
        **axes("step", [-1, length], limits),
        shapes=[_now(time, limits)],
        click={"x": "time"},
        size="large",
    )


def _shares(run: GatesOverTime) -> Panel:
    names = list(run.gates)
    gated = [name for name in names if name not in TANH]
    bars = [
        _bars("open", gated, run, theme.WEIGHT, ""),
        _bars("closed", gated, run, theme.OUTPUT, "/"),
        _bars("saturated", names, run, theme.INPUT, "."),
    ]
    drawn = axes("", [], [0, 118])
    drawn["xaxis"] |= {"type": "category", "range": [-0.6, len(names) - 0.4]}
    drawn["yaxis"] |= {"ticksuffix": " %", "tickvals": [0, 25, 50, 75, 100]}
    return Panel("Steps open (plain), closed (/), saturated (dots)", bars, **drawn, size="large")


def _bars(
    what: str, names: list[str], run: GatesOverTime, colour: str, pattern: str
) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": what,
        "x": names,
        "y": [run.share(name, what) for name in names],
        "marker": {"color": colour, "pattern": {"shape": pattern}},
        "texttemplate": "%{y:.0f}",
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": f"%{{x}} {what} at %{{y:.1f}} % of the steps<extra></extra>",
    }


def _half_lives(run: GatesOverTime) -> Panel:
    lives, length = run.half_lives, run.length
    endless = np.flatnonzero(np.isinf(lives))
    top = 2.0 * max(length, 2)
    drawn = axes("unit", [-0.7, len(lives) - 0.3], [np.log10(0.5), np.log10(top)])
    drawn["yaxis"] |= {"type": "log", "tickvals": [1, 2, 5, 10, 20, 50, 100, 200, 500]}
    more = f", ▲ beyond the {length} steps" if len(endless) else ""
    bars = {
        "type": "bar",
        "name": "half_life",
        "x0": 0,
        "dx": 1,
        "y": np.where(np.isinf(lives), np.nan, lives),
        "marker": {"color": theme.INPUT},
        "hovertemplate": "unit %{x}: %{y} steps<extra></extra>",
    }
    beyond = {
        "type": "scatter",
        "mode": "markers",
        "name": "beyond",
        "x": endless,
        "y": np.full(len(endless), float(length)),
        "marker": {"color": theme.INPUT, "symbol": "triangle-up", "size": 9},
        "hovertemplate": "unit %{x}: longer than the series<extra></extra>",
    }
    return Panel(
        f"Half-life by unit (steps){more}",
        [bars, beyond],
        **drawn,
        click={"x": "unit"},
        size="large",
    )


def _marked(panel: Panel, unit: int) -> Panel:
    low, high = (10**end for end in panel.yaxis["range"])
    box = outline("unit", [(unit - 0.5, high, unit + 0.5, low)], width=1.5)
    return Panel(
        panel.title,
        panel.traces,
        panel.xaxis,
        panel.yaxis,
        [box],
        click=panel.click,
        size=panel.size,
    )


def _step_facts(step: RecurrentStep) -> list[tuple[str, str]]:
    n, facts = theme.number, []
    for name, gate in step.gates.items():
        made = "tanh" if name in TANH else "σ"
        if name != "new":
            facts.append((_named(name), f"{made}({n(gate.sum)}) = {n(gate.value)}"))
    value = {name: n(gate.value) for name, gate in step.gates.items()}
    if step.cell is not None and step.cell_before is not None:
        sums = f"{value['forget']} · {n(step.cell_before)} + {value['input']} · "
        facts += [
            ("c = f · c before + i · g", f"{sums}{value['candidate']} = {n(step.cell)}"),
            ("h = o · tanh c", f"{value['output']} · tanh({n(step.cell)}) = {n(step.hidden)}"),
        ]
    other, new = step.reset_first, step.gates.get("new")
    if new is not None and other is not None and step.hidden_before is not None:
        update = step.gates["update"].value
        given, held = new.from_input + new.input_bias, new.from_hidden + new.hidden_bias
        facts += [
            (
                "New state, PyTorch: reset after W h",
                f"tanh({n(given)} + {value['reset']} · {n(held)}) = {value['new']}",
            ),
            (
                "Cho et al. 2014: reset before W h",
                f"tanh({n(given)} + {n(other.from_hidden + new.hidden_bias)}) = {n(other.new)}",
            ),
            (
                "h = (1 − z) · n + z · h before",
                f"{n(1 - update)} · {value['new']} + {value['update']} · {n(step.hidden_before)} "
                f"= {n(step.hidden)}; with the other place {n(other.hidden)}",
            ),
        ]
    return facts


def _unit_facts(run: GatesOverTime, unit: int) -> list[tuple[str, str]]:
    facts = [(f"Half-life of unit {unit}", steps(run.half_lives[unit]))]
    for name in run.gates:
        kinds = ("saturated",) if name in TANH else ("open", "closed", "saturated")
        shares = ", ".join(f"{what} {run.share(name, what, unit):.0f}\xa0%" for what in kinds)
        facts.append((f"{_named(name)}, unit {unit}", shares))
        if run.dead.get(name):
            facts.append((f"{_named(name)}, dead", f"{run.dead[name]} of all units"))
    if run.trouble is not None:
        facts.append(("Not finite", f"the state, from step {run.trouble} on"))
    return facts
