"""Recurrent layers inside a model: which there are, and what the model gives them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.shapes.operands import Named, Operand, Operands

KINDS = (nn.RNN, nn.LSTM, nn.GRU)


@dataclass(frozen=True, eq=False)
class LayerCall:
    """One call of a recurrent layer: what it was given, as it takes it.

    Attributes
    ----------
    module : nn.RNN, nn.LSTM or nn.GRU
    input : Tensor or PackedSequence
    state : Tensor or two Tensor, or None
    """

    module: nn.RNNBase
    input: Tensor | PackedSequence
    state: Tensor | Sequence[Tensor] | None


def known(module: object) -> nn.RNNBase | None:
    """Return a module whose equations are known, and None of any other.

    Parameters
    ----------
    module : object
    """
    for kind in KINDS:
        # A subclass with a forward of its own computes something else.
        if isinstance(module, kind) and type(module).forward is kind.forward:
            return module
    return None


def described(module: object) -> str:
    """Say what a module is, and which recurrent layers are inside.

    Parameters
    ----------
    module : object

    Examples
    --------
    >>> described(nn.Sequential(nn.Linear(1, 2), nn.GRU(2, 2)))
    'Sequential, which has the recurrent layer 1'
    """
    if not isinstance(module, nn.Module):
        return checks.shown(module)
    what = type(module).__name__
    inside = [name for name, each in module.named_modules() if name and known(each) is not None]
    if not inside:
        return what
    more = f"s {', '.join(inside[:-1])} and {inside[-1]}" if len(inside) > 1 else f" {inside[0]}"
    return f"{what}, which has the recurrent layer{more}"


def layer_call(model: nn.Module, given: object, label: str) -> LayerCall:
    """Run a model, and return what it gives one of its recurrent layers.

    The model runs in evaluation mode and without gradients, and is left as it is.

    Parameters
    ----------
    model : nn.Module
    given : object
        The one argument that the model is called with.
    label : str
        The layer's name, as in ``model.named_modules()``. Of a layer that is called several times
        "NAME (2)" is the second call; all as in `trace.layers`.

    Returns
    -------
    LayerCall

    Raises
    ------
    ValueError
        If the model fails, or no recurrent layer of that name is called.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(3, 2), nn.GRU(2, 4))
    >>> layer_call(model, torch.zeros(5, 3), "1").input.shape
    torch.Size([5, 2])
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"module must be a torch.nn.Module; got {checks.shown(model)}")
    calls: dict[str, LayerCall] = {}
    with sharing.in_mode(model), torch.no_grad(), _watched(model, calls):
        try:
            model(given)
        except Exception as error:  # whatever a model of the user's raises
            reason = " ".join(str(error).split()) or type(error).__name__
            shape = checks.shown(given)
            raise ValueError(f"input must suit the model; got {shape}: {reason}") from error
    if not calls:
        raise ValueError(
            "module must call a torch.nn.RNN, LSTM or GRU for this input; "
            f"got {type(model).__name__}"
        )
    checks.choice("layer", label, calls)
    return calls[label]


@contextlib.contextmanager
def _watched(model: nn.Module, calls: dict[str, LayerCall]) -> Iterator[None]:
    """Note the calls of all recurrent layers, by label."""
    hooks = []
    for name, module in model.named_modules():
        if known(module) is None:
            continue

        def note(
            layer: nn.RNNBase, given: Operands, named: Named, name: str = name or "model"
        ) -> None:
            count = sum(label.split(" (")[0] == name for label in calls)
            label = name if count == 0 else f"{name} ({count + 1})"
            steps, state = _arguments(*given, **named)
            calls[label] = LayerCall(layer, steps, state)

        hooks.append(module.register_forward_pre_hook(note, with_kwargs=True))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _arguments(
    input: Operand,  # noqa: A002 - PyTorch's name
    hx: Operand = None,
) -> tuple[Operand, Operand]:
    return input, hx
