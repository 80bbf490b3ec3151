"""An explorer of a whole network in one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import place_of
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.topics.network import guides, trace
from convrnn_lab.topics.network.drawn import DRAWING
from convrnn_lab.topics.network.explorer import PAD, Inside
from convrnn_lab.topics.network.followed import is_chain
from convrnn_lab.topics.network.inputs import batch_axis, named
from convrnn_lab.topics.network.layer import Layer
from convrnn_lab.topics.network.network_figure import network as drawn_network
from convrnn_lab.topics.network.trace import LayersTrace

LARGEST = 400_000
"""Values and parameters of all layers that one picture holds at most."""

MOST_LAYERS = 48
"""Layers that stand side by side in one picture at most."""

BELOW = ("arithmetic", "input and answer")
"""What stands below the picture."""


def network(
    model: nn.Module,
    images: Tensor | Mapping[str, Tensor],
    *,
    example: str | None = None,
    layer: str | None = None,
    channel: int = 0,
    row: int | None = None,
    column: int | None = None,
    classes: Sequence[str] = (),
    draw: bool = False,
) -> Explorer:
    """Show a whole network in one picture: every map of every layer, and how a value is made.

    Parameters
    ----------
    model : torch.nn.Module
        A chain: each layer is given what the one before gave, as in ``nn.Sequential``.
    images : Tensor, or dict of str to Tensor
        As for `layers`: pictures, signals or vectors.
    example, layer, channel, row, column
        Where to start, as for `layers`. With `classes` there is a last layer "softmax".
    classes : sequence of str
        Names of the model's outputs, which softmax turns into shares.
    draw : bool
        Whether to offer a field to draw a digit in, as for `layers`.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If the model is no chain of layers, or has too many layers, values or parameters for one
        picture; or as `layers`.
    """
    inputs = named(images, "images", batch=batch_axis(model, images), draw=draw)
    inside = _Network(model, inputs, inputs.start(example), tuple(classes), draws=draw)
    explorer = Explorer(
        inside.whole,
        inside.controls(layer, channel, row, column),
        name="A whole network",
        vary={"example": inputs.names[:8], "layer": None, "channel": None},
        scan=("layer",),
        pad=PAD if draw else None,
        guide=guides.of_digits(guides.NETWORK, model, images) if len(classes) == 10 else (),
    )
    return DRAWING.followed_by(explorer) if draw else explorer


class _Network(Inside):
    """A chain of layers with its inputs, and the view of all of it."""

    def whole(
        self, *, example: str, layer: Seen, channel: Seen, row: Seen, column: Seen, below: Seen
    ) -> Sheet:
        """Draw the network, and how one of its values is made."""
        run = self._run(self._inputs[example])
        at, whole = place_of(layer, run.labels), place_of(below, BELOW)
        sheet = drawn_network(
            *(run, at, channel, (row, column)),
            whole_below=whole,
            classes=self._classes,
            draws=self._draws,
        )
        lines = [self._line(example, run[label], channel, (row, column)) for label in run]
        return replace(sheet, code=looks.pick([looks.pick(lines, at), ""], whole))

    def controls(
        self, layer: str | None, channel: int, row: int | None, column: int | None
    ) -> dict[str, Choice | Slider]:
        """Return the controls, with one of what stands below the picture."""
        below = Choice("below", BELOW, BELOW[0], look=True)
        return {**super().controls(layer, channel, row, column), "below": below}

    def _fit(self) -> tuple[bool, bool]:
        return True, True

    def _line(self, example: str, shown: Layer, channel: Seen, place: tuple[Seen, Seen]) -> Seen:
        # Softmax is none of the model's layers.
        return "" if shown.module is _SOFTMAX else self._code(example, shown, channel, place)

    def _traced(self, given: Tensor) -> LayersTrace:
        run = trace.layers(self._model, given)
        if not run:
            return run
        _check(self._model, run)
        return _with_softmax(run) if self._classes else run


def _check(model: nn.Module, run: LayersTrace) -> None:
    """Refuse a model that is no chain, or too large for one picture."""
    if run.failure or not is_chain(run):
        raise ValueError(
            "model must be a chain of layers, each given what the one before gave; got "
            f"{run.failure or model.__class__.__name__}"
        )
    if len(run) > MOST_LAYERS:
        raise ValueError(
            f"model must have at most {MOST_LAYERS} layers for one picture; got {len(run)}"
        )
    size = sum(each.output[:1].numel() for each in run.layers)
    size += sum(part.numel() for part in model.parameters())
    if size > LARGEST:
        raise ValueError(
            f"model must have at most {LARGEST:,} values and parameters for one picture; got "
            f"{size:,}"
        )


_SOFTMAX = nn.Softmax(dim=1)


def _with_softmax(run: LayersTrace) -> LayersTrace:
    """Return a run whose last layer turns logits into shares."""
    logits = run.output
    if logits is None or logits.ndim != 2 or isinstance(run.layers[-1].module, nn.Softmax):
        return run
    with torch.no_grad():
        shares = _SOFTMAX(logits)
    axes = run.layers[-1].axes
    last = Layer("softmax", 0, _SOFTMAX, (logits,), (shares,), None, axes, axes)
    return replace(run, layers=(*run.layers, last), output=shares)
