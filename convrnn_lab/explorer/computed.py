"""What follows from an array that a reader gave, computed by PyTorch.

The browser does the same with kernels of its own, in ``web/computed.js``; both know the operations
by the same names. A live explorer holds the browser's results to these.
"""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Look
from convrnn_lab.explorer.computed_pools import POOLS
from convrnn_lab.explorer.computed_recurrent import RECURRENT
from convrnn_lab.explorer.computed_text import TEXT

# Any: a convolution's settings, as PyTorch takes them.
Settings = Mapping[str, Any]

Content = Mapping[str, Any]  # Any: JSON with arrays and looks, as `View.state` gives it
Arrays = Mapping[str, np.ndarray]

TOLERANCE = 1e-5
"""Largest difference between browser and PyTorch, over the largest absolute value."""


# Any: an array, or what else follows from settings; as for `_computed`.
def completed(content: Content, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arrays that a reader gave, and all that follow from them.

    Parameters
    ----------
    content : dict
        As `View.state` gives it.
    given : dict of str to array
        And the places of computed settings, which `View.computed_places` returns.
    """
    places = dict(given)
    for name, rule in content.get("computed", ()):
        if any(each in places for each in _names(rule)):
            places[name] = _computed(rule, places)
    return places


# Any: an array, or the place of a setting.
def compared(content: Content, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the arrays among what is `completed`: those that layers computed, or a reader gave."""
    places = completed(content, given)
    made = {name for name, rule in content.get("computed", ()) if rule.operation in OPERATIONS}
    arrays = [name for name, each in given.items() if isinstance(each, np.ndarray)]
    return {name: places[name] for name in [*arrays, *(made & places.keys())]}


# Any: a number, a text, an array or a list of them.
def _computed(rule: Look, places: Mapping[str, Any]) -> Any:
    """Return what a rule says at some places."""
    if rule.operation not in OPERATIONS:
        return looks.seen(rule, places)
    arguments = [_as_tensors(looks.seen(each, places)) for each in rule.arguments]
    with torch.no_grad(), plain_kernels():
        return OPERATIONS[rule.operation](*arguments).numpy()


_ONE_DNN = threading.Lock()


@contextlib.contextmanager
def plain_kernels() -> Iterator[None]:
    """Have PyTorch's plain kernels compute what is asked in the block.

    oneDNN compiles and keeps a program for each new setting, and sliders make thousands; the plain
    kernel is faster for inputs of this size, and keeps nothing. Putting the flag back warns of a
    setting for Intel's GPUs, once. The flag is that of all threads: two that switch it off would
    have the second put back what the first had set.
    """
    with _ONE_DNN, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "TF32 acceleration")
        with torch.backends.mkldnn.flags(enabled=False):
            yield


# Any: numbers, texts and lists pass as they are.
def _as_tensors(value: Any) -> Any:
    """Return arrays, also those in a list, as tensors."""
    if isinstance(value, list):
        return [_as_tensors(each) for each in value]
    return torch.tensor(value) if isinstance(value, np.ndarray) else value


def _names(value: object) -> Iterator[str]:
    """Yield the names of what may be given, and of looks, anywhere in a rule."""
    if isinstance(value, Look):
        if value.operation == "look":
            yield value.arguments[0]
        elif value.operation == "given":
            yield value.arguments[0]
            yield from _names(value.arguments[1])
        else:
            yield from _names(value.arguments)
    elif isinstance(value, (list, tuple, Mapping)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _names(each)


def difference(found: Arrays, wanted: Arrays) -> float:
    """Return how far arrays lie from those of the same names, over the largest absolute value.

    Infinite where one is missing, of another shape, or not finite at other places.
    """
    return max((_apart(found.get(name), array) for name, array in wanted.items()), default=0.0)


def _apart(found: np.ndarray | None, wanted: np.ndarray) -> float:
    if found is None or found.shape != wanted.shape:
        return float("inf")
    finite = np.isfinite(wanted)
    if not np.array_equal(found[~finite], wanted[~finite], equal_nan=True):
        return float("inf")
    largest = float(np.abs(wanted[finite]).max(initial=0.0))
    apart = np.abs(found[finite].astype(np.float64) - wanted[finite]).max(initial=0.0)
    return float(apart) / (largest or 1.0) if np.isfinite(apart) else float("inf")


def _convolution(values: Tensor, weight: Tensor, bias: float, settings: Settings) -> Tensor:
    """Convolve an image or a signal of one channel with one kernel."""
    kernel, add = weight[None, None], torch.tensor([bias], dtype=weight.dtype)
    return _convolved(values[None, None], kernel, add, settings)[0, 0]


def _convolved(
    values: Tensor, weight: Tensor, bias: Tensor | None = None, settings: Settings | None = None
) -> Tensor:
    settings = dict(settings or {})
    padding: Sequence[Sequence[int]] = settings.pop("padding", [])
    ends = [end for pair in reversed(padding) for end in pair]  # F.pad begins with the last axis
    convolve = F.conv2d if weight.ndim == 4 else F.conv1d
    return convolve(F.pad(values, ends) if any(ends) else values, weight, bias, **settings)


def _transposed(values: Tensor, weight: Tensor, settings: Settings) -> Tensor:
    """Convolve backwards an image of one channel with one kernel."""
    options = {_PYTORCH.get(name, name): value for name, value in settings.items()}
    return F.conv_transpose2d(values[None], weight[None, None], **options)[0]


_PYTORCH = {
    "ceilMode": "ceil_mode",
    "countIncludePad": "count_include_pad",
    "outputPadding": "output_padding",
}
"""What settings of several words are called there."""


# Any: nn.functional's pools, whose stubs know tuples of sizes but no settings by name.
def _pooled(*pools: Any) -> Callable[..., Tensor]:
    """Return what pools over one axis or two, by the first or the second of `pools`."""

    def pooled(values: Tensor, kernel: Sequence[int], settings: Settings) -> Tensor:
        options = {_PYTORCH.get(name, name): value for name, value in settings.items()}
        output: Tensor = pools[len(kernel) - 1](values, kernel, **options)
        return output

    return pooled


_MAX_POOL = _pooled(F.max_pool1d, F.max_pool2d)
_AVG_POOL = _pooled(F.avg_pool1d, F.avg_pool2d)

OPERATIONS: dict[str, Callable[..., Tensor]] = {
    "convolution": _convolution,
    "transposedConvolution": _transposed,
    "conv1d": _convolved,
    "conv2d": _convolved,
    "maxPool1d": _MAX_POOL,
    "maxPool2d": _MAX_POOL,
    "avgPool1d": _AVG_POOL,
    "avgPool2d": _AVG_POOL,
    "linear": F.linear,
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "gelu": F.gelu,
    "softmax": torch.softmax,
    "reshape": torch.reshape,
    **POOLS,
    **RECURRENT,
    **TEXT,
}
"""By the names of ``web/computed.js``; arrays of single precision in and out."""
