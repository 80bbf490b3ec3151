"""What is known of a model's layers without running it: calls, shapes, parameters, products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import nn

from convrnn_lab.measure.layer_cost import Row, cost, rows_of
from convrnn_lab.measure.layer_input import Given
from convrnn_lab.measure.layer_rows import OUTSIDE, LayerTime
from convrnn_lab.shapes import passes
from convrnn_lab.shapes.attention import kind_of, layers_of


def layers_by_shapes(model: nn.Module, given: Given) -> tuple[LayerTime, ...]:
    """Return the rows of a model's layers, as `layer_times` does, but for what is measured.

    Raises
    ------
    ValueError
        If the model fails on these shapes, naming the layer.
    """
    counts = counted(model, given)
    layers = dict(layers_of(model))
    of_layer = {name: [row for row in counts if row.layer == name] for name in layers}
    done = {name: [r for r in rows if r.state == "done"] for name, rows in of_layer.items()}
    calls = [len(rows) for rows in done.values()]
    parameters = parameters_of(model, layers)
    products = products_of(layers, calls, counts, given.batch)
    rows = {
        name: LayerTime(
            name or "(model)",
            kind_of(layer),
            calls[place],
            done[name][-1].output_shape if calls[place] else None,
            parameters[place],
            products[place],
        )
        for place, (name, layer) in enumerate(layers.items())
    }
    order = dict.fromkeys(row.layer for row in counts if done.get(row.layer))
    called = [rows[name] for name in order]
    rest = [row for row in rows.values() if not row.calls]
    return (*called, *rest, LayerTime(OUTSIDE, "", 1, None, parameters[-1], products[-1]))


def counted(model: nn.Module, given: Given) -> tuple[Row, ...]:
    """Count by shapes; where a model decides by values, there are no counts but up to there.

    Raises
    ------
    ValueError
        If the model fails on these shapes, naming the layer.
    """
    shapes = [list(each) if isinstance(each, tuple) else each for each in given.shapes]
    asked = shapes[0] if len(shapes) == 1 else shapes
    done = passes.run_on_shapes(model, asked)
    if done.failure not in (None, passes.DECIDES_BY_VALUES):
        cost(model, asked)  # says which layer fails, and why
    return rows_of(done)


def parameters_of(model: nn.Module, layers: Mapping[str, nn.Module]) -> list[int]:
    """Count the parameters of each layer that none before has; last, those of no layer."""
    counted: set[int] = set()
    found = []
    for module in (*layers.values(), model):
        new = {id(each): each.numel() for each in module.parameters() if id(each) not in counted}
        counted |= new.keys()
        found.append(sum(new.values()))
    return found


def products_of(
    layers: Mapping[str, nn.Module], calls: Sequence[int], counts: Sequence[Row], batch: int
) -> list[int | None]:
    """Add up the multiply-adds of each layer's calls; last, those outside; None if not known."""
    found: list[int | None] = []
    for name, count in zip(layers, calls, strict=True):
        known = [row.multiply_adds for row in counts if row.layer == name][:count]
        found.append(_total([*known, *[None] * (count - len(known))], batch))
    rest = [row for row in counts if row.layer not in layers and row.state != "not reached"]
    return [*found, _total([row.multiply_adds for row in rest], batch)]


def _total(products: Sequence[int | None], batch: int) -> int | None:
    known = [each for each in products if each is not None]
    return batch * sum(known) if len(known) == len(products) else None
