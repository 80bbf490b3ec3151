"""Measurements of stated cost, as if they had been made on this machine."""

import itertools
from dataclasses import replace

from convrnn_lab import explorers, measure
from convrnn_lab.measure.stored_layers import ModelKey, keep

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


def layer_seconds(row, place):
    """State a cost: 1 ns a multiply-add and 10 µs for each row before; twice that backward."""
    forward = 1e-9 * (row.multiply_adds or 0) + 1e-5 * (1 + place)
    return forward, 2 * forward


def timed_layer(row, place):
    """Return a row with five repeats of what `layer_seconds` states, if it is called."""
    if not row.calls:
        return row
    forward, backward = (measure.Timing("", (each,) * 5) for each in layer_seconds(row, place))
    kept = {"kept_bytes": 1024 * place, "peak_bytes": 2048 * place}
    return replace(row, forward=forward, backward=backward, **kept)


def fill_layers(explorer, models, batches=(1, 16)):
    """Add what the layers of some models take."""
    for model, batch in itertools.product(models, batches):
        rows = [timed_layer(*each[::-1]) for each in enumerate(explorer.rows(model, batch))]
        whole = [sum(row.forward_s for row in rows), sum(row.backward_s for row in rows)]
        both = [measure.Timing("", (each,) * 5) for each in whole]
        found = measure.LayerTimes(tuple(rows), *both, batch)
        keep(explorer.store, ModelKey(model, batch), found, "a session")
    explorer.refresh()


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
    layers = explorers.layer_times(store=store)
    fill_layers(layers, layers.swept["model"])
    return str(path)
