"""An explorer of a classifier's errors: its confusion matrix, and the images behind each cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from torch import Tensor, nn

from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import SENT_BYTES, place_of
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider, Values
from convrnn_lab.topics.network import errors_figure, guides
from convrnn_lab.topics.network.class_names import class_names
from convrnn_lab.topics.network.errors_figure import SHOWN
from convrnn_lab.train.scores import evaluate


def errors(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    classes: Sequence[str] = (),
) -> Explorer:
    """Show a classifier's confusion matrix, and the images behind each of its cells.

    Parameters
    ----------
    model : torch.nn.Module
        Takes images and gives logits.
    images : Tensor, shape (batch, channel, height, width)
    labels : Tensor, shape (batch,), of an integer type
    classes : sequence of str
        Names of the model's outputs; their numbers by default.

    Returns
    -------
    Explorer
        It starts with the most frequent error.

    Raises
    ------
    ValueError
        If images, labels and model do not go together.
    """
    wrong = _Errors(model, images, labels, classes)
    true, predicted = wrong.most_frequent()
    return Explorer(
        wrong.view,
        {
            "true": Choice("true class", wrong.names, true, ordered=True, look=wrong.fits),
            "predicted": Choice("predicted", wrong.names, predicted, ordered=True, look=wrong.fits),
            "example": Slider("example", 0, wrong.last, 0, look=True),
        },
        name="Errors of a classifier",
        vary={"true": None, "predicted": None},
        scan=("example",),
        guide=() if classes else guides.of_test(guides.ERRORS, model, images, labels),
    )


class _Errors:
    """A classifier's answers to labelled images.

    Parameters
    ----------
    model, images, labels, classes
        As for `errors`.
    """

    def __init__(
        self, model: nn.Module, images: Tensor, labels: Tensor, classes: Sequence[str]
    ) -> None:
        self._images = images
        self._labels = labels
        self._scores = evaluate(model, images, labels)
        self.names = class_names(classes, len(self._scores.confusion))

    def most_frequent(self) -> tuple[str, str]:
        """Return the true and the predicted class of the most frequent error."""
        wrong = self._scores.confusion.clone().fill_diagonal_(0)
        true, predicted = divmod(int(wrong.argmax()), len(self.names))
        return self.names[true], self.names[predicted]

    @cached_property
    def fits(self) -> bool:
        """Whether the images of all cells go to the browser at once."""
        shown = sum(min(len(each), SHOWN) for each in self._found)
        return shown * math.prod(self._images.shape[2:]) * 4 <= SENT_BYTES

    def last(self, before: Values) -> Seen:
        """Return the index of the last image of a cell; 0 where there is none."""
        row, column = self._cell(before["true"], before["predicted"])
        ends = [max(0, len(each) - 1) for each in self._found]
        return looks.pick(ends, row * len(self.names) + column)

    def view(self, true: Seen, predicted: Seen, example: Seen) -> Sheet:
        """Draw the matrix, and one cell of it."""
        cell = self._cell(true, predicted)
        place = cell[0] * len(self.names) + cell[1]
        either = looks.has_look(place)
        return errors_figure.errors(
            self._scores,
            self._images,
            self.names,
            cell=cell,
            found=self._found if either else self._found[place],
            example=example,
            code=(
                looks.pick([self._code(each, example) for each in range(len(self._found))], place)
                if either
                else self._code(place, example)
            ),
        )

    def _cell(self, true: Seen, predicted: Seen) -> tuple[Seen, Seen]:
        """Return the numbers of two classes, or the looks at them."""
        return place_of(true, self.names), place_of(predicted, self.names)

    @cached_property
    def _found(self) -> list[list[int]]:
        """The images of each cell, row by row; those that the model was surest of first."""
        count = len(self.names)
        return [self._found_in(*divmod(each, count)) for each in range(count**2)]

    def _found_in(self, true: int, predicted: int) -> list[int]:
        here = (self._labels == true) & (self._scores.predictions == predicted)
        places = here.nonzero()[:, 0]
        surest = self._scores.probabilities[places, predicted]
        order = surest.argsort(descending=True, stable=True)
        return [int(place) for place in places[order]]

    def _code(self, place: int, example: Seen) -> Seen:
        """Write the lines that give the matrix, a cell of it, and the answer to one image."""
        true, predicted = divmod(place, len(self.names))
        lines = [
            f"scores = {call(evaluate, 'train', Name('model'), Name('images'), Name('labels'))}",
            f"count = scores.confusion[{true}, {predicted}]",
        ]
        found = self._found[place]
        if not found:
            return "\n".join(lines)
        image = looks.take(np.array(found), example)
        return looks.words("\n".join([*lines, "scores.probabilities[{}]"]), image)
