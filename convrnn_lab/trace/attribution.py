"""Which pixels decide a classifier's answer: three measures, computed by captum."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.trace.layers import evaluating


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
    with evaluating(model):
        found: Tensor = Saliency(model).attribute(watched, target=target, abs=True)
    return found.detach()[0].amax(dim=0)


def grad_cam(model: nn.Module, image: Tensor, target: int, *, layer: str) -> Tensor:
    """Return where a convolution's maps speak for a class.

    Each map is weighted by the mean gradient of the logit to it; their sum, cut off below zero,
    is enlarged to the image by bilinear interpolation (Selvaraju et al. 2016, arXiv 1610.02391).

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
        If `image` is not one image, or `layer` not of the model.
    """
    from captum.attr import LayerAttribution, LayerGradCam

    watched = _one(image).detach().clone().requires_grad_()
    modules = dict(model.named_modules())
    checks.choice("layer", layer, [name for name in modules if name])
    with evaluating(model):
        found: Tensor = LayerGradCam(model, modules[layer]).attribute(
            watched, target=target, relu_attributions=True
        )
    height, width = image.shape[2:]
    enlarged: Tensor = LayerAttribution.interpolate(found.detach(), (height, width), "bilinear")
    return enlarged[0, 0]


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
    with evaluating(model), torch.no_grad():
        found: Tensor = Occlusion(model).attribute(
            image,
            target=target,
            sliding_window_shapes=(channels, size, size),
            strides=(channels, step, step),
            perturbations_per_eval=64,
        )
    return found[0].mean(dim=0)


def _one(image: Tensor) -> Tensor:
    checks.tensor("image", image, "batch channel height width")
    if len(image) != 1:
        raise ValueError(f"image must be a batch of one; got {len(image)} images")
    return image
