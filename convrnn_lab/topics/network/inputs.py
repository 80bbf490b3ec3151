"""The inputs that an explorer of a model offers, by name, and the code that picks each of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.topics.network import trace
from convrnn_lab.topics.network.drawn import DRAWING


@dataclass(frozen=True)
class Inputs:
    """Examples by name, each with a batch axis of one where it has one.

    Attributes
    ----------
    given : dict of str to Tensor
    code : dict of str to str
        What picks each of them out of what was given.
    draws : bool
        Whether the reader's drawing is one of them, once there is one.
    """

    given: Mapping[str, Tensor]
    code: Mapping[str, str]
    draws: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all that can be chosen now."""
        return tuple(dict.fromkeys([*self.given, *(DRAWING.inputs() if self.draws else ())]))

    @property
    def shape(self) -> tuple[int, ...]:
        """Of each of them."""
        return tuple(next(iter(self.given.values())).shape)

    def __getitem__(self, name: str) -> Tensor:
        drawn = DRAWING.inputs() if self.draws else {}
        return drawn[name] if name in drawn else self.given[name]

    def start(self, example: str | None) -> str:
        """Return the name to start with: `example`, by default the first one.

        Raises
        ------
        ValueError
            If there is none of this name.
        """
        checks.choice("example", self.names[0] if example is None else example, self.names)
        return self.names[0] if example is None else example


def named(
    given: Tensor | Mapping[str, Tensor], name: str, *, batch: int | None = 0, draw: bool = False
) -> Inputs:
    """Return inputs by name.

    Parameters
    ----------
    given : Tensor, or dict of str to Tensor
        With a batch axis, whose examples are taken apart; or tensors by name with one of one.
    name : str
        Of the argument, for the code.
    batch : int or None
        Which axis that is; None where the whole is one example.
    draw : bool
        Whether the reader may draw one.

    Raises
    ------
    ValueError
        If they are none of these, or cannot be drawn.
    """
    if isinstance(given, Tensor):
        _check_batch(given)
        found = _taken_apart(given, name, batch)
    else:
        found = (
            _checked(given, batch),
            {key: f"{name}[{json.dumps(key, ensure_ascii=False)}]" for key in given},
        )
    inputs = Inputs(*found, draw)
    if draw and inputs.shape != (1, 1, 28, 28):
        raise ValueError(
            f"draw must be of models for grey images of 28 × 28; got inputs of shape {inputs.shape}"
        )
    return inputs


def batch_axis(model: nn.Module, given: Tensor | Mapping[str, Tensor]) -> int | None:
    """Return which axis of a model's input is the batch, by what its layers say of it.

    Parameters
    ----------
    model : nn.Module
    given : Tensor, or dict of str to Tensor
    """
    if isinstance(given, Tensor):
        first: object = given[:1] if given.ndim else given
    else:
        first = next(iter(given.values()), None) if isinstance(given, Mapping) else None
    # Images have their batch in front; only a sequence may have it elsewhere, or none.
    if not isinstance(first, Tensor) or first.ndim not in (2, 3) or not first.numel():
        return 0
    axes = trace.layers(model, first).input_axes
    return axes.index("batch") if "batch" in axes else None


def _check_batch(given: Tensor) -> None:
    if given.ndim < 2 or len(given) == 0:
        raise ValueError(
            f"input must have a batch axis and at least one example; got shape {tuple(given.shape)}"
        )


def _taken_apart(
    given: Tensor, name: str, batch: int | None
) -> tuple[dict[str, Tensor], dict[str, str]]:
    if batch is None:
        return {"example 0": given}, {"example 0": name}
    before = ":, " * batch
    examples = range(given.shape[batch])
    return (
        {f"example {each}": given.narrow(batch, each, 1) for each in examples},
        {f"example {each}": f"{name}[{before}{each}:{each + 1}]" for each in examples},
    )


def _checked(given: object, batch: int | None) -> dict[str, Tensor]:
    if not isinstance(given, Mapping) or not given:
        raise ValueError(f"input must be a tensor, or tensors by name; got {checks.shown(given)}")
    for name, each in given.items():
        if (
            not isinstance(each, Tensor)
            or each.ndim < 2
            or (batch is not None and each.shape[batch] != 1)
        ):
            raise ValueError(
                f"input[{name!r}] must be a tensor with a batch axis of one; got "
                f"{checks.shown(each)}"
            )
    shapes: Sequence[tuple[int, ...]] = sorted({tuple(each.shape) for each in given.values()})
    if len(shapes) != 1:
        raise ValueError(f"input must be tensors of one shape; got {shapes}")
    return dict(given)
