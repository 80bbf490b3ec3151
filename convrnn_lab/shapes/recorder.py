"""Follows a model's run on the meta device, operation by operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from convrnn_lab.shapes.attention import ATTENTION, AttentionSizes, kind_of, layers_of
from convrnn_lab.shapes.operands import Named, Operand, Operands, name_of, tensors
from convrnn_lab.shapes.operation_cost import FACTORIES, multiply_adds
from convrnn_lab.shapes.outputs import output_of
from convrnn_lab.shapes.reach import Reach
from convrnn_lab.shapes.rules import reach_of
from convrnn_lab.shapes.step import Step
from convrnn_lab.shapes.taps import NoRuleError

if TYPE_CHECKING:
    from torch._ops import OpOverload


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call] # PyTorch's base class
    """Sees every operation, and knows by hooks which layer it belongs to."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Keep PyTorch from importing its compiler, which takes two seconds the first time."""
        return False

    def __init__(self, model: nn.Module, values: dict[str, Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # as above
        self._model = model
        self.steps: list[Step] = []
        self._names = {module: name for name, module in model.named_modules()}
        self._layers = {module for _, module in layers_of(model)}
        self._within: list[tuple[nn.Module, Step | None]] = [(model, None)]
        self._parameters = {id(values[name]): values[name] for name, _ in model.named_parameters()}
        self._owners = {id(values[name]): name for name, _ in model.named_parameters()}
        # Tensors are kept so that an id stays theirs.
        self._reach: dict[int, tuple[Tensor, Reach | NoRuleError]] = {}
        self._spoiled: dict[int, NoRuleError] = {}
        self._open: Step | None = None

    def note(self, tensor: Tensor, found: Reach | NoRuleError) -> None:
        """Remember what a tensor reads."""
        self._reach[id(tensor)] = (tensor, found)

    @contextmanager
    def hooks(self) -> Iterator[None]:
        """Follow the calls of layers while the context lasts."""
        handles = []
        for module in self._names:
            handles.append(module.register_forward_pre_hook(self._enter, with_kwargs=True))
            handles.append(module.register_forward_hook(self._leave))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, module: nn.Module, args: Operands, kwargs: Named) -> None:
        self._open = None
        step = None
        if module in self._layers:
            shapes = [tuple(t.shape) for t in tensors((args, kwargs))]
            step = Step(self._names[module], kind_of(module), shapes)
            self.steps.append(step)
            for value in module.parameters():
                self._count(step, value)
        self._within.append((module, step))

    def _leave(self, module: nn.Module, args: Operands, output: Operand) -> None:
        del module, args  # as the hook's form asks
        _, step = self._within.pop()
        self._open = None
        if step is not None:
            self._finish(step, output)

    def _finish(self, step: Step, output: object) -> None:
        outputs = list(tensors(output))
        if outputs:
            nothing = NoRuleError("its output reads nothing of the input")
            step.output_shape = tuple(outputs[0].shape)
            step.field = self._lookup(outputs[0]) or nothing
        step.output_bytes = sum(t.numel() * t.element_size() for t in outputs)

    def _count(self, step: Step, value: Tensor) -> None:
        """Count a parameter that no step before has counted."""
        if self._parameters.pop(id(value), None) is not None:
            step.parameters += value.numel()
            step.parameter_bytes += value.numel() * value.element_size()

    def __torch_dispatch__(
        self, func: OpOverload, types: object, args: Operands = (), kwargs: Named | None = None
    ) -> Operand:
        """Run one operation on shapes, and note what it costs and reads."""
        del types
        kwargs = kwargs or {}
        args = [a.to("meta") if isinstance(a, Tensor) and not a.is_meta else a for a in args]
        step = self._step(func, args, kwargs)
        out = output_of(func, args, kwargs)
        name = name_of(func)
        added = multiply_adds(func, name, args, out)
        if added is None:
            step.unknown.append(name)
            step.multiply_adds = None
        elif step.multiply_adds is not None:
            step.multiply_adds += added
        self._follow(func, name, args, kwargs, out)
        if self._open is step:
            for value in args:
                if isinstance(value, Tensor):
                    self._count(step, value)
            self._finish(step, out)
        return out

    def counted(
        self, values: Tensor, output: Tensor, states: list[Tensor], products: int, *, both: bool
    ) -> None:
        """Note what a recurrent layer costs that was not taken apart, and what it reads."""
        step = self._within[-1][1] or self._open
        if step is not None and step.multiply_adds is not None:
            step.multiply_adds += products
        reach = self._lookup(values)
        if not isinstance(reach, Reach):
            return
        everything = reach.whole(range(len(reach.dims)), keep=False)
        for state in states:  # the axis of the batch carries nothing
            self.note(state, Reach(((),) * state.ndim, everything.axes))
        until_now = NoRuleError("a recurrent layer reads all steps so far, which is no window")
        self.note(output, everything if both else self._located(until_now))

    def attention(
        self, sizes: AttentionSizes, given: Sequence[Tensor], call: Callable[[], Operand]
    ) -> Operand:
        """Run an attention by `call`, as a step of its own where no layer is running."""
        module, step = self._within[-1]
        if step is not None:
            step.attention = sizes
            output = call()
        else:
            shapes = [tuple(each.shape) for each in given]
            step = Step(self._names[module], ATTENTION, shapes, attention=sizes)
            self.steps.append(step)
            self._open = step
            output = call()
            self._open = None
        self._say_attention(given, output)
        if self._within[-1][1] is None:
            self._finish(step, output)
        return output

    def _say_attention(self, given: Sequence[Tensor], output: Operand) -> None:
        """Name attention as the reason why a field ends, where it does."""
        if any(isinstance(self._lookup(each), NoRuleError) for each in given):
            return
        why = NoRuleError("attention reads every step, each as much as the values decide")
        for each in tensors(output):
            if isinstance(self._lookup(each), NoRuleError):
                self.note(each, self._located(why))

    def _step(self, func: OpOverload, args: Operands, kwargs: Named) -> Step:
        """Return the step that an operation belongs to: its layer's, or one between layers."""
        module, step = self._within[-1]
        if step is not None:
            return step
        # item() is what users call it.
        kind = {"local_scalar_dense": "item"}.get(name_of(func), name_of(func))
        if self._open is None:
            shapes = [tuple(t.shape) for t in tensors((args, kwargs))]
            self._open = Step(self._names[module], kind, shapes)
            self.steps.append(self._open)
        elif self._open.attention is None and kind not in self._open.kind.split(", "):
            self._open.kind += f", {kind}"
        return self._open

    def failed(self) -> None:
        """Mark the step that was running as the failing one."""
        module, step = self._within[-1]
        if step is None:
            # Between layers: what the container computed itself, or did not even begin.
            step = self._open or Step(self._names[module], type(module).__name__)
            if self._open is None:
                self.steps.append(step)
        step.output_shape, step.multiply_adds, step.output_bytes = None, None, 0
        step.field = NoRuleError("the layer fails")

    def unreached(self) -> list[Step]:
        """Return the layers whose parameters no step has counted."""
        by_layer: dict[str, Step] = {}
        kinds = {name: kind_of(module) for module, name in self._names.items()}
        for key, value in list(self._parameters.items()):
            layer = self._owners[key].rpartition(".")[0]
            whole = layer.rpartition(".")[0]
            # What an attention holds is a part of it.
            layer = whole if kinds.get(whole) == ATTENTION else layer
            step = by_layer.setdefault(layer, Step(layer, kinds[layer], multiply_adds=None))
            self._count(step, value)
        return list(by_layer.values())

    def _lookup(self, tensor: Tensor) -> Reach | NoRuleError | None:
        if self._spoiled:
            spoiled = self._spoiled.get(tensor.untyped_storage()._cdata)
            if spoiled:
                return spoiled
        found = self._reach.get(id(tensor))
        return found[1] if found else None

    def _follow(
        self, func: OpOverload, name: str, args: Operands, kwargs: Named, out: Operand
    ) -> None:
        """Note what the output of an operation reads."""
        operands = [(t, self._lookup(t)) for t in tensors((args, kwargs))]
        read = [(t, r) for t, r in operands if r is not None]
        if not read or name in FACTORIES:
            return
        outputs = list(tensors(out))
        try:
            known = {id(tensor): _known(each) for tensor, each in read}
            found: Sequence[Reach | NoRuleError] = reach_of(func, args, kwargs, known, outputs)
        except NoRuleError as error:
            found = [self._located(error)] * len(outputs)
        for tensor, reach in zip(outputs, found, strict=True):
            if func._schema.is_mutable:
                self._spoil(tensor, reach)
            self.note(tensor, reach)

    def _located(self, error: NoRuleError) -> NoRuleError:
        """Return the reason with the layer where it arose in front, once."""
        if error.located:
            return error
        layer = self._names[self._within[-1][0]]
        located = NoRuleError(f"layer {layer!r}: {error}" if layer else f"the model: {error}")
        located.located = True
        return located

    def _spoil(self, tensor: Tensor, reach: Reach | NoRuleError) -> None:
        """Say that tensors which share memory with a changed one are not known any more."""
        before = self._reach.get(id(tensor))
        if before and before[1] == reach:
            return
        key = tensor.untyped_storage()._cdata
        part = tensor.untyped_storage().nbytes() != tensor.numel() * tensor.element_size()
        others = [
            other
            for other, _ in self._reach.values()
            if other is not tensor and other.untyped_storage()._cdata == key
        ]
        if part or others:
            error = NoRuleError("a part of another tensor is written in place")
            spoiled = reach if isinstance(reach, NoRuleError) else self._located(error)
            self._spoiled[key] = spoiled


def _known(found: Reach | NoRuleError) -> Reach:
    if isinstance(found, NoRuleError):
        raise found
    return found
