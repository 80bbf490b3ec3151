"""Sweeps: a notebook over a grid of parameters, several reports at a time, resumable."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from convrnn_lab import checks
from convrnn_lab.reports import notebooks
from convrnn_lab.reports.errors import ReportError
from convrnn_lab.sweeps import grid_text, index, table
from convrnn_lab.sweeps.folder import opened
from convrnn_lab.sweeps.grid import MANY, Grid, checked_grid
from convrnn_lab.sweeps.messages import Summary, Task
from convrnn_lab.sweeps.plan import Ended, Plan

if TYPE_CHECKING:
    import pandas as pd

Given: TypeAlias = Mapping[str, object] | Sequence[Mapping[str, object]] | Grid | str | Path
"""A grid as `sweep` takes it."""


def sweep(
    notebook: str | Path,
    grid: Given,
    folder: str | Path = "sweep",
    *,
    fixed: Mapping[str, object] | None = None,
    random: int | None = None,
    seed: int = 0,
    jobs: int | None = None,
    force: bool = False,
    timeout_s: int = 600,
    scheduler: str | None = None,
    yes: bool = False,
    progress: bool = True,
) -> pd.DataFrame:
    """Execute a notebook for every point of a grid, and write the reports, a table and an index.

    What is in the folder already is not run again, unless it failed or is stale: the notebook, the
    package's version or something else that it depends on has changed.

    Parameters
    ----------
    notebook : str or path
        The name of a shipped notebook, or a path.
    grid : dict, list of dict, Grid, or path
        Lists of values by parameter, of which every combination is run; or the points one by one;
        or a YAML or CSV file of either.
    folder : str or path
        For the results; made if it is not there.
    fixed : dict, optional
        Values that all points have.
    random : int, optional
        Run only so many points, chosen by `seed`.
    seed : int
    jobs : int, optional
        Reports at a time; as many as there are processors by default. Each has one thread.
    force : bool
        Run all, whatever is there.
    timeout_s : int
        Seconds that each cell of the notebook may take.
    scheduler : str, optional
        Address of a Dask scheduler whose workers are to do it, such as ``"tcp://10.0.0.1:8786"``.
    yes : bool
        Whether a grid of a million points and more is meant.
    progress : bool
        Whether to show on standard error how far it is.

    Returns
    -------
    pandas.DataFrame
        A row for each point: the parameters, what the notebook recorded, seconds and status.

    Raises
    ------
    ValueError
        If an argument cannot be used; nothing was started.
    ReportError
        If the results cannot be written, or the scheduler is not there or goes away; the same call
        goes on from there.
    """
    source = notebooks.find(notebook)
    points = _grid(source, grid, fixed)
    if random is not None:
        points = points.sample(random, seed)
    run(
        source,
        points,
        Path(folder),
        jobs=jobs,
        force=force,
        timeout_s=timeout_s,
        scheduler=scheduler,
        yes=yes,
        progress=progress,
    )
    return table.read(Path(folder))


def run(
    source: notebooks.Notebook,
    grid: Grid,
    folder: Path,
    *,
    jobs: int | None,
    force: bool,
    timeout_s: int,
    scheduler: str | None,
    yes: bool,
    progress: bool,
) -> Ended:
    """Do what `sweep` says, and return how it ended; however long the grid, this takes no memory.

    Raises
    ------
    ValueError, ReportError
        As `sweep` does.
    """
    checks.integer("timeout_s", timeout_s, 1)
    workers = checks.integer("jobs", processors() if jobs is None else jobs, 1, 1024)
    if grid.large and not yes:
        raise ValueError(
            f"grid must have fewer than {MANY:,} points unless yes is given; "
            f"got {grid.count:,}, which take {grid.estimate(workers)}"
        )
    with opened(folder, source.name, grid.names) as home:
        plan = Plan(source, grid, home, timeout_s=timeout_s, force=force)
        try:
            if plan.waiting:
                _run(plan, workers, scheduler, progress=progress)
        finally:  # after Ctrl-C, too
            try:
                table.write(plan)
                index.write(plan)
            except OSError as error:
                raise ReportError(
                    f"{home.path} could not be written: {error.strerror}; "
                    "the same command goes on from there"
                ) from error
        return plan.ended()


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _grid(source: notebooks.Notebook, grid: Given, fixed: Mapping[str, object] | None) -> Grid:
    if isinstance(grid, Grid):
        return grid
    if isinstance(grid, (str, Path)):
        return grid_text.parse(source, [str(grid)], fixed)
    if isinstance(grid, Mapping):
        twice = [name for name in grid if name in (fixed or {})]
        for name in twice:
            raise ValueError(f"{name} must be given once; got it in grid and in fixed")
        return checked_grid(source, dict(fixed or {}) | dict(grid))
    if hasattr(grid, "to_dict"):  # a DataFrame
        grid = grid.to_dict("records")
    if (
        isinstance(grid, Sequence)
        and not isinstance(grid, str)
        and all(isinstance(each, Mapping) for each in grid)
    ):
        return checked_grid(source, fixed, grid)
    raise ValueError(
        f"grid must be lists of values by parameter, or a list of points; got {checks.shown(grid)}"
    )


class Runner(Protocol):
    """Who makes reports: `Pool` on this machine, `Cluster` on others."""

    @property
    def running(self) -> int:
        """How many are being made now."""

    def run(self, tasks: Iterator[Task]) -> Iterator[Summary]:
        """Yield the summary of each task as it ends."""


def _run(plan: Plan, jobs: int, scheduler: str | None, *, progress: bool) -> None:
    from convrnn_lab.sweeps.progress import shown

    with shown(plan, enabled=progress) as bar, _runner(plan, jobs, scheduler) as runner:
        for summary in runner.run(plan.tasks()):
            plan.note(summary)
            bar.step(summary, runner.running)


def _runner(plan: Plan, jobs: int, scheduler: str | None) -> AbstractContextManager[Runner]:
    if scheduler is None:
        from convrnn_lab.sweeps.pool import Pool

        return Pool(min(jobs, plan.waiting), plan)
    from convrnn_lab.sweeps.cluster import Cluster

    return Cluster(scheduler, plan)
