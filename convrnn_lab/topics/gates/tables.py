"""How long gated layers keep what they hold, side by side, as a small data frame."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

from torch import Tensor, nn

from convrnn_lab.topics.gates.trace import memory_half_life
from convrnn_lab.topics.recurrence.trace import recurrence

if TYPE_CHECKING:
    import pandas as pd


def half_lives(modules: Mapping[Hashable, nn.Module], input: Tensor) -> pd.DataFrame:  # noqa: A002
    """Return the half-lives of the units of several LSTMs or GRUs over one input.

    Parameters
    ----------
    modules : dict of nn.LSTM or nn.GRU
        By name, such as the forget bias.
    input : Tensor, shape (time, feature) or (batch, time, feature)
        As the modules take it.

    Returns
    -------
    pandas.DataFrame
        A row for each module: ``shortest``, ``median`` and ``longest`` half-life of its units, in
        steps; infinite where half is never lost within the input.

    Raises
    ------
    ValueError
        If a module has no gates, or does not take the input.

    Examples
    --------
    >>> import torch
    >>> layer = nn.LSTM(1, 1)
    >>> for weight in layer.parameters():
    ...     _ = nn.init.zeros_(weight)
    >>> print(half_lives({"all zero": layer}, torch.zeros(5, 1)))
              shortest  median  longest
    all zero       1.0     1.0      1.0
    """
    import pandas as pd

    found = [memory_half_life(recurrence(module, input)) for module in modules.values()]
    rows = [(each.min().item(), each.median().item(), each.max().item()) for each in found]
    columns = ["shortest", "median", "longest"]
    return pd.DataFrame(rows, index=pd.Index(list(modules)), columns=columns)
