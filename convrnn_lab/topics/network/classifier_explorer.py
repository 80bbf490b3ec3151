"""Explorers of a classifier's answers: what decides them, and where they are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider, Values
from convrnn_lab.shapes.attention import kind_of, layers_of
from convrnn_lab.topics.network import classifier_figure
from convrnn_lab.topics.network.attribution import grad_cam, occlusion, saliency
from convrnn_lab.topics.network.drawn import DRAWING
from convrnn_lab.topics.network.explorer import PAD
from convrnn_lab.topics.network.inputs import Inputs, named
from convrnn_lab.train.scores import evaluate, probabilities

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
    asked = _Asked(model, inputs, _names(classes, probabilities(model, inputs[begin]).shape[1]))
    convolutions = _convolutions(model)
    explorer = Explorer(
        asked.view,
        {
            "example": Choice("input", lambda _: inputs.names, begin),
            "answer": Choice("class", ("predicted", *asked.names), "predicted"),
            "layer": Choice("layer", convolutions, layer or convolutions[-1], ordered=True),
            "occluded": Slider("occlusion", 1, OCCLUSION_LIMIT, occluded),
        },
        name="What decides the answer",
        vary={"example": inputs.names[:3], "answer": None, "layer": None},
        pad=PAD if draw else None,
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
    """

    def __init__(self, model: nn.Module, inputs: Inputs, names: tuple[str, ...]) -> None:
        self._inputs = inputs
        self.names = names
        remembered = lru_cache(maxsize=64)
        # By the tensors themselves: a new drawing is another one.
        self._scores = remembered(lambda image: probabilities(model, image)[0])
        self._saliency = remembered(lambda image, target: saliency(model, image, target))
        self._cam = remembered(
            lambda image, target, layer: grad_cam(model, image, target, layer=layer)
        )
        self._fall = remembered(
            lambda image, target, size: occlusion(model, image, target, size=size)
        )

    def view(self, example: str, answer: str, layer: str, occluded: int) -> Sheet:
        """Draw the three measures for one class."""
        image = self._inputs[example]
        scores = self._scores(image)
        target = int(scores.argmax()) if answer == "predicted" else self.names.index(answer)
        maps = {
            "Saliency, |d logit / d pixel|": self._saliency(image, target),
            f"Grad-CAM of {layer}": self._cam(image, target, layer),
            f"Occlusion {occluded} × {occluded}, fall of logit": self._fall(
                image, target, occluded
            ),
        }
        code = self._code(example, target, layer, occluded)
        return classifier_figure.attributions(image, maps, scores, self.names, target, code=code)

    def _code(self, example: str, target: int, layer: str, occluded: int) -> str:
        """Write the lines that give the maps; none of a drawing, which has no name."""
        source = self._inputs.code.get(example)
        if source is None:
            return ""
        given = Name("model"), Name("image"), target
        return "\n".join(
            [
                f"image = {source}",
                f"gradient = {call(saliency, 'trace', *given)}",
                f"cam = {call(grad_cam, 'trace', *given, layer=layer)}",
                f"fall = {call(occlusion, 'trace', *given, size=occluded)}",
            ]
        )


def errors(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    classes: Sequence[str] = (),
) -> Explorer:
    """Show a classifier's confusion matrix, and the images behind each of its cells.

    Parameters
    ----------
    model : torch.nn.Module
        Takes images and gives logits.
    images : Tensor, shape (batch, channel, height, width)
    labels : Tensor, shape (batch,), of an integer type
    classes : sequence of str
        Names of the model's outputs; their numbers by default.

    Returns
    -------
    Explorer
        It starts with the most frequent error.

    Raises
    ------
    ValueError
        If images, labels and model do not go together.
    """
    wrong = _Errors(model, images, labels, classes)
    true, predicted = wrong.most_frequent()
    return Explorer(
        wrong.view,
        {
            "true": Choice("true class", wrong.names, true, ordered=True),
            "predicted": Choice("predicted", wrong.names, predicted, ordered=True),
            "example": Slider("example", 0, wrong.last, 0),
        },
        name="Errors of a classifier",
        vary={"true": None, "predicted": None, "example": tuple(range(6))},
        scan=("example",),
    )


class _Errors:
    """A classifier's answers to labelled images.

    Parameters
    ----------
    model, images, labels, classes
        As for `errors`.
    """

    def __init__(
        self, model: nn.Module, images: Tensor, labels: Tensor, classes: Sequence[str]
    ) -> None:
        self._images = images
        self._labels = labels
        self._scores = evaluate(model, images, labels)
        self.names = _names(classes, len(self._scores.confusion))

    def most_frequent(self) -> tuple[str, str]:
        """Return the true and the predicted class of the most frequent error."""
        wrong = self._scores.confusion.clone().fill_diagonal_(0)
        true, predicted = divmod(int(wrong.argmax()), len(self.names))
        return self.names[true], self.names[predicted]

    def last(self, before: Values) -> int:
        """Return the index of the last image of a cell; 0 where there is none."""
        return max(0, len(self._found(before["true"], before["predicted"])) - 1)

    def view(self, true: str, predicted: str, example: int) -> Sheet:
        """Draw the matrix, and one cell of it."""
        found = self._found(true, predicted)
        return classifier_figure.errors(
            self._scores,
            self._images,
            self.names,
            cell=(self.names.index(true), self.names.index(predicted)),
            found=found,
            example=example,
            code=self._code(true, predicted, found[example] if found else None),
        )

    def _found(self, true: str, predicted: str) -> list[int]:
        """Return the images of a cell, those that the model was surest of first."""
        truth, answer = self.names.index(true), self.names.index(predicted)
        here = ((self._labels == truth) & (self._scores.predictions == answer)).nonzero()[:, 0]
        order = self._scores.probabilities[here, answer].argsort(descending=True, stable=True)
        return [int(index) for index in here[order]]

    def _code(self, true: str, predicted: str, image: int | None) -> str:
        """Write the lines that give the matrix, a cell of it, and the answer to one image."""
        cell = f"{self.names.index(true)}, {self.names.index(predicted)}"
        lines = [
            f"scores = {call(evaluate, 'train', Name('model'), Name('images'), Name('labels'))}",
            f"count = scores.confusion[{cell}]",
        ]
        return "\n".join(lines + ([f"scores.probabilities[{image}]"] if image is not None else []))


def _names(classes: Sequence[str], count: int) -> tuple[str, ...]:
    names = tuple(classes) or tuple(map(str, range(count)))
    if len(names) != count:
        raise ValueError(f"classes must have {count} names; got {len(names)}")
    return names


def _convolutions(model: nn.Module) -> list[str]:
    found = [name for name, module in model.named_modules() if isinstance(module, nn.Conv2d)]
    if not found:
        layers = ", ".join(
            f"{name} ({kind_of(module)})" for name, module in layers_of(model) if name
        )
        got = f"the layers {layers}" if layers else kind_of(model)
        raise ValueError(f"model must have a Conv2d for Grad-CAM; got {got}")
    return found
