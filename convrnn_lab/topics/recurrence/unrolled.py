"""The arrays of a recurrence trace: states by PyTorch's kernel, gates and cells from the states."""

from __future__ import annotations

import warnings
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

GATES = {
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("reset", "update", "new"),
    "RNN_TANH": ("sum",),
    "RNN_RELU": ("sum",),
}
"""Names of the sums of each mode of a module, in the order of the rows of PyTorch's weights."""

_KERNELS: dict[str, Any] = {
    "LSTM": torch.lstm,
    "GRU": torch.gru,
    "RNN_TANH": torch.rnn_tanh,
    "RNN_RELU": torch.rnn_relu,
}


def layer_weights(module: nn.RNNBase, layer: int, direction: int) -> dict[str, Tensor]:
    """Return the weights of one layer and direction by their names without the ending.

    Parameters
    ----------
    module : nn.RNN, nn.LSTM or nn.GRU
    layer, direction : int

    Returns
    -------
    dict of str to Tensor
        "weight_ih", "weight_hh", then "bias_ih", "bias_hh" and "weight_hr" where there are any:
        the order that PyTorch's kernels take them in.
    """
    names = ["weight_ih", "weight_hh"]
    names += ["bias_ih", "bias_hh"] if module.bias else []
    names += ["weight_hr"] if module.proj_size else []
    ending = f"_l{layer}" + ("_reverse" if direction else "")
    return {name: getattr(module, name + ending) for name in names}


def solve(keep: Tensor, new: Tensor, first: Tensor, cell: Tensor) -> None:
    """Solve c_t = keep_t c_(t-1) + new_t for all steps at once, and write c into `cell`.

    Two steps make one of the same form over twice the time; those, half as many, are solved first
    and give every second c, from which the others are one step away. So there are log2(time)
    levels, and all of them together do the work of two.

    Parameters
    ----------
    keep, new, cell : Tensor, shape (time, batch, unit)
    first : Tensor, shape (batch, unit)
        c before the first step.

    Examples
    --------
    >>> half, cell = torch.full((3, 1, 1), 0.5), torch.empty(3, 1, 1)
    >>> solve(half, torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1), torch.tensor([[4.0]]), cell)
    >>> cell.flatten()
    tensor([3.0000, 1.5000, 0.7500])
    """
    torch.addcmul(new[0], keep[0], first, out=cell[0])
    if len(new) == 1:
        return
    odd, even, rest = slice(1, None, 2), slice(0, len(new) - len(new) % 2, 2), slice(2, None, 2)
    pairs = torch.addcmul(new[odd], keep[odd], new[even])
    solve(keep[odd] * keep[even], pairs, first, cell[odd])
    torch.addcmul(new[rest], keep[rest], cell[1:-1:2], out=cell[rest])


class Unrolled:
    """Runs a module layer by layer and fills the arrays of its trace.

    Parameters
    ----------
    module : nn.RNN, nn.LSTM or nn.GRU
    steps : Tensor, shape (time, batch, feature)
        The input, NaN past the end of a sequence.
    lengths : tuple of int
    first : tuple of Tensor, shape (layer, direction, batch, unit)
    packed : PackedSequence, optional
        The input where the module is given it packed.

    Attributes
    ----------
    hidden : Tensor, shape (layer, direction, time, batch, unit)
    cell : Tensor or None, of the same axes
    sums, gates : Tensor, shape (gate, layer, direction, time, batch, unit)
    flow : Tensor
        What the last layer returned: shape (time, batch, feature), or packed data.
    final : tuple of Tensor, shape (layer · direction, batch, unit)
    """

    def __init__(
        self,
        module: nn.RNNBase,
        steps: Tensor,
        lengths: tuple[int, ...],
        first: tuple[Tensor, ...],
        packed: PackedSequence | None = None,
    ) -> None:
        self.module, self.lengths, self.first, self.packed = module, lengths, first, packed
        layers, directions = first[0].shape[:2]
        axes = (layers, directions, *steps.shape[:2])
        names, units = GATES[module.mode], module.hidden_size
        gated, celled = names != ("sum",), module.mode == "LSTM"
        # One piece of memory: many would be given back to the system and asked for again.
        values = steps.new_empty(len(names) * (1 + gated) + celled, *axes, units)
        self.sums, self.gates = values[: len(names)], values[len(names) : 2 * len(names)]
        self.cell = values[-1] if celled else None
        self.past_end: Tensor | None = None  # shape (time, batch, 1)
        if min(lengths) < len(steps):
            ends = torch.tensor(lengths, device=steps.device)[:, None]
            self.past_end = torch.arange(len(steps), device=steps.device)[:, None, None] >= ends
        self.flow = steps if packed is None else packed.data
        self.hidden = self._run(steps)

    def _run(self, x: Tensor) -> Tensor:
        """Run all layers, and return their hidden states."""
        layers, directions = self.first[0].shape[:2]
        hidden, ends = [], []
        for layer in range(layers):
            self.flow, *end = self._kernel(layer)
            ends.append(end)
            output = self._padded(self.flow)
            time, batch, _ = output.shape
            hidden.append(output.view(time, batch, directions, -1).movedim(2, 0))
            for direction in range(directions):
                self._gates(layer, direction, x, hidden[-1][direction])
            x = output
        self.final = tuple(torch.cat(each) for each in zip(*ends, strict=True))
        # One layer's are a view of what the kernel returned: memory that is not touched is fast.
        return hidden[0][None] if layers == 1 else torch.stack(hidden)

    def _kernel(self, layer: int) -> tuple[Tensor, ...]:
        """Run one layer with PyTorch's kernel on the module's own weights."""
        module, directions = self.module, self.first[0].shape[1]
        weights = [
            weight
            for direction in range(directions)
            for weight in layer_weights(module, layer, direction).values()
        ]
        options = (module.bias, 1, 0.0, False, directions == 2)  # one layer, no dropout
        state, packed = [each[layer] for each in self.first], self.packed
        if packed is None:
            return self._called(self.flow, _plain(state), weights, *options, False)
        if packed.sorted_indices is not None:  # a packed batch runs longest first
            state = [each.index_select(1, packed.sorted_indices) for each in state]
        flow, *end = self._called(self.flow, packed.batch_sizes, _plain(state), weights, *options)
        if packed.unsorted_indices is not None:
            end = [each.index_select(1, packed.unsorted_indices) for each in end]
        return flow, *end

    def _called(self, *given: Any) -> tuple[Tensor, ...]:
        kernel = _KERNELS[self.module.mode]
        if not self.module.proj_size:
            return cast(tuple[Tensor, ...], kernel(*given))
        with warnings.catch_warnings():  # that oneDNN does not do it: slower, not wrong
            warnings.filterwarnings("ignore", "LSTM with projections is not supported")
            return cast(tuple[Tensor, ...], kernel(*given))

    def _padded(self, flow: Tensor) -> Tensor:
        if self.packed is None:
            return flow
        return pad_packed_sequence(self.packed._replace(data=flow), padding_value=torch.nan)[0]

    def _gates(self, layer: int, direction: int, x: Tensor, hidden: Tensor) -> None:
        weights = layer_weights(self.module, layer, direction)
        before = self._before(direction, hidden, self.first[0][layer, direction])
        sums, gates = self.sums[:, layer, direction], self.gates[:, layer, direction]
        if self.module.mode == "GRU":
            share = _sums(weights, x, before, sums, joined=2)
            torch.sigmoid(sums[:2], out=gates[:2])
            sums[2].addcmul_(
                gates[0], cast(Tensor, share)
            )  # PyTorch multiplies after the product with W_hn
            _tanh(sums[2], gates[2])
            return
        _sums(weights, x, before, sums, joined=len(sums))
        if self.cell is not None:
            torch.sigmoid(sums[:2], out=gates[:2])
            _tanh(sums[2], gates[2])
            torch.sigmoid(sums[3], out=gates[3])
            self._cells(
                gates, self.first[1][layer, direction], direction, self.cell[layer, direction]
            )

    def _before(self, direction: int, hidden: Tensor, first: Tensor) -> Tensor:
        """Return the hidden state that each step started from, shape (time, batch, unit)."""
        if direction == 0:
            return torch.cat([first[None], hidden[:-1]])
        before = torch.cat([hidden[1:], first[None]])
        if self.past_end is not None:
            last = [length - 1 for length in self.lengths]
            before[last, range(len(last))] = first
        return before

    def _cells(self, gates: Tensor, first: Tensor, direction: int, cell: Tensor) -> None:
        """Write the cell state at all steps into `cell`."""
        keep, new = gates[1], gates[0] * gates[2]
        if self.past_end is not None:
            # Past the end the state stays as it is: there the reverse direction has yet to begin.
            keep, new = keep.masked_fill(self.past_end, 1.0), new.masked_fill(self.past_end, 0.0)
        if direction == 0:
            solve(keep, new, first, cell)
        else:
            keep, new = keep.flip(0), new.flip(0)
            solve(keep, new, first, backwards := torch.empty_like(new))
            cell.copy_(backwards.flip(0))
        if first.isinf().any():
            # It stays: only a product of gates that is too small for a float, 0, would lose it.
            cell.copy_(torch.where(first.isinf(), first, cell))
        if self.past_end is not None:
            cell.masked_fill_(self.past_end, torch.nan)


def _plain(state: list[Tensor]) -> list[Tensor] | Tensor:
    """Return a state as the kernels take it: two in a list, or one tensor."""
    return state if len(state) == 2 else state[0]


def _sums(
    weights: dict[str, Tensor], x: Tensor, before: Tensor, sums: Tensor, *, joined: int
) -> Tensor | None:
    """Write W_ih x + b_ih of all gates into `sums`, with W_hh h + b_hh in the first `joined`.

    What W_hh h + b_hh is for the gate after those is returned, shape (time, batch, unit).
    """
    gates, flat = len(sums), sums.flatten(1, 2)  # (gate, time · batch, unit)
    w_ih, w_hh = (_by_gate(weights[name], gates) for name in ("weight_ih", "weight_hh"))
    if "bias_ih" in weights:
        b_ih, b_hh = (_by_gate(weights[name][:, None], gates) for name in ("bias_ih", "bias_hh"))
    else:
        b_ih = b_hh = x.new_zeros(gates, 1, w_ih.shape[-1])
    both = torch.cat([x, before], dim=-1).flatten(0, 1).expand(joined, -1, -1)
    weight = torch.cat([w_ih[:joined], w_hh[:joined]], dim=1)
    torch.baddbmm(b_ih[:joined] + b_hh[:joined], both, weight, out=flat[:joined])
    if joined == gates:
        return None
    torch.addmm(b_ih[joined], x.flatten(0, 1), w_ih[joined], out=flat[joined])
    return torch.addmm(b_hh[joined], before.flatten(0, 1), w_hh[joined]).view_as(sums[joined])


def _tanh(values: Tensor, out: Tensor) -> None:
    """Write tanh(x) = (e^2x - 1) / (e^2x + 1) into `out`, in half the time of `torch.tanh`."""
    torch.clamp(values, max=20.0, out=out).mul_(2).expm1_()  # past 20 it is 1 to the last digit
    out.div_(out + 2)


def _by_gate(weight: Tensor, gates: int) -> Tensor:
    """Return a weight with the axes (gate, feature, unit)."""
    return weight.reshape(gates, -1, weight.shape[-1]).mT
