"""The layers whose gradient through time is compared, and the code that builds them."""

from __future__ import annotations

from typing import Any

from torch import nn

from convrnn_lab import models
from convrnn_lab.copied_code import call
from convrnn_lab.topics.gates.gated_layer import keep_update, keep_update_code

CELLS = ("linear", "tanh", "LSTM", "GRU")
GATED = ("LSTM", "GRU")


# Any: settings of several types, which `_options` names.
def layer(kind: str, **setting: Any) -> nn.Module:
    """Build one of the cells in float64, for one feature.

    Parameters
    ----------
    kind : str
        One of `CELLS`.
    **setting
        radius, matrix, hidden_size, forget_bias and seed, as for
        `explorers.gradient_through_time`; `forget_bias` may be None for the plain cells.
    """
    module = models.recurrent(**_options(kind, **setting))
    if kind == "GRU" and setting["forget_bias"] is not None:
        keep_update(module, setting["forget_bias"])
    return module.double()


def layer_code(kind: str, **setting: Any) -> list[str]:
    """Return the lines of code that build a cell, as `module`.

    Parameters
    ----------
    kind, **setting
        As for `layer`.
    """
    built = call(models.recurrent, "models", **_options(kind, **setting))
    more = keep_update_code(setting["forget_bias"]) if kind == "GRU" else []
    return [f"module = {built}", *more]


def _options(
    kind: str,
    *,
    radius: float,
    matrix: str,
    hidden_size: int,
    forget_bias: int | None,
    seed: int,
) -> dict[str, Any]:
    """Return what `models.recurrent` is to be called with."""
    return {
        "kind": kind if kind in GATED else "RNN",
        "input_size": 1,
        "hidden_size": hidden_size,
        "nonlinearity": "identity" if kind == "linear" else "tanh",
        "spectral_radius": radius,
        "orthogonal": matrix == "orthogonal",
        "forget_bias": forget_bias if kind == "LSTM" else None,
        "seed": seed,
    }
