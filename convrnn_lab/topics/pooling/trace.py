"""A pool with the windows, winners and divisors that led to its output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.shapes import geometry

KINDS = ("max", "average", "lp", "adaptive_max", "adaptive_average")
"""The pools that can be traced."""

_LAYERS = {
    "max": "MaxPool",
    "average": "AvgPool",
    "lp": "LPPool",
    "adaptive_max": "AdaptiveMaxPool",
    "adaptive_average": "AdaptiveAvgPool",
}
_NEUTRAL: dict[str, Any] = {
    "kernel_size": None,
    "stride": None,
    "padding": 0,
    "dilation": 1,
    "ceil_mode": False,
    "count_include_pad": True,
    "p": 2,
    "output_size": None,
}
_MEANS = {
    "max": {"kernel_size", "stride", "padding", "dilation", "ceil_mode"},
    "average": {"kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"},
    "lp": {"kernel_size", "stride", "ceil_mode", "p"},
    "adaptive_max": {"output_size"},
    "adaptive_average": {"output_size"},
}

Sizes = int | tuple[int, ...] | None


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
        return tuple(geometry.dropped(**axis) for axis in self._axes())

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
        return tuple(
            # One window more, if it reaches past the end; all of them do where none would fit.
            int(geometry.overhang(**axis) > 0)
            for axis in self._axes()
        )

    @property
    def divisors(self) -> Tensor | None:
        """Count of the taps that each output value is divided by: (time,) or (height, width).

        None for a maximum. See `PoolingWindow.counted`.
        """
        if self.winners is not None:
            return None
        counts = []
        for axis, places in enumerate(self.output_size):
            margin = self.padding[axis] if self.count_include_pad else 0
            end = self.input.shape[axis - self.axes] + margin
            taps = [self._taps(axis, place) for place in range(places)]
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
        options: dict[str, object] = {}
        if self.adaptive:
            options["output_size"] = geometry.plain(self.output_size)
        elif self.kind == "lp":
            options["norm_type"] = self.p
        if not self.adaptive:
            options |= {
                "kernel_size": geometry.plain(self.kernel_size),
                "stride": geometry.plain(self.stride),
            }
            usual: list[tuple[str, object]] = [
                ("padding", geometry.plain(self.padding)),
                ("dilation", geometry.plain(self.dilation)),
                ("ceil_mode", self.ceil_mode),
                ("count_include_pad", self.count_include_pad),
            ]
            options |= {name: value for name, value in usual if value != _NEUTRAL[name]}
        listed = ", ".join(f"{name}={value!r}" for name, value in options.items())
        return f"torch.nn.{_LAYERS[self.kind]}{self.axes}d({listed})"

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
        if self.winners is None:
            counts = self.kind == "average" and self.count_include_pad
            return self._added_up(
                patch, inside, self._grid(taps, self.padding) if counts else inside, taps
            )
        outside = patch.new_tensor(-torch.inf)
        flat = int(self.winners[tuple(index)])
        winner = (flat,) if self.axes == 1 else divmod(flat, channel.shape[-1])
        any_inside = bool(inside.any())
        return PoolingWindow(
            torch.where(inside, patch, outside),
            inside,
            inside,
            taps,
            winner if any_inside else None,
            None,
            None,
            None,
            channel[winner] if any_inside else outside,
        )

    def _added_up(
        self, patch: Tensor, inside: Tensor, counted: Tensor, taps: tuple[tuple[int, ...], ...]
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

    def _taps(self, axis: int, place: int) -> tuple[int, ...]:
        if self.adaptive:
            length, outputs = self.input.shape[axis - self.axes], self.output_size[axis]
            return tuple(range(*geometry.adaptive_window(place, length, outputs)))
        start = place * self.stride[axis] - self.padding[axis]
        return tuple(start + self.dilation[axis] * tap for tap in range(self.kernel_size[axis]))

    def _grid(self, taps: tuple[tuple[int, ...], ...], margins: tuple[int, ...]) -> Tensor:
        """Say which taps lie on the input if it were longer by `margins` at both ends."""
        within = [
            torch.tensor([-margin <= tap < length + margin for tap in each])
            for each, margin, length in zip(
                taps, margins, self.input.shape[-self.axes :], strict=True
            )
        ]
        return within[0] if self.axes == 1 else within[0][:, None] & within[1]

    def _axes(self) -> list[dict[str, Any]]:
        """Return the arguments of `geometry.output_length` for each axis."""
        return [
            {
                "length": self.input.shape[axis - self.axes],
                "kernel_size": self.kernel_size[axis],
                "stride": self.stride[axis],
                "padding": (self.padding[axis],) * 2,
                "dilation": self.dilation[axis],
                "ceil_mode": self.ceil_mode,
            }
            for axis in range(self.axes)
        ]


def pooling(
    input: Tensor,  # noqa: A002 - PyTorch's name for it
    kind: str,
    kernel_size: Sizes = None,
    *,
    stride: Sizes = None,
    padding: int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    p: float = 2,
    output_size: Sizes = None,
    axes: int | None = None,
) -> PoolingTrace:
    """Pool as PyTorch does, in one or two dimensions, and keep what it was made of.

    A setting that means nothing for a kind is refused unless it has its default: only "max" has a
    dilation, only "average" an included padding, only "lp" an exponent and no padding, and an
    adaptive pool has nothing but its output size.

    Parameters
    ----------
    input : Tensor, shape (batch, channel, time) or (batch, channel, height, width)
        The batch axis may be missing.
    kind : str
        One of `KINDS`. "lp" takes the p-th root of the sum of p-th powers, signs kept: an odd
        power of negative values may have no root, which is NaN here as in PyTorch.
    kernel_size : int or one per axis
        Samples under a window; not for adaptive pools.
    stride : int or one per axis, optional
        Samples between the starts of neighbouring windows; by default those under one.
    padding : int or one per axis
        Samples added at both ends of an axis, at most half of `kernel_size`: minus infinity for a
        maximum, zero for an average.
    dilation : int or one per axis
        Samples between neighbouring taps.
    ceil_mode : bool
        Round the output size up: a last window may reach past the end.
    count_include_pad : bool
        Whether an average divides by the taps on the padding too.
    p : float
        Exponent, over 0.
    output_size : int or one per axis
        Of adaptive pools; 1 pools the whole axis. Window i starts at ⌊i · length / output⌋ and
        ends before ⌈(i + 1) · length / output⌉.
    axes : 1 or 2, optional
        Axes to slide along. An `input` of three axes is (batch, channel, time) unless this, or a
        pair in `kernel_size` or `output_size`, says (channel, height, width).

    Returns
    -------
    PoolingTrace

    Raises
    ------
    ValueError
        If shapes, types or settings do not go together.

    Examples
    --------
    >>> steps = pooling(torch.tensor([[1.0, 3.0, 2.0, 5.0, 4.0]]), "max", 2, ceil_mode=True)
    >>> steps.output, steps.winners, steps.added
    (tensor([[3., 5., 4.]]), tensor([[1, 3, 4]]), (1,))
    """
    checks.choice("kind", kind, KINDS)
    given = {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "ceil_mode": ceil_mode,
        "count_include_pad": count_include_pad,
        "p": p,
        "output_size": output_size,
    }
    _check_meaning(kind, given)
    axes = _axes_of(input, axes, (kernel_size, output_size))
    if "adaptive" in kind:
        return _adaptive(input, kind, geometry.per_axis("output_size", output_size, axes, low=1))  # type: ignore[arg-type]
    sizes = geometry.per_axis("kernel_size", kernel_size, axes, low=1)  # type: ignore[arg-type]
    steps = sizes if stride is None else geometry.per_axis("stride", stride, axes, low=1)
    pads = geometry.per_axis("padding", padding, axes, low=0)
    holes = geometry.per_axis("dilation", dilation, axes, low=1)
    shape = _output_shape(
        lengths=input.shape[-axes:],
        sizes=sizes,
        steps=steps,
        pads=pads,
        holes=holes,
        ceil_mode=ceil_mode,
    )
    # The indices of a maximum take 8 bytes, whatever the values do.
    checks.memory(
        "output", (*input.shape[:-axes], *shape), 8 if kind == "max" else input.element_size()
    )
    winners = None
    if kind == "max":
        pool = F.max_pool1d if axes == 1 else F.max_pool2d
        output, winners = pool(input, sizes, steps, pads, holes, ceil_mode, return_indices=True)
    elif kind == "average":
        average = F.avg_pool1d if axes == 1 else F.avg_pool2d
        output = average(input, sizes, steps, pads, ceil_mode, count_include_pad)
    elif axes == 1:
        output = F.lp_pool1d(input, p, sizes[0], steps[0], ceil_mode)
    else:
        output = F.lp_pool2d(input, p, sizes, steps, ceil_mode)  # type: ignore[arg-type]
    return PoolingTrace(
        input,
        output,
        kind,
        winners,
        sizes,
        steps,
        pads,
        holes,
        ceil_mode,
        count_include_pad,
        p,
    )


def _check_meaning(kind: str, given: dict[str, Any]) -> None:
    for name, value in given.items():
        if name not in _MEANS[kind] and value != _NEUTRAL[name]:
            raise ValueError(
                f"{name} must be left out of {kind} pooling; got {checks.shown(value)}"
            )
    for name in ("ceil_mode", "count_include_pad"):
        checks.choice(name, given[name], (False, True))
    if checks.number("p", given["p"]) <= 0:
        raise ValueError(f"p must be over 0; got {given['p']}")


def _output_shape(
    *,
    lengths: Sequence[int],
    sizes: tuple[int, ...],
    steps: tuple[int, ...],
    pads: tuple[int, ...],
    holes: tuple[int, ...],
    ceil_mode: bool,
) -> tuple[int, ...]:
    shape = []
    for length, size, step, pad, hole in zip(lengths, sizes, steps, pads, holes, strict=True):
        if pad > size // 2:
            raise ValueError(
                f"padding must be at most half of the kernel size; got {pad} for kernel_size={size}"
            )
        shape.append(
            geometry.output_length(
                length, size, stride=step, padding=(pad, pad), dilation=hole, ceil_mode=ceil_mode
            )
        )
    return tuple(shape)


def _axes_of(input: Tensor, axes: int | None, sizes: Sequence[Sizes]) -> int:  # noqa: A002
    """Return how many axes the windows slide along, and refuse an input that does not have them."""
    one, two = (
        ("channel time", "batch channel time"),
        (
            "channel height width",
            "batch channel height width",
        ),
    )
    checks.tensor("input", input, *one, *two[1:])
    if axes is None:
        pairs = any(isinstance(size, (list, tuple)) and len(size) == 2 for size in sizes)
        axes = 2 if input.ndim == 4 or (pairs and input.ndim == 3) else 1
    checks.integer("axes", axes, 1, 2)
    checks.tensor("input", input, *(one if axes == 1 else two))
    for length in input.shape[-axes:]:
        checks.integer("input length", length, 1)
    checks.integer("input channels", input.shape[-axes - 1], 1)
    if not input.is_floating_point():
        raise ValueError(f"input must be floating-point numbers; got {input.dtype}")
    return axes


def _adaptive(input: Tensor, kind: str, sizes: tuple[int, ...]) -> PoolingTrace:  # noqa: A002
    axes = len(sizes)
    checks.memory("output", (*input.shape[:-axes], *sizes), input.element_size())
    winners = None
    if kind == "adaptive_max":
        pool = F.adaptive_max_pool1d if axes == 1 else F.adaptive_max_pool2d
        output, winners = pool(input, sizes, return_indices=True)
    else:
        average = F.adaptive_avg_pool1d if axes == 1 else F.adaptive_avg_pool2d
        output = average(input, sizes)  # type: ignore[arg-type]
    zero, one = (0,) * axes, (1,) * axes
    return PoolingTrace(input, output, kind, winners, (), (), zero, one, False, True, 2)
