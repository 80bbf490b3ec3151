"""Layers whose keeping gates have a bias of their own, and the code that builds them."""

from __future__ import annotations

from typing import TypedDict, Unpack

import torch
from torch import nn

from convrnn_lab import models
from convrnn_lab.copied_code import call
from convrnn_lab.models.recurrent import RecurrentOptions


class GatedSetting(TypedDict):
    """The settings of a gated layer, as for `explorers.gates`."""

    cell: str
    hidden_size: int
    forget_bias: int
    weight_scale: float
    seed: int


def gated_layer(**setting: Unpack[GatedSetting]) -> nn.Module:
    """Build a layer for one feature whose keeping gates have a bias of their own.

    Parameters
    ----------
    **setting
        cell, hidden_size, forget_bias, weight_scale and seed, as for `explorers.gates`.
    """
    module = models.recurrent(setting["cell"], **_options(**setting))
    if setting["cell"] == "GRU":
        keep_update(module, setting["forget_bias"])
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


def gated_layer_code(**setting: Unpack[GatedSetting]) -> list[str]:
    """Return the lines of code that build the layer of `gated_layer`, as `module`.

    Parameters
    ----------
    **setting
        As for `gated_layer`.
    """
    built = call(models.recurrent, "models", setting["cell"], **_options(**setting))
    more = keep_update_code(setting["forget_bias"]) if setting["cell"] == "GRU" else []
    return [f"module = {built}", *more]


def keep_update_code(bias: float) -> list[str]:
    """Return the lines of code that do what `keep_update` does to a `module`.

    Parameters
    ----------
    bias : float
    """
    return [
        f"module.bias_ih_l0.data.chunk(3)[1].fill_({bias})",
        "module.bias_hh_l0.data.chunk(3)[1].zero_()",
    ]


def _options(
    *, cell: str, hidden_size: int, forget_bias: int, weight_scale: float, seed: int
) -> RecurrentOptions:
    """Return what `models.recurrent` is to be called with, beside the kind."""
    return {
        "input_size": 1,
        "hidden_size": hidden_size,
        "weight_scale": weight_scale,
        # A GRU has no forget gate: see `keep_update`.
        "forget_bias": forget_bias if cell == "LSTM" else None,
        "seed": seed,
    }
