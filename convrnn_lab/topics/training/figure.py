"""A training drawn: what the model costs, its curves, and how it compares with the others."""

from __future__ import annotations

from collections.abc import Sequence

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import axes
from convrnn_lab.drawing.sheet import Panel, Part, Sheet, folded
from convrnn_lab.drawing.words import by
from convrnn_lab.measure.layer_cost import Cost
from convrnn_lab.topics.receptive_field.trace import ReceptiveField
from convrnn_lab.topics.training.curve_panels import (
    CROSS_ENTROPY,
    curve,
    dots,
    how_it_went,
    loss_panel,
)
from convrnn_lab.train.history import History
from convrnn_lab.train.scores import Scores
from convrnn_lab.train.trained import Trained

_MACRO_F1 = "the mean of the digits' F1, each low if many are missed or many taken for it"

DigitsTrained = Trained[History, Scores]
"""A classifier of digits that has been trained."""

PATIENCE = 3
"""Epochs without a lower validation loss after which the training ends."""


def training(
    cost: Cost,
    field: ReceptiveField,
    code: str,
    trained: DigitsTrained | None,
    others: Sequence[tuple[DigitsTrained, int]],
    *,
    epochs: int | None = None,
) -> Sheet:
    """Draw what a classifier costs, layer by layer, and its training if there is one.

    Parameters
    ----------
    cost : Cost
    field : ReceptiveField
        Of the last layer that has places, with those before it.
    code : str
        The lines that make, train and score the model.
    trained : Trained, optional
    others : sequence of (Trained, int)
        All settings trained so far, this one among them, with the multiply-adds of each model.

    epochs : int, optional
        That the training may take.

    Returns
    -------
    Sheet
    """
    history = trained.history if trained else History()
    sizes = f"{cost.parameters:,} parameters, {cost.multiply_adds:,} multiply-adds an image"
    said = _said(trained)
    return Sheet(
        [
            loss_panel(history, "Cross-entropy by batch", usual=2.5, share=0.9),
            _accuracies(history, trained.scores if trained else None),
            *folded(
                "Layers and trainings",
                [_by_layer(cost), _fields(field), _compared(others, trained)],
            ),
        ],
        title=f"{sizes}; {said}",
        description=f"A network for digits with {sizes}; {said}.",
        facts=[
            *_trained_facts(trained),
            *_told_before(epochs),
            ("Cross-entropy", f"{CROSS_ENTROPY}: 0 if it is sure, 2.30 for a guess among ten"),
            ("Parameters", f"{cost.parameters:,}"),
            ("Multiply-adds", f"{cost.multiply_adds:,} for one image"),
            ("Memory", f"{cost.bytes / 1024:,.1f} KiB of weights and outputs"),
            (
                "Receptive field",
                f"{by(field.size)} pixels, every {by(field.stride)}, at the last map",
            ),
        ],
        code=code,
    )


def _said(trained: DigitsTrained | None) -> str:
    if trained is None:
        return "not trained"
    epochs = len(trained.history.loss)
    after = f"after {epochs} epoch{'' if epochs == 1 else 's'}"
    if trained.scores is None:
        return f"in training, {after}"
    return f"{100 * trained.scores.accuracy:.1f} % of the test images right {after}"


def _trained_facts(trained: DigitsTrained | None) -> list[tuple[str, str]]:
    facts = how_it_went(trained)
    if trained is not None and trained.scores is not None:
        scores = trained.scores
        right = int(scores.confusion.diagonal().sum())
        facts += [
            ("Test accuracy", f"{right} / {len(scores.labels)} = {100 * scores.accuracy:.2f} %"),
            ("Macro F1", f"{scores.macro_f1:.4f}; {_MACRO_F1}"),
        ]
    return facts


def _told_before(epochs: int | None) -> list[tuple[str, str]]:
    """Return when the training will end; so short a one cannot end early."""
    if epochs is None:
        return []
    whole = f"after {epochs} epoch{'' if epochs == 1 else 's'}"
    if epochs <= PATIENCE:
        return [("Ends", whole)]
    early = f"{PATIENCE} epochs in a row without a lower validation loss"
    return [("Ends", f"{whole}, or earlier: after {early}")]


def _accuracies(history: History, scores: Scores | None) -> Panel:
    epochs = list(range(1, len(history.accuracy) + 1))
    values = [*history.accuracy, *history.validation_accuracy]
    low = min([*values, 0.9])
    drawn = axes("epoch", [0.5, max(2, len(epochs)) + 0.5], [low - 0.02, 1.005])
    drawn["yaxis"] = drawn["yaxis"] | {"tickformat": ".0%"}
    drawn["xaxis"] = drawn["xaxis"] | {"dtick": 1}
    test = [scores.accuracy] if scores and epochs else []
    return Panel(
        "Accuracy: training (line), validation (dots), test (star)",
        [
            curve("accuracy", epochs, history.accuracy, theme.INPUT),
            dots("validation_accuracy", epochs, history.validation_accuracy, theme.OUTPUT),
            dots("test_accuracy", epochs[-1:], test, theme.WEIGHT, symbol="star", size=12),
        ],
        **drawn,
        size="large",
    )


def _by_layer(cost: Cost) -> Panel:
    rows = [row for row in cost.rows if row.multiply_adds or row.parameters]
    names = [row.layer for row in rows]
    values = [row.multiply_adds or 0 for row in rows]
    parameters = [row.parameters for row in rows]
    top = max([*values, *parameters, 1])
    drawn = axes("", [], [0, 1.2 * top])
    drawn["xaxis"] = drawn["xaxis"] | {"type": "category", "range": [-0.6, len(names) - 0.4]}
    return Panel(
        "Multiply-adds (plain), parameters (hatched)",
        [
            _bar("multiply_adds", names, values, theme.OUTPUT),
            _bar("parameters", names, parameters, theme.WEIGHT, pattern="/"),
        ],
        **drawn,
    )


def _fields(field: ReceptiveField) -> Panel:
    names = [layer.layer for layer in field.layers]
    sizes = [layer.size[-1] for layer in field.layers]
    drawn = axes("", [], [0, 1.2 * max(sizes)])
    drawn["xaxis"] = drawn["xaxis"] | {"type": "category", "range": [-0.6, len(names) - 0.4]}
    return Panel(
        "Receptive field by layer (pixels)", [_bar("field", names, sizes, theme.WINDOW)], **drawn
    )


def _compared(others: Sequence[tuple[DigitsTrained, int]], trained: DigitsTrained | None) -> Panel:
    """Draw accuracy against cost of all settings trained so far, this one larger."""
    shown = [(each, adds) for each, adds in others if each.scores is not None]
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": "trained",
        "x": [adds for _, adds in shown],
        "y": [each.scores.accuracy for each, _ in shown if each.scores],
        "text": [each.name for each, _ in shown],
        "marker": {
            "color": theme.OUTPUT,
            "size": [14 if each is trained else 8 for each, _ in shown],
        },
        "hovertemplate": "%{text}: %{y:.2%} right, %{x:,} multiply-adds<extra></extra>",
    }
    low = min([each.scores.accuracy for each, _ in shown if each.scores], default=0.9)
    drawn = axes("multiply-adds an image", [], [min(low, 0.9) - 0.02, 1.005])
    drawn["xaxis"] = drawn["xaxis"] | {"type": "log", "range": [4.5, 8], "dtick": 1}
    drawn["yaxis"] = drawn["yaxis"] | {"tickformat": ".0%"}
    count = f"{len(shown)} setting{'' if len(shown) == 1 else 's'}"
    return Panel(f"Test accuracy against cost, {count} trained", [points], **drawn)


def _bar(name: str, x: list[str], y: list[int], colour: str, *, pattern: str = "") -> Part:
    return {
        "type": "bar",
        "name": name,
        "x": x,
        "y": y,
        "marker": {"color": colour, "pattern": {"shape": pattern}},
        "texttemplate": "%{y:.3~s}",
        "textfont": {"size": 9},
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x}: %{y:,}<extra></extra>",
    }
