"""What one operation costs: the products that are counted, and the operations that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from convrnn_lab.shapes.operands import ELEMENTWISE, PRODUCTS, Operand, Operands, factors
from convrnn_lab.shapes.rules import RULES

if TYPE_CHECKING:
    from torch._ops import OpOverload


FACTORIES = {
    *("empty", "zeros", "ones", "full", "arange", "linspace", "eye", "scalar_tensor", "tril"),
    *("empty_like", "zeros_like", "ones_like", "full_like", "rand_like", "randn_like"),
    *("new_empty", "new_zeros", "new_ones", "new_full", "rand", "randn", "empty_strided"),
    *("new_empty_strided", "fill", "zero", "bernoulli"),
}
"""Operations that read nothing that a tensor holds."""

_MOVES = {
    *("cat", "stack", "split", "split_with_sizes", "unsafe_split", "unbind", "flip", "roll"),
    *("pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "copy", "index", "index_select"),
    *("gather", "repeat", "unfold", "im2col", "col2im", "as_strided", "masked_fill", "pad"),
    *("upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d", "max_unpool2d", "resize"),
}


_COUNTED_AS_NOTHING = (
    set(RULES) - {"convolution"} | FACTORIES | ELEMENTWISE | _MOVES | {"cumsum"}
) | {"fractional_max_pool2d", "fractional_max_pool3d"}


def multiply_adds(func: OpOverload, name: str, args: Operands, out: Operand) -> int | None:
    """Count the products of one operation; None where it is not known.

    Bias and element-wise work are not counted, so that most operations cost nothing.
    """
    if name == "convolution":
        source, weight, transposed = args[0], args[1], args[6]
        return int((source if transposed else out).numel() * weight[0].numel())
    if name in PRODUCTS:
        one, two = factors(name, args)
        return int(one.numel() * (two.shape[-1] if two.ndim > 1 else 1))
    known = name in _COUNTED_AS_NOTHING or torch.Tag.pointwise in func.tags or func.is_view
    return 0 if known else None
