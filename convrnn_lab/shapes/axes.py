"""What the axes of tensors are: batch, time, feature, channel, height, width.

A tensor does not know what its axes are; the layers do. An axis that several tensors share is one
`Axis`, and any layer that knows what it is names it: an LSTM names the axes of what it is given,
and so those of everything that was made from the same input before. An axis that no layer has named
by the end has the name that is usual at its place.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence

from torch import Tensor, nn
from torch.utils.weak import WeakTensorKeyDictionary

SPACE = {1: ("time",), 2: ("height", "width"), 3: ("depth", "height", "width")}
"""Axes that a window moves along, by their number."""

_USUAL = {
    1: ("feature",),
    2: ("batch", "feature"),
    **{axes + 2: ("batch", "channel", *names) for axes, names in SPACE.items()},
}
_FEATURE_LAST = {3: ("batch", "time", "feature"), 4: ("batch", "height", "width", "feature")}


class Axis:
    """An axis that tensors share.

    Attributes
    ----------
    name : str or None
        None until a layer says what it is.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name


Axes = tuple[Axis, ...]


class AxisBook:
    """Knows the axes of every tensor of a run, as far as layers and functions have told."""

    def __init__(self) -> None:
        self._axes: MutableMapping[Tensor, Axes] = WeakTensorKeyDictionary()

    def known(self, tensor: Tensor) -> Axes | None:
        """Return the axes of a tensor, or None where nothing was said of it."""
        return self._axes.get(tensor)

    def of(self, tensor: Tensor) -> Axes:
        """Return the axes of a tensor, new ones where nothing was said of it."""
        found = self.known(tensor)
        if found is None or len(found) != tensor.ndim:
            found = tuple(Axis() for _ in range(tensor.ndim))
            self.note(tensor, found)
        return found

    def note(self, tensor: Tensor, axes: Axes) -> None:
        """Remember the axes of a tensor."""
        if len(axes) == tensor.ndim:
            self._axes[tensor] = axes

    def layer(self, module: nn.Module, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
        """Note what the axes of a layer's outputs are, and what it says of those of its inputs."""
        if not inputs:
            return
        given = [self.of(each) for each in inputs]
        name_inputs(module, given)
        if not is_pytorch(module) and self.known(outputs[0]) is not None:
            return  # its own functions have told
        made = output_axes(module, given, outputs[0])
        self.note(outputs[0], made)
        if isinstance(module, nn.RNNBase) and inputs[0].ndim == 3:
            batch = given[0][0 if module.batch_first else 1]
            for state in outputs[1:]:  # (layer, batch, feature)
                self.note(state, (Axis("layer"), batch, Axis("feature")))


def is_pytorch(module: nn.Module) -> bool:
    """Whether a layer is one of PyTorch's own, and no subclass of somebody's."""
    return type(module).__module__.startswith("torch.nn.")


def name_inputs(module: nn.Module, given: Sequence[Axes]) -> None:
    """Name the axes of a layer's inputs, as far as the layer says what they are.

    Parameters
    ----------
    module : nn.Module
    given : sequence of Axes
        Of its inputs.
    """
    first = given[0]
    if isinstance(module, (nn.RNNBase, nn.MultiheadAttention)):
        # The state of a recurrent layer has other axes than its input.
        for each in given[:1] if isinstance(module, nn.RNNBase) else given[:3]:
            _name(each, sequence_axes(len(each), batch_first=module.batch_first))
    elif isinstance(module, nn.RNNCellBase):
        _name(first, ("batch", "feature") if len(first) == 2 else ("feature",))
    elif isinstance(module, nn.Embedding):
        _name(first, ("batch", "time")[: len(first)])
    elif isinstance(module, nn.BatchNorm1d) and len(first) == 2:
        _name(first, ("batch", "feature"))
    elif (axes := window_axes(module)) is not None:
        names = ("batch", "channel", *SPACE[axes])
        _name(first, names[-len(first) :] if len(first) > axes else ())
    elif isinstance(module, nn.Linear) or _normalizes_last(module):
        _name(first[-1:], ("feature",))


def output_axes(module: nn.Module, given: Sequence[Axes], output: Tensor) -> Axes:
    """Return the axes of a layer's output: those of its input, but for what it makes anew.

    Parameters
    ----------
    module : nn.Module
    given : sequence of Axes
        Of its inputs.
    output : Tensor
    """
    first = given[0]
    if isinstance(module, nn.Embedding):
        return (*first, Axis("feature"))
    if isinstance(module, nn.Flatten):
        start, end = module.start_dim % len(first), module.end_dim % len(first)
        return (*first[:start], Axis("feature"), *first[end + 1 :])
    if len(first) != output.ndim:
        return (first[0], *(Axis() for _ in range(output.ndim - 1)))[: output.ndim]
    if isinstance(module, (nn.Linear, nn.RNNBase, nn.RNNCellBase, nn.MultiheadAttention)):
        return (*first[:-1], Axis("feature"))
    kernel = window_axes(module) if hasattr(module, "out_channels") else None
    if kernel is not None:
        place = len(first) - kernel - 1
        return (*first[:place], Axis("channel"), *first[place + 1 :])
    return first


def sequence_axes(rank: int, *, batch_first: bool) -> tuple[str, ...]:
    """Return the names of the axes of a recurrent or attention layer's input.

    Examples
    --------
    >>> sequence_axes(3, batch_first=False)
    ('time', 'batch', 'feature')
    """
    if rank == 2:
        return ("time", "feature")
    return ("batch", "time", "feature") if batch_first else ("time", "batch", "feature")


def wanted_input(module: nn.Module) -> str:
    """Write the input that a layer takes; "" where it takes any.

    Examples
    --------
    >>> wanted_input(nn.Conv2d(3, 8, 5)), wanted_input(nn.Linear(9, 2))
    ('(batch, 3 channels, height, width)', '(..., 9 features)')
    """
    size = _wanted_size(module)
    if size is None:
        return ""
    axes = window_axes(module)
    if axes is not None:
        return f"(batch, {_counted(size, 'channel')}, {', '.join(SPACE[axes])})"
    if isinstance(module, (nn.RNNBase, nn.MultiheadAttention)):
        before = sequence_axes(3, batch_first=module.batch_first)[:-1]
        return f"({', '.join(before)}, {_counted(size, 'feature')})"
    return f"(..., {_counted(size, 'feature')})"


def _wanted_size(module: nn.Module) -> int | None:
    """Return how many channels or features a layer was made for."""
    for name in ("in_channels", "in_features", "input_size", "embed_dim", "num_features"):
        size = getattr(module, name, None)
        if isinstance(size, int):
            return size
    return None


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def window_axes(module: nn.Module) -> int | None:
    """Return how many axes a layer's windows or statistics have, by the name PyTorch gave it.

    Examples
    --------
    >>> window_axes(nn.MaxPool2d(2)), window_axes(nn.ReLU())
    (2, None)
    """
    for kind in type(module).__mro__:
        ends = re.search(r"([123])d$", kind.__name__)
        if ends and kind.__module__.startswith("torch.nn."):
            return int(ends[1])
    return None


def _normalizes_last(module: nn.Module) -> bool:
    if isinstance(module, (nn.LayerNorm, nn.RMSNorm)):
        return len(module.normalized_shape) == 1
    return False


def _name(axes: Axes, names: Sequence[str]) -> None:
    """Name axes that have no name yet: the first layer that knows decides."""
    if len(axes) == len(names):
        for axis, name in zip(axes, names, strict=True):
            axis.name = axis.name or name


def names_of(axes: Axes) -> tuple[str, ...]:
    """Return the names of a tensor's axes; one without a name gets the usual one at its place.

    Examples
    --------
    >>> names_of((Axis(), Axis(), Axis("feature")))
    ('batch', 'time', 'feature')
    """
    for axis, name in zip(axes, _usual(axes), strict=True):
        axis.name = axis.name or name
    return tuple(axis.name or "" for axis in axes)


def _usual(axes: Axes) -> tuple[str, ...]:
    rank, names = len(axes), [axis.name for axis in axes]
    if rank == 4 and "time" in names:
        return ("batch", "head", "head", "feature")  # the heads of an attention
    if rank and names[-1] == "feature" and rank in _FEATURE_LAST:
        return _FEATURE_LAST[rank]
    return _USUAL.get(rank) or usual_axes(rank)


def usual_axes(rank: int) -> tuple[str, ...]:
    """Return what the axes of a tensor are mostly, where nothing says so.

    Examples
    --------
    >>> usual_axes(4)
    ('batch', 'channel', 'height', 'width')
    """
    return _USUAL.get(rank) or tuple(f"axis {place}" for place in range(rank))
