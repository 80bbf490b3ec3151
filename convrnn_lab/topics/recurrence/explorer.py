"""Explorers of recurrent layers over time: one, four side by side, and any of your own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from convrnn_lab import checks
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing import looks
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Control, Slider, Values, check
from convrnn_lab.topics.recurrence import guides, trace
from convrnn_lab.topics.recurrence.chosen_layer import AS_PYTORCH, weight_names
from convrnn_lab.topics.recurrence.inside import layer_call
from convrnn_lab.topics.recurrence.series_choice import SEEDS, Series
from convrnn_lab.topics.recurrence.units import ORDERS
from convrnn_lab.topics.recurrence.views import (
    CELLS,
    DIRECTIONS,
    DRAWN,
    HiddenStateView,
    ModuleView,
    SideBySideView,
    layer_names,
)

SIZE_LIMIT = 64
LAYER_LIMIT = 3
RADII = (AS_PYTORCH, 0.5, 0.8, 1.0, 1.2, 1.5)
"""Spectral radii of each block of W_hh."""

FORGET_BIASES = (AS_PYTORCH, *range(-2, 6))
FIRST_STATES = (-1, 0, 1)
EDITED = tuple(step / 2 for step in range(-8, 9))
"""Values that a single weight can be set to."""

_SENT_NUMBERS = 400_000
"""Of a batch: with more, its sequences are computed one by one."""

_SENT_PLACES = 64
"""Sequences times layers times directions, likewise."""

_PAGE_LENGTHS = (16, 32, 64)
_PAGE_SEEDS = tuple(range(6))
_PAGE_EDITS = (-4.0, 0.0, 4.0)
"""What a page holds of lengths, seeds and values of a single weight."""


def hidden_state(
    series: object = "sine",
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
    controls: dict[str, Control] = {
        **known.controls(frequency, length),
        "cell": Choice("cell", CELLS, cell),
        "hidden_size": Slider("hidden size", 1, SIZE_LIMIT, hidden_size),
        "layers": Slider("layers", 1, LAYER_LIMIT, layers, group="Layer"),
        "direction": Choice("direction", ("forward", "both"), direction, group="Layer"),
        "spectral_radius": Choice(
            "radius W_hh", RADII, spectral_radius, ordered=True, group="Layer"
        ),
        "forget_bias": _forget_bias(forget_bias),
        "seed": Slider("seed", 0, SEEDS, seed, group="Layer"),
        "first_state": Choice(
            "first state", FIRST_STATES, first_state, ordered=True, group="Layer"
        ),
        "edit": Choice("set weight", weight_names, "none", group="One weight"),
        "to": Choice("to", _edits, 0.0, ordered=True, widest=EDITED, group="One weight"),
        "of_unit": Slider("of unit", 0, _edited_units, 0, group="One weight"),
        "of_layer": Choice("of layer", layer_names, "0", group="One weight"),
        "layer": Slider(
            "shown layer", 0, lambda before: before["layers"] - 1, 0, look=True, group="Layer"
        ),
        "shown": Choice("shown way", _ways, "forward", look=True, group="Layer"),
        "drawn": Choice("draw states", DRAWN, DRAWN[0], look=True, group="Drawing"),
        "sort": Choice("sort by", ORDERS, sort, look=True, group="Drawing"),
        "unit": Slider("unit", 0, lambda before: before["hidden_size"] - 1, unit, look=True),
        "time": _time(length, time),
    }
    check(controls, {name: control.start for name, control in controls.items()})
    return Explorer(
        HiddenStateView(known),
        controls,
        name="Hidden state over time",
        vary={
            "series": tuple(dict.fromkeys(("impulse", known.start))),
            "cell": None,
            "spectral_radius": (spectral_radius, 1.5),
        },
        also=_also_in_a_page(known.start),
        scan=("time",),
        guide=guides.HIDDEN_STATE,
    )


def side_by_side(
    series: object = "sine",
    *,
    length: int = 64,
    hidden_size: int = 8,
    frequency: str = "1/16",
    spectral_radius: float | str = AS_PYTORCH,
    seed: int = 0,
    time: int | None = None,
) -> Explorer:
    """Run RNN (tanh and ReLU), LSTM and GRU on the same input, side by side.

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
    controls: dict[str, Control] = {
        **known.controls(frequency, length),
        "hidden_size": Slider("hidden size", 1, SIZE_LIMIT, hidden_size),
        "spectral_radius": Choice("radius W_hh", RADII, spectral_radius, ordered=True),
        "seed": Slider("seed", 0, SEEDS, seed),
        "time": _time(length, time),
    }
    check(controls, {name: control.start for name, control in controls.items()})
    return Explorer(
        SideBySideView(known),
        controls,
        name="Four cells side by side",
        vary={"series": ("impulse", "sine", "noise"), "spectral_radius": None},
        also=[
            {"series": ("impulse", known.start), "length": (16, 64)},
            {"frequency": None},
            {"spectral_radius": (spectral_radius, 1.5), "seed": _PAGE_SEEDS},
        ],
        scan=("time",),
        guide=guides.SIDE_BY_SIDE,
    )


def recurrence(
    module: nn.Module,
    input: Tensor | PackedSequence,  # noqa: A002 - PyTorch's name for it
    state: Tensor | tuple[Tensor, Tensor] | None = None,
    *,
    layer: str | None = None,
    sort: str = "index",
    unit: int = 0,
    time: int | None = None,
) -> Explorer:
    """Watch any recurrent module over time, and take one unit's step apart.

    Parameters
    ----------
    module, input, state
        As for `trace.recurrence`; the module is run once.
    layer : str, optional
        The name of a recurrent layer inside `module`, which is then a model that takes `input`:
        the layer is shown with what the model gives it. Of a layer that is called several times,
        "NAME (2)" is the second call.
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
        If `trace.recurrence` refuses them, the model has no such layer, or a start value is out of
        range.
    """
    run, code = _run_of(module, input, state, layer)
    layers, directions = run.hidden.shape[:2]
    lengths = np.array(run.lengths)
    middle = (run.lengths[0] - 1) // 2
    controls: dict[str, Control] = {
        "batch": Slider("sequence", 0, len(lengths) - 1, 0, look=_few_numbers(run)),
        "layer": Slider("shown layer", 0, layers - 1, 0, look=True),
        "shown": Choice("shown way", DIRECTIONS[:directions], "forward", look=True),
        "sort": Choice("sort by", ORDERS, sort, look=True),
        "unit": Slider("unit", 0, run.module.hidden_size - 1, unit, look=True),
        "time": Slider(
            "time step",
            0,
            lambda before: looks.take(lengths, before["batch"]) - 1,
            middle if time is None else time,
            look=True,
        ),
    }
    name, vary = "A recurrent module over time", {"batch": range(min(3, len(lengths)))}
    return Explorer(ModuleView(run, code), controls, name=name, vary=vary, scan=("time",))


def _few_numbers(run: trace.RecurrenceTrace) -> bool:
    """Tell whether the states of all sequences can be sent at once."""
    kept = [run.input, run.hidden] if run.cell is None else [run.input, run.hidden, run.cell]
    places = run.hidden.shape[0] * run.hidden.shape[1] * len(run.lengths)
    numbers = sum(each.numel() for each in kept)
    return numbers <= _SENT_NUMBERS and places <= _SENT_PLACES


def _run_of(
    module: nn.Module,
    given: Tensor | PackedSequence,
    state: Tensor | Sequence[Tensor] | None,
    layer: str | None,
) -> tuple[trace.RecurrenceTrace, str]:
    """Trace a module, or a layer inside it; return the line of code that does the same, too."""
    if layer is None:
        more = {} if state is None else {"state": Name("state")}
        code = call(trace.recurrence, "trace", Name("module"), Name("input"), **more)
        return trace.recurrence(module, given, state), f"run = {code}"
    if state is not None:
        raise ValueError(
            "state must be None with a layer, which the model gives its state; "
            f"got {checks.shown(state)}"
        )
    made = layer_call(module, given, layer)
    run = trace.recurrence(made.module, made.input, made.state)
    return run, f"run = trace.layers(module, input)[{layer!r}].recurrence".replace("'", '"')


def _forget_bias(start: int | str) -> Choice:
    """Return the control of the forget bias, which is switched off where there is no such gate."""
    checks.choice("forget_bias", start, FORGET_BIASES)  # of all cells, though only one has it

    def offered(before: Values) -> list[object]:
        return list(FORGET_BIASES) if before["cell"] == "LSTM" else [start]

    return Choice("forget bias", offered, start, ordered=True, widest=FORGET_BIASES)


def _time(length: int, start: int | None) -> Slider:
    """Return the control of the step, which starts in the middle if it is not told."""
    middle = (length - 1) // 2 if isinstance(length, int) else 0
    last = lambda before: before["length"] - 1  # noqa: E731 - its only use
    return Slider("time step", 0, last, middle if start is None else start, look=True)


def _also_in_a_page(series: str) -> list[dict[str, Sequence[object] | None]]:
    """Return what a page of hidden states holds beside all cells over a series and an impulse."""
    both = tuple(dict.fromkeys(("impulse", series)))
    return [
        {"frequency": None},
        {"series": both, "length": _PAGE_LENGTHS},
        {"series": both, "cell": None, "direction": None},
        {"series": both, "cell": None, "first_state": None},
        {"edit": None, "to": _PAGE_EDITS},
    ]


def _edited_units(before: Values) -> int:
    return 0 if before["edit"] == "none" else before["hidden_size"] - 1


def _edits(before: Values) -> list[float]:
    return [0.0] if before["edit"] == "none" else list(EDITED)


def _ways(before: Values) -> tuple[str, ...]:
    return DIRECTIONS if before["direction"] == "both" else DIRECTIONS[:1]
