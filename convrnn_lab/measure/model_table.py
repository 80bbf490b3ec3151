"""Several models, timed one after the other into one table: whole, or by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict, Unpack

from torch import nn

from convrnn_lab.measure.data_frames import layer_frame
from convrnn_lab.measure.layer_cost import cost
from convrnn_lab.measure.layer_counts import counted
from convrnn_lab.measure.layer_input import given_as
from convrnn_lab.measure.layer_rows import LayerTimes
from convrnn_lab.measure.layer_timing import layer_times
from convrnn_lab.measure.model_time import time_model
from convrnn_lab.measure.named_model import named_module

if TYPE_CHECKING:
    import pandas as pd

Sizes = tuple[int, ...]

Asked = list[tuple[str, nn.Module, Sizes]]
"""Models by name, each with the sizes of an input; a model may be there again with others."""


class Options(TypedDict):
    """How models are measured; see `time_model`."""

    batch: int
    threads: int
    dtype: str
    device: str
    budget_s: float


def asked(names: Sequence[str], inputs: Sequence[Sizes]) -> Asked:
    """Return what is to be measured: one model with all inputs, or each with its own.

    Raises
    ------
    ValueError
        If there is no model of a name, or there are neither one input nor as many as models.
    """
    count = len(names)
    if count > 1 and len(inputs) not in (1, count):
        raise ValueError(
            f"input must be one for all models, or one for each of {count}; got {len(inputs)}"
        )
    models = [(name, named_module(name, on_shapes=False)) for name in names]
    if count == 1:
        return [(name, model, sizes) for name, model in models for sizes in inputs]
    own = inputs if len(inputs) == count else [inputs[0]] * count
    return [(name, model, sizes) for (name, model), sizes in zip(models, own, strict=True)]


def whole(
    wanted: Asked, *, backward: bool, machine: str, **options: Unpack[Options]
) -> pd.DataFrame:
    """Measure each model as a whole, a row for each.

    Raises
    ------
    ValueError
        If a model fails, before anything is measured.
    """
    import pandas as pd

    for _, model, sizes in wanted:
        cost(model, sizes)
    rows = [
        {"model": name, **time_model(model, sizes, backward=backward, **options)}
        for name, model, sizes in wanted
    ]
    return pd.DataFrame(rows).assign(machine=machine)


def by_layer(wanted: Asked, **options: Unpack[Options]) -> list[LayerTimes]:
    """Measure the layers of each model, forward and backward.

    Raises
    ------
    ValueError
        If a model fails, before anything is measured.
    """
    for _, model, sizes in wanted:
        counted(model, given_as(sizes, options["batch"]))
    return [layer_times(model, sizes, **options) for _, model, sizes in wanted]


def layer_table(wanted: Asked, found: Sequence[LayerTimes], machine: str) -> pd.DataFrame:
    """Put the layers of all models into one table, a row for each."""
    import pandas as pd

    tables = []
    for (name, _, sizes), times in zip(wanted, found, strict=True):
        table = layer_frame(times)
        table.insert(0, "model", name)
        table.insert(1, "input", ",".join(map(str, sizes)))
        shared = {each: getattr(times, each) for each in ("batch", "threads", "dtype", "device")}
        tables.append(table.assign(**shared, overhead=times.overhead, machine=machine))
    return pd.concat(tables, ignore_index=True)
