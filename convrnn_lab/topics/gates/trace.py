"""How often the gates of a recurrent layer are open, and how long its units remember."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from convrnn_lab.topics.recurrence.trace import RecurrenceTrace

OPEN = 0.9
CLOSED = 0.1
SATURATED = math.atanh(math.sqrt(0.9))
"""The sum beyond which tanh has under a tenth of its slope, which is largest, 1, at 0.

A tanh has the slope 1 - tanh², and a sigmoid of twice the sum a quarter of that: it is saturated
beyond twice this number.
"""
KEEPING = {"LSTM": "forget", "GRU": "update"}
"""The gate that multiplies the old state, by the kind of module."""
TANH = ("candidate", "new")
"""What a trace has among its gates that is a tanh, and so neither open nor closed."""


@dataclass(frozen=True, eq=False)
class GateStatistics:
    """How one gate of every unit was set; see `gate_statistics`.

    Attributes
    ----------
    open, closed : Tensor, shape (layer, direction, batch, unit), or None
        Percent of the steps with a value over 0.9 and under 0.1; None of a candidate or new state,
        which is a tanh.
    saturated : Tensor, shape (layer, direction, batch, unit)
        Percent of the steps with a sum so far from 0 that the slope of the sigmoid or tanh is
        under a tenth of its largest: the gradient hardly passes there.
    """

    open: Tensor | None
    closed: Tensor | None
    saturated: Tensor

    @property
    def dead(self) -> Tensor | None:
        """Whether a unit's gate was closed at every step, shape as of `closed`."""
        return None if self.closed is None else self.closed == 100


def gate_statistics(trace: RecurrenceTrace) -> dict[str, GateStatistics]:
    """Say how often each gate of each unit is open, closed and saturated, in percent of the steps.

    Steps past the end of a sequence, and steps at which a gate is NaN, do not count; where none is
    left, the share is NaN.

    Parameters
    ----------
    trace : RecurrenceTrace
        Of an LSTM or a GRU.

    Returns
    -------
    dict of str to GateStatistics
        By gate, as named in the trace.

    Raises
    ------
    ValueError
        If the module has no gates.

    Examples
    --------
    >>> from convrnn_lab.trace import recurrence
    >>> lstm = torch.nn.LSTM(1, 1)
    >>> _ = torch.nn.init.zeros_(lstm.weight_ih_l0)
    >>> _ = torch.nn.init.constant_(lstm.bias_ih_l0, 9.0)
    >>> gate_statistics(recurrence(lstm, torch.zeros(5, 1)))["forget"].open.item()
    100.0
    """
    _check_gated(trace)
    found = {}
    for name, values in trace.gates.items():
        sums = trace.sums[name]
        if name in TANH:
            found[name] = GateStatistics(None, None, _percent(sums.abs() > SATURATED, sums))
        else:
            found[name] = GateStatistics(
                _percent(values > OPEN, sums),
                _percent(values < CLOSED, sums),
                _percent(sums.abs() > 2 * SATURATED, sums),
            )
    return found


def memory_half_life(trace: RecurrenceTrace) -> Tensor:
    """Return after how many steps half of what a unit holds is gone.

    An LSTM keeps c_t = f_t c_(t-1) + ..., a GRU in PyTorch's form h_t = z_t h_(t-1) + ..., so what
    a unit holds before step t has after n steps the weight f_t ... f_(t+n-1), which is at most one
    half from some n on. That is counted from each step of the sequence, and the median is taken.
    What reaches the unit anew by way of the other units does not count.

    Parameters
    ----------
    trace : RecurrenceTrace
        Of an LSTM or a GRU.

    Returns
    -------
    Tensor, shape (layer, direction, batch, unit), float64
        In steps. Infinite where from half of the steps on or more it does not come to one half
        before the sequence ends; NaN where a gate is NaN.

    Raises
    ------
    ValueError
        If the module has no gates.

    Examples
    --------
    >>> from convrnn_lab.trace import recurrence
    >>> lstm = torch.nn.LSTM(1, 1)
    >>> for weight in lstm.parameters():
    ...     _ = torch.nn.init.zeros_(weight)
    >>> memory_half_life(recurrence(lstm, torch.zeros(5, 1))).item()  # a sigmoid of 0 is one half
    1.0
    """
    _check_gated(trace)
    # From the sums and not from the gates, which in a float32 may be 0.
    logs = F.logsigmoid(trace.sums[KEEPING[trace.kind]].double()).clamp(min=-1e6)
    batches = []
    for each, length in zip(logs.unbind(3), trace.lengths, strict=True):
        steps = each[:, :, :length].clone()
        steps[:, 1:] = steps[:, 1:].flip(2)  # the reverse direction reads from the end
        batches.append(_half_life(steps.transpose(2, 3)))
    return torch.stack(batches, 2)


def _check_gated(trace: RecurrenceTrace) -> None:
    if not trace.gates:
        raise ValueError(f"trace must be of an LSTM or a GRU, which have gates; got {trace.kind}")


def _percent(chosen: Tensor, values: Tensor) -> Tensor:
    """Return the share of steps chosen among those that are not NaN."""
    return 100 * chosen.sum(2) / (~values.isnan()).sum(2)


def _half_life(logs: Tensor) -> Tensor:
    """Return the median over the steps, for logarithms of shape (..., time)."""
    count = logs.shape[-1]
    ends = -logs.cumsum(-1)  # rises; its differences are the logarithms of the running products
    starts = torch.cat([torch.zeros_like(ends[..., :1]), ends[..., :-1]], -1)
    # A little less than ln 2, for a product of exactly one half that rounding makes larger.
    wanted = starts + math.log(2) * (1 - 1e-9)
    places = torch.searchsorted(ends.contiguous(), wanted.contiguous())
    steps = places.double() - torch.arange(count) + 1
    steps[places == count] = torch.inf
    middle = steps.sort(-1).values[..., [(count - 1) // 2, count // 2]].mean(-1)
    return torch.where(logs.isnan().any(-1), torch.nan, middle)
