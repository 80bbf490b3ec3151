"""What pools do at the edges and under a shift, as small data frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.topics.pooling.settings import Sizes
from convrnn_lab.topics.pooling.shift_trace import SHIFT_POOLS, shift_consistency, shift_pool
from convrnn_lab.topics.pooling.trace import pooling

if TYPE_CHECKING:
    import pandas as pd


class PoolingOptions(TypedDict, total=False):
    """What `trace.pooling` takes beside the input, the kind and the window."""

    stride: Sizes
    padding: int | tuple[int, ...]
    dilation: int | tuple[int, ...]
    ceil_mode: bool
    count_include_pad: bool
    p: float
    output_size: Sizes
    axes: int | None


def edges(
    input: Tensor,  # noqa: A002 - PyTorch's word
    kind: str,
    window: int,
    rules: Mapping[str, PoolingOptions],
) -> pd.DataFrame:
    """Pool one signal by several rules, and return what each does at the ends.

    Parameters
    ----------
    input : Tensor, shape (channel, time)
        Its first channel is shown.
    kind : str
        Of the pool, as for `trace.pooling`.
    window : int
        Samples.
    rules : dict of str to dict
        By name, further arguments of `trace.pooling`: ``{"ceil mode": {"ceil_mode": True}}``.

    Returns
    -------
    pandas.DataFrame
        A row for each rule: ``output`` and ``divisors`` (what each average is divided by), as
        texts; ``dropped`` (samples at the end that no window reads) and ``added`` (values that
        ceil mode adds).

    Raises
    ------
    ValueError
        If a rule makes no pool.

    Examples
    --------
    >>> import torch
    >>> table = edges(torch.arange(1.0, 6.0)[None], "average", 2, {"plain": {"stride": 2}})
    >>> table.loc["plain"].to_dict()
    {'output': '1.5, 3.5', 'divisors': '2, 2', 'dropped': 1, 'added': 0}
    """
    import pandas as pd

    pools = {name: pooling(input, kind, window, **rule) for name, rule in rules.items()}
    rows = {
        name: {
            "output": ", ".join(f"{value:.3g}" for value in pool.output[0].tolist()),
            "divisors": _divisors(pool.divisors),
            "dropped": pool.dropped[0],
            "added": pool.added[0],
        }
        for name, pool in pools.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("rule")


def _divisors(divisors: Tensor | None) -> str:
    return "" if divisors is None else ", ".join(f"{each:g}" for each in divisors.tolist())


def shifts(image: Tensor, stride: int, pixels: Sequence[int]) -> pd.DataFrame:
    """Return how consistent each kind of pool is under a shift of an image.

    Parameters
    ----------
    image : Tensor, shape (height, width)
        What is more than whole strides is cut off.
    stride : int
        Of the pools, and their window.
    pixels : sequence of int
        By how much the image moves to the right.

    Returns
    -------
    pandas.DataFrame
        A row for each of `trace.SHIFT_POOLS`, a column for each shift: `trace.shift_consistency`.

    Raises
    ------
    ValueError
        If the stride is not an integer of at least 1, or the image is smaller.
    """
    import pandas as pd

    checks.integer("stride", stride, 1)
    height, width = (side // stride * stride for side in image.shape)
    whole = image[:height, :width]
    rows = {
        kind: shift_consistency(shift_pool(kind, stride), whole, pixels).tolist()
        for kind in SHIFT_POOLS
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(pixels)).rename_axis(
        index="pool", columns="shift in pixels"
    )
