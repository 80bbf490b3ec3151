"""The model doctor: every layer's sizes and cost, the first that fails, and what mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import nn

from convrnn_lab import checks
from convrnn_lab.measure import layer_table, suggested_fix
from convrnn_lab.measure.layer_cost import Cost, Row, rows_of
from convrnn_lab.measure.layer_table import UNMADE
from convrnn_lab.shapes import attention, passes

Layers = Sequence[nn.Module | Callable[..., nn.Module]]


@dataclass(frozen=True)
class Failure:
    """The first layer that fails, and why.

    Attributes
    ----------
    layer : str
        As in ``named_modules``, or its index in a list.
    kind : str
    index : int
        Of its row.
    input_shape : tuple of int or None
        What it was given, without the batch.
    reason : str
        With the sizes.
    remedy : str or None
        The smallest changes that let this layer run on its input, each of them tried.
    """

    layer: str
    kind: str
    index: int
    input_shape: tuple[int, ...] | None
    reason: str
    remedy: str | None

    def __str__(self) -> str:
        where = f"Layer {self.layer} ({self.kind})" if self.layer else "The model itself"
        mends = f". What mends it: {self.remedy}" if self.remedy else ""
        return f"{where} fails: {self.reason}{mends}."


@dataclass(frozen=True, repr=False)
class Inspection(Cost):
    """What `inspect` has found; prints as a table.

    Attributes
    ----------
    rows : tuple of Row
        Layers in the order of execution, up to the first that fails; then those not reached.
    input_shape : tuple of int
    failure : Failure or None
    """

    failure: Failure | None = None

    @property
    def summary(self) -> str:
        """The totals in one line."""
        return layer_table.summary(self, whole=self.failure is None)

    @property
    def notes(self) -> list[str]:
        """What is said under the table: the totals, what has no receptive field, the failure."""
        return [*super().notes, *([str(self.failure)] if self.failure else [])]


def inspect(model: nn.Module | Layers, input_shape: Sequence[int]) -> Inspection:
    """Go through a model layer by layer, on shapes alone, up to the first layer that fails.

    Nothing is allocated: a network that no machine could hold is inspected in an instant.

    Parameters
    ----------
    model : nn.Module, or list of layers
        An entry of a list may also be a function that makes the layer, such as
        ``functools.partial(nn.Conv2d, 128, 10)``: one that cannot be made is diagnosed too.
    input_shape : sequence of int
        Without the batch, such as (3, 224, 224).

    Returns
    -------
    Inspection

    Raises
    ------
    ValueError
        If `model` or `input_shape` is none of these.

    Examples
    --------
    >>> found = inspect([nn.Conv1d(1, 4, 3), nn.MaxPool1d(9)], (1, 10))
    >>> print(found.failure)
    Layer 1 (MaxPool1d) fails: MaxPool1d(9) needs an input of at least 9; it gets 8. What mends \
it: kernel_size=8 or padding=1.
    """
    if isinstance(model, nn.Module):
        done = passes.run_on_shapes(model, input_shape)
        return _inspection(done, rows_of(done), model, tuple(input_shape))
    if not isinstance(model, (list, tuple)) or not model:
        raise ValueError(
            "model must be a torch.nn.Module, or a list of layers or of functions that make them; "
            f"got {checks.shown(model)}"
        )
    return _inspected_list(model, tuple(input_shape))


def _inspected_list(layers: Layers, shape: tuple[int, ...]) -> Inspection:
    made = [_made(item, i) for i, item in enumerate(layers)]
    wrong = next((i for i, layer in enumerate(made) if isinstance(layer, Exception)), len(made))
    good = [layer for layer in made[:wrong] if isinstance(layer, nn.Module)]
    network = nn.Sequential(*good)
    done = passes.run_on_shapes(network, shape)
    found = _inspection(done, rows_of(done), network, shape)
    if wrong == len(made):
        return found
    rows = list(found.rows)
    failure = found.failure
    if failure is None:
        given = rows[-1].output_shape if rows else shape
        why = _unmade(layers[wrong], made[wrong], given, good)
        failure = Failure(str(wrong), _called(layers[wrong]), len(rows), given, *why)
    broken = Row(
        str(wrong),
        _called(layers[wrong]),
        failure.input_shape if found.failure is None else None,
        unknown=UNMADE,
        state="fails" if found.failure is None else "not reached",
    )
    rest = [_unreached(item, layers, i) for i, item in enumerate(made) if i > wrong]
    return Inspection((*rows, broken, *rest), shape, failure)


def _made(item: object, index: int) -> nn.Module | Exception:
    """Return the layer of an entry, made on the meta device, or why it cannot be made."""
    if isinstance(item, nn.Module):
        return item
    if not callable(item):
        raise ValueError(
            f"layer {index} must be a torch.nn.Module or a function that makes one; "
            f"got {checks.shown(item)}"
        )
    try:
        with passes.on_shapes():
            layer = item()
    except Exception as error:
        return error
    if not isinstance(layer, nn.Module):
        return TypeError(f"it makes {checks.shown(layer)}, which is no layer")
    return layer


def _unmade(
    item: Callable[..., nn.Module],
    error: nn.Module | Exception,
    shape: tuple[int, ...] | None,
    before: list[nn.Module],
) -> tuple[str, str | None]:
    """Return why a layer cannot be made, and what mends it."""
    if not isinstance(error, TypeError) or not suggested_fix.missing(error):
        return str(error), None
    names = suggested_fix.missing(error)
    reason = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} missing"
    if shape is None:
        return reason, None
    return reason, suggested_fix.complete(item, error, (1, *shape), before)


def _called(item: object) -> str:
    """Return the name of what makes a layer."""
    target = getattr(item, "func", item)
    return str(getattr(target, "__name__", type(target).__name__))


def _unreached(layer: nn.Module | Exception, layers: Layers, index: int) -> Row:
    if isinstance(layer, Exception):
        return Row(
            str(index),
            _called(layers[index]),
            unknown=UNMADE,
            state="not reached",
        )
    values = list(layer.parameters())
    return Row(
        str(index),
        type(layer).__name__,
        parameters=sum(value.numel() for value in values),
        parameter_bytes=sum(value.numel() * value.element_size() for value in values),
        state="not reached",
    )


def _inspection(
    done: passes.Pass, rows: tuple[Row, ...], model: nn.Module, shape: tuple[int, ...]
) -> Inspection:
    if done.failure is None:
        return Inspection(rows, shape)
    step = done.steps[-1]
    failure = Failure(
        step.layer,
        step.kind,
        len(done.steps) - 1,
        step.input_shapes[0][1:] if step.input_shapes else None,
        suggested_fix.reason(model, done).rstrip("."),
        suggested_fix.remedy(model, done),
    )
    return Inspection(_with_all(rows, model), shape, failure)


def _with_all(rows: tuple[Row, ...], model: nn.Module) -> tuple[Row, ...]:
    """Add the layers without parameters that were not reached, and put all in their order."""
    if not any(row.state == "fails" for row in rows):
        return rows
    reached = [row for row in rows if row.state != "not reached"]
    rest = {row.layer: row for row in rows if row.state == "not reached"}
    seen = {row.layer for row in reached}
    layers = dict(attention.layers_of(model))
    later = [
        rest.get(name) or Row(name, attention.kind_of(module), state="not reached")
        for name, module in model.named_modules()
        if name in rest or (name not in seen and name in layers)
    ]
    return (*reached, *later)
