"""Measure many settings one after the other: watched, stopped at any time, never twice."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace

from convrnn_lab import checks
from convrnn_lab.measure import workload
from convrnn_lab.measure.layer_kinds import OWN, Layer, Setting, canonical_setting, layer_of
from convrnn_lab.measure.peak_memory import memory, operations
from convrnn_lab.measure.store import Measured, Store
from convrnn_lab.measure.timer import ENOUGH, Clock, Timing, timing

OPERATIONS_LIMIT = 1000
"""Operations of a call whose memory is followed: more would take longer than the measurement."""

_PROBED = 10_000_000
"""Multiply-adds of a call that is tried to see how long a larger one takes."""


@dataclass(frozen=True)
class Step:
    """One setting of a sweep, done.

    Attributes
    ----------
    setting : Setting
    measured : Measured or None
    refusal : str
        Why it was not measured.
    done, total : int
        Measurements so far, and in all.
    """

    setting: Setting
    measured: Measured | None
    refusal: str
    done: int
    total: int


def sweep(
    settings: Iterable[Setting],
    store: Store | None = None,
    *,
    own: Layer | None = None,
    budget_s: float = 0.1,
    limit_s: float = 1.0,
    rounds: int = 2,
    again: bool = False,
    clock: Clock | None = None,
) -> Iterator[Step]:
    """Measure what `store` does not have yet, and add it there, a setting at a time.

    All settings are measured once, and then once more: what disturbs the machine for a while does
    not fall on one of them alone, and shows as spread. The iterator can be closed at any time; what
    has been measured stays.

    Parameters
    ----------
    settings : iterable of Setting
        Two that are the same for their layer are measured once.
    store : Store, optional
    own : Layer, optional
        What the name "own" stands for. It may be another one each time: it is always measured, and
        not kept in the store's file.
    budget_s : float
        Seconds for each setting, in all rounds together.
    limit_s : float
        A setting is refused if a call of it would take longer, as a shorter one tells.
    rounds : int
    again : bool
        Whether to measure what the store has, too.
    clock : function, optional
        See `timing`.

    Returns
    -------
    iterator of Step

    Raises
    ------
    ValueError
        If a number is out of range, or the store cannot be written.
    """
    checks.integer("rounds", rounds, 1)
    for name, value in (("budget_s", budget_s), ("limit_s", limit_s)):
        if checks.number(name, value) <= 0:
            raise ValueError(f"{name} must be over 0; got {value}")
    kept = Store() if store is None else store
    wanted = list(dict.fromkeys(canonical_setting(each, own) for each in settings))
    if not again:
        wanted = [each for each in wanted if each.layer == OWN or kept.get(key(each)) is None]
    wanted.sort(key=lambda each: each.length)  # short ones tell how long the others take
    repeats = math.ceil(ENOUGH / rounds)  # so that all rounds together tell a spread
    run = _Sweep(kept, own, budget_s / rounds, limit_s, repeats=repeats, clock=clock)
    return _steps(run, kept, wanted, rounds)


def _steps(run: _Sweep, kept: Store, wanted: list[Setting], rounds: int) -> Iterator[Step]:
    total, done = len(wanted) * rounds, 0
    for number in range(rounds):
        for setting in list(wanted):
            refusal = run.measure(setting, first=number == 0)
            done += rounds - number if refusal else 1
            if refusal:
                wanted.remove(setting)
            yield Step(setting, kept.get(key(setting)), refusal, done, total)


def key(setting: Setting) -> dict[str, object]:
    """Return what a store knows a setting by."""
    return asdict(setting)


class _Sweep:
    """What one sweep has learned so far."""

    def __init__(
        self,
        store: Store,
        own: Layer | None,
        budget_s: float,
        limit_s: float,
        *,
        repeats: int,
        clock: Clock | None,
    ) -> None:
        self._store, self._own, self._repeats = store, own, repeats
        self._budget_s, self._limit_s, self._clock = budget_s, limit_s, clock
        self._session = uuid.uuid4().hex[:12]
        self._rates: dict[Setting, float] = {}  # seconds for each step, by all but the length
        for setting, found in sorted(store.settings(), key=lambda each: each[0].length):
            if setting.layer != OWN:
                self._learn(setting, found.timing.median_s)

    def measure(self, setting: Setting, *, first: bool) -> str:
        """Measure a setting and store it; return why not."""
        try:
            if first:
                self._check_duration(setting)
            work = workload.prepare(setting, self._own)
            measured = Measured(self._time(work, setting), session=self._session)
            if first and not layer_of(setting, self._own).compiled:
                count = sum(operations(work.call).values())
                measured = replace(measured, operations=count)
                if count <= OPERATIONS_LIMIT:
                    peak = memory(work.call, device=setting.device).peak_bytes
                    measured = replace(measured, peak_bytes=peak)
        except ValueError as error:
            return str(error)
        self._learn(setting, measured.timing.median_s)
        self._store.add(key(setting), measured, keep=setting.layer != OWN)
        return ""

    def _time(self, work: workload.Work, setting: Setting) -> Timing:
        return timing(
            work.call,
            label=setting.layer,
            threads=setting.threads,
            budget_s=self._budget_s,
            repeats=self._repeats,
            clock=self._clock,
        )

    def _learn(self, setting: Setting, seconds: float) -> None:
        self._rates[replace(setting, length=1)] = seconds / setting.length

    def _check_duration(self, setting: Setting) -> None:
        """Refuse a setting whose calls would take too long, as a shorter one tells."""
        same = replace(setting, length=1)
        if same not in self._rates:
            count = workload.count(setting, self._own).multiply_adds
            if count <= _PROBED:
                return
            shorter = max(1, math.floor(setting.length * _PROBED / count))
            probe = workload.prepare(replace(setting, length=shorter), self._own)
            found = timing(probe.call, threads=setting.threads, budget_s=1e-3, repeats=1)
            self._rates[same] = found.median_s / shorter
        expected = self._rates[same] * setting.length
        if expected > self._limit_s and setting.work != "one more step":
            raise ValueError(
                f"setting must take at most {self._limit_s:g} s a call; got {setting.layer}, "
                f"{setting.work}, with length={setting.length}, which would take about "
                f"{expected:.2g} s"
            )
