"""The gradient through time drawn against the lag, for several cells at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.one_of import one_panel, one_value, place_of
from convrnn_lab.drawing.parts import axes
from convrnn_lab.drawing.sheet import Panel, Sheet
from convrnn_lab.topics.gates.gradient_compared import TOWARDS, Compared, clip_factor
from convrnn_lab.topics.gates.gradient_panels import norms, singular
from convrnn_lab.topics.gates.gradient_trace import GradientTrace


def gradients(
    runs: Mapping[str, GradientTrace],
    chosen: Seen,
    lag: Seen,
    *,
    towards: Seen = "input",
    clip: Seen = None,
    clips: Sequence[float | None] = (),
    fields: Sequence[int] = (),
    layers: Seen = 0,
    code: Seen = "",
) -> Sheet:
    """Draw how the gradient fades or grows with the lag.

    Parameters
    ----------
    runs : mapping of str to GradientTrace
        By cell, at most four, of one length; the first is the linear one, whose predicted
        slope is drawn.
    chosen : str, or Look at a place in `runs`
        The cell whose singular values, and gradient clipped, are drawn.
    lag : int or Look
        The lag that is looked at.
    towards : str, or Look at a place in `TOWARDS`
        What the gradient is taken to.
    clip : float, None, or Look at a place in `clips`
        The norm that the gradient of `chosen` is clipped to, if it is.
    clips : sequence of float or None
        Needed only where `clip` is a look.
    fields : sequence of int
        Receptive fields of a causal convolution of 1, 2, 3, ... dilated layers.
    layers : int or Look
        Which of them is marked; none for 0.
    code : str or Look
        The lines that do the same.

    Returns
    -------
    Sheet
    """
    clips = clips if looks.has_look(clip) else [clip]
    chosen = place_of(chosen, runs)
    clip = place_of(clip, clips)
    compared = Compared(runs, chosen, place_of(towards, TOWARDS), clip, clips)
    at = _at_lag(compared, lag)
    facts = _facts(compared, lag, (fields, layers))
    each_singular = [singular(run, name, lag) for name, run in runs.items()]
    return Sheet(
        [
            norms(compared, lag, fields, layers),
            one_panel(each_singular, chosen),
            _horizons(runs, fields),
        ],
        title=looks.pick([_found(*each) for each in runs.items()], chosen),
        description=_described(runs, lag, at),
        facts=one_value([facts(each) for each in clips], clip),
        code=code,
    )


def _at_lag(compared: Compared, lag: Seen) -> Seen:
    """Write the gradients of all cells at a lag."""
    lines = compared.lines
    norms = [looks.number(looks.take(line, lag)) for line in lines.values()]
    return looks.words(", ".join(f"{name} {{}}" for name in lines), *norms)


def _found(name: str, run: GradientTrace) -> str:
    return f"{name}: the gradient is multiplied with {_rate(run.slope())} at each step back"


def _described(runs: Mapping[str, GradientTrace], lag: Seen, at: Seen) -> Seen:
    horizons = ", ".join(f"{name} {_horizon(run)}" for name, run in runs.items())
    template = f"Gradient at a lag of {{}}: {{}}. Memory horizon in steps: {horizons}."
    return looks.words(template, lag, at)


def _horizons(runs: Mapping[str, GradientTrace], fields: Sequence[int]) -> Panel:
    count = max(run.target + 1 for run in runs.values())
    names = [*runs, *(f"{n} conv" for n in range(1, len(fields) + 1))]
    lengths = [run.horizon or count for run in runs.values()]
    words = ["" if run.horizon else "≥ " for run in runs.values()]
    values = [*lengths, *fields]
    bars = {
        "type": "bar",
        "name": "horizon",
        "orientation": "h",
        "x": values,
        "y": names,
        "text": [f"{word}{each}" for word, each in zip(words, lengths, strict=True)]
        + [str(each) for each in fields],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {
            "color": [theme.INPUT] * len(runs) + [theme.PADDING] * len(fields),
            "pattern": {"shape": [""] * len(runs) + ["/"] * len(fields)},
        },
        "hovertemplate": "%{y}: %{text} steps<extra></extra>",
    }
    drawn = axes("steps", [0, 1.25 * max(values)], [len(names) - 0.4, -0.6])
    drawn["yaxis"] |= {"type": "category", "nticks": 0, "automargin": True, "dtick": 1}
    return Panel("Memory horizon; receptive field of conv (/)", [bars], **drawn, size="large")


def _rate(slope: float) -> str:
    return theme.number(math.exp(slope)) if slope < 700 else "∞"


def _horizon(run: GradientTrace) -> str:
    return f"over {run.target}" if run.horizon is None else str(run.horizon)


def _facts(
    compared: Compared, lag: Seen, field: tuple[Sequence[int], Seen]
) -> Callable[[float | None], list[tuple[Seen, Seen]]]:
    """Return a function from what is clipped to, to the facts."""
    before = [*_run_facts(compared.runs)]
    before.append((looks.words("At a lag of {}", lag), _at_lag(compared, lag)))
    after: list[tuple[Seen, Seen]] = []
    if compared.predicted_slope:
        after.append(("Predicted for linear", f"{_rate(compared.predicted_slope)} a step"))
    fields, layers = field
    if looks.has_look(layers) or layers:
        said = [_field(size, place + 1) for place, size in enumerate(fields)]
        after.append(("Causal convolution", looks.pick(said, layers - 1)))

    def facts(clip: float | None) -> list[tuple[Seen, Seen]]:
        if clip is None:
            return [*before, *after]
        clipped = [_clipped_fact(run, name, clip) for name, run in compared.runs.items()]
        return [*before, one_value(clipped, compared.chosen), *after]

    return facts


def _run_facts(runs: Mapping[str, GradientTrace]) -> list[tuple[str, str]]:
    facts = []
    for name, run in runs.items():
        norms = run.by_lag
        wrong = int((~norms.isfinite()).sum())
        text = f"× {_rate(run.slope())} a step, horizon {_horizon(run)}"
        if wrong:
            text += f", {wrong} lags not finite"
        if int((norms == 0).sum()):
            text += f", zero from a lag of {int((norms > 0).nonzero().max()) + 1}"
        facts.append((name, text))
    return facts


def _clipped_fact(run: GradientTrace, name: str, clip: float) -> tuple[str, str]:
    factor, norm = clip_factor(run, clip), theme.number(float(run.total_norm))
    what = f"{name}, clipped to {theme.number(clip)}"
    if factor == 1:
        return what, f"norm {norm}: left as it is"
    return what, f"norm {norm}, so all lags × {theme.number(factor)}"


def _field(size: int, layers: int) -> str:
    dilations = ", ".join(str(2**layer) for layer in range(layers))
    return f"{layers} layers, dilations {dilations}: sees {size} steps, then nothing"
