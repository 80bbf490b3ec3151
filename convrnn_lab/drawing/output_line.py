"""The panel of a 1-D output, on the axis of the input that it was made from."""

from __future__ import annotations

from dataclasses import dataclass

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import axes, line, marks, value_range
from convrnn_lab.drawing.sheet import Panel


@dataclass(frozen=True)
class Step:
    """How far two neighbouring output values lie apart on the axis of the input.

    Value i stands at sample i · step. That is where its window ends with causal padding, the middle
    of its window with "same", and where its window starts without padding.

    Attributes
    ----------
    samples : int or float
    written : str
        As an axis title writes it.
    """

    samples: float
    written: str

    @classmethod
    def of_stride(cls, stride: int) -> Step:
        """Return the step of windows that lie `stride` apart."""
        return cls(stride, str(stride))


def output_line(output: Seen, position: Seen, *, across: list[float], step: Step) -> Panel:
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
    """
    count = output.shape[0]
    title = "position (samples of the input)"
    if step.samples != 1 and count > 1:
        title += f": value i stands at {step.written} · i"
    return Panel(
        f"Output {count} value{'' if count == 1 else 's'}",
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
