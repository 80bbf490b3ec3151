"""``convrnn-lab sweep``."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from convrnn_lab.sweeps.messages import State

if TYPE_CHECKING:
    from convrnn_lab.sweeps.grid import Grid
    from convrnn_lab.sweeps.plan import Ended


def names(_context: click.Context, _argument: click.Parameter, beginning: str) -> list[str]:
    """Complete the name of a shipped notebook in a shell, with or without its number."""
    from convrnn_lab.reports import notebooks

    return notebooks.completions(beginning)


class Options(TypedDict):
    """What else `convrnn-lab sweep` takes, as click hands it on."""

    jobs: int | None
    force: bool
    random: int | None
    seed: int
    timeout: int
    scheduler: str | None
    yes: bool
    quiet: bool


@click.command()
@click.argument("name", shell_complete=names)
@click.option(
    "-g",
    "--grid",
    "grids",
    metavar="KEY=VALUES",
    multiple=True,
    help="Values to combine: a,b,c or FIRST:LAST:STEP; or a YAML or CSV file. May be given again.",
)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    metavar="KEY=VALUE",
    multiple=True,
    help="A value that all reports have; may be given again.",
)
@click.option("-o", "--output", default="sweep", show_default=True, help="Folder for the results.")
@click.option("-j", "--jobs", type=int, help="Reports at a time.  [default: one a processor]")
@click.option("--force", is_flag=True, help="Run all, whatever is there.")
@click.option("--random", type=int, metavar="N", help="Run only N points of the grid.")
@click.option("--seed", default=0, show_default=True, help="Of the choice of --random.")
@click.option(
    "--timeout", default=600, show_default=True, metavar="SECONDS", help="For each notebook cell."
)
@click.option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster that is to do the work.")
@click.option("--yes", is_flag=True, help="Do not ask, however many reports there are.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def sweep(
    name: str,
    grids: tuple[str, ...],
    parameters: tuple[str, ...],
    output: str,
    **options: Unpack[Options],
) -> None:
    """Execute a notebook for every combination of parameters.

    NAME is one of `convrnn-lab list`, with or without its number, or the path of a notebook. Writes
    a notebook and an offline page for each report, results.csv, results.parquet, and index.html to
    compare them. Stop it any time: the same command goes on from there. Ends with status 1 if
    reports failed.
    """
    from convrnn_lab.reports import notebooks
    from convrnn_lab.sweeps import grid_text, sweep as sweeps

    notebook = notebooks.find(name)
    grid = grid_text.parse(notebook, grids, grid_text.pairs(notebook, parameters))
    if options["random"] is not None:
        grid = grid.sample(options["random"], options["seed"])
    jobs = options["jobs"]
    if grid.dropped:
        click.echo(f"repeated points dropped: {grid.dropped:,}", err=True)
    with _stoppable():
        ended = sweeps.run(
            notebook,
            grid,
            Path(output),
            jobs=jobs,
            force=options["force"],
            timeout_s=options["timeout"],
            scheduler=options["scheduler"],
            yes=options["yes"] or _meant(grid, jobs),
            progress=not options["quiet"],
        )
    _report(ended, output)


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        click.echo("stopped; the same command goes on from here", err=True)
        raise


def _meant(grid: Grid, jobs: int | None) -> bool:
    """Ask whether so large a grid is meant, where there is somebody to ask."""
    from convrnn_lab.sweeps.sweep import processors

    if not grid.large or not _interactive():
        return False
    estimate = grid.estimate(jobs or processors())
    return click.confirm(f"{grid.count:,} reports take {estimate}. Go on?", abort=True)


def _interactive() -> bool:
    return sys.stdin.isatty()


def _report(ended: Ended, output: str) -> None:
    states = sorted(ended.states.items())
    click.echo(f"reports  {', '.join(f'{count:,} {state}' for state, count in states)}")
    for reason in sorted(set(ended.kernels) - {"forked", ""}):
        click.echo(f"kernels were not forked but started one by one: {reason}", err=True)
    for reason in ended.reasons:
        click.echo(f"failed   {click.unstyle(reason)}", err=True)
    more = ended.states.get(State.FAILED, 0) - len(ended.reasons)
    if more > 0:
        click.echo(f"failed   and {more:,} more", err=True)
    click.echo(f"table    {output}/results.csv, {output}/results.parquet")
    click.echo(f"index    {output}/index.html")
    if set(ended.states) != {State.DONE}:
        sys.exit(1)
