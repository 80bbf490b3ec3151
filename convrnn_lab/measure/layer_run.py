"""A model run again and again, in turns with a clock between its layers and without."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from convrnn_lab.measure.layer_clock import LayerClock, Spent, differentiable, wanted_by
from convrnn_lab.measure.layer_memory import layer_memory
from convrnn_lab.measure.peak_memory import Memory
from convrnn_lab.measure.timer import ENOUGH, Clock, Timing, failed
from convrnn_lab.shapes.attention import layers_of

REPEATS = 100
"""Most runs that are measured."""


@dataclass(frozen=True)
class Measured:
    """What was found of a model's layers, by their place; the last one is outside all layers.

    Attributes
    ----------
    forward, backward : list of Timing
        `backward` is empty without a gradient.
    whole_forward, whole_backward : Timing or None
        Without a clock inside.
    memories : list of Memory or None
        Of the layers alone; None of one that is never called.
    """

    forward: list[Timing]
    backward: list[Timing]
    whole_forward: Timing
    whole_backward: Timing | None
    memories: list[Memory | None]


class LayerRun:
    """A model and its inputs, ready to be run.

    Parameters
    ----------
    model : nn.Module
        Changed by its runs: give a copy.
    inputs : list of Tensor
    device : torch.device
        Of both.
    clock : function, optional
        Returns seconds.

    Attributes
    ----------
    model : nn.Module
    layers : dict of str to nn.Module
        Those that are told apart.
    clock : LayerClock
        Knows, after a run, how often each layer was called.
    """

    def __init__(
        self, model: nn.Module, inputs: list[Tensor], device: torch.device, clock: Clock | None
    ) -> None:
        self.model, self._inputs, self._device = model, inputs, device
        self.layers = dict(layers_of(model))
        self._now = clock or time.perf_counter
        wait = partial(torch.cuda.synchronize, device) if device.type == "cuda" else None
        make = partial(LayerClock, model, clock=self._now, wait=wait)
        self.clock, self._whole = make(list(self.layers.values())), make([])
        self._gradient = False

    def measured(self, *, threads: int, backward: bool, budget_s: float) -> Measured:
        """Measure all layers.

        Raises
        ------
        ValueError
            If the model fails.
        """
        with _threads(threads):
            try:
                self._gradient = backward and self._has_gradient()
                with nullcontext() if self._gradient else torch.no_grad():
                    inside, whole = self._runs(budget_s)
                    layers = list(self.layers.values())
                    device = str(self._device)
                    memories = layer_memory(self.model, layers, self._inputs, device=device)
            except Exception as error:
                raise failed(error) from error
        (forward, backward_), (all_forward, all_backward) = (
            (
                _timings([each.forward for each in spent], threads),
                _timings([each.backward for each in spent], threads),
            )
            for spent in (inside, whole)
        )
        return Measured(
            forward, backward_, all_forward[0], next(iter(all_backward), None), memories
        )

    def _runs(self, budget_s: float) -> tuple[list[Spent], list[Spent]]:
        """Run the model in turns with a clock inside and without."""
        inside: list[Spent] = []
        whole: list[Spent] = []
        turns = ((self.clock, inside), (self._whole, whole))
        for clock, _ in turns:  # what is set up once is not measured
            self._run(clock)
        until = self._now() + budget_s
        while len(whole) < ENOUGH or (self._now() < until and len(whole) < REPEATS):
            # Each is the first one in every other turn: what comes second finds warm memory.
            for clock, spent in turns if len(whole) % 2 else turns[::-1]:
                spent.append(self._run(clock))
        return inside, whole

    def _run(self, clock: LayerClock) -> Spent:
        return clock.run(self._inputs, backward=self._gradient)

    def _has_gradient(self) -> bool:
        """Tell whether what the model returns has a gradient, by its inputs or its weights."""
        for each in self._inputs:
            each.requires_grad_(each.is_floating_point())
        if self._device.type == "cuda":
            for layer in self.model.modules():
                # cuDNN keeps what the gradient of a recurrence needs only while it is trained.
                layer.training = isinstance(layer, nn.RNNBase)
        if not wanted_by(self.model, self._inputs):
            return False
        return bool(differentiable(self.model(*self._inputs)))


def _timings(runs: Sequence[Sequence[float]], threads: int) -> list[Timing]:
    """Return the seconds of each place over all runs."""
    return [Timing("", tuple(each), threads) for each in zip(*runs, strict=True)]


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
