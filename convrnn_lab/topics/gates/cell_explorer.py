"""The explorer of a recurrent cell: its diagram, with the numbers of one unit at one step."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from convrnn_lab import checks, data, models
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import place_of
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Control, Slider, Value, Values, check
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.topics.gates import cell_figure, guides
from convrnn_lab.topics.gates.views import series_code
from convrnn_lab.topics.gates.wiring import WIRINGS, wiring
from convrnn_lab.topics.recurrence.drawn_run import DrawnRun
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace, recurrence
from convrnn_lab.topics.recurrence.views import DIRECTIONS, Place, at_place

KINDS = ("RNN", "LSTM", "GRU")
_MODES = {"RNN": "RNN_TANH", "LSTM": "LSTM", "GRU": "GRU"}
UNITS_LIMIT = 16
LENGTH_LIMIT = 64
SEED_LIMIT = 9


def cell(
    source: object = "sine",
    input: Tensor | PackedSequence | None = None,  # noqa: A002 - PyTorch's name for it
    *,
    kind: str = "LSTM",
    length: int = 32,
    hidden_size: int = 4,
    seed: int = 0,
    gate: str | None = None,
    unit: int = 0,
    time: int | None = None,
) -> Explorer:
    """Show a recurrent cell as a diagram whose wires carry the numbers of one unit at one step.

    Parameters
    ----------
    source : str, path, array or nn.Module
        The series to start with; see `data.series`. Or an RNN, LSTM or GRU of your own, for
        `input`; the settings from `kind` to `seed` then do not count.
    input : Tensor or PackedSequence, optional
        Of the module, as it takes it.
    kind : str
        One of `KINDS`.
    length, hidden_size : int
        Steps of the series, 2 to 64, and units of the layer, 1 to 16.
    seed : int
        0 to 9, of the weights and of the noise.
    gate : str, optional
        The gate that is taken apart, as in `trace.recurrence`; the one on the left by default.
    unit : int
    time : int, optional
        The step; the middle one by default.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is not offered, the series cannot be used, or the module does not fit its input.
    """
    if isinstance(source, nn.Module):
        if input is None:
            raise ValueError("input must be given for a module; got None")
        return _of_module(recurrence(source, input), gate, unit, time)
    if input is not None:
        raise ValueError(f"source must be a module for an input; got {checks.shown(source)}")
    checks.choice("kind", kind, KINDS)
    checks.integer("length", length, 2, LENGTH_LIMIT)
    checks.integer("seed", seed, 0, SEED_LIMIT)
    series = Inputs(source, data.SERIES, "your series", lambda each: each)
    controls: dict[str, Control] = {
        "series": Choice("series", series.names, series.start),
        "kind": Choice("cell", KINDS, kind),
        "hidden_size": Slider("units", 1, UNITS_LIMIT, hidden_size),
        "gate": Choice("gate", _gates_of, gate or _gates_of({"kind": kind})[0], look=True),
        "unit": Slider("unit", 0, lambda before: before["hidden_size"] - 1, unit, look=True),
        "time": Slider("step", 0, length - 1, length // 2 if time is None else time, look=True),
    }
    check(controls, {name: control.start for name, control in controls.items()})
    return Explorer(
        CellView(series, length, seed),
        controls,
        name="A recurrent cell",
        vary={"kind": None, "series": tuple(dict.fromkeys((series.start, "impulse", "noise")))},
        also=[{"kind": None, "hidden_size": None}],
        scan=("time",),
        guide=guides.CELL if length == guides.CELL_LENGTH and seed == 0 else (),
    )


def _gates_of(before: Values) -> list[str]:
    return [*WIRINGS[_MODES[before["kind"]]].gates]


def _of_module(run: RecurrenceTrace, gate: str | None, unit: int, time: int | None) -> Explorer:
    layers, directions = run.hidden.shape[:2]
    lengths, names = np.array(run.lengths), tuple(wiring(run.module.mode).gates)
    controls: dict[str, Control] = {
        "example": Slider("sequence", 0, len(lengths) - 1, 0),
        "layer": Slider("layer", 0, layers - 1, 0),
        "direction": Choice("direction", DIRECTIONS[:directions], DIRECTIONS[0]),
        "gate": Choice("gate", names, gate or names[0], look=True),
        "unit": Slider("unit", 0, run.module.hidden_size - 1, unit, look=True),
        "time": Slider(
            "step",
            0,
            lambda before: int(lengths[before["example"]]) - 1,
            run.lengths[0] // 2 if time is None else time,
            look=True,
        ),
    }
    check(controls, {name: control.start for name, control in controls.items()})
    vary = {"example": tuple(range(min(8, len(lengths)))), "layer": None, "direction": None}
    return Explorer(ModuleCellView(run), controls, name="The cell of your module", vary=vary)


class CellView:
    """The cell of a layer made by controls, over a series.

    Parameters
    ----------
    series : Inputs
        What the layer reads, by name.
    length, seed : int
    """

    def __init__(self, series: Inputs, length: int, seed: int) -> None:
        self._series, self._length, self._seed = series, length, seed
        self._runs: Callable[..., RecurrenceTrace] = lru_cache(maxsize=8)(self._run)

    def __call__(self, *, gate: Seen, unit: Seen, time: Seen, **setting: Value) -> Sheet:
        """Draw a setting."""
        run = self._runs(**setting)
        chosen = place_of(gate, wiring(run.module.mode).gates)
        given = DrawnRun(run, (0, 0, 0), ["hidden"], (unit, time)).code("module")
        lines = _step_lines((0, 0, 0), "module, values", unit, time)
        code = looks.words("{}{}{}", self._code(**setting), given, lines)
        return cell_figure.cell(run, (0, 0, 0), chosen, time, unit, editable=True, code=code)

    def _run(self, *, series: str, kind: str, hidden_size: int) -> RecurrenceTrace:
        values = data.series(self._series(series), length=self._length, seed=self._seed)
        layer = models.recurrent(kind, input_size=1, hidden_size=hidden_size, seed=self._seed)
        return recurrence(layer, values)

    def _code(self, *, series: str, kind: str, hidden_size: int) -> str:
        size = {"input_size": 1, "hidden_size": hidden_size, "seed": self._seed}
        module = call(models.recurrent, "models", kind, **size)
        values = series_code(series, self._length, self._seed, own="source")
        return f"module = {module}\nvalues = {values}\n"


class ModuleCellView:
    """The cell of a module of the user's.

    Parameters
    ----------
    run : RecurrenceTrace
    """

    def __init__(self, run: RecurrenceTrace) -> None:
        self._run = run

    def __call__(
        self, *, example: Seen, layer: Seen, direction: Seen, gate: Seen, unit: Seen, time: Seen
    ) -> Sheet:
        """Draw a setting."""
        run = self._run
        chosen = place_of(gate, wiring(run.module.mode).gates)

        def draw(place: Place) -> Sheet:
            code = _step_lines(place, "source, input", unit, time)
            return cell_figure.cell(run, place, chosen, time, unit, code=code)

        return at_place(run, (layer, direction, example), draw)


def _step_lines(place: Place, arguments: str, unit: Seen, time: Seen) -> Seen:
    run = call(recurrence, "trace", *map(Name, arguments.split(", ")))
    layer, direction, batch = place
    where = f"layer={layer}, direction={direction}, batch={batch}"
    step = f"run.step({where}, time={{}}, unit={{}})"
    return looks.words(f"run = {run}\nstep = {step}", time, unit)
