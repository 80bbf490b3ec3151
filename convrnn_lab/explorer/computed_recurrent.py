"""What follows from the weights of a recurrent layer, computed by PyTorch.

``web/computed_recurrent.js`` does the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from convrnn_lab.topics.gates.trace import gate_statistics, memory_half_life
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace, recurrence

_LAYERS: dict[str, Callable[[int, int], nn.RNNBase]] = {
    "RNN_TANH": nn.RNN,
    "RNN_RELU": lambda features, units: nn.RNN(features, units, nonlinearity="relu"),
    "LSTM": nn.LSTM,
    "GRU": nn.GRU,
}


def _run(mode: str, read: Tensor, first: Tensor, weights: Sequence[Tensor]) -> RecurrenceTrace:
    """Run a layer of one direction over one sequence, in float64 as the browser does.

    What a layer amplifies would else be the rounding of either.

    Parameters
    ----------
    mode : str
        As PyTorch has it.
    read : Tensor, shape (feature, time)
    first : Tensor, shape (1 or 2, unit)
        The hidden state and, of an LSTM, the cell state before the first step.
    weights : sequence of Tensor
        ``weight_ih``, ``weight_hh``, ``bias_ih``, ``bias_hh``.
    """
    layer = _LAYERS[mode](len(read), first.shape[1]).double()
    with torch.no_grad():
        for parameter, values in zip(layer.parameters(), weights, strict=True):
            parameter.copy_(values)
    states = list(first[:, None].double())  # (layer, unit) each
    return recurrence(layer, read.T.double(), states)


def _recurrence(
    mode: str, read: Tensor, first: Tensor, weights: Sequence[Tensor], parts: Sequence[str]
) -> Tensor:
    """Return states and gates by their names, shape (part, unit, time)."""
    run = _run(mode, read, first, weights)
    known = {"hidden": run.hidden, "cell": run.cell, **run.gates}
    found = [values for name in parts if (values := known[name]) is not None]
    return torch.stack([values[0, 0, :, 0].T for values in found]).float()


def _counted(mode: str, read: Tensor, first: Tensor, weights: Sequence[Tensor]) -> Tensor:
    """Return a row of all units' percentages for each gate and kind, and then their half-lives.

    NaN where there is nothing to count.
    """
    run = _run(mode, read, first, weights)
    lives = memory_half_life(run)[0, 0, 0]
    none = torch.full_like(lives, torch.nan)
    shares = [
        none if share is None else share[0, 0, 0]
        for each in gate_statistics(run).values()
        for share in (each.open, each.closed, each.saturated)
    ]
    return torch.stack([*shares, lives]).float()


RECURRENT: dict[str, Callable[..., Tensor]] = {"recurrence": _recurrence, "counted": _counted}
