"""The panel of a 1-D output, on the axis of the input that it was made from."""

from __future__ import annotations

from dataclasses import dataclass

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.layer_looks import at_most
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import axes, line, marks, value_range
from convrnn_lab.drawing.sheet import Panel
from convrnn_lab.drawing.words import plural


@dataclass(frozen=True)
class Step:
    """How far two neighbouring output values lie apart on the axis of the input.

    Value i stands at sample i · step. That is where its window ends with causal padding, the middle
    of its window with "same", and where its window starts without padding.

    Attributes
    ----------
    samples : int, float or Look
    written : str or Look
        As an axis title writes it.
    """

    samples: Seen
    written: Seen

    @classmethod
    def of_stride(cls, stride: Seen) -> Step:
        """Return the step of windows that lie `stride` apart."""
        return cls(stride, looks.words("{}", stride))


def output_line(
    output: Seen, position: Seen, *, across: list[Seen], step: Step, count: Seen | None = None
) -> Panel:
    """Return the panel of a 1-D output with one value marked, on the axis of its input.

    Parameters
    ----------
    output : array or Look, shape (time,)
    position : int or Look
        Index of the value that is marked.
    across : [low, high]
        Range of the input's axis. With the same one, a shift of the output is seen.
    step : Step
        Input samples from one value to the next.
    count : int or Look, optional
        Of the values, where it depends on a computed setting.
    """
    count = output.shape[0] if count is None else count
    plain = "position (samples of the input)"
    stepped = looks.words(f"{plain}: value i stands at {{}} · i", step.written)
    one = at_most(looks.equal(step.samples, 1) + looks.equal(count, 1), 1)
    title = looks.pick([stepped, plain], one)
    return Panel(
        looks.words("Output {} {}", count, plural("value", count)),
        [
            line("output", looks.built(output, position + 1), theme.OUTPUT, step=step.samples),
            marks(
                "value",
                [position * step.samples],
                [looks.take(output, position)],
                theme.WINDOW,
                symbol="circle-open",
                size=12,
            ),
        ],
        **axes(title, across, value_range(output)),
        click={"x": {"control": "position", "step": step.samples}},
        size="wide",
    )
