"""The receptive field of a model, twice: by formula and by gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import nn

from convrnn_lab.topics.receptive_field.measured import measured_receptive_field
from convrnn_lab.topics.receptive_field.trace import receptive_field

if TYPE_CHECKING:
    import pandas as pd


def fields(model: nn.Module, input_shape: Sequence[int]) -> pd.DataFrame:
    """Return the receptive field of a model's middle output by formula and by gradient.

    Parameters
    ----------
    model : nn.Module
    input_shape : sequence of int
        Without the batch, such as (3, 64, 64).

    Returns
    -------
    pandas.DataFrame
        The rows "by formula" and "by gradient"; ``size``, ``stride`` and ``centre`` in input
        samples, a number for each axis.

    Raises
    ------
    ValueError
        If the model has no such field, or does not take such an input.

    Examples
    --------
    >>> print(fields(nn.Conv1d(1, 1, 3), (1, 16)))
                 size  stride  centre
    by formula   (3,)    (1,)  (7.0,)
    by gradient  (3,)  (1.0,)  (7.0,)
    """
    import pandas as pd

    formula, measured = (
        receptive_field(model, input_shape),
        measured_receptive_field(model, input_shape),
    )
    # The formula gives the centre of the first output; the gradient is of the middle one.
    centre = tuple(
        first + step * place
        for first, step, place in zip(
            formula.centre, formula.stride, measured.position, strict=True
        )
    )
    rows = {
        "by formula": {"size": formula.size, "stride": formula.stride, "centre": centre},
        "by gradient": {
            "size": measured.size,
            "stride": measured.stride,
            "centre": measured.centre,
        },
    }
    return pd.DataFrame.from_dict(rows, orient="index")
