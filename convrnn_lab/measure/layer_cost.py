"""Parameters, multiply-adds and bytes of a model, counted from shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import nn

from convrnn_lab import checks
from convrnn_lab.measure import layer_table, suggested_fix
from convrnn_lab.shapes import passes
from convrnn_lab.shapes.reach import Reach
from convrnn_lab.shapes.step import Step

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """What one call of a layer costs, for one example.

    Attributes
    ----------
    layer : str
        As in ``named_modules``; "" where the model computes something itself.
    kind : str
        Its class, or the operations that the model calls itself.
    input_shape, output_shape : tuple of int or None
        Without the batch; None where there is none.
    parameters : int
        Those that no row before has counted.
    multiply_adds : int or None
        Products that convolutions and matrices sum, bias and element-wise work not counted; None
        where that is not known.
    parameter_bytes, output_bytes : int
    unknown : tuple of str
        Operations whose cost is not known, or ``UNMADE`` for a layer that cannot be made.
    field_size, field_stride : tuple of int or None
        The receptive field after the layer; see `trace.receptive_field`.
    no_field : str
        Why there is none.
    state : str
        "done", "fails" or "not reached".
    """

    layer: str
    kind: str
    input_shape: Shape | None = None
    output_shape: Shape | None = None
    parameters: int = 0
    multiply_adds: int | None = None
    parameter_bytes: int = 0
    output_bytes: int = 0
    unknown: tuple[str, ...] = ()
    field_size: Shape | None = None
    field_stride: Shape | None = None
    no_field: str = ""
    state: str = "done"

    @property
    def bytes(self) -> int:
        """Memory of the parameters and of the output."""
        return self.parameter_bytes + self.output_bytes


@dataclass(frozen=True, repr=False)
class Cost(Mapping[str, Row]):
    """What a model costs, for one example: its rows by layer; prints as a table.

    ``list(cost)`` are the layers' labels: the name as in ``named_modules``, or "(model)" where the
    model computes something itself; from the second call on with its number, as in "conv (2)".

    Attributes
    ----------
    rows : tuple of Row
        In the order of execution; layers that are never called stand last.
    input_shape : tuple of int, or tuple of such
        Without the batch; several for a model of several inputs.
    """

    rows: tuple[Row, ...]
    input_shape: passes.Shapes = ()

    @cached_property
    def _by_label(self) -> dict[str, Row]:
        calls = Counter[str]()
        found = {}
        for row in self.rows:
            name = row.layer or "(model)"
            calls[name] += 1
            found[name if calls[name] == 1 else f"{name} ({calls[name]})"] = row
        return found

    def __getitem__(self, label: str) -> Row:
        checks.key("layer", label, self._by_label)
        return self._by_label[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_label)

    def __len__(self) -> int:
        """Count of calls of layers."""
        return len(self.rows)

    @property
    def summary(self) -> str:
        """The totals in one line."""
        return layer_table.summary(self)

    @property
    def notes(self) -> list[str]:
        """What is said under the table: the totals, and what has no receptive field."""
        return layer_table.notes(self)

    def __repr__(self) -> str:
        return layer_table.table_of(self).text()

    def __str__(self) -> str:
        return layer_table.table_of(self).text()

    def _repr_html_(self) -> str:
        return layer_table.table_of(self).markup()

    @property
    def parameters(self) -> int:
        """Count of all parameters; shared ones count once."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Sum of those that are known; FLOPs are twice that. See `unknown`."""
        return sum(row.multiply_adds or 0 for row in self.rows)

    @property
    def bytes(self) -> int:
        """Memory of all parameters and all outputs."""
        return sum(row.bytes for row in self.rows)

    @property
    def output_shape(self) -> Shape:
        """Of what the model returns, without the batch."""
        done = [row.output_shape for row in self.rows if row.state == "done"]
        return done[-1] or ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """Operations that `multiply_adds` lacks, each with its layer."""
        found = [
            f"{row.layer}: {name}" if row.layer else name
            for row in self.rows
            for name in row.unknown
        ]
        return tuple(dict.fromkeys(found))


def cost(model: nn.Module, input_shape: passes.Shapes) -> Cost:
    """Count what a model costs for one example, from shapes: nothing is allocated or computed.

    Parameters
    ----------
    model : nn.Module
        With real weights or on the meta device; counted in eval mode, and left as it is.
    input_shape : sequence of int, or sequence of such
        Without the batch, such as (3, 224, 224); one for each input of a model that takes several,
        such as [(7, 8), (9, 8), (9, 8)] for the query, key and value of an attention.

    Returns
    -------
    Cost

    Raises
    ------
    ValueError
        If the model fails on this shape, naming the layer; `inspect` shows the layers up to there.

    Examples
    --------
    >>> cost(nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU()), (1, 10)).multiply_adds
    48
    """
    done = passes.run_on_shapes(model, input_shape)
    if done.failure is not None:
        step = done.steps[-1]
        layer = f"layer {step.layer!r}" if step.layer else "the model"
        raise ValueError(
            f"model must run on an input of {tuple(input_shape)}; got a failure in {layer} "
            f"({step.kind}): {suggested_fix.reason(model, done)}"
        )
    return Cost(rows_of(done), _as_tuples(input_shape))


def _as_tuples(shape: passes.Shapes) -> passes.Shapes:
    inner = [tuple(each) for each in shape if isinstance(each, Sequence)]
    return tuple(inner) if inner else tuple(each for each in shape if isinstance(each, int))


def rows_of(done: passes.Pass) -> tuple[Row, ...]:
    """Return one row for each step of a pass, and for each layer that it did not reach."""
    last = len(done.steps) - 1
    reached = [
        _row(step, "fails" if done.failure is not None and i == last else "done")
        for i, step in enumerate(done.steps)
    ]
    return (*reached, *(_row(step, "not reached") for step in done.unreached))


def _row(step: Step, state: str) -> Row:
    known = isinstance(step.field, Reach) and bool(step.field.axes)
    axes = step.field.axes if isinstance(step.field, Reach) else ()
    reason = "the input has no axes" if isinstance(step.field, Reach) else str(step.field)
    return Row(
        step.layer,
        step.kind,
        step.input_shapes[0][1:] if step.input_shapes else None,
        step.output_shape[1:] if step.output_shape is not None else None,
        step.parameters,
        step.multiply_adds if state == "done" else None,
        step.parameter_bytes,
        step.output_bytes,
        tuple(dict.fromkeys(step.unknown)),
        tuple(axis.taps.span for axis in axes) if known else None,
        tuple(axis.stride for axis in axes) if known else None,
        "" if known else reason,
        state,
    )
