"""The panel of a layer's weights: kernels as pictures, or rows of numbers as lines."""

from __future__ import annotations

from torch import Tensor, nn

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import (
    Numbers,
    axes,
    empty,
    heatmap,
    limit,
    line,
    matrix,
    pixels,
    value_range,
)
from convrnn_lab.drawing.picture_grid import picture_grid
from convrnn_lab.drawing.sheet import Panel
from convrnn_lab.shapes.attention import kind_of
from convrnn_lab.topics.network.layer_panels import SHOWN
from convrnn_lab.topics.network.pictures import Pictures


def kernels_of(module: nn.Module, maps: Pictures) -> Numbers | None:
    """Return the weights of each channel that a layer gives; None where it has none of the kind.

    Parameters
    ----------
    module : nn.Module
    maps : Pictures
        Of its output.

    Returns
    -------
    array, shape (channel, input channel, height, width) or (channel, row, weight)
    """
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor) or weight.ndim < 2 or len(weight) != len(maps.values):
        return None
    kernels: Numbers = weight.detach().float().cpu().numpy()
    return kernels if kernels.ndim == 4 else kernels.reshape(len(kernels), -1, kernels.shape[-1])


def weights(module: nn.Module, channel: Seen, maps: Pictures) -> Panel:
    """Draw the weights of a channel: kernels on a sheet, or rows of numbers as lines.

    Parameters
    ----------
    module : nn.Module
    channel : int or Look
        The chosen one.
    maps : Pictures
        Of its output.
    """
    kernels = kernels_of(module, maps)
    if kernels is None:
        return empty(f"{kind_of(module)} has no kernels")
    own = looks.take(kernels, channel)
    if kernels.ndim == 4 and kernels.shape[1] == 1:
        first = looks.take(kernels, channel, 0)
        return matrix(looks.words("Kernel {}", channel), "weight", first)
    if kernels.ndim == 4:
        return _kernels(channel, own)
    _, count, length = kernels.shape
    title = f"{count * length} weights of {maps.channel} {{}}"
    rows = [looks.take(kernels, channel, row) for row in range(min(count, SHOWN))]
    return Panel(
        looks.words(title, channel),
        [line(f"weight {index}", row, theme.WEIGHT) for index, row in enumerate(rows)],
        **axes("input", [-1, length], value_range(own)),
    )


def _kernels(channel: Seen, kernels: Seen) -> Panel:
    arrangement = picture_grid(kernels, SHOWN)
    rows, columns = arrangement.shape
    edge = limit(kernels)
    count = kernels.shape[0]
    return Panel(
        looks.words(f"Kernels of channel {{}}, one for each of {count} inputs", channel),
        [heatmap("weight", arrangement.pixels, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, rows - 1), (0, columns - 1), ticks=False),
        scale=(theme.TWO_SIDED, -edge, edge),
    )
