"""Which pixels decide a classifier's answer: three measures, computed by captum."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.shapes import passes
from convrnn_lab.shapes.attention import kind_of
from convrnn_lab.shapes.taps import NoRuleError
from convrnn_lab.topics.receptive_field.trace import measured_by


def saliency(model: nn.Module, image: Tensor, target: int) -> Tensor:
    """Return the absolute gradient of a class's logit to each pixel.

    Of several channels the largest is taken (Simonyan, Vedaldi and Zisserman 2013, arXiv
    1312.6034).

    Parameters
    ----------
    model : torch.nn.Module
        Gives logits of shape (batch, class). It is used in evaluation mode, and put back.
    image : Tensor, shape (1, channel, height, width)
    target : int
        A class, from 0.

    Returns
    -------
    Tensor, shape (height, width)

    Raises
    ------
    ValueError
        If `image` is not one image.
    """
    from captum.attr import Saliency

    watched = _one(image).detach().clone().requires_grad_()
    with sharing.in_mode(model):
        found: Tensor = Saliency(model).attribute(watched, target=target, abs=True)
    return found.detach()[0].amax(dim=0)


def grad_cam(model: nn.Module, image: Tensor, target: int, *, layer: str) -> Tensor:
    """Return where a convolution's maps speak for a class.

    Each map is weighted by the mean gradient of the logit to it; their sum is cut off below zero
    (Selvaraju et al. 2016, arXiv 1610.02391). It is enlarged to the image by bilinear
    interpolation between the centres of the receptive fields of its values, so that it lies over
    what they have seen; a layer without a receptive field by formula is stretched over the image.

    Parameters
    ----------
    model, image, target
        As for `saliency`.
    layer : str
        As in ``model.named_modules()``.

    Returns
    -------
    Tensor, shape (height, width)

    Raises
    ------
    ValueError
        If `image` is not one image, or `layer` not of the model or without maps.
    """
    from captum.attr import LayerGradCam

    watched = _one(image).detach().clone().requires_grad_()
    modules = dict(model.named_modules())
    checks.choice("layer", layer, [name for name in modules if name])
    with sharing.in_mode(model):
        found: Tensor = LayerGradCam(model, modules[layer]).attribute(
            watched, target=target, relu_attributions=True
        )
    if found.ndim != 4:
        raise ValueError(
            "layer must give maps (batch, channel, height, width); got "
            f"{layer!r} ({kind_of(modules[layer])})"
        )
    sizes, lengths = image.shape[2:], found.shape[2:]
    centres, strides = _lattice(model, image, layer) or (
        [(size / length - 1) / 2 for size, length in zip(sizes, lengths, strict=True)],
        [size / length for size, length in zip(sizes, lengths, strict=True)],
    )
    rows, columns = [
        _between(length, size, centre, stride)
        for length, size, centre, stride in zip(lengths, sizes, centres, strides, strict=True)
    ]
    return rows @ found.detach()[0, 0] @ columns.T


def occlusion(model: nn.Module, image: Tensor, target: int, *, size: int = 5) -> Tensor:
    """Return how far a class's logit falls where a square is set to zero.

    The square moves by half of its side; each pixel has the mean over the squares that cover it
    (Zeiler and Fergus 2013, arXiv 1311.2901).

    Parameters
    ----------
    model, image, target
        As for `saliency`.
    size : int
        Side of the square in pixels.

    Returns
    -------
    Tensor, shape (height, width)

    Raises
    ------
    ValueError
        If `image` is not one image, or smaller than the square.
    """
    from captum.attr import Occlusion

    channels, height, width = _one(image).shape[1:]
    checks.integer("size", size, 1, min(height, width))
    step = max(1, size // 2)
    with sharing.in_mode(model), torch.no_grad():
        found: Tensor = Occlusion(model).attribute(
            image,
            target=target,
            sliding_window_shapes=(channels, size, size),
            strides=(channels, step, step),
            perturbations_per_eval=64,
        )
    return found[0].mean(dim=0)


def _lattice(
    model: nn.Module, image: Tensor, layer: str
) -> tuple[Sequence[float], Sequence[float]] | None:
    """Return where the values of a layer lie over the image: the first, and the steps."""
    for step in passes.run_on_shapes(model, image.shape[1:]).steps:
        if step.layer == layer and not isinstance(step.field, NoRuleError):
            field = measured_by(step, step.field)
            return (field.centre, field.stride) if all(field.stride) else None
    return None


def _between(length: int, size: int, centre: float, stride: float) -> Tensor:
    """Return the weights, shape (size, length), of linear interpolation; the ends are kept."""
    place = ((torch.arange(size) - centre) / stride).clamp(0, length - 1)
    return (1 - (place[:, None] - torch.arange(length)).abs()).clamp(min=0)


def _one(image: Tensor) -> Tensor:
    checks.tensor("image", image, "batch channel height width")
    if len(image) != 1:
        raise ValueError(f"image must be a batch of one; got {len(image)} images")
    return image
