"""What the explorers of recurrent layers show for a setting of their controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.controls import Value
from convrnn_lab.topics.recurrence import figure
from convrnn_lab.topics.recurrence.chosen_layer import (
    Edit,
    LayerRuns,
    layer_code,
    layer_options,
)
from convrnn_lab.topics.recurrence.series_choice import Series
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace
from convrnn_lab.topics.recurrence.units import Units, units as units_of

CELLS = ("RNN tanh", "RNN ReLU", "LSTM", "GRU")
DIRECTIONS = ("forward", "backward")
LESS_SILENCE = "less silence"
DRAWN = ("as they are", LESS_SILENCE)
"""The states themselves, or what is left when the states of a run over zeros are taken away."""


class HiddenStateView:
    """A layer made by controls, over a series.

    Parameters
    ----------
    series : Series
    """

    def __init__(self, series: Series) -> None:
        self._series, self._runs, self._units = series, LayerRuns(series), remembered_units()

    def __call__(
        self,
        *,
        layer: int,
        shown: str,
        drawn: str,
        unit: int,
        time: int,
        sort: str,
        edit: str,
        to: float,
        **setting: Value,
    ) -> Sheet:
        """Draw a setting."""
        place = layer, DIRECTIONS.index(shown)
        change = None if edit == "none" else Edit(edit, to, *place, unit)
        run = self._runs(change, **setting)
        seen = self._units(run.trace, *place, 0)
        lines = [run.code, *unit_lines(seen, time, unit)]
        if drawn == LESS_SILENCE:
            still = self._runs(change, silent=True, **setting)
            seen = less(seen, self._units(still.trace, *place, 0))
            lines += [still.code.splitlines()[-1], "change = run.hidden - still.hidden"]
        return figure.recurrence(
            run.trace,
            seen,
            unit,
            time,
            sort=sort,
            text=self._series.text(setting["series"], setting["length"]),
            facts=run.facts,
            less=" less that over zeros" if drawn == LESS_SILENCE else "",
            code="\n".join(lines),
        )


class SideBySideView:
    """Four cells over one series.

    Parameters
    ----------
    series : Series
    """

    def __init__(self, series: Series) -> None:
        self._series, self._runs, self._units = series, LayerRuns(series), remembered_units()

    def __call__(self, *, time: int, **setting: Value) -> Sheet:
        """Draw a setting."""
        runs = {cell: self._runs(cell=cell, **setting).trace for cell in CELLS}
        seen = {cell: self._units(run, 0, 0, 0) for cell, run in runs.items()}
        text = self._series.text(setting["series"], setting["length"])
        return figure.side_by_side(runs, seen, time, text=text, code=self._code(runs, **setting))

    def _code(
        self,
        runs: dict[str, RecurrenceTrace],
        *,
        series: str,
        frequency: str,
        length: int,
        **setting: Value,
    ) -> str:
        features = runs[CELLS[0]].module.input_size
        layers = [layer_code(layer_options(features, cell=cell, **setting)) for cell in CELLS]
        return "\n".join(
            [
                self._series.code(series, frequency, length, setting["seed"]),
                f"layers = [{', '.join(layers)}]",
                "runs = [trace.recurrence(layer, steps) for layer in layers]",
                "units = [trace.units(run) for run in runs]",
            ]
        )


class ModuleView:
    """The run of a module of the user's.

    Parameters
    ----------
    run : RecurrenceTrace
    code : str
        The line that makes it.
    """

    def __init__(self, run: RecurrenceTrace, code: str) -> None:
        self._run, self._code, self._units = run, code, remembered_units()

    def __call__(
        self, *, batch: int, layer: int, shown: str, sort: str, unit: int, time: int
    ) -> Sheet:
        """Draw a setting."""
        seen = self._units(self._run, layer, DIRECTIONS.index(shown), batch)
        code = "\n".join([self._code, *unit_lines(seen, time, unit)])
        return figure.recurrence(self._run, seen, unit, time, sort=sort, code=code)


def remembered_units() -> Callable[..., Units]:
    """Return `trace.units`, remembering the last few: stepping through time asks for the same."""
    return lru_cache(maxsize=16)(units_of)


def less(seen: Units, still: Units) -> Units:
    """Take the states of a run over zeros away: what is left is the input's doing.

    Parameters
    ----------
    seen, still : Units
        Of the same layer and direction.
    """
    cell = None if seen.cell is None or still.cell is None else seen.cell - still.cell
    return replace(seen, hidden=seen.hidden - still.hidden, cell=cell)


def unit_lines(seen: Units, time: int, unit: int) -> list[str]:
    """Return the lines of code that make `units` and `step` of a `run`.

    Parameters
    ----------
    seen : Units
    time, unit : int
    """
    place = {"layer": seen.layer, "direction": seen.direction, "batch": seen.batch}
    step = ", ".join(
        f"{name}={value}" for name, value in {**place, "time": time, "unit": unit}.items()
    )
    return [
        f"units = {call(units_of, 'trace', Name('run'), **place)}",
        f"step = run.step({step})",
    ]
