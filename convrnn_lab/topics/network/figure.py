"""A layer of a model drawn: the input, what all its channels made of it, and one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from convrnn_lab.drawing import given as given_arrays, looks, theme
from convrnn_lab.drawing.layer_looks import count, fixed, softmax
from convrnn_lab.drawing.looks import Look, Seen
from convrnn_lab.drawing.sheet import Panel, Part, Sheet, folded
from convrnn_lab.drawing.words import by
from convrnn_lab.topics.network.fields import Region, inside_of
from convrnn_lab.topics.network.followed import INPUT, followed, output_name
from convrnn_lab.topics.network.layer import Layer
from convrnn_lab.topics.network.layer_panels import one_channel, outputs
from convrnn_lab.topics.network.model_panels import input_panel, probabilities, seen_panel
from convrnn_lab.topics.network.pictures import arranged, sizes as named_sizes
from convrnn_lab.topics.network.trace import LayersTrace
from convrnn_lab.topics.network.values import Values, values_of
from convrnn_lab.topics.network.weight_panels import weights
from convrnn_lab.topics.receptive_field.trace import LayerField


def layer(
    run: LayersTrace,
    label: str,
    channel: Seen,
    place: tuple[Seen, Seen],
    *,
    region: Region | str,
    scores: Tensor | None = None,
    classes: tuple[str, ...] = (),
    draws: bool = False,
    code: Seen = "",
    click: Part | None = None,
) -> Sheet:
    """Draw one layer of a run, one channel of it, and what one of its values has seen.

    Parameters
    ----------
    run : LayersTrace
        The first example of its batch is drawn.
    label : str
        Of the layer.
    channel : int or Look
        Channel or feature.
    place : (row, column)
        Of the value in the channel; (0, time) in a sequence, (0, 0) in a vector.
    region : Region or str
        The receptive field of that value in the input, or why there is none.
    scores : Tensor, shape (class,), optional
        Probabilities of the model's outputs; those of the run by default, where there are names.
    classes : tuple of str
        Names of the model's outputs.
    draws : bool
        Whether a reader may draw a digit in place of the input, where the browser can follow it.
    code : str or Look
        The lines that give the value.
    click : dict, optional
        What a click on the input sets, as of a `Panel`; by default the place itself.

    Returns
    -------
    Sheet
    """
    shown, given = run[label], looks.has_look((channel, *place))
    layers = followed(run) if given and draws else {}
    values = values_of(output_name(label), arranged(shown.output, shown.axes), given=given)
    values = replace(values, array=layers.get(label, values.array))
    source = values_of(INPUT, arranged(run.input, run.input_axes), given=given)
    inside = None
    if not isinstance(region, str):
        inside, _ = inside_of(region, source.lengths(len(region)))
    shares = _shares(run, given, layers) if classes and scores is None else scores
    panels = [
        _given_panel(
            input_panel(source, inside, click or _same_place(source)), source, gives=bool(layers)
        ),
        outputs(shown.label, values, channel),
        replace(one_channel(values, channel, place), size="large"),
        *folded(
            "Seen and weights",
            [seen_panel(source, region), weights(shown.module, channel, values.maps)],
        ),
        *folded("Answer", _answers(shares, classes)),
    ]
    chosen = looks.number(values.value(channel, *place))
    sizes = named_sizes(shown.output.shape, shown.axes)
    return Sheet(
        panels,
        title=f"{label}: {shown.kind} gives {sizes}"
        + (", later the model fails" * bool(run.failure)),
        description=looks.words(
            "Layer {} ({}) gives {}, values {}; {} {}{} has {}.",
            *(label, shown.kind, sizes, _ends(values)),
            *(values.maps.channel, channel, values.maps.place(*place), chosen),
        ),
        facts=_facts(run, shown, values, chosen, _written(region, source)),
        # What is drawn has no name in code.
        code=given_arrays.where_given(source.array, "", code) if layers else code,
    )


def _given_panel(panel: Panel, source: Values, *, gives: bool) -> Panel:
    """Return the panel of the input, in whose place a digit may be drawn."""
    if not gives:
        return panel
    title = given_arrays.where_given(source.array, "Your digit, as the model takes it", panel.title)
    return replace(panel, title=title, gives={"name": INPUT, "by": "digit"})


def _same_place(source: Values) -> Part:
    """Return what a click on the input sets where no field is known: the value at that place."""
    return {"x": "column", "y": "row"} if source.maps.row else {"x": "column"}


def _shares(run: LayersTrace, given: bool, layers: Mapping[str, Look]) -> Seen:
    """Return the probabilities of the model's classes, by what it returned."""
    if layers:
        return softmax(layers[run.labels[-1]])
    assert run.output is not None  # noqa: S101 - who names classes has outputs
    logits = run.output[0].detach().float().cpu().numpy()
    last = run.layers[-1]
    # Mostly that is what the last layer gives; then it is the same array.
    name = output_name(last.label if torch.equal(last.output, run.output) else "the model")
    return softmax(looks.given(name, logits) if given else logits)


def _answers(shares: Seen, classes: tuple[str, ...]) -> list[Panel]:
    if shares is None:
        return []
    values = shares.numpy() if isinstance(shares, Tensor) else shares
    return [probabilities(values, classes or tuple(map(str, range(values.shape[0]))))]


def click_on(field: LayerField | str) -> Part:
    """Return what a click on the input sets: the value whose field has its middle there."""
    if isinstance(field, str) or not all(field.stride):
        return {}
    axes = {"x": "column"} if len(field.size) == 1 else {"y": "row", "x": "column"}
    return {
        axis: {"control": control, "start": centre, "step": stride}
        for (axis, control), centre, stride in zip(
            axes.items(), field.centre, field.stride, strict=True
        )
    }


def _ends(values: Values) -> Seen:
    array = values.maps.values
    finite = array[np.isfinite(array)]
    if not finite.size:
        return "none of them finite"
    if finite.size < array.size:
        low, high = (theme.number(float(end)) for end in (finite.min(), finite.max()))
        return f"from {low} to {high}"
    low, high = looks.least(values.array), looks.most(values.array)
    return looks.words("from {} to {}", looks.number(low), looks.number(high))


def _facts(
    run: LayersTrace, shown: Layer, values: Values, chosen: Seen, depends: Seen
) -> list[tuple[str, Seen]]:
    given = [named_sizes(each.shape, shown.input_axes) for each in shown.inputs[:1]]
    given += [by(each.shape) for each in shown.inputs[1:]]
    parameters = sum(each.numel() for each in shown.module.parameters())
    return [
        ("Layer", str(shown.module)),
        ("In", ", ".join(given)),
        ("Out", named_sizes(shown.output.shape, shown.axes)),
        ("Parameters", f"{parameters:,}"),
        *_counted_values(shown, values),
        ("Chosen value", chosen),
        ("It depends on", depends),
        *([("Not seen", "; ".join(dict.fromkeys(run.unseen)))] if run.unseen else []),
        *([("Failed", run.failure)] if run.failure else []),
    ]


def _counted_values(shown: Layer, drawn: Values) -> list[tuple[str, Seen]]:
    """Count the zeros of the first example, and what is no number."""
    values = _first_example(shown.output, shown.axes)
    number = max(values.numel(), 1)
    # Of a volume one slice is drawn, and all of it is counted.
    whole = drawn.maps.values.size == values.numel()
    zeros = count(drawn.array, 0) if whole else int((values == 0).sum())
    share = fixed(zeros * (100 / number), 0)
    template = f"{{}} of {values.numel():,} ({{}} %)"
    facts = [("Zero", looks.words(template, looks.number(zeros), share))]
    missing = int((~torch.isfinite(values)).sum()) if values.is_floating_point() else 0
    if missing:
        facts.append(("NaN or infinite", f"{missing:,} of {values.numel():,}"))
    return facts


def _first_example(output: Tensor, names: tuple[str, ...]) -> Tensor:
    values = output.detach()
    return values.select(names.index("batch"), 0) if "batch" in names else values


def _written(region: Region | str, source: Values) -> Seen:
    """Write what a value depends on, or why that is not known."""
    if isinstance(region, str):
        return region
    names = ("samples",) if len(region) == 1 else ("rows", "columns")
    _, beyond = inside_of(region, source.lengths(len(region)))
    ends = [looks.number(end) for first_and_last in region for end in first_and_last]
    template = ", ".join(f"{name} {{}} to {{}}" for name in names) + "{}"
    return looks.words(template, *ends, looks.pick(["", " (padding)"], beyond))
