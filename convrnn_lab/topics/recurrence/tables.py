"""What recurrent layers keep, side by side, as small data frames."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.topics.recurrence import forgetting as forgotten
from convrnn_lab.topics.recurrence.trace import recurrence

if TYPE_CHECKING:
    import pandas as pd


def forgetting(modules: Mapping[Hashable, nn.Module], input: Tensor, step: int) -> pd.DataFrame:  # noqa: A002
    """Change the input of several layers at one step, and return what is left of the change.

    Parameters
    ----------
    modules : dict of nn.RNN, nn.LSTM or nn.GRU
        By name; a tuple of names gives a row several headings.
    input : Tensor, shape (time, feature) or (batch, time, feature)
        As the modules take it. Only the first sequence of a batch is looked at.
    step : int
        At which 1 is added to all features.

    Returns
    -------
    pandas.DataFrame
        A row for each module, of its last layer, forward: ``largest_change`` (the length of the
        change of the hidden state where it is largest), ``change_at_end`` (at the last step), and
        ``steps`` (the median over the units of `trace.forgetting`).

    Raises
    ------
    ValueError
        If a module or the step is refused by `trace.forgetting`.

    Examples
    --------
    >>> layer = nn.RNN(1, 1, nonlinearity="relu")
    >>> for weight in layer.parameters():
    ...     _ = nn.init.constant_(weight, 0.5)
    >>> print(forgetting({"half": layer}, torch.ones(4, 1), 0))
          largest_change  change_at_end  steps
    half             0.5         0.0625    1.0
    """
    import pandas as pd

    rows = []
    for module in modules.values():
        found = forgotten.forgetting(module, input, step)
        change = torch.linalg.vector_norm(found.change[-1, 0, :, 0], dim=-1)  # (time,)
        steps = found.steps[-1, 0, 0].nanmedian()
        rows.append((change.max().item(), change[-1].item(), steps.item()))
    columns = ["largest_change", "change_at_end", "steps"]
    return pd.DataFrame(rows, index=pd.Index(list(modules)), columns=columns)


def forget_gates(modules: Mapping[Hashable, nn.LSTM], steps: int) -> pd.DataFrame:
    """Let LSTMs read zeros, and return what their forget gates leave of the cell state.

    Parameters
    ----------
    modules : dict of nn.LSTM
        By name, such as the forget bias; of one layer that reads one direction.
    steps : int
        How many zeros are read. The cell state is 1 before them.

    Returns
    -------
    pandas.DataFrame
        A row for each module, the mean over its units: ``forget_gate`` (over all steps, too) and
        ``kept`` (the product of the forget gates: the share of the first cell state that is left).

    Raises
    ------
    ValueError
        If a module is not such an LSTM.

    Examples
    --------
    >>> layer = nn.LSTM(1, 1)
    >>> for weight in layer.parameters():
    ...     _ = nn.init.zeros_(weight)
    >>> print(forget_gates({0: layer}, 3))
       forget_gate   kept
    0          0.5  0.125
    """
    import pandas as pd

    checks.integer("steps", steps, 1)
    rows = []
    for module in modules.values():
        if not isinstance(module, nn.LSTM):
            raise ValueError(f"modules must be LSTMs; got {checks.shown(module)}")
        ones = torch.ones(1, module.hidden_size)
        zeros = torch.zeros(steps, module.input_size)
        forget = recurrence(module, zeros, (0 * ones, ones)).gates["forget"]
        kept = forget.prod(dim=2)  # over the time
        rows.append((forget.mean().item(), kept.mean().item()))
    return pd.DataFrame(rows, index=pd.Index(list(modules)), columns=["forget_gate", "kept"])
