"""The explorer of which layers of a model take its time."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from torch import nn

from convrnn_lab import checks, models
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing.one_of import one_of, place_of
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.controls import Choice, Value, Values
from convrnn_lab.explorer.jobs import Progress
from convrnn_lab.measure.data_frames import layer_frame
from convrnn_lab.measure.layer_counts import layers_by_shapes
from convrnn_lab.measure.layer_input import given_as
from convrnn_lab.measure.layer_kinds import Setting
from convrnn_lab.measure.layer_rows import LayerTime, LayerTimes
from convrnn_lab.measure.layer_timing import layer_times as layer_times_of
from convrnn_lab.measure.store import Store
from convrnn_lab.measure.stored_layers import ModelKey, dates, keep, kept
from convrnn_lab.measure.timer import Clock
from convrnn_lab.topics.timing import guides
from convrnn_lab.topics.timing.layer_figure import Modelled, layer_times as drawn
from convrnn_lab.topics.timing.measuring import Measuring
from convrnn_lab.topics.timing.stamp import stamp_of

if TYPE_CHECKING:
    import pandas as pd

BATCHES = (1, 16, 64)

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Offered:
    """A model that can be chosen.

    Attributes
    ----------
    make : function
        Returns it.
    sizes : tuple of int
        Of its input, without the batch.
    code : str
        What makes it.
    own : bool
        Whether it is the reader's, and may be another one tomorrow.
    """

    make: Callable[[], nn.Module]
    sizes: Sizes
    code: str
    own: bool = False


def _gru() -> nn.Module:
    layers = models.recurrent("GRU", input_size=97, hidden_size=128, layers=2)
    return models.SequenceModel(layers, 3)


MODELS = {
    "CNN for digits": Offered(models.cnn, (1, 28, 28), "models.cnn()"),
    "two LSTM layers": Offered(
        lambda: models.sequence_model("labels"), (50, 97), 'models.sequence_model("labels")'
    ),
    "two GRU layers": Offered(
        _gru,
        (50, 97),
        "models.SequenceModel(\n"
        '    models.recurrent("GRU", input_size=97, hidden_size=128, layers=2), 3\n)',
    ),
}
"""Models of the package, by the name that the control has for them."""


class LayerTimings(Measuring):
    """Models, layer by layer; see `layer_times`."""

    def __init__(
        self,
        offered: Mapping[str, Offered],
        start: Mapping[str, Value],
        store: Store | str | Path | None,
    ) -> None:
        self._offered = dict(offered)
        self._model = cache(lambda name: self._offered[name].make())
        self._by_shapes = cache(self._counted_by_shapes)
        self._why_not: dict[ModelKey, str] = {}
        names = tuple(offered)
        super().__init__(
            {
                "model": Choice("model", names, start["model"]),
                "batch": Choice("batch", BATCHES, start["batch"], ordered=True),
                "layer": Choice(
                    "layer",
                    lambda before: self.layers(before["model"]),
                    start["layer"] or self._busiest(start["model"]),
                    look=True,
                ),
            },
            name="Time by layer",
            store=store,
            swept={"model": names, "batch": (1, 16)},
            vary={"model": None, "batch": (1, 16), "layer": None},
            budget_s=0.3,
            guide=guides.LAYERS,
        )

    def settings(self, values: Values) -> list[Setting]:
        """Return none: it is models that are measured."""
        del values
        return []

    def rows(self, model: str, batch: int) -> tuple[LayerTime, ...]:
        """Return the rows of a model's layers, from their shapes."""
        return self._by_shapes(model, batch)

    def layers(self, model: str) -> list[str]:
        """Return the names of a model's layers, and of what is outside them."""
        return [row.layer for row in self.rows(model, 1)]

    def found(self, model: str, batch: int) -> LayerTimes | None:
        """Return what was measured of a model on this machine; None before that."""
        store = self._own_store if self._offered[model].own else self.store
        return kept(store, ModelKey(model, batch), self.rows(model, batch))

    def _drawn(self, what: ModelKey) -> tuple[LayerTimes | None, Store]:
        """Return what is drawn of a model, and where it is from: here, or the reference machine."""
        mine = self._own_store if self._offered[what.model].own else self.store
        found = self.found(what.model, what.batch)
        if found is not None:
            return found, mine
        found = kept(self.reference, what, self.rows(what.model, what.batch))
        return found, mine if found is None else self.reference

    def steps(
        self,
        wanted: Sequence[Values],
        *,
        again: bool = False,
        rounds: int = 1,
        clock: Clock | None = None,
    ) -> Iterator[Progress]:
        """Measure what some settings of the controls need, a model at a time."""
        began, session, count = time.perf_counter(), uuid.uuid4().hex, 0
        asked = [ModelKey(each["model"], each["batch"]) for each in wanted]
        missing = [
            each
            for each in dict.fromkeys(asked)
            if again or self.found(each.model, each.batch) is None
        ]
        todo = missing * rounds
        for place, each in enumerate(todo):
            yield Progress(place / len(todo), f"{each.model}, batch {each.batch}")
            count += self._measure(each, session, clock)
        seconds = time.perf_counter() - began
        yield Progress(1.0, f"{count} models measured in {seconds:.1f} s")

    def _measure(self, what: ModelKey, session: str, clock: Clock | None) -> bool:
        offered = self._offered[what.model]
        self._why_not.pop(what, None)
        try:
            found = layer_times_of(
                self._model(what.model),
                offered.sizes,
                batch=what.batch,
                budget_s=self._budget_s,
                clock=clock,
            )
        except ValueError as error:
            self._why_not[what] = str(error)
            return False
        keep(self._own_store if offered.own else self.store, what, found, session)
        return True

    def frame(self) -> pd.DataFrame:
        """Return what was measured of all models, a row for each layer.

        Returns
        -------
        pandas.DataFrame
            ``model``, ``batch``, and the columns of `measure.layer_frame`.
        """
        import pandas as pd

        tables = []
        for model in self._offered:
            for batch in BATCHES:
                found = self.found(model, batch)
                if found is not None:
                    tables.append(layer_frame(found).assign(model=model, batch=batch))
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def _counted_by_shapes(self, model: str, batch: int) -> tuple[LayerTime, ...]:
        return layers_by_shapes(self._model(model), given_as(self._offered[model].sizes, batch))

    def _busiest(self, model: str) -> str:
        """Return the layer with the most multiply-adds: there a look begins."""
        return max(self.rows(model, 1), key=lambda row: row.multiply_adds or 0).layer

    def _view(self, **values: Value) -> Sheet:
        model, batch = values["model"], values["batch"]
        what = ModelKey(model, batch)
        times, source = self._drawn(what)
        found = Modelled(model, batch, self.rows(model, batch), times)
        mine = self._own_store if self._offered[model].own else self.store
        threads = [] if times is None else [times.threads]
        stamp = stamp_of(source, mine, dates(source, what), threads)
        why_not = self._why_not.get(what)
        notes = [] if why_not is None else [("Not measured", why_not)]
        code = self._code(model, batch)
        names = self.layers(model)
        return one_of(
            lambda place: drawn(found, place, stamp=stamp, notes=notes, code=code),
            len(names),
            place_of(values["layer"], names),
        )

    def _code(self, model: str, batch: int) -> str:
        offered = self._offered[model]
        made = call(layer_times_of, "measure", Name("model"), offered.sizes, batch=batch)
        return made if offered.own else f"model = {offered.code}\n{made}"


def layer_times(
    *,
    model: str | None = None,
    batch: int = 16,
    layer: str | None = None,
    own: Mapping[str, tuple[nn.Module, Sizes]] | None = None,
    store: Store | str | Path | None = None,
) -> LayerTimings:
    """Show which layers of a model take its time and its memory, beside their multiply-adds.

    The button **Measure** measures the chosen model, forward and backward; what is in the store is
    there at once. In a report, what is missing is measured as it is made.

    Parameters
    ----------
    model : str, optional
        One of `MODELS` or of `own`; by default the first of `own` or, without one, the CNN.
    batch : int
        One of `BATCHES`.
    layer : str, optional
        The layer that is looked at; by default the one with the most multiply-adds.
    own : dict of str to (nn.Module, tuple of int), optional
        Models of yours by name, each with the sizes of its input without the batch. What was
        measured of them is gone with the kernel: a name may stand for another model tomorrow.
    store
        See `timing`.

    Returns
    -------
    LayerTimings
        ``run()`` measures as the button does, ``sweep()`` what a report has; ``frame()`` are the
        numbers.

    Raises
    ------
    ValueError
        If a value is not offered, the store cannot be used, or a model of `own` does not run on
        its input.
    """
    offered = {**_own(own or {}), **MODELS}
    begin = next(iter(offered)) if model is None else model
    checks.choice("model", begin, tuple(offered))
    for name in own or {}:
        layers_by_shapes(offered[name].make(), given_as(offered[name].sizes, 1))
    return LayerTimings(offered, {"model": begin, "batch": batch, "layer": layer}, store)


def _own(given: Mapping[str, tuple[nn.Module, Sizes]]) -> dict[str, Offered]:
    """Return models of one's own as they are offered, before those of the package.

    Raises
    ------
    ValueError
        If one has the name of a model of the package, or is no pair of a module and its sizes.
    """
    made = {}
    for name, each in given.items():
        if name in MODELS:
            raise ValueError(f"own must have other names than {', '.join(MODELS)}; got {name!r}")
        if not isinstance(each, tuple) or len(each) != 2:
            raise ValueError(
                f"own[{name!r}] must be a module and the sizes of its input; "
                f"got {checks.shown(each)}"
            )
        module, sizes = each
        made[name] = Offered(lambda module=module: module, tuple(sizes), "model", own=True)  # type: ignore[misc] # bound now
    return made
