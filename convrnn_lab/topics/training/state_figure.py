"""Hidden states drawn as a model learns, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convrnn_lab.data import SequenceTask
from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import place_of
from convrnn_lab.drawing.parts import axes, curve, heatmap, outline, value_range
from convrnn_lab.drawing.sheet import Panel, Sheet, folded

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Epoch:
    """A model after one epoch, on some sequences.

    Attributes
    ----------
    hidden : array, shape (sequence, unit, time)
        Of the last layer.
    answers : array, shape (sequence, time)
        The first value, or of classes the probability of the one wanted, at each step.
    loss : float
        On the whole test.
    """

    hidden: Floats
    answers: Floats
    loss: float


def state_over_training(
    task: SequenceTask,
    runs: Mapping[int, Epoch],
    epoch: Seen,
    sequence: Seen,
    unit: Seen,
    *,
    code: Seen = "",
) -> Sheet:
    """Draw the hidden states on one sequence, after one of the stored epochs.

    Parameters
    ----------
    task : SequenceTask
    runs : dict of int to Epoch
        By epoch; of the first sequences of the task.
    epoch : int or Look
        One of `runs`.
    sequence, unit : int or Look
        What is looked at.
    code : str or Look
        The lines that give what is drawn.

    Returns
    -------
    Sheet
    """
    at = place_of(epoch, runs)
    hidden, answers = (
        np.stack([getattr(run, name) for run in runs.values()]) for name in ("hidden", "answers")
    )  # (epoch, sequence, unit, time), (epoch, sequence, time)
    *_, units, steps = hidden.shape
    losses = np.array([each.loss for each in runs.values()])
    loss = looks.number(looks.take(losses, at))
    when = looks.pick({e: f"after epoch {e}" if e else "before training" for e in runs}, epoch)
    wanted = None if task.classes else _wanted(task, len(hidden[0]))
    before, values = (looks.take(hidden, place, sequence, unit) for place in (0, at))
    return Sheet(
        [
            _states(looks.take(hidden, at, sequence), unit),
            _unit_panel(before, values, unit),
            *folded(
                "Answer and loss",
                [
                    _answer_panel(answers, wanted, at, sequence),
                    _loss_by_epoch(list(runs), losses, at),
                ],
            ),
        ],
        title=looks.words(f"{task.name}, {{}}: test loss {{}}", when, loss),
        description=looks.words(
            f"Hidden states of {units} units over {steps} steps of test sequence {{}}, {{}}; test "
            "loss {}.",
            *(sequence, when, loss),
        ),
        facts=[
            ("Test loss", loss),
            ("States have moved by", _moved(hidden, at, sequence)),
            (looks.words("Unit {}", unit), _span(values)),
            ("Answer at the end", looks.number(looks.take(answers[..., -1], at, sequence))),
            *_wanted_facts(wanted, sequence),
        ],
        code=code,
    )


def _wanted(task: SequenceTask, count: int) -> Floats:
    """Return the first value that is wanted of each sequence at each step."""
    values: Floats = task.targets[:count, :, 0].float().contiguous().numpy()
    return values


def _moved(hidden: Floats, at: Seen, sequence: Seen) -> Seen:
    """Write the root mean square of how far the states have moved."""
    squares = np.square(hidden - hidden[0], dtype=np.float64)
    moved = looks.number(looks.take(np.sqrt(squares.mean(axis=(2, 3))), at, sequence))
    return looks.words("{} since before training (rms)", moved)


def _span(values: Seen) -> Seen:
    return looks.words(
        "{} to {}", looks.number(looks.least(values)), looks.number(looks.most(values))
    )


def _wanted_facts(wanted: Floats | None, sequence: Seen) -> list[tuple[str, Seen]]:
    if wanted is None:
        return []
    return [("Wanted at the end", looks.number(looks.take(wanted[:, -1], sequence)))]


def _states(hidden: Seen, unit: Seen) -> Panel:
    rows, length = hidden.shape
    drawn = axes("step", [-0.5, length - 0.5], [rows - 0.5, -0.5])
    drawn["yaxis"] |= {"showgrid": False, "zeroline": False}
    scale = (theme.TWO_SIDED, -1.0, 1.0)
    return Panel(
        "Hidden state, unit × step",
        [heatmap("hidden", hidden, *scale)],
        **drawn,
        shapes=[outline("unit", [(-0.5, -0.5, length - 0.5, 0.5)], moved=(0, unit))],
        scale=scale,
        click={"y": "unit"},
        size="large",
    )


def _unit_panel(before: Seen, values: Seen, unit: Seen) -> Panel:
    return Panel(
        looks.words("Unit {}: ● now, ■ before training", unit),
        [
            curve("now", values, theme.INPUT, "circle"),
            curve("before", before, theme.OUTPUT, "square"),
        ],
        **axes("step", [-1, values.shape[0]], [-1.05, 1.05]),
        size="large",
    )


def _answer_panel(answers: Floats, wanted: Floats | None, at: Seen, sequence: Seen) -> Panel:
    lines = [curve("answered", looks.take(answers, at, sequence), theme.OUTPUT, "square")]
    if wanted is not None:
        values = looks.take(wanted, sequence)
        lines.insert(0, curve("wanted", values, theme.INPUT, "circle"))
    # One scale for all epochs: it is seen how the answers come nearer.
    limits = value_range(answers, *([] if wanted is None else [wanted]))
    title = "Wanted ●, answered ■" if wanted is not None else "Probability of the wanted class"
    return Panel(title, lines, **axes("step", [-1, answers.shape[-1]], limits), size="large")


def _loss_by_epoch(epochs: list[int], losses: NDArray[np.float64], at: Seen) -> Panel:
    top = 1.1 * float(np.nanmax(losses))
    return Panel(
        "Test loss after each stored epoch",
        [curve("loss", losses, theme.WEIGHT, "circle")],
        xaxis=axes("epoch", [-0.5, len(epochs) - 0.5], [])["xaxis"]
        | {"tickvals": list(range(len(epochs))), "ticktext": [str(each) for each in epochs]},
        yaxis=axes("", [], [0, top])["yaxis"],
        shapes=[outline("epoch", [(-0.3, top, 0.3, 0)], moved=(at, 0), width=1.5)],
        click={"x": "epoch"},
        size="large",
    )
