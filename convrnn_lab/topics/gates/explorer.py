"""The explorer of gates: all of them over time, and one unit at one step."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from convrnn_lab import checks, data, models
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.topics.gates import figure
from convrnn_lab.topics.gates.figure import GatesOverTime
from convrnn_lab.topics.gates.trace import gate_statistics, memory_half_life
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace, recurrence

CELLS = ("LSTM", "GRU")
FORGET_BIASES = (-2, -1, 0, 1, 2, 3, 5)
HIDDEN_SIZES = (4, 8, 16, 32, 64)
LENGTHS = (16, 32, 64, 128, 256, 512)
WEIGHT_SCALES = (0.5, 1.0, 2.0, 4.0, 8.0)
SEED_LIMIT = 9
_DIRECTIONS = ("forward", "backward")


def gates(
    source: Any = "sine",
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
    checks.choice("length", length, LENGTHS)
    series = Inputs(source, data.SERIES, "your series", lambda each: each)

    @lru_cache(maxsize=8)
    def run(**setting: Any) -> GatesOverTime:
        name, steps, seed = (setting.pop(key) for key in ("series", "length", "seed"))
        values = data.series(series(name), length=steps, seed=seed, allow_nan=True)
        module = gated_layer(seed=seed, **setting)
        return counted(recurrence(module, values[None, :, None]))

    def view(time: int, unit: int, **setting: Any) -> Sheet:
        return figure.gates(run(**setting), time, unit, code=_code(setting))

    return Explorer(
        view,
        {
            "series": Choice("series", series.names, series.start),
            "cell": Choice("cell", CELLS, cell),
            "length": Choice("length", LENGTHS, length, ordered=True),
            "hidden_size": Choice("hidden size", HIDDEN_SIZES, hidden_size, ordered=True),
            "forget_bias": Choice("forget bias", FORGET_BIASES, forget_bias, ordered=True),
            "weight_scale": Choice("weight scale", WEIGHT_SCALES, weight_scale, ordered=True),
            "seed": Slider("seed", 0, SEED_LIMIT, seed),
            "time": Slider(
                "step",
                0,
                lambda before: before["length"] - 1,
                length // 2 if time is None else time,
            ),
            "unit": Slider("unit", 0, lambda before: before["hidden_size"] - 1, unit),
        },
        name="Gates over time",
        vary={
            "cell": None,
            "forget_bias": None,
            "weight_scale": (1.0, 4.0),
            "time": tuple(range(0, length, max(1, length // 8))),
            "unit": tuple(range(4)),
        },
        scan=("time",),
    )


def gated_layer(
    *, cell: str, hidden_size: int, forget_bias: int, weight_scale: float, seed: int
) -> nn.Module:
    """Build a layer for one feature whose keeping gates have a bias of their own.

    Parameters
    ----------
    cell, hidden_size, forget_bias, weight_scale, seed
        As for `gates`.
    """
    own = {"forget_bias": float(forget_bias)} if cell == "LSTM" else {}
    module = models.recurrent(
        cell,
        input_size=1,
        hidden_size=hidden_size,
        weight_scale=weight_scale,
        seed=seed,
        **own,  # type: ignore[arg-type]
    )
    if cell == "GRU":
        keep_update(module, forget_bias)
    return module


@torch.no_grad()
def keep_update(module: nn.Module, bias: float) -> None:
    """Set what the update gates of a GRU add, as `models.recurrent` does with forget gates.

    Parameters
    ----------
    module : nn.GRU
        Of one layer and direction.
    bias : float
    """
    weights = dict(module.named_parameters())
    weights["bias_ih_l0"].chunk(3)[1].fill_(bias)
    weights["bias_hh_l0"].chunk(3)[1].zero_()


def counted(
    run: RecurrenceTrace, layer: int = 0, direction: int = 0, batch: int = 0
) -> GatesOverTime:
    """Count what the gates of a trace do, for its figure.

    Parameters
    ----------
    run : RecurrenceTrace
    layer, direction, batch : int
        Which part is drawn.
    """
    shares = gate_statistics(run)
    return GatesOverTime(run, shares, memory_half_life(run), layer, direction, batch)


def _of_module(
    module: nn.Module, given: Tensor | PackedSequence, time: int | None, unit: int
) -> Explorer:
    whole = counted(recurrence(module, given))
    run = whole.trace
    layers, directions = run.hidden.shape[:2]
    longest = run.lengths[0]

    @lru_cache(maxsize=8)
    def part(layer: int, direction: int, batch: int) -> GatesOverTime:
        return GatesOverTime(run, whole.statistics, whole.half_life, layer, direction, batch)

    def view(example: int, layer: int, direction: str, time: int, unit: int) -> Sheet:
        chosen = part(layer, _DIRECTIONS.index(direction), example)
        return figure.gates(chosen, time, unit, code="trace.recurrence(module, input).gates")

    return Explorer(
        view,
        {
            "example": Slider("sequence", 0, len(run.lengths) - 1, 0),
            "layer": Slider("layer", 0, layers - 1, 0),
            "direction": Choice("direction", _DIRECTIONS[:directions], _DIRECTIONS[0]),
            "time": Slider(
                "step",
                0,
                lambda before: run.lengths[before["example"]] - 1,
                longest // 2 if time is None else time,
            ),
            "unit": Slider("unit", 0, run.module.hidden_size - 1, unit),
        },
        name="Gates of your module",
        vary={
            "layer": None,
            "direction": None,
            "time": tuple(range(0, longest, max(1, longest // 8))),
            "unit": tuple(range(min(8, run.module.hidden_size))),
        },
        scan=("time",),
    )


def _code(setting: dict[str, Any]) -> str:
    cell, bias = setting["cell"], setting["forget_bias"]
    forget = f", forget_bias={float(bias)}" if cell == "LSTM" else ""
    return (
        f'module = models.recurrent("{cell}", input_size=1, hidden_size={setting["hidden_size"]}, '
        f"weight_scale={setting['weight_scale']}{forget}, seed={setting['seed']})\n"
        + (f"module.bias_ih_l0.data.chunk(3)[1].fill_({bias}.0)\n" if cell == "GRU" else "")
        + ("module.bias_hh_l0.data.chunk(3)[1].zero_()\n" if cell == "GRU" else "")
        + f'values = data.series("{setting["series"]}", length={setting["length"]}, '
        f"seed={setting['seed']})\n"
        "run = trace.recurrence(module, values[None, :, None])\n"
        "trace.memory_half_life(run)"
    )
