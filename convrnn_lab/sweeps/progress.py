"""One line that says how far a sweep is: done, failed, running, time left."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from convrnn_lab.sweeps.messages import State, Summary
from convrnn_lab.sweeps.plan import Plan


class Bar:
    """The line; each step is one report that has ended."""

    # Any: tqdm has no types.
    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._counts = {State.DONE.value: 0, State.FAILED.value: 0}

    def step(self, summary: Summary, running: int) -> None:
        """Count a report that has ended, and show how many are running."""
        self._counts[summary.status.value] += 1
        self._bar.set_postfix(**self._counts, running=running, refresh=False)
        self._bar.update()


@contextlib.contextmanager
def shown(plan: Plan, *, enabled: bool) -> Iterator[Bar]:
    """Show the line on standard error, or as a widget in a notebook, while the sweep runs."""
    from tqdm.auto import tqdm

    with tqdm(total=plan.waiting, unit="report", disable=not enabled, dynamic_ncols=True) as bar:
        if enabled and (before := _before(plan)):
            bar.write(before, file=sys.stderr)
        yield Bar(bar)


def _before(plan: Plan) -> str:
    """Say what of an earlier sweep is there."""
    found = plan.found
    parts = [
        f"{found[State.DONE]:,} of {plan.grid.count:,} reports are done already"
        if found[State.DONE] and not plan.force
        else "",
        f"{found[State.STALE]:,} are stale: the notebook or the package has changed"
        if found[State.STALE]
        else "",
        f"{found[State.FAILED]:,} failed before" if found[State.FAILED] else "",
    ]
    return "; ".join(filter(None, parts))
