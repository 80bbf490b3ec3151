"""What the explorers of recurrent layers show for a setting of their controls."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import lru_cache

from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import one_of, place_of
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.controls import Value, Values
from convrnn_lab.topics.recurrence import figure
from convrnn_lab.topics.recurrence.chosen_layer import (
    Edit,
    LayerRuns,
    layer_code,
    layer_options,
)
from convrnn_lab.topics.recurrence.drawn_run import editable
from convrnn_lab.topics.recurrence.series_choice import Series
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace
from convrnn_lab.topics.recurrence.units import Units, units as units_of

CELLS = ("RNN tanh", "RNN ReLU", "LSTM", "GRU")
DIRECTIONS = ("forward", "backward")
LESS_SILENCE = "less silence"
DRAWN = ("as they are", LESS_SILENCE)
"""The states themselves, or what is left when the states of a run over zeros are taken away."""

Place = tuple[int, int, int]
"""A layer, a direction and a sequence of a batch."""


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
        edit: str,
        to: float,
        of_unit: int,
        of_layer: str,
        layer: Seen,
        shown: Seen,
        drawn: Seen,
        unit: Seen,
        time: Seen,
        sort: Seen,
        **setting: Value,
    ) -> Sheet:
        """Draw a setting."""
        change = None if edit == "none" else Edit(edit, to, *placed(of_layer), of_unit)
        run = self._runs(change, **setting)
        text = self._series.text(setting["series"], setting["length"])

        taken = place_of(drawn, DRAWN)
        still = self._runs(change, silent=True, **setting)
        silence = f"\n{still.code.splitlines()[-1]}\nchange = run.hidden - still.hidden"

        def draw(place: Place) -> Sheet:
            seen = self._units(run.trace, *place)
            code = edited_code(run.trace, seen, run.code, (time, unit))
            lines = code, unit_lines(seen, time, unit), looks.pick(["", silence], taken)
            return figure.recurrence(
                run.trace,
                seen,
                unit,
                time,
                sort=sort,
                text=text,
                facts=run.facts,
                less=" less that over zeros",
                still=still.trace,
                taken=taken,
                editable=editable(run.trace),
                code=looks.words("{}\n{}{}", *lines),
            )

        return at_place(run.trace, (layer, shown, 0), draw)


class SideBySideView:
    """Four cells over one series.

    Parameters
    ----------
    series : Series
    """

    def __init__(self, series: Series) -> None:
        self._series, self._runs, self._units = series, LayerRuns(series), remembered_units()

    def __call__(self, *, time: Seen, **setting: Value) -> Sheet:
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
        self, *, batch: Seen, layer: Seen, shown: Seen, sort: Seen, unit: Seen, time: Seen
    ) -> Sheet:
        """Draw a setting."""

        def draw(place: Place) -> Sheet:
            seen = self._units(self._run, *place)
            code = looks.words("{}\n{}", self._code, unit_lines(seen, time, unit))
            return figure.recurrence(self._run, seen, unit, time, sort=sort, code=code)

        return at_place(self._run, (layer, shown, batch), draw)


def at_place(
    run: RecurrenceTrace, at: tuple[Seen, Seen, Seen], draw: Callable[[Place], Sheet]
) -> Sheet:
    """Draw a layer, direction and sequence, or all of those that a look may choose.

    Parameters
    ----------
    run : RecurrenceTrace
    at : (layer, direction, sequence)
        Numbers or looks; the direction by its name.
    draw : function
        From a layer, a direction and a sequence, all of them numbers.
    """
    layer, shown, batch = at
    layers, directions = run.hidden.shape[:2]
    # A sequence that is a setting is the only one that is drawn.
    sequences = range(len(run.lengths)) if looks.has_look(batch) else [batch]
    places = list(itertools.product(sequences, range(layers), range(directions)))
    if len(places) == 1:
        return draw(places[0][1:] + places[0][:1])
    way = place_of(shown, DIRECTIONS)
    first = batch * layers if looks.has_look(batch) else 0

    def drawn(place: int) -> Sheet:
        sequence, level, direction = places[place]
        return draw((level, direction, sequence))

    return one_of(drawn, len(places), (first + layer) * directions + way)


def edited_code(run: RecurrenceTrace, seen: Units, code: str, at: Seen) -> Seen:
    """Return lines of code, with the weights that a reader gave set before the last, which runs.

    Parameters
    ----------
    run, seen
    code : str
    at : int or Look
        Where one looks.
    """
    if not editable(run):
        return code
    before, _, last = code.rpartition("\n")
    return looks.words("{}\n{}{}", before, figure.drawn_states(run, seen, at).code(), last)


def placed(name: str) -> tuple[int, int]:
    """Return the layer and the direction that a name in `layer_names` stands for."""
    layer, _, way = name.partition(" ")
    return int(layer), DIRECTIONS.index(way or DIRECTIONS[0])


def layer_names(before: Values) -> list[str]:
    """Name the layers in which a weight can be set, and of two directions the backward ones too."""
    if before["edit"] == "none":
        return ["0"]
    layers = range(before["layers"])
    ways = ["", f" {DIRECTIONS[1]}"][: 1 + (before["direction"] == "both")]
    return [f"{layer}{way}" for layer in layers for way in ways]


def remembered_units() -> Callable[..., Units]:
    """Return `trace.units`, remembering the last few: a setting has those of each layer."""
    return lru_cache(maxsize=32)(units_of)


def unit_lines(seen: Units, time: Seen, unit: Seen) -> Seen:
    """Return the lines of code that make `units` and `step` of a `run`.

    Parameters
    ----------
    seen : Units
    time, unit : int or Look
    """
    place = {"layer": seen.layer, "direction": seen.direction, "batch": seen.batch}
    given = ", ".join(f"{name}={value}" for name, value in place.items())
    units = call(units_of, "trace", Name("run"), **place)
    step = f"run.step({given}, time={{}}, unit={{}})"
    return looks.words(f"units = {units}\nstep = {step}", time, unit)
