"""A setting made ready: what one call of it is, and what it costs by its shapes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from torch import Tensor, nn

from convrnn_lab import checks, models
from convrnn_lab.measure.layer_cost import Cost, cost
from convrnn_lab.measure.layer_kinds import IMAGE, OWN, STEPS, WORKS, Layer, Setting, layer_of
from convrnn_lab.measure.peak_memory import device_of
from convrnn_lab.measure.timer import failed
from convrnn_lab.shapes.operands import tensors
from convrnn_lab.shapes.passes import on_shapes


@dataclass(frozen=True, eq=False)
class Work:
    """A setting made ready.

    Attributes
    ----------
    call : function
        What is measured.
    count : Count
    """

    call: Callable[[], object]
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
    unknown : tuple of str
        Operations that `multiply_adds` lacks.
    """

    multiply_adds: int
    bytes: int
    unknown: tuple[str, ...] = ()


def count(setting: Setting, own: Layer | None = None) -> Count:
    """Count what a call costs, from shapes: nothing is allocated.

    Raises
    ------
    ValueError
        If the layer does not run on this input.
    """
    example = _example(setting, own) if setting.layer == OWN else _shared(_of_shape(setting))
    model, shape, counted = example.model, example.shape, example.cost
    products = setting.batch * counted.multiply_adds
    if isinstance(model, models.FFTConv):
        products = models.fft_multiply_adds(model.conv, shape, setting.batch)
    if isinstance(model, models.Ragged) and model.packed:
        steps = sum(model.lengths(setting.batch, setting.length))
        products = products * steps // (setting.batch * setting.length)
    values = setting.batch * (math.prod(shape) + math.prod(counted.output_shape))
    times = 3 if setting.work == "forward + backward" else 1
    size = getattr(torch, setting.dtype).itemsize
    moved = times * (values + counted.parameters) * size
    return Count(times * products, moved, counted.unknown)


@dataclass(frozen=True, eq=False)
class _Example:
    """A model of a setting, on shapes alone, with one example of its input."""

    model: nn.Module
    shape: tuple[int, ...]
    cost: Cost


def _example(setting: Setting, own: Layer | None = None) -> _Example:
    with on_shapes():
        model = _model(setting, own)
    shape = input_shape(setting, model, own)
    return _Example(model, shape, cost(_stand_in(model), shape))


_shared = lru_cache(maxsize=1024)(_example)
"""Settings that differ in what no shape tells are counted once, for all explorers."""


def _of_shape(setting: Setting) -> Setting:
    """Return a setting with what its shapes do not depend on as it is by default."""
    work = setting.work if setting.work == "one more step" else "forward"
    return replace(setting, work=work, batch=1, threads=1, dtype="float32", device="cpu")


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
    _check_memory(setting, counted, own)
    dtype = getattr(torch, setting.dtype)
    with models.seeded(0):
        model = _model(setting, own).to(device, dtype).eval()
    generator = torch.Generator().manual_seed(0)
    shape = (setting.batch, *input_shape(setting, model, own))
    x = torch.randn(shape, generator=generator).to(device, dtype)
    if layer_of(setting, own).last:
        x = x.to(memory_format=torch.channels_last)
        for weight in model.parameters():
            weight.data = weight.data.contiguous(memory_format=_last(weight))
    return Work(call_of(model, x, setting.work), counted)


def _check_memory(setting: Setting, counted: Count, own: Layer | None) -> None:
    # A gradient keeps what each step made: of an LSTM, eight numbers for each of the output.
    needed = counted.bytes * (4 if setting.work == "forward + backward" else 2)
    with on_shapes():
        model = _model(setting, own)
    if isinstance(model, models.FFTConv):
        conv, shape = model.conv, input_shape(setting, model, own)
        spectra = setting.batch * (conv.in_channels + conv.out_channels)
        spectra += conv.in_channels * conv.out_channels // conv.groups
        size = getattr(torch, setting.dtype).itemsize
        needed += 2 * spectra * math.prod(models.fft_sizes(conv, shape)) * size
    checks.all_memory(
        f"{setting.layer} with length={setting.length}, channels={setting.channels}, "
        f"batch={setting.batch}",
        needed,
    )


def _stand_in(model: nn.Module) -> nn.Module:
    """Return a model with the same products that can be counted, and in one piece."""
    if isinstance(model, models.WrittenLSTM):
        return nn.LSTM(model.input_size, model.hidden_size, batch_first=True, device="meta")
    if isinstance(model, (models.Chunked, models.Ragged)):
        return model.recurrent
    if isinstance(model, models.MinGRU):
        with on_shapes():
            return models.MinGRU(model.update.in_features, model.update.out_features)
    return model.conv if isinstance(model, models.FFTConv) else model


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


def input_shape(setting: Setting, model: nn.Module, own: Layer | None) -> tuple[int, ...]:
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


def _last(weight: Tensor) -> torch.memory_format:
    return torch.channels_last if weight.ndim == 4 else torch.contiguous_format


def call_of(model: nn.Module, x: Tensor, work: str) -> Callable[[], object]:
    """Return the call that does a work of `WORKS` with a model; it is done once, to see it run.

    Raises
    ------
    ValueError
        If the model fails, or has nothing to take a gradient of.
    """
    try:
        call = _with_gradient(model, x) if work == "forward + backward" else None
        call = call or _without_gradient(model, x, work)
        call()
    except Exception as error:
        raise failed(error) from error
    return call


def _first(output: object) -> Tensor:
    found = next(tensors(output), None)
    if found is None:
        raise ValueError(f"the model returns no tensor but {checks.shown(output)}")
    return found


def _with_gradient(model: nn.Module, x: Tensor) -> Callable[[], object]:
    weights = [each for each in model.parameters() if each.requires_grad]
    wanted = [x.requires_grad_(), *weights] if x.is_floating_point() else weights
    if not wanted:
        raise ValueError("neither its input nor a weight takes a gradient")
    given = torch.ones_like(_first(model(x)))

    def call() -> object:
        return torch.autograd.grad(_first(model(x)), wanted, given, allow_unused=True)

    return call


def _without_gradient(model: nn.Module, x: Tensor, work: str) -> Callable[[], object]:
    inputs: tuple[object, ...] = (x,)
    if work == "one more step" and isinstance(model, (nn.RNNBase, models.Written)):
        with torch.no_grad():
            inputs = (x, model(x)[1])  # the state that a stream carries on

    def call() -> object:
        with torch.no_grad():
            return model(*inputs)

    return call
