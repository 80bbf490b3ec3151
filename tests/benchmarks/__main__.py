"""Run the measurements named on the command line, or all, and print one table."""

import sys

from tests.benchmarks import models, processes, screens, table, training

names = sys.argv[1:]
rows = list(screens.all_rows(names))
for measure in (
    processes.importing,
    processes.running,
    processes.sizes,
    processes.widget_state,
    models.doctor,
    training.accuracy,
    training.overhead,
):
    if not names or measure.__name__ in names:
        rows += measure()
sys.exit(0 if table.show(rows) else 1)
