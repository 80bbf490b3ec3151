"""Explorers of measurements that have looks, with measurements of stated cost."""

from torch import nn

from convrnn_lab import explorers, measure
from tests.stored import fill


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


EXPLORERS = {
    "timing": lambda: measured(explorers.timing, other="Conv1d"),
    "timing, stopped half way": begun,
    "timing of an own layer": lambda: explorers.timing(own=nn.Conv1d(16, 16, 3)),
    "kernel cost": lambda: measured(explorers.kernel_cost),
    "kernel cost, not measured": explorers.kernel_cost,
    "speed-ups": lambda: measured(explorers.speed_up),
    "speed-ups, not measured": lambda: explorers.speed_up(store=measure.Store()),
}
"""By name."""
