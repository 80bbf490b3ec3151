"""How long each layer of a model takes, beside its multiply-adds and its memory."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import nn

from convrnn_lab import checks
from convrnn_lab.measure.hardware import machine
from convrnn_lab.measure.layer_cost import Row
from convrnn_lab.measure.layer_counts import counted, parameters_of, products_of
from convrnn_lab.measure.layer_input import Input, given_as
from convrnn_lab.measure.layer_kinds import DTYPES
from convrnn_lab.measure.layer_rows import OUTSIDE, LayerTime, LayerTimes
from convrnn_lab.measure.layer_run import LayerRun, Measured
from convrnn_lab.measure.model_time import check_memory
from convrnn_lab.measure.peak_memory import device_of
from convrnn_lab.measure.timer import Clock, Timing
from convrnn_lab.shapes.attention import kind_of

NO_GRADIENT = "Backward is not measured: nothing that the model returns has a gradient"


def layer_times(
    model: nn.Module,
    input: Input,  # noqa: A002 - as the models call it
    *,
    batch: int = 1,
    threads: int = 1,
    backward: bool = True,
    dtype: str = "float32",
    device: str = "cpu",
    budget_s: float = 0.5,
    clock: Clock | None = None,
) -> LayerTimes:
    """Measure how long each layer of a model takes, forward and backward.

    A clock is read where a layer begins and where it ends; in the gradient, where PyTorch goes
    from the operations of one layer to those of another. The model is also run without any clock
    inside, in turns: `LayerTimes.overhead` compares the two.

    Parameters
    ----------
    model : nn.Module
        A copy of it is run, in eval mode.
    input : Tensor, sequence of Tensor, sequence of int, or sequence of such
        What the model reads: a tensor with the batch first, or several for a model of several
        inputs; or their sizes without the batch, for random numbers.
    batch : int
        Of random numbers; tensors have their own.
    threads : int
        At most the machine's cores.
    backward : bool
        Whether the gradient of all outputs is measured, by the input and by the weights.
    dtype : str
        One of `DTYPES`.
    device : str
        A GPU is waited for whenever the clock is read.
    budget_s : float
        Seconds to measure for, at least `ENOUGH` runs and at most `REPEATS`.
    clock : function, optional
        Returns seconds.

    Returns
    -------
    LayerTimes
        A row for each layer (a module that holds no others, or an attention), and one for what is
        outside all layers; their shares add up to 1.

    Raises
    ------
    ValueError
        If a value is out of range, it would take too much memory, or the model fails.

    Examples
    --------
    >>> found = layer_times(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), (4,), budget_s=0.001)
    >>> list(found), found["0"].multiply_adds
    (['0', '1', 'outside layers'], 12)
    """
    checks.integer("threads", threads, 1, machine().cores)
    number_type = getattr(torch, str(checks.choice("dtype", dtype, DTYPES)))
    there = device_of(device)
    if checks.number("budget_s", budget_s) <= 0:
        raise ValueError(f"budget_s must be over 0; got {budget_s}")
    given = given_as(input, batch)
    counts = counted(model, given)
    check_memory(model, counts, given.batch, (3 if backward else 1) * number_type.itemsize)
    copied = copy.deepcopy(model).to(device=there, dtype=number_type).eval()
    inputs = [each.to(there) for each in given.tensors_for(copied, number_type)]
    run = LayerRun(copied, inputs, there, clock)
    measured = run.measured(threads=threads, backward=backward, budget_s=budget_s)
    return LayerTimes(
        _rows(run, measured, counts, given.batch),
        measured.whole_forward,
        measured.whole_backward,
        given.batch,
        threads,
        dtype,
        str(there),
        (NO_GRADIENT,) if backward and measured.whole_backward is None else (),
    )


def _rows(
    run: LayerRun, measured: Measured, counts: Sequence[Row], batch: int
) -> tuple[LayerTime, ...]:
    """Put together what was measured and counted: called layers, the others, what is outside."""
    parameters = parameters_of(run.model, run.layers)
    products = products_of(run.layers, run.clock.calls, counts, batch)
    backward: list[Timing] | list[None] = measured.backward or [None] * len(measured.forward)
    rows = []
    for place, (name, layer) in enumerate(run.layers.items()):
        calls, shape = run.clock.calls[place], run.clock.output_shapes[place]
        memory = measured.memories[place]
        rows.append(
            LayerTime(
                name or "(model)",
                kind_of(layer),
                calls,
                None if shape is None else shape[1:],
                parameters[place],
                products[place],
                measured.forward[place] if calls else None,
                backward[place] if calls else None,
                None if memory is None else memory.kept_bytes,
                None if memory is None else memory.peak_bytes,
            )
        )
    called = [rows[place] for place in run.clock.order]
    outside = LayerTime(
        OUTSIDE, "", 1, None, parameters[-1], products[-1], measured.forward[-1], backward[-1]
    )
    return (*called, *(row for row in rows if not row.calls), outside)
