"""The layers that are compared: what they are, what one call of them is, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from convrnn_lab import checks, models
from convrnn_lab.measure.cost import cost
from convrnn_lab.measure.memory import device_of
from convrnn_lab.trace.passes import on_shapes

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
        checks.choice("layer", self.layer, [*LAYERS, OWN])
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
    """

    build: Callable[[Setting], nn.Module]
    axes: str
    reads: frozenset[str]
    about: str


def _convolution(kind: type[nn.Conv1d] | type[nn.Conv2d], s: Setting) -> Any:
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
    options = {"stride": s.stride, "padding": padding, "dilation": s.dilation}
    return models.separable(s.channels, s.kernel_size, **options)


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


@dataclass(frozen=True, eq=False)
class Work:
    """A setting made ready.

    Attributes
    ----------
    call : function
        What is measured.
    count : Count
    """

    call: Callable[[], Any]
    count: Count


@dataclass(frozen=True)
class Count:
    """What a setting costs by its shapes.

    Attributes
    ----------
    multiply_adds : int
        For the whole batch; those of an FFT are an estimate. A gradient costs twice the forward
        pass: one product for the input, one for the weights.
    bytes : int
        The least that must move: input, weights and output, each once.
    """

    multiply_adds: int
    bytes: int


def layer_of(setting: Setting, own: Layer | None = None) -> Layer:
    """Return what `setting` names.

    Raises
    ------
    ValueError
        If it names a layer of one's own, and there is none.
    """
    if setting.layer == OWN and own is None:
        raise ValueError(f"layer must be one of {', '.join(LAYERS)}; got '{OWN}' without one")
    found = own if setting.layer == OWN else LAYERS[setting.layer]
    assert found is not None  # noqa: S101 - as just checked
    return found


def settled(setting: Setting, own: Layer | None = None) -> Setting:
    """Return a setting with what its layer does not read as it is by default."""
    unread = {"kernel_size", "stride", "dilation"} - layer_of(setting, own).reads
    plain = asdict(Setting(setting.layer))
    return replace(setting, **{name: plain[name] for name in unread})


def count(setting: Setting, own: Layer | None = None) -> Count:
    """Count what a call costs, from shapes: nothing is allocated.

    Raises
    ------
    ValueError
        If the layer does not run on this input.
    """
    with on_shapes():
        model = _model(setting, own)
    shape = _shape(setting, model, own)
    if isinstance(model, models.WrittenLSTM):
        # Step by step the same, and counted in one piece.
        model = nn.LSTM(model.input_size, model.hidden_size, batch_first=True, device="meta")
    counted = cost(model.conv if isinstance(model, models.FFTConv) else model, shape)
    products = counted.multiply_adds
    if isinstance(model, models.FFTConv):
        products = models.fft_multiply_adds(model.conv, shape)
    output = math.prod(counted.rows[-1].output_shape or ())
    values = setting.batch * (math.prod(shape) + output) + counted.parameters
    times = 3 if setting.work == "forward + backward" else 1
    size = getattr(torch, setting.dtype).itemsize
    return Count(times * setting.batch * products, times * values * size)


def prepare(setting: Setting, own: Layer | None = None) -> Work:
    """Build a layer and its input, and return what is to be measured.

    Raises
    ------
    ValueError
        If the layer does not run on this input, the device is not there, or it would take too
        much memory.
    """
    device = device_of(setting.device)
    counted = count(setting, own)
    # A gradient keeps what each step made: of an LSTM, eight numbers for each of the output.
    needed = counted.bytes * (4 if setting.work == "forward + backward" else 2)
    if needed > checks.MEMORY_LIMIT_BYTES:
        raise ValueError(
            f"setting must take at most {checks.MEMORY_LIMIT_BYTES / 1024**3:.1f} GiB; got "
            f"{setting.layer} with length={setting.length}, channels={setting.channels}, "
            f"batch={setting.batch}, which takes about {needed / 1024**3:.1f} GiB"
        )
    options: dict[str, Any] = {"device": device, "dtype": getattr(torch, setting.dtype)}
    with models.seeded(0):
        model = _model(setting, own).to(**options).eval()
    generator = torch.Generator().manual_seed(0)
    shape = (setting.batch, *_shape(setting, model, own))
    x = torch.randn(shape, generator=generator).to(**options)
    if setting.work == "forward + backward":
        return Work(_with_gradient(model, x), counted)
    return Work(_without_gradient(model, x, setting.work), counted)


class _LastStep(nn.Module):
    """A causal stack, asked for the one output behind a window."""

    def __init__(self, stack: models.CausalStack) -> None:
        super().__init__()
        self.stack = stack

    def forward(self, window: Tensor) -> Tensor:
        return self.stack.last(window)


def _model(setting: Setting, own: Layer | None) -> nn.Module:
    layer = layer_of(setting, own)
    if setting.work != "one more step":
        return layer.build(setting)
    if layer.axes == IMAGE:
        raise ValueError(
            f"work must be {WORKS[0]} or {WORKS[1]} for an image; got {setting.work!r}"
        )
    model = layer.build(replace(setting, stride=1))
    for each in model.modules():
        if isinstance(each, nn.Conv1d):
            each.padding = (0,)
            each._reversed_padding_repeated_twice = [0, 0]
    return _LastStep(model) if isinstance(model, models.CausalStack) else model


def _shape(setting: Setting, model: nn.Module, own: Layer | None) -> tuple[int, ...]:
    """Return the shape of one example; for one more step, what a stream has to read for it."""
    axes, length = layer_of(setting, own).axes, setting.length
    streaming = setting.work == "one more step"
    if axes == STEPS:
        return 1 if streaming else length, setting.channels
    if axes == IMAGE:
        height = math.isqrt(length)
        return setting.channels, height, length // height
    convs = [each for each in model.modules() if isinstance(each, nn.Conv1d)]
    window = 1 + sum((each.kernel_size[0] - 1) * each.dilation[0] for each in convs)
    return setting.channels, window if streaming else length


def _first(output: Any) -> Tensor:
    while not isinstance(output, Tensor):
        output = output[0]
    return output


def _with_gradient(model: nn.Module, x: Tensor) -> Callable[[], Any]:
    wanted = [x.requires_grad_(), *model.parameters()]
    given = torch.ones_like(_first(model(x)))

    def call() -> Any:
        return torch.autograd.grad(_first(model(x)), wanted, given)

    return call


def _without_gradient(model: nn.Module, x: Tensor, work: str) -> Callable[[], Any]:
    inputs: tuple[Any, ...] = (x,)
    if work == "one more step" and isinstance(model, (nn.RNNBase, models.Written)):
        with torch.no_grad():
            inputs = (x, model(x)[1])  # the state that a stream carries on

    def call() -> Any:
        with torch.no_grad():
            return model(*inputs)

    return call
