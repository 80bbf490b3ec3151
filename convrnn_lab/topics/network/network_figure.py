"""A whole network drawn: all maps of all layers, and the arithmetic of one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.layer_looks import fixed, largest
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import one_of
from convrnn_lab.drawing.sheet import Panel, Sheet
from convrnn_lab.topics.network.column_panels import columns
from convrnn_lab.topics.network.followed import INPUT, followed, output_name
from convrnn_lab.topics.network.layer import Layer
from convrnn_lab.topics.network.model_panels import probabilities
from convrnn_lab.topics.network.network_panels import whole
from convrnn_lab.topics.network.part_panels import one_of_values
from convrnn_lab.topics.network.pictures import arranged, sizes
from convrnn_lab.topics.network.step_panels import filled, steps
from convrnn_lab.topics.network.trace import LayersTrace
from convrnn_lab.topics.network.values import Values, values_of

_BESIDE = 74
"""Units beside the last layer for the classes' names and shares."""


def network(
    run: LayersTrace,
    layer: Seen,
    channel: Seen,
    place: tuple[Seen, Seen],
    *,
    whole_below: Seen = 0,
    classes: Sequence[str] = (),
    draws: bool = False,
) -> Sheet:
    """Draw a network, and how one of its values is made.

    Parameters
    ----------
    run : LayersTrace
        Of a chain of layers; the first example of its batch is drawn.
    layer : int or Look
        Place of the chosen layer.
    channel : int or Look
    place : (row, column)
        Of the value in the channel.
    whole_below : 0, 1 or Look
        Whether input and answer stand below, in place of how the value is made.
    classes : sequence of str
        Names of the last layer's values.
    draws : bool
        Whether a reader may draw a digit in place of the input.
    """
    given = looks.has_look((channel, *place))
    drawn = _all_values(run, given=given, draws=draws)
    made = columns(list(drawn.items()), beside=_BESIDE if classes else 0)
    picture = whole(made, run.layers, (layer, channel), whole_below=whole_below, classes=classes)
    if draws and given and followed(run):
        picture = replace(picture, gives={"name": INPUT, "by": "digit"})
    names = list(drawn)

    def draw(at: int) -> Sheet:
        if at == len(run):
            return _of_all(run, list(drawn.values()), classes)
        each, values = run.layers[at], drawn[names[at + 1]]
        panels = steps(each, drawn[names[at]], values, channel, place)
        return _of_layer(run, each, values, panels, (channel, *place))

    sheet = one_of(draw, len(run) + 1, looks.pick([layer, len(run)], whole_below))
    answer = _answer(drawn[names[-1]], classes)
    return replace(
        sheet,
        panels=[picture, *sheet.panels],
        title=looks.words("{}{}", sheet.title, answer) if classes else sheet.title,
    )


def _all_values(run: LayersTrace, *, given: bool, draws: bool) -> Mapping[str, Values]:
    """Return what the input and each layer give, by label.

    Parameters
    ----------
    run : LayersTrace
    given : bool
        Whether the browser draws them.
    draws : bool
        Whether they follow an input that a reader gives.
    """
    layers = followed(run) if given and draws else {}
    found = {"input": values_of(INPUT, arranged(run.input, run.input_axes), given=given)}
    for each in run.layers:
        name = output_name(each.label)
        values = values_of(name, arranged(each.output, each.axes), given=given)
        found[each.label] = replace(values, array=layers.get(each.label, values.array))
    return found


def _of_layer(
    run: LayersTrace, each: Layer, values: Values, panels: list[Panel], at: tuple[Seen, Seen, Seen]
) -> Sheet:
    channel, row, column = at
    chosen = looks.number(values.value(channel, row, column))
    said = sizes(each.output.shape, each.axes)
    where = values.maps.place(row, column)
    parameters = sum(part.numel() for part in each.module.parameters())
    return Sheet(
        panels,
        title=looks.words(
            "{} ({}): {} {}{} is {}",
            *(each.label, each.kind, values.maps.channel, channel, where, chosen),
        ),
        description=looks.words(
            "A network of {} layers. Layer {} ({}) gives {}; {} {}{} has {}.",
            *(len(run), each.label, each.kind, said),
            *(values.maps.channel, channel, where, chosen),
        ),
        facts=[
            ("Layer", str(each.module)),
            ("In", sizes(each.inputs[0].shape, each.input_axes)),
            ("Out", said),
            ("Parameters", f"{parameters:,}"),
        ],
    )


def _of_all(run: LayersTrace, drawn: Sequence[Values], classes: Sequence[str]) -> Sheet:
    """Draw what the network is given, and what it answers."""
    first, last, before = run.layers[0], drawn[-1], run.layers[-2:][0]
    parameters = sum(part.numel() for each in run.layers for part in each.module.parameters())
    given = sizes(first.inputs[0].shape, first.input_axes)
    said = sizes(run.layers[-1].output.shape, run.layers[-1].axes)
    words = f"A network of {len(run)} layers"
    panels = [one_of_values("Input", drawn[0], 0, (0, 0), marked=False)]
    if classes:
        panels.append(one_of_values(before.label, drawn[-2], 0, (0, 0), marked=False))
        panels.append(probabilities(last.array, tuple(classes)))
    else:
        panels.append(one_of_values("Output", last, 0, (0, 0), marked=False))
    return Sheet(
        filled(panels),
        title=words,
        description=f"{words}: it is given {given} and gives {said}.",
        facts=[
            ("Layers", ", ".join(each.label for each in run.layers)),
            ("In", given),
            ("Out", said),
            ("Parameters", f"{parameters:,}"),
        ],
    )


def _answer(last: Values, classes: Sequence[str]) -> Seen:
    """Write what the network says, where its classes have names."""
    if not classes:
        return ""
    best = largest(last.array)
    share = fixed(100 * looks.take(last.array, best), 1)
    return looks.words(" · it says “{}” with {} %", looks.pick(list(classes), best), share)
