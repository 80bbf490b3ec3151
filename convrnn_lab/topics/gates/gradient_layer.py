"""The layers whose gradient through time is compared, and the code that builds them."""

from __future__ import annotations

from typing import TypedDict, Unpack

from torch import nn

from convrnn_lab import models
from convrnn_lab.copied_code import call
from convrnn_lab.models.recurrent import RecurrentOptions
from convrnn_lab.topics.gates.gated_layer import keep_update, keep_update_code

CELLS = ("linear", "tanh", "LSTM", "GRU")
GATED = ("LSTM", "GRU")


class CellSetting(TypedDict):
    """The settings of a cell, as for `explorers.gradient_through_time`."""

    radius: float
    matrix: str
    hidden_size: int
    forget_bias: int | None
    seed: int


def layer(kind: str, **setting: Unpack[CellSetting]) -> nn.Module:
    """Build one of the cells in float64, for one feature.

    Parameters
    ----------
    kind : str
        One of `CELLS`.
    **setting
        radius, matrix, hidden_size, forget_bias and seed, as for
        `explorers.gradient_through_time`; `forget_bias` may be None for the plain cells.
    """
    module = models.recurrent(_class(kind), **_options(kind, **setting))
    if kind == "GRU" and setting["forget_bias"] is not None:
        keep_update(module, setting["forget_bias"])
    return module.double()


def layer_code(kind: str, **setting: Unpack[CellSetting]) -> list[str]:
    """Return the lines of code that build a cell, as `module`.

    Parameters
    ----------
    kind, **setting
        As for `layer`.
    """
    built = call(models.recurrent, "models", _class(kind), **_options(kind, **setting))
    bias = setting["forget_bias"]
    more = keep_update_code(bias) if kind == "GRU" and bias is not None else []
    return [f"module = {built}", *more]


def _class(kind: str) -> str:
    return kind if kind in GATED else "RNN"


def _options(
    kind: str,
    *,
    radius: float,
    matrix: str,
    hidden_size: int,
    forget_bias: int | None,
    seed: int,
) -> RecurrentOptions:
    """Return what `models.recurrent` is to be called with, beside the kind."""
    return {
        "input_size": 1,
        "hidden_size": hidden_size,
        "nonlinearity": "identity" if kind == "linear" else "tanh",
        "spectral_radius": radius,
        "orthogonal": matrix == "orthogonal",
        "forget_bias": forget_bias if kind == "LSTM" else None,
        "seed": seed,
    }
