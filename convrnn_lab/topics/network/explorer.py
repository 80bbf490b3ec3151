"""An explorer of any model from the inside: what its layers make of an input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np
from torch import Tensor, nn

from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import SENT_BYTES, one_of
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider, Values
from convrnn_lab.explorer.jobs import Pad
from convrnn_lab.topics.network import figure, guides, trace
from convrnn_lab.topics.network.drawn import DRAWING
from convrnn_lab.topics.network.fields import fields_of, region_of
from convrnn_lab.topics.network.inputs import Inputs, batch_axis, named
from convrnn_lab.topics.network.layer import Layer
from convrnn_lab.topics.network.pictures import Pictures, arranged, index_of
from convrnn_lab.topics.network.trace import LayersTrace
from convrnn_lab.topics.network.weight_panels import kernels_of
from convrnn_lab.topics.receptive_field.trace import LayerField

PAD = Pad("Draw a digit, or load a picture of one.", DRAWING.put)


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
        name, each with a batch axis of one, all of one shape. Which axis that is, the layers say:
        a recurrent layer without ``batch_first`` takes (time, batch, feature).
    example : str, optional
        The input to start with; the first by default.
    layer : str, optional
        The layer to start with, as in ``model.named_modules()``; the first by default.
    channel : int
        Channel or feature to start with.
    row, column : int, optional
        Of the value in the channel, whose column is the time in a sequence; by default the
        largest one that the first input gives.
    classes : sequence of str
        Names of the model's outputs; where there are some, their probabilities are drawn.
    draw : bool
        Whether to offer a field to draw a digit in, for models of grey 28 × 28 images. What is
        drawn in one explorer, the others of the same kernel offer too.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If the model is no module, fails before its first layer ends, or takes too much memory; a
        start value is not offered.
    """
    inputs = named(input, "input", batch=batch_axis(model, input), draw=draw)
    inside = Inside(model, inputs, inputs.start(example), tuple(classes), draws=draw)
    explorer = Explorer(
        inside.view,
        inside.controls(layer, channel, row, column),
        name="Inside a model",
        vary={"example": inputs.names[:8], "layer": None, "channel": None},
        scan=("channel",),
        pad=PAD if draw else None,
        guide=guides.of_digits(guides.LAYERS, model, input) if len(classes) == 10 else (),
    )
    return DRAWING.followed_by(explorer) if draw else explorer


class Inside:
    """A model with its inputs, and the view into it.

    Parameters
    ----------
    model : nn.Module
    inputs : Inputs
    example : str
        Whose run says which layers there are.
    classes : tuple of str
    draws : bool
    """

    def __init__(
        self,
        model: nn.Module,
        inputs: Inputs,
        example: str,
        classes: tuple[str, ...],
        *,
        draws: bool = False,
    ) -> None:
        self._model = model
        self._inputs = inputs
        self._example = example
        self._classes = classes
        self._draws = draws
        # By the tensor itself: a new drawing is another one.
        self._run = lru_cache(maxsize=16)(self._traced)
        self._maps = lru_cache(maxsize=16)(_maps_of)
        self.first: LayersTrace = self._run(inputs[example])
        if not self.first:
            raise ValueError(
                f"model must have a layer that runs; got {self.first.failure or model}"
            )
        _check_classes(classes, self.first)

    def _traced(self, given: Tensor) -> LayersTrace:
        return trace.layers(self._model, given)

    @cached_property
    def _fields(self) -> Mapping[str, LayerField | str]:
        return fields_of(self._model, self._inputs.shape, self.first.input_axes)

    def view(self, example: str, layer: Seen, channel: Seen, row: Seen, column: Seen) -> Sheet:
        """Draw one value of one layer, and what is around it."""
        run = self._run(self._inputs[example])

        def draw(label: str) -> Sheet:
            return figure.layer(
                run,
                label,
                channel,
                (row, column),
                region=region_of(self._fields[label], (row, column)),
                classes=self._classes,
                draws=self._draws,
                code=self._code(example, run[label], channel, (row, column)),
                click=figure.click_on(self._fields[label]),
            )

        if not looks.has_look(layer):
            return draw(layer)
        labels = self._labels({"example": example})
        return one_of(lambda place: draw(labels[place]), len(labels), layer)

    def controls(
        self, layer: str | None, channel: int, row: int | None, column: int | None
    ) -> dict[str, Choice | Slider]:
        """Return the controls, which start at the largest value where no other is wanted."""
        label = self._start(layer)
        peak = _peak(self._maps(self.first)[label], channel)
        any_layer, any_channel = self._fit()
        row, column = (
            given if given is not None else here
            for given, here in zip((row, column), peak, strict=True)
        )
        return {
            "example": Choice("input", lambda _: self._inputs.names, self._example),
            "layer": Choice(
                "layer",
                self._labels if any_layer else self.first.labels,
                label,
                ordered=True,
                look=any_layer,
            ),
            "channel": Slider(self._word("channel"), 0, self._last(0), channel, look=any_channel),
            "row": Slider("row", 0, self._last(1), row, relative=True, look=True),
            "column": Slider(
                self._word("column"), 0, self._last(2), column, relative=True, look=True
            ),
        }

    def _fit(self) -> tuple[bool, bool]:
        """Tell whether the numbers of all layers, and those of each layer, go to the browser."""
        sizes = []
        for label, maps in self._maps(self.first).items():
            kernels = kernels_of(self.first[label].module, maps)
            sizes.append(maps.values.nbytes + (0 if kernels is None else kernels.nbytes))
        return sum(sizes) <= SENT_BYTES, max(sizes) <= SENT_BYTES

    def _start(self, layer: str | None) -> str:
        return self.first.labels[0] if layer is None else self.first[layer].label

    def _labels(self, before: Values) -> tuple[str, ...]:
        """Return the layers of an input's run: which there are may depend on the input."""
        return self._run_of(before).labels or self.first.labels

    def _run_of(self, before: Values) -> LayersTrace:
        return self._run(self._inputs[before.get("example", self._example)])

    def _last(self, axis: int) -> Callable[[Values], Seen]:
        def last(before: Values) -> Seen:
            maps = self._maps(self._run_of(before)) or self._maps(self.first)
            ends = {label: each.values.shape[axis] - 1 for label, each in maps.items()}
            return looks.pick(ends, before["layer"])

        return last

    def _word(self, control: str) -> str:
        """Return what a control chooses: its own name, where the layers differ in that."""
        drawn = self._maps(self.first).values()
        words = {
            "channel": {maps.channel for maps in drawn},
            "column": {maps.column for maps in drawn if not maps.is_vector},
        }[control]
        return words.pop() if len(words) == 1 and words <= {"feature", "time"} else control

    def _code(self, example: str, shown: Layer, channel: Seen, place: tuple[Seen, Seen]) -> Seen:
        """Write the lines that give the chosen value; none of a drawing, which has no name."""
        source = self._inputs.code.get(example)
        if source is None:
            return ""
        index = index_of(shown.output.shape, shown.axes, channel, place)
        run = call(trace.layers, "trace", Name("model"), Name(source))
        template = f"layer = {{}}\nlayer.output[{', '.join('{}' for _ in index)}]"
        return looks.words(template, f'{run}["{shown.label}"]', *index)


def _check_classes(classes: tuple[str, ...], first: LayersTrace) -> None:
    given = first.output
    if classes and (given is None or given.ndim != 2 or given.shape[1] != len(classes)):
        raise ValueError(
            f"classes must have one name for each output of the model; got {len(classes)} for "
            f"{'none' if given is None else tuple(given.shape)}"
        )


def _maps_of(run: LayersTrace) -> dict[str, Pictures]:
    return {label: arranged(each.output, each.axes) for label, each in run.items()}


def _peak(maps: Pictures, channel: object) -> tuple[int, int]:
    """Return row and column of the largest value; of the first channel where `channel` is none."""
    place = channel if isinstance(channel, int) and channel in range(len(maps.values)) else 0
    picture = maps.values[place]
    row, column = divmod(int(np.argmax(np.nan_to_num(picture))), picture.shape[1])
    return row, column
