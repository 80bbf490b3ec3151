"""The explorer of gates: all of them over time, and one unit at one step."""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from convrnn_lab import checks, data
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.one_of import SENT_BYTES
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Control, Slider, check
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.topics.gates import guides
from convrnn_lab.topics.gates.views import GatesView, ModuleGatesView, counted
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace, recurrence
from convrnn_lab.topics.recurrence.views import DIRECTIONS

CELLS = ("LSTM", "GRU")
FORGET_BIASES = (-2, -1, 0, 1, 2, 3, 5)
HIDDEN_SIZES = (4, 8, 16, 32, 64)
LENGTHS = (16, 32, 64, 128, 256, 512)
WEIGHT_SCALES = (0.5, 1.0, 2.0, 4.0, 8.0)
SEED_LIMIT = 9
_VARIED = {
    "cell": None,
    "forget_bias": None,
    "weight_scale": (1.0, 4.0, 8.0),
}
"""The settings that a page of gates holds."""
_PARTS = 32
"""Layers, directions and sequences that are sent at once at most."""


def gates(
    source: object = "sine",
    input: Tensor | PackedSequence | None = None,  # noqa: A002 - PyTorch's name for it
    *,
    cell: str = "LSTM",
    length: int = 64,
    hidden_size: int = 16,
    forget_bias: int = 1,
    weight_scale: float = 1.0,
    seed: int = 0,
    time: int | None = None,
    unit: int = 0,
) -> Explorer:
    """Show every gate of an LSTM or a GRU over time, and take one unit at one step apart.

    Parameters
    ----------
    source : str, path, array or nn.Module
        The series to start with, for a layer with first weights; see `data.series`. Or an LSTM or
        GRU of your own, for `input`; the settings from `cell` to `seed` then do not count.
    input : Tensor or PackedSequence, optional
        Of the module, as it takes it.
    cell : str
        One of `CELLS`.
    length, hidden_size : int
        One of `LENGTHS` and of `HIDDEN_SIZES`.
    forget_bias : int
        One of `FORGET_BIASES`: what the forget gates add. Of a GRU it is put on the update gates,
        which there keep the old state.
    weight_scale : float
        One of `WEIGHT_SCALES`, a factor on all weights.
    seed : int
        0 to 9, of the weights and of the noise.
    time : int, optional
        The step; the middle one by default.
    unit : int

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is not offered, the series cannot be used, or the module has no gates or does
        not fit its input.
    """
    if isinstance(source, nn.Module):
        if input is None:
            raise ValueError("input must be given for a module; got None")
        return _of_module(source, input, time, unit)
    if input is not None:
        raise ValueError(f"source must be a module for an input; got {checks.shown(source)}")
    series = Inputs(source, data.SERIES, "your series", lambda each: each)
    controls: dict[str, Control] = {
        "series": Choice("series", series.names, series.start),
        "cell": Choice("cell", CELLS, cell),
        "length": Choice("length", LENGTHS, length, ordered=True),
        "hidden_size": Choice("hidden size", HIDDEN_SIZES, hidden_size, ordered=True),
        "forget_bias": Choice("forget bias", FORGET_BIASES, forget_bias, ordered=True),
        "weight_scale": Choice(
            "weight scale", WEIGHT_SCALES, weight_scale, ordered=True, group="Initialisation"
        ),
        "seed": Slider("seed", 0, SEED_LIMIT, seed, group="Initialisation"),
        "time": _step(length, time),
        "unit": Slider("unit", 0, lambda before: before["hidden_size"] - 1, unit, look=True),
    }
    check(controls, {name: control.start for name, control in controls.items()})
    return Explorer(
        GatesView(series),
        controls,
        name="Gates over time",
        vary=_VARIED,
        scan=("time",),
        guide=guides.GATES,
    )


def _step(length: int, start: int | None) -> Slider:
    """Return the control of the step, which starts in the middle if it is not told."""
    middle = length // 2 if isinstance(length, int) else 0
    last = lambda before: before["length"] - 1  # noqa: E731 - its only use
    return Slider("step", 0, last, middle if start is None else start, look=True)


def _of_module(
    module: nn.Module, given: Tensor | PackedSequence, time: int | None, unit: int
) -> Explorer:
    whole = counted(recurrence(module, given))
    run, longest = whole.trace, whole.trace.lengths[0]
    layers, directions = run.hidden.shape[:2]
    few_examples, few_layers = _can_be_sent(run)
    lengths = np.array(run.lengths)
    controls: dict[str, Control] = {
        "example": Slider("sequence", 0, len(lengths) - 1, 0, look=few_examples),
        "layer": Slider("layer", 0, layers - 1, 0, look=few_layers),
        "direction": Choice("direction", DIRECTIONS[:directions], DIRECTIONS[0], look=few_layers),
        "time": Slider(
            "step",
            0,
            lambda before: looks.take(lengths, before["example"]) - 1,
            longest // 2 if time is None else time,
            look=True,
        ),
        "unit": Slider("unit", 0, run.module.hidden_size - 1, unit, look=True),
    }
    vary = {"example": tuple(range(8)), "layer": None, "direction": None}
    settings = {name: vary[name] for name in vary if not controls[name].look}
    name = "Gates of your module"
    return Explorer(ModuleGatesView(whole), controls, name=name, vary=settings, scan=("time",))


def _can_be_sent(run: RecurrenceTrace) -> tuple[bool, bool]:
    """Tell whether all sequences together, and all layers of one, are few enough for one state."""
    layers, directions, time, batch, _ = run.hidden.shape
    # Beside the gates the states, and what each step started from.
    drawn = len(run.gates) + (2 if run.cell is None else 4)
    size = drawn * layers * directions * time * run.module.hidden_size * run.hidden.element_size()
    few = [
        size * sequences <= SENT_BYTES and layers * directions * sequences <= _PARTS
        for sequences in (batch, 1)
    ]
    return few[0], few[1]
