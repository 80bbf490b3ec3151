"""What explorers of measurements share: a store, a button that measures, and a page that has it."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from convrnn_lab import checks
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer import assets
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Control, Value, Values, resolve
from convrnn_lab.explorer.guide import Step as GuideStep
from convrnn_lab.explorer.jobs import Job, Progress
from convrnn_lab.measure.curves import Curve
from convrnn_lab.measure.data_frames import frame as frame_of
from convrnn_lab.measure.hardware import Peak, peak_calls
from convrnn_lab.measure.layer_kinds import OWN, Layer, Setting, canonical_setting
from convrnn_lab.measure.reference import reference
from convrnn_lab.measure.store import Measured, Store
from convrnn_lab.measure.sweeping import Step, key, sweep as sweep_of
from convrnn_lab.measure.timer import Clock, timing
from convrnn_lab.measure.workload import Count, count as count_of
from convrnn_lab.topics.timing.figure import duration
from convrnn_lab.topics.timing.refusals import notes_of
from convrnn_lab.topics.timing.stamp import Stamp, stamp_of

if TYPE_CHECKING:
    import pandas as pd

Curves = TypeVar("Curves")

LIMIT_S = 0.2
"""Longest call that is measured: each is made some eight times."""


class Measuring(Explorer):
    """An explorer whose button measures what its setting needs and the store lacks.

    Parameters
    ----------
    controls : dict of str to Slider or Choice
    name : str
    store : Store, str, path or None
        Where measurements are kept; a name is that of a file.
    swept : dict of str to sequence
        The values by control for which a report measures.
    vary : dict of str to sequence, optional
        See `Explorer`.
    budget_s : float
        Seconds for each measurement.
    own : Layer, optional
        A layer of one's own.
    guide : sequence of guide.Step
        See `Explorer`.

    Attributes
    ----------
    store : Store
    refusals : dict of Setting to str
        What could not be measured, and why.
    """

    def __init__(
        self,
        controls: Mapping[str, Control],
        *,
        name: str,
        store: Store | str | Path | None,
        swept: Mapping[str, Sequence[object]],
        vary: Mapping[str, Sequence[object] | None] | None = None,
        budget_s: float = 0.05,
        own: Layer | None = None,
        guide: Sequence[GuideStep] = (),
    ) -> None:
        self.store = store if isinstance(store, Store) else Store(store or None)
        # A layer of one's own may be another one in the next explorer.
        self._own_store = Store()
        self.refusals: dict[Setting, str] = {}
        self._swept = dict(swept)
        self.own = own
        self._budget_s = budget_s
        self._count = lru_cache(maxsize=None)(self._counted)
        self._remembered: dict[object, object] = {}
        self._changes = -1
        super().__init__(
            self._view,
            controls,
            name=name,
            vary=vary,
            job=Job("Measure", self._measuring),
            guide=guide,
        )

    @property
    def swept(self) -> dict[str, list[object]]:
        """The values by control for which a report measures, those of the controls among them."""
        now = self.values
        return {name: list(dict.fromkeys([*v, now[name]])) for name, v in self._swept.items()}

    def _view(self, **values: Value) -> Sheet:
        raise NotImplementedError

    def settings(self, values: Values) -> list[Setting]:
        """Return what has to be measured to draw the setting `values` of the controls."""
        raise NotImplementedError

    def sweep(
        self,
        vary: Mapping[str, Sequence[object]] | None = None,
        *,
        again: bool = False,
        progress: bool = False,
    ) -> str:
        """Measure what the store lacks, for all combinations of some controls' values.

        Parameters
        ----------
        vary : dict of str to sequence, optional
            Values by control; by default, those that a report has.
        again : bool
            Whether to measure what the store has, too.
        progress : bool
            Whether to show a bar on standard error.

        Returns
        -------
        str
            How many measurements, in how many seconds.

        Raises
        ------
        ValueError
            If a name is unknown, a value is not offered, or the store cannot be written.
        """
        vary = self.swept if vary is None else vary
        for name, each in vary.items():
            checks.choice("vary", name, self.declared)
            if isinstance(each, str) or not isinstance(each, Sequence):
                raise ValueError(
                    f"vary[{name!r}] must be a list of values; got {checks.shown(each)}"
                )
            control = self.declared[name]
            if isinstance(control, Choice) and not callable(control.options):
                for value in each:
                    checks.choice(name, value, control.options)
        wanted: list[Values] = []
        for combination in itertools.product(*vary.values()):
            changed = self.values | dict(zip(vary, combination, strict=True))
            wanted.append(resolve(self.declared, changed))
        from tqdm.auto import tqdm

        steps = self.steps(wanted, again=again)
        with tqdm(total=100, disable=not progress, unit="%") as bar:
            for step in steps:
                bar.set_postfix_str(step.text)
                bar.update(int(100 * step.fraction) - bar.n)
        self.refresh()
        return step.text

    def _measuring(self, **values: Value) -> Iterator[Progress]:
        return self.steps([values])

    def steps(
        self,
        wanted: Sequence[Values],
        *,
        again: bool = False,
        rounds: int = 2,
        clock: Clock | None = None,
    ) -> Iterator[Progress]:
        """Measure what some settings of the controls need, a step at a time.

        Parameters
        ----------
        wanted : sequence of dict
            The controls' values, by name.
        again : bool
            Whether what the store has is measured, too.
        rounds : int
            How often all are measured, one after the other.
        clock : function, optional
            See `measure.timing`.
        """
        settings = [each for values in wanted for each in self.settings(values)]
        return self._steps(settings, again=again, rounds=rounds, clock=clock)

    def _steps(
        self,
        wanted: Sequence[Setting],
        *,
        again: bool = False,
        rounds: int = 2,
        clock: Clock | None = None,
    ) -> Iterator[Progress]:
        began, count = time.perf_counter(), 0
        yield from self._peaks(wanted, again=again, clock=clock)
        sweep = partial(
            sweep_of, budget_s=self._budget_s, limit_s=LIMIT_S, rounds=rounds, clock=clock
        )
        own = [each for each in wanted if each.layer == OWN]
        shared = [each for each in wanted if each.layer != OWN]
        for step in itertools.chain(
            sweep(shared, self.store, again=again),
            sweep(own, self._own_store, own=self.own),
        ):
            if step.refusal:
                self.refusals[step.setting] = step.refusal
            else:
                self.refusals.pop(step.setting, None)
            count += 1
            yield Progress(step.done / step.total, _said(step))
        yield Progress(1.0, f"{count} measurements in {time.perf_counter() - began:.1f} s")

    def _peaks(
        self, wanted: Sequence[Setting], *, again: bool, clock: Clock | None
    ) -> Iterator[Progress]:
        """Measure what the machine reaches, with the threads and types that are wanted."""
        for threads, dtype, device in dict.fromkeys((s.threads, s.dtype, s.device) for s in wanted):
            if self.peak(threads, dtype, device) is not None and not again:
                continue
            for name, call in peak_calls(dtype, device).items():
                found = timing(call, threads=threads, budget_s=0.2, clock=clock)
                self.store.add(_peak_key(name, threads, dtype, device), Measured(found))
                yield Progress(0.0, "this machine's peak")

    @property
    def reference(self) -> Store:
        """What figures show until the reader has measured."""
        return reference()

    def source(self, settings: Sequence[Setting]) -> Store:
        """Return what a figure of some settings is drawn from: never two machines in one figure.

        It is the reader's store once that has one of them, and till then the reference machine's,
        if it has any.
        """
        asked = dict.fromkeys(canonical_setting(each, self.own) for each in settings)
        if any(self._of(each, self.store).get(key(each)) is not None for each in asked):
            return self.store
        known = any(self.reference.get(key(each)) is not None for each in asked)
        return self.reference if known else self.store

    def peak(
        self, threads: int, dtype: str, device: str, source: Store | None = None
    ) -> Peak | None:
        """Return what the machine of `source` reaches, if that has been measured."""
        source = self.store if source is None else source
        product, copy = (
            source.get(_peak_key(name, threads, dtype, device)) for name in ("product", "copy")
        )
        if product is None or copy is None:
            return None
        return Peak.of(product.timing, copy.timing, dtype)

    def curve(
        self,
        name: str,
        sizes: Sequence[int],
        settings: Sequence[Setting],
        source: Store | None = None,
    ) -> Curve:
        """Return what is known of some settings, in the order of their sizes.

        Parameters
        ----------
        name : str
        sizes : sequence of int
        settings : sequence of Setting
        source : Store, optional
            See `source`; by default the reader's store.
        """
        source = self.store if source is None else source
        asked = [canonical_setting(each, self.own) for each in settings]
        counts = tuple(self._count(each) for each in asked)
        found = tuple(self._of(each, source).get(key(each)) for each in asked)
        return Curve(name, tuple(sizes), counts, found)

    def _of(self, setting: Setting, source: Store) -> Store:
        return self._own_store if setting.layer == OWN else source

    def remembered(self, what: object, make: Callable[[], Curves]) -> Curves:
        """Return what `make` made for `what`, unless the store has changed since."""
        changes = self.store.changes + self._own_store.changes
        if self._changes != changes:
            self._remembered.clear()
            self._changes = changes
        if what not in self._remembered:
            self._remembered[what] = make()
        return cast("Curves", self._remembered[what])  # the same `what` is of the same `make`

    def _counted(self, setting: Setting) -> Count | None:
        try:
            return count_of(setting, self.own)
        except ValueError as error:
            self.refusals[setting] = str(error)
            return None

    def stamp(self, curves: Sequence[Curve], source: Store) -> Stamp:
        """Return where and when what is drawn was measured."""
        known = [found for curve in curves for *_, found in curve.known]
        threads = [found.timing.threads for found in known]
        return stamp_of(source, self.store, [found.date for found in known], threads)

    def why_not(self, setting: Setting) -> str:
        """Return why a setting was not measured; "" if it was, or was never asked for."""
        return self.refusals.get(canonical_setting(setting, self.own), "")

    def notes(self, settings: Sequence[Setting]) -> list[tuple[str, str]]:
        """Return why some settings were not measured: once for each layer and demand."""
        return notes_of([(each.layer, self.why_not(each)) for each in settings])

    def frame(self) -> pd.DataFrame:
        """Return all measurements in the store, a row each.

        Returns
        -------
        pandas.DataFrame
            What was measured; ``median_s``, ``low_s`` and ``high_s`` (quartiles), ``steady``,
            ``repeats``, ``operations``, ``peak_bytes``, ``multiply_adds``, ``bytes``, ``date``.
        """
        return frame_of(self.store, self._count)

    def _repr_mimebundle_(self, **options: object) -> object:
        if os.environ.get(assets.PAGES_VARIABLE):
            # A page has no kernel to press the button in.
            self.sweep()
        return super()._repr_mimebundle_(**options)


def _peak_key(name: str, threads: int, dtype: str, device: str) -> dict[str, object]:
    return {"peak": name, "threads": threads, "dtype": dtype, "device": device}


def _said(step: Step) -> str:
    what = f"{step.setting.layer}, {step.setting.work}, {step.setting.length:,}"
    if step.measured is None:
        return f"{what}: not measured"
    return f"{what}: {duration(step.measured.timing.median_s)}"
