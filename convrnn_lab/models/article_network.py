"""A network that a widely copied article prints, and the plain stack that does its work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from convrnn_lab import checks

Makers = list[Callable[[], nn.Module]]


def copied_network(
    classes: int = 10, *, last_kernel: int | None = None, window: int = 224
) -> Makers:
    """List the layers of the network that a widely copied article prints for 224 x 224 x 3 images.

    Six convolutions, then one huge max pool, then 69 pairs of a 32 x 32 convolution and a max pool
    of 224, 145 layers in all, with no activation between them. It cannot work: `measure.inspect`
    says where and why. The last of the six comes without its kernel size, as printed.

    Parameters
    ----------
    classes : int
        Filters of the sixth convolution.
    last_kernel : int, optional
        Its kernel size; without it that layer cannot be made.
    window : int
        Of all max pools; 224 as printed.

    Returns
    -------
    list of function
        Each makes one layer; nothing is allocated before, and on the meta device not even then.

    Raises
    ------
    ValueError
        If a number is no positive integer.

    Examples
    --------
    >>> len(copied_network())
    145
    """
    checks.integer("classes", classes, 1)
    checks.integer("window", window, 1)
    widths, kernels = (64, 64, 64, 128, 128), (32, 64, 64, 32, 32)
    layers: Makers = []
    channels = 3
    for width, kernel in zip(widths, kernels, strict=True):
        layers.append(partial(nn.Conv2d, channels, width, kernel, padding="same"))
        channels = width
    sixth = partial(nn.Conv2d, channels, classes, padding="same")
    if last_kernel is not None:
        sixth = partial(sixth, kernel_size=checks.integer("last_kernel", last_kernel, 1))
    # PyTorch's pools know no "same"; for an even window this padding is what it means here.
    layers += [sixth, partial(nn.MaxPool2d, window, 2, padding=(window - 1) // 2)]
    channels = classes
    for _ in range(69):
        layers.append(partial(nn.Conv2d, channels, 64, 32, padding="same"))
        layers.append(partial(nn.MaxPool2d, window, 2))
        channels = 64
    return layers


def plain_stack(
    channels: int,
    layers: int,
    *,
    kernel_size: int = 3,
    inputs: int = 3,
    stride: int = 1,
    dilations: tuple[int, ...] = (1,),
    device: torch.device | str | None = None,
) -> nn.Sequential:
    """Build a plain stack of 2-D convolutions with ReLU, which keeps the size at stride 1.

    Parameters
    ----------
    channels : int
        Of every layer's output.
    layers, kernel_size, stride : int
        `kernel_size` must be odd, so that the padding is the same on both sides.
    inputs : int
        Channels of the input.
    dilations : tuple of int
        Of the layers in turn, again and again.
    device : torch.device or str, optional
        "meta" for one that is only counted.

    Returns
    -------
    nn.Sequential

    Raises
    ------
    ValueError
        If a number is no positive integer, or `kernel_size` is even.

    Examples
    --------
    >>> len(plain_stack(8, 5, device="meta"))
    10
    """
    checks.positive(channels=channels, layers=layers, inputs=inputs, stride=stride)
    if checks.integer("kernel_size", kernel_size, 1) % 2 == 0:
        raise ValueError(f"kernel_size must be odd; got {kernel_size}")
    if not dilations:
        raise ValueError("dilations must be one integer or more; got none")
    stack: list[nn.Module] = []
    for i in range(layers):
        dilation = checks.integer("dilations", dilations[i % len(dilations)], 1)
        conv = nn.Conv2d(
            inputs if i == 0 else channels,
            channels,
            kernel_size,
            stride,
            dilation * (kernel_size // 2),
            dilation,
            device=device,
        )
        stack += [conv, nn.ReLU()]
    return nn.Sequential(*stack)
