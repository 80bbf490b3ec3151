"""Recurrent layers written as their equations."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convrnn_lab import checks

NONLINEARITIES = ("tanh", "relu", "identity")
"""Of an RNN; "identity" makes it linear, which PyTorch's own cannot be."""

State = tuple[Tensor, ...]


class Written(nn.Module):
    """A recurrent layer as its equations, one step after the other; see its three kinds.

    It is one layer in one direction, takes (batch, time, feature), and has the weights of
    PyTorch's layer under the same names: ``load_state_dict`` goes both ways.

    Parameters
    ----------
    input_size, hidden_size : int
    bias : bool
    """

    gates = 1
    states = 1

    def __init__(self, input_size: int, hidden_size: int, *, bias: bool = True) -> None:
        super().__init__()
        self.input_size = checks.integer("input_size", input_size, 1)
        self.hidden_size = checks.integer("hidden_size", hidden_size, 1)
        rows = self.gates * hidden_size
        checks.memory("weights", (rows, input_size + hidden_size), 4)
        self.weight_ih_l0 = nn.Parameter(torch.empty(rows, input_size))
        self.weight_hh_l0 = nn.Parameter(torch.empty(rows, hidden_size))
        self.bias_ih_l0 = nn.Parameter(torch.empty(rows)) if bias else None
        self.bias_hh_l0 = nn.Parameter(torch.empty(rows)) if bias else None
        for each in self.parameters():  # as PyTorch does
            nn.init.uniform_(each, -(hidden_size**-0.5), hidden_size**-0.5)

    @classmethod
    def from_torch(cls, module: nn.RNNBase) -> Written:
        """Return this layer with copies of the weights of PyTorch's.

        Parameters
        ----------
        module : nn.RNN, nn.LSTM or nn.GRU
            Of one layer and direction, without ``proj_size``.

        Returns
        -------
        Written
            `WrittenRNN`, `WrittenLSTM` or `WrittenGRU`, of the module's dtype and device.

        Raises
        ------
        ValueError
            If the module is another.
        """
        kinds = {nn.RNN: WrittenRNN, nn.LSTM: WrittenLSTM, nn.GRU: WrittenGRU}
        kind = next((made for torchs, made in kinds.items() if isinstance(module, torchs)), None)
        if kind is None or not issubclass(kind, cls):
            wanted = "RNN, LSTM or GRU" if cls is Written else cls.__name__.removeprefix("Written")
            raise ValueError(f"module must be a torch.nn.{wanted}; got {type(module).__name__}")
        if module.num_layers > 1 or module.bidirectional or module.proj_size:
            raise ValueError(
                "module must be one layer in one direction without proj_size; "
                f"got {checks.shown(module)}"
            )
        options = {"nonlinearity": module.nonlinearity} if isinstance(module, nn.RNN) else {}
        written = kind(module.input_size, module.hidden_size, bias=module.bias, **options)
        written.to(next(module.parameters()))
        written.load_state_dict(module.state_dict())
        return written.train(module.training)

    def from_input(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return W_ih x + b_ih of each gate, shape (batch, unit)."""
        return F.linear(x, self.weight_ih_l0, self.bias_ih_l0).chunk(self.gates, dim=-1)

    def from_hidden(self, h: Tensor) -> tuple[Tensor, ...]:
        """Return W_hh h + b_hh of each gate, shape (batch, unit)."""
        return F.linear(h, self.weight_hh_l0, self.bias_hh_l0).chunk(self.gates, dim=-1)

    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Return the next state and the gates that made it; `x` has the shape (batch, feature)."""
        raise NotImplementedError

    def states_of(self, x: Tensor, first: State | None = None) -> list[State]:
        """Return the state before the first step and after each; `x` is (batch, time, feature)."""
        empty = x.new_zeros(len(x), self.hidden_size)
        states = [first or (empty,) * self.states]
        for each in x.unbind(1):
            states.append(self.step(each, states[-1])[0])
        return states

    def forward(
        self, x: Tensor, state: Tensor | State | None = None
    ) -> tuple[Tensor, Tensor | State]:
        """Return what PyTorch's layer does with ``batch_first``: all hidden states, and the last.

        Parameters
        ----------
        x : Tensor, shape (batch, time, feature)
        state : Tensor or two Tensor, shape (1, batch, unit), optional
        """
        given = (state,) if isinstance(state, Tensor) else state
        states = self.states_of(x, given and tuple(each[0] for each in given))
        last = tuple(each[None] for each in states[-1])
        return torch.stack([h for h, *_ in states[1:]], dim=1), last if self.states > 1 else last[0]


class WrittenRNN(Written):
    """h_t = f(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh) (Elman 1990).

    Parameters
    ----------
    input_size, hidden_size : int
    bias : bool
    nonlinearity : str
        One of `NONLINEARITIES`.
    """

    def __init__(
        self, input_size: int, hidden_size: int, *, bias: bool = True, nonlinearity: str = "tanh"
    ) -> None:
        super().__init__(input_size, hidden_size, bias=bias)
        checks.choice("nonlinearity", nonlinearity, NONLINEARITIES)
        self.nonlinearity = nonlinearity

    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Return the next state; there are no gates."""
        (h,) = state
        (sum_x,), (sum_h,) = self.from_input(x), self.from_hidden(h)
        h = sum_x + sum_h
        if self.nonlinearity != "identity":
            h = torch.tanh(h) if self.nonlinearity == "tanh" else torch.relu(h)
        return (h,), {}


class WrittenLSTM(Written):
    """Keeps a cell state behind gates (Hochreiter & Schmidhuber 1997; Gers et al. 2000).

    c_t = f c_(t-1) + i g, h_t = o tanh(c_t).

    Parameters
    ----------
    input_size, hidden_size : int
    bias : bool
    """

    gates = 4
    states = 2

    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Return the next (h, c) and the gates."""
        h, c = state
        i_x, f_x, g_x, o_x = self.from_input(x)
        i_h, f_h, g_h, o_h = self.from_hidden(h)
        i = torch.sigmoid(i_x + i_h)
        f = torch.sigmoid(f_x + f_h)
        g = torch.tanh(g_x + g_h)
        o = torch.sigmoid(o_x + o_h)
        c = f * c + i * g
        h = o * torch.tanh(c)
        return (h, c), {"input": i, "forget": f, "candidate": g, "output": o}


class WrittenGRU(Written):
    """h_t = (1 - z) n + z h_(t-1), with the reset gate where PyTorch has it (Cho et al. 2014).

    Parameters
    ----------
    input_size, hidden_size : int
    bias : bool
    """

    gates = 3

    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Return the next state and the gates."""
        (h,) = state
        r_x, z_x, n_x = self.from_input(x)
        r_h, z_h, n_h = self.from_hidden(h)
        r = torch.sigmoid(r_x + r_h)
        z = torch.sigmoid(z_x + z_h)
        n = torch.tanh(n_x + r * n_h)
        h = (1 - z) * n + z * h
        return (h,), {"reset": r, "update": z, "new": n}
