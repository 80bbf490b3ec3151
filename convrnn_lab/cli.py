"""The command line: ``convrnn-lab list``, ``run``, ``sweep``, ``cost``, ``time``, ..."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from convrnn_lab import __version__
from convrnn_lab.sweeps import command

if TYPE_CHECKING:
    import pandas as pd


class _Commands(click.Group):
    """Turns what can go wrong into one sentence and an exit status of 1."""

    def invoke(self, ctx: click.Context) -> object:
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
    """See what convolution and recurrence do, change a number and see it again."""


main.add_command(command.sweep)


@main.command("list")
def list_() -> None:
    """List the notebooks, in order, with their parameters."""
    from convrnn_lab.reports import notebooks

    for name in notebooks.shipped():
        notebook = notebooks.find(name)
        click.echo(f"{name}  {notebook.title}")
        for parameter in notebook.parameters.values():
            kind = f": {parameter.kind}" if parameter.types else ""
            click.echo(f"  {parameter.name}{kind} = {parameter.default!r}  {parameter.help}")


@main.command()
@click.argument("name", shell_complete=command.names)
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

    NAME is one of `convrnn-lab list`, with or without its number, or the path of a notebook.
    """
    from convrnn_lab import reports
    from convrnn_lab.sweeps import grid_text

    notebook = reports.find(name)
    values = grid_text.pairs(notebook, parameters)
    report = reports.run(name, values, output, timeout_s=timeout, progress=not quiet)
    click.echo(f"notebook  {report.notebook}")
    click.echo(f"page      {report.page}")


@main.command()
@click.argument(
    "model",
    type=click.Choice(
        [
            *("cnn", "labels", "characters", "characters_gru", "characters_rnn"),
            *("sunspots", "adding", "copying"),
        ]
    ),
)
@click.option("-o", "--output", help="The file.  [default: MODEL.safetensors]")
@click.option("--epochs", type=int, help="At most.  [default: those of the shipped weights]")
@click.option("--seed", default=0, show_default=True, help="Of the split, the weights, the order.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def train(model: str, output: str | None, epochs: int | None, seed: int, quiet: bool) -> None:
    """Train a MODEL on data that ships, and write its weights.

    MODEL is cnn, for digits, or one for sequences: labels (characters of source), characters
    (an LSTM; also characters_gru, characters_rnn), sunspots, adding, copying. Without options it
    makes the weights that ship with the package.
    """
    path = Path(output or f"{model}.safetensors")
    if not path.parent.is_dir():
        raise ValueError(f"output must be in a folder that is there; got {str(path)!r}")
    made = _train_cnn if model == "cnn" else _train_sequence
    about = made(model, path, epochs, seed, quiet)
    for name, value in sorted(about.items()):
        click.echo(f"{name}: {value}")
    click.echo(f"weights: {path}")


def _train_cnn(
    model: str, path: Path, epochs: int | None, seed: int, quiet: bool
) -> dict[str, str]:
    from convrnn_lab import data, models, train as training

    epochs = 15 if epochs is None else epochs
    digits, network = data.digits(seed=seed), models.cnn(seed=seed)
    history = training.fit(
        network,
        digits.train_images,
        digits.train_labels,
        epochs=epochs,
        seed=seed,
        progress=not quiet,
    )
    if history.stopped == "stopped":
        raise click.Abort
    score = training.evaluate(network, digits.test_images, digits.test_labels)
    about = {
        "data": f"{len(digits.train_labels):,} MNIST digits, data.digits(seed={seed})",
        "epochs": f"{history.best_epoch}, the best of {len(history.loss)}",
        "seed": str(seed),
        "test accuracy": f"{score.accuracy:.3f} on {len(digits.test_labels):,} others",
        "command": f"convrnn-lab train {model} --epochs {epochs} --seed {seed}",
    }
    models.save_weights(network, path, about)
    return about


def _train_sequence(
    model: str, path: Path, epochs: int | None, seed: int, quiet: bool
) -> dict[str, str]:
    from convrnn_lab import models, train as training

    made = training.reproduce(model, epochs=epochs, seed=seed, progress=not quiet)
    if made.history.stopped == "stopped":
        raise click.Abort
    models.save_sequence(made.model, path, made.about, made.history.snapshots)
    return made.about


@main.command()
@click.argument("model")
@click.option(
    "--input",
    "input_shape",
    required=True,
    metavar="SIZES",
    help="Sizes of one input without the batch, such as 3,224,224.",
)
def inspect(model: str, input_shape: str) -> None:
    """Show what a model costs layer by layer, and the first layer that fails.

    MODEL is package.module:name or file.py:name of a module, a class, a function without
    arguments, or a list of layers; or a shipped one: copied, cnn. The module or file is executed.
    Ends with status 1 if the model fails.
    """
    from convrnn_lab.measure.doctor import inspect as inspect_model
    from convrnn_lab.measure.named_model import named_model

    found = inspect_model(named_model(model), _sizes(input_shape))
    click.echo(str(found))
    if found.failure is not None:
        sys.exit(1)


def _sizes(text: str) -> tuple[int, ...]:
    sizes = [each.strip() for each in text.split(",")]
    if not all(each.isdecimal() and int(each) for each in sizes):
        raise ValueError(f"input must be sizes such as 3,224,224; got {text!r}")
    return tuple(map(int, sizes))


@main.command()
@click.argument("model")
@click.option("--input", "input_shape", required=True, metavar="SIZES", help="As for `inspect`.")
@click.option("-o", "--output", help="A file to write the table to: .csv or .parquet.")
def cost(model: str, input_shape: str, output: str | None) -> None:
    """Count parameters, multiply-adds and bytes of each layer, from shapes.

    MODEL is as for `inspect`, which also says why a model fails.
    """
    from convrnn_lab.measure.data_frames import cost_frame, savable
    from convrnn_lab.measure.layer_cost import cost as cost_of
    from convrnn_lab.measure.named_model import named_module

    if output is not None:
        savable(output)
    layers = named_module(model, on_shapes=True)
    counted = cost_of(layers, _sizes(input_shape))
    _show(cost_frame(counted), output)
    click.echo(f"parameters     {counted.parameters:,}")
    click.echo(f"multiply-adds  {counted.multiply_adds:,}")
    click.echo(f"bytes          {counted.bytes:,}")
    if counted.unknown:
        click.echo(f"not counted    {', '.join(counted.unknown)}")


class _Timing(TypedDict):
    batch: int
    threads: int
    dtype: str
    device: str
    budget_s: float


@main.command("time")
@click.argument("models", metavar="MODEL...", nargs=-1, required=True)
@click.option(
    "--input",
    "input_shapes",
    required=True,
    multiple=True,
    metavar="SIZES",
    help="Sizes of one input without the batch; may be given again, for several models once each.",
)
@click.option("--layers", is_flag=True, help="A row for each layer, forward and backward.")
@click.option("--batch", default=1, show_default=True, help="Inputs in one call.")
@click.option("--threads", default=1, show_default=True, help="Of PyTorch's operations.")
@click.option("--backward", is_flag=True, help="With the gradient of all weights and the input.")
@click.option("--dtype", default="float32", show_default=True, help="Or float64, bfloat16.")
@click.option("--device", default="cpu", show_default=True, help="As PyTorch names it.")
@click.option("--seconds", "budget_s", default=1.0, show_default=True, help="For each input.")
@click.option("-o", "--output", help="A file to write the table to: .csv or .parquet.")
def time_(
    models: tuple[str, ...],
    input_shapes: tuple[str, ...],
    layers: bool,
    backward: bool,
    output: str | None,
    **options: Unpack[_Timing],
) -> None:
    """Measure how long a model takes, beside what the counts say; or several, one after another.

    MODEL is as for `inspect`; it is made with random weights. With --layers each layer has its
    share of the whole, which what is outside all layers makes full.
    """
    from convrnn_lab.measure import model_table
    from convrnn_lab.measure.data_frames import savable, save
    from convrnn_lab.measure.hardware import machine

    if output is not None:
        savable(output)
    wanted = model_table.asked(models, list(map(_sizes, input_shapes)))
    here = str(machine(options["device"]))
    if not layers:
        table = model_table.whole(wanted, backward=backward, machine=here, **options)
        _show(table, output, hidden=["machine"])
    else:
        found = model_table.by_layer(wanted, **options)
        for (name, _, sizes), times in zip(wanted, found, strict=True):
            click.echo(f"{name}, input {','.join(map(str, sizes))}, batch {times.batch}")
            click.echo(f"{times}\n")
        if output is not None:
            click.echo(f"table: {save(model_table.layer_table(wanted, found, here), output)}")
    click.echo(here)


def _show(table: pd.DataFrame, output: str | None, hidden: Sequence[str] = ()) -> None:
    from convrnn_lab.measure.data_frames import save

    shown = table.drop(columns=list(hidden))
    click.echo(shown.to_string(index=False, float_format=lambda value: f"{value:.4g}"))
    if output is not None:
        click.echo(f"table: {save(table, output)}")


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
