"""The explorer of gradients through time: vanishing, exploding, and what changes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from torch import nn

from convrnn_lab import checks, data
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Control, Slider, Value
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.topics.gates import guides
from convrnn_lab.topics.gates.explorer import FORGET_BIASES, SEED_LIMIT
from convrnn_lab.topics.gates.gradient_compared import TOWARDS
from convrnn_lab.topics.gates.gradient_figure import gradients
from convrnn_lab.topics.gates.gradient_layer import CELLS, GATED, layer, layer_code
from convrnn_lab.topics.gates.gradient_trace import GradientTrace, gradient_through_time as traced
from convrnn_lab.topics.gates.views import series_code
from convrnn_lab.topics.receptive_field import trace as receptive_field_trace

RADII = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5)
MATRICES = ("orthogonal", "random")
LENGTHS = (16, 32, 64, 128)
HIDDEN_SIZES = (4, 8, 16, 32)
CLIPS = ("off", 0.1, 1.0, 10.0)
LAYER_LIMIT = 6
_KERNEL = 3
_VARIED = {
    "radius": (0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5),
    "matrix": None,
    "forget_bias": (-2, 0, 1, 2, 3),
}
"""The settings that a page of gradients holds."""


def gradient_through_time(
    series: object = "noise",
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
    controls: dict[str, Control] = {
        "radius": Choice("spectral radius", RADII, radius, ordered=True),
        "matrix": Choice("matrix", MATRICES, matrix, group="Network"),
        "forget_bias": Choice("forget bias", FORGET_BIASES, forget_bias, ordered=True),
        "length": Choice("length", LENGTHS, length, ordered=True),
        "hidden_size": Choice(
            "hidden size", HIDDEN_SIZES, hidden_size, ordered=True, group="Network"
        ),
        "seed": Slider("seed", 0, SEED_LIMIT, seed, group="Network"),
        "cell": Choice("cell", CELLS, cell, look=True),
        "clip": Choice("clip to", CLIPS, clip, ordered=True, look=True),
        "towards": Choice("gradient to", TOWARDS, towards, look=True),
        "layers": Slider("conv layers", 1, LAYER_LIMIT, layers, look=True, group="Network"),
        "lag": Slider("lag", 0, lambda before: before["length"] - 1, lag, look=True),
    }
    view = _GradientView(series)
    return Explorer(
        view,
        controls,
        name="Gradient through time",
        vary=_VARIED,
        scan=("lag",),
        # What its questions ask is true of this series.
        guide=guides.GRADIENT if view.name == "noise" else (),
    )


class _GradientView:
    """The gradients of four cells over one series.

    Parameters
    ----------
    series : str, path or array
    """

    def __init__(self, series: object) -> None:
        self._series = series
        self.name = Inputs(series, data.SERIES, "your series", lambda each: each).start
        self._runs: Callable[..., GradientTrace] = lru_cache(maxsize=256)(self._run)

    def __call__(
        self,
        *,
        forget_bias: int,
        length: int,
        cell: Seen,
        clip: Seen,
        towards: Seen,
        layers: Seen,
        lag: Seen,
        **setting: Value,
    ) -> Sheet:
        """Draw a setting."""
        biases = {kind: forget_bias if kind in GATED else None for kind in CELLS}
        runs = {
            kind: self._runs(kind, length, forget_bias=bias, **setting)
            for kind, bias in biases.items()
        }
        return gradients(
            runs,
            cell,
            lag,
            towards=towards,
            clip=None if isinstance(clip, str) else clip,
            clips=[None if isinstance(each, str) else each for each in CLIPS],
            fields=tuple(receptive_field(count) for count in range(1, LAYER_LIMIT + 1)),
            layers=layers,
            code=self._code(cell, length, towards, forget_bias=forget_bias, **setting),
        )

    def _run(self, kind: str, length: int, *, seed: int, **setting: Value) -> GradientTrace:
        values = data.series(self._series, length=length, seed=seed)
        # In float64, which does not run out of range over these lengths.
        return traced(layer(kind, seed=seed, **setting), values[:, None].double())

    def _code(self, cell: Seen, length: int, towards: Seen, *, seed: int, **setting: Value) -> Seen:
        built = {kind: "\n".join(layer_code(kind, seed=seed, **setting)) for kind in CELLS}
        values = series_code(self.name, length, seed, own="series")
        lines = [
            "{}",
            f"values = {values}",
            "gradient = trace.gradient_through_time(module.double(), values[:, None].double())",
            "gradient.{}",
        ]
        results = dict(zip(TOWARDS, ("by_lag", "state_norm"), strict=True))
        return looks.words("\n".join(lines), looks.pick(built, cell), looks.pick(results, towards))


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
