"""A layer of one's own among those that are timed: made ready, and refused where it cannot run."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

from torch import nn

from convrnn_lab import checks
from convrnn_lab.measure.doctor import inspect
from convrnn_lab.measure.layer_kinds import LINE, STEPS, Layer, Setting
from convrnn_lab.measure.workload import count, input_shape
from convrnn_lab.shapes.passes import on_shapes

Own = nn.Module | Callable[[int], nn.Module]
"""A layer, or a function that makes one from a number of channels."""

OWN_AXES = {"channel time": LINE, "time channel": STEPS}
"""What a layer of one's own reads behind the batch, by the name that a reader gives it."""


def own_layer(own: Own, own_axes: str = "channel time") -> Layer:
    """Return how a layer of one's own is built and fed, as `prepare`, `count` and `sweep` take it.

    Parameters
    ----------
    own : nn.Module or function
    own_axes : str
        What it reads: (batch, "channel time") or (batch, "time channel").

    Raises
    ------
    ValueError
        If it is neither a module nor a function, or the axes are others.

    Examples
    --------
    >>> from convrnn_lab.measure import Setting, count
    >>> count(Setting("own", length=10), own_layer(nn.Conv1d(16, 4, 1))).multiply_adds
    640
    """
    checks.choice("own_axes", own_axes, OWN_AXES)
    if not callable(own):
        raise ValueError(
            "own must be a module, or a function that makes one from a number of channels; got "
            f"{checks.shown(own)}"
        )
    axes = OWN_AXES[own_axes]
    return Layer(lambda setting: _made(own, setting.channels), axes, frozenset(), "your own")


def _made(own: Own, channels: int) -> nn.Module:
    wanted = f"own must make a module from {channels} channels; got "
    try:
        # A module is copied: the copy is given another type and device.
        made = copy.deepcopy(own) if isinstance(own, nn.Module) else own(channels)
    except Exception as error:
        shown = checks.shown(str(error), 200)
        raise ValueError(f"{wanted}{type(error).__name__}: {shown}") from error
    if not isinstance(made, nn.Module):
        raise ValueError(f"{wanted}{checks.shown(made)}")
    return made


def check_runs(own: Layer, setting: Setting) -> None:
    """Refuse a layer that does not run on what a setting gives it, or would misread it.

    Parameters
    ----------
    own : Layer
    setting : Setting
        The one that is looked at first.

    Raises
    ------
    ValueError
        Naming the axes to choose where those help, else what fails.
    """
    with on_shapes():
        model = own.build(setting)
    reads_lines = own.axes == LINE
    if isinstance(model, nn.RNNBase) and reads_lines:
        raise _other_axes(type(model).__name__, own)
    if not _reads_batch_first(model):
        raise ValueError(
            f"own must read the batch first; got {type(model).__name__} with batch_first=False"
        )
    try:
        count(setting, own)
    except ValueError as error:
        if _runs(replace(own, axes=STEPS if reads_lines else LINE), setting):
            raise _other_axes(type(model).__name__, own) from error
        raise ValueError(
            f"own must run on (batch, {', '.join(own.axes.split())}) with {setting.channels} "
            f"channels; got {_failure(model, input_shape(setting, model, own)) or error}"
        ) from error


def _failure(model: nn.Module, shape: tuple[int, ...]) -> str:
    failure = inspect(model, shape).failure
    if failure is None:
        return ""
    layer = f"layer {failure.layer!r}, " if failure.layer else ""
    return f"a failure in {layer}{failure.kind}: {failure.reason}"


def _reads_batch_first(model: nn.Module) -> bool:
    flagged = (
        *(nn.RNNBase, nn.MultiheadAttention),
        *(nn.TransformerEncoder, nn.TransformerEncoderLayer),
    )
    if not isinstance(model, flagged):
        return True  # how a model feeds the layers within is its own affair
    return all(getattr(each, "batch_first", True) for each in model.modules())


def _runs(own: Layer, setting: Setting) -> bool:
    try:
        count(setting, own)
    except ValueError:
        return False
    return True


def _other_axes(name: str, own: Layer) -> ValueError:
    given = next(key for key, axes in OWN_AXES.items() if axes == own.axes)
    wanted = next(key for key in OWN_AXES if key != given)
    return ValueError(f"own_axes must be {wanted!r} for this {name}; got {given!r}")
