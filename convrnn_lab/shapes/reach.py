"""What a tensor's positions read of the model's input, and how each operation changes that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from convrnn_lab.shapes.taps import NoRuleError, Taps

CHANNELS = -1
"""Stands in a merged dimension for what runs along no axis of the input."""


@dataclass(frozen=True)
class Axis:
    """What is read along one axis of the input.

    Attributes
    ----------
    moving : Taps or None
        What position 0 reads; position p reads the same, `stride` times p samples further.
    stride : int
        0 where no position is left.
    fixed : Taps or None
        What every position reads, as after a mean over the axis.
    count : int
        Positions along the axis.
    """

    moving: Taps | None
    stride: int
    fixed: Taps | None
    count: int

    @property
    def taps(self) -> Taps:
        """All that position 0 reads."""
        if self.moving is None:
            assert self.fixed is not None  # noqa: S101 - an axis always reads something
            return self.fixed
        return self.moving.union(self.fixed)

    def gathered(self) -> Taps:
        """Return what all positions together read."""
        if self.moving is None:
            return self.taps
        return self.moving.spread(self.stride, max(self.count, 1)).union(self.fixed)

    def window(self, low: int, step: int, size: int, stride: int) -> Axis:
        """Return the axis after a window whose taps are `low`, ``low + step``, ... of `size`."""
        if self.moving is None:
            return self
        moving = self.moving.moved(low * self.stride).spread(step * self.stride, size)
        return replace(self, moving=moving, stride=self.stride * stride)


@dataclass(frozen=True)
class Reach:
    """What the positions of a tensor read.

    Attributes
    ----------
    dims : tuple of tuple of int
        For each dimension of the tensor, the input axes that it runs along: none, one, or several
        (and `CHANNELS`) where dimensions were merged.
    axes : tuple of Axis
        For each axis of the input.
    """

    dims: tuple[tuple[int, ...], ...]
    axes: tuple[Axis, ...]

    @classmethod
    def of_input(cls, shape: Sequence[int]) -> Reach:
        """Return the reach of the input itself, shape (batch, channel, *axes)."""
        lengths = shape[2:]
        dims: list[tuple[int, ...]] = [(), (), *((axis,) for axis in range(len(lengths)))]
        return cls(tuple(dims[: len(shape)]), tuple(Axis(Taps(0, 1), 1, None, n) for n in lengths))

    def counted(self, shape: Sequence[int]) -> Reach:
        """Return the reach with the positions counted anew."""
        axes = list(self.axes)
        for dim, size in zip(self.dims, shape, strict=True):
            if len(dim) == 1:
                axes[dim[0]] = replace(axes[dim[0]], count=size)
        return Reach(self.dims, tuple(axes))

    def along(self, dim: int) -> int | None:
        """Return the axis that a dimension runs along, if any."""
        axes = self.dims[dim]
        if len(axes) > 1:
            raise NoRuleError("positions that were merged into one dimension are taken apart again")
        return axes[0] if axes else None

    def put(self, number: int, axis: Axis) -> Reach:
        """Return the reach with one axis replaced."""
        axes = list(self.axes)
        axes[number] = axis
        return replace(self, axes=tuple(axes))

    def whole(self, dims: Iterable[int], *, keep: bool) -> Reach:
        """Return the reach where each value reads all positions along `dims`.

        With `keep` it also stays where it is, as in a softmax; else no position is left.
        """
        axes, names = list(self.axes), list(self.dims)
        for dim in dims:
            for number in set(names[dim]) - {CHANNELS}:
                axis = axes[number]
                if keep:
                    axes[number] = replace(axis, fixed=axis.gathered())
                else:
                    axes[number] = Axis(None, 0, axis.gathered(), 1)
            names[dim] = names[dim] if keep else ()
        return Reach(tuple(names), tuple(axes))

    def without(self, dims: Iterable[int]) -> Reach:
        """Return the reach of the tensor without some dimensions."""
        gone = {dim % len(self.dims) for dim in dims}
        read = self.whole(gone, keep=False)
        return replace(read, dims=tuple(d for i, d in enumerate(read.dims) if i not in gone))


def union(parts: Sequence[tuple[Reach, tuple[int, ...]]], shape: tuple[int, ...]) -> Reach:
    """Return the reach of values made of several tensors, broadcast to `shape`.

    Raises
    ------
    NoRuleError
        If the positions of the parts do not lie over each other.
    """
    aligned = [broadcast(reach, own, shape) for reach, own in parts]
    first = aligned[0]
    for other in aligned[1:]:
        first = _pair(first, other)
    return first


def broadcast(reach: Reach, own: tuple[int, ...], shape: tuple[int, ...]) -> Reach:
    """Return the reach of a tensor of shape `own` that is stretched to `shape`."""
    missing = len(shape) - len(own)
    stretched = [i for i, n in enumerate(own) if n == 1 and shape[missing + i] != 1]
    reach = reach.whole(stretched, keep=False)
    return replace(reach, dims=((),) * missing + reach.dims)


def _pair(one: Reach, two: Reach) -> Reach:
    dims = []
    for a, b in zip(one.dims, two.dims, strict=True):
        if a and b and a != b:
            raise NoRuleError("two tensors are joined whose dimensions run along different axes")
        dims.append(a or b)
    carried = [axis for dim in dims for axis in dim if axis != CHANNELS]
    if len(carried) != len(set(carried)):
        raise NoRuleError("positions are paired with all other positions")
    return Reach(tuple(dims), tuple(map(_join, one.axes, two.axes)))


def _join(one: Axis, two: Axis) -> Axis:
    fixed = one.fixed.union(two.fixed) if one.fixed else two.fixed
    if one.moving is None or two.moving is None:
        mover = two if one.moving is None else one
        return replace(mover, fixed=fixed)
    a, b = one.moving, two.moving
    if one.stride != two.stride:
        raise NoRuleError(f"branches of strides {one.stride} and {two.stride} are joined")
    if a.centre != b.centre:
        raise NoRuleError(
            f"misaligned branches are joined, centred on {a.centre:g} and {b.centre:g}"
        )
    return Axis(a.union(b), one.stride, fixed, max(one.count, two.count))
