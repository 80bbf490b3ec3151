"""A classifier's answer drawn: what decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.layer_looks import at_least, fixed, largest
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import heatmap, limit, pixels
from convrnn_lab.drawing.sheet import Panel, Sheet, folded, quarter
from convrnn_lab.topics.network.model_panels import input_panel, probabilities
from convrnn_lab.topics.network.pictures import arranged
from convrnn_lab.topics.network.values import values_of


def attributions(
    image: Tensor,
    maps: Mapping[Seen, Seen],
    scores: Tensor,
    classes: Sequence[str],
    target: Seen,
    *,
    code: Seen = "",
) -> Sheet:
    """Draw which pixels speak for a class, by several measures.

    Parameters
    ----------
    image : Tensor, shape (1, channel, height, width)
    maps : dict of str or Look to Tensor, array or Look of shape (height, width)
        By the words that stand above each; the last is that of occlusion.
    scores : Tensor, shape (class,)
        Probabilities.
    classes : sequence of str
    target : int or Look
        The class that was asked about.
    code : str or Look
        The lines that give the maps.

    Returns
    -------
    Sheet
    """
    height, width = image.shape[2:]
    drawn = {
        title: values.numpy() if isinstance(values, Tensor) else values
        for title, values in maps.items()
    }
    shares = scores.numpy()
    name = looks.pick(tuple(classes), target)
    share = looks.words("{} %", fixed(100 * looks.take(shares, target), 1))
    fall = list(drawn.values())[-1]
    place = largest(fall)
    row, column = place // width, place % width
    most = looks.number(looks.most(fall))
    return Sheet(
        [
            quarter(input_panel(values_of("input", arranged(image), given=False), None)),
            *(quarter(_measure(title, values, height, width)) for title, values in drawn.items()),
            *folded("Answer", [probabilities(shares, tuple(classes))]),
        ],
        title=looks.words("What speaks for “{}”, to which the model gives {}", name, share),
        description=looks.words(
            f"{len(maps)} maps of the pixels that speak for class {{}}, which has a "
            "probability of {}; covering row {}, column {} lowers its logit the most, by {} on "
            "average.",
            *(name, share, row, column, most),
        ),
        facts=[
            ("Class", looks.words("{}, {}", name, share)),
            (
                "Largest fall by occlusion",
                looks.words("{} at row {}, column {}", most, row, column),
            ),
            ("Largest rise by occlusion", looks.number(at_least(-looks.least(fall), 0.0))),
        ],
        code=code,
    )


def _measure(title: Seen, values: Seen, height: int, width: int) -> Panel:
    edge = limit(values)
    return Panel(
        title,
        [heatmap(title, values, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        scale=(theme.TWO_SIDED, -edge, edge),
    )
