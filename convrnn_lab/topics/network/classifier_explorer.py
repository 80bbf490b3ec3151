"""An explorer of a classifier's answers: which pixels decide them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import SENT_BYTES
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.shapes.attention import kind_of, layers_of
from convrnn_lab.topics.network import classifier_figure, guides
from convrnn_lab.topics.network.attribution import (
    grad_cam,
    grad_cams,
    occlusion,
    occlusions,
    saliencies,
    saliency,
)
from convrnn_lab.topics.network.class_names import class_names
from convrnn_lab.topics.network.drawn import DRAWING
from convrnn_lab.topics.network.explorer import PAD
from convrnn_lab.topics.network.inputs import Inputs, named
from convrnn_lab.train.scores import probabilities

OCCLUSION_LIMIT = 11


def attributions(
    model: nn.Module,
    images: Tensor | Mapping[str, Tensor],
    *,
    classes: Sequence[str] = (),
    example: str | None = None,
    layer: str | None = None,
    occluded: int = 5,
    draw: bool = False,
) -> Explorer:
    """Show which pixels decide a classifier's answer, by saliency, Grad-CAM and occlusion.

    Parameters
    ----------
    model : torch.nn.Module
        Takes images and gives logits.
    images : Tensor, shape (batch, channel, height, width), or dict of str to Tensor
        As in `layers`.
    classes : sequence of str
        Names of the model's outputs; their numbers by default.
    example : str, optional
        The image to start with; the first by default.
    layer : str, optional
        The convolution that Grad-CAM starts with; the last one by default.
    occluded : int
        Side of the square that occlusion covers, in pixels, 1 to 11.
    draw : bool
        As in `layers`.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If the model has no convolution or does not give logits for the images; a start value is
        not offered.
    """
    inputs = named(images, "images", draw=draw)
    begin = inputs.start(example)
    checks.tensor("images", inputs[begin], "batch channel height width")
    names = class_names(classes, probabilities(model, inputs[begin]).shape[1])
    convolutions = _convolutions(model)
    # The maps of all classes and layers.
    maps = len(names) * (len(convolutions) + 2)
    look = maps * math.prod(inputs.shape[2:]) * 4 <= SENT_BYTES
    asked = _Asked(model, inputs, names, convolutions if look else ())
    explorer = Explorer(
        asked.view,
        {
            "example": Choice("input", lambda _: inputs.names, begin),
            "occluded": Slider("occlusion", 1, OCCLUSION_LIMIT, occluded),
            "answer": Choice("class", ("predicted", *names), "predicted", look=look),
            "layer": Choice(
                "layer", convolutions, layer or convolutions[-1], ordered=True, look=look
            ),
        },
        name="What decides the answer",
        vary={
            "example": inputs.names[:3],
            "occluded": range(1, OCCLUSION_LIMIT + 1, 2),
            "answer": None,
            "layer": None,
        },
        pad=PAD if draw else None,
        guide=() if classes else guides.of_digits(guides.ATTRIBUTIONS, model, images),
    )
    return DRAWING.followed_by(explorer) if draw else explorer


class _Asked:
    """A classifier that is asked for the reasons of its answers.

    Parameters
    ----------
    model : nn.Module
    inputs : Inputs
    names : tuple of str
        Of the classes.
    layers : sequence of str
        Among which, and among the classes, the browser chooses by itself; none if it does not.
    """

    def __init__(
        self, model: nn.Module, inputs: Inputs, names: tuple[str, ...], layers: Sequence[str]
    ) -> None:
        self._inputs = inputs
        self._names = names
        self._layers = layers
        remembered = lru_cache(maxsize=64)
        # By the tensors themselves: a new drawing is another one.
        self._scores = remembered(lambda image: probabilities(model, image)[0])
        self._saliency = remembered(lambda image, asked: saliencies(model, image, asked).numpy())
        self._cam = remembered(
            lambda image, asked, layer: grad_cams(model, image, asked, layer=layer).numpy()
        )
        self._fall = remembered(lambda image, size: occlusions(model, image, size=size).numpy())

    def view(self, example: str, occluded: int, answer: Seen, layer: Seen) -> Sheet:
        """Draw the three measures for one class."""
        image = self._inputs[example]
        scores = self._scores(image)
        numbers = {name: number for number, name in enumerate(self._names)}
        target = looks.pick({"predicted": int(scores.argmax())} | numbers, answer)
        # Of all classes in one run, where the browser chooses among them; else of the one.
        asked = tuple(numbers.values()) if self._layers else (target,)
        place = target if self._layers else 0
        layers = self._layers or (layer,)
        cam = looks.pick({each: self._cam(image, asked, each) for each in layers}, layer)
        named = looks.pick({each: each for each in layers}, layer)
        maps = {
            "Saliency, |d logit / d pixel|": looks.take(self._saliency(image, asked), place),
            looks.words("Grad-CAM of {}", named): looks.take(cam, place),
            f"Occlusion {occluded} × {occluded}, fall of logit": looks.take(
                self._fall(image, occluded), target
            ),
        }
        code = self._code(example, occluded, target, named)
        return classifier_figure.attributions(image, maps, scores, self._names, target, code=code)

    def _code(self, example: str, occluded: int, target: Seen, layer: Seen) -> Seen:
        """Write the lines that give the maps; none of a drawing, which has no name."""
        source = self._inputs.code.get(example)
        if source is None:
            return ""
        given = Name("model"), Name("image"), Name("{}")
        lines = [
            "image = {}",
            f"gradient = {call(saliency, 'trace', *given)}",
            f"cam = {call(grad_cam, 'trace', *given, layer='{}')}",
            f"fall = {call(occlusion, 'trace', *given, size=occluded)}",
        ]
        return looks.words("\n".join(lines), source, target, target, layer, target)


def _convolutions(model: nn.Module) -> list[str]:
    found = [name for name, module in model.named_modules() if isinstance(module, nn.Conv2d)]
    if not found:
        layers = ", ".join(
            f"{name} ({kind_of(module)})" for name, module in layers_of(model) if name
        )
        got = f"the layers {layers}" if layers else kind_of(model)
        raise ValueError(f"model must have a Conv2d for Grad-CAM; got {got}")
    return found
