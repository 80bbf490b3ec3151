"""The model doctor: every layer's sizes and cost, the first that fails, and what mends it."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from convrnn_lab import checks
from convrnn_lab.measure import suggested_fix
from convrnn_lab.measure.layer_cost import UNMADE, Cost, Row, rows_of
from convrnn_lab.shapes import passes

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


@dataclass(frozen=True)
class Inspection(Cost):
    """What `inspect` has found; prints as a table.

    Attributes
    ----------
    rows : tuple of Row
        Layers in the order of execution, up to the first that fails; then those not reached.
    failure : Failure or None
    input_shape : tuple of int
    """

    failure: Failure | None
    input_shape: tuple[int, ...]

    @property
    def summary(self) -> str:
        """The totals in one line."""
        least = "at least " if self.unknown or self.failure else ""
        unmade = "at least " if any(row.unknown == UNMADE for row in self.rows) else ""
        unknown = f"; not known: {', '.join(self.unknown)}" if self.unknown else ""
        return (
            f"{unmade}{self.parameters:,} parameters, {least}{self.multiply_adds:,} multiply-adds, "
            f"{least}{_bytes(self.bytes)}, for one input of {_sizes(self.input_shape)}{unknown}"
        )

    def __str__(self) -> str:
        cells = [list(_COLUMNS), *(_cells(row) for row in self._shown())]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(
                text.rjust(width) if i >= _FIRST_NUMBER else text.ljust(width)
                for i, (text, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in cells
        ]
        return "\n".join([*lines, *self._notes()])

    def _repr_html_(self) -> str:
        def row(tag: str, texts: Sequence[str]) -> str:
            return "".join(
                f'<{tag} style="text-align: {"right" if i >= _FIRST_NUMBER else "left"}">'
                f"{html.escape(text)}</{tag}>"
                for i, text in enumerate(texts)
            )

        body = "".join(f"<tr>{row('td', _cells(each))}</tr>" for each in self._shown())
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self._notes())
        return (
            f"<table><thead><tr>{row('th', _COLUMNS)}</tr></thead>"
            f"<tbody>{body}</tbody></table>{notes}"
        )

    def _shown(self) -> tuple[Row, ...]:
        """Return the rows of the table; of many layers that are not reached, the first few."""
        reached = sum(row.state != "not reached" for row in self.rows)
        return self.rows[: reached + _UNREACHED]

    def _notes(self) -> list[str]:
        reasons = [row.no_field for row in self.rows if row.no_field and row.state == "done"]
        # An input of one size has no axes, and nobody misses a field.
        named = dict.fromkeys(reasons) if len(self.input_shape) > 1 else ()
        fields = [f"Receptive field: {reason}." for reason in named]
        hidden = self.rows[len(self._shown()) :]
        held = sum(row.parameters for row in hidden)
        rest = f"… and {len(hidden)} more layers that are not reached, {held:,} parameters."
        more = [rest] if hidden else []
        return [*more, f"{self.summary}.", *fields, *([str(self.failure)] if self.failure else [])]


_COLUMNS = (
    *("layer", "kind", "input", "output"),
    *("parameters", "multiply-adds", "memory", "field", "stride"),
)
_FIRST_NUMBER = 4

_UNREACHED = 3
"""Layers after the failing one that a table still shows."""


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
    return Inspection((*rows, broken, *rest), failure, shape)


def _made(item: Any, index: int) -> nn.Module | Exception:
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


def _unmade(item: Any, error: Any, shape: Any, before: list[nn.Module]) -> tuple[str, str | None]:
    """Return why a layer cannot be made, and what mends it."""
    names = suggested_fix.missing(error) if isinstance(error, TypeError) else []
    if not names:
        return str(error), None
    reason = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} missing"
    if shape is None:
        return reason, None
    return reason, suggested_fix.complete(item, error, (1, *shape), before)


def _called(item: Any) -> str:
    """Return the name of what makes a layer."""
    target = getattr(item, "func", item)
    return str(getattr(target, "__name__", type(target).__name__))


def _unreached(layer: Any, layers: Layers, index: int) -> Row:
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
    failure = None
    if done.failure is not None:
        step = done.steps[-1]
        layer = model.get_submodule(step.layer)
        whole = step.input_shapes[0] if step.input_shapes else None
        reason, mended = suggested_fix.reason(model, step, done.failure), None
        if whole is not None and step.kind == type(layer).__name__:
            mended = suggested_fix.mend(layer, whole)
        failure = Failure(
            step.layer,
            step.kind,
            len(done.steps) - 1,
            whole[1:] if whole else None,
            reason.rstrip("."),
            mended,
        )
    return Inspection(_with_all(rows, model), failure, shape)


def _with_all(rows: tuple[Row, ...], model: nn.Module) -> tuple[Row, ...]:
    """Add the layers without parameters that were not reached, and put all in their order."""
    if not any(row.state == "fails" for row in rows):
        return rows
    reached = [row for row in rows if row.state != "not reached"]
    rest = {row.layer: row for row in rows if row.state == "not reached"}
    seen = {row.layer for row in reached}
    later = [
        rest.get(name) or Row(name, type(module).__name__, state="not reached")
        for name, module in model.named_modules()
        if name in rest or (name not in seen and not any(True for _ in module.children()))
    ]
    return (*reached, *later)


def _cells(row: Row) -> list[str]:
    if row.state == "fails":
        output = "fails"
    elif row.state == "not reached":
        output = "not reached"
    else:
        output = _sizes(row.output_shape)
    products = "-" if row.multiply_adds is None else f"{row.multiply_adds:,}"
    return [
        row.layer or "(model)",
        row.kind,
        _sizes(row.input_shape),
        output,
        "not known" if row.unknown == UNMADE else f"{row.parameters:,}",
        "not known" if row.unknown and row.state == "done" else products,
        _bytes(row.bytes),
        _sizes(row.field_size),
        _sizes(row.field_stride) if row.field_stride is None or any(row.field_stride) else "whole",
    ]


def _sizes(sizes: tuple[int, ...] | None) -> str:
    if sizes is None:
        return "-"
    return "×".join(map(str, sizes)) or "1"


def _bytes(count: int) -> str:
    """Write a count of bytes with a unit.

    Examples
    --------
    >>> _bytes(2048)
    '2.0 KiB'
    """
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} GiB"
