"""The arrays of a recurrence trace: states by PyTorch's kernel, gates and cells from the states."""

from __future__ import annotations

import warnings
from collections.abc import Callable

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

_KERNELS: dict[str, Callable[..., tuple[Tensor, ...]]] = {
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


_CHUNK = 8
"""Steps that `solve` takes one after the other, in all chunks at once."""


def solve(keep: Tensor, cell: Tensor, first: Tensor) -> None:
    """Solve c_t = keep_t c_(t-1) + new_t for all steps, in place: `cell` is new, and then c.

    The time is cut into chunks of `_CHUNK` steps. Each chunk is solved as if it began at zero, all
    side by side; what was there before it is then kept by the product of its gates so far. What
    one chunk hands to the next is a recurrence of the same form over an eighth of the time.

    Parameters
    ----------
    keep, cell : Tensor, shape (time, batch, unit)
    first : Tensor, shape (batch, unit)
        c before the first step.

    Examples
    --------
    >>> half, cell = torch.full((3, 1, 1), 0.5), torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1)
    >>> solve(half, cell, torch.tensor([[4.0]]))
    >>> cell.flatten()
    tensor([3.0000, 1.5000, 0.7500])
    """
    cell[0].addcmul_(keep[0], first)
    count = len(cell) // _CHUNK
    whole = count * _CHUNK if count > 1 else 1
    if count > 1:
        _solve_chunks(keep[:whole], cell[:whole], count)
    for gate, before, after in zip(
        keep[whole:].unbind(0), cell[whole - 1 : -1].unbind(0), cell[whole:].unbind(0), strict=True
    ):
        after.addcmul_(gate, before)


def _solve_chunks(keep: Tensor, cell: Tensor, count: int) -> None:
    """Do what `solve` does from a state of zero, for `count` whole chunks."""
    axes = (count, _CHUNK, *cell.shape[1:])  # (chunk, step, batch, unit)
    chunks, kept = cell.view(axes), keep.clone().view(axes)  # kept: products of the gates so far
    states, products = chunks.unbind(1), kept.unbind(1)
    for step in range(1, _CHUNK):
        states[step].addcmul_(products[step], states[step - 1])
        products[step].mul_(products[step - 1])
    ends = states[-1].clone()  # (chunk, batch, unit)
    solve(products[-1], ends, ends.new_zeros(ends.shape[1:]))
    chunks[1:].addcmul_(kept[1:], ends[:-1, None])


def solve_infinite(keep: Tensor, cell: Tensor, first: Tensor) -> None:
    """Do what `solve` does where some of `first` is infinite.

    It stays as it is up to a gate of zero, or one that is NaN: from there on it is NaN. The product
    of several small gates, which `solve` takes, may be too small for a float, and so zero too soon.
    """
    lost = (~(keep > 0) | cell.isnan()).cumsum(0) > 0
    solve(keep, cell, first)
    cell.copy_(torch.where(first.isinf(), torch.where(lost, torch.nan, first), cell))


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

    def _called(self, *given: object) -> tuple[Tensor, ...]:
        kernel = _KERNELS[self.module.mode]
        if not self.module.proj_size:
            return kernel(*given)
        with warnings.catch_warnings():  # that oneDNN does not do it: slower, not wrong
            warnings.filterwarnings("ignore", "LSTM with projections is not supported")
            return kernel(*given)

    def _padded(self, flow: Tensor) -> Tensor:
        if self.packed is None:
            return flow
        return pad_packed_sequence(self.packed._replace(data=flow), padding_value=torch.nan)[0]

    def _gates(self, layer: int, direction: int, x: Tensor, hidden: Tensor) -> None:
        """Write the sums, the gates and the cell state of one layer and direction."""
        weights = layer_weights(self.module, layer, direction)
        read = self._read(direction, x, hidden, self.first[0][layer, direction])
        sums, gates = self.sums[:, layer, direction], self.gates[:, layer, direction]
        if self.module.mode == "GRU":
            share = _sums_with_reset(weights, read, sums)
            torch.sigmoid(sums[:2], out=gates[:2])
            sums[2].addcmul_(gates[0], share)  # PyTorch multiplies after the product with W_hn
            torch.tanh(sums[2], out=gates[2])
            return
        _sums(weights, read, sums)
        if self.cell is not None:
            torch.sigmoid(sums[:2], out=gates[:2])
            torch.tanh(sums[2], out=gates[2])
            torch.sigmoid(sums[3], out=gates[3])
            self._cells(
                gates, self.first[1][layer, direction], direction, self.cell[layer, direction]
            )

    def _read(self, direction: int, x: Tensor, hidden: Tensor, first: Tensor) -> Tensor:
        """Return what each step reads: its input, the hidden state that it started from, and a 1.

        Side by side, shape (time, batch, feature + unit + 1): one product has all, the bias too.
        """
        features = x.shape[2]
        read = x.new_empty(*x.shape[:2], features + first.shape[1] + 1)
        read[..., :features], read[..., -1] = x, 1.0
        before = read[..., features:-1]
        if direction == 0:
            before[0], before[1:] = first, hidden[:-1]
            return read
        before[-1], before[:-1] = first, hidden[1:]
        if self.past_end is not None:
            last = [length - 1 for length in self.lengths]
            before[last, range(len(last))] = first
        return read

    def _cells(self, gates: Tensor, first: Tensor, direction: int, cell: Tensor) -> None:
        """Write the cell state at all steps into `cell`."""
        keep = gates[1]
        torch.mul(gates[0], gates[2], out=cell)  # what is new
        if self.past_end is not None:
            # Past the end the state stays as it is: there the reverse direction has yet to begin.
            keep = keep.masked_fill(self.past_end, 1.0)
            cell.masked_fill_(self.past_end, 0.0)
        order = cell if direction == 0 else cell.flip(0)
        if direction:
            keep = keep.flip(0)
        solved = solve_infinite if first.isinf().any() else solve
        solved(keep, order, first)
        if direction:
            cell.copy_(order.flip(0))
        if self.past_end is not None:
            cell.masked_fill_(self.past_end, torch.nan)


def _plain(state: list[Tensor]) -> list[Tensor] | Tensor:
    """Return a state as the kernels take it: two in a list, or one tensor."""
    return state if len(state) == 2 else state[0]


def _sums(weights: dict[str, Tensor], read: Tensor, sums: Tensor) -> None:
    """Write W_ih x + b_ih + W_hh h + b_hh of the gates that `sums` has room for into it.

    Parameters
    ----------
    weights : dict of str to Tensor
    read : Tensor, shape (time, batch, feature + unit + 1)
        As `Unrolled` puts it together.
    sums : Tensor, shape (gate, time, batch, unit)
    """
    gates, units = len(sums), sums.shape[-1]
    rows = slice(gates * units)
    columns = [weights["weight_ih"][rows], weights["weight_hh"][rows]]
    if "bias_ih" in weights:
        bias = weights["bias_ih"][rows] + weights["bias_hh"][rows]
    else:
        bias = columns[0].new_zeros(gates * units)
    # As a column: a bias that is added to the product is a pass over all sums of its own.
    weight = torch.cat([*columns, bias[:, None]], dim=1).view(gates, units, -1)
    torch.bmm(read.flatten(0, 1).expand(gates, -1, -1), weight.mT, out=sums.flatten(1, 2))


def _sums_with_reset(weights: dict[str, Tensor], read: Tensor, sums: Tensor) -> Tensor:
    """Write the sums of a GRU; of the new state only W_in x + b_in, and return W_hn h + b_hn.

    Parameters
    ----------
    weights, read, sums
        As for `_sums`.

    Returns
    -------
    Tensor, shape (time, batch, unit)
    """
    _sums(weights, read, sums[:2])
    features = weights["weight_ih"].shape[1]
    flat, rows = read.flatten(0, 1), slice(2 * sums.shape[-1], None)
    shares = []
    for name, given in (("ih", flat[:, :features]), ("hh", flat[:, features:-1])):
        weight = weights[f"weight_{name}"][rows].T
        bias = weights.get(f"bias_{name}")
        shares.append(given @ weight if bias is None else torch.addmm(bias[rows], given, weight))
    sums[2] = shares[0].view_as(sums[2])
    return shares[1].view_as(sums[2])
