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
    return saliencies(model, image, [target])[0]


def saliencies(model: nn.Module, image: Tensor, targets: Sequence[int]) -> Tensor:
    """Return `saliency` for several classes, in one run.

    Parameters
    ----------
    model, image
        As for `saliency`.
    targets : sequence of int

    Returns
    -------
    Tensor, shape (target, height, width)

    Raises
    ------
    ValueError
        As `saliency`.
    """
    from captum.attr import Saliency

    watched = _copies(image, len(targets))
    with sharing.in_mode(model):
        found: Tensor = Saliency(model).attribute(watched, target=list(targets), abs=True)
    return found.detach().amax(dim=1)


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
    return grad_cams(model, image, [target], layer=layer)[0]


def grad_cams(model: nn.Module, image: Tensor, targets: Sequence[int], *, layer: str) -> Tensor:
    """Return `grad_cam` for several classes, in one run.

    Parameters
    ----------
    model, image, layer
        As for `grad_cam`.
    targets : sequence of int

    Returns
    -------
    Tensor, shape (target, height, width)

    Raises
    ------
    ValueError
        As `grad_cam`.
    """
    from captum.attr import LayerGradCam

    watched = _copies(image, len(targets))
    modules = dict(model.named_modules())
    checks.choice("layer", layer, [name for name in modules if name])
    with sharing.in_mode(model):
        found: Tensor = LayerGradCam(model, modules[layer]).attribute(
            watched, target=list(targets), relu_attributions=True
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
    return rows @ found.detach()[:, 0] @ columns.T


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

    step, channels = _step(image, size), image.shape[1]
    with sharing.in_mode(model), torch.no_grad():
        found: Tensor = Occlusion(model).attribute(
            image,
            target=target,
            sliding_window_shapes=(channels, size, size),
            strides=(channels, step, step),
            perturbations_per_eval=64,
        )
    return found[0].mean(dim=0)


def occlusions(model: nn.Module, image: Tensor, *, size: int = 5) -> Tensor:
    """Return `occlusion` for every class, for the price of one.

    Parameters
    ----------
    model, image, size
        As for `occlusion`.

    Returns
    -------
    Tensor, shape (class, height, width)

    Raises
    ------
    ValueError
        As `occlusion`.
    """
    squares = _squares(image.shape[2:], size, _step(image, size)).to(image)
    with sharing.in_mode(model), torch.no_grad():
        covered = [model(image * (1 - part[:, None])) for part in torch.split(squares, 64)]
        fall = model(image) - torch.cat(covered)  # (square, class)
    return torch.einsum("sc,shw->chw", fall, squares) / squares.sum(dim=0)


def _step(image: Tensor, size: int) -> int:
    """Return by how many pixels a square moves over an image."""
    checks.integer("size", size, 1, min(_one(image).shape[2:]))
    return max(1, size // 2)


def _squares(lengths: Sequence[int], size: int, step: int) -> Tensor:
    """Return the places of the square, shape (square, height, width): 1 inside, 0 outside."""
    rows, columns = [
        torch.stack(
            [
                ((torch.arange(length) >= start) & (torch.arange(length) < start + size)).float()
                for start in range(0, length - size + step, step)
            ]
        )
        for length in lengths
    ]
    return (rows[:, None, :, None] * columns[None, :, None, :]).reshape(-1, *lengths)


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


def _copies(image: Tensor, count: int) -> Tensor:
    """Return an image several times over, to be differentiated by."""
    return _one(image).detach().repeat(count, 1, 1, 1).requires_grad_()


def _one(image: Tensor) -> Tensor:
    checks.tensor("image", image, "batch channel height width")
    if len(image) != 1:
        raise ValueError(f"image must be a batch of one; got {len(image)} images")
    return image
