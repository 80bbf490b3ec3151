"""Explorers of measurements that have looks, with measurements of stated cost."""

from torch import nn

from convrnn_lab import explorers, measure
from tests.stored import fill, fill_layers


def measured(make, **options):
    """Return an explorer with all that its setting needs."""
    made = make(**options)
    fill(made.store, made.settings(made.values), spread=0.05)
    made.refresh()
    return made


def begun():
    """Return one whose measuring was stopped: the longer sequences have no time."""
    made = explorers.timing(layer="causal stack", other="GRU")
    fill(made.store, [each for each in made.settings(made.values) if each.length < 500])
    made.refresh()
    return made


def by_layer(**options):
    """Return the explorer of layers with all that its setting needs."""
    made = explorers.layer_times(**options)
    if made.values["model"] not in options.get("own", {}):
        fill_layers(made, made.swept["model"])
    return made


def deep():
    """Return a model of more layers than are drawn."""
    return nn.Sequential(*(nn.Linear(8, 8) for _ in range(20)))


EXPLORERS = {
    "layer times": by_layer,
    "layer times, not measured": explorers.layer_times,
    "layer times of an own model": lambda: by_layer(own={"deep": (deep(), (8,))}),
    "timing": lambda: measured(explorers.timing, other="Conv1d"),
    "timing, stopped half way": begun,
    "timing of an own layer": lambda: explorers.timing(own=nn.Conv1d(16, 16, 3)),
    "kernel cost": lambda: measured(explorers.kernel_cost),
    "kernel cost, not measured": explorers.kernel_cost,
    "timing, outside the reference": lambda: explorers.timing(channels=128, batch=64),
    "speed-ups": lambda: measured(explorers.speed_up),
    "speed-ups, not measured": lambda: explorers.speed_up(store=measure.Store()),
}
"""By name."""
