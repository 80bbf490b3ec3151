"""What the explorers of gates show for a setting of their controls."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from convrnn_lab import data
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.controls import Value
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.topics.gates import figure
from convrnn_lab.topics.gates.drawn_gates import DrawnGates
from convrnn_lab.topics.gates.gated_layer import gated_layer, gated_layer_code
from convrnn_lab.topics.gates.over_time import GatesOverTime
from convrnn_lab.topics.gates.trace import gate_statistics, memory_half_life
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace, recurrence
from convrnn_lab.topics.recurrence.views import Place, at_place

_COUNTED = ["shares = trace.gate_statistics(run)", "half_life = trace.memory_half_life(run)"]
_RUN_CODE = "\n".join(["run = trace.recurrence(module, values)", *_COUNTED])
_MODULE_CODE = "\n".join(["run = trace.recurrence(source, input)", *_COUNTED])


class GatesView:
    """The gates of a layer made by controls, over a series.

    Parameters
    ----------
    series : Inputs
        What the layer reads, by name.
    """

    def __init__(self, series: Inputs) -> None:
        self._series = series
        self._runs: Callable[..., GatesOverTime] = lru_cache(maxsize=8)(self._run)

    def __call__(self, *, time: Seen, unit: Seen, **setting: Value) -> Sheet:
        """Draw a setting."""
        run = self._runs(**setting)
        given = DrawnGates(run, (time, unit)).drawn.code("module")
        code = looks.words("{}{}{}", self._code(**setting), given, _RUN_CODE)
        return figure.gates(run, time, unit, editable=True, code=code)

    def _run(self, *, series: str, length: int, seed: int, **setting: Value) -> GatesOverTime:
        values = data.series(self._series(series), length=length, seed=seed, allow_nan=True)
        return counted(recurrence(gated_layer(seed=seed, **setting), values))

    def _code(self, *, series: str, length: int, seed: int, **setting: Value) -> str:
        return "\n".join(
            [
                *gated_layer_code(seed=seed, **setting),
                f"values = {series_code(series, length, seed, own='source', allow_nan=True)}",
                "",
            ]
        )


class ModuleGatesView:
    """The gates of a module of the user's.

    Parameters
    ----------
    whole : GatesOverTime
    """

    def __init__(self, whole: GatesOverTime) -> None:
        self._whole = whole
        self._parts: Callable[..., GatesOverTime] = lru_cache(maxsize=8)(self._part)

    def __call__(
        self, *, example: Seen, layer: Seen, direction: Seen, time: Seen, unit: Seen
    ) -> Sheet:
        """Draw a setting."""

        def draw(place: Place) -> Sheet:
            return figure.gates(self._parts(*place), time, unit, code=_MODULE_CODE)

        return at_place(self._whole.trace, (layer, direction, example), draw)

    def _part(self, layer: int, direction: int, batch: int) -> GatesOverTime:
        whole = self._whole
        return GatesOverTime(
            whole.trace, whole.statistics, whole.half_life, layer, direction, batch
        )


def counted(run: RecurrenceTrace) -> GatesOverTime:
    """Count what the gates of a trace do, for its figure.

    Parameters
    ----------
    run : RecurrenceTrace
    """
    return GatesOverTime(run, gate_statistics(run), memory_half_life(run))


def series_code(name: str, length: int, seed: int, *, own: str, allow_nan: bool = False) -> str:
    """Return the call that makes a series.

    Parameters
    ----------
    name : str
        One of `data.SERIES`, or another for one's own.
    length, seed : int
    own : str
        What the user's own series is called in code.
    allow_nan : bool
        Whether it may hold NaN.
    """
    shipped = name in data.SERIES
    options: dict[str, object] = {"length": length}
    if name == "noise":
        options["seed"] = seed
    if allow_nan and not shipped:
        options["allow_nan"] = True
    return call(data.series, "data", name if shipped else Name(own), **options)
