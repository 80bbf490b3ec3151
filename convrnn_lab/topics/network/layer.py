"""One call of one layer: what it was given, and what it made of it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from convrnn_lab.shapes.attention import kind_of
from convrnn_lab.topics.recurrence.trace import RecurrenceTrace, recurrence


@dataclass(frozen=True, eq=False)
class Layer:
    """One call of one layer.

    Attributes
    ----------
    name : str
        As in ``model.named_modules()``; "model" where the model is a single layer. An attention
        that is computed by PyTorch's function has the name of the module that does so, followed
        by "attention".
    call : int
        0 for the first call of this layer, 1 for the second, ...
    module : torch.nn.Module
    inputs : tuple of Tensor
        The tensors among its arguments.
    outputs : tuple of Tensor
        The tensors that it returned, in order; an LSTM returns three.
    packed : PackedSequence or None
        What a recurrent layer was given where its sequences were packed; the values are `inputs`'.
    axes : tuple of str
        What the axes of `output` are, such as ("batch", "time", "feature"), by what the layers say
        of them. Where sequences were packed, time runs over the steps of all of them.
    input_axes : tuple of str
        What the axes of the first of `inputs` are.
    """

    name: str
    call: int
    module: nn.Module
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    packed: PackedSequence | None = None
    axes: tuple[str, ...] = ()
    input_axes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name, with the number of the call from the second on, as in "conv (2)"."""
        return self.name if self.call == 0 else f"{self.name} ({self.call + 1})"

    @property
    def kind(self) -> str:
        """Class of the layer, such as "Conv2d"; "attention" of every attention."""
        return kind_of(self.module)

    @property
    def output(self) -> Tensor:
        """The first tensor that it returned."""
        return self.outputs[0]

    @functools.cached_property
    def recurrence(self) -> RecurrenceTrace | None:
        """Every state and gate of an nn.RNN, LSTM or GRU; None of another layer.

        It is computed when it is first asked for, so ask before the weights are changed.
        """
        if not isinstance(self.module, (nn.RNN, nn.LSTM, nn.GRU)):
            return None
        steps, *state = self.inputs
        given = steps if self.packed is None else self.packed._replace(data=steps)
        # A GRU and an RNN take one state, which is not in a tuple.
        first = state[0] if len(state) == 1 else state
        return recurrence(self.module, given, first if state else None)

    @property
    def gates(self) -> dict[str, Tensor]:
        """Gates over time, shape (layer, direction, time, batch, unit); see `RecurrenceTrace`.

        Those of an nn.LSTM or GRU; other layers have none.
        """
        return {} if self.recurrence is None else self.recurrence.gates
