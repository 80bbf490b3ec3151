"""Models of sequences drawn: their training, their answers, and their states as they learn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convrnn_lab.data import Baseline, SequenceTask
from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import axes, curve, guide, heatmap, value_range
from convrnn_lab.drawing.sheet import Panel, Part, Sheet
from convrnn_lab.topics.training.curve_panels import (
    CROSS_ENTROPY,
    curve as training_curve,
    how_it_went,
    loss_panel,
)
from convrnn_lab.train.sequence_scores import SequenceScores
from convrnn_lab.train.sequences import SequenceHistory
from convrnn_lab.train.trained import Trained

SequenceTrained = Trained[SequenceHistory, SequenceScores]
"""A model of sequences that has been trained."""

SEQUENCES = 10
"""Sequences that can be looked at one by one, at most."""

_SHOWN = 100
"""Sequences that a panel shows at most beside each other."""

_COMPARED = 4
"""Other models, the latest, whose scores are shown at most."""


def sequence_training(
    task: SequenceTask,
    trained: SequenceTrained | None,
    *,
    parameters: int,
    clip: float | None,
    sequence: Seen,
    code: str,
    others: Sequence[SequenceTrained] = (),
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
    sequence : int or Look
        Of the test, to be drawn where an answer is wanted at many steps; one of the first
        `SEQUENCES`.
    code : str
        The lines that make, train and score the model.
    others : sequence of SequenceTrained
        What else has been trained on this task, for comparison.

    Returns
    -------
    Sheet
    """
    history = trained.history if trained else SequenceHistory()
    scores = trained.scores if trained else None
    said = _said(task, trained)
    return Sheet(
        [
            _losses(history, task),
            _norms(history, clip),
            answers_panel(task, scores.answers if scores else None, sequence),
            _compared(task, scores, others),
        ],
        title=f"{task.name}: {said}",
        description=f"A model of {parameters:,} parameters for {task.name}; {said}.",
        facts=[
            *_trained_facts(trained, clip),
            *(
                (f"Trivial: {each.rule}", _scored(each.metric, each.value))
                for each in task.baselines
            ),
            *_loss_in_words(task),
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


def _best(task: SequenceTask) -> Baseline:
    """Return the baseline that is hardest to beat."""
    sign = -1 if task.baselines[0].metric == "accuracy" else 1
    return min(task.baselines, key=lambda each: sign * each.value)


def _trained_facts(trained: SequenceTrained | None, clip: float | None) -> list[tuple[str, str]]:
    facts = how_it_went(trained)
    if trained is None:
        return facts
    scores, norms = trained.scores, np.array(trained.history.gradient_norm)
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


def _loss_in_words(task: SequenceTask) -> list[tuple[str, str]]:
    if not task.classes:
        return []
    return [("Cross-entropy", f"{CROSS_ENTROPY}, in nats: 0.69 for a chance of one half")]


def _losses(history: SequenceHistory, task: SequenceTask) -> Panel:
    trivial = [each.value for each in task.baselines if each.metric != "accuracy"]
    title = "Cross-entropy by batch" if task.classes else "Squared error by batch"
    return loss_panel(history, title, usual=1e-3, share=0.98, levels=trivial)


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
        [training_curve("gradient_norm", np.arange(1, len(norms) + 1), norms, theme.WEIGHT)],
        **drawn,
        shapes=[] if clip is None else [guide("clip", f"M0,{clip}H{count}")],
        size="large",
    )


def answers_panel(task: SequenceTask, answers: Tensor | None, sequence: Seen) -> Panel:
    """Draw the answers of a model beside those wanted.

    Parameters
    ----------
    task : SequenceTask
    answers : Tensor, shape (batch, time, output), optional
        Logits or values.
    sequence : int or Look
        Which one is drawn, where answers are wanted at many of its steps.

    Returns
    -------
    Panel
    """
    if one_by_one(task):
        return _many_answers(task, answers, sequence)
    return _one_answer(task, answers)


def one_by_one(task: SequenceTask) -> bool:
    """Tell whether a task wants many answers of a sequence, so that each has its own panel."""
    return not bool((task.mask.sum(1) == 1).all())


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


def _many_answers(task: SequenceTask, answers: Tensor | None, sequence: Seen) -> Panel:
    """Draw the probabilities of all classes at each step of a sequence."""
    lengths, count = task.lengths[:SEQUENCES].numpy(), len(task.classes)
    chances = looks.take(_chances(task, answers), sequence)  # (class, time)
    heat = heatmap("probability", chances, theme.SHARE, 0.0, 1.0)
    end = looks.subtract(looks.take(lengths, sequence), 0.5)
    drawn = axes("step", [-0.5, end], [count - 0.5, -0.5])
    drawn["yaxis"] |= {"showgrid": False, "zeroline": False}
    if count <= 12:
        drawn["yaxis"] |= {
            "tickvals": list(range(count)),
            "ticktext": list(task.classes),
            "nticks": 0,
            "automargin": True,
        }
    return Panel(
        looks.words("Test sequence {}: probability of each class, wanted ○", sequence),
        [
            heat | {"hovertemplate": "step %{x}, class %{y}: %{z:.3f}<extra></extra>"},
            _wanted_classes(looks.take(_targets(task), sequence)),
        ],
        **drawn,
        scale=(theme.SHARE, 0.0, 1.0),
        size="wide",
    )


def _chances(task: SequenceTask, answers: Tensor | None) -> NDArray[np.float32]:
    """Return probabilities, shape (sequence, class, time); NaN where there is none."""
    mask = ~_within(task)
    if answers is None:
        return np.full((len(mask), len(task.classes), mask.shape[1]), np.nan, dtype=np.float32)
    chances = answers[:SEQUENCES].float().softmax(2).masked_fill(mask[..., None], torch.nan)
    return chances.transpose(1, 2).contiguous().numpy()


def _targets(task: SequenceTask) -> NDArray[np.float32]:
    """Return the right class at each step, shape (sequence, time); NaN behind the end."""
    return task.targets[:SEQUENCES].float().masked_fill(~_within(task), torch.nan).numpy()


def _within(task: SequenceTask) -> Tensor:
    """Return where the first sequences have a step, shape (sequence, time)."""
    return torch.arange(task.inputs.shape[1]) < task.lengths[:SEQUENCES, None]


def _wanted_classes(targets: Seen) -> Part:
    """Return a ring at each step, on the class that is right there."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "wanted",
        "x0": 0,
        "dx": 1,
        "y": targets,
        "marker": {"color": theme.OUTPUT, "symbol": "circle-open", "size": 6},
        "hovertemplate": "step %{x}: wanted %{y}<extra></extra>",
    }


def _compared(
    task: SequenceTask, scores: SequenceScores | None, others: Sequence[SequenceTrained]
) -> Panel:
    """Draw the score of this model beside those of trivial answers and of other models."""
    metric = task.baselines[0].metric
    same = [each for each in task.baselines if each.metric == metric]
    known = [(each.rule, each.value) for each in same]
    ended = [(each.name, each.scores.by(metric)) for each in others if each.scores is not None]
    known += ended[-_COMPARED:] + ([("this model", scores.by(metric))] if scores else [])
    names, values = zip(*known, strict=True)
    colours = [theme.PADDING] * len(same) + [theme.WEIGHT] * min(len(ended), _COMPARED)
    bars = _score_bars(values, [*colours, theme.OUTPUT][: len(known)], trivial=len(same))
    words = _rules_in_words(names, values)
    drawn = axes("", [0, 1.1 * max(values)], [len(names) - 0.6, -0.7])
    drawn["yaxis"] |= {"visible": False}
    better = "higher" if metric == "accuracy" else "lower"
    title = f"{metric.capitalize()} on the test, {better} is better"
    return Panel(title, [bars, words], **drawn, size="large")


def _score_bars(values: Sequence[float], colours: list[str], *, trivial: int) -> Part:
    """Return a bar for each score, hatched for the first ones, those of trivial answers."""
    patterns = ["/"] * trivial + [""] * (len(values) - trivial)
    return {
        "type": "bar",
        "name": "score",
        "orientation": "h",
        "x": list(values),
        "y": np.arange(len(values)),
        "width": 0.4,
        "marker": {"color": colours, "pattern": {"shape": patterns}},
        "hovertemplate": "%{x:.4g}<extra></extra>",
    }


def _rules_in_words(names: Sequence[str], values: Sequence[float]) -> Part:
    """Return what each bar is, over it, since beside it there is no room for a rule in words."""
    return {
        "type": "scatter",
        "mode": "text",
        "name": "rule",
        "x": np.zeros(len(names)),
        "y": np.arange(len(names)) - 0.38,
        "text": [f"{name}: {theme.number(each)}" for name, each in zip(names, values, strict=True)],
        "textposition": "middle right",
        "hoverinfo": "skip",
    }
