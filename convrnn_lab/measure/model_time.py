"""A model of one's own, timed on random input, beside what its shapes say."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.measure.hardware import machine
from convrnn_lab.measure.layer_cost import Cost, Row, cost
from convrnn_lab.measure.layer_kinds import DTYPES
from convrnn_lab.measure.peak_memory import device_of, memory, operations
from convrnn_lab.measure.timer import Timing, timing
from convrnn_lab.measure.workload import call_of


def time_model(
    model: nn.Module,
    input_shape: Sequence[int],
    *,
    batch: int = 1,
    threads: int = 1,
    backward: bool = False,
    dtype: str = "float32",
    device: str = "cpu",
    budget_s: float = 0.2,
) -> dict[str, object]:
    """Measure a model on random input, beside what its shapes say.

    Parameters
    ----------
    model : nn.Module
        A copy of it is run, in eval mode.
    input_shape : sequence of int
        Without the batch.
    batch : int
    threads : int
        At most the machine's cores.
    backward : bool
        Whether with the gradient of the weights and the input.
    dtype : str
        One of `DTYPES`.
    device : str
    budget_s : float
        Seconds to measure for.

    Returns
    -------
    dict
        ``input``, ``batch``, ``work``, ``median_s``, ``low_s`` and ``high_s`` (quartiles),
        ``steady``, ``repeats``, ``multiply_adds`` (for the batch, of a gradient three times those
        of the forward pass; None where some are not known), ``unknown`` (which ones),
        ``multiply_adds_per_s``, ``peak_bytes``, ``operations``, ``threads``, ``dtype``, ``device``.

    Raises
    ------
    ValueError
        If a value is out of range, or the model fails.
    """
    checks.integer("batch", batch, 1)
    checks.integer("threads", threads, 1, machine().cores)
    number_type = getattr(torch, str(checks.choice("dtype", dtype, DTYPES)))
    there = device_of(device)
    counted, times = cost(model, input_shape), 3 if backward else 1
    check_memory(model, counted.rows, batch, times * number_type.itemsize)
    copied = copy.deepcopy(model).to(device=there, dtype=number_type).eval()
    x = random_input(copied, (batch, *input_shape), number_type).to(there)
    work = "forward + backward" if backward else "forward"
    call = call_of(copied, x, work)
    found = timing(call, threads=threads, budget_s=budget_s)
    return {
        "input": ",".join(map(str, input_shape)),
        "batch": batch,
        "work": work,
        **_seconds(found),
        **_counts(counted, times * batch, found.median_s),
        "peak_bytes": memory(call, device=device).peak_bytes,
        "operations": sum(operations(call).values()),
        "threads": threads,
        "dtype": dtype,
        "device": device,
    }


def check_memory(model: nn.Module, rows: Sequence[Row], batch: int, bytes_a_number: int) -> None:
    """Refuse weights that are not there, and more memory than one result may take.

    Parameters
    ----------
    model : nn.Module
    rows : sequence of Row
        Its layers, counted.
    batch, bytes_a_number : int

    Raises
    ------
    ValueError
        If a weight is on the meta device; or with the estimate, if that is too much.
    """
    for name, weight in model.named_parameters():
        if weight.is_meta:
            raise ValueError(f"model must have real weights; got {name} on the meta device")
    numbers = batch * sum(math.prod(row.output_shape or ()) for row in rows)
    parameters = sum(row.parameters for row in rows)
    checks.all_memory(f"batch={batch}", (parameters + numbers) * bytes_a_number)


def _seconds(found: Timing) -> dict[str, object]:
    low, high = found.quartiles_s
    return {
        "median_s": found.median_s,
        "low_s": low,
        "high_s": high,
        "steady": found.steady,
        "repeats": len(found.seconds),
    }


def _counts(counted: Cost, times: int, median_s: float) -> dict[str, object]:
    products = _products(counted, times)
    return {
        "multiply_adds": products,
        "unknown": ", ".join(counted.unknown),
        "multiply_adds_per_s": products and products / median_s,
    }


def _products(counted: Cost, times: int) -> int | None:
    return None if counted.unknown else times * counted.multiply_adds


def random_input(model: nn.Module, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Return random numbers or, where a model begins with an embedding, random indices."""
    generator = torch.Generator().manual_seed(0)
    tables = [each for each in model.modules() if isinstance(each, nn.Embedding)]
    if tables:
        return torch.randint(tables[0].num_embeddings, shape, generator=generator)
    return torch.randn(shape, generator=generator).to(dtype)
