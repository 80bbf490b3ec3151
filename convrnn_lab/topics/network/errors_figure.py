"""A classifier's errors drawn: its confusion matrix, and the images of one of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import one_panel
from convrnn_lab.drawing.parts import Numbers, empty, heatmap, outline, pixels
from convrnn_lab.drawing.picture_grid import picture_grid
from convrnn_lab.drawing.sheet import Panel, Sheet, folded
from convrnn_lab.topics.network.model_panels import probabilities
from convrnn_lab.train.scores import Scores

SHOWN = 30
"""Images of one cell of the confusion matrix that are drawn."""


def errors(
    scores: Scores,
    images: Tensor,
    classes: Sequence[str],
    *,
    cell: tuple[Seen, Seen],
    found: Sequence[int] | Sequence[Sequence[int]],
    example: Seen,
    code: Seen = "",
) -> Sheet:
    """Draw the confusion matrix, the images of one of its cells, and the answer to one of them.

    Parameters
    ----------
    scores : Scores
        Of all `images`.
    images : Tensor, shape (batch, channel, height, width)
    classes : sequence of str
    cell : (true class, predicted class)
        Numbers, or looks at them.
    found : sequence of int
        The images of the cell; where that is a look, those of each cell, row by row.
    example : int or Look
        Which of those of the cell, from 0.
    code : str or Look
        The lines that give the numbers.

    Returns
    -------
    Sheet
    """
    right = int(scores.confusion.diagonal().sum())
    total = int(scores.confusion.sum())
    place = cell[0] * len(classes) + cell[1]
    pairs = [(true, said) for true in classes for said in classes]

    def drawn(pair: tuple[str, str], here: Seen) -> _Cell:
        return _cell(scores, images, classes, pair, found=here, example=example)

    if looks.has_look(cell):
        each = [drawn(pair, here) for pair, here in zip(pairs, found, strict=True)]
        shown = _one_cell(each, place)
    else:
        shown = drawn(pairs[place], found)
    return Sheet(
        [_confusion(scores.confusion.numpy(), classes, cell), *shown.panels],
        title=f"{right} of {total} right: accuracy {100 * scores.accuracy:.1f} %",
        description=looks.words(
            "A confusion matrix: {} of {} images are classified right; {}.",
            *(right, total, shown.sentence),
        ),
        facts=[
            ("Accuracy", f"{right} / {total} = {100 * scores.accuracy:.2f} %"),
            ("Macro F1", f"{scores.macro_f1:.4f}"),
            ("Errors", f"{total - right}"),
            ("This cell", shown.fact),
        ],
        code=code,
    )


@dataclass(frozen=True)
class _Cell:
    """What is shown of one cell of the matrix."""

    panels: Sequence[Panel]
    sentence: Seen
    fact: Seen


def _one_cell(cells: Sequence[_Cell], place: Seen) -> _Cell:
    panels = zip(*(each.panels for each in cells), strict=True)
    return _Cell(
        [one_panel(each, place) for each in panels],
        looks.pick([each.sentence for each in cells], place),
        looks.pick([each.fact for each in cells], place),
    )


def _cell(
    scores: Scores,
    images: Tensor,
    classes: Sequence[str],
    pair: tuple[str, str],
    *,
    found: Sequence[int],
    example: Seen,
) -> _Cell:
    """Draw the images of a cell of the matrix, and the answer to one of them."""
    true, said = pair
    count = _images(len(found))
    sentence = f"{count} of class {true} {'is' if len(found) == 1 else 'are'} taken for {said}"
    if found:
        answer = looks.take(scores.probabilities[list(found)].numpy(), example)
        panels = [
            _pictures(
                images[list(found[:SHOWN])],
                f"{count} of “{true}” taken for “{said}”"
                + (f", the first {SHOWN}" if len(found) > SHOWN else ""),
                example,
            ),
            *folded("Answer", [probabilities(answer, tuple(classes), true)]),
        ]
    else:
        none = empty(f"No image of “{true}” is taken for “{said}”", size="large")
        panels = [none, *folded("Answer", [empty("")])]
    return _Cell(panels, sentence, f"{count} of “{true}” taken for “{said}”")


def _pictures(images: Tensor, title: str, example: Seen) -> Panel:
    arrangement = picture_grid(images.mean(dim=1).numpy())
    rows, columns = arrangement.shape
    return Panel(
        title,
        [heatmap("images", arrangement.pixels, theme.GREY, 0.0, 1.0)],
        **pixels((0, rows - 1), (0, columns - 1), ticks=False),
        shapes=[arrangement.outline("chosen", example)],
        click=arrangement.click("example"),
        size="large",
    )


def _images(count: int) -> str:
    return f"{count} image{'' if count == 1 else 's'}"


def _confusion(confusion: Numbers, classes: Sequence[str], cell: tuple[Seen, Seen]) -> Panel:
    """Draw the counts; colours by the share of the row, so that few errors are seen too."""
    count = len(classes)
    rows = confusion.sum(axis=1, keepdims=True)
    share = np.sqrt(confusion / np.maximum(rows, 1)).astype(np.float32)
    heat = heatmap("confusion", share, theme.TWO_SIDED, -1.0, 1.0) | {
        "text": [[str(each) if each else "" for each in row] for row in confusion.tolist()],
        "texttemplate": "%{text}",
        "textfont": {"size": 11},
        "hovertemplate": "true %{y}, predicted %{x}: %{text}<extra></extra>",
    }
    axes = pixels((0, count - 1), (0, count - 1))
    for axis, title in ((axes["xaxis"], "predicted"), (axes["yaxis"], "true")):
        axis |= {
            "tickvals": list(range(count)),
            "ticktext": list(classes),
            "title": {"text": title, "font": {"size": 11}},
        }
    row, column = cell
    return Panel(
        "Images by true and predicted class",
        [heat],
        **axes,
        shapes=[outline("cell", [(-0.5, -0.5, 0.5, 0.5)], moved=(column, row))],
        click={"x": "predicted", "y": "true"},
        size="large",
    )
