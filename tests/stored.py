"""Measurements of stated cost, as if they had been made on this machine."""

import itertools

from convrnn_lab import explorers, measure

PEAK = {"product": 512**3 / 50e9, "copy": 128e6 / 20e9}
"""Seconds of 50 G multiply-adds and 20 GB a second."""


def seconds(setting):
    """State a cost: an LSTM is linear in the length, a GRU ten times that, others quadratic."""
    step = {"LSTM": 1e-6, "GRU": 1e-5}.get(setting.layer)
    return 1e-9 * setting.length**2 if step is None else step * setting.length


def fill(store, settings, spread=0.0, cost=seconds):
    """Add what `settings` cost, five repeats each, and the machine's peak."""
    for each in {
        measure.canonical_setting(setting) for setting in settings if setting.layer != measure.OWN
    }:
        repeats = tuple(cost(each) * (1 + spread * k) for k in (-2, -1, 0, 1, 2))
        timing = measure.Timing(each.layer, repeats, each.threads)
        store.add(measure.key(each), measure.Measured(timing, 7, 4096, "2026-01-02T03:04:05"))
    for name, taken in PEAK.items():
        key = {"peak": name, "threads": 1, "dtype": "float32", "device": "cpu"}
        store.add(key, measure.Measured(measure.Timing("", (taken,) * 5)))


def of_notebook(path, **timing):
    """Fill a file with all that notebook 07 measures, so that it runs in seconds.

    `timing` are other parameters of the first explorer.
    """
    store = measure.Store(path)
    first = explorers.timing(store=store, **timing)
    fill(store, first.settings(first.values | {"work": "forward"}))
    for explorer in (
        first,
        explorers.kernel_cost(store=store),
        explorers.speed_up(store=store),
    ):
        for combination in itertools.product(*explorer.swept.values()):
            values = explorer.values | dict(zip(explorer.swept, combination, strict=True))
            fill(store, explorer.settings(values))
    return str(path)
