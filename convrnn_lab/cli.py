"""The command line: ``convrnn-lab list``, ``run`` and ``lab``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from convrnn_lab import __version__


class _Commands(click.Group):
    """Turns what can go wrong into one sentence and an exit status of 1."""

    def invoke(self, ctx: click.Context) -> Any:
        from convrnn_lab.reports.errors import ReportError

        try:
            return super().invoke(ctx)
        except (ValueError, ReportError) as error:
            # Escape sequences of a terminal may stand in a cell's error.
            raise click.ClickException(click.unstyle(str(error))) from error
        except BrokenPipeError:
            raise  # the reader of a pipe has gone; click ends quietly
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{name}{error.strerror or error}") from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="convrnn-lab")
def main() -> None:
    """See what a convolution does, change one number and see it again, and know what it costs."""


@main.command("list")
def list_() -> None:
    """List the notebooks with their parameters."""
    from convrnn_lab.reports import notebooks

    for name in notebooks.shipped():
        notebook = notebooks.find(name)
        click.echo(f"{name}  {notebook.title}")
        for parameter in notebook.parameters.values():
            kind = f": {parameter.kind}" if parameter.types else ""
            click.echo(f"  {parameter.name}{kind} = {parameter.default!r}  {parameter.help}")


@main.command()
@click.argument("name")
@click.option(
    "-p",
    "--parameter",
    "parameters",
    metavar="KEY=VALUE",
    multiple=True,
    help="Another value for a parameter; may be given again.",
)
@click.option("-o", "--output", default="out", show_default=True, help="Folder for the files.")
@click.option("--timeout", default=600, show_default=True, metavar="SECONDS", help="For each cell.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def run(name: str, parameters: tuple[str, ...], output: str, timeout: int, quiet: bool) -> None:
    """Execute a notebook and write it, and a page that works offline.

    NAME is one of `convrnn-lab list`, or the path of a notebook.
    """
    from convrnn_lab import reports

    notebook = reports.find(name)
    values = _parsed(notebook, parameters)
    report = reports.run(name, values, output, timeout_s=timeout, progress=not quiet)
    click.echo(f"notebook  {report.notebook}")
    click.echo(f"page      {report.page}")


def _parsed(notebook: Any, parameters: tuple[str, ...]) -> dict[str, Any]:
    from convrnn_lab import checks

    values = {}
    for parameter in parameters:
        key, equals, text = parameter.partition("=")
        if not equals:
            raise ValueError(f"parameter must be KEY=VALUE; got {parameter!r}")
        checks.choice("parameter", key, notebook.parameters)
        values[key] = notebook.parameters[key].parse(text)
    return values


@main.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--folder",
    default="convrnn-lab",
    show_default=True,
    help="Where the notebooks are copied to; files that are there stay as they are.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(folder: str, arguments: tuple[str, ...]) -> None:
    """Open the notebooks in JupyterLab, in a folder of your own.

    Further ARGUMENTS go to JupyterLab, such as --no-browser or --port 8899.
    """
    try:
        from jupyterlab.labapp import main as jupyterlab
    except ImportError as error:
        message = 'JupyterLab is not installed; pip install "convrnn-lab[lab]" brings it'
        raise click.ClickException(message) from error
    copied = copy_notebooks(Path(folder))
    first = copied[0]
    sys.exit(jupyterlab([str(first), *arguments]))


def copy_notebooks(folder: Path) -> list[Path]:
    """Copy the shipped notebooks into `folder`, never over a file that is there.

    Returns
    -------
    list of Path
        The notebooks in `folder`, in order.
    """
    from convrnn_lab.reports import notebooks

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for source in notebooks.shipped().values():
        target = folder / source.name
        try:
            with target.open("xb") as stream:
                stream.write(source.read_bytes())
        except FileExistsError:
            if target.read_bytes() != source.read_bytes():
                click.echo(f"{target} is yours or an older one; kept as it is", err=True)
        paths.append(target)
    return paths


if __name__ == "__main__":
    main()
