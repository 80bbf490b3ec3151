"""Models of sequences drawn: their training, their answers, and their states as they learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from convrnn_lab.data import SequenceTask
from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import axes, curve, guide, heatmap, limit, outline, value_range
from convrnn_lab.drawing.sheet import Panel, Sheet
from convrnn_lab.train.sequences import SequenceHistory, SequenceScores

_SHOWN = 100
"""Sequences that a panel shows at most beside each other."""


@dataclass
class SequenceTrained:
    """One training of one setting on a task.

    Attributes
    ----------
    history : SequenceHistory
        Grows while it runs.
    seconds : float
        That the training has taken so far.
    scores : SequenceScores or None
        On the test, once it has ended.
    """

    history: SequenceHistory
    seconds: float = 0.0
    scores: SequenceScores | None = None


def sequence_training(
    task: SequenceTask,
    trained: SequenceTrained | None,
    *,
    parameters: int,
    clip: float | None,
    sequence: int,
    code: str,
) -> Sheet:
    """Draw a training on sequences, beside what trivial answers score.

    Parameters
    ----------
    task : SequenceTask
        The test.
    trained : SequenceTrained, optional
    parameters : int
        Of the model.
    clip : float, optional
        The norm that gradients are clipped to.
    sequence : int
        Of the test, to be drawn where an answer is wanted at many steps.
    code : str
        The line that makes the model.

    Returns
    -------
    Sheet
    """
    done = trained or SequenceTrained(SequenceHistory())
    said = _said(task, trained)
    return Sheet(
        [
            _losses(done.history, task),
            _norms(done.history, clip),
            answers_panel(task, done.scores.answers if done.scores else None, sequence),
            _compared(task, done.scores),
        ],
        title=f"{task.name}: {said}",
        description=f"A model of {parameters:,} parameters for {task.name}; {said}.",
        facts=[
            *_trained_facts(trained, clip),
            *(
                (f"Trivial: {each.rule}", _scored(each.metric, each.value))
                for each in task.baselines
            ),
            ("Parameters", f"{parameters:,}"),
            ("Test", f"{len(task):,} sequences of up to {task.inputs.shape[1]} steps"),
        ],
        code=code,
    )


def _scored(metric: str, value: float) -> str:
    if metric == "accuracy":
        return f"{100 * value:.1f} % right"
    return f"{metric} {theme.number(value)}" + (" nats" if metric == "cross-entropy" else "")


def _said(task: SequenceTask, trained: SequenceTrained | None) -> str:
    if trained is None:
        return "not trained"
    if trained.scores is None:
        return "in training"
    best = _best(task)
    metric, value = best.metric, trained.scores.by(best.metric)
    word = "better" if trained.scores.better else "no better"
    return f"{_scored(metric, value)}, {word} than without learning ({_scored(metric, best.value)})"


def _best(task: SequenceTask) -> Any:
    """Return the baseline that is hardest to beat."""
    sign = -1 if task.baselines[0].metric == "accuracy" else 1
    return min(task.baselines, key=lambda each: sign * each.value)


def _trained_facts(trained: SequenceTrained | None, clip: float | None) -> list[tuple[str, str]]:
    if trained is None:
        return [("Training", "none yet")]
    history, scores = trained.history, trained.scores
    facts = [("Training", f"{history.stopped or 'running'}, {trained.seconds:.1f} s")]
    norms = np.array(history.gradient_norm)
    if len(norms):
        facts.append(("Largest gradient", theme.number(float(norms.max()))))
    if len(norms) and clip is not None:
        count = int((norms > clip).sum())
        share = f"{count} of {len(norms)} batches ({100 * count / len(norms):.0f} %)"
        facts.append((f"Clipped to {theme.number(clip)}", share))
    if scores is not None and scores.accuracy is not None:
        facts.append(("Test accuracy", f"{100 * scores.accuracy:.2f} %"))
    if scores is not None:
        facts.append(("Test loss", theme.number(scores.loss)))
    return facts


def _losses(history: SequenceHistory, task: SequenceTask) -> Panel:
    losses = np.array(history.batch_loss, dtype=float)
    per_epoch = len(losses) / len(history.loss) if history.loss else 0
    ends = [per_epoch * (epoch + 1) for epoch in range(len(history.validation_loss))]
    trivial = [each.value for each in task.baselines if each.metric != "accuracy"]
    finite = losses[np.isfinite(losses)]
    top = max([float(np.quantile(finite, 0.98)) if len(finite) else 0.0, *trivial, 1e-3])
    count = max(10, len(losses) + 1)
    level = [guide(f"trivial {n}", f"M0,{each}H{count}") for n, each in enumerate(trivial)]
    words = ", dotted: trivial answers" if trivial else ""
    return Panel(
        f"Loss by batch (dots: validation{words})",
        [
            _plain("batch_loss", np.arange(1, len(losses) + 1), losses, theme.INPUT),
            _dots("validation_loss", ends, history.validation_loss, theme.OUTPUT),
        ],
        **axes("batch", [0, count], [0, 1.08 * top]),
        shapes=level,
        size="large",
    )


def _norms(history: SequenceHistory, clip: float | None) -> Panel:
    norms = np.array(history.gradient_norm, dtype=float)
    norms = np.where(np.isfinite(norms) & (norms > 0), norms, np.nan)
    known = np.log10([*norms[np.isfinite(norms)], 1.0 if clip is None else clip])
    count = max(10, len(norms) + 1)
    drawn = axes("batch", [0, count], [float(known.min()) - 0.3, float(known.max()) + 0.3])
    drawn["yaxis"] |= {"type": "log", "exponentformat": "power", "dtick": 1}
    words = "" if clip is None else f" (dotted: {theme.number(clip)})"
    return Panel(
        f"Gradient norm before clipping{words}",
        [_plain("gradient_norm", np.arange(1, len(norms) + 1), norms, theme.WEIGHT)],
        **drawn,
        shapes=[] if clip is None else [guide("clip", f"M0,{clip}H{count}")],
        size="large",
    )


def answers_panel(task: SequenceTask, answers: Tensor | None, sequence: int) -> Panel:
    """Draw the answers of a model beside those wanted.

    Parameters
    ----------
    task : SequenceTask
    answers : Tensor, shape (batch, time, output), optional
        Logits or values.
    sequence : int
        Which one is drawn, where answers are wanted at many of its steps.

    Returns
    -------
    Panel
    """
    if bool((task.mask.sum(1) == 1).all()):
        return _one_answer(task, answers)
    return _many_answers(task, answers, sequence)


def _one_answer(task: SequenceTask, answers: Tensor | None) -> Panel:
    """Draw the one answer of each sequence, in the order of the test."""
    wanted = task.targets[task.mask][:_SHOWN]
    what, title = "value", "Wanted ● and answered ■, by test sequence"
    if task.classes:
        what, title = "probability", f"“{task.classes[1]}”: wanted ●, and its probability ■"
    values = wanted.reshape(len(wanted), -1)[:, 0].float().numpy()
    lines = [curve(f"wanted {what}", values, theme.INPUT, "circle")]
    if answers is not None:
        found = answers[task.mask][:_SHOWN].float()
        found = found.softmax(1)[:, 1] if task.classes else found[:, 0]
        lines.append(curve(f"answered {what}", found.numpy(), theme.OUTPUT, "square"))
    if task.classes:
        lines[0]["mode"] = "markers"
    drawn = axes("test sequence", [-1, len(wanted)], value_range(*(each["y"] for each in lines)))
    return Panel(title, lines, **drawn, size="wide")


def _many_answers(task: SequenceTask, answers: Tensor | None, sequence: int) -> Panel:
    """Draw the probabilities of all classes at each step of a sequence."""
    length, count = int(task.lengths[sequence]), len(task.classes)
    chances = np.full((count, length), np.nan, dtype=np.float32)
    if answers is not None:
        chances = answers[sequence, :length].float().softmax(1).T.contiguous().numpy()
    heat = heatmap("probability", chances, theme.SHARE, 0.0, 1.0)
    wanted = {
        "type": "scatter",
        "mode": "markers",
        "name": "wanted",
        "x0": 0,
        "dx": 1,
        "y": task.targets[sequence, :length].numpy(),
        "marker": {"color": theme.OUTPUT, "symbol": "circle-open", "size": 6},
        "hovertemplate": "step %{x}: wanted %{y}<extra></extra>",
    }
    drawn = axes("step", [-0.5, length - 0.5], [count - 0.5, -0.5])
    drawn["yaxis"] |= {"showgrid": False, "zeroline": False}
    if count <= 12:
        drawn["yaxis"] |= {
            "tickvals": list(range(count)),
            "ticktext": list(task.classes),
            "nticks": 0,
            "automargin": True,
        }
    return Panel(
        f"Test sequence {sequence}: probability of each class, wanted ○",
        [heat | {"hovertemplate": "step %{x}, class %{y}: %{z:.3f}<extra></extra>"}, wanted],
        **drawn,
        scale=(theme.SHARE, 0.0, 1.0),
        size="wide",
    )


def _compared(task: SequenceTask, scores: SequenceScores | None) -> Panel:
    metric = task.baselines[0].metric
    same = [each for each in task.baselines if each.metric == metric]
    names = [each.rule for each in same] + (["this model"] if scores else [])
    values = [each.value for each in same] + ([scores.by(metric)] if scores else [])
    places = np.arange(len(names))
    bars = {
        "type": "bar",
        "name": "score",
        "orientation": "h",
        "x": values,
        "y": places,
        "width": 0.4,
        "marker": {
            "color": [theme.PADDING] * len(same) + [theme.OUTPUT],
            "pattern": {"shape": ["/"] * len(same) + [""]},
        },
        "hovertemplate": "%{x:.4g}<extra></extra>",
    }
    # Over the bars, since beside them there is no room for a rule in words.
    words = {
        "type": "scatter",
        "mode": "text",
        "name": "rule",
        "x": np.zeros(len(names)),
        "y": places - 0.38,
        "text": [f"{name}: {theme.number(each)}" for name, each in zip(names, values, strict=True)],
        "textposition": "middle right",
        "hoverinfo": "skip",
    }
    drawn = axes("", [0, 1.1 * max(values)], [len(names) - 0.6, -0.7])
    drawn["yaxis"] |= {"visible": False}
    better = "higher" if metric == "accuracy" else "lower"
    title = f"{metric.capitalize()} on the test, {better} is better"
    return Panel(title, [bars, words], **drawn, size="large")


def _plain(name: str, x: Any, y: Any, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": colour, "width": 1.5},
        "hovertemplate": "batch %{x}: %{y:.4g}<extra></extra>",
    }


def _dots(name: str, x: Any, y: Any, colour: str) -> dict[str, Any]:
    drawn = _plain(name, x, y, colour)
    return drawn | {"mode": "markers", "marker": {"color": colour, "size": 8}}


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

    hidden: Any
    answers: Any
    loss: float


def state_over_training(
    task: SequenceTask, runs: dict[int, Epoch], epoch: int, sequence: int, unit: int
) -> Sheet:
    """Draw the hidden states that one sequence brings about, after one of the stored epochs.

    Parameters
    ----------
    task : SequenceTask
    runs : dict of int to Epoch
        By epoch.
    epoch, sequence, unit : int
        What is looked at.

    Returns
    -------
    Sheet
    """
    run = runs[epoch]
    epochs = list(runs)
    begin, values = runs[epochs[0]], run.hidden[unit]
    moved = float(np.sqrt(np.mean((run.hidden - begin.hidden) ** 2)))
    losses = np.array([each.loss for each in runs.values()])
    loss = theme.number(run.loss)
    when = f"after epoch {epoch}" if epoch else "before training"
    wanted = task.targets[sequence].float().numpy()[:, 0] if not task.classes else None
    return Sheet(
        [
            _states(run.hidden, unit),
            _unit_panel(begin.hidden[unit], values, unit),
            _answer_panel(run.answers, wanted),
            _loss_by_epoch(epochs, losses, epoch),
        ],
        title=f"{task.name}, {when}: test loss {loss}",
        description=(
            f"Hidden states of {len(run.hidden)} units over {len(values)} steps of test sequence "
            f"{sequence}, {when}; test loss {loss}."
        ),
        facts=[
            ("Test loss", loss),
            ("States have moved by", f"{theme.number(moved)} since before training (rms)"),
            (f"Unit {unit}", f"{theme.number(values.min())} to {theme.number(values.max())}"),
            ("Answer at the end", theme.number(float(run.answers[-1]))),
            *(
                [("Wanted at the end", theme.number(float(wanted[-1])))]
                if wanted is not None
                else []
            ),
        ],
    )


def _states(hidden: Any, unit: int) -> Panel:
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


def _unit_panel(before: Any, values: Any, unit: int) -> Panel:
    return Panel(
        f"Unit {unit}: ● now, ■ before training",
        [
            curve("now", values, theme.INPUT, "circle"),
            curve("before", before, theme.OUTPUT, "square"),
        ],
        **axes("step", [-1, len(values)], [-1.05, 1.05]),
        size="large",
    )


def _answer_panel(answers: Any, wanted: Any) -> Panel:
    lines = [curve("answered", answers, theme.OUTPUT, "square")]
    if wanted is not None:
        lines.insert(0, curve("wanted", wanted, theme.INPUT, "circle"))
    limits = value_range(*(each["y"] for each in lines))
    title = "Wanted ●, answered ■" if wanted is not None else "Probability of the wanted class"
    return Panel(title, lines, **axes("step", [-1, len(answers)], limits), size="large")


def _loss_by_epoch(epochs: Sequence[int], losses: Any, epoch: int) -> Panel:
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


def writing(text: str, hidden: Any, written: str, unit: int, *, seed: int, columns: int) -> Sheet:
    """Draw a text with each character on the colour of one unit's state after it.

    Parameters
    ----------
    text : str
        What the model has read.
    hidden : array, shape (unit, time)
    written : str
        What it goes on with.
    unit : int
    seed : int
        Of what is written.
    columns : int
        Characters in a row.

    Returns
    -------
    Sheet
    """
    whole = text + written
    values = hidden[unit]
    rows = -(-len(whole) // columns)
    grid = np.full(rows * columns, np.nan, dtype=np.float32)
    grid[: len(whole)] = values
    signs = [_sign(each) for each in whole] + [""] * (rows * columns - len(whole))
    edge = limit(values)
    heat = heatmap("state", grid.reshape(rows, columns), theme.TWO_SIDED, -edge, edge) | {
        "text": [signs[row * columns : (row + 1) * columns] for row in range(rows)],
        "texttemplate": "%{text}",
        "textfont": {"size": 10, "family": "monospace"},
        "hovertemplate": "“%{text}”: %{z:.3f}<extra></extra>",
    }
    drawn = axes("", [-0.5, columns - 0.5], [rows - 0.5, -0.5])
    for axis in drawn.values():
        axis |= {"visible": False}
    row, column = divmod(len(text), columns)
    box = f"M-0.5,{row + 0.5}H{column - 0.5}V{row - 0.5}H{columns - 0.5}"
    average = float(values[: len(text)].mean())
    return Sheet(
        [
            Panel(
                f"Unit {unit}; under the line, what it writes",
                [heat],
                **drawn,
                shapes=[outline("border", []) | {"path": box}],
                scale=(theme.TWO_SIDED, -edge, edge),
                size="large",
            )
        ],
        title=f"Unit {unit} over {len(text)} characters read and {len(written)} written",
        description=(
            f"Unit {unit} is {theme.number(float(values.min()))} to "
            f"{theme.number(float(values.max()))}; on the average of the text read "
            f"{theme.number(average)}."
        ),
        facts=[
            (f"Average of unit {unit}", theme.number(average)),
            ("Written with seed", f"{seed}"),
            ("It writes", repr(written)),
        ],
    )


def _sign(character: str) -> str:
    return {"\n": "↵", " ": "·", "<": "‹", ">": "›", "&": "＆"}.get(character, character)
