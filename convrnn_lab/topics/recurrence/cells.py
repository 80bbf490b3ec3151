"""The recurrent layers that an explorer builds, with one weight set by hand where it is asked."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import torch
from torch import nn

from convrnn_lab import models
from convrnn_lab.explorer.controls import Values
from convrnn_lab.topics.recurrence.inputs import Series
from convrnn_lab.topics.recurrence.lens import LETTERS, written
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
        kind = self.weight.rstrip("".join(LETTERS[gate] for gate in _GATES.get(module.mode, ())))
        letter = self.weight.removeprefix(kind)
        gates = [LETTERS[gate] for gate in _GATES.get(module.mode, ())] or [""]
        row = gates.index(letter) * module.hidden_size + self.unit
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


Built = tuple[RecurrenceTrace, str, list[tuple[str, str]]]
"""A run, the lines of code that make it, and what to say of an edit."""


def builder(series: Series) -> Callable[..., Built]:
    """Return the function from a setting to a run; it remembers the last few.

    Stepping through the time moves what is marked only, and the run is the same.
    """

    @lru_cache(maxsize=16)
    def module(kind: str, **options: Any) -> nn.RNNBase:
        return cast("nn.RNNBase", models.recurrent(kind, **options))

    @lru_cache(maxsize=16)
    def built(
        edit: Edit | None,
        *,
        series_name: str,
        frequency: str,
        length: int,
        seed: int,
        first_state: int = 0,
        **setting: Any,
    ) -> Built:
        steps = series(series_name, frequency, length, seed)  # (time, feature)
        kind, options = _options(steps.shape[1], seed=seed, **setting)
        layer = module(kind, **options)
        arguments = ", ".join(f"{name}={value!r}" for name, value in options.items()).replace(
            "'", '"'
        )
        code = [f'layer = models.recurrent("{kind}", {arguments})']
        facts = []
        if edit is not None:
            layer = copy.deepcopy(layer)
            line, was = edit.apply(layer)
            code.append(line)
            facts.append((f"{edit.weight} of unit {edit.unit}", was))
        state, handed = None, ""
        if first_state:
            shape = (layer.num_layers * (1 + layer.bidirectional), layer.hidden_size)
            one = torch.full(shape, float(first_state))
            state = (one, one) if kind == "LSTM" else one
            code.append(f"state = torch.full({shape}, {float(first_state)})")
            handed = ", (state, state)" if kind == "LSTM" else ", state"
        code += [
            series.code(series_name, frequency, length, seed),
            f"hidden, _ = layer(steps{handed})",
        ]
        return recurrence(layer, steps, state), "\n".join(code), facts

    return built


def _options(
    features: int,
    *,
    cell: str,
    hidden_size: int,
    seed: int,
    spectral_radius: float | str,
    layers: int = 1,
    direction: str = "forward",
    forget_bias: int | str = AS_PYTORCH,
) -> tuple[str, dict[str, Any]]:
    """Return what `models.recurrent` is to be asked for, without what it does anyway."""
    usual = {
        "layers": (layers, 1),
        "bidirectional": (direction == "both", False),
        "nonlinearity": ("relu" if cell == "RNN ReLU" else "tanh", "tanh"),
        "spectral_radius": (spectral_radius, AS_PYTORCH),
        "forget_bias": (forget_bias if cell == "LSTM" else AS_PYTORCH, AS_PYTORCH),
        "seed": (seed, 0),
    }
    options: dict[str, Any] = {"input_size": features, "hidden_size": hidden_size}
    options |= {name: value for name, (value, default) in usual.items() if value != default}
    return cell.partition(" ")[0], options


def weights(before: Values) -> list[str]:
    """Name the weights that can be set: of the unit, from the input, from itself, and its bias."""
    letters = [LETTERS[gate] for gate in _GATES.get(before["cell"], ())] or [""]
    return ["none", *(f"{kind}{letter}" for kind in ("W_x", "W_h", "b_") for letter in letters)]
