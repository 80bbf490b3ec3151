"""Run the measurements named on the command line, or all, and print one table."""

import itertools
import sys

from tests.benchmarks import (
    layers,
    measuring,
    models,
    pages,
    processes,
    recurrence,
    screens,
    sweeps,
    table,
    training,
)

MEASURES = (
    processes.importing,
    processes.running,
    processes.sizes,
    processes.widget_state,
    models.doctor,
    training.accuracy,
    training.overhead,
    recurrence.recurrence,
    recurrence.recurrence_memory,
    measuring.timing_overhead,
    measuring.repeatability,
    measuring.counting,
    measuring.timing_notebook,
    layers.layers,
    sweeps.sweeping,
    sweeps.lesson,
    sweeps.report_overhead,
    sweeps.indexing,
    pages.looks,
    pages.given,
    pages.building,
)

names = sys.argv[1:]
wanted = [measure for measure in MEASURES if not names or measure.__name__ in names]
rows = []
for row in itertools.chain(screens.all_rows(names), *(measure() for measure in wanted)):
    rows.append(row)
    print(row.what, row.ours, row.ratio, sep=" | ", file=sys.stderr, flush=True)  # it takes long
sys.exit(0 if table.show(rows) else 1)
