"""The recurrent layer that an explorer's controls describe, and its run over a series."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import torch
from torch import Tensor, nn

from convrnn_lab import models
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing.look_texts import written
from convrnn_lab.explorer.controls import Value, Values
from convrnn_lab.topics.recurrence.lens import LETTERS
from convrnn_lab.topics.recurrence.series_choice import Series
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace, recurrence

AS_PYTORCH = "as PyTorch"

_GATES = {"LSTM": ("input", "forget", "candidate", "output"), "GRU": ("reset", "update", "new")}


@dataclass(frozen=True)
class Edit:
    """One weight that is set by hand: of a unit, from the input, from itself, or its bias."""

    weight: str
    to: float
    layer: int
    direction: int
    unit: int

    def apply(self, module: nn.RNNBase) -> tuple[str, str]:
        """Set the weight; return the line of code that does it, and what it was."""
        letters = _letters(module.mode)
        kind = self.weight.rstrip("".join(letters))
        letter = self.weight.removeprefix(kind)
        row = letters.index(letter) * module.hidden_size + self.unit
        name, at = {
            "W_x": ("weight_ih", (row, 0)),
            "W_h": ("weight_hh", (row, self.unit)),
            "b_": ("bias_ih", (row,)),
        }[kind]
        name += f"_l{self.layer}" + ("_reverse" if self.direction else "")
        values = getattr(module, name).data
        place = f"{name}.data[{', '.join(map(str, at))}]"
        was = f"{self.to}, was {written(float(values[at]))}"
        values[at] = self.to
        return f"layer.{place} = {self.to}", was


@dataclass(frozen=True, eq=False)
class ChosenRun:
    """A layer's run over a series.

    Attributes
    ----------
    trace : RecurrenceTrace
    code : str
        The lines that make `layer`, `steps` and `run`.
    facts : tuple of (what, value)
        What to say of a weight that was set by hand.
    """

    trace: RecurrenceTrace
    code: str
    facts: tuple[tuple[str, str], ...] = ()


class LayerRuns:
    """Builds the layer of a setting and runs it over its series; remembers the last few.

    Stepping through the time moves what is marked only, and the run is the same.

    Parameters
    ----------
    series : Series
    """

    def __init__(self, series: Series) -> None:
        self._series = series
        self._modules: Callable[..., nn.RNNBase] = lru_cache(maxsize=16)(_layer)
        self._runs: Callable[..., ChosenRun] = lru_cache(maxsize=16)(self._run)

    def __call__(self, edit: Edit | None = None, **setting: Value) -> ChosenRun:
        """Return the run of a setting, given by the names of the controls."""
        return self._runs(edit, **setting)

    def _run(
        self,
        edit: Edit | None,
        *,
        series: str,
        frequency: str,
        length: int,
        seed: int,
        silent: bool = False,
        first_state: int = 0,
        **setting: Value,
    ) -> ChosenRun:
        steps = self._series(series, frequency, length, seed)  # (time, feature)
        options = layer_options(steps.shape[1], seed=seed, **setting)
        layer, lines = self._modules(**options), [f"layer = {layer_code(options)}"]
        facts: tuple[tuple[str, str], ...] = ()
        if edit is not None:
            layer = copy.deepcopy(layer)
            line, was = edit.apply(layer)
            lines.append(line)
            facts = ((f"{edit.weight} of unit {edit.unit}", was),)
        state, state_lines = _first_state(layer, float(first_state))
        lines += [*state_lines, self._series.code(series, frequency, length, seed)]
        lines.append(_traced_line(silent=silent, started=bool(state_lines)))
        run = recurrence(layer, torch.zeros_like(steps) if silent else steps, state)
        return ChosenRun(run, "\n".join(lines), facts)


def layer_options(
    features: int,
    *,
    cell: str,
    hidden_size: int,
    seed: int,
    spectral_radius: float | str,
    layers: int = 1,
    direction: str = "forward",
    forget_bias: int | str = AS_PYTORCH,
) -> dict[str, Value]:
    """Return what `models.recurrent` is to be called with, for a setting of the controls.

    Parameters
    ----------
    features : int
        Of the input.
    cell, hidden_size, seed, spectral_radius, layers, direction, forget_bias
        As for `explorers.hidden_state`.
    """
    bias = forget_bias if cell == "LSTM" else AS_PYTORCH
    return {
        "kind": cell.partition(" ")[0],
        "input_size": features,
        "hidden_size": hidden_size,
        "layers": layers,
        "bidirectional": direction == "both",
        "nonlinearity": "relu" if cell == "RNN ReLU" else "tanh",
        "spectral_radius": None if spectral_radius == AS_PYTORCH else spectral_radius,
        "forget_bias": None if bias == AS_PYTORCH else bias,
        "seed": seed,
    }


def layer_code(options: dict[str, Value]) -> str:
    """Return the call that builds a layer.

    Parameters
    ----------
    options : dict
        As `layer_options` returns them.
    """
    return call(models.recurrent, "models", **options)


def weight_names(before: Values) -> list[str]:
    """Name the weights that can be set: of the unit, from the input, from itself, and its bias."""
    letters = _letters(before["cell"])
    return ["none", *(f"{kind}{letter}" for kind in ("W_x", "W_h", "b_") for letter in letters)]


def _letters(kind: str) -> list[str]:
    """Return the letters of a layer's gates; of an RNN, which has none, no letter."""
    return [LETTERS[gate] for gate in _GATES.get(kind, ())] or [""]


def _layer(**options: Value) -> nn.RNNBase:
    return cast("nn.RNNBase", models.recurrent(**options))


def _first_state(
    layer: nn.RNNBase, value: float
) -> tuple[Tensor | tuple[Tensor, Tensor] | None, list[str]]:
    """Return a first state that is `value` everywhere, and the lines of code that make it."""
    if not value:
        return None, []
    shape = (layer.num_layers * (1 + layer.bidirectional), layer.hidden_size)
    state, lines = torch.full(shape, value), [f"state = torch.full({shape}, {value})"]
    if layer.mode != "LSTM":
        return state, lines
    return (state, state), [*lines, "state = (state, state)"]


def _traced_line(*, silent: bool, started: bool) -> str:
    """Return the line of code that runs the layer, over the series or over zeros."""
    steps = Name("torch.zeros_like(steps)" if silent else "steps")
    given = {"state": Name("state")} if started else {}
    traced = call(recurrence, "trace", Name("layer"), steps, **given)
    return f"{'still' if silent else 'run'} = {traced}"
