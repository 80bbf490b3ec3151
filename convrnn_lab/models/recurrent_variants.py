"""Recurrent layers that do the same work in another way, to compare their speed."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from convrnn_lab import checks
from convrnn_lab.models.reference_cells import State, WrittenLSTM


class Chunked(nn.Module):
    """A recurrent layer that is given a few steps at a time, and carries its state on.

    Parameters
    ----------
    recurrent : nn.RNNBase
        With ``batch_first``.
    chunk : int
        Steps in each call.
    """

    def __init__(self, recurrent: nn.RNNBase, chunk: int) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.chunk = checks.integer("chunk", chunk, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return what one call would, shape (batch, time, unit)."""
        outputs, state = [], None
        for part in torch.split(x, self.chunk, dim=1):
            output, state = self.recurrent(part, state)
            outputs.append(output)
        return torch.cat(outputs, dim=1)


class Ragged(nn.Module):
    """A recurrent layer over a batch whose sequences end at different times.

    The first is as long as the input, and the others are evenly shorter, so that about half of the
    steps are padding.

    Parameters
    ----------
    recurrent : nn.RNNBase
        With ``batch_first``.
    packed : bool
        Whether the padding is left out (`torch.nn.utils.rnn.pack_padded_sequence`).
    """

    def __init__(self, recurrent: nn.RNNBase, *, packed: bool) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.packed = packed

    @staticmethod
    def lengths(batch: int, time: int) -> list[int]:
        """Return the steps of each sequence, the longest first."""
        return [max(1, time - each * time // batch) for each in range(batch)]

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs, shape (step, unit) if packed, else (batch, time, unit)."""
        if not self.packed:
            output: Tensor = self.recurrent(x)[0]
            return output
        packed = pack_padded_sequence(x, self.lengths(*x.shape[:2]), batch_first=True)
        steps: Tensor = self.recurrent(packed)[0].data
        return steps


class Strided(nn.Module):
    """A convolution that takes every few steps together, and a recurrent layer over what is left.

    Parameters
    ----------
    recurrent : nn.RNNBase
        With ``batch_first``.
    stride : int
        Steps that become one; also the kernel's size.
    """

    def __init__(self, recurrent: nn.RNNBase, stride: int) -> None:
        super().__init__()
        channels = recurrent.input_size
        self.conv = nn.Conv1d(channels, channels, stride, stride)
        self.recurrent = recurrent

    def forward(self, x: Tensor) -> Tensor:
        """Return the states, shape (batch, time / stride, unit)."""
        output: Tensor = self.recurrent(self.conv(x.mT).mT)[0]
        return output


class CompiledLSTM(WrittenLSTM):
    """The written-out LSTM with its step compiled (`torch.compile`), the loop over time as it is.

    Compiling the loop would write out all its steps, which takes minutes. The first call compiles.
    """

    _compiled: Callable[[Tensor, State], tuple[State, dict[str, Tensor]]] | None = None

    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Return what the step that is not compiled does."""
        if self._compiled is None:
            self._compiled = torch.compile(super().step)
        found: tuple[State, dict[str, Tensor]] = self._compiled(x, state)
        return found


class MinGRU(nn.Module):
    """h_t = (1 − z_t) h_(t−1) + z_t h̃_t, where z and h̃ read the input alone (Feng et al. 2024).

    That makes it linear in h, so it can be computed step by step, or by a scan in log₂(time)
    passes over all steps.

    Parameters
    ----------
    input_size, hidden_size : int
    scan : bool
        Whether by a scan.
    """

    def __init__(self, input_size: int, hidden_size: int, *, scan: bool = True) -> None:
        super().__init__()
        self.update = nn.Linear(input_size, hidden_size)
        self.candidate = nn.Linear(input_size, hidden_size)
        self.scan = scan

    def forward(self, x: Tensor) -> Tensor:
        """Return all states, shape (batch, time, unit)."""
        z = torch.sigmoid(self.update(x))
        keep, new = 1 - z, z * self.candidate(x)
        return scanned(keep, new) if self.scan else looped(keep, new)


def looped(keep: Tensor, new: Tensor) -> Tensor:
    """Return h_t = keep_t h_(t−1) + new_t, step by step from h = 0.

    Parameters
    ----------
    keep, new : Tensor, shape (batch, time, unit)
    """
    h = torch.zeros_like(new[:, 0])
    states = []
    for k, n in zip(keep.unbind(1), new.unbind(1), strict=True):
        h = k * h + n
        states.append(h)
    return torch.stack(states, dim=1)


def scanned(keep: Tensor, new: Tensor) -> Tensor:
    """Return what `looped` does by doubling (Hillis and Steele 1986).

    After a pass over distance d, each step has put together the 2 d steps up to it.
    """
    distance = 1
    while distance < new.shape[1]:
        before = new[:, distance:] + keep[:, distance:] * new[:, :-distance]
        new = torch.cat([new[:, :distance], before], dim=1)
        both = keep[:, distance:] * keep[:, :-distance]
        keep = torch.cat([keep[:, :distance], both], dim=1)
        distance *= 2
    return new
