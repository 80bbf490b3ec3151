"""The arithmetic of one unit of a recurrent layer at one step, number by number."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class GateStep:
    """What one gate of one unit adds up at one step, and what it makes of the sum.

    Attributes
    ----------
    input_weight : Tensor, shape (feature,)
    hidden_weight : Tensor, shape (unit,)
        The gate's rows of W_ih and W_hh.
    from_input, input_bias, from_hidden, hidden_bias : float
        W_ih x_t, b_ih, W_hh h_(t-1) and b_hh; a bias is zero where the layer has none.
    sum : float
        Of these four. For the "new" state of a GRU the reset gate multiplies the last two.
    value : float
        The sigmoid, tanh or ReLU of `sum`.
    """

    input_weight: Tensor
    hidden_weight: Tensor
    from_input: float
    input_bias: float
    from_hidden: float
    hidden_bias: float
    sum: float
    value: float


@dataclass(frozen=True, eq=False)
class ResetFirst:
    """What a GRU would give that multiplies with the reset gate before the product with W_hn.

    So Cho et al. 2014 (arXiv 1406.1078): W_hn (r * h) in place of PyTorch's r * (W_hn h + b_hn).

    Attributes
    ----------
    from_hidden, sum, new, hidden : float
        W_hn (r * h), the sum with the input's share and both biases, its tanh, and h_t.
    """

    from_hidden: float
    sum: float
    new: float
    hidden: float


@dataclass(frozen=True, eq=False)
class RecurrentStep:
    """One unit at one step; see `RecurrenceTrace.step`.

    Attributes
    ----------
    x : Tensor, shape (feature,)
        What the layer was given.
    state_before : Tensor, shape (unit,)
        The whole layer's h_(t-1), which every gate reads.
    gates : dict of str to GateStep
        As named in the trace; of an RNN "sum".
    hidden_before, cell_before : float or None
        The unit's own h_(t-1) and c_(t-1). The first is None with ``proj_size``: the units do not
        see themselves then. The second is None without a cell state.
    cell : float or None
        c_t = f c_(t-1) + i g.
    hidden : float
        h_t; with ``proj_size`` before the projection.
    reset_first : ResetFirst or None
        Of a GRU, the other place of the reset gate.
    """

    x: Tensor
    state_before: Tensor
    gates: dict[str, GateStep]
    hidden_before: float | None
    cell_before: float | None
    cell: float | None
    hidden: float
    reset_first: ResetFirst | None


def gate_step(
    weights: dict[str, Tensor], row: int, x: Tensor, state: Tensor, made: tuple[float, float]
) -> GateStep:
    """Take one row of the weights and its products.

    Parameters
    ----------
    weights : dict of str to Tensor
        As `layer_weights` returns them.
    row : int
    x : Tensor, shape (feature,)
    state : Tensor, shape (unit,)
        h_(t-1).
    made : tuple of float
        The gate's sum and value as the trace has them.

    Returns
    -------
    GateStep
    """
    own = {name: weight[row].detach() for name, weight in weights.items() if name != "weight_hr"}
    return GateStep(
        own["weight_ih"],
        own["weight_hh"],
        float(own["weight_ih"] @ x),
        float(own.get("bias_ih", 0.0)),
        float(own["weight_hh"] @ state),
        float(own.get("bias_hh", 0.0)),
        *made,
    )


def reset_first(
    gates: dict[str, GateStep], state: Tensor, reset: Tensor, hidden_before: float
) -> ResetFirst:
    """Compute the other GRU from the same weights and gates.

    Parameters
    ----------
    gates : dict of str to GateStep
        Of one unit.
    state, reset : Tensor, shape (unit,)
        h_(t-1) and the reset gates of all units.
    hidden_before : float
        The unit's own h_(t-1).

    Returns
    -------
    ResetFirst
    """
    new, update = gates["new"], gates["update"].value
    from_hidden = float(new.hidden_weight @ (reset * state))
    total = new.from_input + new.input_bias + from_hidden + new.hidden_bias
    value = math.tanh(total)
    return ResetFirst(from_hidden, total, value, (1 - update) * value + update * hidden_before)
