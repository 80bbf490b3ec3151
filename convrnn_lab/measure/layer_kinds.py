"""The layers that are compared: what they are, what one call of them is, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TypeVar

from torch import nn

from convrnn_lab import checks, models

Convolution = TypeVar("Convolution", nn.Conv1d, nn.Conv2d)

WORKS = ("forward", "forward + backward", "one more step")
"""What is done: the whole sequence, with or without its gradient, or the step behind it."""

DTYPES = ("float32", "float64", "bfloat16")

OWN = "own"
"""The name of a layer that is none of `LAYERS`."""


@dataclass(frozen=True)
class Setting:
    """One thing to measure.

    Attributes
    ----------
    layer : str
        One of `LAYERS`, or `OWN`.
    work : str
        One of `WORKS`.
    length : int
        Steps of the sequence; for two dimensions, pixels of an image that is about square.
    channels : int
        In and out, or units; the input has as many features.
    batch : int
    kernel_size, stride, dilation : int
        Of convolutions.
    threads : int
    dtype : str
        One of `DTYPES`.
    device : str
        As PyTorch names it.
    """

    layer: str
    work: str = "forward"
    length: int = 256
    channels: int = 16
    batch: int = 1
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    threads: int = 1
    dtype: str = "float32"
    device: str = "cpu"

    def __post_init__(self) -> None:
        """Refuse what nothing can be measured with."""
        checks.choice("layer", self.layer, [*LAYERS, *VARIANTS, OWN])
        checks.choice("work", self.work, WORKS)
        checks.choice("dtype", self.dtype, DTYPES)
        for name in ("length", "channels", "batch", "kernel_size", "stride", "dilation", "threads"):
            checks.integer(name, getattr(self, name), 1)


@dataclass(frozen=True)
class Layer:
    """How a layer is built, and fed.

    Attributes
    ----------
    build : function
        Takes a setting.
    axes : "channel time", "time channel" or "channel height width"
        Of one example.
    reads : frozenset of str
        Which of kernel_size, stride and dilation it has.
    about : str
        In words.
    last : bool
        Whether an image and its weights lie in memory with the channels last.
    compiled : bool
        Whether its operations cannot be followed: that would compile them anew.
    """

    build: Callable[[Setting], nn.Module]
    axes: str
    reads: frozenset[str]
    about: str
    last: bool = False
    compiled: bool = False


def _convolution(kind: type[Convolution], s: Setting) -> Convolution:
    return kind(
        s.channels,
        s.channels,
        s.kernel_size,
        s.stride,
        s.dilation * (s.kernel_size - 1) // 2,
        s.dilation,
    )


def _separable(s: Setting) -> nn.Module:
    padding = s.dilation * (s.kernel_size - 1) // 2
    return models.separable(
        s.channels, s.kernel_size, stride=s.stride, padding=padding, dilation=s.dilation
    )


def _recurrent(kind: str) -> Callable[[Setting], nn.Module]:
    return lambda s: models.recurrent(kind, input_size=s.channels, hidden_size=s.channels)


def _written(s: Setting) -> nn.Module:
    return models.WrittenLSTM(s.channels, s.channels)


_ALL = frozenset({"kernel_size", "stride", "dilation"})
_STACKED = frozenset({"kernel_size", "dilation"})
_NONE: frozenset[str] = frozenset()
LINE, STEPS, IMAGE = "channel time", "time channel", "channel height width"

LAYERS: dict[str, Layer] = {
    "Conv1d": Layer(lambda s: _convolution(nn.Conv1d, s), LINE, _ALL, "one convolution"),
    "causal stack": Layer(
        lambda s: models.CausalStack(s.channels, s.kernel_size, dilation=s.dilation),
        *(LINE, _STACKED, "4 causal convolutions, dilations 1, 2, 4, 8"),
    ),
    "separable conv": Layer(_separable, LINE, _ALL, "depthwise, then pointwise"),
    "FFT conv": Layer(
        lambda s: models.FFTConv(_convolution(nn.Conv1d, s)), LINE, _ALL, "Conv1d by FFT"
    ),
    "Conv2d": Layer(
        lambda s: _convolution(nn.Conv2d, s), IMAGE, _ALL, "as many pixels as there are steps"
    ),
    "FFT conv 2d": Layer(
        lambda s: models.FFTConv(_convolution(nn.Conv2d, s)), IMAGE, _ALL, "Conv2d by FFT"
    ),
    "RNN": Layer(_recurrent("RNN"), STEPS, _NONE, "tanh"),
    "LSTM": Layer(_recurrent("LSTM"), STEPS, _NONE, "PyTorch's"),
    "GRU": Layer(_recurrent("GRU"), STEPS, _NONE, "PyTorch's"),
    "LSTM loop": Layer(_written, STEPS, _NONE, "the equations, a Python loop over time"),
}
"""What can be compared over a sequence, by name."""

_STRIDE = 4


def _lstm(s: Setting) -> nn.RNNBase:
    made: nn.RNNBase = _recurrent("LSTM")(s)  # type: ignore[assignment] # an LSTM is
    return made


VARIANTS: dict[str, Layer] = {
    "Conv2d channels last": Layer(
        lambda s: _convolution(nn.Conv2d, s), IMAGE, _ALL, "memory in another order", last=True
    ),
    "LSTM loop compiled": Layer(
        lambda s: models.CompiledLSTM(s.channels, s.channels),
        *(STEPS, _NONE, "each step by torch.compile"),
        compiled=True,
    ),
    "LSTM by steps": Layer(lambda s: models.Chunked(_lstm(s), 1), STEPS, _NONE, "1 step a call"),
    "LSTM by chunks": Layer(
        lambda s: models.Chunked(_lstm(s), 64), STEPS, _NONE, "64 steps a call"
    ),
    "LSTM padded": Layer(
        lambda s: models.Ragged(_lstm(s), packed=False), STEPS, _NONE, "with its padding"
    ),
    "LSTM packed": Layer(
        lambda s: models.Ragged(_lstm(s), packed=True), STEPS, _NONE, "without its padding"
    ),
    "LSTM after stride 4": Layer(
        lambda s: models.Strided(_lstm(s), _STRIDE), STEPS, _NONE, "a quarter of the steps"
    ),
    "minGRU loop": Layer(
        lambda s: models.MinGRU(s.channels, s.channels, scan=False), STEPS, _NONE, "step by step"
    ),
    "minGRU scan": Layer(
        lambda s: models.MinGRU(s.channels, s.channels), STEPS, _NONE, "log2(length) passes"
    ),
}
"""The same work done another way; see `SWITCHES`."""


def layer_of(setting: Setting, own: Layer | None = None) -> Layer:
    """Return what `setting` names.

    Raises
    ------
    ValueError
        If it names a layer of one's own, and there is none.
    """
    if setting.layer == OWN and own is None:
        raise ValueError(f"layer must be one of {', '.join(LAYERS)}; got '{OWN}' without one")
    found = own if setting.layer == OWN else (LAYERS | VARIANTS)[setting.layer]
    assert found is not None  # noqa: S101 - as just checked
    return found


@lru_cache(maxsize=4096)
def canonical_setting(setting: Setting, own: Layer | None = None) -> Setting:
    """Return a setting with what its layer does not read as it is by default.

    One more step of a stream costs the same however long it has been, and has no stride.
    """
    unread = {"kernel_size", "stride", "dilation"} - layer_of(setting, own).reads
    if setting.work == "one more step":
        unread |= {"length", "stride"}
    plain = asdict(Setting(setting.layer))
    return replace(setting, **{name: plain[name] for name in unread})
