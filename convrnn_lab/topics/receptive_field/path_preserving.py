"""A copy of a model in which no path from input to output is cut off or cancels."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from convrnn_lab.shapes.geometry import extent
from convrnn_lab.shapes.operands import Function, Named, Operand, Operands


def positive_copy(model: nn.Module, generator: torch.Generator) -> nn.Module:
    """Return a copy in double precision whose weights let every path through, none cancelling."""
    model = copy.deepcopy(model).double().eval().requires_grad_(False)
    for name, value in model.named_parameters():
        if value.ndim > 1:
            # Chance, since equal weights could cancel where a model subtracts.
            random = torch.rand(value.shape, generator=generator, dtype=torch.float64)
            value.copy_((0.5 + random) / value[0].numel())
        else:
            value.fill_(0.0 if name.endswith("bias") else 1.0)
    for name, buffer in model.named_buffers():
        if name.endswith("running_mean"):
            buffer.zero_()
        elif name.endswith("running_var"):
            buffer.fill_(1.0)
    return model


class Monotone(TorchFunctionMode):
    """Replaces what cuts paths off: maxima by means, norms and softmax by x plus a mean."""

    def __torch_function__(
        self, func: Function, types: object, args: Operands = (), kwargs: Named | None = None
    ) -> Operand:
        """Call `func`, or what stands for it."""
        del types
        kwargs = kwargs or {}
        stand_in = _STAND_INS.get(getattr(func, "__name__", "").strip("_"))
        if stand_in is None:
            return func(*args, **kwargs)
        with torch._C.DisableTorchFunction():
            return stand_in(*args, **kwargs)


def _same(given: Tensor, *_: object, **__: object) -> Tensor:
    return given


def _max_pool(axes: int) -> Function:
    convolve = (F.conv1d, F.conv2d, F.conv3d)[axes - 1]
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[axes - 1]

    def pooled(  # noqa: PLR0917 - PyTorch's arguments, which come by position
        given: Tensor,
        kernel_size: Operand,
        stride: Operand = None,
        padding: Operand = 0,
        dilation: Operand = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        options = (kernel_size, stride, padding, dilation, ceil_mode)
        shape = pool(given, *options).shape[-axes:]
        strides = kernel_size if stride in (None, [], ()) else stride
        sizes, strides, pads, dilations = (
            [each] * axes if isinstance(each, int) else list(each)
            for each in (kernel_size, strides, padding, dilation)
        )
        ends = []
        for i in reversed(range(axes)):
            read = (shape[i] - 1) * strides[i] + extent(sizes[i], dilations[i])
            ends += [pads[i], read - given.shape[i - axes] - pads[i]]
        channels = given.shape[-axes - 1]
        weight = given.new_full((channels, 1, *sizes), 1 / math.prod(sizes))
        found = convolve(F.pad(given, ends), weight, None, strides, 0, dilations, channels)
        return (found, torch.zeros_like(found)) if return_indices else found

    return pooled


def _adaptive_max_pool(axes: int) -> Function:
    pool = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)[axes - 1]

    def pooled(
        given: Tensor, output_size: Operand, return_indices: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        found = pool(given, output_size)
        return (found, torch.zeros_like(found)) if return_indices else found

    return pooled


def _mean(given: Tensor, dim: Operand = None, keepdim: bool = False, **_: object) -> Tensor:
    return given.mean() if dim is None else given.mean(dim, keepdim)


def _maximum(given: Tensor, *args: Operand, **options: Operand) -> Operand:
    """Stand for ``torch.max``, which is one of three operations by its arguments."""
    other = args[0] if args else options.get("other", options.get("dim"))
    if other is None:
        return given.mean()
    if isinstance(other, Tensor):
        return (given + other) / 2
    found = _mean(given, other, bool(args[1]) if len(args) > 1 else options.get("keepdim", False))
    return torch.return_types.max((found, torch.zeros_like(found)))


def _over_positions(given: Tensor, *_: object, **__: object) -> Tensor:
    return given + given.mean(list(range(2, given.ndim)), keepdim=True)


def _layer_norm(given: Tensor, normalized_shape: Sequence[int], *_: object, **__: object) -> Tensor:
    return given + given.mean(list(range(-len(normalized_shape), 0)), keepdim=True)


def _softmax(given: Tensor, dim: int, *_: object, **__: object) -> Tensor:
    return given + given.mean(dim, keepdim=True)


_STAND_INS: dict[str, Function] = {
    **{f"max_pool{axes}d": _max_pool(axes) for axes in (1, 2, 3)},
    **{f"adaptive_max_pool{axes}d": _adaptive_max_pool(axes) for axes in (1, 2, 3)},
    **dict.fromkeys(("amax", "amin"), _mean),
    **dict.fromkeys(("max", "min", "maximum", "minimum"), _maximum),
    **dict.fromkeys(("group_norm", "instance_norm"), _over_positions),
    "layer_norm": _layer_norm,
    **dict.fromkeys(("softmax", "log_softmax"), _softmax),
    **dict.fromkeys(
        ("relu", "relu6", "hardtanh", "threshold", "softshrink", "hardshrink", "tanhshrink"), _same
    ),
    **dict.fromkeys(("sigmoid", "tanh", "hardsigmoid", "hardswish", "gelu", "silu", "sign"), _same),
}
"""By the name of PyTorch's function, without underscores at its ends."""
