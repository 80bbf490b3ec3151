"""Hidden states drawn as a model learns, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convrnn_lab.data import SequenceTask
from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import axes, curve, heatmap, outline, value_range
from convrnn_lab.drawing.sheet import Panel, Sheet

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Epoch:
    """A model after one epoch, on one sequence.

    Attributes
    ----------
    hidden : array, shape (unit, time)
        Of the last layer.
    answers : array, shape (time,)
        The first value, or of classes the probability of the one wanted, at each step.
    loss : float
        On the whole test.
    """

    hidden: Floats
    answers: Floats
    loss: float


def state_over_training(
    task: SequenceTask,
    runs: dict[int, Epoch],
    epoch: int,
    sequence: int,
    unit: int,
    *,
    code: str = "",
) -> Sheet:
    """Draw the hidden states on one sequence, after one of the stored epochs.

    Parameters
    ----------
    task : SequenceTask
    runs : dict of int to Epoch
        By epoch.
    epoch, sequence, unit : int
        What is looked at.
    code : str
        The lines that give what is drawn.

    Returns
    -------
    Sheet
    """
    run = runs[epoch]
    epochs = list(runs)
    begin, values = runs[epochs[0]], run.hidden[unit]
    losses = np.array([each.loss for each in runs.values()])
    when = f"after epoch {epoch}" if epoch else "before training"
    wanted = task.targets[sequence].float().numpy()[:, 0] if not task.classes else None
    return Sheet(
        [
            _states(run.hidden, unit),
            _unit_panel(begin.hidden[unit], values, unit),
            _answer_panel(run.answers, wanted),
            _loss_by_epoch(epochs, losses, epoch),
        ],
        title=f"{task.name}, {when}: test loss {theme.number(run.loss)}",
        description=(
            f"Hidden states of {len(run.hidden)} units over {len(values)} steps of test sequence "
            f"{sequence}, {when}; test loss {theme.number(run.loss)}."
        ),
        facts=[
            ("Test loss", theme.number(run.loss)),
            ("States have moved by", f"{_moved(run, begin)} since before training (rms)"),
            (f"Unit {unit}", f"{theme.number(values.min())} to {theme.number(values.max())}"),
            *_end_facts(run.answers, wanted),
        ],
        code=code,
    )


def _moved(run: Epoch, begin: Epoch) -> str:
    """Write the root mean square of how far the states have moved."""
    return theme.number(float(np.sqrt(np.mean((run.hidden - begin.hidden) ** 2))))


def _end_facts(answers: Floats, wanted: Floats | None) -> list[tuple[str, str]]:
    facts = [("Answer at the end", theme.number(float(answers[-1])))]
    if wanted is not None:
        facts.append(("Wanted at the end", theme.number(float(wanted[-1]))))
    return facts


def _states(hidden: Floats, unit: int) -> Panel:
    rows, length = hidden.shape
    drawn = axes("step", [-0.5, length - 0.5], [rows - 0.5, -0.5])
    drawn["yaxis"] |= {"showgrid": False, "zeroline": False}
    scale = (theme.TWO_SIDED, -1.0, 1.0)
    return Panel(
        "Hidden state, unit × step",
        [heatmap("hidden", hidden, *scale)],
        **drawn,
        shapes=[outline("unit", [(-0.5, unit - 0.5, length - 0.5, unit + 0.5)])],
        scale=scale,
        click={"y": "unit"},
        size="large",
    )


def _unit_panel(before: Floats, values: Floats, unit: int) -> Panel:
    return Panel(
        f"Unit {unit}: ● now, ■ before training",
        [
            curve("now", values, theme.INPUT, "circle"),
            curve("before", before, theme.OUTPUT, "square"),
        ],
        **axes("step", [-1, len(values)], [-1.05, 1.05]),
        size="large",
    )


def _answer_panel(answers: Floats, wanted: Floats | None) -> Panel:
    lines = [curve("answered", answers, theme.OUTPUT, "square")]
    if wanted is not None:
        lines.insert(0, curve("wanted", wanted, theme.INPUT, "circle"))
    limits = value_range(*(each["y"] for each in lines))
    title = "Wanted ●, answered ■" if wanted is not None else "Probability of the wanted class"
    return Panel(title, lines, **axes("step", [-1, len(answers)], limits), size="large")


def _loss_by_epoch(epochs: Sequence[int], losses: Floats, epoch: int) -> Panel:
    top = 1.1 * float(np.nanmax(losses))
    place = epochs.index(epoch)
    return Panel(
        "Test loss after each stored epoch",
        [curve("loss", losses, theme.WEIGHT, "circle")],
        xaxis=axes("epoch", [-0.5, len(epochs) - 0.5], [])["xaxis"]
        | {"tickvals": list(range(len(epochs))), "ticktext": [str(each) for each in epochs]},
        yaxis=axes("", [], [0, top])["yaxis"],
        shapes=[outline("epoch", [(place - 0.3, top, place + 0.3, 0)], width=1.5)],
        size="large",
    )
