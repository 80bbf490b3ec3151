"""A layer of a model drawn: the input, what all its channels made of it, and one of them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import Numbers
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.drawing.words import by
from convrnn_lab.topics.network.fields import Region
from convrnn_lab.topics.network.layer import Layer
from convrnn_lab.topics.network.layer_panels import one_channel, outputs, weights
from convrnn_lab.topics.network.model_panels import clipped, input_panel, probabilities, seen_panel
from convrnn_lab.topics.network.pictures import Pictures, arranged, sizes as named_sizes
from convrnn_lab.topics.network.trace import LayersTrace


def layer(
    run: LayersTrace,
    label: str,
    channel: int,
    place: tuple[int, int],
    *,
    region: Region | str,
    scores: Tensor | None = None,
    classes: tuple[str, ...] = (),
    code: str = "",
) -> Sheet:
    """Draw one layer of a run, one channel of it, and what one of its values has seen.

    Parameters
    ----------
    run : LayersTrace
        The first example of its batch is drawn.
    label : str
        Of the layer.
    channel : int
        Channel or feature.
    place : (row, column)
        Of the value in the channel; (0, time) in a sequence, (0, 0) in a vector.
    region : Region or str
        The receptive field of that value in the input, or why there is none.
    scores : Tensor, shape (class,), optional
        Probabilities of the model's output.
    classes : tuple of str
        Their names.
    code : str
        The lines that give the value.

    Returns
    -------
    Sheet
    """
    shown = run[label]
    maps = arranged(shown.output, shown.axes)
    source = arranged(run.input, run.input_axes)
    value = float(maps.values[(channel, *place)])
    inside = None if isinstance(region, str) else clipped(region, source)
    panels = [
        input_panel(source, inside),
        outputs(shown.label, maps, channel),
        one_channel(maps, channel, place),
        seen_panel(source, inside, region),
        weights(shown.module, channel, maps),
        *([] if scores is None else [probabilities(scores, classes)]),
    ]
    sizes = named_sizes(shown.output.shape, shown.axes)
    where = maps.place(*place)
    return Sheet(
        panels,
        title=f"{label}: {shown.kind} gives {sizes}"
        + (", later the model fails" * bool(run.failure)),
        description=(
            f"Layer {label} ({shown.kind}) gives {sizes}, values {_ends(maps.values)}; "
            f"{maps.channel} {channel}{where} has {theme.number(value)}."
        ),
        facts=_facts(run, shown, value, region, source),
        code=code,
    )


def _ends(values: Numbers) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "none of them finite"
    return f"from {theme.number(float(finite.min()))} to {theme.number(float(finite.max()))}"


def _facts(
    run: LayersTrace, shown: Layer, value: float, region: Region | str, source: Pictures
) -> list[tuple[str, str]]:
    given = [named_sizes(each.shape, shown.input_axes) for each in shown.inputs[:1]]
    given += [by(each.shape) for each in shown.inputs[1:]]
    parameters = sum(each.numel() for each in shown.module.parameters())
    return [
        ("Layer", str(shown.module)),
        ("In", ", ".join(given)),
        ("Out", named_sizes(shown.output.shape, shown.axes)),
        ("Parameters", f"{parameters:,}"),
        *_counted_values(shown),
        ("Chosen value", theme.number(value)),
        ("It depends on", region if isinstance(region, str) else _written(region, source)),
        *([("Not seen", "; ".join(dict.fromkeys(run.unseen)))] if run.unseen else []),
        *([("Failed", run.failure)] if run.failure else []),
    ]


def _counted_values(shown: Layer) -> list[tuple[str, str]]:
    """Count the zeros of the first example, and what is no number."""
    values = _first_example(shown.output, shown.axes)
    zeros = int((values == 0).sum())
    share = f"{100 * zeros / max(values.numel(), 1):.0f} %"
    facts = [("Zero", f"{zeros:,} of {values.numel():,} ({share})")]
    missing = int((~torch.isfinite(values)).sum()) if values.is_floating_point() else 0
    if missing:
        facts.append(("NaN or infinite", f"{missing:,} of {values.numel():,}"))
    return facts


def _first_example(output: Tensor, names: tuple[str, ...]) -> Tensor:
    values = output.detach()
    return values.select(names.index("batch"), 0) if "batch" in names else values


def _written(region: Region, source: Pictures) -> str:
    axis_names = ("samples",) if len(region) == 1 else ("rows", "columns")
    written = ", ".join(
        f"{name} {first} to {last}".replace("-", "−")
        for name, (first, last) in zip(axis_names, region, strict=True)
    )
    return written if clipped(region, source) == region else f"{written} (padding)"
