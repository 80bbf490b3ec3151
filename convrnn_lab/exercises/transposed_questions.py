"""Questions on transposed convolutions."""

from __future__ import annotations

import torch

from convrnn_lab.exercises.checking import Exercise
from convrnn_lab.topics.convolution.transposed_forms import TransposedConvolutionTrace
from convrnn_lab.topics.convolution.transposed_trace import transposed_convolution


def _written(kernel_size: int, stride: int) -> TransposedConvolutionTrace:
    weights = torch.ones(1, 1, kernel_size, kernel_size)
    return transposed_convolution(torch.ones(1, 7, 7), weights, stride=stride)


def _inner_counts(kernel_size: int, stride: int) -> set[int]:
    """Return the counts of products on the values that a border does not reach."""
    inner = slice(kernel_size, -kernel_size)
    return set(_written(kernel_size, stride).overlap[inner, inner].flatten().tolist())


def _smooth() -> int:
    return next(size for size in range(4, 10) if len(_inner_counts(size, 3)) == 1)


TRANSPOSED_CONVOLUTION = {
    "height": Exercise(
        lambda: _written(3, 2).output.shape[-2],
        "From the first copy to the last there are 6 steps. How wide is the last copy itself?",
        "6 steps of 2, and a copy of 3: 6 · 2 + 3 = 15.",
        "The input is 7 × 7, the kernel size 3, the stride 2, without padding. How high is the "
        "output?",
    ),
    "products": Exercise(
        lambda: max(_inner_counts(4, 2)),
        "How many copies meet on one axis? On the other there are as many.",
        "Two copies meet on each axis: 2 · 2 = 4.",
        "The kernel size is twice a stride of 2. How many products land on an output value far "
        "from the border?",
    ),
    "smooth": Exercise(
        _smooth,
        "Every value must gather as many products as its neighbours. Try sizes in the figure.",
        "The stride of 3 must divide the kernel size, and 6 is the next that it divides.",
        "The stride is 3. What is the smallest kernel size over 3 that leaves no checkerboard?",
    ),
}
