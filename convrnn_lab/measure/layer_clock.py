"""How long each layer of a model takes in one run, forward and backward."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch._C._autograd import _get_sequence_nr
from torch.autograd.graph import Node

from convrnn_lab.measure.timer import Clock
from convrnn_lab.shapes.operands import Operand, tensors


@dataclass(frozen=True)
class Spent:
    """Seconds of one run.

    Attributes
    ----------
    forward, backward : list of float
        By the place of the layer; the last one is what is outside all layers. `backward` is empty
        without a gradient.
    """

    forward: list[float]
    backward: list[float]


class LayerClock:
    """Runs a model and reads a clock wherever one layer ends and another begins.

    Parameters
    ----------
    model : nn.Module
        Hooks are in it while it runs.
    layers : sequence of nn.Module
        Those that are told apart.
    clock : function, optional
        Returns seconds.
    wait : function, optional
        Waits for the device, before the clock is read; a CPU needs none.

    Attributes
    ----------
    calls : list of int
        How often the last run called each layer.
    output_shapes : list of tuple of int or None
        Of each layer's last output, with the batch; None of a layer that was not called.
    """

    def __init__(
        self,
        model: nn.Module,
        layers: Sequence[nn.Module],
        *,
        clock: Clock | None = None,
        wait: Callable[[], object] | None = None,
    ) -> None:
        self._model, self._layers = model, layers
        self._clock, self._wait = clock or time.perf_counter, wait
        self._outside = len(layers)
        self._begin()

    def _begin(self) -> None:
        self.calls = [0] * self._outside
        self.output_shapes: list[tuple[int, ...] | None] = [None] * self._outside
        # A layer's part of the gradient is known by the numbers that PyTorch gave its operations.
        self._starts, self._owners = [0], [self._outside]

    @property
    def order(self) -> list[int]:
        """Places of the layers that the last run called, in the order of their first calls."""
        return [each for each in dict.fromkeys(self._owners) if each != self._outside]

    def run(self, inputs: Sequence[Tensor], *, backward: bool) -> Spent:
        """Run the model once, and tell how long each layer took."""
        output, forward = self.forward(inputs)
        return Spent(forward, self.backward(inputs, output) if backward else [])

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Operand, list[float]]:
        """Return what the model makes of its inputs, and the seconds of each layer."""
        self._begin()
        with self._hooks():
            self._start()
            output = self._model(*inputs)
            return output, self._stop()

    def backward(self, inputs: Sequence[Tensor], output: Operand) -> list[float]:
        """Take the gradient of what `forward` made, and return the seconds of each layer."""
        outputs = differentiable(output)
        self._mark(outputs)
        wanted = wanted_by(self._model, inputs)
        given = [torch.ones_like(each) for each in outputs]
        self._start()
        gradients = torch.autograd.grad(outputs, wanted, given, allow_unused=True)
        spent = self._stop()
        del gradients  # until here: freeing them is no part of it
        return spent

    def _now(self) -> float:
        if self._wait is not None:
            self._wait()
        return self._clock()

    def _start(self) -> None:
        self._spent = [0.0] * (self._outside + 1)
        self._within = [self._outside]
        self._since = self._now()

    def _stop(self) -> list[float]:
        self._spent[self._within[-1]] += self._now() - self._since
        return self._spent

    @contextmanager
    def _hooks(self) -> Iterator[None]:
        handles = []
        for place, layer in enumerate(self._layers):
            handles.append(layer.register_forward_pre_hook(partial(self._enter, place)))
            handles.append(layer.register_forward_hook(partial(self._leave, place), prepend=True))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, place: int, *_: Operand) -> None:
        self._stop()
        self._within.append(place)
        self._owned_from(place)
        self._since = self._now()  # what stands above is in nobody's time

    def _leave(self, place: int, _layer: nn.Module, _args: Operand, output: Operand) -> None:
        self._stop()
        self._within.pop()
        self._owned_from(self._within[-1])
        self.calls[place] += 1
        first = next(tensors(output), None)
        self.output_shapes[place] = None if first is None else tuple(first.shape)
        self._since = self._now()

    def _owned_from(self, place: int) -> None:
        self._starts.append(_get_sequence_nr())
        self._owners.append(place)

    def _mark(self, outputs: Sequence[Tensor]) -> None:
        """Have the clock read where the gradient goes from one layer to another.

        PyTorch goes through the operations from the last to the first, layer by layer.
        """
        nodes = operations_behind(outputs)
        last = self._outside
        for node in nodes:
            owner = self.owner_of(node)
            if owner != last:
                node.register_prehook(partial(self._switch, owner))
                last = owner
        if nodes:
            nodes[-1].register_hook(partial(self._switch, self._outside))

    def owner_of(self, node: Node) -> int:
        """Return the place of the layer whose operation this is; the last run is meant."""
        return self._owners[bisect_right(self._starts, number_of(node)) - 1]

    def _switch(self, place: int, *_: Operand) -> None:
        self._stop()
        self._within[-1] = place
        self._since = self._now()


def number_of(node: Node) -> int:
    """Return the number of an operation: what is computed later has a larger one."""
    return node._sequence_nr()


def operations_behind(outputs: Sequence[Tensor]) -> list[Node]:
    """Return the operations that some outputs come from, the last one first."""
    rest = [each.grad_fn for each in outputs]
    found: dict[Node, None] = {}
    while rest:
        node = rest.pop()
        # A leaf only receives its gradient, and has no place in the order.
        if node is None or node in found or not node.next_functions:
            continue
        found[node] = None
        rest += [before for before, _ in node.next_functions]
    return sorted(found, key=number_of, reverse=True)


def differentiable(output: object) -> list[Tensor]:
    """Return the tensors in a model's output that have a gradient."""
    return [each for each in tensors(output) if each.grad_fn is not None]


def wanted_by(model: nn.Module, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Return what the gradient is taken of: the inputs and the weights that take one."""
    return [each for each in (*inputs, *model.parameters()) if each.requires_grad]
