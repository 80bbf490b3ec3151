"""Explorers of recurrent layers over time: one, four side by side, and any of your own."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from convrnn_lab import checks
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider, Values
from convrnn_lab.topics.recurrence import figure, trace
from convrnn_lab.topics.recurrence.cells import AS_PYTORCH, Edit, builder, weights
from convrnn_lab.topics.recurrence.inputs import SEEDS, Series
from convrnn_lab.topics.recurrence.units import ORDERS, Units
from convrnn_lab.topics.recurrence.units import units as units_of

CELLS = ("RNN tanh", "RNN ReLU", "LSTM", "GRU")
SIZE_LIMIT = 64
LAYER_LIMIT = 3
RADII = (AS_PYTORCH, 0.5, 0.8, 1.0, 1.2, 1.5)
"""Spectral radii of each block of W_hh."""

FORGET_BIASES = (AS_PYTORCH, *range(-2, 6))
FIRST_STATES = (-1, 0, 1)
EDITED = tuple(step / 2 for step in range(-8, 9))
"""Values that a single weight can be set to."""

_DIRECTIONS = ("forward", "backward")
_PAGE_LENGTHS = (16, 32, 64)


def hidden_state(
    series: Any = "sine",
    *,
    cell: str = "LSTM",
    length: int = 64,
    hidden_size: int = 8,
    layers: int = 1,
    direction: str = "forward",
    frequency: str = "1/16",
    spectral_radius: float | str = AS_PYTORCH,
    forget_bias: int | str = AS_PYTORCH,
    seed: int = 0,
    first_state: int = 0,
    sort: str = "index",
    unit: int = 0,
    time: int | None = None,
) -> Explorer:
    """Watch the hidden state of a recurrent layer over time, and take one unit's step apart.

    A setting that means nothing for the cell or the series stays at its neutral value.

    Parameters
    ----------
    series : str, path or array
        One of `data.SERIES`, "text", or a series of your own, which stands beside them in the list.
        NaN in it is handed to the layer, to be seen.
    cell : str
        One of `CELLS`.
    length : int
        Steps, 1 to 512 and at most those of the series.
    hidden_size : int
        Units, 1 to 64.
    layers : int
        1 to 3.
    direction : str
        "forward" or "both".
    frequency : str
        Of "sine" and "square", in periods a step, one of `series.FREQUENCIES`.
    spectral_radius : float or "as PyTorch"
        One of `RADII`.
    forget_bias : int or "as PyTorch"
        Of an LSTM, -2 to 5.
    seed : int
        Of the first weights, and of the noise, 0 to 99.
    first_state : int
        -1, 0 or 1: of all units, and of their cells.
    sort : str
        One of `trace.units.ORDERS`.
    unit : int
    time : int, optional
        The step; the middle one by default.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is out of range or the series cannot be used.
    """
    known = Series(series, seed)
    checks.choice("cell", cell, CELLS)
    checks.integer("length", length, 1, known.longest(known.start))
    checks.integer("hidden_size", hidden_size, 1, SIZE_LIMIT)
    checks.choice("forget_bias", forget_bias, FORGET_BIASES)
    time = (length - 1) // 2 if time is None else time
    built, units = builder(known), _remembered()

    def view(
        *,
        series: str,
        layer: int,
        shown: str,
        unit: int,
        time: int,
        sort: str,
        edit: str,
        to: float,
        **setting: Any,
    ) -> Sheet:
        place = layer, _DIRECTIONS.index(shown)
        change = None if edit == "none" else Edit(edit, to, *place, unit)
        run, code, facts = built(change, series_name=series, **setting)
        return figure.recurrence(
            run,
            units(run, *place, 0),
            unit,
            time,
            sort=sort,
            text=known.text(series, setting["length"]),
            facts=facts,
            code=code,
        )

    def biases(before: Values) -> list[Any]:
        return list(FORGET_BIASES) if before["cell"] == "LSTM" else [forget_bias]

    return Explorer(
        view,
        {
            **known.controls(frequency, length),
            "cell": Choice("cell", CELLS, cell),
            "hidden_size": Slider("hidden size", 1, SIZE_LIMIT, hidden_size),
            "layers": Slider("layers", 1, LAYER_LIMIT, layers),
            "direction": Choice("direction", ("forward", "both"), direction),
            "spectral_radius": Choice("radius W_hh", RADII, spectral_radius, ordered=True),
            "forget_bias": Choice(
                "forget bias", biases, forget_bias, ordered=True, widest=FORGET_BIASES
            ),
            "seed": Slider("seed", 0, SEEDS, seed),
            "first_state": Choice("first state", FIRST_STATES, first_state, ordered=True),
            "layer": Slider("shown layer", 0, lambda before: before["layers"] - 1, 0),
            "shown": Choice("shown way", _ways, "forward"),
            "edit": Choice("set weight", weights, "none"),
            "to": Choice("to", _edits, 0.0, ordered=True, widest=EDITED),
            "sort": Choice("sort by", ORDERS, sort),
            "unit": Slider("unit", 0, lambda before: before["hidden_size"] - 1, unit),
            "time": Slider("time step", 0, lambda before: before["length"] - 1, time),
        },
        name="Hidden state over time",
        vary={
            "series": tuple(dict.fromkeys(("impulse", known.start))),
            "length": _PAGE_LENGTHS,
            "cell": None,
            "spectral_radius": (spectral_radius, 1.5),
            "unit": (0, hidden_size // 2),
            "time": _page_times(length, time),
        },
        scan=("time",),
    )


def side_by_side(
    series: Any = "sine",
    *,
    length: int = 64,
    hidden_size: int = 8,
    frequency: str = "1/16",
    spectral_radius: float | str = AS_PYTORCH,
    seed: int = 0,
    time: int | None = None,
) -> Explorer:
    """Run RNN (tanh and ReLU), LSTM and GRU on the same input, one under the other.

    Parameters
    ----------
    series, length, hidden_size, frequency, spectral_radius, seed, time
        As for `hidden_state`.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is out of range or the series cannot be used.
    """
    known = Series(series, seed)
    checks.integer("length", length, 1, known.longest(known.start))
    time = (length - 1) // 2 if time is None else time
    built, units = builder(known), _remembered()

    def view(*, series: str, time: int, **setting: Any) -> Sheet:
        runs = {cell: built(None, series_name=series, cell=cell, **setting)[0] for cell in CELLS}
        seen = {cell: units(run, 0, 0, 0) for cell, run in runs.items()}
        text = known.text(series, setting["length"])
        return figure.side_by_side(runs, seen, time, text=text)

    return Explorer(
        view,
        {
            **known.controls(frequency, length),
            "hidden_size": Slider("hidden size", 1, SIZE_LIMIT, hidden_size),
            "spectral_radius": Choice("radius W_hh", RADII, spectral_radius, ordered=True),
            "seed": Slider("seed", 0, SEEDS, seed),
            "time": Slider("time step", 0, lambda before: before["length"] - 1, time),
        },
        name="Four cells side by side",
        vary={
            "series": ("impulse", "sine", "noise"),
            "length": (16, 64),
            "spectral_radius": None,
            "time": _page_times(length, time),
        },
        scan=("time",),
    )


def recurrence(
    module: nn.Module,
    input: Tensor | PackedSequence,  # noqa: A002 - PyTorch's name for it
    state: Tensor | tuple[Tensor, Tensor] | None = None,
    *,
    sort: str = "index",
    unit: int = 0,
    time: int | None = None,
) -> Explorer:
    """Watch any recurrent module over time, and take one unit's step apart.

    Parameters
    ----------
    module, input, state
        As for `trace.recurrence`; the module is run once.
    sort : str
        One of `trace.units.ORDERS`.
    unit : int
    time : int, optional
        The step; the middle one of the first sequence by default.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If `trace.recurrence` refuses them, or a start value is out of range.
    """
    run = trace.recurrence(module, input, state)
    layers, directions = run.hidden.shape[:2]
    time = (run.lengths[0] - 1) // 2 if time is None else time
    units, ways = _remembered(), _DIRECTIONS[:directions]

    def view(*, batch: int, layer: int, shown: str, sort: str, unit: int, time: int) -> Sheet:
        seen = units(run, layer, _DIRECTIONS.index(shown), batch)
        return figure.recurrence(run, seen, unit, time, sort=sort)

    return Explorer(
        view,
        {
            "batch": Slider("sequence", 0, len(run.lengths) - 1, 0),
            "layer": Slider("shown layer", 0, layers - 1, 0),
            "shown": Choice("shown way", ways, "forward"),
            "sort": Choice("sort by", ORDERS, sort),
            "unit": Slider("unit", 0, run.module.hidden_size - 1, unit),
            "time": Slider("time step", 0, lambda before: run.lengths[before["batch"]] - 1, time),
        },
        name="A recurrent module over time",
        vary={
            "batch": tuple(range(min(3, len(run.lengths)))),
            "layer": None,
            "shown": None,
            "sort": None,
            "time": _page_times(run.lengths[0], time),
        },
        scan=("time",),
    )


def _edits(before: Values) -> list[float]:
    return [0.0] if before["edit"] == "none" else list(EDITED)


def _ways(before: Values) -> tuple[str, ...]:
    return _DIRECTIONS if before["direction"] == "both" else _DIRECTIONS[:1]


def _remembered() -> Callable[..., Units]:
    """Return `trace.units`, remembering the last few: stepping through time asks for the same."""
    return lru_cache(maxsize=16)(units_of)


def _page_times(length: int, time: int) -> tuple[int, ...]:
    """Return the steps that a page holds: all, or about 32 of them."""
    return tuple(sorted({*range(0, length, -(-length // 32)), time, length - 1}))
