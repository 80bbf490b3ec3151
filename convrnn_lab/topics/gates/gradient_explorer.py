"""The explorer of gradients through time: vanishing, exploding, and what changes it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from torch import nn

from convrnn_lab import checks, data, models
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.topics.gates import gradient_trace
from convrnn_lab.topics.gates.explorer import FORGET_BIASES, SEED_LIMIT, keep_update
from convrnn_lab.topics.gates.gradient_figure import TOWARDS, gradients
from convrnn_lab.topics.gates.gradient_trace import GradientTrace
from convrnn_lab.topics.receptive_field import trace as receptive_field_trace

CELLS = ("linear", "tanh", "LSTM", "GRU")
RADII = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5)
MATRICES = ("orthogonal", "random")
LENGTHS = (16, 32, 64, 128)
HIDDEN_SIZES = (4, 8, 16, 32)
CLIPS = ("off", 0.1, 1.0, 10.0)
LAYER_LIMIT = 6
_KERNEL = 3


def gradient_through_time(
    series: Any = "noise",
    *,
    cell: str = "linear",
    radius: float = 0.9,
    matrix: str = "orthogonal",
    forget_bias: int = 1,
    length: int = 64,
    hidden_size: int = 16,
    clip: float | str = "off",
    towards: str = "input",
    layers: int = 4,
    lag: int = 10,
    seed: int = 0,
) -> Explorer:
    """Show how the gradient of the last state fades or grows on its way back, for four cells.

    Parameters
    ----------
    series : str, path or array
        What the cells read; see `data.series`.
    cell : str
        One of `CELLS`, to be looked at closely: its singular values, and its gradient clipped.
        "linear" and "tanh" are plain recurrent layers.
    radius : float
        One of `RADII`: the spectral radius of every block of W_hh.
    matrix : str
        One of `MATRICES`.
    forget_bias : int
        As for `gates`, of LSTM and GRU.
    length, hidden_size : int
        One of `LENGTHS` and of `HIDDEN_SIZES`.
    clip : float or "off"
        One of `CLIPS`: the norm that the gradient is clipped to.
    towards : str
        "input" for d h_T / d x_t, or "state" for d h_T / d h_t.
    layers : int
        1 to 6, of the causal convolution whose receptive field is marked; their dilations are
        1, 2, 4, ..., and their kernels 3 wide.
    lag : int
        The lag whose numbers are told.
    seed : int
        0 to 9, of the weights and of the noise.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is not offered, or the series cannot be used.
    """
    fields = tuple(receptive_field(count) for count in range(1, LAYER_LIMIT + 1))

    @lru_cache(maxsize=256)
    def run(kind: str, steps: int, seed: int, **setting: Any) -> GradientTrace:
        values = data.series(series, length=steps, seed=seed)
        # In float64, which does not run out of range over these lengths.
        return gradient_trace.gradient_through_time(
            layer(kind, seed=seed, **setting), values[None, :, None].double()
        )

    def view(
        *, cell: str, forget_bias: int, length: int, clip: Any, seed: int, **rest: Any
    ) -> Sheet:
        towards, lag, layers = (rest.pop(name) for name in ("towards", "lag", "layers"))
        runs = {
            kind: run(
                kind, length, seed, **rest, forget_bias=None if kind in CELLS[:2] else forget_bias
            )
            for kind in CELLS
        }
        return gradients(
            runs,
            cell,
            lag,
            towards=towards,
            clip=None if clip == "off" else clip,
            fields=fields,
            layers=layers,
            code=_code(cell, length, seed, forget_bias, rest),
        )

    return Explorer(
        view,
        {
            "cell": Choice("cell", CELLS, cell),
            "radius": Choice("spectral radius", RADII, radius, ordered=True),
            "matrix": Choice("matrix", MATRICES, matrix),
            "forget_bias": Choice("forget bias", FORGET_BIASES, forget_bias, ordered=True),
            "length": Choice("length", LENGTHS, length, ordered=True),
            "hidden_size": Choice("hidden size", HIDDEN_SIZES, hidden_size, ordered=True),
            "clip": Choice("clip to", CLIPS, clip, ordered=True),
            "towards": Choice("gradient to", TOWARDS, towards),
            "layers": Slider("conv layers", 1, LAYER_LIMIT, layers),
            "seed": Slider("seed", 0, SEED_LIMIT, seed),
            "lag": Slider("lag", 0, lambda before: before["length"] - 1, lag),
        },
        name="Gradient through time",
        vary={
            "cell": None,
            "radius": (0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5),
            "matrix": None,
            "forget_bias": (-2, 0, 1, 2, 3),
            "lag": (lag,),
        },
        scan=("lag",),
    )


def layer(
    kind: str,
    *,
    radius: float,
    matrix: str,
    hidden_size: int,
    forget_bias: int | None,
    seed: int,
) -> nn.Module:
    """Build one of the cells in float64, for one feature.

    Parameters
    ----------
    kind : str
        One of `CELLS`.
    radius, matrix, hidden_size, forget_bias, seed
        As for `gradient_through_time`; `forget_bias` is None for the plain cells.
    """
    options: dict[str, dict[str, Any]] = {
        "linear": {"kind": "RNN", "nonlinearity": "identity"},
        "tanh": {"kind": "RNN"},
        "LSTM": {"kind": "LSTM", "forget_bias": forget_bias},
        "GRU": {"kind": "GRU"},
    }
    module = models.recurrent(
        **options[kind],
        input_size=1,
        hidden_size=hidden_size,
        spectral_radius=radius,
        orthogonal=matrix == "orthogonal",
        seed=seed,
    )
    if kind == "GRU" and forget_bias is not None:
        keep_update(module, forget_bias)
    return module.double()


@lru_cache(maxsize=LAYER_LIMIT)
def receptive_field(layers: int) -> int:
    """Return how many steps a causal convolution sees, with dilations 1, 2, 4, ....

    Parameters
    ----------
    layers : int

    Examples
    --------
    >>> receptive_field(3)  # 1 + 2 + 4 + 8
    15
    """
    checks.integer("layers", layers, 1, LAYER_LIMIT)
    stack = nn.Sequential(
        *(
            nn.Conv1d(1, 1, _KERNEL, dilation=2**each, padding=2**each * (_KERNEL - 1))
            for each in range(layers)
        )
    )
    return receptive_field_trace.receptive_field(stack, (1, 4 * max(LENGTHS))).size[0]


def _code(cell: str, length: int, seed: int, forget_bias: int, setting: dict[str, Any]) -> str:
    kind = cell if cell in ("LSTM", "GRU") else "RNN"
    extra = ', nonlinearity="identity"' if cell == "linear" else ""
    extra += f", forget_bias={forget_bias}" if cell == "LSTM" else ""
    lines = [
        f'module = models.recurrent("{kind}", input_size=1, hidden_size={setting["hidden_size"]}, '
        f"spectral_radius={setting['radius']}, orthogonal={setting['matrix'] == 'orthogonal'}"
        f"{extra}, seed={seed})",
    ]
    if cell == "GRU":
        lines += [
            f"module.bias_ih_l0.data.chunk(3)[1].fill_({forget_bias})",
            "module.bias_hh_l0.data.chunk(3)[1].zero_()",
        ]
    lines += [
        f'values = data.series("noise", length={length}, seed={seed})',
        "trace.gradient_through_time(module.double(), values[None, :, None].double()).by_lag",
    ]
    return "\n".join(lines)
