"""Counts of layers side by side, as a small data frame: operations beside multiply-adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from convrnn_lab.measure.layer_kinds import Setting
from convrnn_lab.measure.peak_memory import operations as operations_of
from convrnn_lab.measure.workload import prepare

if TYPE_CHECKING:
    import pandas as pd


def operations(settings: Sequence[Setting]) -> pd.DataFrame:
    """Return how many operations PyTorch starts for each setting, beside its multiply-adds.

    Parameters
    ----------
    settings : sequence of measure.Setting
        Each is run once.

    Returns
    -------
    pandas.DataFrame
        A row for each layer: ``operations`` and ``multiply_adds``.

    Raises
    ------
    ValueError
        If a setting cannot be run.

    Examples
    --------
    >>> table = operations([Setting("Conv1d", length=16, channels=8, kernel_size=3)])
    >>> table.loc["Conv1d"].to_dict()
    {'operations': 1, 'multiply_adds': 3072}
    """
    import pandas as pd

    rows = {}
    for setting in settings:
        work = prepare(setting)
        rows[setting.layer] = {
            "operations": sum(operations_of(work.call).values()),
            "multiply_adds": work.count.multiply_adds,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("layer")
