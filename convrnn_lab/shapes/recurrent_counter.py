"""Counts a recurrent layer in one piece where a model runs on shapes alone.

PyTorch takes such a layer apart, step by step: thousands of steps take seconds, and say nothing
that the shapes do not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from convrnn_lab.shapes.operands import Function, Named, Operand, Operands

if TYPE_CHECKING:
    from convrnn_lab.shapes.recorder import Recorder

_LAYERS = {"lstm", "gru", "rnn_tanh", "rnn_relu"}


class RecurrentCounter(TorchFunctionMode):
    """Stands in for PyTorch's recurrent layers: makes what they return, and notes what they cost.

    Their modules have checked the sizes when they come here.

    Parameters
    ----------
    recorder : Recorder
        Which is told.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(
        self, func: Function, types: object, args: Operands = (), kwargs: Named | None = None
    ) -> Operand:
        """Call `func`, or make what a recurrent layer returns."""
        del types
        if getattr(func, "__name__", "") not in _LAYERS:
            return func(*args, **(kwargs or {}))
        # On shapes alone nothing can be packed, so the arguments are always these.
        values, state, weights, *_, both, _batch_first = args
        states = [state] if isinstance(state, Tensor) else list(state)
        units = states[0].shape[-1] * (2 if both else 1)
        output = values.new_empty((*values.shape[:-1], units))
        last = [torch.empty_like(each) for each in states]
        steps = values.shape[:-1].numel()
        # Each step of each example meets each weight of a matrix once.
        products = steps * sum(each.numel() for each in weights if each.ndim == 2)
        self._recorder.counted(values, output, last, products, both=both)
        return (output, *last)
