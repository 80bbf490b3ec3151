"""A guide: steps that lead through a figure, each with what it sets and what to watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from convrnn_lab import checks
from convrnn_lab.explorer import controls as control_rules
from convrnn_lab.explorer.controls import Value

if TYPE_CHECKING:
    from convrnn_lab.explorer.view import View


@dataclass(frozen=True)
class Step:
    """One step of a guide.

    Attributes
    ----------
    says : str
        What is done, in a sentence.
    sets : mapping of str to object
        Values of controls, settings and looks; the others start as the explorer does.
    watch : str
        What to look for then.
    question : str
        What to predict before the figure moves.
    choices : sequence of str
        The answers to choose from.
    answer : str
        The right one.
    reason : str
        Why, shown with the answer.
    """

    says: str
    sets: Mapping[str, Value] = field(default_factory=dict)
    watch: str = ""
    question: str = ""
    choices: Sequence[str] = ()
    answer: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        """Refuse a question without its answer."""
        if self.question:
            checks.choice("answer", self.answer, self.choices)


def setting(view: View, step: Step) -> dict[str, Value]:
    """Return the values of all controls at a step.

    Raises
    ------
    ValueError
        If a name is unknown, or a value is not offered.
    """
    for name in step.sets:
        checks.choice("sets", name, view.declared)
    wanted = control_rules.resolve(view.declared, view.start | dict(step.sets)) | dict(step.sets)
    control_rules.check(view.declared, wanted)
    return wanted


def fitting(view: View, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps that an explorer can show: somebody's own input may be too small for one."""
    return tuple(step for step in steps if _fits(view, step))


def _fits(view: View, step: Step) -> bool:
    try:
        setting(view, step)
    except ValueError:
        return False
    return True


def written(view: View, steps: Sequence[Step]) -> list[dict[str, object]]:
    """Return a guide as the browser takes it."""
    settings = [setting(view, step) for step in steps]
    return [
        {
            "says": step.says,
            "watch": step.watch,
            "question": step.question,
            "choices": list(step.choices),
            "answer": step.answer,
            "reason": step.reason,
            "sets": [[name, view.declared[name].token(value)] for name, value in values.items()],
        }
        for step, values in zip(steps, settings, strict=True)
    ]
