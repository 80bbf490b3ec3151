"""A classifier's answer drawn: what decides it, and where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import Numbers, empty, heatmap, limit, outline, pixels
from convrnn_lab.drawing.picture_grid import picture_grid
from convrnn_lab.drawing.sheet import Panel, Sheet
from convrnn_lab.topics.network.model_panels import input_panel, probabilities
from convrnn_lab.topics.network.pictures import arranged
from convrnn_lab.topics.network.values import values_of
from convrnn_lab.train.scores import Scores

_SHOWN = 30
"""Images of one cell of the confusion matrix that are drawn."""


def attributions(
    image: Tensor,
    maps: Mapping[str, Tensor],
    scores: Tensor,
    classes: Sequence[str],
    target: int,
    *,
    code: str = "",
) -> Sheet:
    """Draw which pixels speak for a class, by several measures.

    Parameters
    ----------
    image : Tensor, shape (1, channel, height, width)
    maps : dict of str to Tensor of shape (height, width)
        By the words that stand above each; the last is that of occlusion.
    scores : Tensor, shape (class,)
        Probabilities.
    classes : sequence of str
    target : int
        The class that was asked about.
    code : str
        The lines that give the maps.

    Returns
    -------
    Sheet
    """
    name = classes[target]
    share = f"{100 * float(scores[target]):.1f} %"
    fall = list(maps.values())[-1]
    most = theme.number(float(fall.max()))
    row, column = divmod(int(fall.argmax()), fall.shape[1])
    return Sheet(
        [
            input_panel(values_of("input", arranged(image), given=False), None),
            replace(probabilities(scores.numpy(), tuple(classes)), size="large"),
            *(_measure(title, values) for title, values in maps.items()),
        ],
        title=f"What speaks for “{name}”, to which the model gives {share}",
        description=(
            f"{len(maps)} maps of the pixels that speak for class {name}, which has a probability "
            f"of {share}; covering row {row}, column {column} lowers its logit the most, by {most} "
            "on average."
        ),
        facts=[
            ("Class", f"{name}, {share}"),
            ("Largest fall by occlusion", f"{most} at row {row}, column {column}"),
            ("Largest rise by occlusion", theme.number(max(0.0, float(-fall.min())))),
        ],
        code=code,
    )


def _measure(title: str, values: Tensor) -> Panel:
    height, width = values.shape
    edge = limit(values)
    return Panel(
        title,
        [heatmap(title, values.numpy(), theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        scale=(theme.TWO_SIDED, -edge, edge),
    )


def errors(
    scores: Scores,
    images: Tensor,
    classes: Sequence[str],
    *,
    cell: tuple[int, int],
    found: Sequence[int],
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
    found : sequence of int
        The images of the cell.
    example : int or Look
        Which of them, from 0.
    code : str
        The lines that give the numbers.

    Returns
    -------
    Sheet
    """
    true, said = classes[cell[0]], classes[cell[1]]
    count = _images(len(found))
    right = int(scores.confusion.diagonal().sum())
    total = int(scores.confusion.sum())
    return Sheet(
        [
            _confusion(scores.confusion.numpy(), classes, cell),
            *_cell(scores, images, classes, cell=cell, found=found, example=example),
        ],
        title=f"{right} of {total} right: accuracy {100 * scores.accuracy:.1f} %",
        description=(
            f"A confusion matrix: {right} of {total} images are classified right; {count} of class "
            f"{true} {'is' if len(found) == 1 else 'are'} taken for {said}."
        ),
        facts=[
            ("Accuracy", f"{right} / {total} = {100 * scores.accuracy:.2f} %"),
            ("Macro F1", f"{scores.macro_f1:.4f}"),
            ("Errors", f"{total - right}"),
            ("This cell", f"{count} of “{true}” taken for “{said}”"),
        ],
        code=code,
    )


def _cell(
    scores: Scores,
    images: Tensor,
    classes: Sequence[str],
    *,
    cell: tuple[int, int],
    found: Sequence[int],
    example: Seen,
) -> list[Panel]:
    """Draw the images of a cell of the matrix, and the answer to one of them."""
    true, said = classes[cell[0]], classes[cell[1]]
    if not found:
        return [empty(f"No image of “{true}” is taken for “{said}”", size="large"), empty("")]
    arrangement = picture_grid(images[list(found[:_SHOWN])].mean(dim=1).numpy())
    rows, columns = arrangement.shape
    more = "" if len(found) <= _SHOWN else f", the first {_SHOWN}"
    pictures = Panel(
        f"{_images(len(found))} of “{true}” taken for “{said}”{more}",
        [heatmap("images", arrangement.pixels, theme.GREY, 0.0, 1.0)],
        **pixels((0, rows - 1), (0, columns - 1), ticks=False),
        shapes=[arrangement.outline("chosen", example)],
        click=arrangement.click("example"),
        size="large",
    )
    answer = looks.take(scores.probabilities[list(found)].numpy(), example)
    return [pictures, probabilities(answer, tuple(classes), true)]


def _images(count: int) -> str:
    return f"{count} image{'' if count == 1 else 's'}"


def _confusion(confusion: Numbers, classes: Sequence[str], cell: tuple[int, int]) -> Panel:
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
        shapes=[outline("cell", [(column - 0.5, row - 0.5, column + 0.5, row + 0.5)])],
        click={"x": "predicted", "y": "true"},
        size="large",
    )
