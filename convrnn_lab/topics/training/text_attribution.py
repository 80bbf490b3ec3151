"""Models of characters on one text: what they predict, and what each prediction comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from convrnn_lab import data
from convrnn_lab.topics.training.step_attributions import StepAttributions, step_attributions

METHODS = {
    "gradient": "gradient",
    "gradient × input": "gradient_times_input",
    "occlusion": "occlusion",
}
"""By which a prediction is explained, and what `StepAttributions` calls it."""


@dataclass(frozen=True, eq=False)
class TextAttributions:
    """What some models predict at each position of a text, and from what.

    Attributes
    ----------
    text : str
    names : tuple of str
        Of the models.
    values : array, shape (method, position - 1, model, character), float32
        How much each character made the prediction at a position; 0 from there on.
    chances : array, shape (model, position - 1, character of the alphabet)
        Probabilities of the next character, before each position from 1 on.
    """

    text: str
    names: tuple[str, ...]
    values: NDArray[np.float32]
    chances: NDArray[np.float32]

    @property
    def predicted(self) -> NDArray[np.intp]:
        """The likeliest characters, shape (model, position - 1)."""
        places: NDArray[np.intp] = self.chances.argmax(axis=2)
        return places

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether they are what stands there, shape (model, position - 1)."""
        return np.asarray(self.predicted == self._next)

    @property
    def losses(self) -> NDArray[np.float64]:
        """The cross-entropy over the text, of each model."""
        taken = np.take_along_axis(self.chances, self._next[None, :, None], axis=2)
        losses: NDArray[np.float64] = -np.log(taken[..., 0].astype(np.float64)).mean(axis=1)
        return losses

    @property
    def back(self) -> NDArray[np.intp]:
        """How far before its position the strongest character stands.

        Shape (method, position - 1, model).
        """
        places = np.arange(1, len(self.text))[:, None]
        back: NDArray[np.intp] = places - np.abs(self.values).argmax(axis=3)
        return back

    @property
    def _next(self) -> NDArray[np.int64]:
        codes: NDArray[np.int64] = data.encode(self.text)[1:].numpy()
        return codes


def text_attributions(compared: Mapping[str, nn.Module], text: str) -> TextAttributions:
    """Return what each model predicts at each position of a text, and from what.

    Parameters
    ----------
    compared : dict of str to torch.nn.Module
        Models of the characters of `data.ALPHABET`, by name.
    text : str

    Raises
    ------
    ValueError
        If a model does not take the text, answers something else, or reads ahead.
    """
    found = {name: _asked(name, model, text) for name, model in compared.items()}
    values = np.stack(
        [
            np.stack([getattr(each, method).numpy()[:-1] for each in found.values()], axis=1)
            for method in METHODS.values()
        ]
    )
    chances = np.stack([each.logits[:-1].softmax(dim=1).numpy() for each in found.values()])
    return TextAttributions(text, tuple(found), values, chances)


def taken(model: nn.Module, text: str) -> Tensor:
    """Return a text as a model takes it: tokens for an embedding, else vectors with a single 1."""
    codes = data.encode(text)[None]
    tokens = any(isinstance(each, nn.Embedding) for each in model.modules())
    return codes if tokens else data.one_hot(codes)


def _asked(name: str, model: nn.Module, text: str) -> StepAttributions:
    """Return what one model makes of a text, or say why that is not possible."""
    home = f"compared[{name!r}]"
    try:
        found = step_attributions(model, taken(model, text))
    except (RuntimeError, IndexError, TypeError) as error:
        first = str(error).splitlines()[0]
        raise ValueError(
            f"{home} must take data.one_hot(data.encode(text))[None] or, with an nn.Embedding, "
            f"data.encode(text)[None]; got {first}"
        ) from error
    wanted, answers = len(data.ALPHABET), found.logits.shape[1]
    if answers != wanted:
        raise ValueError(
            f"{home} must give {wanted} logits at every step, one for each character of "
            f"data.ALPHABET; got {answers}"
        )
    ahead = found.gradient.triu(1).any(dim=1)
    if bool(ahead.any()):
        step = int(ahead.int().argmax())
        raise ValueError(
            f"{home} must read from left to right; got an answer at step {step} that depends on "
            "what follows"
        )
    return found


def shares_by_distance(texts: Sequence[TextAttributions]) -> NDArray[np.float64]:
    """Return how much of the influence comes from which distance, (method, model, distance - 1).

    The size of the influence at a distance is averaged over all positions of all texts that reach
    so far back; then it is divided by the sum over all distances.
    """
    longest = max(len(each.text) for each in texts) - 1
    sums = np.zeros((len(METHODS), len(texts[0].names), longest))
    counts = np.zeros(longest)
    for each in texts:
        for position in range(1, len(each.text)):
            row = np.abs(each.values[:, position - 1, :, :position])[..., ::-1]
            sums[..., :position] += row
            counts[:position] += 1
    means = sums / counts
    whole = np.maximum(means.sum(axis=2, keepdims=True), np.finfo(np.float64).tiny)
    shares: NDArray[np.float64] = means / whole
    return shares


def half_distances(shares: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return within how many characters half of the influence lies, shape (method, model)."""
    within: NDArray[np.intp] = (shares.cumsum(axis=2) < 0.5).sum(axis=2) + 1
    return within
