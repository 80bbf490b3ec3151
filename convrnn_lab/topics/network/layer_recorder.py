"""Follows a model's run on values: each call of a layer, and the functions between the layers."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.overrides import TorchFunctionMode, resolve_name

from convrnn_lab.shapes.attention import ATTENTION, as_layer, kind_of, layers_of
from convrnn_lab.shapes.axes import Axes, AxisBook, is_pytorch, names_of, wanted_input
from convrnn_lab.shapes.axis_functions import Call, follow
from convrnn_lab.shapes.operands import Function, Named, Operand, Operands
from convrnn_lab.topics.network.layer import Layer


class LayerRecorder(TorchFunctionMode):
    """Notes layers by their hooks, and the functions called outside of layers."""

    def __init__(self, model: nn.Module, given: Tensor) -> None:
        super().__init__()
        self.layers: list[Layer] = []
        self.unseen: list[str] = []
        self._model = model
        self._calls: dict[str, int] = {}
        self._within: list[str] = []  # names of the modules that are running
        self._running: list[tuple[str, nn.Module, tuple[Tensor, ...]]] = []  # of them, the layers
        self._book = AxisBook()
        self._given = self._book.of(given)
        self._axes: list[tuple[Axes, Axes]] = []  # of each layer, in and out

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Follow the model's calls while the context lasts."""
        hooks = []
        for name, module in self._model.named_modules():
            hooks.append(module.register_forward_pre_hook(self._entering(name)))
            hooks.append(module.register_forward_hook(self._leaving))
        for name, module in layers_of(self._model):
            before, after = self._hooks(name or "model")
            hooks.append(module.register_forward_pre_hook(before, with_kwargs=True))
            hooks.append(module.register_forward_hook(after, with_kwargs=True))
        try:
            with self:
                yield
        finally:
            for hook in hooks:
                hook.remove()

    def named(self) -> tuple[tuple[str, ...], list[Layer]]:
        """Return the names of the input's axes, and the layers with the names of theirs."""
        given = names_of(self._given)
        axes = [(names_of(before), names_of(after)) for before, after in self._axes]
        layers = [
            replace(layer, input_axes=before, axes=after)
            for layer, (before, after) in zip(self.layers, axes, strict=True)
        ]
        return given, layers

    def _entering(self, name: str) -> Callable[..., None]:
        return lambda *_: self._within.append(name)

    def _leaving(self, *_: object) -> None:
        self._within.pop()

    def _hooks(self, name: str) -> tuple[Callable[..., None], Callable[..., None]]:
        def before(module: nn.Module, given: Operands, named: Named) -> None:
            # A recurrent layer's state comes after its input, however they are handed over.
            ordered = sorted(named.items(), key=lambda item: item[0] != "input")
            self._running.append((name, module, _tensors((given, dict(ordered)))))

        def after(module: nn.Module, given: Operands, named: Named, returned: object) -> None:
            _, _, inputs = self._running.pop()
            arguments = (*given, *named.values())
            packed = next((each for each in arguments if isinstance(each, PackedSequence)), None)
            self._add(name, module, inputs, _tensors(returned), packed)

        return before, after

    def _add(
        self,
        name: str,
        module: nn.Module,
        inputs: tuple[Tensor, ...],
        outputs: tuple[Tensor, ...],
        packed: PackedSequence | None = None,
    ) -> None:
        """Note one call of a layer, unless there is nothing to show."""
        if not outputs:
            return
        call = self._calls.get(name, 0)
        self._calls[name] = call + 1
        self.layers.append(Layer(name, call, module, inputs, outputs, packed))
        self._book.layer(module, inputs, outputs)
        given = self._book.of(inputs[0]) if inputs else ()
        self._axes.append((given, self._book.of(outputs[0])))

    def __torch_function__(
        self, function: Function, types: object, args: Operands = (), kwargs: Named | None = None
    ) -> Operand:
        kwargs = kwargs or {}
        if _overwrites(function, args, kwargs):
            self._protect(_tensors((args, kwargs)))
        result = function(*args, **kwargs)
        # PyTorch's own layers are known as wholes.
        if not self._running or not is_pytorch(self._running[-1][1]):
            follow(self._book, Call(function, args, kwargs), result)
        # Shapes and flags are functions too, but what they return is no tensor.
        if not self._running and _tensors(result) and not _is_property(function):
            self._between(function, args, kwargs, result)
        return result

    def _between(self, function: Function, args: Operands, kwargs: Named, result: object) -> None:
        """Note what a function does between the layers: an attention is a layer by itself."""
        if getattr(function, "__name__", "") == "scaled_dot_product_attention":
            name = ".".join(each for each in (self._within[-1], ATTENTION) if each)
            self._add(name, *as_layer(args, kwargs), _tensors(result))
        else:
            self.unseen.append(f"{_function_name(function)} {self._place()}")

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
        """Say where and why the model failed."""
        reason = " ".join(str(error).split()) or type(error).__name__
        if not self._running:
            return f"the model itself fails {self._place()}: {reason}"
        name, module, inputs = self._running[-1]
        sizes = " and ".join(str(tuple(each.shape)) for each in inputs) or "no tensor"
        wanted = wanted_input(module)
        takes = f"; it takes {wanted}" if wanted else ""
        return f"layer {name} ({kind_of(module)}) fails on {sizes}: {reason.rstrip('.')}{takes}"


def _tensors(value: object) -> tuple[Tensor, ...]:
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


def _overwrites(function: Function, args: Operands, kwargs: Named) -> bool:
    """Whether a function writes into its arguments, by PyTorch's rules for names."""
    name = getattr(function, "__name__", "")
    if name.startswith("__"):
        return name.startswith("__i") and name not in ("__index__", "__int__", "__invert__")
    signature = _signature(function)
    if signature is not None and "inplace" in signature.parameters:
        return bool(signature.bind(*args, **kwargs).arguments.get("inplace", False))
    return name.endswith("_") or "out" in kwargs


@functools.cache
def _signature(function: Function) -> inspect.Signature | None:
    """Return the signature of a function written in Python; built-in ones have none."""
    try:
        return inspect.signature(function)
    except ValueError:
        return None


def _is_property(function: Function) -> bool:
    return getattr(function, "__name__", "") == "__get__"


def _function_name(function: Function) -> str:
    return str(resolve_name(function) or getattr(function, "__name__", repr(function)))
