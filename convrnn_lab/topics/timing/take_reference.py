"""Measure what the figures show before the reader has measured: this machine is the reference.

``python -m convrnn_lab.topics.timing.take_reference STORE`` measures what the file STORE lacks,
and writes what it has into the package. It takes some ten minutes: let nothing else run. The clock
is the processor's time of this thread, so that what others take of the machine is not in it.
"""

from __future__ import annotations

import sys
import time

import click

from convrnn_lab.explorer.controls import Values
from convrnn_lab.measure.reference import write
from convrnn_lab.measure.store import Store
from convrnn_lab.topics.timing.explorer import timing
from convrnn_lab.topics.timing.kernel_cost_explorer import kernel_cost
from convrnn_lab.topics.timing.layer_explorer import layer_times
from convrnn_lab.topics.timing.measuring import Measuring
from convrnn_lab.topics.timing.speed_up_explorer import speed_up

ROUNDS = 3
"""What disturbs the machine for a while falls on one of them alone."""


def explorers(store: Store) -> list[Measuring]:
    """Return those whose figures have a reference."""
    return [
        layer_times(store=store),
        speed_up(store=store),
        kernel_cost(store=store),
        timing(store=store),
    ]


def shown(explorer: Measuring) -> list[Values]:
    """Return the settings that have a reference: a report's, and each control moved alone."""
    fixed = {name: [value] for name, value in explorer.start.items()}
    moved = [
        {other: value for other, value in fixed.items() if other != name}
        for name in explorer.declared
        if name != "device"
    ]
    return [
        values
        for vary in ({**fixed, **explorer.swept}, *moved)
        for values in explorer.view.combinations(vary)
    ]


def main(path: str) -> None:
    """Measure, and write the reference."""
    store = Store(path)
    for explorer in explorers(store):
        for step in explorer.steps(shown(explorer), rounds=ROUNDS, clock=time.thread_time):
            click.echo(f"\r{explorer.name}: {step.text:70}", nl=False)
        click.echo()
    click.echo(f"{write(store)} measurements of {store.here}")


if __name__ == "__main__":
    main(*sys.argv[1:])
