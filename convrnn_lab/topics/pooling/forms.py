"""What a traced pool consists of: its windows, winners and divisors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.copied_code import call
from convrnn_lab.shapes import geometry
from convrnn_lab.topics.pooling.settings import SETTINGS_OF_KIND

_LAYERS = {
    "max": "MaxPool",
    "average": "AvgPool",
    "lp": "LPPool",
    "adaptive_max": "AdaptiveMaxPool",
    "adaptive_average": "AdaptiveAvgPool",
}

Taps = tuple[tuple[int, ...], ...]
"""For each axis, the input index under each tap."""


@dataclass(frozen=True, eq=False)
class PoolingWindow:
    """What one output value was made of.

    Attributes
    ----------
    patch : Tensor, shape (kernel,) or (kernel height, kernel width)
        Input values under the window. Outside the input: minus infinity for a maximum, else zero.
    inside : Tensor of bool, of the same shape
        Which taps lie on the input.
    counted : Tensor of bool, of the same shape
        Which taps the divisor counts: those inside, and for an average those on the padding if it
        is included. A window that ceil mode adds may have taps past the padding too; none counts.
    taps : tuple of tuple of int
        For each axis, the input index under each tap; negative or past the end outside the input.
    winner : tuple of int, or None
        Input index of the maximum, one for each axis; None for other pools, and where no tap lies
        on the input.
    terms : Tensor, of the same shape, or None
        What is added up: `patch`, or its powers for "lp"; None for a maximum.
    total : Tensor, no axes, or None
        Sum of `terms`.
    divisor : int or None
        Count of `counted`; None for a maximum.
    value : Tensor, no axes
        The maximum; ``total / divisor``; or, for "lp", ``(total / divisor · taps) ** (1 / p)``,
        where taps are all of the kernel's: PyTorch scales what a cut window has up to a whole one.
    """

    patch: Tensor
    inside: Tensor
    counted: Tensor
    taps: tuple[tuple[int, ...], ...]
    winner: tuple[int, ...] | None
    terms: Tensor | None
    total: Tensor | None
    divisor: int | None
    value: Tensor


@dataclass(frozen=True, eq=False)
class PoolingTrace:
    """A pool's input, settings and output; see `pooling` for their shapes.

    Attributes
    ----------
    input, output : Tensor
        As given to PyTorch, and as it answered.
    kind : str
        One of `KINDS`.
    winners : Tensor of int64, of `output`'s shape, or None
        Flat index of each maximum in its channel, PyTorch's ``return_indices``; None for the
        pools that take no maximum.
    kernel_size, stride, padding, dilation : tuple of int
        One for each axis; the first two are empty for adaptive pools.
    ceil_mode, count_include_pad : bool
    p : float
        Exponent of "lp".
    """

    input: Tensor
    output: Tensor
    kind: str
    winners: Tensor | None
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    ceil_mode: bool
    count_include_pad: bool
    p: float

    @property
    def axes(self) -> int:
        """Count of the axes that windows slide along: 1 or 2."""
        return len(self.padding)

    @property
    def adaptive(self) -> bool:
        """Whether the windows follow from the output size."""
        return not self.kernel_size

    @property
    def output_size(self) -> tuple[int, ...]:
        """Output values along each axis."""
        return tuple(self.output.shape[-self.axes :])

    @property
    def dropped(self) -> tuple[int, ...]:
        """Samples at the end of each padded axis that no window reaches."""
        if self.adaptive:
            return (0,) * self.axes
        return self._along_axes(geometry.dropped)

    @property
    def unread(self) -> tuple[tuple[int, ...], ...]:
        """For each axis, the input samples that no tap reads."""
        if self.adaptive:
            return ((),) * self.axes
        return tuple(
            geometry.unread(
                self.input.shape[axis - self.axes],
                self.output_size[axis],
                self.kernel_size[axis],
                stride=self.stride[axis],
                before=self.padding[axis],
                dilation=self.dilation[axis],
            )
            for axis in range(self.axes)
        )

    @property
    def added(self) -> tuple[int, ...]:
        """Output values along each axis that are there because ceil mode rounds up."""
        if not self.ceil_mode:
            return (0,) * self.axes
        # One window more, if it reaches past the end; all of them do where none would fit.
        return tuple(int(samples > 0) for samples in self._along_axes(geometry.overhang))

    @property
    def divisors(self) -> Tensor | None:
        """Count of the taps that each output value is divided by: (time,) or (height, width).

        None for a maximum. See `PoolingWindow.counted`.
        """
        if self.winners is not None:
            return None
        counts = []
        for axis, length in enumerate(self.output_size):
            margin = self.padding[axis] if self.count_include_pad else 0
            end = self.input.shape[axis - self.axes] + margin
            taps = [self._taps(axis, position) for position in range(length)]
            counts.append(
                torch.tensor([sum(-margin <= tap < end for tap in each) for each in taps])
            )
        return counts[0] if self.axes == 1 else counts[0][:, None] * counts[1]

    @property
    def wins(self) -> Tensor | None:
        """Count of the windows whose maximum each input value is, of `input`'s shape."""
        if self.winners is None:
            return None
        values, output = self.input.flatten(-self.axes), self.output.flatten(-self.axes)
        # A window that has no tap on the input has an index as well, which may lie outside.
        index = self.winners.flatten(-self.axes).clamp(0, values.shape[-1] - 1)
        won = values.gather(-1, index)
        counts = ((won == output) | output.isnan()).long()
        return (
            torch.zeros_like(values, dtype=torch.int64)
            .scatter_add(-1, index, counts)
            .view_as(self.input)
        )

    @property
    def code(self) -> str:
        """The expression of PyTorch that makes this layer."""
        layer = getattr(nn, f"{_LAYERS[self.kind]}{self.axes}d")
        if self.adaptive:
            return call(layer, "torch.nn", geometry.plain(self.output_size))
        options: dict[str, object] = {
            "kernel_size": geometry.plain(self.kernel_size),
            # Left out where it is the usual one.
            "stride": None if self.stride == self.kernel_size else geometry.plain(self.stride),
            "padding": geometry.plain(self.padding),
            "dilation": geometry.plain(self.dilation),
            "ceil_mode": self.ceil_mode,
            "count_include_pad": self.count_include_pad,
            "p": self.p,
        }
        meant = {name: options[name] for name in SETTINGS_OF_KIND[self.kind]}
        if "p" in meant:
            meant["norm_type"] = meant.pop("p")
        return call(layer, "torch.nn", **meant)

    def window(self, *position: int) -> PoolingWindow:
        """Take one output value apart.

        Parameters
        ----------
        *position : int
            Index of the value in `output`, one for each of its axes.

        Raises
        ------
        ValueError
            If `position` lies outside `output`.
        """
        index = checks.position(position, self.output.shape)
        channel = self.input[tuple(index[: -self.axes])]
        taps = tuple(self._taps(axis, place) for axis, place in enumerate(index[-self.axes :]))
        inside = self._grid(taps, (0,) * self.axes)
        nearest = [
            torch.tensor(each).clamp(0, length - 1)
            for each, length in zip(taps, channel.shape, strict=True)
        ]
        patch = channel[torch.meshgrid(*nearest, indexing="ij")]
        if self.winners is not None:
            return _largest(patch, inside, taps, int(self.winners[tuple(index)]), channel)
        counts = self.kind == "average" and self.count_include_pad
        counted = self._grid(taps, self.padding) if counts else inside
        return self._added_up(patch, inside, counted, taps)

    def _added_up(
        self, patch: Tensor, inside: Tensor, counted: Tensor, taps: Taps
    ) -> PoolingWindow:
        zero = patch.new_zeros(())
        # where, not a product: NaN times zero is NaN.
        patch = torch.where(inside, patch, zero)
        terms = torch.where(inside, patch.pow(self.p), zero) if self.kind == "lp" else patch
        total = terms.sum()
        divisor = int(counted.sum())
        value = total / divisor
        if self.kind == "lp":
            value = (value * patch.numel()).pow(1 / self.p)
        return PoolingWindow(patch, inside, counted, taps, None, terms, total, divisor, value)

    def _taps(self, axis: int, position: int) -> tuple[int, ...]:
        if self.adaptive:
            length, outputs = self.input.shape[axis - self.axes], self.output_size[axis]
            return tuple(range(*geometry.adaptive_window(position, length, outputs)))
        return geometry.taps(
            position,
            self.kernel_size[axis],
            stride=self.stride[axis],
            before=self.padding[axis],
            dilation=self.dilation[axis],
        )

    def _grid(self, taps: Taps, margins: tuple[int, ...]) -> Tensor:
        """Say which taps lie on the input if it were longer by `margins` at both ends."""
        within = [
            torch.tensor([-margin <= tap < length + margin for tap in each])
            for each, margin, length in zip(
                taps, margins, self.input.shape[-self.axes :], strict=True
            )
        ]
        return within[0] if self.axes == 1 else within[0][:, None] & within[1]

    def _along_axes(self, count: Callable[..., int]) -> tuple[int, ...]:
        """Count something on each axis, by a function of the settings on that axis."""
        return tuple(
            count(
                self.input.shape[axis - self.axes],
                self.kernel_size[axis],
                stride=self.stride[axis],
                padding=(self.padding[axis], self.padding[axis]),
                dilation=self.dilation[axis],
                ceil_mode=self.ceil_mode,
            )
            for axis in range(self.axes)
        )


def _largest(
    patch: Tensor, inside: Tensor, taps: Taps, flat: int, channel: Tensor
) -> PoolingWindow:
    """Take a maximum apart; `flat` is the winner's index among all values of its channel."""
    outside = patch.new_tensor(-torch.inf)
    winner: tuple[int, ...] | None = None
    if bool(inside.any()):
        winner = (flat,) if channel.ndim == 1 else divmod(flat, channel.shape[-1])
    return PoolingWindow(
        torch.where(inside, patch, outside),
        inside,
        inside,
        taps,
        winner,
        terms=None,
        total=None,
        divisor=None,
        value=outside if winner is None else channel[winner],
    )
