"""What every layer of a model was given, and what it made of it."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.overrides import TorchFunctionMode, resolve_name

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.shapes import passes
from convrnn_lab.topics.recurrence.trace import KINDS, RecurrenceTrace, recurrence


@dataclass(frozen=True, eq=False)
class Layer:
    """One call of one layer.

    Attributes
    ----------
    name : str
        As in ``model.named_modules()``; "model" where the model is a single layer.
    call : int
        0 for the first call of this layer, 1 for the second, ...
    module : torch.nn.Module
    inputs : tuple of Tensor
        The tensors among its arguments.
    outputs : tuple of Tensor
        The tensors that it returned, in order; an LSTM returns three.
    packed : PackedSequence or None
        What a recurrent layer was given where its sequences were packed; the values are `inputs`'.
    """

    name: str
    call: int
    module: nn.Module
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    packed: PackedSequence | None = None

    @property
    def label(self) -> str:
        """Name, with the number of the call from the second on, as in "conv (2)"."""
        return self.name if self.call == 0 else f"{self.name} ({self.call + 1})"

    @property
    def kind(self) -> str:
        """Class of the layer, such as "Conv2d"."""
        return type(self.module).__name__

    @property
    def output(self) -> Tensor:
        """The first tensor that it returned."""
        return self.outputs[0]

    @functools.cached_property
    def recurrence(self) -> RecurrenceTrace | None:
        """Every state and gate of an nn.RNN, LSTM or GRU; None of another layer.

        It is computed when it is first asked for, so ask before the weights are changed.
        """
        if not isinstance(self.module, KINDS):
            return None
        steps, *state = self.inputs
        given = steps if self.packed is None else self.packed._replace(data=steps)
        # A GRU and an RNN take one state, which is not in a tuple.
        first = state[0] if len(state) == 1 else state
        return recurrence(self.module, given, first if state else None)

    @property
    def gates(self) -> dict[str, Tensor]:
        """Gates over time, shape (layer, direction, time, batch, unit); see `RecurrenceTrace`.

        Those of an nn.LSTM or GRU; other layers have none.
        """
        return {} if self.recurrence is None else self.recurrence.gates


@dataclass(frozen=True, eq=False)
class LayersTrace:
    """A model's run, layer by layer.

    Attributes
    ----------
    input : Tensor
    output : Tensor or None
        What the model returned, where that is one tensor.
    layers : tuple of Layer
        In the order of the calls.
    unseen : tuple of str
        Functions that the model called outside its layers, such as "torch.relu after conv1": what
        they made stands in no layer's output.
    failure : str or None
        Where and why the model failed; `layers` then ends before that.
    """

    input: Tensor
    output: Tensor | None
    layers: tuple[Layer, ...]
    unseen: tuple[str, ...]
    failure: str | None

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the layers, each once."""
        return tuple(layer.label for layer in self.layers)

    def __getitem__(self, label: str) -> Layer:
        checks.choice("layer", label, self.labels)
        return self.layers[self.labels.index(label)]


def layers(model: nn.Module, input: Tensor) -> LayersTrace:  # noqa: A002 - PyTorch's name for it
    """Run a model once and keep every layer's input and output.

    A layer is a module that holds no others. One that is called twice appears twice. The model
    runs in evaluation mode and without gradients; its mode is put back. What a later layer
    overwrites in place, as ``ReLU(inplace=True)`` does, is kept as it was.

    Parameters
    ----------
    model : torch.nn.Module
    input : Tensor
        As the model takes it, with its batch axis.

    Returns
    -------
    LayersTrace
        Also of a model that fails: with the layers up to there, and the reason.

    Raises
    ------
    ValueError
        If `model` is no module or `input` no tensor, or the outputs together would take too much
        memory.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU())
    >>> run = layers(model, torch.zeros(1, 1, 8))
    >>> [(layer.name, layer.kind, tuple(layer.output.shape)) for layer in run.layers]
    [('0', 'Conv1d', (1, 4, 6)), ('1', 'ReLU', (1, 4, 6))]
    >>> layers(nn.LSTM(1, 3), torch.zeros(5, 1))["model"].gates["forget"].shape
    torch.Size([1, 1, 5, 1, 3])
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be a torch.nn.Module; got {checks.shown(model)}")
    if not isinstance(input, Tensor):
        raise ValueError(f"input must be a tensor; got {checks.shown(input)}")
    _refuse_large(model, input)
    recorder = _Recorder()
    output, failure = None, None
    with sharing.in_mode(model), torch.no_grad(), recorder.watching(model):
        try:
            output = model(input)
        except Exception as error:  # whatever a model of the user's raises
            failure = recorder.failure(error)
    whole = output if isinstance(output, Tensor) else None
    return LayersTrace(input, whole, tuple(recorder.layers), tuple(recorder.unseen), failure)


def _refuse_large(model: nn.Module, input: Tensor) -> None:  # noqa: A002 - as above
    """Refuse a run whose outputs would take too much memory, by a run on shapes alone."""
    if input.ndim < 2:
        return
    try:
        steps = passes.run_on_shapes(model, input.shape[1:]).steps
    except ValueError:  # there are models that shapes alone do not run
        return
    needed = len(input) * sum(step.output_bytes for step in steps)
    if needed > checks.MEMORY_LIMIT_BYTES:
        raise ValueError(
            f"input must make outputs of at most {checks.MEMORY_LIMIT_BYTES / 1024**3:.1f} GiB in "
            f"all; got shape {tuple(input.shape)}, which makes {needed / 1024**3:.1f} GiB"
        )


class _Recorder(TorchFunctionMode):
    """Notes layers by their hooks, and the functions called outside of layers."""

    def __init__(self) -> None:
        super().__init__()
        self.layers: list[Layer] = []
        self.unseen: list[str] = []
        self._calls: dict[str, int] = {}
        self._running: list[tuple[str, nn.Module, tuple[Tensor, ...]]] = []

    @contextlib.contextmanager
    def watching(self, model: nn.Module) -> Iterator[None]:
        hooks = []
        for name, module in model.named_modules():
            if next(module.children(), None) is None:
                before, after = self._hooks(name or "model")
                hooks.append(module.register_forward_pre_hook(before, with_kwargs=True))
                hooks.append(module.register_forward_hook(after, with_kwargs=True))
        try:
            with self:
                yield
        finally:
            for hook in hooks:
                hook.remove()

    def _hooks(self, name: str) -> tuple[Callable[..., None], Callable[..., None]]:
        def before(module: nn.Module, given: Any, named: Any) -> None:
            # A recurrent layer's state comes after its input, however they are handed over.
            ordered = sorted(named.items(), key=lambda item: item[0] != "input")
            self._running.append((name, module, _tensors((given, dict(ordered)))))

        def after(module: nn.Module, given: Any, named: Any, returned: Any) -> None:
            _, _, inputs = self._running.pop()
            outputs = _tensors(returned)
            if not outputs:
                return  # nothing to show
            call = self._calls.get(name, 0)
            self._calls[name] = call + 1
            arguments = (*given, *named.values())
            packed = next((each for each in arguments if isinstance(each, PackedSequence)), None)
            self.layers.append(Layer(name, call, module, inputs, outputs, packed))

        return before, after

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if _overwrites(function, args, kwargs):
            self._protect(_tensors((args, kwargs)))
        result = function(*args, **kwargs)
        # Shapes and flags are functions too, but what they return is no tensor.
        if not self._running and _tensors(result) and not _is_property(function):
            self.unseen.append(f"{_function_name(function)} {self._place()}")
        return result

    def _protect(self, overwritten: tuple[Tensor, ...]) -> None:
        """Keep copies of what stands in memory that is about to be written to."""
        places = {each.untyped_storage().data_ptr() for each in overwritten}

        def kept(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            return tuple(
                each.clone() if each.untyped_storage().data_ptr() in places else each
                for each in tensors
            )

        self.layers = [
            replace(layer, inputs=kept(layer.inputs), outputs=kept(layer.outputs))
            for layer in self.layers
        ]
        # What a running layer was given is what it overwrites, as ReLU(inplace=True) does.
        self._running = [(name, module, kept(inputs)) for name, module, inputs in self._running]

    def _place(self) -> str:
        return f"after {self.layers[-1].label}" if self.layers else "before all layers"

    def failure(self, error: Exception) -> str:
        reason = " ".join(str(error).split()) or type(error).__name__
        if not self._running:
            return f"the model itself fails {self._place()}: {reason}"
        name, module, inputs = self._running[-1]
        sizes = " and ".join(str(tuple(each.shape)) for each in inputs) or "no tensor"
        return f"layer {name} ({type(module).__name__}) fails on {sizes}: {reason}"


def _tensors(value: Any) -> tuple[Tensor, ...]:
    """Return the tensors in nested tuples, lists and dicts, in order."""
    if isinstance(value, Tensor):
        return (value,)
    if isinstance(value, PackedSequence):
        return (value.data,)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(tensor for each in value for tensor in _tensors(each))
    return ()


def _overwrites(function: Any, args: Any, kwargs: Any) -> bool:
    """Whether a function writes into its arguments, by PyTorch's rules for names."""
    name = getattr(function, "__name__", "")
    if name.startswith("__"):
        return name.startswith("__i") and name not in ("__index__", "__int__", "__invert__")
    signature = _signature(function)
    if signature is not None and "inplace" in signature.parameters:
        return bool(signature.bind(*args, **kwargs).arguments.get("inplace", False))
    return name.endswith("_") or "out" in kwargs


@functools.cache
def _signature(function: Any) -> inspect.Signature | None:
    """Return the signature of a function written in Python; built-in ones have none."""
    try:
        return inspect.signature(function)
    except ValueError:
        return None


def _is_property(function: Any) -> bool:
    return getattr(function, "__name__", "") == "__get__"


def _function_name(function: Any) -> str:
    return str(resolve_name(function) or getattr(function, "__name__", repr(function)))
