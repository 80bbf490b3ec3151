"""Recurrent modules with chosen first weights, and models of sequences made of them."""

from __future__ import annotations

from functools import partial
from typing import Required, TypedDict

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.models.reference_cells import NONLINEARITIES, Written, WrittenRNN
from convrnn_lab.models.seeding import seeded

KINDS = ("RNN", "LSTM", "GRU")
"""What `recurrent` can build."""


class SequenceModel(nn.Module):
    """Recurrent layers and a linear layer on what they give, at every step or at the last.

    Parameters
    ----------
    recurrent : nn.RNN, nn.LSTM or nn.GRU
        With ``batch_first``.
    outputs : int
        Of the linear layer.
    last : bool
        Whether only the last step is answered: (batch, output), not (batch, time, output). The
        reverse direction has then read one step only.

    Raises
    ------
    ValueError
        If `recurrent` puts time before batch.

    Examples
    --------
    >>> model = SequenceModel(recurrent("GRU", input_size=2, hidden_size=8), 3)
    >>> model(torch.zeros(1, 50, 2)).shape
    torch.Size([1, 50, 3])
    """

    def __init__(
        self, recurrent: nn.RNNBase | Written, outputs: int, *, last: bool = False
    ) -> None:
        super().__init__()
        checks.integer("outputs", outputs, 1)
        features = recurrent.hidden_size
        if isinstance(recurrent, nn.RNNBase):
            if not recurrent.batch_first:
                raise ValueError(
                    f"recurrent must be made with batch_first=True; got {checks.shown(recurrent)}"
                )
            features = (recurrent.proj_size or features) * (1 + recurrent.bidirectional)
        self.recurrent, self.last = recurrent, last
        self.head = nn.Linear(features, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, time, output) or, of the last step, (batch, output)."""
        hidden = self.recurrent(x)[0]
        answer: Tensor = self.head(hidden[:, -1] if self.last else hidden)
        return answer


class RecurrentOptions(TypedDict, total=False):
    """What `recurrent` takes beside the kind."""

    input_size: Required[int]
    hidden_size: Required[int]
    layers: int
    bidirectional: bool
    nonlinearity: str
    spectral_radius: float | None
    weight_scale: float | None
    orthogonal: bool
    forget_bias: float | None
    seed: int


def recurrent(
    kind: str,
    *,
    input_size: int,
    hidden_size: int,
    layers: int = 1,
    bidirectional: bool = False,
    nonlinearity: str = "tanh",
    spectral_radius: float | None = None,
    weight_scale: float | None = None,
    orthogonal: bool = False,
    forget_bias: float | None = None,
    seed: int = 0,
) -> nn.RNNBase | WrittenRNN:
    """Build a recurrent module, batch first, with chosen first weights.

    They begin as PyTorch's, uniform up to 1 / sqrt(hidden_size), and are then changed in the order
    of the options. The square blocks of W_hh are those of the gates: one, three or four a layer.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    input_size, hidden_size, layers : int
    bidirectional : bool
    nonlinearity : str
        Of an RNN, one of `NONLINEARITIES`. "identity" gives a `WrittenRNN`, of one layer.
    weight_scale : float, optional
        Factor on all weights; the biases stay.
    orthogonal : bool
        Whether each block of W_hh is a random orthogonal matrix: its product with a vector keeps
        the length, times `weight_scale`.
    spectral_radius : float, optional
        Largest absolute eigenvalue that each block of W_hh is scaled to have.
    forget_bias : float, optional
        Of an LSTM: the forget gates' b_ih, with their b_hh zero, so it is what they add.
    seed : int

    Returns
    -------
    nn.RNN, nn.LSTM, nn.GRU or WrittenRNN

    Raises
    ------
    ValueError
        If a setting is out of range or not one of this kind.

    Examples
    --------
    >>> layer = recurrent("RNN", input_size=1, hidden_size=4, spectral_radius=0.5)
    >>> round(torch.linalg.eigvals(layer.weight_hh_l0).abs().max().item(), 4)
    0.5
    """
    checks.choice("kind", kind, KINDS)
    checks.positive(input_size=input_size, hidden_size=hidden_size, layers=layers)
    checks.integer("seed", seed, 0)
    checks.choice("nonlinearity", nonlinearity, NONLINEARITIES if kind == "RNN" else ("tanh",))
    radius = _scale("spectral_radius", spectral_radius)
    scale = _scale("weight_scale", weight_scale)
    gates = {"RNN": 1, "LSTM": 4, "GRU": 3}[kind]
    width = max(input_size, hidden_size * (1 + bidirectional)) + hidden_size
    checks.memory("weights", (layers, 1 + bidirectional, gates * hidden_size, width), 4)
    if forget_bias is not None:
        checks.choice("kind with forget_bias", kind, ["LSTM"])
        checks.number("forget_bias", forget_bias)
    linear = nonlinearity == "identity"
    if linear and (layers > 1 or bidirectional):
        raise ValueError(
            "nonlinearity must be tanh or relu for more than one layer or direction; got identity"
        )
    with seeded(seed), torch.no_grad():
        module: nn.RNNBase | WrittenRNN
        if linear:
            module = WrittenRNN(input_size, hidden_size, nonlinearity="identity")
        else:
            options = {"nonlinearity": nonlinearity} if kind == "RNN" else {}
            make = partial(getattr(nn, kind), batch_first=True, bidirectional=bidirectional)
            module = make(input_size, hidden_size, layers, **options)
        _initialise(module, scale=scale, orthogonal=orthogonal, radius=radius)
    if forget_bias is not None:
        _set_forget_bias(module, float(forget_bias))
    return module


def _scale(name: str, value: float | None) -> float | None:
    if value is not None and checks.number(name, value) < 0:
        raise ValueError(f"{name} must be a number of at least 0; got {value}")
    return value


def _initialise(
    module: nn.Module, *, scale: float | None, orthogonal: bool, radius: float | None
) -> None:
    factor = 1.0 if scale is None else scale
    for name, weight in module.named_parameters():
        if name.startswith("weight_ih"):
            weight.mul_(factor)
        if not name.startswith("weight_hh"):
            continue
        for block in weight.chunk(len(weight) // weight.shape[1]):
            if orthogonal:
                nn.init.orthogonal_(block)
            block.mul_(factor)
            if radius is not None:
                # In float64: the radius is exact to the last digit of the weights.
                block.mul_(radius / spectral_radius_of(block))


def spectral_radius_of(matrix: Tensor) -> float:
    """Return the largest absolute eigenvalue of a square matrix.

    Parameters
    ----------
    matrix : Tensor, shape (unit, unit)

    Examples
    --------
    >>> round(spectral_radius_of(torch.tensor([[0.0, 2.0], [-2.0, 0.0]])), 12)
    2.0
    """
    return float(torch.linalg.eigvals(matrix.detach().double()).abs().max())


def _set_forget_bias(module: nn.Module, value: float) -> None:
    with torch.no_grad():
        for name, bias in module.named_parameters():
            if name.startswith("bias"):
                bias.chunk(4)[1].fill_(value if name.startswith("bias_ih") else 0.0)
