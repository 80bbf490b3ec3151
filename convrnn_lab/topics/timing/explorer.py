"""The explorer of time over the length of a sequence, beside what the counts say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import torch

from convrnn_lab import checks
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.one_of import one_of, place_of
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.controls import Choice, Control, Value, Values
from convrnn_lab.measure.curves import Curve, compare, in_words
from convrnn_lab.measure.custom_layer import OWN_AXES, Own, check_runs, own_layer
from convrnn_lab.measure.hardware import Peak, machine as this_machine
from convrnn_lab.measure.layer_kinds import (
    DTYPES,
    LAYERS,
    OWN,
    WORKS,
    Layer,
    Setting,
)
from convrnn_lab.measure.measuring_code import one_code, two_code
from convrnn_lab.measure.store import Measured, Store
from convrnn_lab.measure.workload import Count
from convrnn_lab.topics.timing import figure, guides
from convrnn_lab.topics.timing.measuring import Measuring
from convrnn_lab.topics.timing.stamp import Stamp

if TYPE_CHECKING:
    import pandas as pd

LENGTHS = (16, 64, 256, 1024, 4096)
CHANNELS = (8, 16, 32, 64, 128)
BATCHES = (1, 4, 16, 64)
KERNEL_SIZES = (1, 3, 5, 9, 17, 33)
STRIDES = (1, 2, 4)
DILATIONS = (1, 2, 4, 8)
STREAM = "one more step"

_LOOKED_AT = {"layer", "other", "length"}
"""Controls that choose among what is measured, and change none of it."""

_FEW: dict[str, Sequence[object] | None] = {
    "layer": None,
    "other": ("Conv1d", "causal stack", "LSTM", "GRU"),
}
"""What a page varies, all of which follows from the same measurements."""


class Timings(Measuring):
    """Layers over the length of a sequence; see `timing`."""

    def settings(self, values: Values) -> list[Setting]:
        """Return what has to be measured: all layers at all lengths."""
        return [each for name in self._layers(values) for each in self._over_lengths(name, values)]

    def table(self) -> pd.DataFrame:
        """Compare the chosen layer with all others at the chosen length: a row each.

        The times are those of this machine alone.

        Returns
        -------
        pandas.DataFrame
            See `measure.in_words`.
        """
        import pandas as pd

        values = self.values
        rows = in_words(
            self._curves(values, self.store),
            values["layer"],
            values["length"],
            growing=values["work"] != STREAM,
        )
        return pd.DataFrame(rows)

    @property
    def count(self) -> Count:
        """What the chosen layer costs by its shapes at the chosen length.

        Raises
        ------
        ValueError
            If the layer does not run there, saying why.
        """
        found = self._chosen[0]
        if found is None:
            raise ValueError(self.why_not(self.looked_at(self.values["layer"])))
        return found

    @property
    def median_s(self) -> float | None:
        """Seconds a call of the chosen layer at the chosen length; None before it is measured."""
        found = self._chosen[1]
        return None if found is None else found.timing.median_s

    @property
    def _chosen(self) -> tuple[Count | None, Measured | None]:
        values = self.values
        curves = {each.name: each for each in self._curves(values, self.store)}
        return curves[values["layer"]].at(values["length"])

    def looked_at(self, name: str) -> Setting:
        """Return the setting of a layer at the values of the controls."""
        values = self.values
        at = LENGTHS.index(values["length"])
        return self._over_lengths(name, values)[at]

    def _layers(self, values: Values) -> list[str]:
        names = [*LAYERS, *([OWN] if self.own is not None else [])]
        return [name for name in names if name in _comparable(values["work"], names)]

    @staticmethod
    def _over_lengths(name: str, values: Values) -> list[Setting]:
        read = {key: values[key] for key in values if key not in _LOOKED_AT}
        return [Setting(layer=name, length=length, **read) for length in LENGTHS]

    def _curves(self, values: Values, source: Store) -> list[Curve]:
        def make() -> list[Curve]:
            return [
                self.curve(name, LENGTHS, self._over_lengths(name, values), source)
                for name in self._layers(values)
            ]

        read = tuple(v for k, v in values.items() if k not in _LOOKED_AT)
        return self.remembered((source is self.store, *read), make)

    def _view(self, **values: Value) -> Sheet:
        source = self.source(self.settings(values))
        curves = self._curves(values, source)
        chosen = (values["layer"], values["other"])
        peak = self.peak(values["threads"], values["dtype"], values["device"], source)
        stamp = self.stamp(curves, source)
        place = place_of(values["length"], LENGTHS)
        words = one_of(self._words(curves, chosen, values, peak, stamp), len(LENGTHS), place)
        size = looks.take(np.array(LENGTHS), place)
        return replace(words, panels=figure.timing_panels(curves, chosen, size, peak, stamp.short))

    def _words(
        self,
        curves: Sequence[Curve],
        chosen: tuple[str, str],
        values: Values,
        peak: Peak | None,
        stamp: Stamp,
    ) -> Callable[[int], Sheet]:
        """Return what says, by the place of the length, what is to be said."""
        by_name = {each.name: each for each in curves}
        one, two = (by_name[name] for name in chosen)
        first, second = (self._over_lengths(name, values) for name in chosen)
        shared = {
            "work": values["work"],
            "peak": peak,
            "stamp": stamp,
            "notes": self.notes([*first, *second]),
        }

        def words(place: int) -> Sheet:
            found = compare(one, two, LENGTHS[place], growing=values["work"] != STREAM)
            code = self._code(first[place], second[place])
            return figure.timing_words(curves, found, **shared, code=code)

        return words

    def _code(self, one: Setting, two: Setting) -> str:
        if one.layer == two.layer:
            return one_code(one, self.own)
        return two_code(one, two, self.own)


def _comparable(work: str, names: list[str]) -> list[str]:
    """Return the layers that can do a work: an image has no next step."""
    return [name for name in names if work != STREAM or "2d" not in name]


def timing(
    *,
    layer: str | None = None,
    other: str | None = None,
    work: str = "forward",
    length: int = 256,
    channels: int = 16,
    batch: int = 1,
    kernel_size: int = 3,
    stride: int = 1,
    dilation: int = 1,
    threads: int = 1,
    dtype: str = "float32",
    device: str = "cpu",
    store: Store | str | Path | None = None,
    own: Own | None = None,
    own_axes: str = "channel time",
) -> Timings:
    """Show how long layers take over the length of a sequence, and what they should by the counts.

    The button **Measure** measures all layers at all lengths for the other controls' values; what
    is in the store is there at once. Till then the figure shows a reference machine, and says so.
    In a report, what is missing is measured as it is made.

    Parameters
    ----------
    layer, other : str, optional
        Two of `measure.LAYERS`, or "own"; by default LSTM and GRU or, where there is an `own`,
        that and LSTM.
    work : str
        One of `measure.WORKS`: "forward", "forward + backward", or "one more step": what a stream
        costs at each further sample. A recurrence carries its state on; a convolution reads its
        window again.
    length : int
        One of `LENGTHS`, to be looked at closely.
    channels, batch, kernel_size, stride, dilation : int
        One of `CHANNELS`, `BATCHES`, `KERNEL_SIZES`, `STRIDES` and `DILATIONS`.
    threads : int
        At most the machine's cores.
    dtype : str
        "float32", "float64" or "bfloat16".
    device : str
        "cpu", or a GPU that is there.
    store : Store, str or path, optional
        A file to keep measurements in; without one they are gone with the kernel.
    own : nn.Module or function, optional
        A layer of yours, or a function that makes one from a number of channels. It reads the
        batch first, and runs on the number of channels that it is given.
    own_axes : str
        What it reads: (batch, "channel time") or (batch, "time channel").

    Returns
    -------
    Timings
        ``run()`` measures as the button does, ``sweep()`` what a report has; ``table()`` and
        ``frame()`` are the numbers.

    Raises
    ------
    ValueError
        If a value is not offered, the store cannot be used, or `own` does not run.
    """
    checks.choice("own_axes", own_axes, OWN_AXES)
    given = None if own is None else own_layer(own, own_axes)
    first, second = ("LSTM", "GRU") if given is None else (OWN, "LSTM")
    cores = tuple(range(1, this_machine(device).cores + 1))
    offered = _offered(given)
    controls: dict[str, Control] = {
        "work": Choice("work", WORKS, work),
        "layer": Choice("layer", offered, layer or first),
        "other": Choice("compared with", offered, other or second),
        "channels": Choice("channels", CHANNELS, channels, ordered=True),
        "batch": Choice("batch", BATCHES, batch, ordered=True),
        "kernel_size": Choice(
            "kernel size", KERNEL_SIZES, kernel_size, ordered=True, group="Layers"
        ),
        "stride": Choice("stride", STRIDES, stride, ordered=True, group="Layers"),
        "dilation": Choice("dilation", DILATIONS, dilation, ordered=True, group="Layers"),
        "threads": Choice("threads", cores, threads, ordered=True, group="Machine"),
        "dtype": Choice("number type", DTYPES, dtype, group="Machine"),
        "device": Choice("device", _devices(), device, group="Machine"),
        "length": Choice("length", LENGTHS, length, ordered=True, look=True),
    }
    scope = _scope(work, given)
    guide = guides.LENGTH if given is None else ()
    made = Timings(controls, name="Time over length", store=store, own=given, guide=guide, **scope)
    if given is not None:
        check_runs(given, made.looked_at(OWN))
    return made


def _offered(own: Layer | None) -> Callable[[Values], list[str]]:
    """Return what the controls of layers offer, by the values before."""
    layers = [*LAYERS, *([OWN] if own is not None else [])]
    return lambda before: _comparable(before["work"], layers)


class _Scope(TypedDict):
    swept: dict[str, Sequence[object]]
    vary: dict[str, Sequence[object] | None]


def _scope(work: str, own: Layer | None) -> _Scope:
    """Return what a report measures, and what its page varies: less with a layer of one's own."""
    if own is not None:  # it is measured each time
        return {"swept": {"work": (work,)}, "vary": {**_FEW}}
    batches = (1, 16)
    return {
        "swept": {"work": WORKS, "batch": batches},
        "vary": {**_FEW, "work": None, "batch": batches},
    }


def _devices() -> tuple[str, ...]:
    return ("cpu", *(f"cuda:{each}" for each in range(torch.cuda.device_count())))
