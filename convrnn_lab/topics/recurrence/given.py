"""What a recurrent module is given: checked, and brought into one form for all modules."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from convrnn_lab import checks
from convrnn_lab.topics.recurrence.unrolled import GATES, Unrolled, layer_weights


def check_input(module: nn.RNNBase, given: Tensor | PackedSequence) -> None:
    """Refuse what the module does not read, by its own axes, features, type and device.

    Raises
    ------
    ValueError
        If `given` is none of that, or empty.
    """
    if isinstance(given, PackedSequence):
        values = given.data
    else:
        values = given
        batched = "batch time feature" if module.batch_first else "time batch feature"
        checks.tensor("input", values, "time feature", batched)
    if values.numel() == 0:
        raise ValueError(
            "input must have at least one sequence, step and feature; "
            f"got shape {tuple(values.shape)}"
        )
    if values.shape[-1] != module.input_size:
        raise ValueError(
            f"input must have {module.input_size} features on its last axis, as the module has; "
            f"got shape {tuple(values.shape)}"
        )
    _check_type("input", values, module)


def _check_type(name: str, values: Tensor, module: nn.RNNBase) -> None:
    weight = layer_weights(module, 0, 0)["weight_ih"]
    if values.dtype != weight.dtype or values.device != weight.device:
        raise ValueError(
            f"{name} must be {weight.dtype} on {weight.device}, as the module is; got "
            f"{values.dtype} on {values.device}"
        )


def check_memory(module: nn.RNNBase, given: Tensor | PackedSequence) -> None:
    """Refuse a trace that is too large, before a packed input is padded.

    Raises
    ------
    ValueError
        With the estimate.
    """
    places: tuple[int, ...] = tuple(given.data.shape[:-1])
    if isinstance(given, PackedSequence):
        places = (len(given.batch_sizes), int(given.batch_sizes[0]))
    units, gates = module.hidden_size, len(GATES[module.mode])
    values = (module.proj_size or units) + gates * units
    if not module.mode.startswith("RNN"):
        values += gates * units
    if module.mode == "LSTM":
        values += units
    example = layer_weights(module, 0, 0)["weight_ih"]
    axes = (module.num_layers, 1 + module.bidirectional, *places, values)
    checks.memory("trace", axes, example.element_size())


def as_steps(
    module: nn.RNNBase,
    given: Tensor | PackedSequence,
) -> tuple[Tensor, tuple[int, ...]]:
    """Return the input with the axes (time, batch, feature), and the length of each sequence."""
    if isinstance(given, PackedSequence):
        steps, lengths = pad_packed_sequence(given, padding_value=torch.nan)
        return steps, tuple(lengths.tolist())
    if given.ndim == 2:
        steps = given[:, None]
    else:
        steps = given.transpose(0, 1) if module.batch_first else given
    return steps.detach().contiguous(), (len(steps),) * steps.shape[1]


def first_state(
    module: nn.RNNBase, state: object, example: Tensor, *, batched: bool
) -> tuple[Tensor, ...]:
    """Return the first state as tensors with the axes (layer, direction, batch, unit).

    Parameters
    ----------
    module : nn.RNNBase
    state : object
        As given to `recurrence`: zeros where it is None.
    example : Tensor, shape (time, batch, feature)
    batched : bool
        Whether `state` has a batch axis.

    Raises
    ------
    ValueError
        If `state` has other shapes, or another type or device, than the module takes.
    """
    batch, units = example.shape[1], module.hidden_size
    sizes = [module.proj_size or units, units][: 2 if module.mode == "LSTM" else 1]
    layers, directions = module.num_layers, 1 + module.bidirectional
    if state is None:
        return tuple(example.new_zeros(layers, directions, batch, size) for size in sizes)
    several = list(state) if isinstance(state, (list, tuple)) else [state]
    given = cast("list[Tensor]", several)  # what is no tensor is refused below
    axes = (layers * directions, batch) if batched else (layers * directions,)
    shapes = [(*axes, size) for size in sizes]
    if [tuple(getattr(each, "shape", ())) for each in given] != shapes:
        wanted = " and ".join(str(shape) for shape in shapes)
        found = " and ".join(checks.shown(each) for each in given)
        raise ValueError(
            f"state must be {'tensors' if len(sizes) == 2 else 'a tensor'} of shape {wanted}; "
            f"got {found}"
        )
    for each in given:
        _check_type("state", each, module)
    return tuple(
        each.detach().reshape(layers, directions, batch, size)
        for each, size in zip(given, sizes, strict=True)
    )


def as_returned(
    module: nn.RNNBase, given: Tensor | PackedSequence, run: Unrolled
) -> tuple[Tensor | PackedSequence, Tensor | tuple[Tensor, Tensor]]:
    """Return output and final state in the form that the module returns them in."""
    output: Tensor | PackedSequence = run.flow
    final = run.final
    if isinstance(given, PackedSequence):
        output = given._replace(data=run.flow)
    elif given.ndim == 2:
        output, final = run.flow[:, 0], tuple(each[:, 0] for each in final)
    elif module.batch_first:
        output = run.flow.transpose(0, 1)
    return output, (final[0], final[1]) if len(final) == 2 else final[0]
