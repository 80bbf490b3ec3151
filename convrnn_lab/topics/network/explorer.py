"""Explorers of a model from the inside: its layers, what decides its answer, and its errors."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from convrnn_lab import checks, data
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider, Values
from convrnn_lab.explorer.jobs import Pad
from convrnn_lab.shapes import passes
from convrnn_lab.shapes.taps import NoRuleError
from convrnn_lab.topics.network import classifier_figure, figure, trace
from convrnn_lab.topics.network.attribution import grad_cam, occlusion, saliency
from convrnn_lab.topics.network.figure import Region, pictures
from convrnn_lab.topics.network.trace import LayersTrace
from convrnn_lab.topics.receptive_field.trace import LayerField, measured_by
from convrnn_lab.train.scores import evaluate, probabilities

DRAWN = "your drawing"
OCCLUSION_LIMIT = 11


def layers(
    model: nn.Module,
    input: Tensor | Mapping[str, Tensor],  # noqa: A002 - PyTorch's name for it
    *,
    example: str | None = None,
    layer: str | None = None,
    channel: int = 0,
    row: int | None = None,
    column: int | None = None,
    classes: Sequence[str] = (),
    draw: bool = False,
) -> Explorer:
    """Look into any model: what every layer makes of an input, and what one value has seen.

    Parameters
    ----------
    model : torch.nn.Module
    input : Tensor, or dict of str to Tensor
        As the model takes it, with its batch axis, whose examples can be chosen; or inputs by
        name, each with a batch axis of one, all of one shape.
    example : str, optional
        The input to start with; the first by default.
    layer : str, optional
        The layer to start with, as in ``model.named_modules()``; the first by default.
    channel : int
        Channel or unit to start with.
    row, column : int, optional
        Of the value in the channel; by default the largest one that the first input gives.
    classes : sequence of str
        Names of the model's outputs; where there are some, their probabilities are drawn.
    draw : bool
        Whether to offer a field to draw a digit in, for models of grey 28 × 28 images.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If the model is no module, fails before its first layer ends, or takes too much memory; a
        start value is not offered.
    """
    inputs = _named(input)
    sizes = {tuple(each.shape) for each in inputs.values()}
    if len(sizes) != 1:
        raise ValueError(f"input must be tensors of one shape; got {sorted(sizes)}")
    (shape,) = sizes
    run = lru_cache(maxsize=8)(lambda name: trace.layers(model, inputs[name]))
    begin = next(iter(inputs)) if example is None else example
    checks.choice("example", begin, inputs)
    first = run(begin)
    if not first.layers:
        raise ValueError(f"model must have a layer that runs; got {first.failure or model}")
    fields = _fields(model, shape[1:])
    start = first[layer] if layer is not None else first.layers[0]
    maps = pictures(start.output)
    checks.integer("channel", channel, 0, len(maps) - 1)
    peak = _peak(maps[channel])
    names = tuple(classes)
    scores = _scores(first)
    if names and (scores is None or len(scores) != len(names)):
        raise ValueError(
            f"classes must have one name for each output of the model; got {len(names)} for "
            f"{'none' if first.output is None else tuple(first.output.shape)}"
        )
    if draw:
        _check_drawable(shape)

    def view(example: str, layer: str, channel: int, row: int, column: int) -> Sheet:
        seen = run(example)
        scores = _scores(seen) if names else None
        region = _region(fields[layer], (row, column))
        return figure.layer(
            seen, layer, channel, (row, column), region=region, scores=scores, classes=names
        )

    def last(axis: int) -> Callable[[Values], int]:
        return lambda before: pictures(first[before["layer"]].output).shape[axis] - 1

    def take(ink: Any) -> dict[str, Any]:
        inputs[DRAWN] = data.as_digit(ink)[None, None]
        run.cache_clear()
        return {"example": DRAWN}

    if draw:
        inputs[DRAWN] = torch.zeros(shape)
    examples = tuple(inputs)
    return Explorer(
        view,
        {
            "example": Choice("input", examples, begin),
            "layer": Choice("layer", first.labels, start.label, ordered=True),
            "channel": Slider("channel", 0, last(0), channel),
            "row": Slider("row", 0, last(1), peak[0] if row is None else row),
            "column": Slider("column", 0, last(2), peak[1] if column is None else column),
        },
        name="Inside a model",
        vary={
            "example": examples[:3],
            "layer": None,
            "channel": tuple(range(0, len(maps), max(1, len(maps) // 4))),
        },
        scan=("channel",),
        pad=Pad("Draw a digit, or load a picture of one.", take) if draw else None,
    )


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
        Whether to offer a field to draw a digit in, for models of grey 28 × 28 images.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If the model has no convolution or does not give logits for the images; a start value is
        not offered.
    """
    inputs = _named(images)
    begin = next(iter(inputs)) if example is None else example
    checks.choice("example", begin, inputs)
    checks.tensor("images", inputs[begin], "batch channel height width")
    count = probabilities(model, inputs[begin]).shape[1]
    names = tuple(classes) or tuple(map(str, range(count)))
    if len(names) != count:
        raise ValueError(f"classes must have {count} names; got {len(names)}")
    convolutions = [name for name, module in model.named_modules() if isinstance(module, nn.Conv2d)]
    if not convolutions:
        raise ValueError("model must have a Conv2d for Grad-CAM; got none")
    if draw:
        _check_drawable(inputs[begin].shape)
        inputs[DRAWN] = torch.zeros_like(inputs[begin])

    remembered = lru_cache(maxsize=64)

    @remembered
    def scored(example: str) -> Tensor:
        return probabilities(model, inputs[example])[0]

    @remembered
    def mapped(example: str, target: int, layer: str) -> tuple[Tensor, Tensor]:
        image = inputs[example]
        return (
            saliency(model, image, target),
            grad_cam(model, image, target, layer=layer),
        )

    @remembered
    def covered(example: str, target: int, size: int) -> Tensor:
        return occlusion(model, inputs[example], target, size=size)

    def view(example: str, answer: str, layer: str, occluded: int) -> Sheet:
        scores = scored(example)
        target = int(scores.argmax()) if answer == "predicted" else names.index(answer)
        gradient, cam = mapped(example, target, layer)
        maps = {
            "Saliency, |d logit / d pixel|": gradient,
            f"Grad-CAM of {layer}": cam,
            f"Occlusion {occluded} × {occluded}, fall of logit": covered(example, target, occluded),
        }
        return classifier_figure.attributions(inputs[example], maps, scores, names, target)

    def take(ink: Any) -> dict[str, Any]:
        inputs[DRAWN] = data.as_digit(ink)[None, None]
        for each in (scored, mapped, covered):
            each.cache_clear()
        return {"example": DRAWN}

    examples = tuple(inputs)
    return Explorer(
        view,
        {
            "example": Choice("input", examples, begin),
            "answer": Choice("class", ("predicted", *names), "predicted"),
            "layer": Choice("layer", convolutions, layer or convolutions[-1], ordered=True),
            "occluded": Slider("occlusion", 1, OCCLUSION_LIMIT, occluded),
        },
        name="What decides the answer",
        vary={"example": examples[:3], "answer": None, "layer": None},
        pad=Pad("Draw a digit, or load a picture of one.", take) if draw else None,
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
    scores = evaluate(model, images, labels)
    names = tuple(classes) or tuple(map(str, range(len(scores.confusion))))
    if len(names) != len(scores.confusion):
        raise ValueError(f"classes must have {len(scores.confusion)} names; got {len(names)}")
    wrong = scores.confusion.clone().fill_diagonal_(0)
    true, said = divmod(int(wrong.argmax()), len(names))
    predictions = scores.predictions

    def found(before: Values) -> list[int]:
        """Return the images of a cell, those that the model was surest of first."""
        truth, answer = names.index(before["true"]), names.index(before["predicted"])
        here = ((labels == truth) & (predictions == answer)).nonzero()[:, 0]
        order = scores.probabilities[here, answer].argsort(descending=True, stable=True)
        return [int(index) for index in here[order]]

    def view(true: str, predicted: str, example: int) -> Sheet:
        return classifier_figure.errors(
            scores,
            images,
            names,
            cell=(names.index(true), names.index(predicted)),
            found=found({"true": true, "predicted": predicted}),
            example=example,
        )

    return Explorer(
        view,
        {
            "true": Choice("true class", names, names[true], ordered=True),
            "predicted": Choice("predicted", names, names[said], ordered=True),
            "example": Slider("example", 0, lambda before: max(0, len(found(before)) - 1), 0),
        },
        name="Errors of a classifier",
        vary={"true": None, "predicted": None, "example": tuple(range(6))},
        scan=("example",),
    )


def _named(given: Tensor | Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return inputs by name, each with a batch axis of one."""
    if isinstance(given, Tensor):
        if given.ndim < 2 or len(given) == 0:
            raise ValueError(
                f"input must have a batch axis and at least one example; got shape "
                f"{tuple(given.shape)}"
            )
        return {f"example {index}": given[index : index + 1] for index in range(len(given))}
    if not isinstance(given, Mapping) or not given:
        raise ValueError(f"input must be a tensor, or tensors by name; got {checks.shown(given)}")
    for name, each in given.items():
        if not isinstance(each, Tensor) or each.ndim < 2 or len(each) != 1:
            raise ValueError(
                f"input[{name!r}] must be a tensor with a batch axis of one; got "
                f"{checks.shown(each)}"
            )
    return dict(given)


def _check_drawable(shape: Sequence[int]) -> None:
    if tuple(shape) != (1, 1, 28, 28):
        raise ValueError(
            f"draw must be of models for grey images of 28 × 28; got inputs of shape {tuple(shape)}"
        )


def _peak(picture: Any) -> tuple[int, int]:
    """Return row and column of the largest value."""
    row, column = divmod(int(np.argmax(np.nan_to_num(picture))), picture.shape[1])
    return row, column


def _scores(seen: LayersTrace) -> Tensor | None:
    if seen.output is None or seen.output.ndim != 2:
        return None
    return torch.softmax(seen.output[0].float(), dim=0)


def _fields(model: nn.Module, shape: Sequence[int]) -> dict[str, LayerField | str]:
    """Return the receptive field of every layer's values by its label, or why there is none."""
    try:
        steps = passes.run_on_shapes(model, shape).steps
    except ValueError as error:
        reason = str(error)
        return defaultdict(lambda: reason)
    calls: Counter[str] = Counter()
    found: dict[str, LayerField | str] = defaultdict(lambda: "not known")
    for step in steps:
        name = step.layer or "model"
        calls[name] += 1
        label = name if calls[name] == 1 else f"{name} ({calls[name]})"
        if isinstance(step.field, NoRuleError):
            found[label] = str(step.field)
        elif any(len(dim) > 1 for dim in step.field.dims):
            found[label] = "each value of the row has its own place"
        elif len(step.field.axes) not in (1, 2):
            found[label] = "shown for signals and images only"
        else:
            found[label] = measured_by(step, step.field)
    return found


def _region(field: LayerField | str, place: tuple[int, int]) -> Region | str:
    """Return the input samples between the first and the last that a value reads."""
    if isinstance(field, str):
        return field
    moved = place[len(place) - len(field.size) :]
    return tuple(
        (taps[0] + step * position, taps[-1] + step * position)
        for taps, step, position in zip(field.taps, field.stride, moved, strict=True)
    )
