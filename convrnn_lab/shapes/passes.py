"""One run of a model on shapes alone: names, sizes, parameters, multiply-adds, fields."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.shapes.attention import AttentionNamer
from convrnn_lab.shapes.reach import Reach
from convrnn_lab.shapes.recorder import Recorder
from convrnn_lab.shapes.recurrent_counter import RecurrentCounter
from convrnn_lab.shapes.step import Step

Shape = tuple[int, ...]
Shapes = Sequence[int] | Sequence[Sequence[int]]


@dataclass
class Pass:
    """All steps of one run, and what went wrong.

    Attributes
    ----------
    steps : list of Step
        In the order of execution; the last one is the failing one if there is a failure.
    failure : str or None
        PyTorch's reason.
    unreached : list of Step
        Layers with parameters that were never called.
    """

    steps: list[Step]
    failure: str | None
    unreached: list[Step]


def run_on_shapes(model: nn.Module, input_shape: Shapes) -> Pass:
    """Run a model on the meta device, in eval mode, and note every step; nothing is allocated.

    Parameters
    ----------
    model : nn.Module
        With real weights or meta ones; it stays as it is.
    input_shape : sequence of int, or sequence of such
        Without the batch, which is 1; one for each input of a model that takes several.

    Raises
    ------
    ValueError
        If `model` is no module, has layers of unknown sizes, or `input_shape` is no shape.
    """
    shapes = _checked(model, input_shape)
    with ExitStack() as stack:
        stack.enter_context(on_shapes())
        values = _on_meta(model)
        recorder = Recorder(model, values)
        stack.enter_context(sharing.in_mode(model))
        given = [torch.empty((1, *shape), dtype=_input_type(model)) for shape in shapes]
        for each in given:
            recorder.note(each, Reach.of_input(each.shape))
        stack.enter_context(recorder.hooks())
        failure = None
        try:
            with recorder, RecurrentCounter(recorder), AttentionNamer(recorder):
                # Tied by ourselves: PyTorch would not put back a layer that has two names.
                torch.func.functional_call(model, values, tuple(given), tie_weights=False)
        except Exception as error:
            failure = _words(error)
            recorder.failed()
    return Pass(recorder.steps, failure, recorder.unreached())


@contextmanager
def on_shapes() -> Iterator[None]:
    """Make tensors that have shapes only, without PyTorch's advice about speed."""
    with warnings.catch_warnings(), torch.no_grad(), torch.device("meta"):
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel")
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")
        yield


def _checked(model: nn.Module, input_shape: Shapes) -> list[Shape]:
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be a torch.nn.Module; got {checks.shown(model)}")
    if isinstance(input_shape, (tuple, list)) and all(map(_several, input_shape)):
        shapes = list(input_shape)
    else:
        shapes = [input_shape]
    if not shapes or not all(isinstance(each, (tuple, list)) and each for each in shapes):
        raise ValueError(
            "input_shape must be the sizes of one input without the batch, such as (3, 224, 224); "
            f"got {checks.shown(input_shape)}"
        )
    for name, value in model.named_parameters():
        if torch.nn.parameter.is_lazy(value):
            raise ValueError(
                f"model must have layers of known sizes; got the lazy parameter {name!r}, which "
                "a first run on an input settles"
            )
    return [tuple(checks.integer("input_shape", size, 1) for size in shape) for shape in shapes]


def _several(entry: object) -> bool:
    return isinstance(entry, (tuple, list))


def _on_meta(model: nn.Module) -> dict[str, Tensor]:
    """Return weights without memory by name; a shared one is the same under all its names."""
    made: dict[int, Tensor] = {}
    named = {}
    for layer, module in model.named_modules():
        every = {"recurse": False, "remove_duplicate": False}
        for name, value in [*module.named_parameters(**every), *module.named_buffers(**every)]:
            one = made.setdefault(id(value), value if value.is_meta else value.to("meta"))
            named[f"{layer}.{name}" if layer else name] = one
    return named


def _input_type(model: nn.Module) -> torch.dtype:
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            return torch.int64
        for value in module.parameters(recurse=False):
            if value.is_floating_point():
                return value.dtype
    return torch.float32


DECIDES_BY_VALUES = (
    "it decides by values, which a run on shapes alone cannot follow; run, it may well work"
)
"""Why a run on shapes fails that may not fail with real values."""

_BY_VALUES = ("item()", "_local_scalar_dense", "data-dependent", "nonzero", "from_numpy", "numpy()")


def _words(error: Exception) -> str:
    text = str(error).strip().split("\n")[0] or type(error).__name__
    if any(sign in str(error) for sign in _BY_VALUES):
        return DECIDES_BY_VALUES
    return text
