"""What every layer of a model was given, and what it made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.shapes import passes
from convrnn_lab.shapes.table import Table, sizes_in_words
from convrnn_lab.topics.network.layer import Layer
from convrnn_lab.topics.network.layer_recorder import LayerRecorder

_Other = TypeVar("_Other")


@dataclass(frozen=True, eq=False, repr=False)
class LayersTrace(Mapping[str, Layer]):
    """A model's run, layer by layer: its layers by their labels, printed as a table.

    Attributes
    ----------
    input : Tensor
    output : Tensor or None
        What the model returned, where that is one tensor.
    layers : tuple of Layer
        In the order of the calls.
    unseen : tuple of str
        Functions that the model called outside its layers, such as "torch.relu after conv1": what
        they made stands in no layer's output.
    failure : str or None
        Where and why the model failed; `layers` then ends before that.
    input_axes : tuple of str
        What the axes of `input` are, such as ("batch", "channel", "height", "width").
    """

    input: Tensor
    output: Tensor | None
    layers: tuple[Layer, ...]
    unseen: tuple[str, ...]
    failure: str | None
    input_axes: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the layers, each once."""
        return tuple(layer.label for layer in self.layers)

    def __getitem__(self, label: str) -> Layer:
        checks.choice("layer", label, self.labels)
        return self.layers[self.labels.index(label)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.layers)

    def __contains__(self, label: object) -> bool:
        return label in self.labels

    def get(  # type: ignore[override] # one signature for both of a mapping's
        self, label: str, default: _Other | None = None
    ) -> Layer | _Other | None:
        """Return a layer, or `default` where there is none of this label."""
        return self[label] if label in self.labels else default

    __eq__ = object.__eq__  # two runs are not compared tensor by tensor
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().markup()

    def _table(self) -> Table:
        given = tuple(self.input.shape)
        notes = [f"Input: {' × '.join(map(str, given))} ({', '.join(self.input_axes)})."]
        if self.unseen:
            notes.append(f"Outside of layers: {'; '.join(dict.fromkeys(self.unseen))}.")
        if self.failure:
            notes.append(f"Then {self.failure.rstrip('.')}.")
        heads = ("layer", "kind", "output axes", "output", "parameters")
        return Table(heads, tuple(map(_cells, self.layers)), 3, tuple(notes))


def _cells(layer: Layer) -> tuple[str, ...]:
    parameters = sum(each.numel() for each in layer.module.parameters())
    sizes = sizes_in_words(layer.output.shape)
    # A second call of a layer has the parameters of the first.
    counted = f"{parameters:,}" if layer.call == 0 else "shared"
    return (layer.label, layer.kind, ", ".join(layer.axes), sizes, counted)


def layers(model: nn.Module, input: Tensor) -> LayersTrace:  # noqa: A002 - PyTorch's name for it
    """Run a model once and keep every layer's input and output.

    A layer is a module that holds no others, or an attention. One that is called twice appears
    twice. The model runs in evaluation mode and without gradients; its mode is put back. What a
    later layer overwrites in place, as ``ReLU(inplace=True)`` does, is kept as it was.

    Parameters
    ----------
    model : torch.nn.Module
    input : Tensor
        As the model takes it, with its batch axis.

    Returns
    -------
    LayersTrace
        Also of a model that fails: with the layers up to there, and the reason.

    Raises
    ------
    ValueError
        If `model` is no module or `input` no tensor, or the outputs together would take too much
        memory.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU())
    >>> run = layers(model, torch.zeros(1, 1, 8))
    >>> [(layer.name, layer.kind, tuple(layer.output.shape)) for layer in run.layers]
    [('0', 'Conv1d', (1, 4, 6)), ('1', 'ReLU', (1, 4, 6))]
    >>> layers(nn.LSTM(1, 3), torch.zeros(5, 1))["model"].gates["forget"].shape
    torch.Size([1, 1, 5, 1, 3])
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be a torch.nn.Module; got {checks.shown(model)}")
    if not isinstance(input, Tensor):
        raise ValueError(f"input must be a tensor; got {checks.shown(input)}")
    _refuse_large(model, input)
    recorder = LayerRecorder(model, input)
    output, failure = None, None
    with sharing.in_mode(model), torch.no_grad(), recorder.watching():
        try:
            output = model(input)
        except Exception as error:  # whatever a model of the user's raises
            failure = recorder.failure(error)
    whole = output if isinstance(output, Tensor) else None
    axes, found = recorder.named()
    return LayersTrace(input, whole, tuple(found), tuple(recorder.unseen), failure, axes)


def _refuse_large(model: nn.Module, input: Tensor) -> None:  # noqa: A002 - as above
    """Refuse a run whose outputs would take too much memory, by a run on shapes alone."""
    if input.ndim < 2:
        return
    try:
        steps = passes.run_on_shapes(model, input.shape[1:]).steps
    except ValueError:  # there are models that shapes alone do not run
        return
    needed = len(input) * sum(step.output_bytes for step in steps)
    if needed > checks.MEMORY_LIMIT_BYTES:
        raise ValueError(
            f"input must make outputs of at most {checks.MEMORY_LIMIT_BYTES / 1024**3:.1f} GiB in "
            f"all; got shape {tuple(input.shape)}, which makes {needed / 1024**3:.1f} GiB"
        )
