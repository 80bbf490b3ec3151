"""A convolution of a colour picture as its figure needs it; its settings may be looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from convrnn_lab.copied_code import call
from convrnn_lab.data.colours import CHANNELS, FILTERS, colour_filters, filter_names
from convrnn_lab.drawing import given, looks
from convrnn_lab.drawing.layer_looks import item
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.words import argument
from convrnn_lab.topics.convolution.seen_convolution import SeenConvolution

SIZES = {"all channels": 5, "depthwise": 5, "pointwise": 1}
"""The largest kernel of each kind of filters."""

COUNTS = {kind: len(filter_names(kind, 1)) for kind in FILTERS}
"""Filters of each kind."""

GROUPS = {"all channels": 1, "depthwise": len(CHANNELS), "pointwise": 1}
"""Groups of channels that are convolved apart, for each kind of filters."""


def widened(kind: str, size: int) -> np.ndarray:
    """Return filters that have a kernel for every channel: zeros for one that is not read.

    Returns
    -------
    array, shape (filter, channel, kernel height, kernel width)
    """
    weight = colour_filters(kind, size)[0].numpy()
    if GROUPS[kind] == 1:
        return weight
    wide = np.zeros((len(weight), len(CHANNELS), size, size), dtype=np.float32)
    for channel, each in enumerate(weight):
        wide[channel, channel] = each[0]
    return wide


def apart(kind: str, size: int) -> np.ndarray:
    """Return the kernels of all filters for the first channel, then for the next.

    With a group for each channel they make what each adds to each map.

    Returns
    -------
    array, shape (channel · filter, 1, kernel height, kernel width)
    """
    return np.ascontiguousarray(widened(kind, size).swapaxes(0, 1)).reshape(-1, 1, size, size)


@dataclass(frozen=True, eq=False)
class SeenChannels:
    """A convolution of three channels. Its settings may be looks.

    Attributes
    ----------
    pictures : array, shape (channel, height, width)
    kind : str or Look
        One of `data.FILTERS`.
    sliding : SeenConvolution
        How the window slides over one channel.
    computed : (output, parts) or None
        As `output` and `parts`, where the browser does not compute them.
    """

    pictures: np.ndarray
    kind: Seen
    sliding: SeenConvolution
    computed: tuple[np.ndarray, np.ndarray] | None

    @property
    def size(self) -> Seen:
        """Weights along each side of a kernel."""
        return self.sliding.kernel_size[0]

    @property
    def filters(self) -> Seen:
        """Count of filters."""
        return looks.pick(COUNTS, self.kind)

    @property
    def weight(self) -> Seen:
        """Weights, shape (filter, channel, kernel height, kernel width)."""
        return given.kept("filter weights", self._table(widened))

    @property
    def bias(self) -> Seen:
        """Biases, shape (filter,)."""
        return looks.pick({each: colour_filters(each, 1)[1].numpy() for each in FILTERS}, self.kind)

    @property
    def output(self) -> Seen:
        """Maps, shape (filter, height, width)."""
        found = None if self.computed is None else self.computed[0]
        operands = (self.pictures, self.weight, self.bias, self._settings(1))
        return given.recomputed("output", found, "conv2d", *operands)

    @property
    def parts(self) -> Seen:
        """What each channel adds to each map, shape (channel · filter, height, width)."""
        found = None if self.computed is None else self.computed[1]
        operands = (self.pictures, self._table(apart), None, self._settings(len(CHANNELS)))
        return given.recomputed("parts", found, "conv2d", *operands)

    def named(self, place: Seen) -> Seen:
        """Say what a filter answers to."""
        return item(self._table(filter_names), place)

    def reads(self, place: Seen, channel: int) -> Seen:
        """Return 1 where a filter reads a channel, else 0."""
        return looks.pick(
            {each: 1 if GROUPS[each] == 1 else looks.equal(place, channel) for each in FILTERS},
            self.kind,
        )

    @property
    def read(self) -> Seen:
        """Count of the channels that one filter reads."""
        return looks.pick({each: len(CHANNELS) // GROUPS[each] for each in FILTERS}, self.kind)

    @property
    def layer(self) -> Seen:
        """The lines that make the layer with its weights."""
        stride, padding = self.sliding.stride[0], self.sliding.padding[0][0]
        return looks.words(
            "weight, bias = {}\n"
            "layer = torch.nn.Conv2d(3, {}, {}{}{}{})\n"
            "layer.weight.data[:] = weight\n"
            "layer.bias.data[:] = bias",
            self._table(_filters_code),
            self.filters,
            self.size,
            argument("stride", stride, 1),
            argument("padding", padding, 0),
            argument("groups", looks.pick(GROUPS, self.kind), 1),
        )

    def _settings(self, groups: int) -> dict[str, Seen]:
        seen = self.sliding
        return {
            "stride": list(seen.stride),
            "padding": [list(pair) for pair in seen.padding],
            "groups": groups,
        }

    def _table(self, make: Callable[[str, int], Seen]) -> Seen:
        """Return what is made of kind and size; where they are looks, of all of them."""
        if not looks.has_look((self.kind, self.size)):
            return make(self.kind, self.size)
        rows = [
            looks.pick([make(kind, size + 1) for size in range(largest)], self.size - 1)
            for kind, largest in SIZES.items()
        ]
        return looks.pick(rows, self.kind)


def _filters_code(kind: str, size: int) -> str:
    return call(colour_filters, "data", kind, size)
