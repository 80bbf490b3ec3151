"""What the layers of a model make of an input that a reader gives, as the browser computes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from convrnn_lab.drawing import given, looks
from convrnn_lab.drawing.looks import Look
from convrnn_lab.topics.network.layer import Layer
from convrnn_lab.topics.network.pictures import arranged
from convrnn_lab.topics.network.trace import LayersTrace
from convrnn_lab.topics.network.values import values_of

WEIGHT_BYTES = 1_500_000
"""Weights of the largest model that goes to the browser."""

INPUT = "input"
"""By which the browser knows the model's input; see `output_name`."""

# Any: numbers, lists and settings by name, as the browser's kernels take them.
Call = tuple[str, list[Any]]
"""An operation of ``web/computed.js``, and its arguments after the input."""


def output_name(label: str) -> str:
    """Return by which the browser knows what a layer gives."""
    return f"output of {label}"


@lru_cache(maxsize=16)
def followed(run: LayersTrace) -> dict[str, Look]:
    """Return what each layer gives, by its label; the browser computes it of another input.

    Parameters
    ----------
    run : LayersTrace

    Returns
    -------
    dict
        Empty where the browser cannot compute the model: it is no chain of layers that the browser
        knows, or its weights take more than `WEIGHT_BYTES`.
    """
    if not run.layers or run.failure or _weight_bytes(run) > WEIGHT_BYTES:
        return {}
    if not is_chain(run) or not _is_single(run):
        return {}
    source = values_of(INPUT, arranged(run.input, run.input_axes), given=True).array
    if not _is_first_example(source, run.input):
        return {}
    outputs: dict[str, Look] = {}
    for layer in run.layers:
        call = called(layer)
        name = output_name(layer.label)
        array = values_of(name, arranged(layer.output, layer.axes), given=False).array
        if call is None or not _is_first_example(looks.given(name, array), layer.output):
            return {}
        operation, arguments = call
        outputs[layer.label] = source = given.recomputed(name, array, operation, source, *arguments)
    return outputs


def is_chain(run: LayersTrace) -> bool:
    """Tell whether each layer is given what the one before gave, and the last one's is returned.

    Parameters
    ----------
    run : LayersTrace
    """
    before = run.input
    for layer in run.layers:
        if len(layer.inputs) != 1 or not _same(layer.inputs[0], before):
            return False
        before = layer.output
    return run.output is not None and _same(run.output, before)


def _is_single(run: LayersTrace) -> bool:
    """Tell whether all is single precision, which is what the browser computes with."""
    return all(each.dtype == torch.float32 for each in (run.input, *(a.output for a in run.layers)))


def _same(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return torch.equal(one.cpu().nan_to_num(), other.cpu().nan_to_num())


def _weight_bytes(run: LayersTrace) -> int:
    modules = {layer.module for layer in run.layers}
    return sum(each.nbytes for module in modules for each in module.parameters())


def _is_first_example(values: Look, whole: Tensor) -> bool:
    """Tell whether what is drawn is the first example as it is, with no axis moved."""
    array, first = values.arguments[1], whole[0].detach().cpu().numpy()
    return array.shape == first.shape and np.array_equal(array, first, equal_nan=True)


def called(layer: Layer) -> Call | None:
    """Return how the browser computes a layer; None if it cannot."""
    kind = type(layer.module)
    return _CALLS[kind](layer) if kind in _CALLS else None


def _windows(layer: Layer) -> Call | None:
    module: Any = layer.module  # Any: nn.Conv1d or nn.Conv2d
    if module.padding_mode != "zeros":
        return None
    settings = {
        "stride": list(module.stride),
        "padding": _pairs(module),
        "dilation": list(module.dilation),
        "groups": module.groups,
    }
    operation = "conv1d" if isinstance(module, nn.Conv1d) else "conv2d"
    return operation, [_numbers(module.weight), _numbers(module.bias), settings]


def _pairs(module: Any) -> list[list[int]]:  # Any: as above
    if module.padding == "valid":
        return [[0, 0] for _ in module.kernel_size]
    if module.padding == "same":
        totals = [d * (k - 1) for d, k in zip(module.dilation, module.kernel_size, strict=True)]
        return [[total // 2, total - total // 2] for total in totals]
    return [[each, each] for each in module.padding]


def _numbers(parameter: Tensor | None) -> np.ndarray | None:
    return None if parameter is None else parameter.detach().cpu().numpy()


def _pooled(layer: Layer) -> Call | None:
    module: Any = layer.module  # Any: one of the four pools
    axes = 1 if isinstance(module, (nn.MaxPool1d, nn.AvgPool1d)) else 2
    settings = {name: _each(getattr(module, name), axes) for name in ("stride", "padding")}
    settings["ceilMode"] = module.ceil_mode
    if isinstance(module, (nn.MaxPool1d, nn.MaxPool2d)):
        if module.return_indices:
            return None
        settings["dilation"] = _each(module.dilation, axes)
        return f"maxPool{axes}d", [_each(module.kernel_size, axes), settings]
    if getattr(module, "divisor_override", None) is not None:
        return None
    settings["countIncludePad"] = module.count_include_pad
    return f"avgPool{axes}d", [_each(module.kernel_size, axes), settings]


def _each(value: int | Sequence[int], axes: int) -> Any:  # Any: a list, or True and False
    return [value] * axes if isinstance(value, int) else list(value)


def _linear(layer: Layer) -> Call | None:
    module: Any = layer.module  # Any: nn.Linear
    return "linear", [_numbers(module.weight), _numbers(module.bias)]


def _gelu(layer: Layer) -> Call | None:
    module: Any = layer.module  # Any: nn.GELU
    return ("gelu", []) if module.approximate == "none" else None


def _softmax(layer: Layer) -> Call | None:
    module: Any = layer.module  # Any: nn.Softmax
    if not isinstance(module.dim, int) or module.dim == 0:
        return None
    return "softmax", [module.dim - 1 if module.dim > 0 else module.dim]


def _reshaped(layer: Layer) -> Call:
    return "reshape", [list(layer.output.shape[1:])]


def _plain(operation: str) -> Callable[[Layer], Call]:
    return lambda _: (operation, [])


_CALLS: dict[type[nn.Module], Callable[[Layer], Call | None]] = {
    nn.Conv1d: _windows,
    nn.Conv2d: _windows,
    nn.MaxPool1d: _pooled,
    nn.MaxPool2d: _pooled,
    nn.AvgPool1d: _pooled,
    nn.AvgPool2d: _pooled,
    nn.Linear: _linear,
    nn.ReLU: _plain("relu"),
    nn.Sigmoid: _plain("sigmoid"),
    nn.Tanh: _plain("tanh"),
    nn.GELU: _gelu,
    nn.Softmax: _softmax,
    nn.Flatten: _reshaped,
    nn.Identity: _reshaped,
    nn.Dropout: _reshaped,  # in evaluation mode it changes nothing
    nn.Dropout1d: _reshaped,
    nn.Dropout2d: _reshaped,
}
