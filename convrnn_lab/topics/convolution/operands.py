"""What a convolution and a transposed one have in common: their tensors, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from convrnn_lab import checks


@dataclass(frozen=True, eq=False)
class Operands:
    """What went into a convolution, and what came out.

    Attributes
    ----------
    input, weight, bias, output : Tensor
        As given to PyTorch, and as it answered.
    stride : tuple of int
        One for each axis.
    """

    input: Tensor
    weight: Tensor
    bias: Tensor | None
    output: Tensor
    stride: tuple[int, ...]

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """Taps along each axis."""
        return tuple(self.weight.shape[2:])

    @property
    def parameters(self) -> int:
        """Count of weights and biases."""
        return self.weight.numel() + (0 if self.bias is None else self.bias.numel())

    def added_bias(self, channel: int) -> Tensor:
        """Return what is added to an output channel, which may be zero."""
        return self.output.new_zeros(()) if self.bias is None else self.bias[channel]


def axes_of(input: Tensor, weight: Tensor, channels: str) -> int:  # noqa: A002 - PyTorch's name for it
    """Return how many axes the kernel slides along, and refuse an input that does not have them.

    Parameters
    ----------
    input, weight : Tensor
    channels : str
        Names of the weight's first two axes.

    Raises
    ------
    ValueError
        If one is no tensor, or has other axes.
    """
    checks.tensor("weight", weight, f"{channels} kernel", f"{channels} kernel_height kernel_width")
    samples = "time" if weight.ndim == 3 else "height width"
    checks.tensor("input", input, f"channel {samples}", f"batch channel {samples}")
    return weight.ndim - 2


def check_bias(bias: Tensor | None, outputs: int) -> None:
    """Refuse a bias that does not have one value for each of `outputs` channels.

    Raises
    ------
    ValueError
        If `bias` is none, and not None.
    """
    if bias is None:
        return
    checks.tensor("bias", bias, "output_channel")
    if len(bias) != outputs:
        raise ValueError(f"bias must have {outputs} values; got {len(bias)}")


def check_types(input: Tensor, weight: Tensor, bias: Tensor | None, *, whole: bool) -> None:  # noqa: A002
    """Refuse tensors of different types, or of one that is not convolved.

    Parameters
    ----------
    input, weight, bias : Tensor
    whole : bool
        Whether whole numbers are convolved, too.

    Raises
    ------
    ValueError
        If a type differs from the input's, or is none of those.
    """
    kind = "numbers" if whole else "floating-point numbers"
    for name, other in (("input", input), ("weight", weight), ("bias", bias)):
        if other is None:
            continue
        fits = other.dtype != torch.bool if whole else other.is_floating_point()
        if other.dtype != input.dtype or not fits:
            raise ValueError(
                f"{name} must be {kind} of the input's type; got {other.dtype} for {input.dtype}"
            )
