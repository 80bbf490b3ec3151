"""The classic small CNN for digits, untrained or with the weights that ship."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import nn

from convrnn_lab import checks
from convrnn_lab.models import stored
from convrnn_lab.models.seeding import seeded

POOLINGS = ("max", "average", "none")
"""What may stand after each convolution."""

_TRAINED = stored.FOLDER / "cnn.safetensors"


def cnn(
    *,
    filters: Sequence[int] = (32, 64),
    kernel_size: int = 3,
    stride: int = 1,
    padding: int = 0,
    pooling: str = "max",
    pool_size: int = 2,
    hidden: int = 64,
    classes: int = 10,
    image_size: int = 28,
    channels: int = 1,
    seed: int = 0,
) -> nn.Sequential:
    """Build convolutions with ReLU and pooling, then two dense layers.

    The layers are named in their order: ``conv1, relu1, pool1, conv2, relu2, pool2, flatten,
    dense1, relu3, dense2``. The last gives logits: the softmax belongs to the loss
    (`torch.nn.CrossEntropyLoss` contains it) and to `train.probabilities`.

    Parameters
    ----------
    filters : sequence of int
        Output channels of each convolution.
    kernel_size, stride, padding : int
        Of every convolution, in pixels, along both axes.
    pooling : str
        One of `POOLINGS`; with "none" there are no layers of that name.
    pool_size : int
        Pixels along each side of the pooling window, which is its stride as well.
    hidden, classes : int
        Outputs of the two dense layers.
    image_size, channels : int
        Of the input, shape (batch, channel, height, width).
    seed : int
        Of the initial weights, which are PyTorch's usual ones.

    Returns
    -------
    nn.Sequential

    Raises
    ------
    ValueError
        If a setting is out of range, makes an image smaller than the window of the next layer,
        or weights too large to be held.

    Examples
    --------
    >>> import torch
    >>> cnn()(torch.zeros(1, 1, 28, 28)).shape
    torch.Size([1, 10])
    """
    if not isinstance(filters, (list, tuple)) or not filters:
        raise ValueError(f"filters must be at least one integer; got {checks.shown(filters)}")
    checks.positive(kernel_size=kernel_size, stride=stride)
    checks.integer("padding", padding, 0)
    checks.positive(pool_size=pool_size, hidden=hidden, classes=classes)
    checks.positive(image_size=image_size, channels=channels)
    checks.integer("seed", seed, 0)
    checks.choice("pooling", pooling, POOLINGS)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    size, inputs = image_size, channels
    with seeded(seed):
        for stage, outputs in enumerate(filters, start=1):
            checks.integer(f"filters[{stage - 1}]", outputs, 1)
            shape = (outputs, inputs, kernel_size, kernel_size)
            checks.memory(f"weight of conv{stage}", shape, 4)
            size = _reduced(
                f"conv{stage}", "kernel_size", size, kernel_size, stride=stride, padding=padding
            )
            layers[f"conv{stage}"] = nn.Conv2d(inputs, outputs, kernel_size, stride, padding)
            layers[f"relu{stage}"] = nn.ReLU()
            if pooling != "none":
                size = _reduced(f"pool{stage}", "pool_size", size, pool_size, stride=pool_size)
                pool = nn.MaxPool2d if pooling == "max" else nn.AvgPool2d
                layers[f"pool{stage}"] = pool(pool_size)
            inputs = outputs
        layers |= _head(inputs * size**2, hidden, classes, relu=f"relu{len(filters) + 1}")
    return nn.Sequential(layers)


def _head(features: int, hidden: int, classes: int, *, relu: str) -> dict[str, nn.Module]:
    """Return the two dense layers, refusing weights that are too large before they are made."""
    checks.memory("weight of dense1", (hidden, features), 4)
    checks.memory("weight of dense2", (classes, hidden), 4)
    return {
        "flatten": nn.Flatten(),
        "dense1": nn.Linear(features, hidden),
        relu: nn.ReLU(),
        "dense2": nn.Linear(hidden, classes),
    }


def _reduced(
    layer: str, name: str, size: int, window: int, *, stride: int, padding: int = 0
) -> int:
    """Return the side that `layer` leaves of `size` pixels, refusing a window that does not fit."""
    padded = size + 2 * padding
    if window > padded:
        raise ValueError(
            f"{name} must fit the input of {layer}; got {name}={window} for {size} × {size} pixels"
            f"{f' with padding={padding}' if padding else ''}"
        )
    return (padded - window) // stride + 1


def trained_cnn(path: str | Path | None = None) -> nn.Sequential:
    """Return `cnn` with trained weights, set to evaluation.

    Parameters
    ----------
    path : str or path, optional
        A file of ``convrnn-lab train cnn``; by default the one that ships. What it was trained on
        and reached says `about_trained_cnn`.

    Returns
    -------
    nn.Sequential

    Raises
    ------
    ValueError
        If the file is missing, damaged, or holds other weights than those of `cnn()`.
    """
    model = cnn()
    source = _TRAINED if path is None else Path(path)
    model.load_state_dict(stored.read_weights(source, model.state_dict(), "cnn()"))
    return model.eval()


def about_trained_cnn(path: str | Path | None = None) -> dict[str, str]:
    """Return what the file of trained weights says of itself.

    Parameters
    ----------
    path : str or path, optional
        As for `trained_cnn`.

    Returns
    -------
    dict
        The ``command`` that made it, ``data``, ``epochs``, ``seed`` and ``test accuracy``.

    Raises
    ------
    ValueError
        If the file is missing or damaged.
    """
    return stored.about(_TRAINED if path is None else Path(path))


def save_weights(model: nn.Module, path: str | Path, about: Mapping[str, str]) -> None:
    """Write the weights of `model` as float16, with `about` in the header; whole or not at all.

    Parameters
    ----------
    model : nn.Module
    path : str or path
        Ends in ``.safetensors`` by custom; a file that is there is replaced.
    about : dict of str to str
        What `about_trained_cnn` returns.
    """
    stored.write_weights(model.state_dict(), path, about)
